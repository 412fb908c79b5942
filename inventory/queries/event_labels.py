"""What the details of events are called: stored as keys, said as words."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext_lazy

from inventory.models import Lot

# Those whose key is no word by itself; else the key's own words are its name.
LABELS: Mapping[str, str] = {
    "given_up": gettext_noop("Given up"),
    "is_blind": gettext_noop("Blind"),
    "is_spot": gettext_noop("Only what a picker did not find"),
    "is_active": gettext_noop("May sign in"),
    "levels": gettext_noop("Par levels looked at"),
    "metres": gettext_noop("Distance"),
    "next": gettext_noop("Next to decide"),
    "proposed": gettext_noop("Proposals open"),
    "signed_with": gettext_noop("Signed with"),
    "stayed": gettext_noop("Stayed behind"),
    "step": gettext_noop("Decided for"),
    "stock_budget_cents": gettext_noop("Stock budget in cents"),
    "supplied_by": gettext_noop("Supplied by"),
    "unit_cost": gettext_noop("Unit cost"),
    "volume_ml": gettext_noop("Room in millilitres"),
}
# The names that come of the keys which the log has, for those who translate; another key is said in English.
NAMES = frozenset(
    {
        gettext_noop("Active"),
        gettext_noop("Acts at"),
        gettext_noop("Added"),
        gettext_noop("Address"),
        gettext_noop("Approvers"),
        gettext_noop("At"),
        gettext_noop("Bin"),
        gettext_noop("Booked"),
        gettext_noop("Came back"),
        gettext_noop("Carries cold"),
        gettext_noop("Changed"),
        gettext_noop("Code"),
        gettext_noop("Codes"),
        gettext_noop("Consumable"),
        gettext_noop("Count"),
        gettext_noop("Crew"),
        gettext_noop("Criticality"),
        gettext_noop("Days"),
        gettext_noop("Delivery days"),
        gettext_noop("Discrepancies"),
        gettext_noop("Driver"),
        gettext_noop("Email"),
        gettext_noop("Entry"),
        gettext_noop("Equipment"),
        gettext_noop("Figure"),
        gettext_noop("File"),
        gettext_noop("First name"),
        gettext_noop("Gtin"),
        gettext_noop("Handed to"),
        gettext_noop("Is booked"),
        gettext_noop("Items"),
        gettext_noop("Items completed"),
        gettext_noop("Items made"),
        gettext_noop("Kind"),
        gettext_noop("Kinds"),
        gettext_noop("Last name"),
        gettext_noop("Latitude"),
        gettext_noop("Lead days"),
        gettext_noop("Locations"),
        gettext_noop("Longitude"),
        gettext_noop("Looks at"),
        gettext_noop("Mandated minimum"),
        gettext_noop("Matched"),
        gettext_noop("Max volume l"),
        gettext_noop("Max weight kg"),
        gettext_noop("Medication"),
        gettext_noop("Minimum"),
        gettext_noop("Moved"),
        gettext_noop("Name"),
        gettext_noop("Ndc"),
        gettext_noop("New"),
        gettext_noop("Note"),
        gettext_noop("Opening stock"),
        gettext_noop("Pack"),
        gettext_noop("Packs"),
        gettext_noop("Page"),
        gettext_noop("Par"),
        gettext_noop("Par levels"),
        gettext_noop("Per"),
        gettext_noop("Place"),
        gettext_noop("Preference"),
        gettext_noop("Promised"),
        gettext_noop("Quantity"),
        gettext_noop("Resolution"),
        gettext_noop("Review days"),
        gettext_noop("Role"),
        gettext_noop("Run"),
        gettext_noop("Same"),
        gettext_noop("Schedule"),
        gettext_noop("Scopes"),
        gettext_noop("Shift end"),
        gettext_noop("Shift start"),
        gettext_noop("Shipment"),
        gettext_noop("Shipments"),
        gettext_noop("Short"),
        gettext_noop("Short below"),
        gettext_noop("Source"),
        gettext_noop("Station"),
        gettext_noop("Stations"),
        gettext_noop("Status"),
        gettext_noop("Stops"),
        gettext_noop("Storage"),
        gettext_noop("Substitute"),
        gettext_noop("Substitutes"),
        gettext_noop("Tables"),
        gettext_noop("Taken"),
        gettext_noop("Target"),
        gettext_noop("Title"),
        gettext_noop("Totes"),
        gettext_noop("Two people"),
        gettext_noop("Unit of measure"),
        gettext_noop("Units"),
        gettext_noop("Uses"),
        gettext_noop("Volume ml"),
        gettext_noop("Weight g"),
        gettext_noop("Window end"),
        gettext_noop("Window start"),
        gettext_noop("Witnessed by"),
        gettext_noop("By"),
        gettext_noop("Cents"),
        gettext_noop("Corrected"),
        gettext_noop("Late"),
        gettext_noop("Lot"),
        gettext_noop("Lots"),
        gettext_noop("Moves"),
        gettext_noop("Not counted"),
        gettext_noop("Out"),
        gettext_noop("Person"),
        gettext_noop("Serial"),
        gettext_noop("To review"),
        gettext_noop("Used"),
        gettext_noop("Waiting"),
        gettext_noop("Weight closes"),
        gettext_noop("Weight day"),
        gettext_noop("Weight opens"),
        gettext_noop("Withdrawn"),
    }
)
# What else the log keeps as a code: a person's role, what became of what was missing, how a witness signed.
VALUES: Mapping[str, Promise] = {
    "auditor": pgettext_lazy("fact of an event", "auditor"),
    "chief": pgettext_lazy("fact of an event", "chief"),
    "discarded": pgettext_lazy("fact of an event", "discarded"),
    "driver": pgettext_lazy("fact of an event", "driver"),
    "found": pgettext_lazy("fact of an event", "found"),
    "logistics": pgettext_lazy("fact of an event", "logistics"),
    "lost": pgettext_lazy("fact of an event", "lost"),
    "officer": pgettext_lazy("fact of an event", "officer"),
    "password": pgettext_lazy("fact of an event", "password"),
    "returned": pgettext_lazy("fact of an event", "returned"),
}
STATUSES = frozenset(Lot.Status.values)


def label_of(key: str) -> str:
    """What a key of an event's details is called."""
    if key in LABELS:
        return _(LABELS[key])
    name = key.replace("_", " ").capitalize()
    return _(name) if name in NAMES else name


def status_said(value: Any) -> Any:
    """The status of a lot in words; anything else as it is."""
    return str(Lot.Status(value).label).lower() if isinstance(value, str) and value in STATUSES else value
