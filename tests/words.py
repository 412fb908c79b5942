"""The catalogue of words: what pages, code and e-mails say, and how it is said in other languages.

``python -m tests.words`` (or ``make words``) gathers every text that is marked for translation, brings
``locale/LANGUAGE/LC_MESSAGES/django.po`` up to date and compiles it; with ``--missing`` it prints what has no
translation yet, with ``--take FILE …`` it takes translations from other .po files. No system tools are needed.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("es",)
PLAIN, PLURAL, CONTEXT, BOTH = None, (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), PLAIN),
    **dict.fromkeys(("_n", "ngettext", "ngettext_lazy"), PLURAL),
    **dict.fromkeys(("_p", "pgettext", "pgettext_lazy"), CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), BOTH),
}
# One and more than one: what else a locale knows (millions "de" things) nothing here counts up to.
HEADERS = {"Plural-Forms": "nplurals=2; plural=(n != 1);", "Content-Type": "text/plain; charset=utf-8"}
NO_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # compiled files say one, and are the same where no word changed


def sources() -> list[Path]:
    """Every file that may hold words: templates and code, without tests and migrations."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py", "*.html", "*.txt"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    paths = (Path(name) for name in names if name)
    return sorted(
        path
        for path in paths
        if (path.suffix == ".py" or path.parts[0] == "templates")
        and path.parts[0] not in {"tests", "benchmarks"}
        and "migrations" not in path.parts
        and (ROOT / path).exists()
    )


def messages_of(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """(message or its singular and plural, context) of all that one file marks."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Every line on its own: what a template has between its texts is no Python.
        lines = templatize(text, origin=str(path)).splitlines()
        text = "\n".join(line.strip(" \tX") if "(" in line else "" for line in lines)
    for _line, function, found, _comments in _python(text):
        spec = KEYWORDS[str(function)] or (1,)
        parts = tuple(found) if isinstance(found, tuple | list) else (found,)
        texts = tuple(parts[place - 1] for place in spec if isinstance(place, int))
        if all(isinstance(part, str) for part in texts):  # else it is a word that is marked elsewhere
            yield texts if len(texts) > 1 else texts[0], parts[0] if len(spec) > len(texts) else None


def _python(text: str) -> Iterator[Any]:
    return iter(extract_python(BytesIO(text.encode()), KEYWORDS, (), {}))


def gathered() -> Catalog:
    """Every text of the project, without translations."""
    catalog = Catalog()
    for path in sources():
        for message, context in messages_of(path):
            catalog.add(message, locations=[(path.as_posix(), 1)], context=context)
    return catalog


def path_of(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def empty(language: str) -> Catalog:
    catalog = Catalog(locale=language, fuzzy=False, header_comment="# What EMS Supply says. Made by `make words`.")
    catalog.mime_headers = list(HEADERS.items())
    return catalog


def read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(old: Catalog, words: Catalog, language: str) -> Catalog:
    """What the project says now, with the translations that are there already; what it says no longer is dropped."""
    new = empty(language)
    for message in sorted(filter(None, words), key=_key):
        if message.id:
            known = old.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            taken = known.string if known and known.pluralizable == message.pluralizable else None
            new.add(message.id, taken, locations=_files(message), context=message.context)
    return new


def _key(message: Message) -> tuple[str, str]:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return text, message.context or ""


def _files(message: Message) -> list[tuple[str, int]]:
    return sorted({(name, 1) for name, _line in message.locations})


def is_said(message: Message) -> bool:
    """Whether the translation is complete: for both forms of a plural."""
    parts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(parts)


def missing(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id and not is_said(message)]


def take(catalog: Catalog, other: Catalog) -> None:
    """Take over what another catalogue translates and this one does not."""
    for message in missing(catalog):
        text = message.id if isinstance(message.id, str) else message.id[0]
        known = other.get(text, message.context)
        if known and is_said(known) and known.pluralizable == message.pluralizable:
            message.string = known.string


def po_text(catalog: Catalog) -> bytes:
    """As a file, with no more header than readers need: no dates, so that nothing changes where no word does."""
    file = BytesIO()
    write_po(file, catalog, width=120, include_lineno=False, omit_header=True)
    header = "".join(f'"{name}: {value}\\n"\n' for name, value in HEADERS.items())
    return f'{catalog.header_comment}\nmsgid ""\nmsgstr ""\n{header}\n'.encode() + file.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    catalog.creation_date = catalog.revision_date = NO_DAY
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missing", action="store_true", help="print what has no translation, as a .po file")
    parser.add_argument("--take", nargs="+", type=Path, default=[], help="take translations from these .po files")
    options = parser.parse_args(arguments)
    words = gathered()
    for language in LANGUAGES:
        path = path_of(language)
        catalog = renewed(read(path, language), words, language)
        for other in options.take:
            take(catalog, read(other, language))
        lacking = missing(catalog)
        if options.missing:
            left = empty(language)
            for message in lacking:
                left.add(message.id, locations=message.locations, context=message.context)
            sys.stdout.buffer.write(po_text(left))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_text(catalog))
        path.with_suffix(".mo").write_bytes(mo_bytes(catalog))
        print(f"{language}: {len(catalog)} texts, {len(lacking)} without a translation", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
