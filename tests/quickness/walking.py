"""A person who opens every kind of page that links lead to, and presses every kind of button on them."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error

from tests.quickness.measuring import Took, best, opened, pressed
from tests.quickness.typed import LATE, LEFT_OUT, TYPED
from tests.walked_pages import name_of

EACH = 3  # of a kind of page so many are opened: what they offer depends on how far their subject is
TRIES = 3  # the machine is shared: the best of so many counts
MOST_IN_A_ROW = 15
LINKS = "links => links.map(link => link.getAttribute('href')).filter(href => href && href.startsWith('/'))"


class Walker:
    """One role on one device. ``pages`` and ``presses`` are what was measured, by name; ``refused`` what the server
    did not take, and its status."""

    def __init__(self, page: Any, role: str) -> None:
        self.page, self.role = page, role
        self.pages: dict[str, list[Took]] = defaultdict(list)
        self.presses: dict[str, list[Took]] = defaultdict(list)
        self.refused: dict[str, int] = {}
        self.broken: list[str] = []
        self.tried: Counter[str] = Counter()

    def sign_in(self) -> None:
        self.page.goto("/")
        kind, name, offer = next(one for one in self.unpressed(frozenset()) if one[1] == "account_login")
        self.press(kind, name, offer, {"login": self.role, "password": f"demo-{self.role}"})
        self.page.wait_for_url(lambda url: name_of(urlsplit(url).path) != name)
        self.page.wait_for_load_state("networkidle")

    def walk(self, *, is_last: bool) -> None:
        """From the home on; what ends or undoes somebody's work is pressed in the last walk alone."""
        left_out = LEFT_OUT if is_last else LEFT_OUT | LATE
        waiting, met, count = deque(["/", "/guide/"]), set[str](), Counter[str]()
        while waiting:
            address = waiting.popleft()
            name = name_of(address)
            if not name or address in met or count[name] >= EACH:
                continue
            met.add(address)
            try:
                if self.open(name, address):
                    count[name] += 1
                    waiting.extend(self.links())
                    waiting.extend(self.press_all(left_out))
            except Error as error:
                self.broken.append(f"{self.role}: {address}: {str(error).splitlines()[0]}")

    def open(self, name: str, address: str) -> bool:
        """Whether it is a page. One that was slow is opened again."""
        try:
            for _ in range(TRIES):
                took = opened(self.page, address)
                if not took:
                    return False
                name = name_of(self.path())
                self.pages[name].append(took)
                if not best(self.pages[name]).is_over:
                    break
        except Error as error:
            if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
                return False
            raise
        return True

    def path(self) -> str:
        return str(urlsplit(self.page.url).path)

    def links(self) -> list[str]:
        found: list[str] = self.page.eval_on_selector_all("a[href]", LINKS)
        return [one.partition("#")[0] for one in found]

    def press_all(self, left_out: frozenset[str]) -> list[str]:
        """Press what this page offers, and the pages that it leads to; the links that were met on the way."""
        links: list[str] = []
        for _ in range(MOST_IN_A_ROW):
            found = next(self.unpressed(left_out), None)
            if not found:
                break
            kind, name, offer = found
            self.press(kind, name, offer, TYPED.get(name, {}))
            links += self.links()
        return links

    def unpressed(self, left_out: frozenset[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(kind of press, its address's name, button), of those that were not measured yet."""
        offers: list[dict[str, Any]] = self.page.evaluate("quickness.offers()")
        for offer in sorted(offers, key=lambda one: one["disabled"]):  # some wait for what is filled in
            path = urlsplit(offer["address"] or self.path()).path
            name = name_of(path)
            kind = f"{name} {offer['name']}".strip()
            is_done = self.presses[kind] and not best(self.presses[kind]).is_over
            if name and name not in left_out and not is_done and self.tried[kind] < TRIES * 2:
                yield kind, name, offer | {"path": path}

    def press(self, kind: str, name: str, offer: dict[str, Any], typed: dict[str, Any]) -> None:
        """Once with what must be filled in and, where that is refused, once with everything filled in."""
        fills = self.tried[kind] % 2 == 1
        self.tried[kind] += 1
        took, status = pressed(self.page, offer["index"], offer["path"], typed, fills=fills)
        if status >= 500:
            self.broken.append(f"{self.role}: {kind} answered {status}")
        if took and 200 <= status < 400:
            self.presses[kind].append(took)
            self.refused.pop(kind, None)
            self.tried[kind] += self.tried[kind] % 2  # the next try begins anew
        elif not self.presses[kind]:
            self.refused[kind] = status
