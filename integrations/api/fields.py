"""Fields of bodies. Each takes only what the schema says: no number for a text, no text for a number, no day before or
after any calendar that people keep."""

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

LARGEST = 2**63 - 1
DASHED = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FIRST, LAST = date(1970, 1, 1), date(2200, 1, 1)
OUT_OF_RANGE = "That day lies outside of every calendar here: write one from 1970 to 2199."


class Text(serializers.CharField):
    """Words. They may be so long with the blanks around them, which are not kept."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class Quantity(Whole):
    """So many base units."""

    def __init__(self, *, least: int = 1, **kwargs: Any) -> None:
        super().__init__(min_value=least, max_value=1_000_000, **kwargs)


class Id(Whole):
    """The id of a thing, as answers give it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST, **kwargs)


class Rows(serializers.ListField):
    """A list that is not looked into if it is too long."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.run_validators(data)
        return super().to_internal_value(data)


class Version(Whole):
    """The version of a thing, as answers give it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**31 - 1, **kwargs)


class Ids(serializers.ListField):
    """Ids, at most a thousand."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Id(), max_length=1000, **kwargs)


class CommandId(serializers.UUIDField):
    """The id of a command, as an answer gave it."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or not DASHED.fullmatch(data):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Codes(serializers.ListField):
    """Codes of stations, at most a thousand."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Text(max_length=20), max_length=1000, **kwargs)


class RecallNumbers(serializers.ListField):
    """Numbers of recalls, at most a thousand."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Text(max_length=20), max_length=1000, **kwargs)


class Flag(serializers.BooleanField):
    """Yes or no."""

    def to_internal_value(self, data: Any) -> bool | None:  # type: ignore[override]  # as the field itself
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class One(serializers.ChoiceField):
    """One of these words."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Day(serializers.DateField):
    """A date."""

    default_error_messages = {"out_of_range": OUT_OF_RANGE}

    def to_internal_value(self, data: Any) -> date:
        found = super().to_internal_value(data)
        if not FIRST <= found < LAST:
            self.fail("out_of_range")
        return found


class Moment(serializers.DateTimeField):
    """A date and a time. Without an offset it is of the division's time zone."""

    default_error_messages = {"out_of_range": OUT_OF_RANGE, "overflow": OUT_OF_RANGE}

    def to_internal_value(self, data: Any) -> datetime:
        found = super().to_internal_value(data)
        if not FIRST <= found.astimezone(UTC).date() < LAST:
            self.fail("out_of_range")
        return found
