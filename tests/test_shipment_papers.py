"""Shipments and runs on paper: what is on them, in which order, how they are read back, and who may print them."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.actions import picking, schedule
from orders.models import DeliveryRun, OrderLine, Shipment, ShipmentLine, Stop
from tests import make
from tests.flow import Division
from tests.pages import lengthen, questions, text_of
from tests.paper import codes_on, paper_of, pdf_of, text_of_pdf

pytestmark = pytest.mark.django_db
SOON = timezone.localdate() + timedelta(days=60)


@pytest.fixture
def division():
    division = Division(at=timezone.now())
    division.van.carries_cold, division.van.crew = True, 2
    division.van.save()
    division.station.name, division.station.address = "Łódź 7", "7 Pine Street"
    division.station.save()
    return division


def stocked(division, name, *, bin_name="", on_hand=100, number="L1", **fields):
    item = make.item(name=name, **fields)
    make.par(division.station, item, par=100)
    make.par(division.warehouse, item, par=0, minimum=0, bin=bin_name)
    make.stock(division.warehouse, item, on_hand=on_hand, number=number, expires_on=SOON)
    return item


@pytest.fixture
def gloves(division):
    """Two lots, the one made first expires last."""
    item = stocked(division, "Gloves", bin_name="B-07", on_hand=30, number="LATE", issue_pack=10)
    make.stock(division.warehouse, item, on_hand=30, number="EARLY", expires_on=SOON - timedelta(days=9))
    return item


@pytest.fixture
def morphine(division):
    return stocked(division, "Morphine", bin_name="A-01", kind="medication", schedule="II", storage="cold")


@pytest.fixture
def shipment(division, gloves, morphine):
    division.approved({gloves.pk: 40, morphine.pk: 8})
    return division.to_pick()


@pytest.fixture
def planned(division, shipment):
    """The shipment on its run."""
    [run] = schedule.schedule_deliveries(at=division.at)
    shipment.refresh_from_db()
    return run


@pytest.fixture
def logistics(client, division):
    client.force_login(division.logistics)
    return client


def words(client, name, pk, **asked):
    return text_of_pdf(pdf_of(client.get(reverse(name, args=[pk]), asked)))


def code(client, name, pk):
    """The path that the code of a sheet opens."""
    [(kind, address)] = codes_on(pdf_of(client.get(reverse(name, args=[pk]))).pages[0])
    assert kind == "QRCode"
    assert address.startswith("http://testserver/")
    return urlsplit(address).path


def in_order(text, *parts):
    """Whether these follow each other, with anything between them."""
    for part in parts:
        _, found, text = text.partition(part)
        if not found:
            return False
    return True


# --- Pick list --------------------------------------------------------------------------------------------------------


def test_the_pick_list_goes_by_bin_and_first_expired_first_in_packs_and_each(logistics, shipment):
    text = words(logistics, "pick_list", shipment.pk)

    assert in_order(text, "A-01", "Morphine", "Keep refrigerated · Controlled: Schedule II", "8 each")
    assert in_order(
        text, "8 each", "B-07", "Gloves", "EARLY", "3 boxes · 30", "B-07", "LATE", "1 box · 10", "Picked by"
    )
    assert f"Pick list {shipment} to Łódz 7, from Station" in text
    assert code(logistics, "pick_list", shipment.pk) == reverse("pick_shipment", args=[shipment.pk])


def test_what_was_short_is_named_on_the_list(logistics, division, shipment, gloves):
    shipment = picking.start_picking(shipment=shipment, **division.by(division.logistics))
    line = shipment.lines.get(order_line__item=gloves, quantity=30)
    picking.confirm_picks(
        shipment=shipment,
        version=shipment.version,
        picked={line.pk: 5},
        reason="box wet",
        **division.by(division.logistics),
    )

    text = words(logistics, "pick_list", shipment.pk)

    assert in_order(text, "5 each", "Short: owed, and not on this list", "Gloves", "2 boxes + 5 · 25", "Picked by")


def test_a_wave_is_one_walk_for_all_shipments_of_the_run(logistics, division, gloves, morphine, shipment):
    other = make.station(supplied_by=division.warehouse, name="Station Nine")
    home, division.station, division.officer = division.station, other, make.officer(other)
    make.par(other, gloves, par=100)
    division.approved({gloves.pk: 10})
    [run] = schedule.schedule_deliveries(at=division.at)
    stops = {stop.station_id: stop.position for stop in run.stops.all()}

    text = words(logistics, "run_pick_list", run.pk)

    assert f"Pick list {run} {division.van} · leaves" in text
    assert f"{stops[home.pk]}. Łódz 7 {shipment}" in text
    assert in_order(text, "A-01", "Morphine", "B-07", "EARLY", "LATE", "2 boxes · 20 in all")
    assert f"{stops[other.pk]}. Station Nine" in text.partition("in all")[2]
    assert code(logistics, "run_pick_list", run.pk) == reverse("pick_run", args=[run.pk])


def test_what_is_packed_or_gone_has_no_pick_list_and_the_page_says_so(logistics, division, planned, shipment):
    division.pack(shipment)

    response = logistics.get(reverse("run_pick_list", args=[planned.pk]), follow=True)
    assert f"Everything for {planned} is packed" in text_of(response)

    division.leave(planned)
    response = logistics.get(reverse("pick_list", args=[shipment.pk]), follow=True)
    assert f"{shipment} is on its way: there is nothing to pick" in text_of(response)


def test_a_list_with_nothing_on_it_is_not_printed(logistics, division):
    empty = Shipment.objects.create(source=division.warehouse, destination=division.station, created_at=division.at)

    response = logistics.get(reverse("pick_list", args=[empty.pk]), follow=True)

    assert response.redirect_chain[0][0] == reverse("pick_shipment", args=[empty.pk])
    assert text_of(response).count("Nothing is on this list") == 2


# --- Packing slip -----------------------------------------------------------------------------------------------------


def test_the_slip_says_what_was_ordered_what_is_sent_and_what_is_to_come(logistics, division, gloves):
    bandages = stocked(division, "Bandages", on_hand=4)
    splints = make.item(name="Splints")
    make.par(division.station, splints, par=9)
    order = division.approved({gloves.pk: 70, bandages.pk: 4, splints.pk: 9})
    shipment = division.pack(division.to_pick())

    text = words(logistics, "packing_slip", shipment.pk)

    assert f"Packing slip {shipment} to Łódz 7" in text
    assert in_order(text, "Deliver to", "Łódz 7, 7 Pine Street", "Orders", str(order), "Totes", "1")
    assert in_order(
        text, "Bandages", "L1", "4 each 4 each –", "Gloves", "EARLY", "7 boxes · 70 3 boxes · 30 1 box · 10"
    )
    assert in_order(text, "LATE", "3 boxes · 30", "Not in this delivery, still to come", "Splints", "9 each 9 each")
    assert in_order(text, "Splints", "Received by (name)", "Signature")
    assert code(logistics, "packing_slip", shipment.pk) == shipment.get_absolute_url()


def test_the_slip_says_the_same_to_come_once_the_van_has_left(logistics, division, gloves):
    shipment = division.packed({gloves.pk: 70})
    before = words(logistics, "packing_slip", shipment.pk)
    division.send(shipment)
    after = words(logistics, "packing_slip", shipment.pk)

    assert "7 boxes · 70 3 boxes · 30 1 box · 10" in before
    assert "7 boxes · 70 3 boxes · 30 1 box · 10" in after
    assert ", stop 1 ·" in after


def test_once_received_the_slip_says_what_arrived(logistics, division, morphine):
    shipment = division.received({morphine.pk: 8})

    assert "8 each 8 each – 8" in words(logistics, "packing_slip", shipment.pk)


def test_a_shipment_with_nothing_in_it_has_no_slip(logistics, division):
    shipment = Shipment.objects.create(
        source=division.warehouse, destination=division.station, state="cancelled", created_at=division.at
    )

    response = logistics.get(reverse("packing_slip", args=[shipment.pk]), follow=True)

    assert f"Nothing is in {shipment}" in text_of(response)
    assert reverse("packing_slip", args=[shipment.pk]) not in response.content.decode()


# --- Tote labels ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("paper", "name", "per_sheet"), [("a4", "A4", 8), ("letter", "Letter", 10)])
def test_each_tote_gets_a_label_that_opens_the_receipt(logistics, planned, shipment, paper, name, per_sheet):
    pdf = pdf_of(
        logistics.get(reverse("tote_labels", args=[shipment.pk]), {"totes": "12", "paper": paper, "skip": "2"})
    )

    assert paper_of(pdf) == name
    assert len(pdf.pages) == 2
    codes = [found for page in pdf.pages for found in codes_on(page)]
    receipt = f"http://testserver{reverse('receive_shipment', args=[shipment.pk])}"
    assert sorted(codes) == [("Code128", str(shipment))] * 12 + [("QRCode", receipt)] * 12
    assert len(codes_on(pdf.pages[0])) == 2 * (per_sheet - 2)
    text = text_of_pdf(pdf)
    assert text.count("Łódz 7") == text.count(f"{planned} · stop 1 · {planned.van}") == 12
    assert in_order(text, "Tote 1 of 12", "KEEP REFRIGERATED · CONTROLLED", "Tote 2 of 12", "Tote 12 of 12")


def test_as_many_labels_as_totes_were_packed_unless_another_number_is_asked(logistics, division, shipment):
    assert "Tote 1 of 1" in words(logistics, "tote_labels", shipment.pk)
    division.pack(shipment)
    Shipment.objects.update(totes=3)
    assert "Tote 3 of 3" in words(logistics, "tote_labels", shipment.pk)
    assert "on no run yet" in words(logistics, "tote_labels", shipment.pk)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"totes": "0"}, "from 1 to 200"),
        ({"totes": "201"}, "from 1 to 200"),
        ({"totes": "a few"}, "Write how many totes"),
        ({"skip": "10"}, "A sheet has 10 labels"),
        ({"paper": "A5"}, "A4 and Letter"),
    ],
)
def test_what_cannot_be_printed_is_said_on_the_shipments_page(logistics, shipment, asked, said):
    response = logistics.get(reverse("tote_labels", args=[shipment.pk]), asked, follow=True)

    assert response.redirect_chain[0][0] == shipment.get_absolute_url()
    assert said in text_of(response)


# --- Run sheet --------------------------------------------------------------------------------------------------------


def test_the_run_sheet_has_the_stops_in_order_with_all_that_the_driver_needs(logistics, division, planned, shipment):
    lengthen(planned, 2)
    stop = planned.stops.get(position=1)
    local = timezone.localtime

    text = words(logistics, "run_sheet", planned.pk)

    assert in_order(text, f"Run sheet {planned}", "Driver", "nobody yet", "Handling", "Keep refrigerated, Controlled")
    assert in_order(text, "1 Łódz 7 7 Pine Street", f"Planned {local(stop.planned_at):%H:%M}", "Window 08:00–18:00")
    assert in_order(text, "km to here", f"{shipment} 3 lines · to pick", "Keep refrigerated · Controlled", "Arrived")
    assert in_order(text, "Signature", "2 Station", "3 Station", "Back to", "Odometer out")
    assert code(logistics, "run_sheet", planned.pk) == planned.get_absolute_url()


def test_the_kilometres_of_the_legs_are_those_of_the_run(logistics, division, planned):
    """As the schedule planned them, there and back."""
    text = words(logistics, "run_sheet", planned.pk)

    assert f"{planned.distance_m / 1000:.1f} km there and back" in text


def test_what_became_of_a_stop_stands_on_the_sheet(logistics, division, shipment, planned):
    division.pack(shipment)
    division.leave(planned)
    shipment.refresh_from_db()
    division.hand_over(shipment)

    assert "handed to Lee" in words(logistics, "run_sheet", planned.pk)


def test_a_run_without_stops_has_no_sheet(logistics, division):
    run = DeliveryRun.objects.create(
        depot=division.warehouse, van=division.van, run_on=division.at.date(), leaves_at=division.at
    )

    assert "has no stops" in text_of(logistics.get(reverse("run_sheet", args=[run.pk]), follow=True))


# --- All of them ------------------------------------------------------------------------------------------------------

SHIPMENT_PAPERS = ("pick_list", "packing_slip", "tote_labels")


@pytest.mark.parametrize("name", SHIPMENT_PAPERS)
def test_a_paper_has_the_name_of_what_it_is(logistics, shipment, name):
    response = logistics.get(reverse(name, args=[shipment.pk]))

    assert response["Content-Disposition"] == f'inline; filename="{name.replace("_", "-")}-{shipment}.pdf"'
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("role", "readable"),
    [
        ("officer", {"packing_slip", "tote_labels"}),
        ("driver", {"packing_slip", "tote_labels", "run_sheet"}),
        ("chief", {"packing_slip", "tote_labels", "run_sheet"}),
        ("auditor", {"packing_slip", "tote_labels", "run_sheet"}),
        ("logistics", {"pick_list", "packing_slip", "tote_labels", "run_sheet", "run_pick_list"}),
    ],
)
def test_who_sees_a_page_may_print_it(client, division, planned, shipment, role, readable):
    client.force_login(getattr(division, role))

    addresses = {name: reverse(name, args=[shipment.pk]) for name in SHIPMENT_PAPERS} | {
        name: reverse(name, args=[planned.pk]) for name in ("run_sheet", "run_pick_list")
    }

    assert {name for name, address in addresses.items() if client.get(address).status_code == 200} == readable


def test_a_stranger_sees_nothing(client, division, planned, shipment):
    assert client.get(reverse("packing_slip", args=[shipment.pk])).status_code == 302
    client.force_login(make.officer(make.station()))
    for name in ("packing_slip", "tote_labels"):
        assert client.get(reverse(name, args=[shipment.pk])).status_code == 404
    assert client.get(reverse("run_sheet", args=[planned.pk])).status_code == 403


def test_the_pages_offer_their_papers(logistics, division, shipment, planned):
    page = logistics.get(shipment.get_absolute_url()).content.decode()
    assert reverse("packing_slip", args=[shipment.pk]) in page
    assert f'action="{reverse("tote_labels", args=[shipment.pk])}"' in page
    assert reverse("pick_list", args=[shipment.pk]) in logistics.get(reverse("pick_shipment", args=[shipment.pk])).text
    page = logistics.get(planned.get_absolute_url()).text
    assert reverse("run_sheet", args=[planned.pk]) in page
    assert reverse("run_pick_list", args=[planned.pk]) in page


def test_long_papers_ask_as_many_questions_as_short_ones(logistics, division, gloves, shipment, planned):
    division.approved({gloves.pk: 70})
    addresses = [reverse(name, args=[shipment.pk]) for name in SHIPMENT_PAPERS]
    addresses += [reverse(name, args=[planned.pk]) for name in ("run_sheet", "run_pick_list")]
    few = [questions(logistics, address) for address in addresses]
    order = shipment.lines.all()[0].order_line.order
    for number in range(60):
        item = stocked(
            division, f"Item with a rather long name, number {number}", bin_name=f"C-{number:02d}", issue_pack=10
        )
        line = OrderLine.objects.create(
            order=order, item=item, location=make.room(division.station), asked=20, approved=20
        )
        level = item.lots.get().stock_levels.get()
        ShipmentLine.objects.create(shipment=shipment, order_line=line, level=level, quantity=10)
    lengthen(planned, 20)

    assert [questions(logistics, address) for address in addresses] == few
    pages = [len(pdf_of(logistics.get(address)).pages) for address in addresses]
    assert min(pages[0], pages[1], pages[3], pages[4]) > 1
    assert pages[2] == 1


def test_what_is_collected_for_others_stands_at_its_stop(logistics, division, shipment, planned):
    lengthen(planned, 1)
    stop = Stop.objects.get(run=planned, position=2)
    one = Shipment.objects.get(stop=stop)
    Shipment.objects.filter(pk=one.pk).update(pickup=planned.stops.get(position=1))

    assert f"Collect {one} for {one.destination}" in words(logistics, "run_sheet", planned.pk)
