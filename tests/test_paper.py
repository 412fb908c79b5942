"""What every paper has: letters that can be printed, text that keeps within its box, codes that a camera reads."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
import zxingcpp
from pypdf import PdfReader

from core.errors import DomainError
from core.paper.codes import draw_code128, draw_qr
from core.paper.fitting import fit, wide
from core.paper.labels import print_labels
from core.paper.letters import BOLD, REGULAR, printable, register_fonts
from core.paper.papers import A4, LETTER
from core.paper.parts import Column, lines_table, named, words
from core.paper.sheets import Stamp, print_sheet
from inventory.labels import SHEETS
from tests.paper import codes_on, paper_of, picture_of, text_of_pdf

ADDRESS = "https://supply.example.org/stock/?station=WH&place=12&item=GLV-{}"


def stamp(paper=A4):
    return Stamp(paper, ADDRESS.format(1), datetime(2026, 11, 3, 19, 10, tzinfo=UTC), "Ann Peña")


# --- Letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Peña Ångström Žižek", "Peña Ångström Žižek"),
        ("Łódź, Győr, Iași", "Łódz, Gyor, Iasi"),
        ("Nguyễn Đỗ", "Nguyen Đo"),
        ("Щукин ЖУКОВА Київ", "Shchukin ZhUKOVA Kiyiv"),
        ("Παπαδόπουλος", "Papadopoulos"),
        ("β-blocker and α-agonist", "beta-blocker and alpha-agonist"),
        ("5\u00a0\u03bcg", "5\u00a0µg"),
        ("中文 Station", "[U+4E2D U+6587] Station"),
        ("10⁵ 2⅓ CO₂ m²", "10^5 2 1/3 CO2 m²"),
        ("≠ ≥ ≤ ≮", "≠ ≥ ≤ [not less-than]"),
        ("a → b ① ℃ ⚠", "a -> b (1) °C [warning sign]"),
        ("one\ttwo\n three\u200b\u202e", "one two three"),
        ("🚑", "[ambulance]"),
        ("", ""),
    ],
)
def test_what_the_font_lacks_stays_readable_and_keeps_its_meaning(written, shown):
    assert printable(written) == shown
    assert set(shown.replace("\u00a0", "")) <= register_fonts()


def test_a_dose_is_not_torn_from_its_unit():
    narrow = fit("Naloxone 4 mg spray", wide("Naloxone 4", REGULAR) * 10, 100, largest=10, least=10)

    assert narrow.lines == ("Naloxone", "4\u00a0mg spray")


# --- Fitting ----------------------------------------------------------------------------------------------------------

LONG = ["Gloves", "Naloxone hydrochloride 4 mg nasal spray, two-dose carton " * 2, "W" * 120, "中" * 40, "a b " * 30]


@pytest.mark.parametrize("text", LONG)
@pytest.mark.parametrize("size", [(100, 40), (60, 12), (200, 20)])
def test_a_text_keeps_within_its_box_whatever_it_is(text, size):
    width, height = size
    fitted = fit(text, width, height, largest=12, font=BOLD)

    assert all(wide(line, BOLD) * fitted.size <= width + 0.01 for line in fitted.lines)
    assert fitted.height <= height + 0.01 or len(fitted.lines) == 1
    assert fitted.is_cut == fitted.lines[-1].endswith("…")


def test_a_text_that_fits_smaller_is_shown_whole():
    fitted = fit(LONG[1], 118, 45, largest=12)

    assert "".join(fitted.lines).replace(" ", "") == printable(LONG[1]).replace(" ", "")
    assert fitted.size < 12


# --- Codes ------------------------------------------------------------------------------------------------------------


def test_every_qr_code_and_code_128_is_read_from_the_page():
    """96 addresses of all lengths: the one mask that is drawn is as good as any."""
    texts = [ADDRESS.format("7" * (number % 40) + str(number)) for number in range(96)]
    sheet = SHEETS["A4"]

    def draw(canvas, text, box):
        draw_qr(canvas, text, box.x, box.y, box.height)
        draw_code128(canvas, f"S{len(text):06d}", box.x + box.height + 2, box.y, 90, 30, bar=1)

    pdf = PdfReader(BytesIO(print_labels(texts, sheet, draw, title="Codes")))

    read = [code for page in pdf.pages for code in codes_on(page)]
    assert [text for kind, text in read if kind.startswith("QR")] == texts
    assert sorted(text for kind, text in read if kind == "Code128") == sorted(f"S{len(text):06d}" for text in texts)


def test_a_page_without_its_codes_reads_nothing():
    """The control of the camera."""
    pdf = PdfReader(
        BytesIO(
            print_labels(
                ["x"],
                SHEETS["A4"],
                lambda canvas, text, box: canvas.drawString(box.x, box.y, text),
                title="None",
            )
        )
    )

    assert zxingcpp.read_barcodes(picture_of(pdf.pages[0])) == []


# --- Sheets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", [A4, LETTER])
def test_a_long_sheet_repeats_its_header_and_numbers_its_pages(settings, paper):
    settings.EMS_DIVISION_NAME = "Łódź & Co"
    columns = [Column("Item", 3), Column("Lot", 1)]
    rows = [[named(f"Item {number}", "SKU"), words(f"L{number}")] for number in range(500)]

    pdf = PdfReader(BytesIO(print_sheet(stamp(paper), "Packing slip S1", "to Łódź", [lines_table(columns, rows, 400)])))

    pages = [" ".join(page.extract_text().split()) for page in pdf.pages]
    assert paper_of(pdf) == paper.name
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert f"{number} of {len(pages)}" in page
        assert "Packing slip S1" in page
        assert "to Łódz" in page
        assert "Item Lot" in page
        assert "Printed Tue, Nov 3, 2026, 14:10 by Ann Peña · Łódz & Co" in page
    for end in (pdf.pages[0], pdf.pages[-1]):
        assert codes_on(end) == [("QRCode", stamp().address)]
    whole = text_of_pdf(pdf)
    assert [number for number in range(500) if f"L{number} " not in f"{whole} "] == []


def test_a_row_that_is_higher_than_a_page_goes_on_on_the_next():
    rows = [[words("word " * 3000), words("L1")]]

    pdf = PdfReader(BytesIO(print_sheet(stamp(), "T", "", [lines_table([Column("A", 1), Column("B", 1)], rows, 300)])))

    assert len(pdf.pages) > 1
    assert text_of_pdf(pdf).count("word") == 3000


def test_text_is_not_markup():
    pdf = PdfReader(BytesIO(print_sheet(stamp(), "<b>T & Co</b>", "<i>", [named("<para>A & B</para>", "<br/>")])))

    assert "<para>A & B</para>" in text_of_pdf(pdf)
    assert "<b>T & Co</b>" in text_of_pdf(pdf)


def test_a_whole_sheet_cannot_be_skipped():
    with pytest.raises(DomainError, match="from 0 to 23"):
        print_labels(["x"], SHEETS["A4"], lambda *_: None, title="T", skip=24)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.paper.name)
def test_the_labels_lie_on_their_paper_and_not_on_each_other(sheet):
    corners = [sheet.corner(number) for number in range(sheet.per_page)]

    assert len({(round(x, 2), round(y, 2)) for x, y in corners}) == sheet.per_page
    assert all(x >= 0 and x + sheet.width <= sheet.paper.width + 0.01 for x, _ in corners)
    assert all(y >= 0 and y + sheet.height <= sheet.paper.height for _, y in corners)
    assert sheet.across >= sheet.width
    assert sheet.down >= sheet.height
