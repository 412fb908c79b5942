"""What a scan names here: each or pack in base units, kept by the database, linked and taken back by logistics."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.errors import DomainError
from inventory.actions.codes import link_code, unlink_code
from inventory.codes import Code, System, UnreadableCode, read_code
from inventory.codes.check_digits import gs1_check_digit, hibc_check_character
from inventory.errors import AmbiguousCode, UnknownCode
from inventory.models import Item, ItemCode, Pack
from inventory.queries.codes import find_by_code, look_up
from stations.models import Event
from tests import make
from tests.api import Api, problem
from tests.pages import text_of

pytestmark = pytest.mark.django_db
EACH, BOX, CASE = "00614141123452", "10614141123459", "20614141123456"


@pytest.fixture
def gauze():
    item = make.item(sku="GAUZE", name="Gauze", gtin=EACH, issue_pack=10)
    Pack.objects.filter(item=item).update(gtin=BOX)
    Pack.objects.create(item=item, name="case", quantity=200, gtin=CASE)
    return item


@pytest.fixture
def vial():
    return make.item(sku="KET", name="Ketamine", kind="medication", schedule="III", ndc="0409-2051-05", issue_pack=10)


def by(person):
    return {"by": person, "at": make.AT, "request_id": make.rid()}


def link(item, text, pack=None, **who):
    return link_code(item=item, code=read_code(text).codes[0], pack=pack, **(who or by(make.logistics())))


def own(item):
    rows = ItemCode.objects.filter(item=item, is_own=True)
    return {(row.system, row.code, row.pack.name if row.pack else None) for row in rows.select_related("pack")}


@pytest.mark.parametrize(
    ("text", "pack", "quantity"),
    [
        (EACH, None, 1),
        ("614141123452", None, 1),
        ("gauze", None, 1),
        ("https://x.org/stock/?station=A&item=GAUZE", None, 1),
        (f"]d201{BOX}10A1", "box", 10),
        (f"(01){CASE}(17)281100", "case", 200),
        (f"02{CASE}373", "case", 600),
    ],
)
def test_each_box_and_case_are_so_many_base_units(gauze, django_assert_max_num_queries, text, pack, quantity):
    scanned = read_code(text)

    with django_assert_max_num_queries(3):
        found = find_by_code(scanned)

    assert (found.item, found.pack and found.pack.name, found.quantity) == (gauze, pack, quantity)


def test_the_lot_is_known_if_there_is_just_one(gauze):
    level = make.stock(make.warehouse(), gauze, number="A1", expires_on=date(2028, 11, 30))

    assert find_by_code(read_code(f"01{EACH}10A1")).lot == level.lot
    assert find_by_code(read_code(f"01{EACH}10B2")).lot is None


@pytest.mark.parametrize("text", ["0409205105", "00409205105", "0409-2051-05", "NDC 0409-2051-05", "304092051057"])
def test_a_drug_is_found_by_every_form_of_its_ndc(vial, text):
    digits = text if len(text) < 12 or "-" in text else text[:-1] + str(gs1_check_digit(text[:-1]))

    assert find_by_code(read_code(digits)).item == vial


def test_two_items_of_one_ndc_or_of_one_bare_number_are_told_not_guessed(vial):
    twin = make.item(sku="KET-2", name="Ketamine, other box", ndc="0409-2051-05")
    with pytest.raises(AmbiguousCode, match="Ketamine, 1 each; Ketamine, other box, 1 each"):
        find_by_code(read_code("0409-2051-05"))

    twin.ndc = "04092-051-05"
    twin.save()
    assert find_by_code(read_code("04092-051-05")).item == twin
    with pytest.raises(AmbiguousCode):
        find_by_code(read_code("0409205105"))


def test_a_box_of_a_known_drug_is_not_taken_for_one_vial(vial):
    gtin = "1030409205105"
    gtin += str(gs1_check_digit(gtin))
    with pytest.raises(UnknownCode, match="a box of Ketamine, of a size that nobody has said") as refusal:
        find_by_code(read_code(gtin))
    assert refusal.value.items == (vial,)

    link(vial, gtin, vial.packs.get())

    assert find_by_code(read_code(gtin)).quantity == 10


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("00614141999996", "in nobody's catalogue"),
        ("nothing", "in nobody's catalogue"),
        ("(00)376130321109103420", "not of an item"),
        ("(10)A1", "Scan the other code"),
    ],
)
def test_what_names_nothing_says_so(gauze, text, says):
    with pytest.raises(UnknownCode, match=says):
        find_by_code(read_code(text))


def test_a_sku_is_found_where_it_looks_like_a_mistyped_code():
    item = make.item(sku="12345678")

    assert look_up("12345678").item == item
    with pytest.raises(UnreadableCode):
        look_up("12345679")


def test_capitals_of_a_sku_matter_only_where_two_differ_in_nothing_else():
    one, other = make.item(sku="Ab1"), make.item(sku="aB1")

    assert (look_up("Ab1").item, look_up("aB1").item) == (one, other)
    with pytest.raises(UnknownCode):
        look_up("AB1")


def test_the_database_keeps_the_codes_of_the_catalogue(gauze, vial):
    assert own(gauze) == {("gtin", EACH, None), ("gtin", BOX, "box"), ("gtin", CASE, "case")}
    assert own(vial) == {("ndc", "0409-2051-05", None)}

    Item.objects.filter(pk=gauze.pk).update(gtin="", ndc="0409-1782-69")
    Pack.objects.filter(item=gauze, name="box").update(gtin=EACH)

    assert own(gauze) == {("ndc", "0409-1782-69", None), ("gtin", EACH, "box"), ("gtin", CASE, "case")}
    gauze.packs.filter(name="case").delete()
    assert own(gauze) == {("ndc", "0409-1782-69", None), ("gtin", EACH, "box")}


@pytest.mark.parametrize("gtin", [EACH, BOX, EACH.lstrip("0")])
def test_a_gtin_names_one_thing_wherever_it_is_written(gauze, gtin):
    other = make.item(issue_pack=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=other.pk).update(gtin=gtin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pack.objects.filter(item=other).update(gtin=gtin)
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemCode.objects.create(item=other, system="gtin", code=gtin.zfill(14))


def test_a_linked_code_names_its_pack_and_gives_way_to_the_catalogue(gauze):
    text = f"+A99912345{hibc_check_character('+A99912345')}"
    link(gauze, text, gauze.packs.get(name="box"))
    link(gauze, "05901234123457")

    assert find_by_code(read_code(text)).quantity == 10
    Item.objects.filter(pk=gauze.pk).update(gtin="05901234123457")
    assert ItemCode.objects.get(code="05901234123457").is_own
    assert Event.objects.filter(verb="linked a code", details__code="HIBC A99912345").exists()


def test_linking_twice_changes_nothing_and_taking_back_frees_the_code(gauze, vial):
    command = by(make.logistics())
    for _ in range(2):
        link(gauze, "05901234123457", **command)
    linked = ItemCode.objects.get(code="05901234123457")
    with pytest.raises(DomainError, match="names Gauze, each already"):
        link(vial, "05901234123457")

    command = by(make.logistics())
    for _ in range(2):
        assert unlink_code(linked=linked, **command) == gauze
    link(vial, "05901234123457")

    assert find_by_code(read_code("05901234123457")).item == vial


@pytest.mark.parametrize(
    "code", [Code(System.GTIN, "00614141123453"), Code(System.NDC, "1-2-3"), Code(System.HIBC, "X")]
)
def test_a_mistyped_code_is_not_linked(gauze, code):
    with pytest.raises(UnreadableCode):
        link_code(item=gauze, code=code, **by(make.logistics()))


def test_what_may_not_be_linked_or_taken_back(gauze, vial):
    with pytest.raises(DomainError, match="Choose one of its own packs"):
        link(gauze, "05901234123457", vial.packs.get())
    with pytest.raises(DomainError, match="changed by an import"):
        unlink_code(linked=ItemCode.objects.get(code=EACH), **by(make.logistics()))
    for person in (make.chief(), make.officer(), make.auditor(), make.driver()):
        with pytest.raises(PermissionDenied):
            link(gauze, "05901234123457", **by(person))
        with pytest.raises(PermissionDenied):
            unlink_code(linked=ItemCode.objects.get(code=EACH), **by(person))


def test_logistics_links_a_scan_on_its_page_and_takes_it_back(client, gauze):
    client.force_login(make.logistics())
    address = f"{reverse('link_code')}?code=(01)05901234123457(10)A1"
    page = text_of(client.get(address))
    assert "GTIN 05901234123457 is in nobody's catalogue here" in page

    form = {"request_id": make.rid(), "code": "(01)05901234123457(10)A1", "item": "GAUZE · Gauze", "pack": "box"}
    response = client.post(address, form)

    assert response.url == gauze.get_absolute_url()
    assert "GTIN 05901234123457" in text_of(client.get(response.url))
    assert find_by_code(read_code("5901234123457")).quantity == 10
    linked = ItemCode.objects.get(code="05901234123457")
    client.post(reverse("unlink_code", args=[gauze.sku]), {"request_id": make.rid(), "code": linked.pk})
    assert not ItemCode.objects.filter(pk=linked.pk).exists()


def test_a_scan_that_may_be_several_is_asked_for(client, gauze):
    client.force_login(make.logistics())
    address = f"{reverse('link_code')}?code=0409178269&item=GAUZE"
    page = text_of(client.get(address))
    assert "NDC 0409-1782-69" in page
    assert "NDC 04091-7826-9" in page

    form = {"request_id": make.rid(), "code": "0409178269", "meant": "ndc:04091-782-69", "item": "GAUZE", "pack": ""}
    client.post(address, form)

    assert ItemCode.objects.get(is_own=False).code == "04091-782-69"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"code": "00614141123453"}, "its last digit should be 2"),
        ({"code": "(10)A1"}, "names no item"),
        ({"item": "nothing"}, "not in the catalogue"),
        ({"item": "KET", "pack": "case"}, "does not come by the case"),
        ({"code": EACH}, "names Gauze, each already"),
        ({"code": ""}, "required"),
    ],
)
def test_a_wrong_link_says_why_and_keeps_what_was_typed(client, gauze, vial, typed, says):
    client.force_login(make.logistics())
    form = {"request_id": make.rid(), "code": "05901234123457", "item": "GAUZE", "pack": "box"} | typed

    response = client.post(reverse("link_code"), form)

    assert response.status_code == 422
    assert says in text_of(response)
    assert not ItemCode.objects.filter(is_own=False).exists()


@pytest.mark.parametrize("scan", ["\0", "x" * 9000, "](", "(01)", "https://[", "+", "']d2"])
def test_any_scan_shows_the_page(client, scan):
    client.force_login(make.logistics())

    assert client.get(reverse("link_code"), {"code": scan, "item": scan}).status_code == 200


@pytest.mark.parametrize("make_person", [make.chief, make.officer, make.auditor, make.driver])
def test_only_logistics_has_the_page(client, gauze, make_person):
    client.force_login(make_person())

    assert client.get(reverse("link_code")).status_code == 403
    assert client.post(reverse("unlink_code", args=[gauze.sku])).status_code == 403
    assert "Link a code" not in text_of(client.get(gauze.get_absolute_url()))


def test_the_api_reads_a_code_and_says_what_it_names(gauze, vial):
    level = make.stock(station := make.station(), gauze, number="A1")
    api = Api(make.officer(station), "items:read")

    body = api.get(f"/codes/?code=(01){BOX}(10)A1(17)281100").json()

    assert body["found"] == [{"item": "GAUZE", "pack": "box", "quantity": 10, "lot": level.lot_id}]
    assert (body["gtin"], body["lot_number"], body["expires_on"]) == (BOX, "A1", "2028-11-30")
    assert api.get("/codes/?code=0409205105").json()["found"][0]["item"] == "KET"
    assert api.get("/codes/?code=00614141999996").json()["found"] == []


def test_the_api_refuses_what_is_no_code_and_who_may_not():
    api = Api(make.officer(), "items:read")

    assert "should be 2" in problem(api.get("/codes/?code=614141123453"), 422, "unreadable_code")["detail"]
    assert problem(api.get("/codes/"), 400, "invalid")["errors"][0]["field"] == "code"
    assert problem(api.get("/codes/?code=1&x=2"), 400, "invalid")["errors"][0]["field"] == "x"
    assert Api(make.officer(), "orders:read").get("/codes/?code=1").status_code == 403


def test_the_api_keeps_the_lots_of_others_to_itself(gauze):
    make.stock(make.station(), gauze, number="A1")
    api = Api(make.officer(make.station()), "items:read")

    assert api.get(f"/codes/?code=01{EACH}10A1").json()["found"][0]["lot"] is None


def test_of_two_who_link_one_code_at_once_the_second_is_told(gauze, vial, monkeypatch):
    link(gauze, "05901234123457")
    monkeypatch.setattr("inventory.actions.codes._check_free", lambda item, code: None)  # the other was not there yet

    with pytest.raises(DomainError, match="Somebody has just linked"):
        link(vial, "05901234123457")
