"""Adds an account for each line: its name, address and password, "-" for none."""
import sys

import django

import manage  # names the settings

django.setup()

from django.contrib.auth.models import User

for line in sys.stdin:
    name, email, password = line.split()
    User.objects.create_user(name, email, None if password == "-" else password, is_active=name != "inactive")
