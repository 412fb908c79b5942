"""Recall records as FDA prints them: what is read out of each, and that no text and no file breaks the reader."""

import json
import os
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.recalls.codes import item_keys, read_codes
from integrations.recalls.files import Unreadable, read_file
from integrations.recalls.lots import normalized, read_lots
from integrations.recalls.ndc import parsed
from integrations.recalls.records import read_record

FUZZ = settings(max_examples=int(os.environ.get("EMS_FUZZ", "100")), deadline=None)
NO_CODE = "It names no NDC, UPC or GTIN that could be read."


@pytest.fixture
def records(shared):
    """The records of every file beside the project, by number; and how many each file has."""
    files = {path.name: read_file(path.name, path.read_bytes(), most_mb=1) for path in (shared / "recalls").iterdir()}
    assert {name: len(found) for name, found in files.items()} == {
        "fda_enforcement_report_2012-06-13.json": 36,
        "fda_recall_ndc-4-4-2.xml": 1,
        "fda_recall_ndc-5-3-2.xml": 1,
        "fda_recall_upc-with-dashes.xml": 1,
        "openfda_api_enforcement_response_0.json": 1,
        "openfda_api_enforcement_response_2.json": 1,
        "openfda_enforcement_excerpts.json": 3,
    }
    return {record.number: record for found in files.values() for record in found}


def names(record, ndc: str = "", *gtins: str) -> bool:
    """Whether the record names an item of these codes."""
    return bool(item_keys(ndc, *gtins) & record.codes)


def test_every_record_of_the_files_is_one_and_has_its_number(records):
    assert len(records) == 44
    assert [number for number, record in records.items() if not record.is_numbered] == ["X-5472d724ed62"]


def test_xml_with_an_ndc_of_4_4_2_and_lots_in_lines(records):
    record = records["D-1407-2012"]

    assert (record.classification, record.firm, record.initiated_on.isoformat()) == (
        "II",
        "sanofi-aventis US, Inc.",
        "2012-02-06",
    )
    assert names(record, "0024-0590-10")
    assert not names(record, "0024-0590-20")
    lots = {number: month for number, month in record.lots.expiries.items() if "MG" not in number}
    assert lots == {
        "AE41": "2012-02",
        "CA02B": "2012-02",
        "AE27": "2012-02",
        "BL18B": "2012-06",
        "CB13B": "2012-06",
        "CD65B": "2014-01",
        "CE39B": "2014-01",
    }
    assert record.unread == ()


def test_xml_with_an_ndc_of_5_3_2(records):
    record = records["D-1405-2012"]

    assert names(record, "10631-106-08")
    assert record.lots.expiries == {"RB81031": "2013-01"}
    assert record.unread == ()


def test_xml_with_a_upc_with_dashes_and_no_lots(records):
    record = records["F-0864-2013"]

    assert names(record, "", "00698997806158")
    assert "Its lots are given as numbers that are not called lots." in record.unread


def test_the_packages_of_the_whole_application_are_not_what_is_recalled(records):
    record = records["D-609-2013"]

    assert names(record, "0009-3124-03")
    assert names(record, "0009-3447-03")
    assert json.loads(record.source)["openfda"]["package_ndc"][1] == "0009-0728-05"
    assert not names(record, "0009-0728-05")
    assert (record.lots.expiries["G58347"], record.lots.expiries["G76317"]) == ("2014-10", "2014-11")
    assert len(record.lots.expiries) == 11
    assert record.unread == ()


def test_an_answer_without_ndc_and_a_upc_without_its_check_digit_goes_to_a_person(records):
    record = records["F-0283-2013"]

    assert not record.codes
    assert record.unread[:2] == ("The code 0-11213-90380 could not be read.", NO_CODE)
    assert "Its lots are given as a condition." in record.unread


def test_excerpts_with_an_ndc_in_blanks_and_fields_that_are_missing(records):
    assert names(records["D-840-2013"], "0310-0321-30")
    assert records["D-840-2013"].unread == ("Its lots are given as no number.",)
    assert names(records["D-0093-2022"], "67919-011-01")
    assert normalized("20141223@20") in records["D-0965-2015"].lots.expiries
    assert records["D-0965-2015"].unread == ()


@pytest.mark.parametrize(
    ("number", "unread"),
    [
        ("D-1362-2012", []),
        ("D-1370-2012", []),
        ("D-1368-2012", []),
        ("Z-1773-2012", [NO_CODE]),
        ("V-075-2012", [NO_CODE, "a range", "an open list", "all lots of a part, or under a condition"]),
        ("F-1336-2012", ["The code 0543200156 could not be read.", NO_CODE, "a range"]),
        ("F-1398-2012", []),
        ("B-1520-12", [NO_CODE, "numbers that run into each other"]),
        ("X-5472d724ed62", [NO_CODE, "no number"]),
    ],
)
def test_the_report_of_2012_is_read_or_said_to_be_unread(records, number, unread):
    assert list(records[number].unread) == [
        line if line[0].isupper() else f"Its lots are given as {line}." for line in unread
    ]


def test_a_spaced_lot_number_is_known_by_its_whole(records):
    assert {"TFRS130B1503KT34", "TFRS130B16"} <= records["F-1398-2012"].lots.expiries.keys()


@pytest.mark.parametrize(
    "text",
    [
        "NDC 0409-1782-69",
        "NDC: 00409-1782-69",
        "NDC 0409 1782 69",
        "NDC# 0409178269",
        "NDC 00409178269",
        "NDC a) 0409-1782-69 and b) 0093-0787-01",
        "see 0409\u20111782\u201169",
        "NDC 000409178269",
        "NDC 0409-1782",
        "UPC 3 04091 78269 3",
        "GTIN 00304091782693",
    ],
)
def test_every_printed_form_names_the_same_package(text):
    keys = read_codes(text).keys
    assert keys & item_keys("0409-1782-69")
    assert not keys & item_keys("0409-1783-69")


def test_a_gtin_of_a_pack_names_the_item_of_which_it_is_a_pack():
    assert read_codes("NDC 0409-1782-69").keys & item_keys("", "00304091782693")
    assert read_codes("UPC 3-04091-78269-3").keys & item_keys("", "10304091782690")


@pytest.mark.parametrize(
    "text", ["0409178269", "tel. 00409178269", "49001-0102", "(877) 550-5059", "UPC 3 04091 78269 4", "NDC 0409-17"]
)
def test_digits_without_a_label_and_wrong_check_digits_name_nothing(text):
    assert not read_codes(text).keys


def test_another_package_without_its_product_is_said_to_be_unread():
    assert read_codes("NDC 0093-0787-01, -10").unread == ("-10",)


def test_forms_of_one_code_are_equal_and_of_others_are_not():
    one, same, other = (parsed(text) for text in ("0409-1782-69", "00409-1782-69", "04091-782-69"))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.key == same.key != other.key
    assert parsed("no code") is None
    assert parsed("1-2-3") is None


@pytest.mark.parametrize(
    ("text", "expiries"),
    [
        ("Lot #: A123, exp 05/13; B456 Exp. 06/13", {"A123": "2013-05", "B456": "2013-06"}),
        ("Lots: AB-1, AB-2 (exp. May 2027)", {"AB1": "2027-05", "AB2": "2027-05"}),
        ("Lot 1742, manufactured 02/12, exp 02/14", {"1742": "2014-02"}),
        ("Lot EXP 05/13: A123; EXP 06/13: B456", {"A123": "2013-05", "B456": "2013-06"}),
        ("Lot 06141L 31-May-2024, 12345G 5/31/2024", {"06141L": "2024-05", "12345G": "2024-05"}),
        ("Lot A1 2027-05-31", {"A1": "2027-05"}),
    ],
)
def test_lots_and_their_expiries(text, expiries):
    lots = read_lots(text)
    assert lots.expiries == expiries
    assert lots.unread == []


@pytest.mark.parametrize("text", ["All lots", "all lots within expiry", "All unexpired lots.", "ALL LOT NUMBERS"])
def test_all_lots(text):
    lots = read_lots(text)
    assert (lots.is_every, lots.unread) == (True, [])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Lots A100-A200", "a range"),
        ("Lots 12345 to 12399", "a range"),
        ("Lots 00112 through 10412", "a range"),
        ("Lot 12345 and higher", "a condition"),
        ("all lots made before May 2012", "all lots of a part, or under a condition"),
        ("a) all lots; b) lot 12345", "all lots of a part, or under a condition"),
        ("lots beginning with A1", "a part of a number"),
        ("Lots 5, 6 and 7", "a very short number"),
        ("Lot numbers unknown", "not known"),
        ("All lots except 12345", "an exception"),
        ("Lot 12345, 12346, etc.", "an open list"),
        ("", "no number"),
    ],
)
def test_what_cannot_be_listed_goes_to_a_person(text, what):
    lots = read_lots(text)
    assert what in lots.unread
    assert not lots.is_every


ODD = st.text() | st.text("LotExpNDCU #:,;()-/0123456789 allthrough\n\x00\u2011٣", max_size=300)


@FUZZ
@given(ODD, ODD)
def test_no_text_breaks_the_reader(product, codes):
    record = read_record({"product_description": product, "code_info": codes})

    assert all(number == normalized(number) for number in record.lots.expiries)
    assert "\x00" not in f"{record.product}{record.code_text}{record.source}"
    f"{record.product}{record.code_text}{record.source}".encode()


@FUZZ
@given(st.recursive(st.none() | st.text() | st.integers() | st.floats(), lambda some: st.lists(some), max_leaves=5))
def test_no_value_of_a_field_breaks_the_reader(value):
    read_record({"product-description": value, "code-info": value, "recall_number": value, "classification": value})


@FUZZ
@given(st.binary() | st.text().map(str.encode) | st.text("[]{}\",:<>/ar 'product_description").map(str.encode))
def test_no_file_breaks_the_reader(content):
    with suppress(Unreadable):
        read_file("file", content, most_mb=1)


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbb"><!ENTITY c "&b;&b;">]><recall-number id="&c;"/>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><recall-number id="D-1-2012">&b;</recall-number>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xfe<\x00", "is not UTF-8"),
        (b'<?xml version="1.0" encoding="utf-16"?><recall-number id="D-1-2012"/>', "says that it is utf-16"),
        (BOMB, "no XML that can be read"),
        (OUTSIDE, "no XML that can be read"),
        (b"<recall-number>", "no XML that can be read"),
        (b"<page>Not found</page>", "holds no recall record"),
        (b"recall,lot\nD-1,A1", "neither JSON nor XML"),
        (b'{"error": {"code": "NOT_FOUND"}}', "something other than recall records"),
        (b'["D-1-2012"]', "something other than recall records"),
        (b"[" * 100_000, "neither JSON nor XML"),
        (b'[{"product_description": ' + b"[" * 900 + b"]" * 900 + b"}]", "something other than recall records"),
        (b"9" * 5_000, "neither JSON nor XML"),
        (b" " * 1_000_001, "more than 1 MB"),
    ],
    ids=range(14),
)
def test_a_file_that_is_none_is_refused_in_words(content, said):
    with pytest.raises(Unreadable, match=said):
        read_file("file", content, most_mb=1)


def test_several_records_of_xml_with_a_root_and_without():
    one = b'<recall-number id="D-1-2012"><product-description>One</product-description></recall-number>'
    two = one.replace(b"D-1", b"D-2")

    assert [record.number for record in read_file("file", one + two, most_mb=1)] == ["D-1-2012", "D-2-2012"]
    whole = b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?><report>' + one + two + b"</report>"
    assert len(read_file("file", whole, most_mb=1)) == 2


def test_what_no_database_keeps_is_taken_out_of_a_record():
    record = read_record({"product_description": "Gau\x00ze \ud800", "code_info": ["Lot A17", None]})

    assert (record.product, record.code_text) == ("Gauze ?", "Lot A17")
