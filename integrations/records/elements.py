"""What the elements of an EMSDataSet mean (NEMSIS data dictionary 3.5.0 and 3.5.1)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
NOTHING = gettext_lazy("Nothing of the file was taken; have it exported again.")


class Value(NamedTuple):
    """The text of an element, and its attributes."""

    text: str
    attributes: Mapping[str, str]


NONE = Value("", {})


def refused(words: str, **values: object) -> FileRefused:
    """Why, with these values filled in, and what to do."""
    return FileRefused(f"{words % values} {NOTHING}")


def check_root(tag: str, attributes: Mapping[str, str]) -> None:
    """Refuse what is no EMSDataSet of NEMSIS 3.5, each with what to export instead."""
    instead = _("Export the EMSDataSet (patient-care records) of NEMSIS 3.5 instead.")
    name = tag.removeprefix(NAMESPACE)
    if tag.startswith(NAMESPACE) and name in ("DEMDataSet", "StateDataSet"):
        about_agency = _("This is a DEMDataSet, about the agency and not about patient care.")
        about_state = _("This is a StateDataSet, about the state and not about patient care.")
        raise FileRefused(f"{about_agency if name == 'DEMDataSet' else about_state} {instead}")
    if tag != NAMESPACE + ROOT:
        no_dataset = _("This is no NEMSIS dataset.")
        raise FileRefused(f"{no_dataset} {instead}")
    version = VERSION.search(attributes.get(LOCATION, ""))
    if version and version[1] != "3.5":
        which = _("This is an EMSDataSet of NEMSIS %(version)s.") % {"version": version[1]}
        raise FileRefused(f"{which} {instead}")


def entry_of(section: str, group: Mapping[str, Value], place: str) -> list[Entry]:
    """The medication or procedure of a group; none where the group says that there was none.

    It counts if it was given or done (no pertinent negative), by this unit, and not before this unit's care.
    """
    code = group.get(f"{section}.03", NONE)
    if not code.text:
        return []
    if not CODE.fullmatch(code.text):
        words = _("%(place)s has something in %(element)s that is no code.")
        raise refused(words, place=place, element=f"{section}.03")
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
        raise refused(_("%(place)s has a number of attempts (eProcedures.05) that is not 1 to 10."), place=place)
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
        either = _("or")
        raise refused(_("%(place)s has no readable %(elements)s."), place=place, elements=f" {either} ".join(names))
    return text


def _moment(found: Mapping[str, Value], place: str) -> datetime | None:
    """When the unit was called, or the first time that the record tells after that."""
    text = next((found[name].text for name in TIMES if name in found and found[name].text), "")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise refused(_("%(place)s has a time in eTimes that is none."), place=place) from error
    if not 1950 <= moment.year <= 2100:
        raise refused(_("%(place)s has a time in eTimes that cannot be right."), place=place)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
