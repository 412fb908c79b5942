"""What the chosen entries of a register would change in the catalogue as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.fingerprints import fingerprint
from inventory.codes import Code, System
from inventory.imports.batches import batches
from inventory.imports.catalogue.offers import Offer, OfferedPack
from inventory.imports.values import BadValue
from inventory.imports.values import sku as sku_kind
from inventory.models import Item, ItemCode

OF = gettext_noop("%(pack)s of %(quantity)s")


@dataclass
class Standing:
    """One entry beside the catalogue. ``items`` are those that its codes name; ``missing`` what names nothing of them
    yet; ``wrong`` what is said of its codes otherwise."""

    offer: Offer
    items: list[Item] = field(default_factory=list)
    missing: list[tuple[int, Code]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    is_sku_taken: bool = False

    @property
    def state(self) -> str:
        """new, known, partly or doubtful."""
        if self.wrong or len(self.items) > 1:
            return "doubtful"
        if not self.items:
            return "new"
        return "partly" if self.missing else "known"

    @property
    def sku(self) -> str:
        """The SKU to propose: of the item that has one of its codes, else its own, unless something else has that."""
        if self.items:
            return self.items[0].sku
        return self.offer.key if self.is_sku_taken else self.offer.sku


@dataclass
class Step:
    """What is done for one chosen entry: a new item or an old one, packs to be made, codes to be linked."""

    offer: Offer
    sku: str
    item: Item | None
    packs: list[tuple[str, OfferedPack]] = field(default_factory=list)
    codes: list[tuple[int, Code]] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        return self.item is not None and not self.packs and not self.codes

    @property
    def said(self) -> str:
        """What it would do, in words."""
        return self._in_words(_(OF)) or (_("nothing") if self.item else _("each"))

    @property
    def kept(self) -> str:
        """The same for the log and the mark, which no language changes."""
        return self._in_words(OF) or ("nothing" if self.item else "each")

    def _in_words(self, of: str) -> str:
        packs = [of % {"pack": name, "quantity": f"{pack.quantity:,}"} for name, pack in self.packs]
        return ", ".join([*packs, *(str(code) for _quantity, code in self.codes)])


@dataclass
class CataloguePlan:
    """``problems``: why it cannot be done, one sentence each. ``mark``: equal only for two plans that do the same."""

    steps: list[Step] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def work(self) -> list[Step]:
        return [step for step in self.steps if not step.is_nothing]

    @property
    def mark(self) -> str:
        return fingerprint({step.sku: [step.offer.key, step.item and step.item.pk, step.kept] for step in self.steps})


def standings(offers: Sequence[Offer]) -> list[Standing]:
    """How each entry stands to the catalogue. Two queries for each two thousand codes."""
    known = _known({code for offer in offers for _, code in offer.sizes})
    skus = {
        sku
        for batch in batches([offer.sku for offer in offers])
        for sku in Item.objects.filter(sku__in=batch).values_list("sku", flat=True)
    }
    found = []
    for offer in offers:
        standing = Standing(offer, is_sku_taken=offer.sku in skus)
        for quantity, code in offer.sizes:
            rows = known.get((code.system.value, code.value), [])
            for row in rows:
                if row.item not in standing.items:
                    standing.items.append(row.item)
                here = row.pack.quantity if row.pack else 1
                if here != quantity:
                    said = _("%(code)s holds %(here)s of %(item)s here, and %(there)s in the file.")
                    told = {"code": code, "here": f"{here:,}", "item": row.item, "there": f"{quantity:,}"}
                    standing.wrong.append(said % told)
            if not rows:
                standing.missing.append((quantity, code))
        found.append(standing)
    return found


def plan_catalogue(offers: Sequence[Offer], chosen: Mapping[str, str]) -> CataloguePlan:
    """What taking these entries would do: ``chosen`` are SKUs by the entry's key. A SKU that there is gets the packs
    and codes of its entry; another becomes a new item."""
    plan = CataloguePlan()
    by_key = {offer.key: offer for offer in offers}
    plan.problems += [_("%(entry)s is not in these files.") % {"entry": key} for key in chosen if key not in by_key]
    taken = standings([by_key[key] for key in chosen if key in by_key])
    items = {item.sku: item for item in Item.objects.filter(sku__in=set(chosen.values())).prefetch_related("packs")}
    skus: dict[str, str] = {}
    owners: dict[Code, str] = {}
    packs = {sku: {pack.quantity: pack.name for pack in item.packs.all()} for sku, item in items.items()}
    for standing in taken:
        sku = chosen[standing.offer.key].strip()
        plan.problems += _problems(standing, sku, items.get(sku))
        if (other := skus.setdefault(sku, standing.offer.key)) != standing.offer.key and sku not in items:
            said = _("%(entry)s and %(other)s cannot both become the new item %(sku)s.")
            plan.problems.append(said % {"entry": standing.offer.key, "other": other, "sku": sku})
        for _quantity, code in standing.missing:
            if owners.setdefault(code, sku) != sku:
                said = _("%(code)s cannot name both %(other)s and %(sku)s.")
                plan.problems.append(said % {"code": code, "other": owners[code], "sku": sku})
        plan.steps.append(_step(standing, sku, items.get(sku), packs.setdefault(sku, {})))
    return plan


def _known(codes: Iterable[Code]) -> dict[tuple[str, str], list[ItemCode]]:
    known: dict[tuple[str, str], list[ItemCode]] = {}
    for batch in batches(sorted(codes)):
        rows = ItemCode.objects.filter(code__in=[code.value for code in batch]).select_related("item", "pack")
        for row in rows:
            known.setdefault((row.system, row.code), []).append(row)
    return known


def _problems(standing: Standing, sku: str, item: Item | None) -> list[str]:
    offer = standing.offer
    found = [f"{offer.key}: {wrong}" for wrong in standing.wrong]
    found += [
        _("%(entry)s names %(item)s (%(sku)s) already.") % {"entry": offer.key, "item": other, "sku": other.sku}
        for other in standing.items
        if other != item
    ]
    try:
        sku_kind().read(sku)
    except BadValue as error:
        found.append(f"{offer.key}, SKU: {error}")
    if item and (item.kind == Item.Kind.MEDICATION) != (offer.kind == Item.Kind.MEDICATION):
        told = {"entry": offer.key, "kind": _kind(offer.kind), "item": item, "other": _kind(item.kind)}
        found.append(_("%(entry)s is a %(kind)s, and %(item)s is a %(other)s.") % told)
    elif item and item.schedule != offer.schedule:
        told = {"entry": offer.key, "item": item}
        told |= {"schedule": _schedule(offer.schedule), "other": _schedule(item.schedule)}
        found.append(_("%(entry)s is %(schedule)s, and %(item)s is %(other)s.") % told)
    return found


def _schedule(schedule: str) -> str:
    return _("schedule %(name)s") % {"name": schedule} if schedule else _("not scheduled")


def _kind(kind: str) -> str:
    return str(Item.Kind(kind).label).lower()


def _step(standing: Standing, sku: str, item: Item | None, packs: dict[int, str]) -> Step:
    """Packs that the item lacks by size, and codes that name nothing yet. ``packs``: names by size, of those that the
    item has and of what earlier steps make."""
    named = standing.offer.named_packs(packs.values())
    lacking = [(name, pack) for name, pack in named if pack.quantity not in packs]
    packs |= {pack.quantity: name for name, pack in lacking}
    return Step(standing.offer, sku, item, lacking, standing.missing)


def own_code(codes: Iterable[Code], system: System) -> str:
    """The first code of a system: what goes into the catalogue's own column."""
    return next((code.value for code in codes if code.system is system), "")
