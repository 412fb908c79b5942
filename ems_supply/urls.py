"""Addresses of the whole site. Each app names its own from the root."""

from django.urls import include, path, re_path

from integrations.api.nowhere import Nowhere

urlpatterns = [
    path("", include("dashboard.urls")),
    path("", include("inventory.urls")),
    path("", include("orders.urls")),
    path("", include("stations.urls")),
    path("", include("integrations.urls")),
    path("accounts/", include("allauth.account.urls")),
    re_path(r"^api/v1/", Nowhere.as_view(), name="api_nowhere"),
]
