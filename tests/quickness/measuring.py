"""One page or one press in Chromium, in milliseconds: until something is seen, and until all is there."""

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error

SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
ANSWER_MS, FINISH_MS = 100, 1_000
PATIENCE_SECONDS = 10
SHOWN = """() => {
  const visit = performance.getEntriesByType("navigation")[0];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return visit.loadEventEnd && paint ? [paint.startTime, Math.max(visit.loadEventEnd, paint.startTime)] : null;
}"""


@dataclass(frozen=True)
class Took:
    """Milliseconds; a page answers when it is first painted."""

    finish: float
    answer: float
    is_page: bool = False

    @property
    def is_over(self) -> bool:
        """A page that is opened is bound by the second alone: until its first paint the browser shows that it comes."""
        return self.finish > FINISH_MS or (self.answer > ANSWER_MS and not self.is_page)


def best(times: Iterable[Took]) -> Took:
    """What the machine can do when others leave it alone: the least of each."""
    found = list(times)
    return Took(min(one.finish for one in found), min(one.answer for one in found), found[0].is_page)


def opened(page: Any, address: str) -> Took | None:
    """Open an address; None where it is no page but a file. Raises Playwright's Error for a file to keep."""
    came = page.goto(address, wait_until="load")
    if not came.headers.get("content-type", "").startswith("text/html"):
        return None
    answer, finish = page.wait_for_function(SHOWN).json_value()
    return Took(finish, answer, is_page=True)


def pressed(page: Any, index: int, path: str, typed: dict[str, Any], *, fills: bool) -> tuple[Took | None, int]:
    """Press the page's so-manieth button: what it took, and the status that the server answered (0: it was never
    asked)."""
    statuses: list[int] = []

    def heard(response: Any) -> None:
        if response.request.method == "POST" and urlsplit(response.url).path == path:
            statuses.append(response.status)

    words = {name: value for name, value in typed.items() if name != "files"}
    can = page.evaluate("([index, typed, all]) => quickness.prepare(index, typed, all)", [index, words, fills])
    button = page.locator("[data-pressed-next]")
    chosen = page.locator("form:has([data-pressed-next]) input[type=file]")
    if "files" in typed and chosen.count():
        chosen.first.set_input_files(typed["files"])
    if not can and not button.is_enabled():
        return None, 0
    page.evaluate("sessionStorage.setItem('quickness', JSON.stringify({armed: true}))")
    page.on("response", heard)
    try:
        try:
            button.click(timeout=2_000, no_wait_after=True)
        except Error:  # something stands before it: a toast, the bar at the bottom
            button.evaluate("button => button.click()")
        facts = settled(page)
    finally:
        page.remove_listener("response", heard)
    if not facts or "pressed" not in facts:
        return None, statuses[-1] if statuses else 0
    never = facts["pressed"] + PATIENCE_SECONDS * 1_000
    answer = facts.get("answered", facts.get("finished", never)) - facts["pressed"]
    return Took(facts.get("finished", never) - facts["pressed"], answer), statuses[-1] if statuses else 0


def settled(page: Any) -> dict[str, float]:
    """What the pages have noted of a press, once it is done or has taken too long."""
    facts: dict[str, float] = {}
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and "finished" not in facts:
        time.sleep(0.02)
        with suppress(Error):  # between two pages there is nothing to ask
            facts = json.loads(page.evaluate("sessionStorage.getItem('quickness')") or "{}")
    page.wait_for_load_state("load")
    return facts
