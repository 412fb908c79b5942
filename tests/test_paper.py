"""What every paper has: letters that can be printed, text that keeps within its box, codes that a camera reads."""

from io import BytesIO

import pytest
import zxingcpp
from pypdf import PdfReader

from core.errors import DomainError
from core.paper.codes import draw_qr
from core.paper.fitting import fit, wide
from core.paper.labels import print_labels
from core.paper.letters import BOLD, REGULAR, printable, register_fonts
from inventory.labels import SHEETS
from tests.paper import codes_on, picture_of

ADDRESS = "https://supply.example.org/stock/?station=WH&place=12&item=GLV-{}"


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


def test_every_qr_code_is_read_from_the_page():
    """96 addresses of all lengths: the one mask that is drawn is as good as any."""
    texts = [ADDRESS.format("7" * (number % 40) + str(number)) for number in range(96)]
    sheet = SHEETS["A4"]

    def draw(canvas, text, box):
        draw_qr(canvas, text, box.x, box.y, box.height)

    pdf = PdfReader(BytesIO(print_labels(texts, sheet, draw, title="Codes")))

    read = [code for page in pdf.pages for code in codes_on(page)]
    assert [text for _, text in read] == texts


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


# --- Label sheets -----------------------------------------------------------------------------------------------------


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
