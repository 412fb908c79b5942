"""``ems recall``."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from integrations.access import recall_for, visible_recalls
from integrations.actions.pulling import pull_recalled
from integrations.command_line.nouns.stock import LOT_LINE, lots_in
from integrations.command_line.readers import place_for
from integrations.command_line.table import Asked, Field, Noun, Verb, listing
from integrations.command_line.witnesses import WITNESSED, signature_in
from integrations.models import Recall
from stations.access import require_role
from stations.models import User


def _listed(asked: Asked) -> QuerySet[Recall]:
    rows = visible_recalls(asked.by)
    return rows.filter(state=asked["state"]) if asked["state"] else rows


def _shown(rows: Iterable[Recall]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "number": one.number,
            "state": one.state,
            "received_at": one.received_at.isoformat(),
            "closed_at": one.closed_at and one.closed_at.isoformat(),
            "version": one.version,
        }
        for one in rows
    ]


def _pull(asked: Asked) -> Any:
    require_role(asked.by, User.Role.OFFICER, User.Role.LOGISTICS)
    recall = recall_for(asked.by, asked["number"])
    place = place_for(asked.by, asked["place"], write=True)
    lines = lots_in(asked)
    done = pull_recalled(
        recall=recall,
        location=place,
        lines=lines,
        is_destroyed=asked["destroyed"],
        witness=signature_in(asked, at=place.owner),
        **asked.command,
    )
    return _shown([done])[0]


RECALLS = Noun(
    "recall",
    "what its maker calls back",
    (
        listing(
            "list",
            "recalls that concern this person",
            _listed,
            _shown,
            Field("state", "in this state", choices=Recall.State.values),
        ),
        Verb(
            "pull",
            "take its lots off a place and out of the books",
            _pull,
            Field("number", "its number, as D-0123-2026", needed=True),
            (
                Field("place", "where: S7, S7:safe, M7", needed=True),
                Field("destroyed", "it is destroyed; else it goes back to the supplier", is_flag=True),
                *WITNESSED,
            ),
            LOT_LINE,
            needs_lines=True,
        ),
    ),
)
