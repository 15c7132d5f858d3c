# People with accounts: Rails with the tables, has_secure_password and the signed cookie of
# `bin/rails generate authentication` (Rails 8).
require "rails"
require "active_record/railtie"
require "action_controller/railtie"

class App < Rails::Application
  config.load_defaults 6.1
  config.root = __dir__
  config.secret_key_base = ENV["SECRET_KEY"]
  config.eager_load = false
  config.logger = Logger.new($stderr, level: :warn)
end

App.initialize!

class User < ActiveRecord::Base
  has_secure_password
  has_many :sessions
  before_validation { self.email_address = email_address.strip.downcase } # Rails 8: normalizes
end

class Session < ActiveRecord::Base
  belongs_to :user
end

class SessionsController < ActionController::Base
  PAGE = <<~ERB
    <%= form_with url: "/session", local: true do |form| %>
      <%= form.text_field :email_address %> <%= form.password_field :password %> <%= form.submit "Sign in" %>
    <% end %>
    <%= link_to "Forgot password?", new_password_path %>
  ERB

  def new
    render inline: PAGE
  end

  def create
    user = User.find_by(email_address: params[:email_address].strip.downcase)
    return redirect_to("/session/new") unless user&.authenticate(params[:password])
    session = user.sessions.create!(user_agent: request.user_agent, ip_address: request.remote_ip)
    cookies.signed.permanent[:session_id] = { value: session.id, httponly: true, same_site: :lax }
    redirect_to "/"
  end

  def show
    session = Session.find_by(id: cookies.signed[:session_id])
    return redirect_to("/session/new") unless session
    render html: helpers.tag.h1(session.user.email_address)
  end
end

Rails.application.routes.draw do
  root "sessions#show"
  resource :session, only: [:new, :create]
  # The line that the document asks for.
  get "/passwords/new", to: redirect("#{ENV["RESETD_URL"]}/password-reset", status: 302), as: :new_password
end
