"""The photo of the demo's damaged delivery, drawn: a tote with a corner pushed in, on the floor of a bay."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

from core.pictures import Picture, read_picture

SIZE = (1200, 900)
WALL, FLOOR, SHADOW = "#8d9299", "#5f6268", "#45474b"
FRONT, SIDE, LID, RIM, TORN = "#2f6fb5", "#235288", "#4b8ad0", "#1b3f69", "#16202c"


def crushed_tote() -> Picture:
    """As a phone would send it."""
    image = Image.new("RGB", SIZE, WALL)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 560, *SIZE), fill=FLOOR)
    pen.polygon([(190, 760), (820, 800), (1080, 690), (980, 640)], fill=SHADOW)
    pen.polygon([(200, 360), (760, 400), (760, 790), (230, 740)], fill=FRONT)
    pen.polygon([(760, 400), (880, 430), (850, 520), (985, 470), (990, 680), (760, 790)], fill=SIDE)
    pen.polygon([(180, 350), (430, 270), (1010, 300), (900, 400), (770, 410)], fill=LID)
    pen.line([(180, 350), (770, 410), (900, 400), (1010, 300)], fill=RIM, width=14)
    pen.polygon([(700, 470), (850, 520), (790, 600), (730, 580), (690, 540)], fill=TORN)
    for crack in ([(690, 540), (600, 560), (560, 640)], [(730, 580), (700, 690)], [(700, 470), (640, 430)]):
        pen.line(crack, fill=RIM, width=6)
    stream = BytesIO()
    image.filter(ImageFilter.GaussianBlur(2)).save(stream, "PNG")
    return read_picture(BytesIO(stream.getvalue()), size=stream.tell())
