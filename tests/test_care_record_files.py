"""Reading files of patient-care records: real ones, traps, dangerous and broken ones, in flat memory."""

import io
import os
import time
import tracemalloc
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.models import CareRecord, CareUse
from integrations.records.reading import read_care_file, read_care_path
from integrations.records.values import Entry, FileRefused
from inventory.models import StockMovement
from tests import make
from tests.records import ROOT, dataset, medication, procedure, read, record, take

EXAMPLES = int(os.environ.get("EMS_FUZZ") or 300)
RX, SN = ("medication", "rxnorm"), ("procedure", "snomed")
# By file: unit, and (code, times, why not) in the file's order.
REAL: dict[str, tuple[str, list[Entry]]] = {
    "2023-EMS-1-Opioid-Release_v350": ("GA 11", [Entry(*RX, "7806"), Entry(*RX, "7242"), Entry(*RX, "7242")]),
    "2023-EMS-3-Fall-Transport_v350": (
        "GA 11",
        [
            Entry(*RX, "7052"),
            Entry(*SN, "304562007"),
            Entry(*SN, "392230005", 2),
            Entry(*SN, "79321009"),
            Entry(*SN, "58715004"),
            Entry(*SN, "431949004", 1, "before"),
        ],
    ),
    "2023-EMS-5-STEMI-Flight_v350": (
        "RW 1",
        [
            Entry(*RX, "1191", 1, "before"),
            *[Entry(*RX, "4917")] * 5,
            Entry(*SN, "268400002"),
            Entry(*SN, "392230005", 2),
        ],
    ),
    "2025-EMS-1-Overdose_v351": ("DF A1", []),
    "2025-EMS-2-Suicide_v351": (
        "DF A1",
        [Entry(*RX, "317361"), Entry(*SN, "89666000"), Entry(*SN, "182531007", 2), Entry(*SN, "392230005", 3)],
    ),
    "2025-EMS-3-MVC_v351": (
        "DF A1",
        [
            Entry(*RX, "1191", 1, "not_given"),
            Entry(*RX, "7806"),
            Entry(*RX, "3628"),
            Entry("medication", "snomed", "71493000"),
            Entry(*SN, "372045002"),
            Entry(*SN, "49689007"),
            Entry(*SN, "392230005", 2),
        ],
    ),
    "2025-EMS-4-eBike_v351": (
        "DF R2",
        [
            Entry(*RX, "7806", 1, "another_unit"),
            Entry(*RX, "4337"),
            Entry(*SN, "450591000124106", 1, "another_unit"),
            Entry(*SN, "450611000124100"),
            Entry(*SN, "392230005"),
            Entry(*SN, "232664002", 1, "before"),
        ],
    ),
    "2025-EMS-5-CPMIH_v351": ("DF CP", [Entry(*SN, "61746007"), Entry(*SN, "304562007")]),
    "EMSDataset-ElementsRepeat-1": (
        "e",
        [
            *[Entry(*RX, code, 1, "before") for code in ("10454", "107129")],
            *[Entry(*SN, code, n, "before") for code, n in (("44806002", 6), ("2267008", 3), ("425447009", 2))],
        ],
    ),
    "EMSDataset-ElementsRepeat-2": (
        "o",
        [
            *[Entry(*RX, code, 1, "before") for code in ("1191", "1223")],
            *[Entry(*SN, code, n, "before") for code, n in (("232689008", 9), ("232692007", 2))],
        ],
    ),
    "EMSDataset-ElementsRepeat-3": (
        "6",
        [
            *[Entry(*RX, code, 1, "before") for code in ("1808", "1841")],
            *[Entry(*SN, code, n, "before") for code, n in (("78121007", 6), ("424979004", 3))],
        ],
    ),
}


@pytest.mark.parametrize("name", REAL)
def test_every_real_file_is_read_to_the_entry(shared, name):
    found = read((shared / "nemsis" / "xml" / f"{name}.xml").read_bytes())
    [one] = found.records
    assert (one.call_sign, list(one.entries)) == REAL[name]


def test_no_real_file_is_left_out(shared):
    names = {path.stem for path in (shared / "nemsis" / "xml").glob("*.xml")}
    assert names == {*REAL, "2025-DEM-1_v351"}


def test_a_record_says_its_number_agency_and_when(shared):
    [one] = read((shared / "nemsis" / "xml" / "2025-EMS-3-MVC_v351.xml").read_bytes()).records
    assert (one.agency, one.number) == ("351-C034P2", "2025-EMS-3-MVC_v351")
    assert one.at == datetime(2024, 10, 11, 20, 45, 18, tzinfo=UTC)


@pytest.mark.django_db
def test_nothing_of_the_patient_is_kept_but_the_records_number(shared):
    """Every text of the file that is no code, number or name of a unit: none is anywhere in the database."""

    kept = {"eRecord.01", "eResponse.01", "eResponse.14", "eMedications.03", "eProcedures.03", "dAgency.02"}
    looked_for, expected = set[str](), set[str]()
    for name in REAL:
        path = shared / "nemsis" / "xml" / f"{name}.xml"
        take(path.read_bytes())
        for element in ET.parse(path).iter():  # noqa: S314
            is_kept = element.tag.rpartition("}")[2] in kept
            (expected if is_kept else looked_for).add((element.text or "").strip())
    said = {text for text in looked_for - expected if len(text) >= 5}
    assert {"Schmeler", "404122154", "1956-01-19"} <= said
    assert len(said) > 500

    rows = "\n".join(everything())

    assert "2025-EMS-3-MVC_v351" in rows
    assert {text for text in said if text in rows} == set()


def everything() -> Iterator[str]:
    """Every value of every table, as text."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values_list():
            yield from map(str, row)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "broken"),
        (b"hello", "broken"),
        (b"PK\x03\x04zip", "broken"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        (b"<EMSDataSet/>", "no NEMSIS dataset"),
        (b'<DEMDataSet xmlns="http://www.nemsis.org"/>', "DEMDataSet, about the agency"),
        (b'<StateDataSet xmlns="http://www.nemsis.org"/>', "StateDataSet, about the state"),
        (dataset(), "no patient-care record"),
        (dataset(record(medication()))[:-30], "broken"),
        (dataset(record(medication()), "<PatientCareReport></PatientCareReport>"), "Record 2 of the file has no"),
        (dataset(record(medication(), number="")), "eRecord.01"),
        (dataset(record(medication(), number="x" * 51)), "eRecord.01"),
        (dataset(record(medication(), number="x" * 500)), "longer text"),
        (dataset(record(medication("aspirin for John Doe"))), "no code"),
        (dataset(record(procedure(attempts="many"))), "attempts"),
        (dataset(record(medication(), at="yesterday")), "eTimes"),
        (dataset(record(medication(), at="0001-01-01T00:00:00+14:00")), "eTimes"),
        (dataset(record(medication()), record(procedure())), "twice, with different uses"),
        (dataset(record(record())), "inside another"),
        (dataset(record(*[medication()] * 501)), "more than 500"),
        (dataset(record(), root=ROOT[:-1] + ' xsi:schemaLocation="x nemsis_v3/3.4.0.1/X.xsd">'), "NEMSIS 3.4"),
        (ROOT.encode() + b"<a>" * 100, "built like no NEMSIS"),
        (ROOT.encode() + b"".join(b"<a%d/>" % number for number in range(6000)), "built like no NEMSIS"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_in_words(content, says):
    with pytest.raises(FileRefused, match=says):
        read(content)


def test_a_refusal_does_not_repeat_what_the_file_says():
    with pytest.raises(FileRefused) as refused:
        read(dataset(record(medication("aspirin for John Doe"))))
    assert "John" not in str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize("end", [b"", b"<PatientCareReport>", b"</x>"])
def test_of_a_file_that_breaks_in_the_middle_nothing_is_taken(end):
    item = make.item()
    with pytest.raises(FileRefused):
        take(dataset(record(medication()), record(medication(), number="R2"))[:-200] + end)
    assert not CareRecord.objects.exists()
    assert not CareUse.objects.exists()
    assert not StockMovement.objects.filter(lot__item=item).exists()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE EMSDataSet [<!ENTITY l0 "lol">{LAUGHS}]>',
        f'<!DOCTYPE EMSDataSet [<!ENTITY a "{"a" * 100_000}">]>',
        '<!DOCTYPE EMSDataSet [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE EMSDataSet [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>',
        '<!DOCTYPE EMSDataSet SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE EMSDataSet>",
    ],
    ids=["billion laughs", "quadratic", "external", "parameter", "outside document type", "document type"],
)
def test_bombs_and_external_entities_are_refused_at_once(head):
    began = time.monotonic()
    with pytest.raises(FileRefused, match="entities"):
        read(dataset(record(medication("&l9;&x;")), head=head))
    assert time.monotonic() - began < 1


class Endless(io.RawIOBase):
    """A stream of so many megabytes that is never in memory as a whole."""

    def __init__(self, start: bytes, filling: bytes, megabytes: int) -> None:
        self.waiting, self.filling, self.left = start, filling, megabytes * 1024 * 1024
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        while len(self.waiting) < size and self.left > 0:
            self.waiting += self.filling
            self.left -= len(self.filling)
        part, self.waiting = self.waiting[:size], self.waiting[size:]
        self.given += len(part)
        return part


HEAD = dataset(record(medication()))[: -len("</Header></EMSDataSet>")]


@pytest.mark.parametrize(
    ("filling", "says"),
    [
        (b"x" * 10_000, "larger than 2 MB"),
        (b"<Note><a>text of the patient</a></Note>" * 300, "larger than 2 MB"),
        (record(medication()).encode() * 20, "larger than 2 MB"),
    ],
    ids=["text", "elements", "records"],
)
def test_a_file_of_200_megabytes_is_refused_once_it_passes_the_limit_in_flat_memory(settings, filling, says):
    settings.EMS_RECORDS_MB = 2
    stream = Endless(HEAD, filling, 200)
    tracemalloc.start()
    with pytest.raises(FileRefused, match=says):
        read_care_file(stream)  # type: ignore[arg-type]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stream.given < 2.2 * 1024 * 1024
    assert most < 3 * 1024 * 1024


def test_a_file_that_says_it_is_too_large_is_not_even_begun(tmp_path):
    stream = Endless(HEAD, b"x" * 10_000, 200)
    with pytest.raises(FileRefused, match="larger than 50 MB"):
        read_care_file(stream, size=200 * 1024 * 1024)  # type: ignore[arg-type]
    assert stream.given == 0
    with (tmp_path / "huge.xml").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(FileRefused, match="larger than 50 MB"):
        read_care_path(tmp_path / "huge.xml")


@pytest.mark.parametrize("start", [b"<!--", b'<a b="', b"<" + b"a" * 10])
def test_a_tag_that_does_not_end_is_refused_before_it_takes_long(start):
    began, stream = time.monotonic(), Endless(HEAD + start, b"x" * 10_000, 49)
    with pytest.raises(FileRefused):
        read_care_file(stream)  # type: ignore[arg-type]
    assert stream.given < 2 * 1024 * 1024
    assert time.monotonic() - began < 2


VALID = dataset(record(medication(), procedure()), record(medication("161"), number="R2"))
SPLICES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"<", b">", b"&", b"&#0;", b"<!DOCTYPE a>", b"]]>", b"<?x", b"\xff\xfe", b"eMedications.03", b"\0"]
    ),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, len(VALID)), st.integers(0, 40), SPLICES), min_size=1, max_size=6))
def test_a_mangled_file_is_read_or_refused_and_never_crashes(changes):
    content = VALID
    for place, length, splice in changes:
        content = content[:place] + splice + content[place + length :]
    with suppress(FileRefused):
        assert all(one.number and one.call_sign for one in read(content).records)
