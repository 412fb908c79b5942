"""Par levels: read, edited one by one, and set a thousand at a time."""

from typing import Any
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import by_code, items_of, lines_field, refuse_twice
from integrations.api.base import ReadsVersions
from integrations.api.fields import CommandId, Id, Quantity, Text, Version
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.problems import FieldsRefused
from integrations.api.serializers import Asked
from integrations.api.shown.stock import ParLevelShown
from integrations.api.verbs import command
from integrations.api.versions import version_seen
from inventory.access import visible_locations
from inventory.actions.par_levels import ParChange, ParLevelsChanged, ParLevelsRefused, set_par_levels
from inventory.actions.par_undo import undo_par_levels
from inventory.models import ParLevel
from stations.models import User

ROWS = "levels"
# What the action calls a field, and what a body does.
NAMES = {"short": "short_below", "mandated": "mandated_minimum"}


class ParEdit(Asked):
    """What changes; the rest stays as it is."""

    par = Quantity(least=0, required=False, help_text="Fill up to this, in base units.")
    minimum = Quantity(least=0, required=False, help_text="Act below this.")
    short_below = Quantity(least=0, required=False, allow_null=True, help_text="Null: below the minimum.")
    mandated_minimum = Quantity(least=0, required=False, help_text="What a rule says must be here.")
    bin = Text(max_length=20, required=False, allow_blank=True)


class ParRow(ParEdit):
    """What one par level should be. One that there is needs the ``version`` that was read."""

    location = Id()
    item = Text(max_length=40, help_text="SKU.")
    par = Quantity(least=0)
    minimum = Quantity(least=0)
    version = Version(required=False, help_text="None for a new one.")


class ParRows(Asked):
    levels = lines_field(ParRow, min_length=1)


class Undone(Asked):
    command = CommandId(help_text="As the answer of the bulk named it.")


class ParLevelsSet(serializers.Serializer[Any]):
    """The par levels that differ now. What was so already is left out."""

    command = serializers.UUIDField(help_text="What `undo` takes back.")
    levels = ParLevelShown(many=True)


class ParLevels(ReadsVersions):
    """Fill up to ``par``; act below ``minimum``."""

    area = "par-levels"
    queryset = ParLevel.objects.all()
    serializer_class = ParLevelShown
    filterset_class = filters(ParLevel, "location", item="item__sku")

    def seen_by(self, person: User) -> QuerySet[ParLevel]:
        return ParLevel.objects.filter(location__in=visible_locations(person)).select_related("item")

    @extend_schema(request=ParEdit, responses=ParLevelShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Edit one. If-Match with the ETag that was read is needed; the same edit again is refused with 412."""
        level = self.get_object()
        seen = version_seen(request, is_required=True)
        change = _change(
            level, level.item_id, self.body(ParEdit).validated_data, level.version if seen is None else seen
        )
        try:
            set_par_levels(changes=[change], by=self.person, at=timezone.now(), request_id=uuid4())
        except ParLevelsRefused as refusal:
            named = {NAMES.get(name, name): reason for (_, name), reason in refusal.fields.items()}
            raise FieldsRefused(refusal, named) from refusal
        return self.done(level)

    partial_update.takes_version = True  # type: ignore[attr-defined]  # read by the schema

    @command(ParRows, ParLevelsSet, makes=False)
    def bulk(self, request: Request) -> Response:
        """Set many, all or none."""
        rows = self.body(ParRows).validated_data[ROWS]
        changes = self._changes(rows)
        number = {change.pair: at for at, change in enumerate(changes)}
        try:
            made = set_par_levels(changes=changes, **command_of(request))
        except ParLevelsRefused as refusal:
            named = {
                f"{ROWS}.{number[pair]}.{NAMES.get(name, name)}": said for (pair, name), said in refusal.fields.items()
            }
            raise FieldsRefused(refusal, named) from refusal
        except ParLevelsChanged as refusal:
            stale = {f"{ROWS}.{number[pair]}.version": said for pair, said in refusal.rows.items()}
            raise FieldsRefused(refusal, stale) from refusal
        return self._set(made)

    @command(Undone, ParLevelsSet, makes=False)
    def undo(self, request: Request) -> Response:
        """Set back what a bulk of yours changed, all or none: refused if one of them was changed again since. What it
        added becomes 0, which is never ordered for."""
        asked = self.body(Undone).validated_data
        return self._set(undo_par_levels(done=asked["command"], **command_of(request)))

    def _set(self, made: list[ParLevel]) -> Response:
        rows = ParLevel.objects.filter(pk__in=[level.pk for level in made]).select_related("item").order_by("pk")
        shown = ParLevelShown(rows, many=True, context=self.get_serializer_context()).data
        return Response({"command": str(command_of(self.request)["request_id"]), ROWS: shown})

    def _changes(self, rows: list[dict[str, Any]]) -> list[ParChange]:
        items = items_of(rows, path=ROWS)
        places = [row["location"] for row in rows]
        says = "There is no place {} that you may see."
        by_code(visible_locations(self.person), places, field="pk", says=says, path=ROWS, key="location")
        pairs = [(row["location"], items[row["item"]].pk) for row in rows]
        refuse_twice(ROWS, "item", pairs, "This place and item are named twice.")
        wanted = Q(location__in=set(places), item__in={item for _, item in pairs})
        now = {(level.location_id, level.item_id): level for level in ParLevel.objects.filter(wanted)}
        return [
            _change(now.get(pair) or ParLevel(location_id=pair[0]), pair[1], row, row.get("version"))
            for pair, row in zip(pairs, rows, strict=True)
        ]


def _change(level: ParLevel, item: int, asked: dict[str, Any], version: int | None) -> ParChange:
    """The par level as it is, with what was asked for."""
    minimum = asked.get("minimum", level.minimum)
    short = asked.get("short_below", level.short_below)
    if "short_below" not in asked and short is not None and short > minimum:
        short = None
    return ParChange(
        level.location_id,
        item,
        asked.get("par", level.par),
        minimum,
        asked.get("bin", level.bin),
        version,
        asked.get("mandated_minimum"),
        minimum if short is None and (level.pk or "short_below" in asked) else short,
    )
