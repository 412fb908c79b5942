"""``ems recall``."""

from typing import Any

from django.db.models import QuerySet

from integrations.access import recall_for
from integrations.actions.pulling import pull_recalled
from integrations.actions.reviewing import dismiss_recalls, match_by_hand
from integrations.api.shown.recalls import RecallShown, shown_recalls
from integrations.command_line.nouns.stock import LOT, LOT_LINE, OF_ITEM, lots_in
from integrations.command_line.readers import lots_of, place_for, shown, shows
from integrations.command_line.table import REASON, VERSION, Asked, Field, Noun, Verb, listing
from integrations.command_line.witnesses import WITNESSED, signature_in
from integrations.models import Recall
from stations.access import require_role
from stations.models import User

NUMBER = Field("number", "its number, as D-0123-2026", needed=True)


def _listed(asked: Asked) -> QuerySet[Recall]:
    rows = shown_recalls(asked.by)
    return rows.filter(state=asked["state"]) if asked["state"] else rows


def _shown(asked: Asked) -> Any:
    return shown(RecallShown, shown_recalls(asked.by), recall_for(asked.by, asked["number"]).pk)


def _match(asked: Asked) -> Any:
    recall = recall_for(asked.by, asked["number"])
    lots = lots_of(asked.lines)
    match_by_hand(recall=recall, version=asked["version"], lots=lots, reason=asked["reason"], **asked.command)
    return _shown(asked)


def _dismiss(asked: Asked) -> Any:
    recall = recall_for(asked.by, asked["number"])
    dismiss_recalls(recalls=[recall.pk], version=asked["version"], reason=asked["reason"], **asked.command)
    return _shown(asked)


def _pull(asked: Asked) -> Any:
    require_role(asked.by, User.Role.OFFICER, User.Role.LOGISTICS)
    recall = recall_for(asked.by, asked["number"])
    place = place_for(asked.by, asked["place"], write=True)
    lines = lots_in(asked)
    pull_recalled(
        recall=recall,
        location=place,
        lines=lines,
        is_destroyed=asked["destroyed"],
        witness=signature_in(asked, at=place.owner),
        **asked.command,
    )
    return _shown(asked)


RECALLS = Noun(
    "recall",
    "what its maker calls back",
    (
        listing(
            "list",
            "recalls that concern this person",
            _listed,
            shows(RecallShown),
            Field("state", "in this state", choices=Recall.State.values),
        ),
        Verb("show", "one", _shown, NUMBER),
        Verb(
            "match",
            "say after reading which lots it names; without lines, those that it names already are all",
            _match,
            NUMBER,
            (VERSION, REASON),
            (OF_ITEM, LOT),
        ),
        Verb("dismiss", "say that nothing of it is ours", _dismiss, NUMBER, (VERSION, REASON)),
        Verb(
            "pull",
            "take its lots off a place and out of the books",
            _pull,
            NUMBER,
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
