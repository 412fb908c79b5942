"""What a font without a letter prints instead, so that a name stays readable and no number changes its meaning.

The font is Bitstream Vera, which reportlab brings along and each PDF carries: Western Europe and a little more. Other
Latin letters lose their marks (Łódź becomes Łódz), Cyrillic and Greek are spelled in Latin letters, signs are named,
and what is left, such as Chinese, is printed as its number in Unicode: [U+4E2D U+6587]. Nothing becomes an empty box.
"""

import re
import unicodedata
from functools import cache, lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "Vera", "VeraBd"

# Letters that do not fall apart into a letter of the font and its marks.
LATIN = {
    "ħ": "h", "ĸ": "k", "ŀ": "l", "ŋ": "ng", "ŧ": "t", "ƶ": "z", "ə": "e", "ɓ": "b", "ɗ": "d", "ɛ": "e", "ɣ": "g",
    "ɔ": "o", "ƴ": "y", "ƙ": "k", "ǝ": "e", "ʼ": "'", "ʻ": "'", "ẞ": "SS",
}  # fmt: skip
# Russian, Ukrainian, Belarusian, Bulgarian, Serbian and Macedonian, as passports spell them, near enough.
CYRILLIC_LETTERS = "абвгґдђѓеёєжзѕиіїйјкќлљмнњопрстћуўфхцчџшщъыьэюя"
CYRILLIC_SPELLED = (
    "a b v g g d dj gj e e ye zh z dz i i yi y j k kj l lj m n nj o p r s t c u u f kh ts ch dz sh shch '' y ' e yu ya"
)
GREEK_LETTERS = "αβγδεζηθικλμνξοπρσςτυφχψω"
GREEK_SPELLED = "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
CYRILLIC = dict(zip(CYRILLIC_LETTERS, CYRILLIC_SPELLED.split(), strict=True))
GREEK = dict(zip(GREEK_LETTERS, GREEK_SPELLED.split(), strict=True))
SIGNS = {
    "→": "->", "←": "<-", "↔": "<->", "⇒": "=>", "‐": "-", "‑": "-", "⁃": "-", "′": "'", "″": '"', "☐": "[ ]",
    "☑": "[x]", "☒": "[x]", "⁄": "/", "∕": "/", "ー": "-", "\N{IDEOGRAPHIC COMMA}": ", ", "。": ". ",
}  # fmt: skip
GREEK_RUN = re.compile("[\u0370-\u03ff\u1f00-\u1fff]{2,}")
NUMBERED = re.compile(r"\]\[U\+")
SPELLED = LATIN | CYRILLIC
# A dose stays on one line: "4" at the end of one and "mg" on the next are read apart.
DOSE = re.compile(r"(?<=\d) (?=(?:[mµk]?g|mcg|[mµ]?L|ml|mEq|mmol|IU|units?|[cm]m|in|ft|Fr|ga|G|%)(?![a-zA-Z]))")
KEPT = 10_000


@cache
def register_fonts() -> frozenset[str]:
    """Make the two fonts known to reportlab; the characters that both of them can draw."""
    drawable: set[str] | None = None
    for name in (REGULAR, BOLD):
        font = TTFont(name, f"{name}.ttf")
        pdfmetrics.registerFont(font)
        found = {chr(code) for code in font.face.charToGlyph}
        drawable = found if drawable is None else drawable & found
    return frozenset(one for one in drawable or () if one == " " or unicodedata.category(one)[0] not in "CZ")


@lru_cache(KEPT)
def printable(text: str) -> str:
    """The text in letters that the font can draw, in one line, with single spaces."""
    drawable = register_fonts()
    composed = unicodedata.normalize("NFC", text)
    if not set(composed) <= drawable:
        spelled = GREEK_RUN.sub(lambda run: _greek_word(run[0]), composed)
        composed = NUMBERED.sub(" U+", "".join(one if one in drawable else _instead(one) for one in spelled))
    return DOSE.sub("\N{NO-BREAK SPACE}", " ".join(composed.split()))


def _cased(spelled: str, char: str) -> str:
    """With a capital, if the letter that it stands for is one."""
    return spelled.capitalize() if char.isupper() else spelled


def _greek_word(word: str) -> str:
    bases = [_base(char) for char in word]
    spelled = [_cased(GREEK[base.lower()], base) if base.lower() in GREEK else base for base in bases]
    return "".join(spelled).replace("oy", "ou").replace("Oy", "Ou")


def _base(char: str) -> str:
    """The letter without its marks."""
    return unicodedata.normalize("NFD", char)[0]


@cache
def _instead(char: str) -> str:
    """What stands for one character that the font lacks."""
    if char.isspace():
        return " "
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Mn", "Me"):
        return ""  # marks that came without a letter, and what was never seen
    if char in SIGNS:
        return SIGNS[char]
    for known in (char, _base(char)):
        if (spelled := SPELLED.get(known) or SPELLED.get(known.lower())) is not None:
            return _cased(spelled, known)
    return _greek_sign(char) or _apart(char) or _named(char, category)


def _greek_sign(char: str) -> str:
    """A Greek letter that stands alone is a sign: alpha and beta are two things, as is micro."""
    if char == "μ":
        return "µ"
    name = unicodedata.name(char, "").removeprefix("MATHEMATICAL ")
    _, is_greek, letter = name.partition("GREEK SMALL LETTER ")
    if is_greek:
        return letter.partition(" ")[0].lower()
    _, is_greek, letter = name.partition("GREEK CAPITAL LETTER ")
    return letter.partition(" ")[0].capitalize() if is_greek else ""


def _apart(char: str) -> str:
    """The parts of one that is put together, if they say the same; a power, a fraction and a circle keep their sense.

    A sign with a stroke through it means the opposite: only letters may lose a mark.
    """
    how = unicodedata.decomposition(char).partition(" ")[0]
    if not how:
        return ""
    parts = unicodedata.normalize("NFKD", char)
    if not how.startswith("<") and unicodedata.category(parts[0])[0] != "L":
        return ""
    drawable = register_fonts()
    plain = "".join(
        one if one in drawable else SIGNS.get(one, "") if unicodedata.category(one) == "Mn" else _instead(one)
        for one in parts
    )
    shapes = {"<super>": f"^{plain}", "<fraction>": f" {plain}", "<circle>": f"({plain})"}
    return shapes.get(how, plain)


def _named(char: str, category: str) -> str:
    """A sign by its name, a letter by its number."""
    name = unicodedata.name(char, "")
    return f"[{name.lower()}]" if name and category[0] in "SP" else f"[U+{ord(char):04X}]"
