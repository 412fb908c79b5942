"""The demo's settings, with a division that loads at once: these tests are about processes, not about data."""

from ems_supply.settings import *  # noqa: F403 - the real ones
from ems_supply.settings import INSTALLED_APPS as EVERYTHING

INSTALLED_APPS = ["tests.small_demo", *EVERYTHING]
