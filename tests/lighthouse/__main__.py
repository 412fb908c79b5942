"""Measure the homes with Lighthouse, on a phone and at a desk, from a demo division of its own: ``make lighthouse``.

Ends with 1 if a score is under 95. Only on a quiet machine: Lighthouse multiplies what the processor took.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conftest import chromium
from tests.tour import demo

FOLDER = Path(__file__).resolve().parent
LEAST = 95
ROLES = ("officer", "logistics", "driver", "chief")
SCORES = ("performance", "accessibility", "best-practices")
FORMS: dict[str, list[str]] = {"phone": [], "desk": ["--preset=desktop"]}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Print the scores of each home, and what is under the bound."""
    low = []
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as site:
        print("| home | " + " | ".join(f"{form}: {score}" for form in FORMS for score in SCORES) + " |")
        print("| --- |" + " ---: |" * len(FORMS) * len(SCORES))
        for role, address, cookie in homes(site):
            found = [measured(address, cookie, options, Path(folder)) for options in FORMS.values()]
            scores = [round(report["categories"][score]["score"] * 100) for report in found for score in SCORES]
            print(f"| {role} | {' | '.join(map(str, scores))} |", flush=True)
            if min(scores) < LEAST:
                low += [f"{role}: {one}" for report in found for one in findings(report)]
    print(*low, sep="\n", file=sys.stderr)
    return 1 if low else 0


def homes(site: str) -> Iterator[tuple[str, str, str]]:
    """(role, address of its home, the cookies of who is signed in there)."""
    with chromium() as browser:
        for role in ROLES:
            page = browser.new_page(base_url=site)
            page.goto("/")
            page.fill("[name=login]", role)
            page.fill("[name=password]", f"demo-{role}")
            page.click("main button")
            page.wait_for_load_state("networkidle")
            cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
            yield role, page.url, cookies
            page.close()


def measured(address: str, cookie: str, options: list[str], folder: Path) -> dict[str, Any]:
    """What Lighthouse says of a page. Refuses a report of another page, such as the sign-in."""
    out = folder / "lighthouse.json"
    command = [
        *("node_modules/.bin/lighthouse", address, "--quiet", "--output=json", f"--output-path={out}"),
        f"--only-categories={','.join(SCORES)}",
        f"--extra-headers={json.dumps({'Cookie': cookie})}",
        "--chrome-flags=--headless=new --no-sandbox",
        *options,
    ]
    browser = next(filter(None, map(shutil.which, BROWSERS)), "")
    subprocess.run(command, cwd=FOLDER, env=os.environ | {"CHROME_PATH": browser}, check=True)
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    if report["finalDisplayedUrl"] != address:
        raise SystemExit(f"Lighthouse was led from {address} to {report['finalDisplayedUrl']}.")
    return report


def findings(report: dict[str, Any]) -> list[str]:
    """What keeps a page from 100, worst first."""
    wanted = {one["id"] for score in SCORES for one in report["categories"][score]["auditRefs"] if one["weight"]}
    bad = [one for one in report["audits"].values() if one["id"] in wanted and (one["score"] or 1) < 1]
    return [f"{one['id']} {one.get('displayValue', '')}" for one in sorted(bad, key=lambda one: one["score"] or 0)]


if __name__ == "__main__":
    sys.exit(main())
