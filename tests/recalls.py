"""Recall records as tests write them, and taking them."""

from typing import Any

from integrations.actions.recalls import Taken, take_recalls
from integrations.models import Recall
from integrations.recalls.records import Record, read_record
from tests import make

NDC = "0409-1782-69"


def record(number: str = "D-1-2026", ndc: str = NDC, lots: str = "Lot A17", **fields: Any) -> Record:
    """A drug's record that names one package and its lots."""
    return read_record(
        {
            "recall_number": number,
            "classification": "Class I",
            "recalling_firm": "Maker, Inc.",
            "product_description": f"Naloxone 2 mg, NDC {ndc}",
            "code_info": lots,
            "reason_for_recall": "Glass in the vial.",
            **fields,
        }
    )


def take(*records: Record, by: Any = None, at: Any = make.AT) -> Taken:
    return take_recalls(records=records or (record(),), by=by, at=at, request_id=make.rid())


def recall(number: str = "D-1-2026") -> Recall:
    return Recall.objects.get(number=number)
