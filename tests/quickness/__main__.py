"""Measure every kind of page and of press on the demo, as each role, on a phone and at a desk: ``make quickness``.

A press must be answered on the screen within 100 ms and be done within a second; of long work the page that follows its
progress is what it is done with. Ends with 1 if one is over. On a quiet machine: the best of three counts, but what
others do here counts as well.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from inspect import getclosurevars
from pathlib import Path
from typing import Any

import django
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ems_supply.settings")  # the demo that is started inherits it
django.setup()

from stations.models import User  # noqa: E402 - models are there once Django is
from tests.conftest import chromium  # noqa: E402
from tests.quickness.measuring import SCRIPT, Took, best  # noqa: E402
from tests.quickness.walking import Walker  # noqa: E402
from tests.test_auditor import patterns_of  # noqa: E402
from tests.tour import demo  # noqa: E402

DEVICES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1440, "height": 900}}
ROUNDS = 3  # what one role does gives the next its work


def main(site: str = "") -> int:
    """Print what each took, the addresses that were not reached, and what is over its bound."""
    with ExitStack() as stack:
        site = site or stack.enter_context(demo(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        browser = stack.enter_context(chromium())
        walkers = {
            (role, device): walker(browser, site, role, device) for role in User.Role.values for device in DEVICES
        }
        for turn in range(ROUNDS):
            for (role, device), one in walkers.items():
                print(f"Round {turn + 1} of {ROUNDS}: {role}, {device} …", file=sys.stderr, flush=True)
                one.walk(is_last=turn == ROUNDS - 1)
    over = list(table(walkers))
    reached = {kind.split()[0] for one in walkers.values() for kind in one.presses if one.presses[kind]}
    refused = {kind.split()[0]: status for one in walkers.values() for kind, status in one.refused.items()}
    print("\nNot reached:")
    for name in sorted(set(posted()) - reached):
        print(f"  {name}: {why(refused, name)}")
    broken = [line for one in walkers.values() for line in one.broken]
    print(*over, *broken, sep="\n", file=sys.stderr)
    return 1 if over or broken else 0


def walker(browser: Any, site: str, role: str, device: str) -> Walker:
    size: Any = DEVICES[device]
    context = browser.new_context(base_url=site, viewport=size, has_touch=device == "phone")
    context.set_default_timeout(30_000)
    context.add_init_script(SCRIPT)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    one = Walker(page, role)
    one.sign_in()
    return one


def table(walkers: dict[tuple[str, str], Walker]) -> Iterator[str]:
    """Print a line for each role and page or press; give back those that are over."""
    print("| role | page or press | " + " | ".join(f"{device}: answer | finish" for device in DEVICES) + " |")
    print("| --- | --- |" + " ---: |" * 2 * len(DEVICES))
    for role in User.Role.values:
        for part in ("pages", "presses"):
            found = {device: getattr(walkers[role, device], part) for device in DEVICES}
            for name in sorted({name for one in found.values() for name in one if one[name]}):
                least = {device: best(one[name]) if one.get(name) else None for device, one in found.items()}
                what = name if part == "presses" else f"{name} (page)"
                print(f"| {role} | {what} | {' | '.join(map(cells, least.values()))} |")
                yield from (
                    f"{role} {device} {what}: {cells(took)}" for device, took in least.items() if took and took.is_over
                )


def cells(took: Took | None) -> str:
    return f"{took.answer:.0f} | {took.finish:.0f}" if took else "- | -"


def posted() -> Iterator[str]:
    """Names of our addresses that take a form."""
    for pattern in patterns_of(get_resolver().url_patterns):
        view: Any = pattern.callback
        while view:
            if "POST" in getclosurevars(view).nonlocals.get("request_method_list", ()):
                yield pattern.name or ""
            view = getattr(view, "__wrapped__", None)


def why(refused: dict[str, int], name: str) -> str:
    if name in refused:
        return f"refused with {refused[name]}" if refused[name] else "its button could not be pressed"
    return "no page of the demo offered it"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
