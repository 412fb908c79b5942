"""``ems care-record``, ``ems care-code`` and ``ems call-sign``."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from integrations.actions import waiting
from integrations.actions.corrections import settle_correction
from integrations.actions.mapping import map_call_sign, map_code
from integrations.api.shown.care_records import (
    CallSignShown,
    CareCodeShown,
    CareRecordShown,
    shown_call_signs,
    shown_codes,
    shown_records,
)
from integrations.command_line.readers import UnknownCodes, items_of, shown, shows
from integrations.command_line.table import ID, REASON, VERSION, Asked, Field, Noun, Verb, listing, whole
from integrations.command_line.witnesses import WITNESSED, signed_by
from integrations.models import CareRecord
from stations.access import require_role
from stations.models import Unit, User

WAITING = Field("waiting", "only those for which something waits", is_flag=True)
WITNESS, PASSWORD_FROM = WITNESSED


def _record(asked: Asked) -> CareRecord:
    record: CareRecord = get_object_or_404(shown_records(asked.by), pk=asked["id"])
    return record


def _shown(asked: Asked) -> Any:
    return shown(CareRecordShown, shown_records(asked.by), _record(asked).pk)


def _listed(asked: Asked) -> QuerySet[Any]:
    rows = shown_records(asked.by)
    if asked["number"]:
        rows = rows.filter(number=asked["number"])
    if asked["corrected"]:
        rows = rows.filter(is_corrected=True)
    return _waiting(asked, rows)


def _waiting(asked: Asked, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(waiting__gt=0) if asked["waiting"] else rows


def _try_again(asked: Asked) -> Any:
    waiting.try_again(record=_record(asked), **asked.command)
    return _shown(asked)


def _witness(asked: Asked) -> Any:
    require_role(asked.by, User.Role.LOGISTICS)
    record = _record(asked)
    witness = signed_by(asked, at=waiting.witnessed_at(record))
    waiting.confirm_with_witness(record=record, witness=witness, **asked.command)
    return _shown(asked)


def _settle(asked: Asked) -> Any:
    takes_added = asked["added"] == "book"
    settle_correction(record=_record(asked), takes_added=takes_added, seen=asked["seen"], **asked.command)
    return _shown(asked)


def _leave_out(asked: Asked) -> Any:
    use = _record(asked).uses.filter(pk=asked["use"]).first()
    if use is None:
        raise UnknownCodes(f"This record has no use {asked['use']}. Nothing was changed; `show` gives their ids.")
    waiting.leave_out(use=use, reason=asked["reason"], **asked.command)
    return _shown(asked)


CARE_RECORDS = Noun(
    "care-record",
    "patient-care records; take_records takes their files",
    (
        listing(
            "list",
            "those that were taken",
            _listed,
            shows(CareRecordShown),
            Field("number", "of this number"),
            WAITING,
            Field("corrected", "only those that came corrected and are not settled", is_flag=True),
        ),
        Verb("show", "one, with what it waits for", _shown, ID),
        Verb("try-again", "book what waits, as far as it can be booked now", _try_again, ID),
        Verb(
            "witness",
            "book the scheduled drugs that wait, before a witness",
            _witness,
            ID,
            (replace(WITNESS, needed=True), PASSWORD_FROM),
        ),
        Verb(
            "settle",
            "say that a corrected record was looked at",
            _settle,
            ID,
            (
                Field("seen", "its digest, as `show` gave it", needed=True),
                Field("added", "what becomes of what it adds", needed=True, choices=("book", "leave-out")),
            ),
        ),
        Verb(
            "leave-out",
            "book no more of a use that waits",
            _leave_out,
            ID,
            (Field("use", "the use's id", whole, needed=True), REASON),
        ),
    ),
)


def _map_code(asked: Asked) -> Any:
    if (asked["item"] is None) != asked["nothing"]:
        raise UnknownCodes("Name an item with --item, or say --nothing; one of them. Nothing was changed.")
    code = get_object_or_404(shown_codes(asked.by), pk=asked["id"])
    [item] = [None] if asked["nothing"] else items_of([{"item": asked["item"]}])
    how = {"quantity": asked["quantity"], "is_per_attempt": asked["per_attempt"], "version": asked["version"]}
    map_code(code=code, item=item, **how, **asked.command)
    return shown(CareCodeShown, shown_codes(asked.by), code.pk)


CARE_CODES = Noun(
    "care-code",
    "what codes of patient-care records use; name_codes names them",
    (
        listing(
            "list",
            "codes, mapped or not",
            lambda asked: _waiting(asked, shown_codes(asked.by)),
            shows(CareCodeShown),
            WAITING,
        ),
        Verb(
            "map",
            "say what one entry of it uses; what waited for that is booked",
            _map_code,
            ID,
            (
                VERSION,
                Field("item", "SKU"),
                Field("nothing", "it uses nothing that is kept in stock", is_flag=True),
                Field("quantity", "base units that one entry uses", whole, default=1),
                Field("per_attempt", "so many for each attempt at the procedure", is_flag=True),
            ),
        ),
    ),
)


def _map_call_sign(asked: Asked) -> Any:
    sign = get_object_or_404(shown_call_signs(asked.by), pk=asked["id"])
    unit = Unit.objects.filter(code=asked["unit"]).first()
    if unit is None:
        raise UnknownCodes(f"There is no unit {asked['unit']}. Nothing was changed; `unit list` gives their codes.")
    map_call_sign(sign=sign, unit=unit, **asked.command)
    return shown(CallSignShown, shown_call_signs(asked.by), sign.pk)


CALL_SIGNS = Noun(
    "call-sign",
    "which units are meant by what patient-care records call them",
    (
        listing(
            "list",
            "call signs, known or not",
            lambda asked: _waiting(asked, shown_call_signs(asked.by)),
            shows(CallSignShown),
            WAITING,
        ),
        Verb(
            "map",
            "say which unit it is; what waited for that is booked",
            _map_call_sign,
            ID,
            (Field("unit", "the unit's code", needed=True),),
        ),
    ),
)
