"""The first steps of each role on the demo's own data: from the guide on, page by page, until its main job is done."""

from typing import Any

from django.test import Client
from django.urls import reverse

from orders.models import ApprovalStep, DeliveryRun, ResupplyOrder, Shipment, Stop
from stations.models import User
from tests.pages import form_in, has_form, text_of


class Newcomer:
    """Somebody who opens the demo for the first time and goes by the guide."""

    def __init__(self, role: str) -> None:
        self.client = Client()
        self.client.force_login(User.objects.get(username=role))

    def guide(self) -> Any:
        return self.client.get(reverse("guide"))

    def step(self, verb: str) -> Any:
        return next(one for one in self.guide().context["steps"] if verb in one.step.verbs)

    def open(self, verb: str) -> Any:
        """The page that the guide's step leads to."""
        return self.client.get(self.step(verb).address, follow=True)

    def see(self, name: str, *args: Any) -> Any:
        return self.client.get(reverse(name, args=args), follow=True)

    def send(self, page: Any, name: str, pk: int, **typed: Any) -> str:
        """Send this form of the page, and return the words of the answer."""
        address = reverse(name, args=[pk])
        action = address if has_form(page, address) else ""  # a form without an address goes to its own page
        return text_of(self.client.post(address, form_in(page, action, **typed), follow=True))


def check_first_steps() -> None:
    people = {role: Newcomer(role) for role in User.Role.values}
    for role, person in people.items():
        said = text_of(person.guide())
        assert "0 of" in said or (role == "auditor" and "You only look here" in said), role
    officer_sends_and_receives(people["officer"])
    driver_delivers(people["driver"])
    logistics_approves_packs_and_sends(people["logistics"])
    chief_approves(people["chief"])


def officer_sends_and_receives(officer: Newcomer) -> None:
    page = officer.open("submit_order")
    order = ResupplyOrder.objects.automatic_drafts().get(station__memberships__user__username="officer")
    officer.send(page, "submit_order", order.pk)
    assert officer.step("submit_order").is_done
    shipment = Shipment.objects.get(destination=order.station, state=Shipment.State.DELIVERED)
    assert str(shipment) in text_of(officer.open("receive_shipment"))
    officer.send(officer.see("receive_shipment", shipment.pk), "receive_shipment", shipment.pk)
    assert officer.step("receive_shipment").is_done
    order.refresh_from_db()
    assert order.state == ResupplyOrder.State.SUBMITTED


def driver_delivers(driver: Newcomer) -> None:
    """What is on the road is handed over, the run is completed, and the next one loaded: all that the guide asks."""
    run = DeliveryRun.objects.get(driver__username="driver", state=DeliveryRun.State.OUT)
    for stop in run.stops.filter(state=Stop.State.PLANNED).order_by("position"):
        driver.send(driver.open("deliver_stop"), "arrive_at_stop", stop.pk)
        driver.send(driver.open("deliver_stop"), "deliver_stop", stop.pk, handed_to="Lee")
    driver.send(driver.open("complete_run"), "complete_run", run.pk)
    run.refresh_from_db()
    assert run.state == DeliveryRun.State.COMPLETED
    following = DeliveryRun.objects.get(driver__username="driver", state=DeliveryRun.State.PLANNED)
    driver.send(driver.open("load_run"), "load_run", following.pk)
    assert "You have done all of it" in text_of(driver.guide())


def logistics_approves_packs_and_sends(logistics: Newcomer) -> None:
    order = waits_for("logistics").get(station__code="ST02")
    assert order.station.name in text_of(logistics.open("approve_order"))
    logistics.send(logistics.see("approve_order", order.pk), "approve_order", order.pk)
    assert logistics.step("approve_order").is_done
    shipment = Shipment.objects.get(state=Shipment.State.PICKING)
    assert str(shipment) in text_of(logistics.open("pack_shipment"))
    logistics.send(logistics.see("pack_shipment", shipment.pk), "pack_shipment", shipment.pk)
    assert logistics.step("pack_shipment").is_done
    ready = Shipment.objects.filter(state=Shipment.State.PACKED, stop__run__state=DeliveryRun.State.PLANNED)
    run = DeliveryRun.objects.filter(stops__shipments__in=ready).earliest("leaves_at")
    assert str(run) in text_of(logistics.open("dispatch_run"))
    driver = User.objects.filter(role=User.Role.DRIVER).exclude(username="driver").earliest("pk")
    logistics.send(logistics.see("run", run.pk), "assign_driver", run.pk, driver=driver.pk)
    logistics.send(logistics.see("run", run.pk), "load_run", run.pk)
    said = logistics.send(logistics.see("run", run.pk), "dispatch_run", run.pk)
    assert logistics.step("dispatch_run").is_done, said
    run.refresh_from_db()
    assert run.state == DeliveryRun.State.OUT


def chief_approves(chief: Newcomer) -> None:
    order = waits_for("chief").earliest("submitted_at")
    assert order.station.name in text_of(chief.open("approve_order"))
    chief.send(chief.see("approve_order", order.pk), "approve_order", order.pk)
    assert chief.step("approve_order").is_done
    assert not ApprovalStep.objects.filter(order=order, decided_at=None).exists()


def waits_for(role: str) -> Any:
    """The requests whose next step is this role's."""
    orders = ResupplyOrder.objects.awaiting_approval()
    turn = [
        order.pk
        for order in orders
        if [one.role for one in order.approval_steps.filter(decided_at=None).order_by("pk")[:1]] == [role]
    ]
    return ResupplyOrder.objects.filter(pk__in=turn)
