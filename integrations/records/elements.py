"""What the elements of an EMSDataSet mean (NEMSIS data dictionary 3.5.0 and 3.5.1)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from integrations.models import CareCode, CareUse
from integrations.records.values import Entry, FileRefused, ReadRecord

NAMESPACE = "{http://www.nemsis.org}"
LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
VERSION = re.compile(r"nemsis_v3/(?:release-)?(\d+\.\d+)")
ROOT, RECORD = "EMSDataSet", "PatientCareReport"
GROUPS = {"eMedications.MedicationGroup": "eMedications", "eProcedures.ProcedureGroup": "eProcedures"}
TIMES = ("eTimes.03", "eTimes.01", "eTimes.05", "eTimes.06", "eTimes.07")  # unit notified first
IN_GROUP = {
    *("eMedications.02", "eMedications.03", "eMedications.13"),
    *("eProcedures.02", "eProcedures.03", "eProcedures.05", "eProcedures.15"),
}
IN_RECORD = {"eRecord.01", "eResponse.01", "eResponse.13", "eResponse.14", *TIMES}
YES = "9923003"
SYSTEMS = {"9924003": CareCode.System.RXNORM, "9924005": CareCode.System.SNOMED}

CODE = re.compile(r"[0-9A-Za-z.\-]{1,20}")
ATTEMPTS = re.compile(r"[1-9]|10")
NOTHING = "Nothing of the file was taken; have it exported again."


class Value(NamedTuple):
    """The text of an element, and its attributes."""

    text: str
    attributes: Mapping[str, str]


NONE = Value("", {})


def check_root(tag: str, attributes: Mapping[str, str]) -> None:
    """Refuse what is no EMSDataSet of NEMSIS 3.5, each with what to export instead."""
    instead = "Export the EMSDataSet (patient-care records) of NEMSIS 3.5 instead."
    name = tag.removeprefix(NAMESPACE)
    if tag.startswith(NAMESPACE) and name in ("DEMDataSet", "StateDataSet"):
        what = "the agency" if name == "DEMDataSet" else "the state"
        raise FileRefused(f"This is a {name}, about {what} and not about patient care. {instead}")
    if tag != NAMESPACE + ROOT:
        raise FileRefused(f"This is no NEMSIS dataset. {instead}")
    version = VERSION.search(attributes.get(LOCATION, ""))
    if version and version[1] != "3.5":
        raise FileRefused(f"This is an EMSDataSet of NEMSIS {version[1]}. {instead}")


def entry_of(section: str, group: Mapping[str, Value], place: str) -> list[Entry]:
    """The medication or procedure of a group; none where the group says that there was none.

    It counts if it was given or done (no pertinent negative), by this unit, and not before this unit's care.
    """
    code = group.get(f"{section}.03", NONE)
    if not code.text:
        return []
    if not CODE.fullmatch(code.text):
        raise FileRefused(f"{place} has something in {section}.03 that is no code. {NOTHING}")
    is_medication = section == "eMedications"
    by_another = group.get("eMedications.13" if is_medication else "eProcedures.15", NONE)
    why = ""
    if code.attributes.get("PN"):
        why = CareUse.Why.NOT_GIVEN.value
    elif group.get(f"{section}.02", NONE).text == YES:
        why = CareUse.Why.BEFORE.value
    elif by_another.text == YES:
        why = CareUse.Why.ANOTHER_UNIT.value
    kind = CareUse.Kind.MEDICATION if is_medication else CareUse.Kind.PROCEDURE
    times = 1 if is_medication else _attempts(group.get("eProcedures.05", NONE).text, place)
    return [Entry(kind.value, _system(code.attributes.get("CodeType", ""), is_medication).value, code.text, times, why)]


def _system(code_type: str, is_medication: bool) -> CareCode.System:
    """Medications say of which system their code is; procedures are SNOMED CT."""
    if not code_type:
        return CareCode.System.RXNORM if is_medication else CareCode.System.SNOMED
    return SYSTEMS.get(code_type, CareCode.System.OTHER)


def _attempts(text: str, place: str) -> int:
    """How often it was tried, whether or not it succeeded: each attempt uses its material. One where none is said."""
    if text and not ATTEMPTS.fullmatch(text):
        raise FileRefused(f"{place} has a number of attempts (eProcedures.05) that is not 1 to 10. {NOTHING}")
    return int(text or 1)


def record_of(found: Mapping[str, Value], entries: list[Entry], place: str) -> ReadRecord:
    """The record, or a refusal that names what it lacks."""
    number = _needed(found, place, "eRecord.01", most=50)
    agency = _needed(found, place, "eResponse.01", most=20)
    call_sign = _needed(found, place, "eResponse.14", "eResponse.13", most=50)
    return ReadRecord(agency, number, call_sign, _moment(found, place), tuple(entries))


def _needed(found: Mapping[str, Value], place: str, *names: str, most: int) -> str:
    text = next((found[name].text for name in names if name in found and found[name].text), "")
    if not text or len(text) > most or not text.isprintable():
        raise FileRefused(f"{place} has no readable {' or '.join(names)}. {NOTHING}")
    return text


def _moment(found: Mapping[str, Value], place: str) -> datetime | None:
    """When the unit was called, or the first time that the record tells after that."""
    text = next((found[name].text for name in TIMES if name in found and found[name].text), "")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise FileRefused(f"{place} has a time in eTimes that is none. {NOTHING}") from error
    if not 1950 <= moment.year <= 2100:
        raise FileRefused(f"{place} has a time in eTimes that cannot be right. {NOTHING}")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
