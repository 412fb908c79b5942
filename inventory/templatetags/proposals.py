"""How proposals for par levels read."""

from typing import Any

from django import template

from core.templatetags.ui import filter_chip
from inventory.models import ParProposal
from inventory.policy import Reason

register = template.Library()

# What a chip says of the rule that decided.
WORDS = {
    Reason.PENALTY: "Pays for itself",
    Reason.FILL_FLOOR: "Least that must be there",
    Reason.MANDATED: "Mandated",
    Reason.EXPIRY_CAP: "Would expire",
    Reason.SHELF_CAP: "Shelf is full",
    Reason.VOLUME_CAP: "No room",
    Reason.BUDGET_CAP: "Budget",
    Reason.NOT_WORTH_KEEPING: "Hardly used",
    Reason.PACK: "Whole packs",
}


@register.filter
def reason_word(reason: int) -> str:
    """``{{ proposal.reason|reason_word }}``: two words for a chip."""
    return WORDS[Reason(reason)]


@register.filter
def reason_sentence(proposal: ParProposal) -> str:
    """``{{ proposal|reason_sentence }}``: why the proposed par is what it is, for whoever decides on it."""
    rank = proposal.item.get_criticality_display().lower()
    sentences = {
        Reason.PENALTY: f"Every unit up to {proposal.par} saves more than it costs to keep: one that is asked for and "
        f"not there counts as {_money(proposal.lost_unit_cents)}.",
        Reason.FILL_FLOOR: f"So that {_percent(proposal.fill_floor_bp / 10_000)} of what is asked for is there, the "
        f"least for {rank} items.",
        Reason.MANDATED: f"A rule says that {proposal.mandated_minimum} must be here; its use alone would need less.",
        Reason.EXPIRY_CAP: f"More than {proposal.par} would expire: {_rate(proposal.mean_per_day)} are used, and they "
        f"keep {round(proposal.life_days or 0)} days.",
        Reason.SHELF_CAP: "The shelf holds no more.",
        Reason.VOLUME_CAP: "This place has no more room, and other items are worth more in it.",
        Reason.BUDGET_CAP: "The station's stock budget is used up, and other items are worth more for the money.",
        Reason.NOT_WORTH_KEEPING: f"It is used too seldom to be kept here: {_rate(proposal.mean_per_day)}.",
        Reason.PACK: "It is what its use asks for, in whole packs.",
    }
    return sentences[Reason(proposal.reason)]


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
    return f"{short_number(volume_ml / 1000)} litres"


@register.simple_tag
def change_words(cents: int, what: str) -> str:
    """``{% change_words summary.stock_change_cents "stock" %}``: "$1,200 less stock"."""
    amount = whole_money(abs(cents))
    return f"as much {what}" if amount == "$0" else f"{amount} {'more' if cents > 0 else 'less'} {what}"


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


def _rate(per_day: float) -> str:
    for days, name in ((1, "day"), (7, "week"), (30.4, "month")):
        if per_day * days >= 1:
            return f"{short_number(round(per_day * days, 1))} a {name}"
    return f"{short_number(per_day * 365)} a year"


def _percent(share: float) -> str:
    cut = int(share * 10_000 + 1e-6) / 100
    return f"{cut:.2f}".rstrip("0").rstrip(".") + " %"


def _money(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}" if cents % 100 else f"${cents // 100:,}"
