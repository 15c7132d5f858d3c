class HomeController < ApplicationController
  before_action :authenticate_user!

  def show
    render html: helpers.tag.h1(current_user.email)
  end
end
