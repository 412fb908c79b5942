"""A request as a person edits it: quantities in issue packs, how urgent, by when."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.models import Item, Pack
from inventory.quantities import each, in_words, issue_pack, plural
from inventory.queries.stock_lines import StockLine
from orders.actions.asked import MOST, ItemAt, Wanted
from orders.forms.commands import VersionedForm
from orders.models import OrderLine, ResupplyOrder
from stations.models import Location

# Item, base units in one step, and the place that a line is for. The step is part of the field's name, so that a
# changed pack never changes a quantity; the place, because an item may be kept in the supply room and in the safe.
FIELD = re.compile(r"q-(\d{1,18})-(\d{1,9})(?:-(\d{1,18}))?")
WHOLE = re.compile(r"\d{1,9}")


@dataclass
class AskedRow:
    """One line of the form: what stands in its field, in steps of ``per`` base units, and what is wrong with it. An
    item that is new to the request has no place yet: it goes where it belongs."""

    item: Item
    per: int
    typed: str
    line: OrderLine | None = None
    error: str = ""
    now: StockLine | None = None  # how its shelf stands while the page is looked at
    place: Location | None = None
    is_split: bool = False  # the item goes to more than one place, so that each of its lines must say to which

    @property
    def name(self) -> str:
        return "-".join(map(str, filter(None, ("q", self.item.pk, self.per, self.place and self.place.pk))))

    @property
    def label(self) -> str:
        """The item, where it goes if that must be said, and in what its field counts."""
        return ", ".join([self.item.name, *([self.place.name] if self.is_split and self.place else []), self.many])

    @property
    def pack(self) -> Pack | None:
        """The issue pack, when the field counts packs and not each."""
        pack = issue_pack(self.item)
        return pack if pack is not None and pack.quantity == self.per else None

    @property
    def one(self) -> str:
        return self.pack.name if self.pack else self.item.unit_of_measure

    @property
    def many(self) -> str:
        return plural(self.one, 2)

    @property
    def quantity(self) -> int:
        """Base units; 0 where the field cannot be read."""
        return int(self.typed) * self.per if WHOLE.fullmatch(self.typed) else 0

    @property
    def reading(self) -> str:
        """The words beside the field: "boxes · 100", as the field holds the boxes; "12 vials" without packs."""
        if self.pack is None:
            return each(self.quantity, self.item)
        return f"{plural(self.one, self.quantity // self.per)} · {self.quantity:,}"

    @property
    def suggestion(self) -> str:
        """What the sweep suggested, if a person asks for something else."""
        suggested = self.line.suggested if self.line else None
        return "" if suggested is None or suggested == self.quantity else in_words(suggested, self.item)

    def check(self) -> None:
        pack = issue_pack(self.item)
        if not WHOLE.fullmatch(self.typed):
            self.error = gettext("Write a whole number, or 0 if it is not wanted.")
        elif self.quantity > MOST:
            self.error = gettext("That is more than %(most)s: write a smaller number.") % {"most": f"{MOST:,}"}
        elif self.per != 1 and self.pack is None:
            now = self.item.unit_of_measure
            if pack:
                now = gettext("%(packs)s of %(count)s") % {"packs": plural(pack.name, 2), "count": pack.quantity}
            self.error = gettext("It is issued in %(packs)s now: check the number.") % {"packs": now}
            self.per = pack.quantity if pack else 1


def step_of(item: Item, asked: int = 0) -> int:
    """Base units in one step: the issue pack, or 1 where the quantity is not in whole packs."""
    pack = issue_pack(item)
    return pack.quantity if pack is not None and asked % pack.quantity == 0 else 1


def row_of(line: OrderLine) -> AskedRow:
    per = step_of(line.item, line.asked)
    return AskedRow(line.item, per, str(line.asked // per), line, place=line.location)


def new_row(item: Item) -> AskedRow:
    """An item that is not on the request yet: one pack of it to begin with."""
    return AskedRow(item, step_of(item), "1")


@dataclass
class Asked:
    """The lines of a form that was sent: the rows to show again, and whether they can be asked for as they are."""

    rows: list[AskedRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        return not self.problems and not any(row.error for row in self.rows)

    @property
    def quantities(self) -> dict[Wanted, int]:
        """Base units by item id, or by item and place where a line says for which."""
        return {ItemAt(row.item.pk, row.place.pk) if row.place else row.item.pk: row.quantity for row in self.rows}


Typed = tuple[int, list[str]]
Key = tuple[int, int]  # item, and place or 0


def read_lines(data: QueryDict, lines: Iterable[OrderLine]) -> Asked:
    """What was typed, over the lines as they are now. Lines that the form did not have keep their quantity."""
    rows: dict[Key, AskedRow] = {(line.item_id, line.location_id): row_of(line) for line in lines}
    typed = _over(rows, _typed(data))
    items = Item.objects.prefetch_related("packs").in_bulk({item for item, _ in typed.keys() - rows.keys()})
    places = Location.objects.shelves().in_bulk({place for _, place in typed.keys() - rows.keys()})
    asked = Asked()
    for key, (per, values) in typed.items():
        if key not in rows and key[0] in items:
            rows[key] = AskedRow(items[key[0]], per, "", place=places.get(key[1]))
        if key not in rows:
            gone = gettext("One item is no longer in the catalogue. It was taken off; look at the rest.")
            asked.problems.append(gone)
            continue
        row = rows[key]
        row.per, row.typed = per, values[-1].strip()
        row.check()
        if len(values) > 1:
            row.error = gettext("It was on the page twice: check the number.")
    asked.rows = in_order(rows.values())
    return asked


def _typed(data: QueryDict) -> dict[Key, Typed]:
    typed: dict[Key, Typed] = {}
    for name in data:
        if found := FIELD.fullmatch(name):
            key = int(found[1]), int(found[3] or 0)
            typed.setdefault(key, (int(found[2]), []))[1].extend(map(str, data.getlist(name)))
    return typed


def _over(rows: Mapping[Key, AskedRow], typed: Mapping[Key, Typed]) -> dict[Key, Typed]:
    """An item that was added while somebody else added it too is typed over that line, not asked for twice."""
    places: dict[int, list[int]] = {}
    for item, place in rows:
        places.setdefault(item, []).append(place)
    over: dict[Key, Typed] = {}
    for (item, place), (per, values) in typed.items():
        known = places.get(item, [])
        key = (item, known[0]) if place == 0 and len(known) == 1 else (item, place)
        over.setdefault(key, (per, []))[1].extend(values)
    return over


def in_order(rows: Iterable[AskedRow]) -> list[AskedRow]:
    """Life-saving items first, then by name, then by place; lines of an item that has several say where they go."""
    rows = list(rows)
    times = Counter(row.item.pk for row in rows)
    for row in rows:
        row.is_split = times[row.item.pk] > 1
    return sorted(rows, key=lambda row: (row.item.criticality, row.item.name, row.place.kind if row.place else ""))


def rows_of(lines: Iterable[OrderLine]) -> list[AskedRow]:
    return in_order(row_of(line) for line in lines)


class RequestForm(VersionedForm):
    """How urgent, by when, and a word to logistics. The lines are read by ``read_lines``."""

    priority = forms.TypedChoiceField(
        label=_("How urgent"),
        choices=[
            (0, _("Routine: next regular van")),
            (1, _("Urgent: next van that leaves")),
            (2, _("Stat: a van at once")),
        ],
        coerce=int,
        initial=ResupplyOrder.Priority.ROUTINE,
        widget=forms.RadioSelect,
        error_messages={
            "invalid_choice": _("Choose routine, urgent or stat."),
            "required": _("Choose how urgent it is."),
        },
    )
    needed_by = forms.DateTimeField(
        label=_("Needed by"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Write a date and a time.")},
    )
    comment = forms.CharField(
        label=_("Comment for logistics"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2, "maxlength": 300}),
    )

    @property
    def is_open(self) -> bool:
        """Whether more than the usual is said, so that it must be seen."""
        names: Sequence[str] = ("priority", "needed_by", "comment")
        return any(self.errors.get(name) for name in names) or any(
            str(self[name].value() or "0") != "0" for name in names
        )

    @property
    def details(self) -> dict[str, Any]:
        """Priority, needed-by and comment, for the action."""
        return {name: self.cleaned_data[name] for name in ("priority", "needed_by", "comment")}

    def begin_anew(self) -> None:
        """Show it again as another request: the id that it carried stands for one that was sent."""
        self.renew(request_id=uuid4())
