"""A row that another connection holds for too long: 409, nothing changed, and the same form may be sent again."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from orders.models import ResupplyOrder
from stations.models import Command
from tests import make
from tests.flow import Division
from tests.pages import form_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@contextmanager
def held(order: ResupplyOrder) -> Iterator[None]:
    """Another connection has this order locked and does not let go."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM orders_resupplyorder WHERE id = %s FOR NO KEY UPDATE", [order.pk])
            assert cursor.fetchall() == [(order.pk,)]
        yield
        other.rollback()
    finally:
        other.close()


@pytest.fixture
def impatient() -> Iterator[None]:
    """This connection waits for a lock as in production, only not as long."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        [(usual,)] = cursor.fetchall()
        cursor.execute("SET lock_timeout = '150ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, FALSE)", [usual])
    assert usual != "0", "in production a command never waits for ever"


def test_a_row_that_stays_locked_is_busy_and_the_same_form_may_be_sent_again(client, impatient):
    division = Division(at=timezone.now())
    item = make.item()
    make.par(division.station, item, 10)
    order = division.submitted({item.pk: 5})
    client.force_login(division.logistics)
    address = reverse("approve_order", args=[order.pk])
    data = form_in(client.get(address), address)
    commands = Command.objects.count()

    with held(order):
        busy = client.post(address, data)

    assert (busy.status_code, busy["Retry-After"]) == (409, "2")
    assert "try again in a moment" in busy.text
    order.refresh_from_db()
    assert (order.state, Command.objects.count()) == (ResupplyOrder.State.SUBMITTED, commands)

    again = client.post(address, data)

    order.refresh_from_db()
    assert (again.status_code, order.state) == (302, ResupplyOrder.State.APPROVED)
