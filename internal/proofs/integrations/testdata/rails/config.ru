require_relative "config/application"

run App
