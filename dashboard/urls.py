"""Addresses of the homes, stations, figures, log and ledger."""

from django.urls import path

from dashboard.views import figures, home, ledger, log, stations

urlpatterns = [
    path("", home.home, name="home"),
    path("stations/", stations.stations, name="stations"),
    path("stations/<str:code>/", stations.station, name="station"),
    path("units/<str:code>/", stations.unit, name="unit"),
    path("figures/<slug:figure>/", figures.figure, name="figure"),
    path("log/", log.log, name="log"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/verify/", ledger.verify, name="verify_ledger"),
    path("ledger/verify/<uuid:task_id>/", ledger.verify_progress, name="verify_progress"),
]
