"""The files of registers, whichever and in whatever order, to what they offer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from inventory.imports.catalogue.drugs import DRUGS, read_drugs
from inventory.imports.catalogue.gudid import DEVICES, PACKAGES, Devices
from inventory.imports.catalogue.offers import Offer, merged
from inventory.imports.catalogue.tables import Rows
from inventory.imports.problems import Report
from inventory.imports.sources import Source

SHAPES = {name: ", ".join(sorted(of)) for name, of in (("devices", DEVICES), ("packages", PACKAGES), ("drugs", DRUGS))}


@dataclass
class Offered:
    """``report`` has the rows that are not offered: refused where they are wrong, warned of where they are no stock."""

    offers: list[Offer] = field(default_factory=list)
    report: Report = field(default_factory=Report)


def read_catalogue(sources: Sequence[Source]) -> Offered:
    """All entries that could become items. A row that is wrong is told and not offered; the others are."""
    offered, devices = Offered(), Devices()
    files = [Rows(source, offered.report) for source in sources]
    # Packages after the devices that they hold, in whatever order the files come.
    for rows in sorted(files, key=lambda rows: not set(rows.names) >= DEVICES):
        names = set(rows.names)
        if names >= DRUGS:
            offered.offers += read_drugs(rows)
        elif names >= DEVICES:
            devices.read_devices(rows)
        elif names >= PACKAGES:
            devices.read_packages(rows)
        elif names:
            said = _(
                "this is no register that is known. Known are devices of GUDID (%(devices)s), "
                "their packages (%(packages)s), drugs of the FDA (%(drugs)s)."
            )
            rows.refuse(1, said % SHAPES)
    offered.offers = merged([*devices.result(), *offered.offers])
    offered.report.in_order()
    return offered
