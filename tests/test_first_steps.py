"""Who is new here is offered the first steps on their home, until they close it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.flow import Division
from tests.pages import text_of

pytestmark = pytest.mark.django_db
OFFER = "See what you do here, step by step"


@pytest.mark.parametrize("role", ["officer", "logistics", "driver", "chief", "auditor"])
def test_each_role_is_offered_them_on_its_home_and_nowhere_else(client, role):
    client.force_login(getattr(Division(at=timezone.now()), role))
    assert OFFER in text_of(client.get(reverse("home"), follow=True))
    assert OFFER not in text_of(client.get(reverse("guide")))
    client.cookies["first_steps"] = "off"
    assert OFFER not in text_of(client.get(reverse("home"), follow=True))


def test_after_two_weeks_nobody_is_new(client):
    chief = make.chief()
    chief.date_joined = timezone.now() - timedelta(days=15)
    chief.save()
    client.force_login(chief)
    assert OFFER not in text_of(client.get(reverse("home")))
