# Adds an account for each line: its name, address and password.
require_relative "config/application"

ActiveRecord::Schema.define do
  create_table :users do |t|
    t.string :email, null: false, default: ""
    t.string :encrypted_password, null: false, default: ""
    t.string :reset_password_token
    t.datetime :reset_password_sent_at
    t.datetime :remember_created_at
    if ENV["MODULES"]
      t.datetime :confirmed_at, :confirmation_sent_at, :locked_at, :deleted_at
      t.string :confirmation_token, :unconfirmed_email, :unlock_token
      t.integer :failed_attempts, null: false, default: 0
    end
    t.timestamps null: false
  end
  add_index :users, :email, unique: true
  add_index :users, :reset_password_token, unique: true
end

$stdin.each_line do |line|
  name, email, password = line.split
  user = User.new(email: email, password: password)
  if ENV["MODULES"]
    user.skip_confirmation_notification!
    user.confirmed_at = Time.now unless name == "unconfirmed"
    user.deleted_at = Time.now if name == "deleted"
    user.assign_attributes(failed_attempts: 20, locked_at: Time.now, unlock_token: "token") if name == "locked"
  end
  user.save!
  user.send(:set_reset_password_token)
end
