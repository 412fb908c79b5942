"""Patient-care records made for tests: an EMSDataSet with just what is asked for."""

import io
from typing import Any
from uuid import uuid4

from integrations.actions.records import Taken, take_records
from integrations.records.reading import read_care_file
from integrations.records.values import CareFile
from tests import make

ROOT = '<EMSDataSet xmlns="http://www.nemsis.org" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
NIL = 'xsi:nil="true" NV="7701003"'
NO, YES = "9923001", "9923003"


def medication(code: str = "7242", *, code_type: str = "9924003", attributes: str = "", prior=NO, other="") -> str:
    another = f"<eMedications.13>{other}</eMedications.13>" if other else ""
    return (
        f"<eMedications.MedicationGroup><eMedications.01 {NIL}/><eMedications.02>{prior}</eMedications.02>"
        f'<eMedications.03 CodeType="{code_type}" {attributes}>{code}</eMedications.03>{another}'
        "</eMedications.MedicationGroup>"
    )


def procedure(code: str = "392230005", *, attempts: str = "1", attributes: str = "", prior=NO, other="") -> str:
    another = f"<eProcedures.15>{other}</eProcedures.15>" if other else ""
    return (
        f"<eProcedures.ProcedureGroup><eProcedures.01 {NIL}/><eProcedures.02>{prior}</eProcedures.02>"
        f"<eProcedures.03 {attributes}>{code}</eProcedures.03><eProcedures.05>{attempts}</eProcedures.05>"
        f"<eProcedures.06>{NO}</eProcedures.06>{another}</eProcedures.ProcedureGroup>"
    )


def record(
    *groups: str, number: str = "R1", unit: str = "M7", at: str = "2026-11-02T09:10:00-05:00", agency="A1"
) -> str:
    return (
        f"<PatientCareReport><eRecord><eRecord.01>{number}</eRecord.01></eRecord><eResponse><eResponse.AgencyGroup>"
        f"<eResponse.01>{agency}</eResponse.01></eResponse.AgencyGroup><eResponse.13>V1</eResponse.13>"
        f"<eResponse.14>{unit}</eResponse.14></eResponse><eTimes><eTimes.03>{at}</eTimes.03></eTimes>"
        "<ePatient><ePatient.02>Schmeler</ePatient.02></ePatient>"
        f"<eMedications>{''.join(groups)}</eMedications></PatientCareReport>"
    )


def dataset(*records: str, head: str = "", root: str = ROOT) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}{root}<Header>{"".join(records)}</Header></EMSDataSet>'.encode()
    )


def read(content: bytes) -> CareFile:
    return read_care_file(io.BytesIO(content))


def take(content: bytes, *, by: Any = None, at=make.AT, request_id=None) -> Taken:
    return take_records(file=read(content), by=by, at=at, request_id=request_id or uuid4())
