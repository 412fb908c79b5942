"""Addresses for other systems."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from integrations.api.resources import changes, deliveries, orders, stations, stock
from integrations.views import tokens, webhooks

router = SimpleRouter(use_regex_path=True)
for name, resource in (
    ("stations", stations.Stations),
    ("units", stations.Units),
    ("items", stock.Items),
    ("lots", stock.Lots),
    ("stock", stock.Stock),
    ("movements", stock.Movements),
    ("par-levels", stock.ParLevels),
    ("shortfalls", orders.Shortfalls),
    ("orders", orders.Orders),
    ("shipments", deliveries.Shipments),
    ("runs", deliveries.Runs),
    ("changes", changes.Changes),
):
    router.register(name, resource, basename=f"api_{name}")

urlpatterns = [
    path("integrations/", tokens.tokens, name="tokens"),
    path("integrations/new/", tokens.new_token, name="new_token"),
    path("integrations/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("integrations/webhooks/", webhooks.webhooks, name="webhooks"),
    path("integrations/webhooks/new/", webhooks.new_webhook, name="new_webhook"),
    path("integrations/webhooks/<int:webhook>/", webhooks.webhook, name="webhook"),
    path("integrations/webhooks/<int:webhook>/switch/", webhooks.switch, name="switch_webhook"),
    path("integrations/webhooks/<int:webhook>/secret/", webhooks.rotate, name="rotate_secret"),
    path("integrations/webhooks/<int:webhook>/test/", webhooks.test, name="test_webhook"),
    path("integrations/deliveries/<int:delivery>/again/", webhooks.again, name="send_again"),
    path("api/v1/", include(router.urls)),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
]
