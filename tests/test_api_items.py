"""Items by the API: which codes name them, linked and taken back; and what may be sent instead."""

import pytest

from integrations.models import ApiCall
from inventory.codes.check_digits import gs1_check_digit
from inventory.models import ItemCode, Pack, Substitute
from stations.models import Event
from tests import make
from tests.api import Api, problem
from tests.flow import Division

pytestmark = pytest.mark.django_db
EACH, BOX, OTHER = "00614141123452", "10614141123459", "05901234123457"
LINK, UNLINK = "/items/GAUZE/link-code/", "/items/GAUZE/unlink-code/"
SET, REMOVE = "/items/GAUZE/set-substitute/", "/items/GAUZE/remove-substitute/"


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def gauze(division):
    item = make.item(sku="GAUZE", name="Gauze", gtin=EACH, issue_pack=10)
    Pack.objects.filter(item=item).update(gtin=BOX)
    return item


@pytest.fixture
def wide(division):
    return make.item(sku="WIDE", name="Gauze, wide")


@pytest.fixture
def api(division, gauze):
    return Api(division.logistics, "items:write")


def codes_of(body):
    return {(one["system"], one["code"], one["pack"], one["is_own"]) for one in body["codes"]}


def linked():
    return sorted(ItemCode.objects.filter(is_own=False).values_list("code", flat=True))


# --- Codes ------------------------------------------------------------------------------------------------------------


def test_a_code_is_linked_to_a_pack_and_taken_back(division, api):
    own = {("gtin", EACH, None, True), ("gtin", BOX, "box", True)}
    assert codes_of(api.get("/items/GAUZE/").json()) == own

    answer = api.post(LINK, {"code": f"(01){OTHER}(10)A1", "pack": "box"})

    assert answer.status_code == 200, answer.json()
    assert codes_of(answer.json()) == own | {("gtin", OTHER, "box", False)}
    [found] = api.get(f"/codes/?code={OTHER}").json()["found"]
    assert (found["item"], found["pack"], found["quantity"]) == ("GAUZE", "box", 10)
    assert Event.objects.get(verb="linked a code").command.by == division.logistics
    assert codes_of(api.post(UNLINK, {"system": "gtin", "code": OTHER}).json()) == own
    assert api.get(f"/codes/?code={OTHER}").json()["found"] == []


def test_a_code_that_may_be_several_is_asked_for_and_linked_as_it_is_printed(api):
    body = problem(api.post(LINK, {"code": "0409178269"}), 422, "ambiguous_code")
    assert body["errors"][0]["field"] == "meant"
    assert "NDC 0409-1782-69" in body["errors"][0]["message"]
    assert linked() == []

    for meant in ("ndc 0409-1782-69", "04091-782-69"):
        api.post(LINK, {"code": "0409178269", "meant": meant})

    assert linked() == ["0409-1782-69", "04091-782-69"]


@pytest.mark.parametrize(
    ("body", "code", "field", "says"),
    [
        ({"code": "00614141123453"}, "unreadable_code", "code", "should be 2"),
        ({"code": "  "}, "unreadable_code", "code", "nothing here"),
        ({"code": "(10)A1"}, "refused", "code", "names no item"),
        ({"code": OTHER, "meant": EACH}, "ambiguous_code", "meant", OTHER),
        ({"code": OTHER, "pack": "case"}, "refused", "pack", "does not come by the case"),
    ],
)
def test_a_code_that_cannot_be_linked_is_refused_by_its_field(api, body, code, field, says):
    [line] = problem(api.post(LINK, body), 422, code)["errors"]
    assert line["field"] == field
    assert says in line["message"]
    assert linked() == []


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/items/WIDE/link-code/", {"code": EACH}, "names Gauze, each already"),
        (UNLINK, {"system": "gtin", "code": EACH}, "changed by an import"),
        (UNLINK, {"system": "other", "code": "X"}, "is not linked"),
        ("/items/WIDE/unlink-code/", {"system": "ndc", "code": "0409-1782-69"}, "is not linked"),
    ],
)
def test_what_names_another_thing_or_is_of_the_catalogue_stays(api, wide, path, body, says):
    api.post(LINK, {"code": "0409-1782-69"})
    assert says in problem(api.post(path, body), 422, "refused")["detail"]
    assert linked() == ["0409-1782-69"]
    assert ItemCode.objects.filter(code=EACH, is_own=True).exists()


def test_a_link_is_made_and_taken_back_once_however_often_it_is_sent(api):
    for _ in range(2):
        assert api.post(LINK, {"code": OTHER}, key="link").status_code == 200
        assert linked() == [OTHER]
    for _ in range(2):
        assert api.post(UNLINK, {"system": "gtin", "code": OTHER}, key="back").status_code == 200
        ApiCall.objects.all().delete()  # the answers are kept for a day
    assert api.post(LINK, {"code": OTHER}, key="link").status_code == 200
    assert linked() == [], "that key linked it before, and it was taken back since"


# --- Substitutes ------------------------------------------------------------------------------------------------------


def test_a_substitute_is_named_changed_and_taken_back(api, wide):
    asked = {"substitute": "WIDE", "quantity": 2, "per": 3, "preference": 4, "note": "Cut it"}

    named = api.post(SET, asked)

    assert (named.status_code, named.json()["substitutes"]) == (200, [asked])
    assert api.get("/items/GAUZE/").json() == named.json()
    plain = {"substitute": "WIDE", "quantity": 1, "per": 1, "preference": 1, "note": ""}
    assert api.post(SET, {"substitute": "WIDE"}).json()["substitutes"] == [plain]
    assert api.post(REMOVE, {"substitute": "WIDE"}).json()["substitutes"] == []
    problem(api.post(REMOVE, {"substitute": "WIDE"}), 422, "refused")


@pytest.mark.parametrize(
    ("facts", "substitute", "says"),
    [
        ({}, "GAUZE", "cannot stand in for itself"),
        ({"kind": "medication"}, "OTHER", "cannot stand in for a consumable"),
        ({"is_active": False}, "OTHER", "no longer in use"),
    ],
)
def test_what_cannot_stand_in_is_refused_and_says_why(api, facts, substitute, says):
    make.item(sku="OTHER", **facts)
    [line] = problem(api.post(SET, {"substitute": substitute}), 422, "refused")["errors"]
    assert says in line["message"]
    assert not Substitute.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"substitute": "NONE"}, 422, "substitute"),
        ({"substitute": "WIDE", "quantity": 0}, 400, "quantity"),
        ({"substitute": "WIDE", "per": 1001}, 400, "per"),
        ({"substitute": "WIDE", "note": "x" * 201}, 400, "note"),
        ({"substitute": "WIDE", "rank": 1}, 400, "rank"),
        ({}, 400, "substitute"),
    ],
)
def test_a_wrong_substitute_is_named_by_its_field(api, wide, body, status, field):
    assert problem(api.post(SET, body), status, "invalid")["errors"][0]["field"] == field


def test_what_a_key_named_and_was_taken_back_since_is_not_named_again(api, wide):
    assert api.post(SET, {"substitute": "WIDE"}, key="set").status_code == 200
    api.post(REMOVE, {"substitute": "WIDE"}, key="back")
    ApiCall.objects.all().delete()  # the answers are kept for a day

    assert api.post(SET, {"substitute": "WIDE"}, key="set").json()["substitutes"] == []
    assert api.post(REMOVE, {"substitute": "WIDE"}, key="back").status_code == 200


# --- Who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("link-code", {"code": OTHER}),
        ("unlink-code", {"system": "gtin", "code": EACH}),
        ("set-substitute", {"substitute": "WIDE"}),
        ("remove-substitute", {"substitute": "WIDE"}),
    ],
)
def test_logistics_alone_changes_the_catalogue_and_by_a_token_for_it(division, gauze, wide, step, body):
    for person in (division.officer, division.chief, division.driver, division.auditor):
        problem(Api(person).post(f"/items/GAUZE/{step}/", body), 403, "permission_denied")
    reader = Api(division.logistics, "items:read", "stock:write")
    problem(reader.post(f"/items/GAUZE/{step}/", body), 403, "scope_missing")
    problem(Api(division.logistics).post(f"/items/NONE/{step}/", body), 404, "not_found")
    assert linked() == []
    assert not Substitute.objects.exists()


# --- What a code names ------------------------------------------------------------------------------------------------


def test_what_is_scanned_is_found_as_the_page_finds_it(api):
    """A SKU that looks like a mistyped code, a box of unknown size, and a paper that opens its page."""
    make.item(sku="12345678")
    make.item(sku="KET", kind="medication", schedule="III", ndc="0409-2051-05")
    assert api.get("/codes/?code=12345678").json()["found"][0]["item"] == "12345678"
    problem(api.get("/codes/?code=12345679"), 422, "unreadable_code")
    box = "1030409205105"
    body = api.get(f"/codes/?code={box}{gs1_check_digit(box)}").json()
    assert (body["found"], body["alike"], body["page"]) == ([], ["KET"], "")
    body = api.get("/codes/?code=https://old.example/shipments/7/receive/").json()
    assert (body["found"], body["alike"], body["page"]) == ([], [], "/shipments/7/receive/")
