"""``ems proposal``, ``ems limit``, ``ems policy`` and ``ems target``."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from core.errors import DomainError
from dashboard.actions.targets import set_target
from dashboard.queries.figures import BY_SLUG
from dashboard.queries.targets import tenths_of
from integrations.api.shown.limits import LimitsShown, limited_places
from integrations.api.shown.par_proposals import ParProposalShown, shown_proposals
from integrations.api.shown.policies import PoliciesShown, policies_now
from integrations.api.shown.targets import shown_target, shown_targets, target_now
from integrations.command_line.nouns.stock import AT, PLACE
from integrations.command_line.readers import place_for, shows
from integrations.command_line.table import ID, ITEM, REASON, Asked, Field, Noun, Verb, listing, whole
from inventory.actions.deciding import accept_proposals, decline_proposals
from inventory.actions.limits import Limits, set_limits
from inventory.actions.policies import set_policies
from inventory.models import Item, ParProposal
from stations.access import READS_ALL, require_role
from stations.models import Location

UNSAID = object()  # what a line does not say stays as it is


def _number_or_none(text: str) -> int | None:
    return None if text == "none" else whole(text)


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"write one of {', '.join(words)}")
        return text

    return read


def _proposals(asked: Asked) -> QuerySet[ParProposal]:
    rows = shown_proposals(asked.by)
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    if asked["place"]:
        rows = rows.filter(location=place_for(asked.by, asked["place"]))
    return rows.filter(item__sku=asked["item"]) if asked["item"] else rows


def _decided(asked: Asked, done: Sequence[ParProposal]) -> Any:
    rows = shown_proposals(asked.by).filter(pk__in=[one.pk for one in done]).order_by("pk")
    return {"proposals": shows(ParProposalShown)(rows)}


def _accept(asked: Asked) -> Any:
    return _decided(asked, accept_proposals(proposals=[line["id"] for line in asked.lines], **asked.command))


def _decline(asked: Asked) -> Any:
    pks = [line["id"] for line in asked.lines]
    return _decided(asked, decline_proposals(proposals=pks, reason=asked["reason"], **asked.command))


PROPOSALS = Noun(
    "proposal",
    "other par levels, worked out from the ledger",
    (
        listing(
            "list",
            "proposals for par levels",
            _proposals,
            shows(ParProposalShown),
            Field("state", "in this state", choices=ParProposal.State.values),
            AT,
            ITEM,
        ),
        Verb("accept", "make them the par levels, all or none", _accept, line=(ID,), needs_lines=True),
        Verb("decline", "decline them, all or none", _decline, fields=(REASON,), line=(ID,), needs_lines=True),
    ),
)


def _limited(asked: Asked) -> QuerySet[Location]:
    require_role(asked.by, *READS_ALL)
    return limited_places(asked.by)


def _limits(asked: Asked) -> QuerySet[Location]:
    rows = _limited(asked)
    return rows.filter(pk=place_for(asked.by, asked["place"]).pk) if asked["place"] else rows


def _set_limits(asked: Asked) -> Any:
    found = _limited(asked).filter(pk=place_for(asked.by, asked["place"]).pk).first()
    if found is None:
        raise DomainError("A van keeps no par levels, so it has no limits. Nothing was changed.")
    now = Limits.of(found)
    said = {name: asked[name] for name in ("volume_ml", "stock_budget_cents") if asked[name] is not UNSAID}
    set_limits(place=found, limits=replace(now, **said), seen=now, **asked.command)
    return LimitsShown(limited_places(asked.by).get(pk=found.pk)).data


LIMITS = Noun(
    "limit",
    "what places hold and what a station's stock may be worth",
    (
        listing("list", "limits of places", _limits, shows(LimitsShown), AT),
        Verb(
            "set",
            "what proposals for par levels must keep within",
            _set_limits,
            PLACE,
            (
                Field("volume_ml", "what the place holds, or none", _number_or_none, default=UNSAID),
                Field("stock_budget_cents", "of the whole station, or none", _number_or_none, default=UNSAID),
            ),
        ),
    ),
)


def _policies(asked: Asked) -> Any:
    require_role(asked.by, *READS_ALL)
    return PoliciesShown(policies_now()).data


def _said(asked: Asked) -> list[dict[str, Any]]:
    return [{name: value for name, value in line.items() if value is not UNSAID} for line in asked.lines]


def _set_kinds(asked: Asked) -> Any:
    now = policies_now()
    set_policies(policies=now.with_kinds(_said(asked)), seen=now.seen, **asked.command)
    return _policies(asked)


def _set_classes(asked: Asked) -> Any:
    now = policies_now()
    set_policies(policies=[], classes=now.with_classes(_said(asked)), seen=now.seen, **asked.command)
    return _policies(asked)


POLICIES = Noun(
    "policy",
    "what the division decides for each kind and class of items",
    (
        Verb("list", "all of them", _policies),
        Verb(
            "set-kinds",
            "how far ahead stock must last, and what is shown as expiring",
            _set_kinds,
            line=(
                Field("kind", "of items", _one_of(Item.Kind.values), needed=True),
                Field("horizon_days", "or none: until the delivery after next", _number_or_none, default=UNSAID),
                Field("expiring_days", "shown so early", whole, default=UNSAID),
            ),
            needs_lines=True,
        ),
        Verb(
            "set-classes",
            "what must be there when it is asked for, and what it costs when it is not",
            _set_classes,
            line=(
                Field("criticality", "A, B or C", _one_of(Item.Criticality.values), needed=True),
                Field("fill_floor_bp", "hundredths of a percent", whole, default=UNSAID),
                Field("lost_unit_cents", "of one unit", whole, default=UNSAID),
            ),
            needs_lines=True,
        ),
    ),
)


def _targets(asked: Asked) -> Any:
    require_role(asked.by, *READS_ALL)
    return {"rows": shown_targets()}


def _set_target(asked: Asked) -> Any:
    definition, target = target_now(asked["figure"])
    seen = tenths_of(definition, target)
    set_target(figure=asked["figure"], tenths=asked["tenths"], seen=seen, **asked.command)
    return shown_target(*target_now(asked["figure"]))


TARGETS = Noun(
    "target",
    "what the chief's figures should be",
    (
        Verb("list", "of every figure", _targets),
        Verb(
            "set",
            "what a figure should be",
            _set_target,
            Field("figure", "its name, as `list` gives it", _one_of(list(BY_SLUG)), needed=True),
            (Field("tenths", "of its unit, or none", _number_or_none, needed=True),),
        ),
    ),
)
