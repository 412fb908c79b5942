"""Codes as they are printed: every row of the outside data, every form of each number, and any text at all."""

import csv
import os
import re
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.codes import Code, Scanned, System, UnreadableCode, read_code
from inventory.codes.check_digits import MODULO_43, gs1_check_digit, hibc_check_character, is_checked
from inventory.codes.hibcs import is_primary
from inventory.codes.ndcs import ndcs_of, ndcs_of_billing, read_ndc

FUZZ = settings(
    max_examples=int(os.environ.get("EMS_FUZZ", "300")), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
GS = "\x1d"


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def refusal(text):
    with pytest.raises(UnreadableCode) as caught:
        read_code(text)
    return str(caught.value)


def with_check(text):
    return text + hibc_check_character(text)


def test_every_gs1_string_of_others_says_what_they_say(shared):
    told = 0
    for row in rows(shared / "barcodes" / "gs1_strings.csv"):
        if row["result"].startswith("invalid") and not re.fullmatch(r"\w+", row["raw"]):
            refusal(row["raw"])
        elif row["result"] == "invalid sscc":
            assert "should be 0" in refusal(row["raw"])
        else:
            found = read_code(row["raw"])
            assert found.gtin == row["gtin14"]
            assert found.lot == row["lot_10"]
            assert str(found.expires_on or "") == row["expiry_17"]
            assert str(found.best_before_on or "") == row["best_before_15"]
            assert found.serial == row["serial_21"]
            told += row["result"].startswith("valid")
            if row["result"] == "invalid":  # no code of a standard: at most somebody's own number
                assert {code.system for code in found.codes} == {System.OTHER}
    assert told == 13


def test_every_upc_of_a_drug_holds_its_ndc(shared):
    pairs = rows(shared / "barcodes" / "ndc_upc_pairs.csv")

    for pair in pairs:
        for text in (pair["upc_as_listed"].removeprefix("0"), pair["upc_as_listed"].zfill(14)):
            found = read_code(text)
            assert pair["ndc10"] in found.ndcs
            assert len(found.ndcs) == 3
    assert len(pairs) == 2


def test_every_hibc_of_the_field_is_read_with_and_without_its_check_character(shared):
    written = []
    for row in rows(shared / "barcodes" / "hibc_device_identifiers.csv"):
        listed = row["hibcc_di"]
        if listed[0].isdigit():  # a GTIN that was filed under HIBCC
            assert read_code(listed).gtin == listed
            continue
        written.append(is_in_register_with_check := with_check(f"+{listed[:-1]}") == f"+{listed}")
        primary = listed[:-1] if is_in_register_with_check else listed
        whole = with_check(f"+{primary}")
        for text in (listed, whole, f"*{whole}*", whole.lower(), f"+{primary}", f"HIBC {whole}", whole.strip()):
            assert Code(System.HIBC, primary) in read_code(text).codes
    assert (written.count(True), written.count(False)) == (101, 18)


def test_every_gtin_of_the_catalogue_passes_and_its_neighbours_do_not(shared):
    gtins = set()
    for row in rows(shared / "catalog" / "gudid_ems_devices_2016.csv"):
        gtins.add(row["primary_di"])
    for row in rows(shared / "catalog" / "gudid_package_hierarchy_2016.csv"):
        gtins |= {row["primary_di"], row["package_di"], row["contains_di"]}
    gtins = {gtin for gtin in gtins if gtin.isdigit() and len(gtin) == 14}

    for gtin in gtins:
        wrong = gtin[:-1] + str((int(gtin[-1]) + 1) % 10)
        assert read_code(gtin).gtin == read_code(f"(01){gtin}").gtin == read_code(f"]d201{gtin}").gtin == gtin
        for text in (wrong, f"(01){wrong}", f"]d201{wrong}", f"https://id.gs1.org/01/{wrong}"):
            assert f"its last digit should be {gtin[-1]}" in refusal(text)
    assert len(gtins) > 500


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"]d20100614141123452172811001021{GS}21S-9", {"lot": "21", "serial": "S-9", "expires_on": date(2028, 11, 30)}),
        ("]C10100614141123452<GS>10A1", {"lot": "A1"}),
        (f"{GS}010061414112345210A1", {"lot": "A1"}),
        ("]Q30100614141123452", {}),
        ("0100614141123452␝10A1", {"lot": "A1"}),
        ("]E0614141123452", {}),
        ("614141123452", {}),
        ("0614141123452", {}),
        ("00614141123452", {}),
        ("6 14141 12345 2", {}),
        ("UPC 6-14141-12345-2", {}),
        ("(01) 00614141123452 (17) 290200 (10) A1", {"lot": "A1", "expires_on": date(2029, 2, 28)}),
        ("https://id.gs1.org/01/614141123452/10/A1/21/7?17=290430", {"serial": "7", "expires_on": date(2029, 4, 30)}),
        ("]d2(01)00614141123452"[3:], {}),
        (f"0200614141123452{GS}3724", {"count": 24}),
        (f"01006141411234521700000010A1{GS}", {"expires_on": None, "lot": "A1"}),
    ],
)
def test_a_gtin_in_every_form(text, says):
    found = read_code(text)

    assert found.gtin == "00614141123452"
    assert {name: getattr(found, name) for name in says} == says


@pytest.mark.parametrize(
    ("text", "ndcs"),
    [
        ("0409-1782-69", ("0409-1782-69",)),
        ("63323-810-20", ("63323-810-20",)),
        ("38779-1756-0", ("38779-1756-0",)),
        ("NDC 0409-1782-69", ("0409-1782-69",)),
        ("NDC: 0409 - 1782 - 69", ("0409-1782-69",)),
        ("00409-1782-69", ("0409-1782-69",)),
        ("00409178269", ("0409-1782-69",)),
        ("63323081020", ("63323-810-20",)),
        ("38779175600", ("38779-1756-0",)),
        ("0409178269", ("0409-1782-69", "04091-782-69", "04091-7826-9")),
        ("123456-1234-12", ("123456-1234-12",)),
        ("000409-1782-69", ("000409-1782-69", "0409-1782-69")),
        ("(01)00363323810207(10)7", ("6332-3810-20", "63323-810-20", "63323-8102-0")),
        ("(01)00614141123452(715)63323081020", ("63323-810-20",)),
    ],
)
def test_an_ndc_in_every_form(text, ndcs):
    assert read_code(text).ndcs == ndcs


@pytest.mark.parametrize(
    ("behind", "says"),
    [
        ("$LOT1", {"lot": "LOT1"}),
        ("$+SER1", {"serial": "SER1"}),
        ("$$0928LOT1", {"expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$2093028LOT1", {"expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$3280930LOT1", {"expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$428093012LOT1", {"expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$528274LOT1", {"expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$62827412LOT1", {"expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$7LOT1", {"expires_on": None, "lot": "LOT1"}),
        ("$$824328093OLOT1".replace("O", "0", 1), {"count": 24, "expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$9001000928LOT1", {"count": 100, "expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$+3280930SER1", {"expires_on": date(2028, 9, 30), "serial": "SER1"}),
        ("28274LOT1", {"expires_on": date(2028, 9, 30), "lot": "LOT1"}),
        ("$$3280930LOT1/SSER1/16D20260101/Q12", {"lot": "LOT1", "serial": "SER1", "count": 12}),
        ("$LOT1/14D20280930", {"lot": "LOT1", "expires_on": date(2028, 9, 30)}),
    ],
)
def test_what_stands_behind_a_hibc(behind, says):
    text = with_check(f"+A99912345/{behind}")

    found = read_code(text)

    assert found.hibc == "A99912345"
    assert {name: getattr(found, name) for name in says} == says
    wrong = MODULO_43[(MODULO_43.index(text[-1]) + 1) % 43]
    assert "its last character should be" in refusal(text[:-1] + wrong)


@pytest.mark.parametrize(
    "behind", ["$$1328LOT1", "$$2133028L", "$$3280931L", "$$528367L", "$$8X4L", "$$X", "$$528000L"]
)
def test_a_day_or_count_that_there_is_not_is_refused(behind):
    assert "HIBC" in refusal(with_check(f"+A99912345/{behind}"))


def test_a_secondary_alone_names_no_item():
    link = hibc_check_character("+A99912345")
    found = read_code(with_check(f"+$$3280930LOT1{link}"))

    assert (found.lot, found.expires_on, found.names_something) == ("LOT1", date(2028, 9, 30), False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("https://supply.example.org/stock/?station=WH&place=12&item=GLV-M", ("GLV-M", "WH", 12)),
        ("HTTP://x/stock/?item=A%2FB", ("A/B", "", None)),
        ("https://supply.example.org/items/GLV%2DM/", ("GLV-M", "", None)),
        ("https://x/stock/?item=A&place=9999999999999999999999", ("A", "", None)),
    ],
)
def test_a_shelf_label_names_its_item_and_place(text, says):
    found = read_code(text)

    assert (found.sku, found.station, found.place) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is nothing here"),
        (GS, "There is nothing here"),
        ("]d2", "no code"),
        ("x" * 501, "too long"),
        ("x" * 81, "no code that is known"),
        ("A\0B", "signs that no code has"),
        ("https://example.org/about", "the address of something else"),
        ("https://[", "the address of something else"),
        ("376130321109103421", "its last digit should be 0"),
        ("]E012A", "is not a GTIN"),
        ("+A99ü", "letters that no HIBC has"),
        ("+", "begins as a HIBC"),
        ("NDC 12", "is not an NDC"),
        ("GTIN abc", "is not a GTIN"),
        (f"0100614141123452{GS}0105901234123457", "two different things"),
        ("(17)280231", "a day that there is not"),
        ("]d20100614141123452ZZ", "not a whole GS1 code"),
    ],
)
def test_what_is_no_code_is_refused_and_says_why(text, says):
    assert says in refusal(text)


def test_an_sscc_names_no_item():
    found = read_code("(00)376130321109103420")

    assert (found.sscc, found.names_something) == ("376130321109103420", False)
    assert read_code("376130321109103420").sscc == read_code("00376130321109103420").sscc == found.sscc


def test_one_time_in_43_a_hibc_may_be_two():
    primary = next(text for text in (f"A999{n}1" for n in range(10_000)) if hibc_check_character(f"+{text}").isdigit())
    whole = with_check(f"+{primary}")

    assert [code.value for code in read_code(whole).codes] == [primary, whole[1:]]
    assert read_code(whole).hibc == ""


def read_or_refuse(text):
    try:
        found = read_code(text)
    except UnreadableCode:
        return
    assert isinstance(found, Scanned)
    for code in found.codes:
        assert 1 <= len(code.value) <= 80
        if code.system is System.GTIN:
            assert len(code.value) == 14
            assert is_checked(code.value)
        if code.system is System.HIBC:
            assert is_primary(code.value)
        if code.system is System.NDC:
            assert code.value in read_ndc(code.value)


PIECES = st.sampled_from(
    [
        *("]d2", "]C1", "]E0", "]E4", "01", "(01)", "(10)", "17", "10", "21", "(7003)", "3103", "3922", "715", GS),
        *("<GS>", "+", "$$", "$$+", "/", "A999", "http://", "https://id.gs1.org/01/", "/stock/?item=", "-", " "),
        *("00614141123452", "280231", "NDC "),
    ]
)
PRIMARIES = st.from_regex(r"[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]", fullmatch=True)
LOTS = st.from_regex(r"[A-Z0-9]{1,18}", fullmatch=True)


@FUZZ
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    read_or_refuse(text)


@FUZZ
@given(st.lists(PIECES | st.text("0123456789", max_size=20) | st.text(max_size=4), max_size=8).map("".join))
def test_any_text_of_pieces_of_codes_is_read_or_refused(text):
    read_or_refuse(text)


@FUZZ
@given(st.text("0123456789", min_size=7, max_size=17))
def test_a_check_digit_tells_every_single_wrong_digit(digits):
    whole = digits + str(gs1_check_digit(digits))

    assert is_checked(whole)
    for place, digit in enumerate(whole):
        assert not is_checked(whole[:place] + str((int(digit) + 1) % 10) + whole[place + 1 :])


@FUZZ
@given(st.text(MODULO_43, min_size=1, max_size=30), st.data())
def test_a_check_character_tells_every_single_wrong_letter(text, data):
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(MODULO_43).filter(lambda letter: letter != text[place]))

    assert hibc_check_character(text) != hibc_check_character(text[:place] + other + text[place + 1 :])


@FUZZ
@given(st.text("0123456789", min_size=10, max_size=10))
def test_an_ndc_comes_back_from_the_form_of_bills(digits):
    for ndc in ndcs_of(digits):
        sizes = zip(ndc.split("-"), (5, 4, 2), strict=True)
        assert ndc in ndcs_of_billing("".join(part.zfill(size) for part, size in sizes))
        assert read_ndc(ndc) == (ndc,)


@FUZZ
@given(PRIMARIES, LOTS)
def test_a_hibc_comes_back_with_its_lot(primary, lot):
    found = read_code(with_check(f"+{primary}/$$7{lot}"))

    assert (found.hibc, found.lot) == (primary, lot)
