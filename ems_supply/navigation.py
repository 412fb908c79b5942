"""Where each role goes: at most six entries, and the pages that belong to each as tabs beneath it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Place:
    """A page in the navigation. ``also`` names the pages below it, which mark it as the one that is open."""

    page: str
    label: str | Promise
    icon: str = ""
    also: tuple[str, ...] = ()
    tabs: "tuple[Place, ...]" = ()

    @property
    def address(self) -> str:
        return reverse(self.page)

    def holds(self, page: str) -> bool:
        return page == self.page or page in self.also or any(tab.holds(page) for tab in self.tabs)


# The pages below an entry, with the addresses that show one of them again after a refusal.
REQUEST_PAGES = (
    *("order", "new_order", "suggested_order", "edit_order", "submit_order", "cancel_order", "close_short"),
    *("approve_order", "approve_orders", "send_back_order", "reject_order", "approve_substitute", "meet_by_transfer"),
)
SHIPMENT_PAGES = (
    *("shipment", "receive_shipment", "receive_shipments", "pick_shipment", "pack_shipment", "pick_short"),
    "take_other_lot",
)
RUN_PAGES = (
    "run",
    "plan_run",
    "travel_times",
    "travel_times_preview",
    "stop",
    "deliver_stop",
    "collect_stop",
    "miss_stop",
    *("pick_run", "pick_run_short", "take_other_lot_for_run", "pack_for_run"),
)
COUNT_PAGES = (
    *("count", "open_count", "count_unfound", "record_count", "add_found_lot"),
    *("finish_count", "post_count", "cancel_count"),
)
STOCK_PAGES = ("receive_stock", "discard_stock", "move_stock")
SCAN_PAGES = ("scan", "link_code")
STATION_PAGES = ("station", "unit", "use_stock", "restock_unit")
WEBHOOK_PAGES = ("webhooks", "webhook", "new_webhook", "rotate_secret")

ITEM_PAGES = ("item", "set_substitute", "remove_substitute", "unlink_code", *SCAN_PAGES)

ITEMS = Place("items", _("Items"), "package", also=ITEM_PAGES)
LOTS = Place("lots", _("Lots"), "barcode", also=("lot",))
STOCK = Place("stock", _("Stock"), "packages", also=STOCK_PAGES)
MOVEMENTS = Place("movements", _("Movements"), "arrows-exchange")
EXPIRING = Place("expiring", _("Expiring"), "hourglass")
COUNTS = Place("counts", pgettext_lazy("verb", "Count"), "clipboard-check", also=COUNT_PAGES)
PROPOSAL_PAGES = ("par_proposals", "par_proposal", "decide_par_proposals", "review_progress", "par_limits")
PAR_PAGES = ("station_par_levels", "par_grid", "undo_par_grid", *PROPOSAL_PAGES)
PAR_LEVELS = Place("par_levels", _("Par levels"), "list-details", also=PAR_PAGES)
REQUESTS = Place("orders", _("Requests"), "clipboard-list", also=REQUEST_PAGES)
SHORT_STOCK = Place("shortages", _("Short stock"), "scale")
RUNS = Place("runs", _("Runs"), "route", also=RUN_PAGES)
PLANNER = Place("planner", _("Planner"), "map", also=("move_delivery", "replan_day", "lock_run", "unlock_run"))
SHIPMENTS = Place("shipments", _("Shipments"), "package-export", also=SHIPMENT_PAGES)
TRANSFERS = Place("transfers", _("Transfers"), "arrows-exchange", also=("accept_transfers", "choose_run"))
POLICIES = Place("policies", _("Policies"))
RECALL_PAGES = ("recall", "take_recalls", "review_recall", "dismiss_recalls", "pull_recall")
RECALLS = Place("recalls", _("Recalls"), "hand-stop", also=RECALL_PAGES)
DISCREPANCIES = Place("discrepancies", _("Discrepancies"), also=("settle_discrepancy",))
LOG = Place("log", _("Log"), "history")
LEDGER = Place("ledger", _("Ledger"), "shield-check", also=("verify_ledger", "verify_progress"))
STATIONS = Place("stations", _("Stations"), "map-pin", also=STATION_PAGES)
ARCHIVE = Place("archives", _("Archive"), "archive")
EXPORT = Place("export_tables", _("Export"))
INTEGRATIONS = Place("tokens", _("Integrations"), "api", also=("new_token", *WEBHOOK_PAGES))
RECORD_PAGES = (
    *("care_record", "upload_records", "care_codes", "care_code", "call_signs", "call_sign"),
    *("try_record_again", "witness_record", "settle_record", "leave_out_use"),
)
RECORDS = Place("care_records", _("Care records"), "clipboard-list", also=RECORD_PAGES)
FIGURE_PAGES = ("figure", "set_target", "spending_lines", "fails_next")
REPORTS = Place("reports", _("Weekly report"), also=("report", "choose_report"))
PEOPLE_PAGES = ("person", "new_person", "sign_in_link", "import_people", "import_people_preview")
PEOPLE = Place("people", _("People"), "users", also=PEOPLE_PAGES)
IMPORT_PAGES = ("import_preview", "import_progress", "import_registers", "choose_entries")


def section(place: Place, *tabs: Place) -> Place:
    """An entry whose page and kindred pages stand as tabs beneath the header."""
    return Place(place.page, place.label, place.icon, tabs=(place, *tabs))


PLACES: dict[str, tuple[Place, ...]] = {
    "officer": (
        Place("home", _("Home"), "home", also=(*STATION_PAGES, *SCAN_PAGES)),
        section(REQUESTS, SHIPMENTS, TRANSFERS),
        COUNTS,
        section(STOCK, LOTS, MOVEMENTS, PAR_LEVELS, RECALLS),
        EXPIRING,
    ),
    "logistics": (
        section(
            Place("queue", _("Work"), "checklist", also=("home", "sweep_progress")),
            REQUESTS,
            SHORT_STOCK,
            DISCREPANCIES,
            RECALLS,
        ),
        section(SHIPMENTS, TRANSFERS),
        section(RUNS, PLANNER),
        section(STOCK, LOTS, EXPIRING, MOVEMENTS, COUNTS, RECORDS),
        section(
            ITEMS,
            PAR_LEVELS,
            Place("import_division", _("Import"), also=IMPORT_PAGES),
            EXPORT,
            POLICIES,
        ),
        section(STATIONS, PEOPLE),
    ),
    "driver": (
        Place("driver_run", _("Run"), "steering-wheel", also=("home", "stop")),
        RUNS,
    ),
    "chief": (
        section(Place("home", _("Readiness"), "shield-check", also=FIGURE_PAGES), REPORTS, STATIONS, PEOPLE),
        section(REQUESTS, SHIPMENTS, TRANSFERS, SHORT_STOCK),
        section(RUNS, PLANNER),
        section(STOCK, LOTS, EXPIRING, MOVEMENTS, RECORDS, RECALLS),
        section(ITEMS, PAR_LEVELS, POLICIES, EXPORT),
        section(LOG, LEDGER, INTEGRATIONS, ARCHIVE),
    ),
    "auditor": (
        section(Place("home", _("Home"), "home"), REPORTS, STATIONS, PEOPLE, INTEGRATIONS),
        LOG,
        MOVEMENTS,
        LEDGER,
        section(REQUESTS, SHIPMENTS, TRANSFERS, RUNS, PLANNER, SHORT_STOCK, DISCREPANCIES),
        section(STOCK, LOTS, EXPIRING, RECORDS, ITEMS, PAR_LEVELS, COUNTS, POLICIES, RECALLS),
    ),
}
# Where the address of the home leads those who work elsewhere at once.
HOMES = {"logistics": "queue", "driver": "driver_run"}
BAR = 4


def places_for(role: str) -> tuple[Place, ...]:
    return PLACES.get(role, ())


def open_place(places: tuple[Place, ...], page: str) -> Place | None:
    """The entry that a page belongs to: the one that names it, before one that only holds it."""
    exact = next((place for place in places if place.page == page), None)
    return exact or next((place for place in places if place.holds(page)), None)
