"""What a person types or uploads where no guess is taken, and what is not pressed."""

import json
from pathlib import Path
from typing import Any

from tests.records import dataset, medication, record

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "division"

# Would end the session or change who may sign in, and so what comes after.
LEFT_OUT = frozenset(
    {"account_logout", "account_login", "account_change_password", "account_set_password", "account_reset_password"}
)
# Ends or undoes what somebody else still works on.
LATE = frozenset(
    {"cancel_count", "cancel_order", "cancel_run", "close_short", "discard_stock", "dismiss_recalls", "language"}
    | {"import_division", "import_preview", "leave_out_use", "miss_stop", "reject_order", "remove_substitute"}
    | {"remove_view", "reopen_shipment", "revoke_token", "rotate_secret", "send_back_order", "share_stock"}
    | {"switch_webhook", "undo_moves", "undo_movement", "undo_par_grid", "unlink_code", "unsee_notices"}
)
RECALL = {
    "recall_number": "D-9999-2026",
    "classification": "Class II",
    "recalling_firm": "Maker, Inc.",
    "product_description": "Naloxone 2 mg, NDC 0409-1782-69",
    "code_info": "Lot A17",
    "reason_for_recall": "Glass in the vial.",
}


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


TYPED: dict[str, dict[str, Any]] = {
    "import_division": {"files": [str(path) for path in sorted(EXAMPLE.glob("*.csv"))]},
    "import_people": {
        "files": [file("people.csv", b"username,first_name,last_name,role,station\nj.doe,Jo,Doe,logistics,\n")]
    },
    "import_registers": {
        "files": [
            file(
                "packages.csv",
                b"primary_di,package_di,contains_di,quantity,package_status,brand_name\n"
                b"00614141123452,10614141123459,00614141123452,10,,Gauze\n",
            )
        ]
    },
    "take_recalls": {"files": [file("recalls.json", json.dumps({"results": [RECALL]}).encode())]},
    "travel_times": {"files": [file("times.csv", b"from,to,metres,seconds\nWH,L1,12000,900\nL1,WH,12000,900\n")]},
    "upload_records": {"files": [file("records.xml", dataset(record(medication())))]},
}
