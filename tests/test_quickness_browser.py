"""A press answers on the screen before the server does: what ``make quickness`` measures, without a clock's bound."""

import pytest
from django.utils import timezone

from orders.actions.sweep import sweep_par_levels
from orders.models import ResupplyOrder
from tests import make
from tests.flow import Division
from tests.quickness.measuring import SCRIPT, opened, pressed
from tests.signing_in import is_signed_in

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


def test_a_press_answers_before_its_page_comes_and_is_done_once_that_is_there(new_page, client, live_server):
    division = Division(at=timezone.now())
    gloves = make.item(name="Nitrile gloves", issue_pack=50)
    make.stock(division.warehouse, gloves, on_hand=200)
    make.par(division.station, gloves, par=100)
    sweep_par_levels(at=division.at)
    order = ResupplyOrder.objects.get()
    page = is_signed_in(new_page(), client, division.officer, live_server)
    page.add_init_script(SCRIPT)
    assert opened(page, f"/requests/suggested/{division.station.code}/")
    offers = page.evaluate("quickness.offers()")
    path = f"/requests/{order.pk}/submit/"
    [index] = [one["index"] for one in offers if one["address"] == path]

    took, status = pressed(page, index, path, {}, fills=False)

    order.refresh_from_db()
    assert (status, order.state) in {(302, "submitted"), (303, "submitted")}
    assert took
    assert 0 < took.answer < took.finish
