"""Addresses of the homes, stations, figures, notices, log and ledger."""

from django.urls import path

from dashboard.views import (
    asking,
    figures,
    guide,
    home,
    ledger,
    log,
    notices,
    offline,
    report,
    search,
    spending,
    stations,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("guide/", guide.guide, name="guide"),
    path("stations/", stations.stations, name="stations"),
    path("stations/<str:code>/", stations.station, name="station"),
    path("units/<str:code>/", stations.unit, name="unit"),
    path("figures/<slug:figure>/", figures.figure, name="figure"),
    path("figures/<slug:figure>/target/", figures.set_target, name="set_target"),
    path("fails-next/", spending.fails_next, name="fails_next"),
    path("fails-next/<str:code>/ask/", asking.ask_for, name="ask_for"),
    path("spending/<slug:kind>/", spending.spending_lines, name="spending_lines"),
    path("report/", report.report, name="report"),
    path("report/weeks/", report.reports, name="reports"),
    path("report/mail/", report.choose_report, name="choose_report"),
    path("log/", log.log, name="log"),
    path("notices/", notices.notices, name="notices"),
    path("notices/unseen/", notices.unseen_notices, name="unseen_notices"),
    path("notices/seen/", notices.see_all_notices, name="see_all_notices"),
    path("notices/not-seen/", notices.unsee_notices, name="unsee_notices"),
    path("notices/choices/", notices.notice_choices, name="notice_choices"),
    path("notices/<int:pk>/seen/", notices.see_notice, name="see_notice"),
    path("service-worker.js", offline.service_worker, name="service_worker"),
    path("no-signal/", offline.no_signal, name="no_signal"),
    path("outbox/", offline.outbox, name="outbox"),
    path("outbox/session/", offline.outbox_session, name="outbox_session"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/verify/", ledger.verify, name="verify_ledger"),
    path("ledger/verify/<uuid:task_id>/", ledger.verify_progress, name="verify_progress"),
]
