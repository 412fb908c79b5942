"""Par levels by hand: the command, the grid, who may, and what happens when two people edit at once."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from inventory.actions.par_levels import ParChange, ParLevelsChanged, ParLevelsRefused, set_par_levels
from inventory.models import ParLevel
from stations.models import Command, Event, Location
from tests import make

pytestmark = pytest.mark.django_db


def set_one(place, item, par, minimum, where="", *, version=None, by=None, request_id=None):
    change = ParChange(place.pk, item.pk, par, minimum, where, version)
    return set_par_levels(changes=[change], by=by or make.logistics(), at=make.AT, request_id=request_id or make.rid())


@pytest.fixture
def station():
    return make.station()


@pytest.fixture
def place(station):
    return make.room(station)


@pytest.fixture
def gloves():
    return make.item(name="Gloves", issue_pack=50)


# --- The command -----------------------------------------------------------------------------------------------------


def test_a_par_level_is_added_changed_and_told_in_the_log(place, gloves):
    [added] = set_one(place, gloves, 40, 20, "A1", by=make.chief())
    [changed] = set_one(place, gloves, 60, 20, "A1", version=1)

    assert changed == added
    assert (changed.par, changed.minimum, changed.bin, changed.version) == (60, 20, "A1", 2)
    events = list(Event.objects.about(added).values_list("verb", "details"))
    assert events == [
        ("added", {"par": [None, 40], "minimum": [None, 20], "bin": [None, "A1"]}),
        ("changed", {"par": [40, 60]}),
    ]


def test_what_is_so_already_is_no_change(place, gloves):
    level = make.par(place, gloves, 40, 20, bin="A1")
    assert set_one(place, gloves, 40, 20, "A1", version=1) == []
    level.refresh_from_db()
    assert (level.version, Event.objects.count()) == (1, 0)


def test_a_repeated_request_changes_nothing_and_answers_the_same(place, gloves):
    by, rid = make.logistics(), make.rid()
    first = set_one(place, gloves, 40, 20, by=by, request_id=rid)
    assert set_one(place, gloves, 40, 20, by=by, request_id=rid) == first
    assert ParLevel.objects.get().version == 1


def test_another_persons_change_is_refused_by_name(place, gloves):
    level = make.par(place, gloves, 40, 20)
    other = make.chief()
    set_one(place, gloves, 44, 20, version=1, by=other)

    with pytest.raises(ParLevelsChanged) as refusal:
        set_one(place, gloves, 60, 20, version=1)
    assert refusal.value.problems == (f"Gloves: {other} made it par 44, minimum 20, Mon 10:00.",)
    with pytest.raises(ParLevelsChanged, match="Nothing of yours was saved"):
        set_one(place, gloves, 60, 20)  # somebody added it meanwhile
    level.refresh_from_db()
    assert (level.par, Command.objects.count()) == (44, 1)


def test_every_reason_is_told_by_row_and_field(place, gloves):
    others = [make.item() for _ in range(3)]
    changes = [
        ParChange(place.pk, gloves.pk, 1, 2),
        ParChange(place.pk, others[0].pk, -1, 1_000_001),
        ParChange(place.pk, others[1].pk, 1, 1, "x" * 21),
        ParChange(place.pk, others[2].pk, 1, 1, "a\0b"),
        ParChange(place.pk, 0, 1, 1),
        ParChange(place.pk, gloves.pk, 3, 3),
    ]
    with pytest.raises(ParLevelsRefused) as refusal:
        set_par_levels(changes=changes, by=make.logistics(), at=make.AT, request_id=make.rid())
    assert {(pair[1], name) for pair, name in refusal.value.fields} == {
        (gloves.pk, "minimum"),
        (others[0].pk, "par"),
        (others[0].pk, "minimum"),
        (others[1].pk, "bin"),
        (others[2].pk, "bin"),
        (0, "item"),
        (gloves.pk, "item"),
    }
    assert ParLevel.objects.count() == Command.objects.count() == 0


def mandate(place, item, minimum, mandated, version=None):
    change = ParChange(place.pk, item.pk, 40, minimum, "", version, mandated)
    return set_par_levels(changes=[change], by=make.logistics(), at=make.AT, request_id=make.rid())


def test_what_is_mandated_is_kept_and_never_undercut(place, gloves):
    [level] = mandate(place, gloves, 20, 12)
    assert level.mandated_minimum == 12

    with pytest.raises(ParLevelsRefused) as refusal:
        set_one(place, gloves, 40, 11, version=1)  # says nothing of what is mandated
    assert refusal.value.problems == ("The minimum must not be below what is mandated. Here that is 12.",)
    with pytest.raises(ParLevelsRefused) as refusal:
        mandate(place, gloves, 20, 21, version=1)
    assert set(refusal.value.fields) == {((place.pk, gloves.pk), "mandated")}
    [level] = set_one(place, gloves, 50, 13, version=1)
    assert (level.par, level.mandated_minimum) == (50, 12)
    assert Event.objects.about(level)[0].details["mandated_minimum"] == [None, 12]


def short(place, item, short_below, *, minimum=20, mandated=None, version=None):
    change = ParChange(place.pk, item.pk, 40, minimum, "", version, mandated, short_below)
    return set_par_levels(changes=[change], by=make.logistics(), at=make.AT, request_id=make.rid())


def test_short_has_a_level_of_its_own_from_the_mandate_to_the_minimum(place, gloves):
    [level] = short(place, gloves, 6, mandated=4)
    assert level.short_below == 6
    for wrong, field in ((21, "short"), (3, "short")):
        with pytest.raises(ParLevelsRefused) as refusal:
            short(place, gloves, wrong, version=1)
        assert set(refusal.value.fields) == {((place.pk, gloves.pk), field)}
    [level] = set_one(place, gloves, 50, 30, version=1)
    assert level.short_below == 6, "it stays where a change says nothing of it"
    [level] = set_one(place, gloves, 50, 5, version=2)
    assert level.short_below is None, "it follows the minimum where that is not above it any more"
    assert Event.objects.about(level)[0].details["short_below"] == [None, 6]


def test_the_minimum_itself_is_no_level_of_its_own(place, gloves):
    [level] = short(place, gloves, 20)
    assert level.short_below is None


@pytest.mark.parametrize("wrong", [20, 21, 3])
def test_the_database_holds_short_between_mandate_and_minimum(place, gloves, wrong):
    make.par(place, gloves, 40, 20, mandated_minimum=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        ParLevel.objects.update(short_below=wrong)


def test_the_ends_of_the_ledger_have_no_par_levels(gloves):
    with pytest.raises(ParLevelsRefused, match="cannot be right"):
        set_one(Location.objects.virtual(Location.Kind.SUPPLIER), gloves, 1, 1)


@pytest.mark.parametrize("who", ["officer", "driver", "auditor"])
def test_only_logistics_and_the_chief_set_them(place, gloves, who):
    with pytest.raises(PermissionDenied):
        set_one(place, gloves, 1, 1, by=make.person(who))


@pytest.mark.parametrize("rows", [3, 30])
def test_queries_of_the_command_do_not_grow_with_rows(place, rows):
    items = [make.item() for _ in range(2 * rows)]
    for item in items[:rows]:
        make.par(place, item, 4, 2)
    changes = [ParChange(place.pk, item.pk, 9, 3, "", 1) for item in items[:rows]]
    changes += [ParChange(place.pk, item.pk, 9, 3) for item in items[rows:]]
    by = make.logistics()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        set_par_levels(changes=changes, by=by, at=make.AT, request_id=make.rid())
    assert len(queries) <= 16


# --- The pages -------------------------------------------------------------------------------------------------------


def grid(place, **fields):
    return {"request_id": str(make.rid()), "place": place.pk, **fields}


def line(item, par, minimum, where="", was=""):
    values = {f"par-{item.pk}": par, f"minimum-{item.pk}": minimum, f"bin-{item.pk}": where}
    return values | ({f"was-{item.pk}": was} if was else {})


def address(station, place=None):
    return f"/par-levels/{station.code}/" + (f"?place={place.pk}" if place else "")


def test_many_rows_are_saved_at_once_and_untouched_ones_left_alone(client, station, place, gloves):
    tape, mask = make.item(name="Tape"), make.item(name="Mask")
    make.par(place, gloves, 40, 20, bin="A1")
    untouched = make.par(place, tape, 5, 2, bin="A:2")
    client.force_login(make.logistics())
    page = client.get(address(station)).content.decode()
    assert 'value="1:40:20:::A1"' in page
    ParLevel.objects.filter(pk=untouched.pk).update(par=7, version=2)  # by somebody else

    posted = grid(place, **line(gloves, "60", "20", "A1", "1:40:20:::A1"), **line(tape, "5", "2", "A:2", "1:5:2:::A:2"))
    response = client.post(address(station, place), posted | line(mask, "10", "4"))

    assert response.status_code == 302
    assert dict(ParLevel.objects.values_list("item__name", "par")) == {"Gloves": 60, "Tape": 7, "Mask": 10}


def test_a_refusal_marks_the_field_and_keeps_what_was_typed(client, station, place, gloves):
    mask = make.item(name="Mask")
    make.par(place, gloves, 40, 20)
    client.force_login(make.logistics())
    posted = grid(place, **line(gloves, "6o", "20", "B7", "1:40:20:::"), **line(mask, "5", "4", "C9"))

    response = client.post(address(station, place), posted)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Par: Write a whole number up to 1,000,000." in page
    for text in ('value="6o"', 'value="B7"', 'value="C9"', posted["request_id"], 'value="1:40:20:::"'):
        assert text in page
    assert ParLevel.objects.get().par == 40

    response = client.post(address(station, place), posted | line(gloves, "6", "20", "B7", "1:40:20:::"))
    assert "Minimum: The minimum must not be above the par." in response.content.decode()


def test_what_is_mandated_is_written_in_the_grid(client, station, place, gloves):
    make.par(place, gloves, 40, 20)
    client.force_login(make.chief())
    posted = grid(place, **line(gloves, "40", "20", "", "1:40:20:::"))

    bad = client.post(address(station, place), posted | {f"mandated-{gloves.pk}": "21"})
    good = client.post(address(station, place), posted | {f"mandated-{gloves.pk}": "12"})

    assert "Mandated: The minimum must not be below what is mandated." in bad.content.decode()
    assert (bad.status_code, good.status_code) == (422, 302)
    assert ParLevel.objects.get().mandated_minimum == 12
    assert 'value="2:40:20::12:"' in client.get(address(station, place)).content.decode()
    client.post(address(station, place), grid(place, **line(gloves, "40", "20", "", "2:40:20::12:")))
    assert ParLevel.objects.get().mandated_minimum == 0  # an empty cell: nothing is


def test_when_it_is_short_is_written_in_the_grid_and_empty_means_the_minimum(client, station, place, gloves):
    make.par(place, gloves, 40, 20)
    client.force_login(make.chief())
    posted = grid(place, **line(gloves, "40", "20", "", "1:40:20:::"))

    bad = client.post(address(station, place), posted | {f"short-{gloves.pk}": "21"})
    good = client.post(address(station, place), posted | {f"short-{gloves.pk}": "6"})

    assert "Short below: What is Short must not be above the minimum." in bad.content.decode()
    assert (bad.status_code, good.status_code) == (422, 302)
    assert ParLevel.objects.get().short_below == 6
    assert 'value="2:40:20:6::"' in client.get(address(station, place)).content.decode()
    client.post(address(station, place), grid(place, **line(gloves, "40", "20", "", "2:40:20:6::")))
    assert ParLevel.objects.get().short_below is None


def test_a_stale_line_says_who_and_may_be_sent_once_more(client, station, place, gloves):
    make.par(place, gloves, 40, 20)
    other = make.chief()
    set_one(place, gloves, 44, 20, version=1, by=other)
    client.force_login(make.logistics())
    posted = grid(place, **line(gloves, "60", "20", "", "1:40:20:::"))

    response = client.post(address(station, place), posted)

    page = response.content.decode()
    assert response.status_code == 422
    assert f"{other} made it par 44" in page
    assert 'value="60"' in page
    assert 'value="2:44:20:::"' in page
    assert ParLevel.objects.get().par == 44
    assert client.post(address(station, place), posted | {f"was-{gloves.pk}": "2:44:20:::"}).status_code == 302
    assert ParLevel.objects.get().par == 60


def test_a_double_click_saves_once(client, station, place, gloves):
    client.force_login(make.logistics())
    posted = grid(place, **line(gloves, "6", "2"))
    for _ in range(2):
        assert client.post(address(station, place), posted).status_code == 302
    assert ParLevel.objects.get().version == 1
    assert Event.objects.count() == 1


def test_nonsense_is_refused_and_nothing_breaks(client, station, place, gloves):
    client.force_login(make.logistics())
    for fields in (
        {"par-99999999999999999999": "1"},
        {"par-123456789012345678": "1", "minimum-123456789012345678": "1"},
        {f"par-{gloves.pk}": "9" * 400, f"minimum-{gloves.pk}": "1"},
        {f"par-{gloves.pk}": "1", f"minimum-{gloves.pk}": "1", f"was-{gloves.pk}": "x"},
        {f"par-{gloves.pk}": "٣", f"minimum-{gloves.pk}": "1"},
        {f"bin-{gloves.pk}": "only a bin"},
        {f"par-{gloves.pk}": "5", f"minimum-{gloves.pk}": "3", f"short-{gloves.pk}": "1.5"},
        {},
    ):
        assert client.post(address(station, place), grid(place, **fields)).status_code in {302, 422}
    assert client.post(address(station, place), {"request_id": "x"}).status_code == 422
    assert client.get(address(station) + "?place=zz&page=-1&q=%00").status_code == 200


def test_items_are_found_and_added_by_line(client, station, place, gloves):
    mask = make.item(name="Mask N95")
    make.par(place, gloves, 40, 20)
    client.force_login(make.chief())
    found = client.get(f"/par-levels/{station.code}/items/?place={place.pk}&q=mask").content.decode()
    assert "Mask N95" in found
    assert "Nothing else" in client.get(f"/par-levels/{station.code}/items/?place={place.pk}&q=gloves").content.decode()
    row = client.get(f"/par-levels/{station.code}/items/?place={place.pk}&item={mask.sku}").content.decode()
    assert f'name="par-{mask.pk}"' in row
    assert client.get(f"/par-levels/{station.code}/items/?place={place.pk}&item=none").status_code == 404


def test_who_reads_and_who_writes(client, station, place, gloves):
    make.par(place, gloves, 40, 20)
    posted = grid(place, **line(gloves, "60", "20", "", "1:40:20:::"))
    reads = {
        make.officer(station): 403,
        make.officer(station, read_only=True): 403,
        make.auditor(): 403,
        make.chief(): 302,
        make.logistics(): 422,  # the chief was faster
    }
    for person, status in reads.items():
        client.force_login(person)
        page = client.get(address(station)).content.decode()
        assert "Gloves" in page
        assert ("Save par levels" in page) == (person.role in {"chief", "logistics"})
        assert client.post(address(station, place), posted | {"request_id": make.rid()}).status_code == status
    for outsider, status in ((make.officer(make.station()), 404), (make.driver(), 403)):
        client.force_login(outsider)
        assert client.get(address(station)).status_code == status
        assert client.post(address(station, place), posted).status_code == status
    client.force_login(make.officer(station))
    assert client.get(f"/par-levels/{station.code}/items/?q=x").status_code == 403
    client.logout()
    assert client.get("/par-levels/").status_code == 302


def test_an_officer_sees_only_their_stations(client, station):
    other = make.station(name="Elsewhere")
    client.force_login(make.officer(station))
    page = client.get("/par-levels/").content.decode()
    assert station.name in page
    assert other.name not in page


def test_queries_of_the_pages_do_not_grow_with_rows(client, django_assert_max_num_queries):
    warehouse = make.warehouse()
    client.force_login(make.logistics())

    def queries(path):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    def grow(count):
        for _ in range(count):
            make.par(make.room(make.station(supplied_by=warehouse)), make.item(issue_pack=10), 4, 2)
            make.par(warehouse, make.item(issue_pack=10), 4, 2)
            make.unit(warehouse)

    grow(3)
    few = [queries(path) for path in ("/par-levels/", f"/par-levels/{warehouse.code}/")]
    grow(27)
    assert [queries(path) for path in ("/par-levels/", f"/par-levels/{warehouse.code}/")] == few
