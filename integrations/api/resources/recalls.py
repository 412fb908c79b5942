"""Recalls: taken from a file, read by a person, pulled to the last unit."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django_filters.filters import CharFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from integrations.access import recall_for
from integrations.actions.pulling import pull_recalled
from integrations.actions.recalls import take_recalls
from integrations.actions.reviewing import dismiss_recalls, match_by_hand
from integrations.api.asked import ITSELF, LotLine, by_code, lines_field, place_of
from integrations.api.base import CODE, ReadsWhole
from integrations.api.fields import Flag, Id, Ids, RecallNumbers, Text
from integrations.api.filters import WholeNumber, filters
from integrations.api.once import command_of, once
from integrations.api.recall_files import FILE, OPENFDA, PARSERS, RecallFile
from integrations.api.serializers import Asked
from integrations.api.shown.recalls import (
    DismissedShown,
    RecalledLevelShown,
    RecallShown,
    RecallsTaken,
    ReckoningShown,
    shown_recalls,
)
from integrations.api.signing import Witnessed, signature_in
from integrations.api.verbs import command, verb
from integrations.api.versions import version_seen
from integrations.models import Recall, RecalledLot
from integrations.queries.recall_places import levels_left, reckoning
from integrations.tasks import match_recalls
from inventory.access import visible_levels
from inventory.actions.lines import OfLot
from stations.access import READS_ALL, require_role
from stations.models import User


class OfItem(CharFilter):
    """Recalls that name a lot of this item."""

    def filter(self, qs: Any, value: Any) -> Any:
        named = RecalledLot.objects.filter(lot__item__sku=value)
        return qs.filter(pk__in=named.values("recall")) if value else qs


class OfLotFilter(WholeNumber):
    """Recalls that name this lot."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs if value is None else qs.filter(pk__in=RecalledLot.objects.filter(lot=value).values("recall"))


class Because(Asked):
    reason = Text(max_length=300, help_text="How you know; it stays with the recall.")


class Matched(Because):
    lots = Ids(default=list, help_text="Lots by their ids. None: those that it names already are all.")


class Dismissed(Because):
    recalls = RecallNumbers(min_length=1, help_text="Their numbers.")


class Pulled(Witnessed):
    location = Id(help_text="A place, by its id.")
    is_destroyed = Flag(default=False, help_text="Destroyed here; else it goes back to the supplier.")
    lines = lines_field(LotLine, min_length=1)


class Recalls(ReadsWhole):
    """What makers take back. Its lots are off every shelf at once, and followed to the last unit. What is left changes
    without the version, which is that of the record and of what was decided."""

    area = "recalls"
    inner_lists = ("places",)
    queryset = Recall.objects.all()
    serializer_class = RecallShown
    lookup_field = "number"
    lookup_value_regex = CODE
    filterset_class = filters(
        Recall,
        *("state", "classification"),
        item=OfItem(field_name="lots__lot__item__sku"),  # type: ignore[no-untyped-call]
        lot=OfLotFilter(field_name="lots__lot"),
    )

    def seen_by(self, person: User) -> QuerySet[Any]:
        return shown_recalls(person)

    @extend_schema(responses=RecalledLevelShown(many=True), operation_id="recalls_places_list", filters=False)
    @action(detail=True, methods=["get"], serializer_class=RecalledLevelShown, filterset_class=None)
    def places(self, request: Request, number: str) -> Response:
        """Where its units are left."""
        levels = levels_left(recall_for(self.person, number), visible_levels(self.person))
        page = self.paginate_queryset(
            levels.select_related("lot__item", "location__station", "location__unit__station")
        )
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses=ReckoningShown)
    @action(detail=True, methods=["get"], serializer_class=ReckoningShown, filterset_class=None)
    def reckoning(self, request: Request, number: str) -> Response:
        """What became of every unit of it, everywhere."""
        found = recall_for(self.person, number)
        require_role(self.person, *READS_ALL)
        return Response(ReckoningShown(reckoning(found)).data)

    @extend_schema(
        request={"application/json": FILE, "application/xml": OpenApiTypes.BINARY},
        responses={201: RecallsTaken},
        examples=[OpenApiExample("openFDA", OPENFDA, request_only=True, media_type="application/json")],
    )
    @action(detail=False, methods=["post"], filterset_class=None, parser_classes=PARSERS)
    @once
    def take(self, request: Request) -> Response:
        """Take a file of records, all or none: what they name is held at once. Logistics only."""
        if not isinstance(request.data, RecallFile):
            raise DomainError("The body is empty. Send the file as it is; nothing was taken.")
        taken = take_recalls(records=request.data.records, **command_of(request))
        _look_again()
        return Response(RecallsTaken(taken).data, status=201)

    @verb(Matched, RecallShown)
    def match(self, request: Request, number: str) -> Response:
        """Say after reading which lots it names: they are recalled everywhere. Logistics only."""
        asked = self.body(Matched).validated_data
        recall, version = recall_for(self.person, number), version_seen(request)
        done = match_by_hand(recall=recall, version=version, **asked, **command_of(request))
        _look_again()
        return self.done(done)

    @verb(Because, RecallShown, name="dismiss")
    def dismiss_one(self, request: Request, number: str) -> Response:
        """Say that nothing of it is ours. Refused while a lot is held for it. Logistics only."""
        asked = self.body(Because).validated_data
        recall, version = recall_for(self.person, number), version_seen(request)
        dismiss_recalls(recalls=[recall.pk], version=version, **asked, **command_of(request))
        return self.done(recall)

    @extend_schema(operation_id="recalls_dismiss_many")
    @command(Dismissed, DismissedShown, makes=False)
    def dismiss(self, request: Request) -> Response:
        """Say of many that nothing of them is ours, all or none. Logistics only."""
        asked = self.body(Dismissed).validated_data
        require_role(self.person, User.Role.LOGISTICS)
        says = "There is no recall {}."
        found = by_code(Recall.objects.all(), asked["recalls"], field="number", says=says, path="recalls", key=ITSELF)
        pks = [one.pk for one in found.values()]
        count = dismiss_recalls(recalls=pks, reason=asked["reason"], **command_of(request))
        return Response(DismissedShown({"dismissed": count}).data)

    @verb(Pulled, RecallShown, has_version=False)
    def pull(self, request: Request, number: str) -> Response:
        """Take its lots off a place and out of the books; a scheduled drug before a witness, who signs. It closes when
        nothing is left anywhere."""
        asked = self.body(Pulled).validated_data
        recall = recall_for(self.person, number)
        place = place_of(self.person, asked["location"])
        done = pull_recalled(
            recall=recall,
            location=place,
            lines=[OfLot(line["lot"], line["quantity"]) for line in asked["lines"]],
            is_destroyed=asked["is_destroyed"],
            witness=signature_in(request, asked, at=place.owner),
            **command_of(request),
        )
        return self.done(done)


def _look_again() -> None:
    """Whoever was promising such a lot while this call was not yet on the books could not know: it is taken back then,
    and by the clock if no worker hears of it."""
    transaction.on_commit(match_recalls.delay, robust=True)
