"""Addresses of the whole site. Each app names its own from the root."""

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [
    *(
        path("", include(f"{app}.urls"))
        for app in ("dashboard", "stations", "inventory", "orders")
        if find_spec(f"{app}.urls")
    ),
    path("accounts/", include("allauth.account.urls")),
]
