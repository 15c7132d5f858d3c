class User < ActiveRecord::Base
  devise :database_authenticatable, :recoverable, :rememberable, :validatable
  devise :confirmable, :lockable if ENV["MODULES"]

  def active_for_authentication?
    super && !try(:deleted_at)
  end
end
