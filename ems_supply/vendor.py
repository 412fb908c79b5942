"""Copy the few third-party files that pages use out of ``node_modules`` into ``static_vendor/vendor``.

Plain Python without Django, so that ``make setup`` and the image's build can run it first.
"""

import argparse
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "static_vendor" / "vendor"
ICON_LIST = ROOT / "ems_supply" / "icons.txt"

FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "idb.js": "idb/build/umd.js",
    "zxing.js": "zxing-wasm/dist/iife/reader/index.js",
}
PROGRAMS = {"zxing_reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm"}
SOURCE_MAP = re.compile(r"(/\*|//)[#@]\s*sourceMappingURL=\S+?(\s*\*/|$)", re.MULTILINE)
SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def copy_files() -> None:
    """Copy each file, without its pointer to a source map: the manifest would look for that map and fail."""
    for name, source in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        (TARGET / name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")
    for name, source in PROGRAMS.items():
        shutil.copyfile(MODULES / source, TARGET / name)


def icon_names(text: str) -> list[str]:
    """The names in a list of icons: one a line, ``#`` begins a comment, order and repeats do not matter."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return sorted({line for line in lines if line})


def symbol(name: str) -> str:
    """One icon as a ``<symbol>``; a name that Tabler does not have is refused by name."""
    style, _, plain = name.rpartition("/")
    source = MODULES / "@tabler/icons/icons" / (style or "outline") / f"{plain}.svg"
    found = SVG_BODY.search(source.read_text(encoding="utf-8")) if source.is_file() else None
    if found is None:
        raise SystemExit(
            f"ems_supply/icons.txt: Tabler has no icon named {name!r}. Correct the name or remove the line."
        )
    look = (
        'fill="currentColor"'
        if style == "filled"
        else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    )
    suffix = "-filled" if style == "filled" else ""
    return f'<symbol id="tabler-{plain}{suffix}" viewBox="0 0 24 24" {look}>{found.group(1).strip()}</symbol>'


def sprite(names: Iterable[str]) -> str:
    """All icons in one file that pages point into."""
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', *map(symbol, names), "</svg>", ""])


def build() -> None:
    """Make ``static_vendor`` anew."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    copy_files()
    names = icon_names(ICON_LIST.read_text(encoding="utf-8"))
    (TARGET / "icons.svg").write_text(sprite(names), encoding="utf-8")


def clean_locks() -> None:
    """Drop what ``npm`` writes into its locks but nobody installs from: addresses of funding pages."""
    for path in (ROOT / "package-lock.json", ROOT / "tests" / "lighthouse" / "package-lock.json"):
        lock = json.loads(path.read_text(encoding="utf-8"))
        for package in lock["packages"].values():
            package.pop("funding", None)
            package.pop("resolved", None)
        path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clean-locks", action="store_true", help="tidy the locks of npm instead")
    if parser.parse_args().clean_locks:
        clean_locks()
    else:
        build()
