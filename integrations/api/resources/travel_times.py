"""The division's own travel times: read, and set a thousand at a time."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.asked import by_code, lines_field, refuse_twice
from integrations.api.base import Lists
from integrations.api.fields import Text, Whole
from integrations.api.filters import filters
from integrations.api.once import command_of
from integrations.api.problems import FieldsRefused
from integrations.api.serializers import Asked, Shown
from integrations.api.verbs import command
from inventory.imports.problems import Problem
from inventory.imports.sources import from_bytes
from orders.actions.travel_times import TravelTimesRefused, load_travel_times
from orders.models import TravelTime
from orders.queries.travel_file import TRAVEL_TIMES, plan_travel_times
from stations.access import require_role
from stations.models import Station, User

ROWS = "times"
MOST = 2**31 - 1
ENDS = ("origin", "destination")
NAMES = {"from": "origin", "to": "destination"}  # what the file calls a field, and what a body does
NO_STATION = "There is no station {}."
FIRST_ROW = 2  # of a file: its first line has the names of the columns


class TravelTimeShown(Shown):
    origin = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)
    destination = serializers.SlugRelatedField[Station](slug_field="code", read_only=True)

    class Meta:
        model = TravelTime
        fields = ("id", "origin", "destination", "metres", "seconds")


class TravelTimeRow(Asked):
    """One way. The way back is a row of its own."""

    origin = Text(max_length=20, help_text="Code of the station that it leads from.")
    destination = Text(max_length=20, help_text="Code of the station that it leads to.")
    metres = Whole(min_value=0, max_value=MOST)
    seconds = Whole(min_value=1, max_value=MOST)


class TravelTimeRows(Asked):
    times = lines_field(TravelTimeRow, min_length=1)


class TravelTimesSet(serializers.Serializer[Any]):
    """How many ways are new, differ now, or were so already."""

    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()


class TravelTimes(Lists):
    """How long a van takes from one station to another, as the division measured it; what is not here goes by great
    circle."""

    area = "runs"
    queryset = TravelTime.objects.all()
    serializer_class = TravelTimeShown
    filterset_class = filters(TravelTime, origin="origin__code", destination="destination__code")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(self.person, User.Role.LOGISTICS)

    def seen_by(self, person: User) -> QuerySet[TravelTime]:
        return TravelTime.objects.select_related("origin", "destination")

    @command(TravelTimeRows, TravelTimesSet, makes=False)
    def bulk(self, request: Request) -> Response:
        """Set many, all or none; ways that are not named stay as they are. What is wrong is named by row:
        `times.3.seconds`."""
        rows = self.body(TravelTimeRows).validated_data[ROWS]
        stations = Station.objects.all()
        for end in ENDS:
            by_code(stations, [row[end] for row in rows], field="code", says=NO_STATION, path=ROWS, key=end)
        ways = [tuple(row[end] for end in ENDS) for row in rows]
        refuse_twice(ROWS, "destination", ways, "This way is named twice.")
        source = from_bytes("api.csv", _file(rows))
        try:
            done = load_travel_times(source=source, seen=plan_travel_times(source).mark, **command_of(request))
        except TravelTimesRefused as refusal:
            raise FieldsRefused(refusal, _by_row(refusal.found)) from refusal
        return Response(TravelTimesSet(done.details).data)


def _by_row(problems: Iterable[Problem]) -> dict[str, str]:
    """What is wrong with the file, by the field of the body that it is about."""
    return {
        f"{ROWS}.{(one.line or FIRST_ROW) - FIRST_ROW}.{NAMES.get(one.column, one.column)}": one.reason
        for one in problems
    }


def _file(rows: list[dict[str, Any]]) -> bytes:
    """The rows as the file of the page has them."""
    written = StringIO()
    file = csv.writer(written)
    file.writerow(TRAVEL_TIMES.required)
    file.writerows([row["origin"], row["destination"], row["metres"], row["seconds"]] for row in rows)
    return written.getvalue().encode()
