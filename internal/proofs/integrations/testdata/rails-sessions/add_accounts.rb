# Adds an account for each line: its name, address and password.
require_relative "app"

ActiveRecord::Schema.define do
  create_table :users do |t|
    t.string :email_address, null: false
    t.string :password_digest, null: false
    t.timestamps
  end
  add_index :users, :email_address, unique: true
  create_table :sessions do |t|
    t.references :user, null: false, foreign_key: true
    t.string :ip_address
    t.string :user_agent
    t.timestamps
  end
end

$stdin.each_line do |line|
  _, email, password = line.split
  User.create!(email_address: email, password: password)
end
