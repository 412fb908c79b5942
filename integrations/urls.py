"""Addresses for other systems."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from integrations.api.fhir.capability import metadata
from integrations.api.fhir.resources import SupplyDeliveries, SupplyRequests
from integrations.api.resources import (
    care_codes as care_code_resources,
)
from integrations.api.resources import (
    care_records,
    changes,
    codes,
    counts,
    items,
    limits,
    metrics,
    movements,
    notices,
    orders,
    par_levels,
    par_proposals,
    planner,
    policies,
    runs,
    shipments,
    shortages,
    stations,
    stock,
    targets,
    transfers,
    travel_times,
    waves,
    work,
)
from integrations.api.resources import (
    recalls as recall_resources,
)
from integrations.api.resources import (
    webhooks as webhook_resources,
)
from integrations.views import (
    archives,
    care_codes,
    pulling,
    recall_review,
    recalls,
    record_steps,
    records,
    tokens,
    webhooks,
)

router = SimpleRouter(use_regex_path=True)
for name, resource in (
    ("stations", stations.Stations),
    ("units", stations.Units),
    ("items", items.Items),
    ("codes", codes.Codes),
    ("lots", stock.Lots),
    ("stock", stock.Stock),
    ("movements", movements.Movements),
    ("usage", movements.Usage),
    ("par-levels", par_levels.ParLevels),
    ("par-proposals", par_proposals.ParProposals),
    ("par-reviews", work.ParReviews),
    ("limits", limits.LimitsOfPlaces),
    ("counts", counts.Counts),
    ("shortfalls", shortages.Shortfalls),
    ("shortages", shortages.Shortages),
    ("sweeps", work.Sweeps),
    ("orders", orders.Orders),
    ("transfers", transfers.Transfers),
    ("shipments", shipments.Shipments),
    ("discrepancies", shipments.Discrepancies),
    ("runs", runs.Runs),
    ("stops", runs.Stops),
    ("waves", waves.Waves),
    ("planner/plannings", planner.Plannings),
    ("planner", planner.Planner),
    ("travel-times", travel_times.TravelTimes),
    ("notices", notices.Notices),
    ("metrics/days", metrics.Days),
    ("targets", targets.Targets),
    ("ledger-checks", work.LedgerChecks),
    ("changes", changes.Changes),
    ("care-records", care_records.CareRecords),
    ("care-codes", care_code_resources.CareCodes),
    ("call-signs", care_code_resources.CallSigns),
    ("recalls", recall_resources.Recalls),
    ("webhooks", webhook_resources.Webhooks),
    ("webhook-deliveries", webhook_resources.WebhookDeliveries),
):
    router.register(name, resource, basename=f"api_{name}")

DOCS = {"url_name": "api_schema", "template_name": "integrations/api_docs.html"}

urlpatterns = [
    path("integrations/", tokens.tokens, name="tokens"),
    path("integrations/new/", tokens.new_token, name="new_token"),
    path("integrations/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("archive/", archives.archives, name="archives"),
    path("archive/<uuid:token>.zip", archives.archive_file, name="archive_file"),
    path("fhir/r4/metadata", metadata, name="api_fhir_metadata"),
    path(
        "fhir/r4/SupplyRequest",
        SupplyRequests.as_view({"get": "list", "post": "create"}),
        name="api_fhir_supply_requests",
    ),
    path("fhir/r4/SupplyRequest/<int:pk>", SupplyRequests.as_view({"get": "retrieve"}), name="api_fhir_SupplyRequest"),
    path("fhir/r4/SupplyDelivery", SupplyDeliveries.as_view({"get": "list"}), name="api_fhir_supply_deliveries"),
    path(
        "fhir/r4/SupplyDelivery/<int:pk>", SupplyDeliveries.as_view({"get": "retrieve"}), name="api_fhir_SupplyDelivery"
    ),
    path("integrations/webhooks/", webhooks.webhooks, name="webhooks"),
    path("integrations/webhooks/new/", webhooks.new_webhook, name="new_webhook"),
    path("integrations/webhooks/<int:webhook>/", webhooks.webhook, name="webhook"),
    path("integrations/webhooks/<int:webhook>/switch/", webhooks.switch, name="switch_webhook"),
    path("integrations/webhooks/<int:webhook>/secret/", webhooks.rotate, name="rotate_secret"),
    path("integrations/webhooks/<int:webhook>/test/", webhooks.test, name="test_webhook"),
    path("integrations/deliveries/<int:delivery>/again/", webhooks.again, name="send_again"),
    path("records/", records.care_records, name="care_records"),
    path("records/upload/", records.upload_records, name="upload_records"),
    path("records/codes/", care_codes.care_codes, name="care_codes"),
    path("records/codes/<int:pk>/", care_codes.care_code, name="care_code"),
    path("records/units/", care_codes.call_signs, name="call_signs"),
    path("records/units/<int:pk>/", care_codes.call_sign, name="call_sign"),
    path("records/uses/<int:pk>/leave-out/", record_steps.leave_out_use, name="leave_out_use"),
    path("records/<int:pk>/", records.care_record, name="care_record"),
    path("records/<int:pk>/again/", record_steps.try_record_again, name="try_record_again"),
    path("records/<int:pk>/witness/", record_steps.witness_record, name="witness_record"),
    path("records/<int:pk>/settle/", record_steps.settle_record, name="settle_record"),
    path("recalls/", recalls.recalls, name="recalls"),
    path("recalls/take/", recalls.take_recalls, name="take_recalls"),
    path("recalls/dismiss/", recall_review.dismiss_recalls, name="dismiss_recalls"),
    path("recalls/<str:recall>/", recalls.recall, name="recall"),
    path("recalls/<str:recall>/review/", recall_review.review_recall, name="review_recall"),
    path("recalls/<str:recall>/pull/<int:location>/", pulling.pull_recall, name="pull_recall"),
    path("api/v1/", include(router.urls)),
    path("api/v1/metrics/", metrics.Metrics.as_view({"get": "retrieve"}), name="api_metrics"),
    path(
        "api/v1/policies/",
        policies.Policies.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api_policies",
    ),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(**DOCS), name="api_docs"),
]
