"""People with accounts: Flask, Flask-SQLAlchemy and Flask-Login, with hashes of Flask-Bcrypt or of werkzeug."""
import os
import secrets
import sys

from flask import Flask, redirect, render_template_string, request
from flask_bcrypt import Bcrypt
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash, generate_password_hash

LOGIN = """
<h1>Sign in</h1>
<form method="post">
  <input name="email"> <input name="password" type="password">
  <button type="submit">Sign in</button>
</form>
<a href="{{ config.RESETD_URL }}/password-reset">Forgot your password?</a>
"""

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.config["RESETD_URL"] = os.environ["RESETD_URL"]
db = SQLAlchemy(app)
bcrypt = Bcrypt(app)
login_manager = LoginManager(app)
login_manager.login_view = "login"


class Account(UserMixin):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(20), unique=True, nullable=False)
    email = db.Column(db.String(120), unique=True, nullable=False)


if os.environ["HASHES"] == "bcrypt":

    class User(Account, db.Model):
        password = db.Column(db.String(60), nullable=False)

        def set_password(self, password):
            self.password = bcrypt.generate_password_hash(password).decode()

        def check_password(self, password):
            return bcrypt.check_password_hash(self.password, password)

    @login_manager.user_loader
    def load_user(user_id):
        return db.session.get(User, int(user_id))

else:

    class User(Account, db.Model):
        password_hash = db.Column(db.String(256))
        session_key = db.Column(db.String(60), unique=True, default=lambda: secrets.token_hex(30))

        def set_password(self, password):
            self.password_hash = generate_password_hash(password)

        def check_password(self, password):
            return check_password_hash(self.password_hash, password)

        def get_id(self):
            return self.session_key

    @login_manager.user_loader
    def load_user(session_key):
        return User.query.filter_by(session_key=session_key).first()


@app.cli.command("add-accounts")
def add_accounts():
    """Adds an account for each line: its name, address and password."""
    db.create_all()
    for line in sys.stdin:
        username, email, password = line.split()
        user = User(username=username, email=email)
        user.set_password(password)
        db.session.add(user)
    db.session.commit()


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        user = User.query.filter_by(email=request.form["email"]).first()
        if user and user.check_password(request.form["password"]):
            login_user(user)
            return redirect("/")
    return render_template_string(LOGIN)


@app.route("/")
@login_required
def home():
    return render_template_string("<h1>{{ current_user.email }}</h1>")
