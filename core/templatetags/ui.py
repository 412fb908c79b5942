"""Tags that every page may use without loading them: icons, status chips, times, money, filters, dialogs."""

from collections.abc import Iterable
from datetime import date, datetime
from html import escape
from typing import Any

from django import template
from django.conf import settings
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from core.moments import calendar_day, clock, days_off, distance, short_day, weekday

register = template.Library()
register.filter("calendar_day", calendar_day)  # {{ lot.expires_on|calendar_day }}: Nov 3, 2026
register.filter("short_day", short_day)  # {{ day|short_day }}: Nov 3
register.filter("weekday", weekday)  # {{ run.run_on|weekday }}: Tue, Nov 3, 2026

# What a chip says: its colour, its icon, its word. Colour never stands alone.
CHIPS: dict[str, tuple[str, str, Any]] = {
    "ready": ("green", "circle-check", _p("status", "Ready")),
    "done": ("green", "check", _p("status", "Done")),
    "short": ("amber", "alert-triangle", _p("status", "Short")),
    "expiring": ("amber", "hourglass", _("Expiring")),
    "out": ("red", "circle-x", _p("status", "Out")),
    "late": ("red", "clock-exclamation", _p("status", "Late")),
    "expired": ("red", "calendar-due", _("Expired")),
    "coming": ("blue", "truck-delivery", _p("status", "Coming")),
    "held": ("grey", "lock", _p("status", "Held")),
    "waiting": ("grey", "clock", _p("status", "Waiting")),
    "backorder": ("amber", "hourglass", _("Backordered")),
    "stat": ("red", "flame", _("Stat")),
    "urgent": ("amber", "urgent", _("Urgent")),
    "routine": ("grey", "calendar", _("Routine")),
}
# How a row's ``state`` looks; its word is the model's own.
STATES: dict[str, tuple[str, str]] = {
    "draft": ("grey", "pencil"),
    "submitted": ("grey", "clock"),
    "approved": ("blue", "thumb-up"),
    "in_fulfilment": ("blue", "package"),
    "closed": ("green", "check"),
    "rejected": ("red", "circle-x"),
    "cancelled": ("grey", "x"),
    "planned": ("grey", "calendar"),
    "picking": ("blue", "list-check"),
    "packed": ("blue", "box"),
    "to_collect": ("grey", "arrows-exchange"),
    "loading": ("blue", "truck-loading"),
    "out": ("blue", "truck-delivery"),
    "dispatched": ("blue", "truck-delivery"),
    "arrived": ("blue", "map-pin"),
    "delivered": ("blue", "package-import"),
    "received": ("green", "circle-check"),
    "completed": ("green", "check"),
    "missed": ("red", "circle-x"),
    "open": ("blue", "clipboard-list"),
    "counted": ("amber", "scale"),
    "posted": ("green", "check"),
    "accepted": ("green", "check"),
    "declined": ("grey", "x"),
    "outdated": ("grey", "history"),
    "usable": ("green", "circle-check"),
    "quarantined": ("grey", "lock"),
    "recalled": ("red", "hand-stop"),
    "to_review": ("amber", "file-search"),
    "acting": ("red", "hand-stop"),
    "not_ours": ("grey", "x"),
}
PRIORITIES = ("routine", "urgent", "stat")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """``{% icon "truck" %}``: an icon named in ems_supply/icons.txt; a label only where no word stands by it."""
    style, _, plain = name.rpartition("/")
    address = f"{static('vendor/icons.svg')}#tabler-{plain}{'-filled' if style else ''}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag
def station_options(stations: Iterable[Any], chosen: Any = None) -> SafeString:
    """``{% station_options stations station %}``: the options of a select, by code; quick for a thousand of them."""
    code = chosen.code if chosen else None
    return SafeString(
        "".join(
            f'<option value="{escape(one.code)}"{" selected" if one.code == code else ""}>{escape(one.name)}</option>'
            for one in stations
        )
    )


def chip_of(tone: str, symbol: str, word: str) -> SafeString:
    return format_html('<span class="chip chip-{}">{}{}</span>', tone, icon(symbol), word)


@register.simple_tag
def chip(kind: str, word: object = "") -> SafeString:
    """``{% chip "short" %}`` or ``{% chip "short" "3 short" %}``: a status as colour, icon and word."""
    tone, symbol, usual = CHIPS[kind]
    return chip_of(tone, symbol, str(word or usual))


@register.simple_tag
def stock_chip(state: str) -> SafeString:
    """``{% stock_chip line.state %}``: ready, short or out, said of an item: ready has a gender in some languages."""
    return chip(state, _p("item", "Ready") if state == "ready" else "")


@register.simple_tag
def state_chip(row: Any) -> SafeString:
    """``{% state_chip order %}``: the state of an order, shipment, run, stop or count, in the model's own words."""
    tone, symbol = STATES[row.state]
    return chip_of(tone, symbol, row.get_state_display())


@register.simple_tag
def status_chip(lot: Any) -> SafeString:
    """``{% status_chip lot %}``: usable, quarantined or recalled."""
    tone, symbol = STATES[lot.status]
    return chip_of(tone, symbol, lot.get_status_display())


@register.simple_tag
def priority_chip(row: Any) -> SafeString | str:
    """``{% priority_chip order %}``: urgent or stat; nothing for routine, which needs no attention."""
    return chip(PRIORITIES[row.priority]) if row.priority else ""


@register.simple_tag(takes_context=True)
def outbox(context: template.Context, *words: object) -> SafeString:
    """``{% outbox "Receipt of " shipment %}`` in a form with a request id: without a signal it waits on the phone, by
    these words, and sends itself later. Only for what may be done later, and whose refusal is a 4xx page (ADR 20)."""
    hidden = '<input type="hidden" name="outbox" value="{}"><input type="hidden" name="outbox_person" value="{}">'
    return format_html(hidden, "".join(map(str, words))[:120], context["user"].pk)


def time_element(moment: datetime, text: str) -> SafeString:
    local = timezone.localtime(moment)
    exact = f"{formatted(local, 'l')}, {calendar_day(local.date())}, {local:%H:%M}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, text)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """``{{ order.submitted_at|ago }}``: in 2 h, 3 days ago; the exact time on hover."""
    return "" if moment is None else time_element(moment, distance(moment - timezone.now()))


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """``{{ stop.planned_at|when }}``: 14:10, Tue 14:10, Nov 3, 14:10; the exact time on hover."""
    return "" if moment is None else time_element(moment, clock(moment))


@register.filter
def day(value: date | None) -> SafeString | str:
    """``{{ lot.expires_on|day }}``: the date, and how far off it is on hover."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), days_off(value), calendar_day(value)
    )


@register.filter
def days(value: date | None) -> SafeString | str:
    """``{{ lot.expires_on|days }}``: in 12 days, today; the date on hover."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), calendar_day(value), days_off(value)
    )


@register.simple_tag
def money(cents: int | None) -> str:
    """``{% money item.unit_cost_cents %}``: $1,234.50."""
    if cents is None:
        return "–"
    sign = "−" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


@register.simple_tag
def division_name() -> str:
    """The name that the division gave this site."""
    return str(settings.EMS_DIVISION_NAME)


@register.simple_tag
def division_paper() -> str:
    """The paper in the division's printers: A4 or LETTER."""
    return str(settings.EMS_PAPER)


@register.inclusion_tag("components/filter_chip.html", takes_context=True)
def filter_chip(
    context: template.Context, name: str, value: object, label: str, count: int | None = None
) -> dict[str, Any]:
    """``{% filter_chip "state" "draft" "Drafts" 3 %}``: a filter that lives in the address. An empty value is "all"."""
    query: QueryDict = context["request"].GET.copy()
    text = str(value)
    is_on = query.get(name, "") == text
    query.pop("page", None)
    query.pop(name, None)
    if text:
        query[name] = text
    return {"address": f"?{query.urlencode()}", "label": label, "count": count, "is_on": is_on}


@register.simple_block_tag
def dialog(content: SafeString, name: str, title: str) -> SafeString:
    """``{% dialog "cancel" "Cancel this request?" %} a form {% enddialog %}``, opened by
    ``<button type="button" data-opens="cancel">``. For what must be asked once: say what is lost."""
    return format_html(
        '<dialog id="{0}" class="ask" aria-labelledby="{0}-title"><h2 id="{0}-title">{1}</h2>{2}</dialog>',
        name,
        title,
        content,
    )
