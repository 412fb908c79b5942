"""How patient-care records are answered: what each used or waits for, and what its codes and call signs mean."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from core.counting import count_of
from integrations.access import care_rows
from integrations.api.serializers import Shown
from integrations.models import CallSign, CareCode, CareRecord, CareUse
from integrations.queries.records import WAITING, call_signs, codes
from inventory.models import Item
from stations.models import Unit, User

WAITS_FOR = (
    "Waits for: unmapped, its code (/care-codes/); no_unit, its call sign (/call-signs/); witness, somebody who signs; "
    "short, stock of the unit (count it, then try-again); added, a person who settles the correction."
)


class UseShown(Shown):
    """One medication or procedure."""

    system = serializers.CharField(source="code.system")
    code = serializers.CharField(source="code.code")
    item = serializers.SlugRelatedField[Item](
        slug_field="sku", read_only=True, allow_null=True, help_text="SKU; null until the code is mapped."
    )
    state = serializers.ChoiceField(choices=CareUse.State.choices, help_text=WAITS_FOR)

    class Meta:
        model = CareUse
        fields = ("id", "kind", "system", "code", "times", "state", "why", "item", "quantity", "booked", "is_withdrawn")


class CareRecordShown(Shown):
    """A record that was taken. Of the patient it has nothing but its own number."""

    unit = serializers.SlugRelatedField[Unit](
        slug_field="code", read_only=True, allow_null=True, help_text="Call sign; null until it is known."
    )
    call_sign = serializers.CharField(source="call_sign.text", help_text="As the record writes it.")
    waiting = serializers.IntegerField(help_text="How many of its uses wait; each says for what.")
    digest = serializers.CharField(help_text="Of what it says now: `settle` is asked with the one that was read.")
    uses: Any = UseShown(many=True)

    class Meta:
        model = CareRecord
        fields = ("id", "agency", "number", "call_sign", "unit", "at", "is_corrected", "waiting", "digest", "uses")


class TakenShown(serializers.Serializer[Any]):
    """What came of a file: its records by how they were known, and the uses of the new ones."""

    new = serializers.IntegerField(help_text="Records taken.")
    same = serializers.IntegerField(help_text="Records that were taken before: nothing was changed.")
    corrected = serializers.IntegerField(help_text="Records that now say other uses: a person looks at them.")
    used = serializers.IntegerField(help_text="Uses that were taken off the books in full.")
    waiting = serializers.IntegerField(help_text="Uses that wait for a person.")
    not_counted = serializers.IntegerField(help_text="Not given, not by this unit, or nothing that is kept.")


class WaitingShown(serializers.Serializer[Any]):
    """What waits for a person, in all."""

    records = serializers.IntegerField(help_text="Records of which a use waits.")
    codes = serializers.IntegerField(help_text="Codes that nobody has mapped, of uses that wait.")
    units = serializers.IntegerField(help_text="Call signs that nobody has told, of uses that wait.")
    corrected = serializers.IntegerField(help_text="Records that came corrected and are not settled.")


class CareCodeShown(Shown):
    """What one entry of a code uses."""

    item = serializers.SlugRelatedField[Item](
        slug_field="sku", read_only=True, allow_null=True, help_text="SKU; null: none, or nobody has said."
    )
    waiting = serializers.IntegerField(help_text="How many uses wait until it is mapped.")

    class Meta:
        model = CareCode
        fields = (
            *("id", "system", "code", "name", "item", "quantity", "is_per_attempt", "uses_nothing", "waiting"),
            "version",
        )


class CallSignShown(Shown):
    """Which of our units records call so."""

    unit = serializers.SlugRelatedField[Unit](
        slug_field="code", read_only=True, allow_null=True, help_text="Code; null until somebody says."
    )
    waiting = serializers.IntegerField(help_text="How many uses wait until it is known.")

    class Meta:
        model = CallSign
        fields = ("id", "text", "unit", "waiting")


def shown_records(person: User) -> "QuerySet[Any, Any]":
    """The records that a person sees, as these show them: in three queries, however many."""
    seen = care_rows(person, CareRecord.objects.select_related("unit", "call_sign"))
    return seen.annotate(waiting=count_of(WAITING.all(), "record")).prefetch_related("uses__code", "uses__item")


def shown_codes(person: User) -> "QuerySet[Any, Any]":
    """The codes that a person sees, mapped or not."""
    return care_rows(person, codes(show="all"))


def shown_call_signs(person: User) -> "QuerySet[Any, Any]":
    """The call signs that a person sees, known or not."""
    return care_rows(person, call_signs())
