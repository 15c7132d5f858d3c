"""Django's own password reset, to compare with: the emails are dropped.

DATABASE_URL names an empty PostgreSQL database. As a program, this file creates the
tables and 20,000 accounts in it.
"""
import os
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

url = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path[1:],
            "USER": url.username,
            "PASSWORD": url.password,
            "HOST": url.hostname,
            "PORT": url.port,
            "CONN_MAX_AGE": None,
        }
    },
    SECRET_KEY="known to this measurement alone",
    ALLOWED_HOSTS=["127.0.0.1"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
    ROOT_URLCONF="peer",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "registration/password_reset_form.html": "<form method=post>{% csrf_token %}{{ form }}<button>Send</button></form>",
                            "registration/password_reset_subject.txt": "Choose a new password",
                            "registration/password_reset_email.html": "{{ protocol }}://{{ domain }}{% url 'password_reset_confirm' uidb64=uid token=token %}",
                        },
                    ),
                    "django.template.loaders.app_directories.Loader",
                ]
            },
        }
    ],
    USE_TZ=True,
)
django.setup()

from django.contrib.auth import views
from django.urls import path

urlpatterns = [
    path("reset/", views.PasswordResetView.as_view(success_url="/done/")),
    path("confirm/<uidb64>/<token>/", views.PasswordResetConfirmView.as_view(), name="password_reset_confirm"),
]
application = get_wsgi_application()


def fill():
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    password = make_password("a walrus on a bicycle")
    people = [User(username=f"user{i}", email=f"user{i}@example.org", password=password) for i in range(20_000)]
    User.objects.bulk_create(people, batch_size=1000)
    with connection.cursor() as cursor:
        # Without it, each request reads all accounts.
        cursor.execute("CREATE INDEX ON auth_user (upper(email))")
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    sys.modules["peer"] = sys.modules["__main__"]
    fill()
