"""Why a delivery cannot be made, in words that say what would have to change. They are kept with what waits, so they
are English here; ``core.sayings.again`` says them to a reader."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from core.sayings import Saying
from orders.routing.day import COLD, TWO_PEOPLE, Call, Day, Rank, Van

WANTING = {
    COLD: Saying(gettext_noop("No cold van is in service.")),
    TWO_PEOPLE: Saying(gettext_noop("No van with a crew of two is in service.")),
}
NO_VAN = Saying(gettext_noop("No van is in service at this depot."))
NOT_BOTH = Saying(gettext_noop("No van in service is cold and has a crew of two."))
OFF_DUTY = Saying(gettext_noop("Every van that could take it is out or off duty that day."))
COSTS_MORE = Saying(gettext_noop("The way there that day costs more than the wait."))
NO_ROOM_LEFT = Saying(gettext_noop("The vans have no room or time left for it that day."))
NOT_TOGETHER = Saying(gettext_noop("No van takes it together with what goes to its station that day."))
NO_DAY = Saying(gettext_noop("Its station takes no delivery within a week."))
TOO_HEAVY = Saying(gettext_noop("Too heavy for any van: %(weight)s kg, and the most is %(most)s kg."))
TOO_LARGE = Saying(gettext_noop("Too large for any van: %(volume)s l, and the most is %(most)s l."))
NO_ROOM = Saying(gettext_noop("No van has room for %(weight)s kg and %(volume)s l together."))
TOO_LATE = Saying(gettext_noop("No van can be there by %(closes)s, when its window closes: %(first)s at the earliest."))
TOO_FAR = Saying(gettext_noop("Too far for a shift: there and back takes %(way)s, a van has %(shift)s."))


def why_not_alone(call: Call, day: Day) -> str:
    """The first thing that keeps every van of the depot from making this call, were it the only one."""
    if not day.vans:
        return NO_VAN()
    able = [van for van in day.vans if call.needs <= van.skills]
    if not able:
        wanting = [need for need in sorted(call.needs) if not any(need in van.skills for van in day.vans)]
        return WANTING[wanting[0]]() if wanting else NOT_BOTH()
    if reason := _too_much(call, able):
        return reason
    free = [slot for van in able if _carries(van, call) for slot in van.free]
    if not free:
        return OFF_DUTY()
    return _too_late(call, day, free)


def why_left(call: Call) -> str:
    """Why a call that a van could make alone was left for another day."""
    if call.rank == Rank.ROUTINE:
        return COSTS_MORE()
    return NO_ROOM_LEFT()


def takes(van: Van, call: Call) -> bool:
    """Whether the van has room for the call, and what it needs."""
    return call.needs <= van.skills and _carries(van, call)


def _carries(van: Van, call: Call) -> bool:
    fits_weight = van.max_weight_g is None or call.weight_g <= van.max_weight_g
    return fits_weight and (van.max_volume_ml is None or call.volume_ml <= van.max_volume_ml)


def _too_much(call: Call, vans: Sequence[Van]) -> str:
    if any(_carries(van, call) for van in vans):
        return ""
    weights = [van.max_weight_g for van in vans if van.max_weight_g is not None]
    volumes = [van.max_volume_ml for van in vans if van.max_volume_ml is not None]
    if weights and len(weights) == len(vans) and call.weight_g > max(weights):
        return TOO_HEAVY(weight=_thousands(call.weight_g), most=_thousands(max(weights)))
    if volumes and len(volumes) == len(vans) and call.volume_ml > max(volumes):
        return TOO_LARGE(volume=_thousands(call.volume_ml), most=_thousands(max(volumes)))
    return NO_ROOM(weight=_thousands(call.weight_g), volume=_thousands(call.volume_ml))


def _too_late(call: Call, day: Day, free: Sequence[tuple[datetime, datetime]]) -> str:
    out, back = day.travel.time(day.depot, call.place), day.travel.time(call.place, day.depot)
    if all(start + out > call.window_end for start, _ in free):
        first = min(start for start, _ in free) + out
        closes, first = call.window_end.astimezone(day.zone), first.astimezone(day.zone)
        return TOO_LATE(closes=f"{closes:%H:%M}", first=f"{first:%H:%M}")
    longest = max(end - start for start, end in free)
    return TOO_FAR(way=_hours(out + day.service + back), shift=_hours(longest))


def _thousands(grams: int) -> str:
    return f"{grams / 1000:.1f}"


def _hours(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"
