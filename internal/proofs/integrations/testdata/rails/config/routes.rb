Rails.application.routes.draw do
  root "home#show"
  get "/users/password/new", to: redirect("#{ENV["RESETD_URL"]}/password-reset", status: 302)
  devise_for :users
end
