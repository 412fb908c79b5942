"""Picking for a run: one walk by bin for all its shipments, short picks that flow back, and packing at its end."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import StockLevel
from orders.actions import picking
from orders.models import DeliveryRun, OrderLine, Shipment, ShipmentLine
from orders.queries.verify import all_differences
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.pages import form_in, forms_in, has_form, text_of
from tests.waves import run_for, shipments_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def gauze(division):
    item = make.item(name="Gauze")
    make.par(make.room(division.warehouse), item, par=1, bin="A1")
    make.stock(division.warehouse, item, on_hand=100, number="A17")
    return item


@pytest.fixture
def masks(division):
    item = make.item(name="Mask")
    make.par(make.room(division.warehouse), item, par=1, bin="B2")
    make.stock(division.warehouse, item, on_hand=100, number="M1")
    return item


@pytest.fixture
def run(division, gauze, masks):
    """Gauze for three stations, 30, 20 and 10; masks for the first."""
    return run_for(division, {gauze.pk: 30, masks.pk: 5}, {gauze.pk: 20}, {gauze.pk: 10})


@pytest.fixture
def desk(client, division):
    client.force_login(division.logistics)
    return client


def address(run, name="pick_run"):
    return reverse(name, args=[run.pk])


def begin(desk, run):
    return desk.post(
        address(run, "start_wave"), form_in(desk.get(address(run)), address(run, "start_wave")), follow=True
    )


def line_form(page, run, item, name="pick_run"):
    """The form of this lot: the first after that for all that is left."""
    wanted = str(StockLevel.objects.filter(lot__item=item, shipment_lines__isnull=False)[0].pk)
    if name != "pick_run":
        return next(form for form in forms_in(page, address(run, name)) if form["level"] == [wanted])
    lines = set(ShipmentLine.objects.filter(level=int(wanted)).values_list("pk", flat=True))
    forms = forms_in(page, address(run))[1:]
    return next(form for form in forms if {int(one.partition(":")[0]) for one in form["picked"][0].split(",")} <= lines)


def test_one_walk_shows_each_lot_once_and_how_it_divides(desk, run):
    page = begin(desk, run)
    words = text_of(page)
    assert page.status_code == 200
    assert set(Shipment.objects.values_list("state", "picker__role")) == {("picking", "logistics")}
    assert words.index("Bin A1") < words.index("Bin B2")
    assert "Take 60 from lot A17" in words
    [group, _] = page.context["wave"].groups
    [line] = group.lines
    stops = [(part.shipment.stop.position, part.shipment.destination_id, part.quantity) for part in line.parts]
    assert sorted(quantity for *_, quantity in stops) == [10, 20, 30]
    assert [position for position, *_ in stops] == [1, 2, 3]
    assert "0 of 2 picked" in words


def test_a_lot_is_confirmed_for_all_its_shipments_at_once(desk, run, gauze):
    form = line_form(begin(desk, run), run, gauze)
    page = desk.post(address(run), form, follow=True)
    assert set(ShipmentLine.objects.filter(order_line__item=gauze).values_list("is_picked", flat=True)) == {True}
    assert "1 of 2 picked" in text_of(page)
    assert all(Event.objects.about(one).filter(verb="picked").count() == 1 for one in shipments_of(run))


def test_a_lot_is_confirmed_for_one_station_only(desk, run, gauze):
    page = begin(desk, run)
    second = next(one for one in shipments_of(run) if one.lines.count() == 1)
    form = next(one for one in forms_in(page, address(run)) if one["seen"] == [f"{second.pk}:{second.version}"])
    desk.post(address(run), form)
    assert list(ShipmentLine.objects.filter(is_picked=True).values_list("shipment", flat=True)) == [second.pk]
    assert "0 of 2 picked" in text_of(desk.get(address(run)))


def test_all_as_listed_then_each_is_packed_on_the_page(desk, run):
    page = begin(desk, run)
    page = desk.post(address(run), form_in(page, address(run)), follow=True)
    assert "2 of 2 picked" in text_of(page)
    for left in (2, 1, 0):
        form = form_in(page, address(run, "pack_for_run"), totes="2")
        page = desk.post(address(run, "pack_for_run"), form, follow=True)
        assert len(forms_in(page, address(run, "pack_for_run"))) == left
    assert set(Shipment.objects.values_list("state", "totes")) == {(Shipment.State.PACKED, 2)}
    assert "Everything for this run is packed" in text_of(page)
    assert not has_form(page, address(run))


def test_a_short_lot_goes_to_the_most_urgent_first_and_the_rest_is_owed(desk, division, gauze):
    run = run_for(division, {gauze.pk: 30}, {gauze.pk: 20}, {gauze.pk: 10}, urgent=2)
    form = line_form(begin(desk, run), run, gauze, "pick_run_short")
    desk.post(address(run, "pick_run_short"), form | {"quantity": "35", "reason": "A box was gone"})

    first, second = (one for one in shipments_of(run) if not one.priority)
    urgent = Shipment.objects.get(priority__gt=0)
    got = {one.pk: sum(one.lines.values_list("quantity", flat=True)) for one in Shipment.objects.all()}
    left = min(25, OrderLine.objects.get(order__station=first.destination).approved or 0)
    assert (got[urgent.pk], got[first.pk], got[second.pk]) == (10, left, 25 - left)
    assert sum(OrderLine.objects.values_list("allocated", flat=True)) == 35
    assert StockLevel.objects.get(lot__number="A17").unfound == 65
    assert all_differences() == []


def test_a_short_lot_for_one_station_leaves_the_others(desk, run, gauze):
    page = begin(desk, run)
    line = shipments_of(run)[2].lines.get(order_line__item=gauze)
    form = line_form(page, run, gauze, "pick_run_short")
    desk.post(
        address(run, "pick_run_short"),
        form | {"listed": f"{line.pk}:{line.quantity}", "quantity": "1", "reason": "Torn"},
    )
    line.refresh_from_db()
    assert (line.quantity, line.is_picked) == (1, True)
    assert ShipmentLine.objects.filter(is_picked=False).count() == 3


def test_nothing_of_a_lot_cancels_what_is_left_empty_and_a_repeat_is_answered(desk, run, gauze):
    form = line_form(begin(desk, run), run, gauze, "pick_run_short") | {"quantity": "0", "reason": "Bin is empty"}
    answers = [desk.post(address(run, "pick_run_short"), form).status_code for _ in range(2)]
    assert answers == [302, 302]
    states = list(Shipment.objects.order_by("state").values_list("state", flat=True))
    assert states == ["cancelled", "cancelled", "picking"]
    assert Event.objects.filter(verb="picked short").count() == 3
    assert all_differences() == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"quantity": "61", "reason": "x"}, "The list says 60"),
        ({"quantity": "5", "reason": ""}, "Say why not all"),
        ({"quantity": "-1", "reason": "x"}, "greater than or equal to 0"),
        ({"quantity": "9" * 30, "reason": "x"}, "less than or equal"),
        ({"quantity": "5", "reason": "x", "listed": "1:2;3"}, ""),
        ({"quantity": "5", "reason": "x", "level": "x"}, ""),
        ({"quantity": "5", "reason": "x", "seen": ["nothing"]}, ""),
    ],
)
def test_a_bad_short_pick_is_refused_with_what_was_typed(desk, run, gauze, typed, said):
    form = line_form(begin(desk, run), run, gauze, "pick_run_short")
    response = desk.post(address(run, "pick_run_short"), form | typed)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not ShipmentLine.objects.filter(is_picked=True).exists()


def test_another_lot_is_taken_for_one_of_the_stations(desk, division, run, gauze):
    make.stock(division.warehouse, gauze, on_hand=40, number="B99")
    page = begin(desk, run)
    line = shipments_of(run)[1].lines.get(order_line__item=gauze)
    other = StockLevel.objects.get(lot__number="B99")
    form = form_in(page, address(run, "take_other_lot_for_run"), line=str(line.pk), level=str(other.pk))
    refused = desk.post(address(run, "take_other_lot_for_run"), form | {"reason": ""})
    assert refused.status_code == 422
    assert "Say why this lot" in refused.content.decode()
    desk.post(address(run, "take_other_lot_for_run"), form | {"reason": "A17 is behind a pallet"})
    assert ShipmentLine.objects.get(level=other).shipment_id == line.shipment_id
    assert "Lot B99" in text_of(desk.get(address(run)))
    assert all_differences() == []


def test_what_another_changed_meanwhile_stops_all_of_it(desk, division, run):
    page = begin(desk, run)
    first = shipments_of(run)[0]
    picking.confirm_picks(shipment=first, version=None, picked={}, **division.by(make.logistics()))
    response = desk.post(address(run), form_in(page, address(run)))
    assert response.status_code == 422
    assert "Nothing of yours was saved" in response.content.decode()
    assert not ShipmentLine.objects.filter(is_picked=True).exists()
    assert desk.post(address(run), form_in(response, address(run))).status_code == 302


def test_a_double_tap_picks_once_and_nonsense_is_refused(desk, run):
    page = begin(desk, run)
    form = form_in(page, address(run))
    assert [desk.post(address(run), form).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(verb="picked").count() == 3
    for name, value in (("picked", "x"), ("picked", ""), ("seen", "1:2:3"), ("picked", "999999:1")):
        answer = desk.post(address(run), form | {"request_id": make.rid(), name: value})
        assert answer.status_code == 422, value


def test_a_walk_is_begun_once_and_only_before_the_van_leaves(desk, run):
    begin(desk, run)
    again = desk.post(address(run, "start_wave"), {"request_id": make.rid()}, follow=True)
    assert "waits to be begun" in text_of(again)
    DeliveryRun.objects.filter(pk=run.pk).update(state="cancelled")
    refused = desk.post(address(run, "start_wave"), {"request_id": make.rid()}, follow=True)
    assert refused.redirect_chain[-1][0] == run.get_absolute_url()
    assert "nothing is picked for it any more" in text_of(refused)


def test_one_that_somebody_picks_already_is_in_the_walk_too(desk, division, run):
    colleague = make.logistics()
    first = shipments_of(run)[0]
    picking.start_picking(shipment=first, **division.by(colleague))
    page = desk.get(address(run))
    assert "Begin picking all 2" in text_of(page)
    begin(desk, run)
    assert Shipment.objects.get(pk=first.pk).picker == colleague
    desk.post(address(run), form_in(desk.get(address(run)), address(run)))
    assert not ShipmentLine.objects.filter(is_picked=False).exists()


def test_htmx_is_given_the_list_with_the_focus_on_the_next_lot(desk, run, gauze):
    form = line_form(begin(desk, run), run, gauze)
    part = desk.post(address(run), form, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="wave"')
    assert part.partition("autofocus")[0].rpartition("data-scan-item")[2].partition("Mask")[1] == "Mask"


def test_buttons_lead_to_the_walk(desk, run):
    assert address(run) in desk.get(run.get_absolute_url()).content.decode()
    assert "Pick 3 in one walk" in text_of(desk.get(reverse("queue")))
    desk.force_login(make.auditor())
    assert address(run) not in desk.get(reverse("queue")).content.decode()


@pytest.mark.parametrize("role", ["officer", "driver", "chief", "auditor"])
def test_only_logistics_picks(client, run, role):
    client.force_login(make.person(role))
    for name in ("pick_run", "start_wave", "pick_run_short", "take_other_lot_for_run", "pack_for_run"):
        assert client.get(address(run, name)).status_code == 403
        assert client.post(address(run, name), {"request_id": make.rid()}).status_code == 403
    assert set(Shipment.objects.values_list("state", flat=True)) == {Shipment.State.PLANNED}


def test_twelve_shipments_take_as_many_questions_as_two(client, django_assert_max_num_queries):
    seen = []
    for count in (2, 12):
        division = Division(at=timezone.now())
        items = [make.item() for _ in range(count)]
        for item in items:
            make.stock(division.warehouse, item, on_hand=500)
        run = run_for(division, *[{item.pk: 2 for item in items}] * count)
        client.force_login(division.logistics)
        with django_assert_max_num_queries(40) as begun:
            client.post(address(run, "start_wave"), {"request_id": make.rid()})
        with django_assert_max_num_queries(20) as looked:
            page = client.get(address(run))
        with django_assert_max_num_queries(40) as picked:
            assert client.post(address(run), form_in(page, address(run))).status_code == 302
        seen.append((len(begun), len(looked), len(picked)))
    assert seen[0] == seen[1]


def test_a_walk_of_more_lines_than_a_form_may_have_fields_is_confirmed_with_one_button(desk, division, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    items = [make.item() for _ in range(12)]
    for item in items:
        make.stock(division.warehouse, item, on_hand=10)
    run = run_for(division, {item.pk: 1 for item in items})
    page = begin(desk, run)
    assert desk.post(address(run), form_in(page, address(run))).status_code == 302
    assert not ShipmentLine.objects.filter(is_picked=False).exists()
