"""Codes that a camera reads: QR for addresses, Code 128 for short numbers. Drawn as rectangles, sharp at any size."""

from functools import lru_cache

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.pdfgen.canvas import Canvas

QUIET = 4  # modules that must stay white around a QR code
# The encoder would try each of eight masks to find the one that looks least like something else: nine tenths of its
# time. One mask is read as well, as a test of many addresses shows.
MASK = 2

Run = tuple[int, int, int]


@lru_cache(500)
def qr_runs(text: str) -> tuple[int, tuple[Run, ...]]:
    """How many modules a side of the code has, and its black stretches: (row, first column, modules). It is read with
    15 % of it dirty (level M)."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.version = code.calculate_version()  # type: ignore[no-untyped-call]
    code.makeImpl(False, MASK)
    runs: list[Run] = []
    for number, row in enumerate(code.modules):
        start = None
        for column, is_dark in enumerate([*row, False]):
            if is_dark and start is None:
                start = column
            elif not is_dark and start is not None:
                runs.append((number, start, column - start))
                start = None
    return code.moduleCount, tuple(runs)


def draw_qr(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """Draw a QR code into a square with this lower left corner, its white edge included."""
    count, runs = qr_runs(text)
    module = side / (count + 2 * QUIET)
    path = canvas.beginPath()
    for row, column, length in runs:
        path.rect(QUIET + column, QUIET + count - 1 - row, length, 1)
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(module, module)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def draw_code128(canvas: Canvas, text: str, x: float, y: float, width: float, height: float, *, bar: float) -> None:
    """Draw a Code 128 from its lower left corner: bars of at most ``bar`` points, narrower where ``width`` asks for it,
    the white edges included."""
    modules = Code128(text, barWidth=1, quiet=True).width
    Code128(text, barWidth=min(bar, width / modules), barHeight=height, quiet=True).drawOn(canvas, x, y)
