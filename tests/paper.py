"""PDFs read back: their words, their sizes, and the codes on them as a camera would see the page."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import zxingcpp
from PIL import Image, ImageDraw
from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

DOTS = 3  # a point, so 216 to the inch: less than any printer has
SIZES = {"A4": (595, 842), "Letter": (612, 792)}
Matrix = tuple[float, float, float, float, float, float]


def pdf_of(response: Any) -> PdfReader:
    """The PDF of an answer that is one."""
    assert response.status_code == 200, response.status_code
    assert response["Content-Type"] == "application/pdf"
    return PdfReader(BytesIO(response.content))


def text_of_pdf(pdf: PdfReader) -> str:
    """All words of it, with single spaces between them."""
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def paper_of(pdf: PdfReader) -> str:
    """The paper of all its pages."""
    sizes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.pages}
    assert len(sizes) == 1
    return next(name for name, size in SIZES.items() if size == next(iter(sizes)))


def codes_on(page: PageObject) -> list[tuple[str, str]]:
    """What a camera reads on a page, as (kind, text), from the top down and from left to right."""
    found = zxingcpp.read_barcodes(picture_of(page))
    read = sorted(found, key=lambda code: (round(code.position.top_left.y / 40), code.position.top_left.x))
    return [(code.format.name, code.text) for code in read]


def picture_of(page: PageObject) -> Image.Image:
    """The page as a printer lays it down: its black rectangles, which the codes are made of, and no letters."""
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    picture = Image.new("L", (round(width * DOTS), round(height * DOTS)), 255)
    draw = ImageDraw.Draw(picture)
    for left, bottom, right, top in rectangles(page):
        if right - left >= 0.1 and top - bottom >= 0.1:
            draw.rectangle(
                (
                    round(left * DOTS),
                    round((height - top) * DOTS),
                    round(right * DOTS) - 1,
                    round((height - bottom) * DOTS) - 1,
                ),
                fill=0,
            )
    return picture


def rectangles(page: PageObject) -> Iterator[tuple[float, float, float, float]]:
    """The filled rectangles of a page: left, bottom, right, top, in points."""
    here: Matrix = (1, 0, 0, 1, 0, 0)
    kept: list[Matrix] = []
    path: list[tuple[float, float, float, float]] = []
    content = page.get_contents()
    assert content is not None
    for operands, operator in ContentStream(content, page.pdf).operations:
        if operator == b"q":
            kept.append(here)
        elif operator == b"Q":
            here = kept.pop()
        elif operator == b"cm":
            here = _times(tuple(float(one) for one in operands), here)  # type: ignore[arg-type]
        elif operator == b"re":
            x, y, wide, high = (float(one) for one in operands)
            path.append((*_moved(here, x, y), *_moved(here, x + wide, y + high)))
        elif operator in (b"f", b"f*", b"F"):
            yield from path
            path = []
        elif operator in (b"n", b"S", b"s"):
            path = []


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _moved(by: Matrix, x: float, y: float) -> tuple[float, float]:
    return by[0] * x + by[2] * y + by[4], by[1] * x + by[3] * y + by[5]


def words_of(page: PageObject) -> list[tuple[float, float, float, str]]:
    """Each piece of text of a page: left, base line, size, words."""
    pieces: list[tuple[float, float, float, str]] = []

    def keep(text: str, matrix: Any, at: Any, _font: Any, size: float) -> None:
        if text.strip():
            x, y = _moved(tuple(matrix), float(at[4]), float(at[5]))
            pieces.append((x, y, size, text.strip()))

    page.extract_text(visitor_text=keep)
    return pieces
