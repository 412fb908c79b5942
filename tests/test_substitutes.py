"""What may be sent instead: named, offered where a line cannot be filled, and approved for all to see."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from core.errors import DomainError
from inventory.actions.division import load_division
from inventory.actions.substitutes import remove_substitute, set_substitute
from inventory.imports.planning import plan_division
from inventory.imports.sources import from_bytes
from inventory.models import Substitute
from orders.actions.approval import approve_order
from orders.actions.substitution import approve_substitute
from orders.models import ApprovalStep
from orders.queries.approving import ToApprove, to_approve
from stations.models import Event
from tests import make
from tests.flow import Division
from tests.pages import form_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def litre(division):
    """Out at the warehouse; two bags of 500 mL stand in for one, 100 are there."""
    item, half = make.item(name="Ringer 1000 mL", kind="medication"), make.item(name="Ringer 500 mL", kind="medication")
    for one in (item, half):
        make.par(division.station, one, 100, 10)
    make.stock(division.warehouse, half, on_hand=100)
    set_substitute(item=item, substitute=half, quantity=2, per=1, note="Two bags", **division.by(division.logistics))
    return item


def substitute_of(item):
    return Substitute.objects.get(item=item)


def test_so_many_stand_in_for_so_many_and_it_stays_whole():
    three_for_two = Substitute(quantity=3, per=2)

    assert [three_for_two.instead_of(n) for n in (0, 1, 2, 3)] == [0, 2, 3, 5]
    assert [three_for_two.covers(n) for n in (0, 2, 3, 5)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("item", "other", "note", "says"),
    [
        ({}, {"kind": "medication"}, "", "cannot stand in for a consumable"),
        ({"kind": "medication"}, {"kind": "medication", "schedule": "IV"}, "", "is a scheduled drug"),
        ({}, {"is_active": False}, "", "no longer in use"),
    ],
)
def test_what_cannot_stand_in_is_refused(division, item, other, note, says):
    facts = {"item": make.item(**item), "substitute": make.item(**other), "note": note}

    with pytest.raises(DomainError) as refusal:
        set_substitute(**facts, **division.by(division.logistics))

    assert says in refusal.value.problems[0]
    assert not Substitute.objects.exists()


def test_only_logistics_names_and_takes_back(division, litre):
    other = substitute_of(litre).substitute
    for person in (division.officer, division.chief):
        with pytest.raises(PermissionDenied):
            set_substitute(item=litre, substitute=other, **division.by(person))
        with pytest.raises(PermissionDenied):
            remove_substitute(item=litre, substitute=other, **division.by(person))

    remove_substitute(item=litre, substitute=other, **division.by(division.logistics))

    assert not Substitute.objects.exists()
    verbs = list(Event.objects.about(litre).values_list("verb", flat=True))
    assert verbs == ["named a substitute", "took back a substitute"]


def test_a_line_that_cannot_be_filled_is_met_by_its_substitute(division, litre):
    order = division.submitted({litre.pk: 10})
    [line] = order.lines.all()

    order = approve_substitute(
        line=line, substitute=substitute_of(litre), version=order.version, **division.by(division.logistics)
    )

    line.refresh_from_db()
    assert (line.asked, line.approved) == (10, 0)
    assert line.approval_reason == "10 replaced by 20 of Ringer 500 mL."
    added = order.lines.get(item__name="Ringer 500 mL")
    assert (added.asked, added.approved, added.location) == (20, None, make.room(division.station))
    order = approve_order(order=order, version=order.version, **division.by(division.logistics))
    added.refresh_from_db()
    assert (order.state, added.allocated) == ("approved", 20)


def test_only_what_is_missing_is_replaced_and_only_as_far_as_there_is(division, litre):
    make.stock(division.warehouse, litre, on_hand=4)
    order = division.submitted({litre.pk: 100})
    [line] = order.lines.all()

    approve_substitute(line=line, substitute=substitute_of(litre), version=None, **division.by(division.logistics))

    line.refresh_from_db()
    assert (line.approved, order.lines.exclude(pk=line.pk).get().asked) == (50, 100)


def test_a_scheduled_substitute_needs_the_chief(division):
    item, drug = make.item(kind="medication"), make.item(kind="medication", schedule="IV")
    for one in (item, drug):
        make.par(division.station, one, 100, 10)
    make.stock(make.safe(division.warehouse), drug, on_hand=50)
    set_substitute(item=item, substitute=drug, note="Seizures only", **division.by(division.logistics))
    order = division.submitted({item.pk: 10})
    assert order.approval_steps.count() == 1

    order = approve_substitute(
        line=order.lines.get(), substitute=substitute_of(item), version=None, **division.by(division.logistics)
    )

    assert [step.rule for step in order.approval_steps.all()] == [
        ApprovalStep.Rule.STANDARD,
        ApprovalStep.Rule.SCHEDULED,
    ]


def test_it_is_a_part_of_approving_so_nobody_does_it_for_their_own_request(division, litre):
    order = division.submitted({litre.pk: 10})
    order.requested_by = division.logistics
    order.save()
    facts = {"line": order.lines.get(), "substitute": substitute_of(litre), "version": None}

    with pytest.raises(DomainError, match="Nobody approves their own"):
        approve_substitute(**facts, **division.by(division.logistics))
    with pytest.raises(DomainError, match="waits for logistics"):
        approve_substitute(**facts, **division.by(division.chief))


def test_a_substitute_that_is_out_too_is_refused(division, litre):
    order = division.submitted({litre.pk: 10})
    Substitute.objects.update(quantity=101)

    with pytest.raises(DomainError, match="cannot stand in"):
        approve_substitute(
            line=order.lines.get(), substitute=substitute_of(litre), version=None, **division.by(division.logistics)
        )


def test_the_queue_says_for_how_many_lines_there_is_one(division, litre):
    division.submitted({litre.pk: 10})

    column, _ = to_approve(division.at + timedelta(minutes=1))
    [card] = column.cards

    assert isinstance(card, ToApprove)
    assert (card.uncovered, card.replaceable) == (1, 1)


def test_one_tap_on_the_approvers_page(client, division, litre):
    order = division.submitted({litre.pk: 10})
    client.force_login(division.logistics)
    page = client.get(reverse("approve_order", args=[order.pk]))
    assert "Substitute: 20 each of Ringer 500 mL, 100 free" in text_of(page)
    address = reverse("approve_substitute", args=[order.pk])

    line, substitute = order.lines.get(), substitute_of(litre)
    answer = client.post(address, form_in(page, address, instead=f"{line.pk}:{substitute.pk}"), follow=True)

    assert "10 replaced by 20 of Ringer 500 mL." in answer.content.decode()
    assert order.lines.count() == 2


def test_the_items_page_names_it_and_only_logistics_edits(client, division, litre):
    other = make.item(name="Ringer 250 mL", kind="medication")
    address = reverse("set_substitute", args=[litre.sku])
    client.force_login(division.logistics)
    page = client.get(litre.get_absolute_url())
    assert "2 for 1 · Two bags" in text_of(page)

    client.post(address, form_in(page, address, substitute=other.pk, quantity=4))
    assert Substitute.objects.get(substitute=other).quantity == 4
    refused = client.post(address, form_in(page, address, substitute=other.pk, quantity=0))
    assert refused.status_code == 422

    client.force_login(division.officer)
    assert "Name a substitute" not in text_of(client.get(litre.get_absolute_url()))
    assert client.post(address, {}).status_code == 403


def load(**files):
    sources = [from_bytes(f"{name}.csv", text.encode()) for name, text in files.items()]
    plan = plan_division(sources, today=make.TODAY)
    if plan.is_refused:
        return [f"{problem.column}: {problem.reason}" for problem in plan.report.problems]
    load_division(sources=sources, seen=plan.mark, by=None, at=make.AT, request_id=make.rid())
    return []


def test_a_file_names_and_changes_them():
    items = "sku,name,kind,schedule\nA,Ay,medication,\nB,Be,medication,II\nC,Ce,consumable,\n"

    assert load(items=items, substitutes="sku,substitute,quantity\nB,A,2\n") == []
    assert load(substitutes="sku,substitute,per,note\nB,A,3,Weaker\n") == []

    found = Substitute.objects.get()
    assert (found.item.sku, found.substitute.sku, found.quantity, found.per, found.note) == ("B", "A", 2, 3, "Weaker")
    problems = load(substitutes="sku,substitute\nA,B\nA,C\nA,A\nA,X\n")
    assert [problem.split(":")[0] for problem in problems] == ["substitute"] * 4
    assert "scheduled drug" in problems[0]
    assert "cannot stand in for a medication" in problems[1]
