"""Addresses for other systems."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from integrations.api.resources import care_records, codes, deliveries, orders, stations, stock
from integrations.views import tokens

router = SimpleRouter(use_regex_path=True)
for name, resource in (
    ("stations", stations.Stations),
    ("units", stations.Units),
    ("items", stock.Items),
    ("codes", codes.Codes),
    ("lots", stock.Lots),
    ("stock", stock.Stock),
    ("movements", stock.Movements),
    ("par-levels", stock.ParLevels),
    ("shortfalls", orders.Shortfalls),
    ("orders", orders.Orders),
    ("shipments", deliveries.Shipments),
    ("runs", deliveries.Runs),
    ("care-records", care_records.CareRecords),
):
    router.register(name, resource, basename=f"api_{name}")

urlpatterns = [
    path("integrations/", tokens.tokens, name="tokens"),
    path("integrations/new/", tokens.new_token, name="new_token"),
    path("integrations/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("api/v1/", include(router.urls)),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
]
