"""What codes of patient-care records use, and which units their call signs are: decided once, by logistics."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.actions.mapping import MOST_PER_ENTRY, map_call_sign, map_code
from integrations.api.asked import item_of, one_by_code
from integrations.api.base import Reads, ReadsWhole
from integrations.api.fields import Flag, Text, Whole
from integrations.api.filters import IsWaiting, filters
from integrations.api.once import command_of
from integrations.api.serializers import Asked
from integrations.api.shown.care_records import CallSignShown, CareCodeShown, shown_call_signs, shown_codes
from integrations.api.verbs import verb
from integrations.api.versions import version_seen
from integrations.models import CallSign, CareCode
from integrations.queries.records import UNMAPPED, WITHOUT_UNIT
from stations.models import Unit, User


class Mapped(Asked):
    item = Text(max_length=40, allow_null=True, help_text="SKU. Null: it uses nothing that is kept in stock.")
    quantity = Whole(min_value=1, max_value=MOST_PER_ENTRY, default=1, help_text="Base units that one entry uses.")
    is_per_attempt = Flag(default=False, help_text="So many for each attempt at the procedure.")


class CalledSo(Asked):
    unit = Text(max_length=20, help_text="Code of an ambulance, engine or supervisor.")


class CareCodes(ReadsWhole):
    """Codes of medications and procedures, and what one entry of each uses. How many uses wait changes without the
    version, which is that of the mapping."""

    area = "usage"
    queryset = CareCode.objects.all()
    serializer_class = CareCodeShown
    filterset_class = filters(
        CareCode,
        *("system", "code", "uses_nothing"),
        item="item__sku",
        is_waiting=IsWaiting(UNMAPPED, "code"),
    )

    def seen_by(self, person: User) -> QuerySet[Any]:
        return shown_codes(person)

    @verb(Mapped, CareCodeShown, name="map")
    def map_to(self, request: Request, pk: str) -> Response:
        """Say what one entry of it uses: what waited for that is booked at once. What was booked stays."""
        asked = self.body(Mapped).validated_data
        sku = asked.pop("item")
        item = None if sku is None else item_of(sku)
        version = version_seen(request)
        return self.done(map_code(code=self.get_object(), item=item, version=version, **asked, **command_of(request)))


class CallSigns(Reads):
    """What records call our units. One that is written like a unit's own code is known without."""

    area = "usage"
    queryset = CallSign.objects.all()
    serializer_class = CallSignShown
    filterset_class = filters(
        CallSign, "text", unit="unit__code", is_waiting=IsWaiting(WITHOUT_UNIT, "record__call_sign")
    )

    def seen_by(self, person: User) -> QuerySet[Any]:
        return shown_call_signs(person)

    @verb(CalledSo, CallSignShown, name="map", has_version=False)
    def map_to(self, request: Request, pk: str) -> Response:
        """Say which unit it is: what waited for that is booked at once. Records that have a unit keep it."""
        code = self.body(CalledSo).validated_data["unit"]
        unit = one_by_code(Unit.objects.all(), code, field="code", says="There is no unit {}.", key="unit")
        return self.done(map_call_sign(sign=self.get_object(), unit=unit, **command_of(request)))
