"""What is to be told, and to whom: made of events and of what lasts, before it is known who that is by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.models import NoticeKind
from stations.models import Event, Station, User


@dataclass(frozen=True, slots=True)
class Telling:
    """To tell everybody of a role: an officer where ``station`` is theirs, a driver if they are the ``person``.

    ``key`` says what it is about: nobody is told of the same key twice. ``is_to_act`` leaves out officers who only
    look; ``apart_from`` is who did it, who knows already. ``event`` is an id too.
    """

    kind: NoticeKind
    role: User.Role
    key: str
    target: str
    facts: Mapping[str, object] = field(default_factory=dict)
    station: int | None = None
    person: int | None = None
    event: int | None = None
    apart_from: int | None = None
    is_to_act: bool = False


def of_event(
    event: Event,
    kind: NoticeKind,
    role: User.Role,
    target: str,
    facts: Mapping[str, object],
    *,
    station: Station | None = None,
    person: int | None = None,
    is_to_act: bool = False,
) -> Telling:
    """To tell a role of an event; not the one who caused it."""
    return Telling(
        kind=kind,
        role=role,
        key=f"event:{event.pk}:{kind}",
        target=target,
        facts={**facts, "station": station.name} if station else facts,
        station=station.pk if station else None,
        person=person,
        event=event.pk,
        apart_from=event.command.by_id,
        is_to_act=is_to_act,
    )


def keeper(station: Station) -> User.Role:
    """Who looks after the stock of a place: logistics in a warehouse, elsewhere the officers of the station."""
    return User.Role.LOGISTICS if station.kind == Station.Kind.WAREHOUSE else User.Role.OFFICER
