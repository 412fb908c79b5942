"""Addresses for other systems."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from integrations.api.resources import (
    counts,
    metrics,
    movements,
    orders,
    par_levels,
    runs,
    shipments,
    stations,
    stock,
    transfers,
)
from integrations.views import tokens

router = SimpleRouter(use_regex_path=True)
for name, resource in (
    ("stations", stations.Stations),
    ("units", stations.Units),
    ("items", stock.Items),
    ("lots", stock.Lots),
    ("stock", stock.Stock),
    ("movements", movements.Movements),
    ("usage", movements.Usage),
    ("par-levels", par_levels.ParLevels),
    ("counts", counts.Counts),
    ("shortfalls", orders.Shortfalls),
    ("orders", orders.Orders),
    ("transfers", transfers.Transfers),
    ("shipments", shipments.Shipments),
    ("discrepancies", shipments.Discrepancies),
    ("runs", runs.Runs),
    ("stops", runs.Stops),
    ("metrics/days", metrics.Days),
):
    router.register(name, resource, basename=f"api_{name}")

DOCS = {"url_name": "api_schema", "template_name": "integrations/api_docs.html"}

urlpatterns = [
    path("integrations/", tokens.tokens, name="tokens"),
    path("integrations/new/", tokens.new_token, name="new_token"),
    path("integrations/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("api/v1/", include(router.urls)),
    path("api/v1/metrics/", metrics.Metrics.as_view({"get": "retrieve"}), name="api_metrics"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(**DOCS), name="api_docs"),
]
