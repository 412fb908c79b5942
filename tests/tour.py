"""Take the pictures of docs/tour.md from a demo division of its own: one a page, so that none goes stale.

Run by ``make tour``. Pages are those of each role's navigation, and the first that each of their lists opens.
"""

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from tests.conftest import chromium, free_port

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "tour"
PAGE = ROOT / "docs" / "tour.md"
# Who carries a phone, and who sits at a desk; at night some like it dark.
ROLES = {
    "officer": ("The station officer, on a phone", 390, 844, False),
    "logistics": ("Logistics, at a desk", 1440, 900, False),
    "driver": ("The driver, on a phone", 390, 844, True),
    "chief": ("The chief", 1440, 900, False),
    "auditor": ("The auditor", 1440, 900, True),
}
NAVIGATION = "nav[aria-label^=Main] a, nav[aria-label='Main, at the bottom'] a, nav.tabs a"
FIRST = "main table tbody a[href^='/'], main .rows a[href^='/'], main .work a[href^='/']"
INTO: tuple[str, ...] = (
    "/requests/",
    "/shipments/",
    "/runs/",
    "/stops/",
    "/items/",
    "/lots/",
    "/counts/",
    "/stations/",
    "/units/",
)
INTO += ("/par-levels/", "/figures/", "/recalls/", "/records/", "/import/", "/use/", "/restock/", "/discard/")
MOST = 60


def main() -> None:
    """Make every picture anew, and the page that shows them."""
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.webp"):
        old.unlink()
    lines = [
        "# A tour of the pages",
        "",
        "Taken from the demo by `make tour`: the same pages, each time with other numbers.",
        "",
    ]
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as site, chromium() as browser:
        for role, (title, width, height, dark) in ROLES.items():
            scheme = "dark" if dark else "light"
            context = browser.new_context(
                base_url=site, viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
            )
            lines += [f"## {title}", ""]
            for name, heading, picture in walk(context.new_page(), role):
                (PICTURES / name).write_bytes(picture)
                lines += [f"**{heading}**", "", f"![{heading}](tour/{name})", ""]
            context.close()
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


class demo:  # noqa: N801 - reads as what it is where it is used
    """A demo division that is thrown away afterwards: its address."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.environment = os.environ | {"EMS_ENV": "demo", "EMS_VAR": str(folder)}

    def __enter__(self) -> str:
        command = [sys.executable, "manage.py", "demo", "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        address = f"http://127.0.0.1:{self.port}"
        while not is_up(f"{address}/healthz"):
            if self.process.poll() is not None:
                raise SystemExit("The demo did not start; its message is above.")
            time.sleep(0.5)
        return address

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=60)


def is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def walk(page: Any, role: str) -> Iterator[tuple[str, str, bytes]]:
    """The role's pages: file name, heading, picture."""
    page.goto("/")
    page.fill("[name=login]", role)
    page.fill("[name=password]", f"demo-{role}")
    page.click("main button")
    page.wait_for_load_state("networkidle")
    waiting, seen, kinds = ["/", "/search/?q=nal", "/scan/", "/notices/", "/guide/"], set[str](), set[str]()
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        answer = page.goto(address)
        page.wait_for_load_state("networkidle")
        if answer.status != 200 or page.locator("main h1").count() == 0:
            continue
        waiting += [one for one in addresses(page, NAVIGATION) if one not in seen]
        for found in addresses(page, FIRST):
            kind = kind_of(found)
            if found.startswith(INTO) and kind not in kinds:
                kinds.add(kind)
                waiting.append(found)
        heading = " ".join(page.locator("main h1").first.inner_text().split())
        yield f"{role}-{len(seen):02}-{slug(address)}.webp", heading, small(page.screenshot())


def addresses(page: Any, where: str) -> list[str]:
    found = page.eval_on_selector_all(where, "links => links.map(link => link.href)")
    parts = [urlsplit(one) for one in found]
    return list(dict.fromkeys(f"{one.path}?{one.query}" if one.query else one.path for one in parts))


def kind_of(address: str) -> str:
    """An address without what it is about: one picture of each."""
    words = urlsplit(address).path.strip("/").split("/")
    return "/".join([words[0], *(word for word in words[2:] if word.isalpha())])


def slug(address: str) -> str:
    return "-".join(word for word in urlsplit(address).path.strip("/").split("/") if word.isalpha()) or "home"


def small(png: bytes) -> bytes:
    """At two thirds of its size, as WebP."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.resize((picture.width * 2 // 3, picture.height * 2 // 3), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=70, method=6)
    return out.getvalue()


if __name__ == "__main__":
    main()
