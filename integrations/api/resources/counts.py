"""Counts: opened, counted line by line or a thousand at a time, finished, posted; or given up."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import NO_ITEM, Nothing, Reason, by_code, lines_field, one_by_code, place_of, refuse_twice
from integrations.api.base import ReadsVersions
from integrations.api.fields import Day, Flag, Id, Quantity, Text
from integrations.api.filters import filters
from integrations.api.once import command_of, once
from integrations.api.problems import FieldsRefused
from integrations.api.serializers import Asked
from integrations.api.shown.counts import CountLineShown, CountShown, LinesCounted
from integrations.api.verbs import creates, verb
from integrations.api.versions import version_seen
from inventory.access import count_for, visible_counts
from inventory.actions import counts as actions
from inventory.actions.count_lines import Counted, CountedMeanwhile
from inventory.models import CountLine, CycleCount, Item
from inventory.queries.counts import listed
from stations.models import User


class NewCount(Asked):
    location = Id(help_text="The place, by its id.")
    is_blind = Flag(default=False, help_text="Who counts does not see what the books expect.")


class LineCounted(Asked):
    """What was counted of a lot. ``seen`` is the number that stood there before; nothing if there was none."""

    lot = Id()
    counted = Quantity(least=0)
    seen = Quantity(least=0, required=False, allow_null=True)


class Lines(Asked):
    lines = lines_field(LineCounted, min_length=1)


class Found(Asked):
    """A lot that the list does not name."""

    item = Text(max_length=40, help_text="SKU.")
    lot_number = Text(max_length=40, default="", allow_blank=True)
    expires_on = Day(default=None, allow_null=True)
    counted = Quantity(least=0)


class Explained(Asked):
    lot = Id()
    reason = Text(max_length=120)


class Posting(Asked):
    """Why the lines differ: each that does, or one reason for all that have none of their own."""

    reasons = lines_field(Explained, default=list)
    reason_for_others = Text(max_length=120, default="", allow_blank=True)


class Counts(ReadsVersions):
    """Counted against expected in one place. While it is open each line guards itself by ``seen``."""

    area = "counts"
    inner_lists = ("lines",)
    queryset = CycleCount.objects.all()
    serializer_class = CountShown
    filterset_class = filters(CycleCount, "location", "state", "is_blind", "is_spot")

    def seen_by(self, person: User) -> QuerySet[CycleCount]:
        return listed(visible_counts(person))

    @creates(NewCount, CountShown)
    def create(self, request: Request) -> Response:
        """Begin to count a place."""
        asked = self.body(NewCount).validated_data
        place = place_of(self.person, asked["location"])
        made = actions.open_count(location=place, is_blind=asked["is_blind"], **command_of(request))
        return self.done(made, status=201)

    @extend_schema(responses=CountLineShown(many=True), operation_id="counts_lines_list", filters=False)
    @action(detail=True, methods=["get"], serializer_class=CountLineShown, filterset_class=None)
    def lines(self, request: Request, pk: str) -> Response:
        """The lots that are to be counted."""
        page = self.paginate_queryset(_lines_of(count_for(self.person, int(pk))))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=LineCounted, responses=CountLineShown)
    @lines.mapping.post
    @once
    def record(self, request: Request, pk: str) -> Response:
        """Say what was counted of one lot; the rest may follow, by others too."""
        [line] = self._record(pk, [self.body(LineCounted).validated_data])
        return Response(self.get_serializer(line).data)

    @extend_schema(request=Lines, responses=LinesCounted)
    @action(detail=True, methods=["post"], url_path="lines/bulk", serializer_class=CountLineShown)
    @once
    def bulk(self, request: Request, pk: str) -> Response:
        """Say what was counted of up to 1,000 lots, all or none."""
        lines = self._record(pk, self.body(Lines).validated_data["lines"], path="lines.{}.")
        return Response({"lines": self.get_serializer(lines, many=True).data})

    @verb(Found, CountShown, has_version=False)
    def found(self, request: Request, pk: str) -> Response:
        """Count a lot that the books did not expect here."""
        asked = self.body(Found).validated_data
        item = one_by_code(Item.objects.all(), asked["item"], field="sku", says=NO_ITEM, key="item")
        count = actions.add_found_lot(
            count=count_for(self.person, int(pk), write=True),
            item=item,
            number=asked["lot_number"],
            expires_on=asked["expires_on"],
            counted=asked["counted"],
            **command_of(request),
        )
        return self.done(count)

    @verb(Nothing, CountShown)
    def finish(self, request: Request, pk: str) -> Response:
        """Say that all is counted."""
        self.body(Nothing)
        return self._step(actions.finish_count, pk)

    @verb(Posting, CountShown, name="post")
    def bring_to_the_books(self, request: Request, pk: str) -> Response:
        """Bring the books to what was counted."""
        asked = self.body(Posting).validated_data
        refuse_twice("reasons", "lot", [one["lot"] for one in asked["reasons"]], "This lot is named twice.")
        count = count_for(self.person, int(pk), write=True)
        others = asked["reason_for_others"]
        varying = [line.lot_id for line in count.lines.all() if line.variance]
        reasons = dict.fromkeys(varying, others) | {one["lot"]: one["reason"] for one in asked["reasons"]}
        return self._step(actions.post_count, pk, reasons=reasons)

    @verb(Reason, CountShown)
    def cancel(self, request: Request, pk: str) -> Response:
        """Give it up. Nothing in stock changes."""
        return self._step(actions.cancel_count, pk, **self.body(Reason).validated_data)

    def _step(self, act: Any, pk: str, **asked: Any) -> Response:
        count = count_for(self.person, int(pk), write=True)
        return self.done(act(count=count, version=version_seen(self.request), **asked, **command_of(self.request)))

    def _record(self, pk: str, asked: Sequence[Mapping[str, Any]], *, path: str = "") -> list[CountLine]:
        """The lines as they are once these numbers are kept. Refuses by line, whatever their number."""
        count = count_for(self.person, int(pk), write=True)
        lots = [line["lot"] for line in asked]
        says = "Lot {} is not on the list of this count."
        refuse_twice("lines", "lot", lots, "This lot is named twice.")
        if path:
            by_code(count.lines.all(), lots, field="lot_id", says=says, key="lot")
        else:
            one_by_code(count.lines.all(), lots[0], field="lot", says=says, key="lot")
        lines = [Counted(line["lot"], line["counted"], line.get("seen")) for line in asked]
        try:
            actions.record_count(count=count, lines=lines, **command_of(self.request))
        except CountedMeanwhile as refusal:
            named = {f"{path.format(at)}seen": refusal.lots[lot] for at, lot in enumerate(lots) if lot in refusal.lots}
            raise FieldsRefused(refusal, named) from refusal
        found = {line.lot_id: line for line in _lines_of(count).filter(lot__in=lots)}
        return [found[lot] for lot in lots]


def _lines_of(count: CycleCount) -> QuerySet[CountLine]:
    return count.lines.select_related("count", "lot__item")
