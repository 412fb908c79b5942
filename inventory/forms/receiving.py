"""What a supplier brought: a row for each lot, in packs or each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import CommandForm
from inventory.actions.lines import MOST
from inventory.actions.receiving import ReceivedLot
from inventory.models import Item, ItemCode, Pack
from inventory.quantities import plural

COLUMNS = ("item", "number", "serial_number", "expires_on", "quantity", "pack")
MOST_ROWS = 200
FIRST_ROWS = 3
SEPARATOR = " · "


class ReceiveForm(CommandForm):
    """What belongs to the whole delivery."""

    reference = forms.CharField(
        label=gettext_lazy("Purchase order"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class ReceivedRow(forms.Form):
    """One lot. All rows carry the same names; the n-th value of each belongs to the n-th row."""

    use_required_attribute = False
    item = forms.CharField(
        label=gettext_lazy("Item"),
        max_length=200,
        widget=forms.TextInput(
            {"list": "catalogue", "autocomplete": "off", "placeholder": gettext_lazy("Name, SKU or code")}
        ),
        error_messages={"required": gettext_lazy("Say which item this is.")},
    )
    number = forms.CharField(label=gettext_lazy("Lot number"), max_length=40, required=False)
    serial_number = forms.CharField(label=gettext_lazy("Serial number"), max_length=40, required=False)
    expires_on = forms.DateField(
        label=gettext_lazy("Expires on"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write the date as year-month-day, 2027-03-31.")},
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("Quantity"),
        min_value=1,
        max_value=MOST,
        widget=forms.NumberInput({"inputmode": "numeric", "min": "1"}),
        error_messages={"required": gettext_lazy("How many?"), "invalid": gettext_lazy("Write a whole number.")},
    )
    pack = forms.CharField(label=gettext_lazy("Counted in"), max_length=20, required=False, widget=forms.Select)

    found: Item | None = None
    per = 1  # base units in what was counted
    is_wrong = False

    def __init__(self, *args: Any, number: int, packs: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": f"row-{number}-%s"})
        widget: Any = self.fields["pack"].widget
        widget.choices = [("", plural("each", 1)), *((name, name) for name in packs)]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
            field.widget.attrs["aria-label"] = _("%(field)s, line %(number)d") % {
                "field": field.label,
                "number": number,
            }
        self.row = number

    @property
    def is_blank(self) -> bool:
        """Nothing was typed: the row is not meant."""
        return not any(self.data.get(name, "").strip() for name in COLUMNS if name != "pack")

    def resolve(self, items: Mapping[str, Item]) -> None:
        """Find the item that was typed, and the pack among its own."""
        typed = code_of(self.cleaned_data.get("item", ""))
        self.found = items.get(typed)
        if typed and self.found is None:
            self.add_error("item", not_listed(typed))
        if self.found and self.cleaned_data.get("quantity"):
            self._check_pack(self.found)

    def _check_pack(self, item: Item) -> None:
        if name := self.cleaned_data.get("pack", ""):
            sizes = {pack.name: pack.quantity for pack in item.packs.all()}
            if name not in sizes:
                self.add_error("pack", not_by(item, name))
                return
            self.per = sizes[name]
        if self.cleaned_data["quantity"] * self.per > MOST:
            self.add_error("quantity", _("That is more than %(most)s in all.") % {"most": f"{MOST:,}"})

    def line(self) -> ReceivedLot:
        assert self.found is not None, "only a valid row is received"  # noqa: S101 - is_valid comes before
        data = self.cleaned_data
        return ReceivedLot(
            self.found.pk, data["number"], data["expires_on"], data["quantity"] * self.per, data["serial_number"]
        )


def not_listed(typed: str) -> str:
    return _("“%(typed)s” is not in the catalogue. Choose an item from the list.") % {"typed": typed}


def not_by(item: Item, pack: str) -> str:
    """Why nothing of the item is counted in this pack. Reads ``item.packs``."""
    known = ", ".join(str(one) for one in item.packs.all()) or _("each only")
    return _("%(item)s does not come by the %(pack)s: %(known)s.") % {"item": item, "pack": pack, "known": known}


def code_of(typed: str) -> str:
    """What was typed or chosen from the list: "SKU · name" stands for the SKU. Letters' case does not matter."""
    return typed.partition(SEPARATOR)[0].strip().casefold()


def pack_names() -> list[str]:
    """Every word for a pack in the catalogue."""
    return list(Pack.objects.order_by("name").values_list("name", flat=True).distinct())


def rows_of(data: QueryDict | None, *, packs: list[str], count: int = FIRST_ROWS) -> list[ReceivedRow]:
    """The rows that were posted, or ``count`` empty ones."""
    if data is None:
        return [ReceivedRow(number=number, packs=packs) for number in range(1, count + 1)]
    columns = {name: data.getlist(name) for name in COLUMNS}
    length = min(max(map(len, columns.values()), default=0), MOST_ROWS)
    rows = [{name: values[at] if at < len(values) else "" for name, values in columns.items()} for at in range(length)]
    return [ReceivedRow(row, number=number, packs=packs) for number, row in enumerate(rows, start=1)]


def checked(rows: list[ReceivedRow]) -> bool:
    """Whether all rows that are meant are right; each that is not says why."""
    meant = [row for row in rows if not row.is_blank]
    for row in meant:
        row.is_valid()
    items = items_by_code({code_of(row.cleaned_data.get("item", "")) for row in meant})
    for row in meant:
        row.resolve(items)
        row.is_wrong = not row.is_valid()
    return not any(row.is_wrong for row in meant)


def items_by_code(codes: set[str]) -> dict[str, Item]:
    """Items by what people type or scan: SKU, a code of it or of one of its packs, or the whole name. Three queries."""
    named = ItemCode.objects.filter(code__in={code.upper() for code in codes})
    wanted = Q(pk__in=named.values("item"))
    for code in filter(None, codes):
        wanted |= Q(sku__iexact=code) | Q(name__iexact=code)
    found: dict[str, Item] = {}
    for item in Item.objects.filter(wanted).prefetch_related("packs", "codes"):
        names = [item.name, *(one.code for one in item.codes.all()), item.sku]
        found |= {name.casefold(): item for name in names if name}
    return found
