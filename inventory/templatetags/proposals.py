"""How proposals for par levels read."""

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.templatetags.ui import filter_chip
from inventory.models import ParProposal
from inventory.policy import Reason

register = template.Library()

# What a chip says of the rule that decided.
WORDS = {
    Reason.PENALTY: gettext_lazy("Pays for itself"),
    Reason.FILL_FLOOR: gettext_lazy("Least that must be there"),
    Reason.MANDATED: gettext_lazy("Mandated"),
    Reason.EXPIRY_CAP: gettext_lazy("Would expire"),
    Reason.SHELF_CAP: gettext_lazy("Shelf is full"),
    Reason.VOLUME_CAP: gettext_lazy("No room"),
    Reason.BUDGET_CAP: gettext_lazy("Budget"),
    Reason.NOT_WORTH_KEEPING: gettext_lazy("Hardly used"),
    Reason.PACK: gettext_lazy("Whole packs"),
}
# The same at length.
SENTENCES = {
    Reason.PENALTY: gettext_lazy(
        "Every unit up to %(par)s saves more than it costs to keep: one that is asked for and not there counts as "
        "%(cost)s."
    ),
    Reason.FILL_FLOOR: gettext_lazy("So that %(share)s of what is asked for is there, the least for %(rank)s items."),
    Reason.MANDATED: gettext_lazy("A rule says that %(mandated)s must be here; its use alone would need less."),
    Reason.EXPIRY_CAP: gettext_lazy("More than %(par)s would expire: %(rate)s are used, and they keep %(days)s days."),
    Reason.SHELF_CAP: gettext_lazy("The shelf holds no more."),
    Reason.VOLUME_CAP: gettext_lazy("This place has no more room, and other items are worth more in it."),
    Reason.BUDGET_CAP: gettext_lazy(
        "The station's stock budget is used up, and other items are worth more for the money."
    ),
    Reason.NOT_WORTH_KEEPING: gettext_lazy("It is used too seldom to be kept here: %(rate)s."),
    Reason.PACK: gettext_lazy("It is what its use asks for, in whole packs."),
}


@register.filter
def reason_word(reason: int) -> str:
    """``{{ proposal.reason|reason_word }}``: two words for a chip."""
    return str(WORDS[Reason(reason)])


@register.filter
def reason_sentence(proposal: ParProposal) -> str:
    """``{{ proposal|reason_sentence }}``: why the proposed par is what it is, for whoever decides on it."""
    facts = {
        "par": proposal.par,
        "cost": _money(proposal.lost_unit_cents),
        "share": _percent(proposal.fill_floor_bp / 10_000),
        "rank": proposal.item.get_criticality_display().lower(),
        "mandated": proposal.mandated_minimum,
        "rate": _rate(proposal.mean_per_day),
        "days": round(proposal.life_days or 0),
    }
    return str(SENTENCES[Reason(proposal.reason)]) % facts


@register.filter
def in_plural(value: float) -> int:
    """``{% blocktranslate count days=proposal.lead_days|in_plural %}``: 1 for one, else what is said of several."""
    return 1 if value == 1 else max(2, round(value))


@register.filter
def rate(per_day: float) -> str:
    """``{{ proposal.mean_per_day|rate }}``: "2.4 a day", "3 a month", "1 a year": in the unit that says it best."""
    return _rate(per_day)


@register.filter
def percent(share: float) -> str:
    """``{{ proposal.fill|percent }}``: cut, never rounded up to a floor that is not reached."""
    return _percent(share)


@register.filter
def short_number(value: float) -> str:
    """Two digits after the point, without zeros at the end."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


@register.filter
def whole_percent(share: float) -> str:
    """``{{ proposal.own_share|whole_percent }}``: 97 %."""
    return f"{round(share * 100)} %"


@register.filter
def per_hundred(per_call: float) -> str:
    """``{{ proposal.use_per_call|per_hundred }}``: what a hundred calls use."""
    return short_number(per_call * 100)


@register.simple_tag
def whole_money(cents: int) -> str:
    """``{% whole_money summary.stock_cents %}``: $1,234: sums in which cents are noise."""
    return f"${(cents + 50) // 100:,}"


@register.simple_tag
def litres(volume_ml: int) -> str:
    """``{% litres place.volume_ml %}``: 1,200.5 litres."""
    return _("%(number)s litres") % {"number": short_number(volume_ml / 1000)}


@register.simple_tag
def stock_change(cents: int) -> str:
    """``{% stock_change summary.stock_change_cents %}``: "$1,200 less stock"."""
    if not (amount := _rounded(cents)):
        return _("as much stock")
    said = _("%(amount)s more stock") if cents > 0 else _("%(amount)s less stock")
    return said % {"amount": amount}


@register.simple_tag
def waste_change(cents: int) -> str:
    """``{% waste_change summary.waste_change_cents %}``: "$1,200 less waste a year"."""
    if not (amount := _rounded(cents)):
        return _("as much waste a year")
    said = _("%(amount)s more waste a year") if cents > 0 else _("%(amount)s less waste a year")
    return said % {"amount": amount}


@register.inclusion_tag("components/filter_chip.html", takes_context=True)
def proposal_chip(context: template.Context, name: str, value: object, label: str, count: int) -> dict[str, Any]:
    """A filter chip that takes itself off when it is on: there is no chip for "all"."""
    chip = filter_chip(context, name, value, label, count)
    if chip["is_on"]:
        query = context["request"].GET.copy()
        query.pop("page", None)
        query.pop(name, None)
        chip["address"] = f"?{query.urlencode()}"
    return chip


def _rounded(cents: int) -> str:
    """The amount without its sign; empty where it is noise."""
    amount = whole_money(abs(cents))
    return "" if amount == "$0" else amount


def _rate(per_day: float) -> str:
    for days, said in ((1, _("%(number)s a day")), (7, _("%(number)s a week")), (30.4, _("%(number)s a month"))):
        if per_day * days >= 1:
            return said % {"number": short_number(round(per_day * days, 1))}
    return _("%(number)s a year") % {"number": short_number(per_day * 365)}


def _percent(share: float) -> str:
    cut = int(share * 10_000 + 1e-6) / 100
    return f"{cut:.2f}".rstrip("0").rstrip(".") + " %"


def _money(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}" if cents % 100 else f"${cents // 100:,}"
