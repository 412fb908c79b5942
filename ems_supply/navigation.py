"""Where each role goes: at most six entries, and the pages that belong to each as tabs beneath it."""

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True)
class Place:
    """A page in the navigation. ``also`` names the pages below it, which mark it as the one that is open."""

    page: str
    label: str
    icon: str = ""
    also: tuple[str, ...] = ()
    tabs: "tuple[Place, ...]" = ()

    @property
    def address(self) -> str:
        return reverse(self.page)

    def holds(self, page: str) -> bool:
        return page == self.page or page in self.also or any(tab.holds(page) for tab in self.tabs)


REQUEST_PAGES = ("order", "new_order", "suggested_order", "edit_order", "submit_order", "cancel_order", "approve_order")
STATION_PAGES = ("station", "unit")

ITEMS = Place("items", "Items", "package", also=("item",))
LOTS = Place("lots", "Lots", "barcode", also=("lot",))
STOCK = Place("stock", "Stock", "packages")
MOVEMENTS = Place("movements", "Movements", "arrows-exchange")
EXPIRING = Place("expiring", "Expiring", "hourglass")
COUNTS = Place("counts", "Count", "clipboard-check", also=("count", "open_count"))
PAR_LEVELS = Place("par_levels", "Par levels", "list-details", also=("station_par_levels",))
REQUESTS = Place("orders", "Requests", "clipboard-list", also=REQUEST_PAGES)
RUNS = Place("runs", "Runs", "route", also=("run", "plan_run", "stop"))
SHIPMENTS = Place("shipments", "Shipments", "truck-delivery", also=("shipment", "receive_shipment"))
LOG = Place("log", "Log", "history")
LEDGER = Place("ledger", "Ledger", "shield-check")
STATIONS = Place("stations", "Stations", "map-pin", also=STATION_PAGES)


def section(place: Place, *tabs: Place, label: str = "") -> Place:
    """An entry whose page and kindred pages stand as tabs beneath the header."""
    return Place(place.page, label or place.label, place.icon, tabs=(place, *tabs))


PLACES: dict[str, tuple[Place, ...]] = {
    "officer": (
        Place("home", "Home", "home", also=(*STATION_PAGES, "use_stock", "restock_unit")),
        section(REQUESTS, SHIPMENTS),
        COUNTS,
        section(STOCK, LOTS, MOVEMENTS),
        EXPIRING,
    ),
    "logistics": (
        section(
            Place("queue", "Work", "checklist", also=("home", "sweep_progress")),
            REQUESTS,
            Place("discrepancies", "Discrepancies", also=("settle_discrepancy",)),
        ),
        Place(
            "shipments",
            "Shipments",
            "package-export",
            also=("shipment", "pick_shipment", "pack_shipment", "receive_shipment"),
        ),
        RUNS,
        section(STOCK, LOTS, EXPIRING, MOVEMENTS, COUNTS),
        section(
            ITEMS,
            PAR_LEVELS,
            Place("import_division", "Import", also=("import_preview",)),
            Place("policies", "Policies"),
        ),
        STATIONS,
    ),
    "driver": (
        Place("driver_run", "Run", "steering-wheel", also=("home", "stop")),
        Place("runs", "Runs", "route", also=("run",)),
    ),
    "chief": (
        section(Place("home", "Readiness", "shield-check", also=("figure",)), STATIONS),
        section(REQUESTS, SHIPMENTS),
        RUNS,
        section(STOCK, LOTS, MOVEMENTS, ITEMS, PAR_LEVELS),
        EXPIRING,
        section(LOG, LEDGER),
    ),
    "auditor": (
        section(Place("home", "Home", "home"), STATIONS),
        LOG,
        MOVEMENTS,
        LEDGER,
        section(REQUESTS, SHIPMENTS, RUNS),
        section(STOCK, LOTS, EXPIRING, ITEMS, PAR_LEVELS, COUNTS),
    ),
}
BAR = 4


def places_for(role: str) -> tuple[Place, ...]:
    return PLACES.get(role, ())


def open_place(places: tuple[Place, ...], page: str) -> Place | None:
    """The entry that a page belongs to: the one that names it, before one that only holds it."""
    exact = next((place for place in places if place.page == page), None)
    return exact or next((place for place in places if place.holds(page)), None)
