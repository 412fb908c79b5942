"""Settings of the tests: the real ones, on a broker that belongs to this one process of pytest."""

import os
import tempfile
from pathlib import Path

from ems_supply.broker import BrokerAddress

PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def own_broker() -> BrokerAddress:
    """A pair of databases on the Redis of ``EMS_TEST_REDIS_URL``, else the address of a server of our own."""
    if url := os.environ.get("EMS_TEST_REDIS_URL"):
        return BrokerAddress(BrokerAddress.parse(url).server, 2 + 2 * (PROCESS % 7))
    return BrokerAddress.at(Path(tempfile.gettempdir()) / f"ems-test-{os.getpid()}" / "broker.sock")


os.environ["EMS_ENV"] = "test"
os.environ["REDIS_URL"] = own_broker().url
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in the test's thread

from ems_supply.settings import *  # noqa: E402, F403 - they read the environment as it now is
