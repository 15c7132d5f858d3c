import os

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView

forgotten = RedirectView.as_view(url=os.environ["RESETD_URL"] + "/password-reset")


@login_required
def home(request):
    return HttpResponse(f"<h1>{request.user}</h1>")


urlpatterns = [
    path("", home),
    path("admin/password_reset/", forgotten, name="admin_password_reset"),
    path("admin/", admin.site.urls),
    path("accounts/password_reset/", forgotten),
    path("accounts/", include("django.contrib.auth.urls")),
]
