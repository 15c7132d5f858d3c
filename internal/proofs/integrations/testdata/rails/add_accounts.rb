# Adds an account for each line: its name, address and password.
require_relative "config/application"

ActiveRecord::Schema.define do
  create_table :users do |t|
    t.string :email, null: false, default: ""
    t.string :encrypted_password, null: false, default: ""
    t.string :reset_password_token
    t.datetime :reset_password_sent_at
    t.datetime :remember_created_at
    t.timestamps null: false
  end
  add_index :users, :email, unique: true
  add_index :users, :reset_password_token, unique: true
end

$stdin.each_line do |line|
  _, email, password = line.split
  User.create!(email: email, password: password).send(:set_reset_password_token)
end
