"""What the first page of each role weighs over the wire, with nothing kept from before: within 150 kB."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone

from tests.flow import Division

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]
MOST = 150_000
STATIC = re.compile(rb'(?:src|href)="/static/([^"#?]+)')


@pytest.mark.parametrize("role", ["officer", "logistics", "driver", "chief", "auditor"])
def test_a_home_is_light(client, role):
    client.force_login(getattr(Division(at=timezone.now()), role))
    page = client.get(reverse("home"), follow=True)

    weights = {"the page": len(gzip.compress(page.content, 6))}
    for name in set(STATIC.findall(page.content)):
        found = finders.find(name.decode())
        assert found, name
        weights[name.decode()] = len(gzip.compress(Path(str(found)).read_bytes(), 6))

    assert sum(weights.values()) <= MOST, sorted(weights.items(), key=lambda one: -one[1])
    assert not any("zxing" in name for name in weights), "the scanner's reader is loaded when it is used"
