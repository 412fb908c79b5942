"""Devices of GUDID: the entries, and which box holds how many of what.

A package counts what ``contains_di`` names: base units if that is the device, boxes if it is a box.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inventory.codes import Code, System, UnreadableCode, read_code
from inventory.codes.gtins import gtin_of
from inventory.codes.hibcs import primaries_of
from inventory.imports.catalogue.offers import Offer, Parts, in_words
from inventory.imports.catalogue.tables import Cells, Rows
from inventory.imports.values import BadValue
from inventory.imports.values import sku as sku_kind
from inventory.models import Item

DEVICES = frozenset({"primary_di", "brand_name", "device_count"})
PACKAGES = frozenset({"primary_di", "package_di", "contains_di", "quantity"})
OTHER = re.compile(r"(Package|Secondary):([^:|]+)(?::qty=(\d+):contains=([^:|]+))?", re.ASCII)
MOST = 1_000_000
SOLD = "In Commercial Distribution"
GONE = gettext_noop("%(code)s is not sold any more: it is left out.")


@dataclass(frozen=True)
class Package:
    """One box: so many of ``contains``. ``where`` is its row, for what is wrong with it."""

    di: str
    contains: str
    quantity: int
    name: str
    where: tuple[Rows, int]


@dataclass
class Devices:
    """What the files of devices say, put together when all of them are read."""

    offers: dict[str, Offer] = field(default_factory=dict)
    packages: dict[str, list[Package]] = field(default_factory=dict)
    parts: dict[str, Parts] = field(default_factory=dict)

    def read_devices(self, rows: Rows) -> None:
        for line, cells in rows:
            if cells.get("commercial_status", SOLD) not in (SOLD, ""):
                rows.leave_out(line, _(GONE) % {"code": cells["primary_di"]})
                continue
            self._add(rows, line, cells)
            for kind, di, quantity, contains in OTHER.findall(cells.get("other_identifiers", "")):
                if kind == "Package":
                    package = Package(di, contains, int(quantity or 0), "", (rows, line))
                    self.packages.setdefault(cells["primary_di"], []).append(package)
                elif cells["primary_di"] in self.parts and (code := _code(rows, line, di)):
                    self.parts[cells["primary_di"]].add(_count(cells), [code])

    def read_packages(self, rows: Rows) -> None:
        """Devices that no file describes are known by what their packages say of them."""
        for line, cells in rows:
            primary, quantity = cells["primary_di"], cells["quantity"]
            if cells.get("package_status", SOLD) not in (SOLD, ""):
                rows.leave_out(line, _(GONE) % {"code": cells["package_di"]})
                continue
            if not (quantity.isascii() and quantity.isdigit() and 1 <= int(quantity[:9]) <= MOST):
                rows.refuse(line, _("%(cell)r is not a whole number from 1.") % {"cell": quantity}, "quantity")
                continue
            if primary not in self.offers:
                self._add(rows, line, cells)
            name = cells.get("package_type", "").casefold()
            package = Package(cells["package_di"], cells["contains_di"], int(quantity), name, (rows, line))
            self.packages.setdefault(primary, []).append(package)

    def result(self) -> list[Offer]:
        """Every device with its packs in base units."""
        for primary, packages in self.packages.items():
            if primary in self.parts:
                self._resolve(primary, packages)
        return [self.parts[primary].of(offer) for primary, offer in self.offers.items()]

    def _add(self, rows: Rows, line: int, cells: Cells) -> None:
        primary = cells["primary_di"]
        if primary in self.offers:
            rows.refuse(line, _("%(code)s is there twice.") % {"code": primary}, "primary_di")
        elif code := _code(rows, line, primary):
            self.offers[primary] = _offer(rows, line, cells, code)
            self.parts[primary] = Parts()
            self.parts[primary].add(_count(cells), [code])

    def _resolve(self, primary: str, packages: Iterable[Package]) -> None:
        """The base units of each package, level by level from the device upward."""
        known = {primary: min(self.parts[primary].sizes)}
        waiting = list(packages)
        while ready := [package for package in waiting if package.contains in known]:
            for package in ready:
                units = package.quantity * known[package.contains]
                rows, line = package.where
                if units > MOST:
                    said = _("%(package)s would hold %(units)s of %(code)s.")
                    rows.refuse(
                        line, said % {"package": package.di, "units": f"{units:,}", "code": primary}, "quantity"
                    )
                elif code := _code(rows, line, package.di):
                    self.parts[primary].add(units, [code], package.name)
                known.setdefault(package.di, units)
            waiting = [package for package in waiting if package not in ready]
        for package in waiting:
            rows, line = package.where
            said = _("%(package)s contains %(code)s, which no row leads to.")
            rows.refuse(line, said % {"package": package.di, "code": package.contains}, "contains_di")


def _count(cells: Cells) -> int:
    """How many devices the primary itself stands for."""
    text = cells.get("device_count", "1")
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST else 1


def _offer(rows: Rows, line: int, cells: Mapping[str, str], code: Code) -> Offer:
    number = cells.get("catalog_number") or cells.get("version_model") or ""
    brand, company = in_words(cells.get("brand_name", "")), cells.get("company", "")
    described = in_words(cells.get("description", ""))
    name = f"{brand}: {described}" if brand and described and brand not in described else described or brand
    is_equipment = cells.get("serial_number") == "true" and cells.get("single_use") == "false"
    return Offer(
        key=cells["primary_di"],
        file=rows.source.name,
        line=line,
        name=in_words(name, cells.get("fda_product_code_names", ""), f"{company} {number}"),
        sku=_sku(number, code),
        maker=company,
        kind=Item.Kind.EQUIPMENT if is_equipment else Item.Kind.CONSUMABLE,
    )


def _sku(number: str, code: Code) -> str:
    """The maker's own number where it can be one of our SKUs, else the code."""
    try:
        return str(sku_kind().read(number)) if number else code.value
    except BadValue:
        return code.value


def _code(rows: Rows, line: int, di: str) -> Code | None:
    """The identifier as we keep it; GS1's or HIBCC's, whatever agency the row names."""
    try:
        if di.isascii() and di.isdigit():
            return Code(System.GTIN, gtin_of(di))
        if primaries := primaries_of(di.upper()):
            return Code(System.HIBC, primaries[0])
        read_code(di)
    except UnreadableCode as refusal:
        rows.refuse(line, str(refusal))
        return None
    rows.refuse(line, _("%(code)s is neither a GTIN nor a HIBC.") % {"code": di[:40]})
    return None
