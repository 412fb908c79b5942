"""Run every test: on SQLite, then again on PostgreSQL and Redis where they answer. Arguments go to pytest.

With CI=true a PostgreSQL or Redis that does not answer is a failure. A browser is found or installed first.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ems_supply.broker import BrokerAddress, answers
from ems_supply.postgresql import find_postgresql

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
IS_CI = os.environ.get("CI") == "true"


def main(arguments: list[str]) -> int:
    ensure_browser()
    print("== On SQLite and an embedded broker", flush=True)
    if failed := run_pytest(arguments, {}):
        return failed
    database, redis_url = find_postgresql(), find_redis()
    if database is None or redis_url is None:
        missing = " and ".join(
            name for name, found in (("PostgreSQL", database), ("Redis", redis_url)) if found is None
        )
        print(f"== {missing} not found: tests of races were left out. Set DATABASE_URL and REDIS_URL to run them.")
        return 1 if IS_CI else 0
    print("== On PostgreSQL and Redis", flush=True)
    return run_pytest(arguments, {"DATABASE_URL": database, "EMS_TEST_REDIS_URL": redis_url})


def run_pytest(arguments: list[str], services: dict[str, str]) -> int:
    """One run in processes of its own, on these services and on no others that the environment names."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "-m", "pytest", "-n", os.environ.get("EMS_TEST_PROCESSES", "2"), "--dist", "worksteal"]
    return subprocess.run([*command, *arguments], cwd=ROOT, env=inherited | services, check=False).returncode


def find_redis() -> str | None:
    candidates = filter(None, [os.environ.get("REDIS_URL"), "redis://127.0.0.1:6379/0"])
    return next((url for url in candidates if answers(BrokerAddress.parse(url))), None)


def ensure_browser() -> None:
    """Use the Chromium of the machine, else install Debian's (root) or Playwright's own, else say what to run."""
    if any(map(shutil.which, BROWSERS)) or has_playwright_browser():
        return
    own = [sys.executable, "-m", "playwright", "install", "chromium"]
    debian = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("== Installing Debian's Chromium for the browser tests …", flush=True)
        installed = subprocess.run(["sh", "-c", debian], stdout=subprocess.DEVNULL, check=False)
    else:
        print("== Downloading Chromium for the browser tests …", flush=True)
        installed = subprocess.run(own, check=False)
    if installed.returncode != 0:
        sys.exit(f"The browser tests need Chromium. As root: {debian}\nor as yourself: {' '.join(own)}")


def has_playwright_browser() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
