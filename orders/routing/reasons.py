"""Why a delivery cannot be made, in words that say what would have to change."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from orders.routing.day import COLD, TWO_PEOPLE, Call, Day, Rank, Van

WANTING = {COLD: "No cold van is in service.", TWO_PEOPLE: "No van with a crew of two is in service."}


def why_not_alone(call: Call, day: Day) -> str:
    """The first thing that keeps every van of the depot from making this call, were it the only one."""
    if not day.vans:
        return "No van is in service at this depot."
    able = [van for van in day.vans if call.needs <= van.skills]
    if not able:
        wanting = [need for need in sorted(call.needs) if not any(need in van.skills for van in day.vans)]
        return WANTING[wanting[0]] if wanting else "No van in service is cold and has a crew of two."
    if reason := _too_much(call, able):
        return reason
    free = [slot for van in able if _carries(van, call) for slot in van.free]
    if not free:
        return "Every van that could take it is out or off duty that day."
    return _too_late(call, day, free)


def why_left(call: Call) -> str:
    """Why a call that a van could make alone was left for another day."""
    if call.rank == Rank.ROUTINE:
        return "The way there that day costs more than the wait."
    return "The vans have no room or time left for it that day."


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
        return f"Too heavy for any van: {call.weight_g / 1000:.1f} kg, and the most is {max(weights) / 1000:.1f} kg."
    if volumes and len(volumes) == len(vans) and call.volume_ml > max(volumes):
        return f"Too large for any van: {call.volume_ml / 1000:.1f} l, and the most is {max(volumes) / 1000:.1f} l."
    return f"No van has room for {call.weight_g / 1000:.1f} kg and {call.volume_ml / 1000:.1f} l together."


def _too_late(call: Call, day: Day, free: Sequence[tuple[datetime, datetime]]) -> str:
    out, back = day.travel.time(day.depot, call.place), day.travel.time(call.place, day.depot)
    if all(start + out > call.window_end for start, _ in free):
        first = min(start for start, _ in free) + out
        closes, first = call.window_end.astimezone(day.zone), first.astimezone(day.zone)
        return f"No van can be there by {closes:%H:%M}, when its window closes: {first:%H:%M} at the earliest."
    longest = max(end - start for start, end in free)
    return f"Too far for a shift: there and back takes {_hours(out + day.service + back)}, a van has {_hours(longest)}."


def _hours(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"
