# As passlib_verify.py, with Flask-Security. Its forms convert passwords to NFKD.
import sys
import unicodedata

from flask import Flask
from flask_security import Security, UserDatastore, verify_password


class User:
    fs_uniquifier = None


app = Flask(__name__)
app.config.update(SECRET_KEY="key", SECURITY_PASSWORD_SALT="the salt")
Security(app, UserDatastore(User, User), register_blueprint=False)
plain, *hashes = sys.stdin.read().split("\n")
plain = unicodedata.normalize("NFKD", plain)
with app.app_context():
    for stored in hashes:
        print(verify_password(plain, stored), verify_password(plain + "x", stored))
