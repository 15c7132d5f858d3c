require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "action_mailer/railtie"
require "devise"
require "devise/orm/active_record"

class App < Rails::Application
  config.load_defaults 6.1
  config.root = File.expand_path("..", __dir__)
  config.secret_key_base = ENV["SECRET_KEY"]
  config.eager_load = false
  config.logger = Logger.new($stderr, level: :warn)
end

# As `rails generate devise:install` has it, with a pepper.
Devise.setup do |config|
  config.mailer_sender = "app@example.org"
  config.case_insensitive_keys = [:email]
  config.strip_whitespace_keys = [:email]
  config.stretches = 12
  config.pepper = ENV["PEPPER"]
end

App.initialize!
