"""Items from the registers: what they list in base units, chosen by a person, taken once."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.errors import DomainError
from inventory.actions.catalogue import import_catalogue
from inventory.codes import read_code
from inventory.imports.catalogue.drugs import levels_of
from inventory.imports.catalogue.planning import plan_catalogue, standings
from inventory.imports.catalogue.reading import read_catalogue
from inventory.imports.sources import from_bytes, from_file
from inventory.models import Item, ItemCode, Pack
from inventory.queries.codes import find_by_code
from stations.models import Command, Event
from tests import make
from tests.pages import text_of
from tests.signing_in import is_signed_in
from tests.test_axe_browser import AXE, FINDINGS

FILES = ("gudid_package_hierarchy_2016.csv", "ndc_ems_drugs_openfda_2026.csv", "gudid_ems_devices_2016.csv")
DRUG = "package_ndc,generic_name,dea_schedule,strength,package_description,finished,upc_if_listed\n"
DEVICE = "primary_di,brand_name,device_count,catalog_number,commercial_status,other_identifiers\n"
PACKAGE = "primary_di,package_di,contains_di,quantity,package_status,brand_name\n"
EACH, BOX, CASE = "00614141123452", "10614141123459", "20614141123456"


@pytest.fixture(scope="session")
def registers(shared):
    return [from_file(shared / "catalog" / name) for name in FILES]


def read(**files):
    return read_catalogue([from_bytes(f"{name}.csv", text.encode()) for name, text in files.items()])


def sizes(offer):
    return [(size, code.value) for size, code in offer.sizes]


def take(offers, chosen, by=None, **changed):
    facts: dict[str, Any] = {"at": make.AT, "request_id": make.rid()} | changed
    facts.setdefault("seen", plan_catalogue(offers, chosen).mark)
    return import_catalogue(offers=offers, chosen=chosen, by=by, **facts)


def problems(offered):
    return [str(problem) for problem in offered.report.problems]


def test_every_row_of_the_registers_is_offered_or_told(registers, shared):
    offered = read_catalogue(registers)

    by_key = {offer.key: offer for offer in offered.offers}
    assert len(by_key) == len(offered.offers) == 296 + 120 + 21
    assert problems(offered) == []
    bulk = [str(warning) for warning in offered.report.warnings if "in bulk" in str(warning)]
    assert len(bulk) == 3
    assert {"38779-1756-0", "0406-1130-05", "62991-1087-1"}.isdisjoint(by_key)
    assert all(offer.name for offer in offered.offers)
    assert sizes(by_key["00841470100421"]) == [(1, "00841470100421"), (10, "10841470100428"), (1000, "20841470100425")]
    assert sizes(by_key["00801741109799"]) == [(1, "00801741109799"), (5, "10801741109796"), (10, "20801741109793")]
    fentanyl = by_key["63323-810-20"]
    assert (fentanyl.name, fentanyl.schedule) == ("Fentanyl Citrate 100 ug/2mL, syringe of 2 mL", "II")
    assert sizes(fentanyl) == [(1, "63323-810-00"), (20, "63323-810-20")]
    assert sizes(by_key["55154-4743-5"]) == [(5, "55154-4743-5"), (5, "00055154474351")]
    assert sizes(by_key["49502-101-02"]) == [(1, "49502-101-01"), (2, "49502-101-02")]


@pytest.mark.django_db
def test_all_of_the_registers_are_taken_once_and_scan_in_base_units(registers, django_assert_max_num_queries):
    offers = read_catalogue(registers).offers
    chosen = {row.offer.key: row.sku for row in standings(offers)}
    mark = plan_catalogue(offers, chosen).mark
    with django_assert_max_num_queries(26):
        take(offers, chosen, seen=mark)

    assert Item.objects.count() == 437
    for offer in offers:
        for size, code in offer.sizes:
            found = find_by_code(read_code(f"+{code.value}" if code.system == "hibc" else code.value))
            assert (found.item.sku, found.quantity) == (chosen[offer.key], size)
    assert {row.state for row in standings(offers)} == {"known"}
    with pytest.raises(DomainError, match="There is nothing to take"):
        take(offers, chosen)
    assert Item.objects.count() == 437


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("20 SYRINGE in 1 CARTON (1-2-3)  / 2 mL in 1 SYRINGE (1-2-0)",
         [("20", "SYRINGE", "CARTON", "1-2-3"), ("2", "mL", "SYRINGE", "1-2-0")]),
        (".5 g in 1 VIAL, GLASS (1-2-3)", [(".5", "g", "VIAL, GLASS", "1-2-3")]),
        ("nonsense", []),
        ("1 CASE in 2 CARTON (1-2-3)", []),
        ("", []),
    ],
)  # fmt: skip
def test_levels_of_packing_are_read_or_none(text, levels):
    assert [(one.count, one.content, one.container, one.ndc) for one in levels_of(text)] == levels


def test_cartons_of_one_vial_are_one_offer_and_tablets_are_counted():
    vial = "2 mL in 1 VIAL (0409-1111-01)"
    offered = read(
        drugs=DRUG
        + f'0409-1111-25,Drug,,1 mg,"25 VIAL in 1 TRAY (0409-1111-25) / {vial}",true,\n'
        + f'0409-1111-10,Drug,,1 mg,"10 VIAL in 1 CARTON (0409-1111-10) / {vial}",true,\n'
        + '0409-2222-01,Aspirin,,81 mg,"100 TABLET in 1 BOTTLE (0409-2222-01)",true,\n'
    )

    assert [(offer.said, sizes(offer)) for offer in offered.offers] == [
        ("vial, carton of 10, tray of 25", [(1, "0409-1111-01"), (10, "0409-1111-10"), (25, "0409-1111-25")]),
        ("tablet, bottle of 100", [(100, "0409-2222-01")]),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('1-2-3,Drug,,,"1 mL in 1 VIAL (1-2-3)",true,', "is not an NDC with its dashes"),
        ('0409-1111-01,Drug,,,"1 mL in 1 VIAL",true,', "does not tell how many"),
        ('0409-1111-01,Drug,CX,,"1 mL in 1 VIAL (0409-1111-01)",true,', "none of CII"),
        ('0409-1111-01,Drug,,,"9999999 VIAL in 1 CASE (0409-1111-01) / 1 mL in 1 VIAL",true,', "cannot hold so many"),
        ('0409-1111-01,Drug,,,".5 VIAL in 1 CASE (0409-1111-01) / 1 mL in 1 VIAL",true,', "cannot hold so many"),
        ("0409-1111-01,Drug", "has 2 cells"),
    ],
)
def test_a_drug_that_cannot_be_read_is_told_and_not_offered(row, says):
    offered = read(drugs=DRUG + row + "\n")

    assert offered.offers == []
    assert says in problems(offered)[0]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"d": DEVICE + "00614141123453,A,1,,,\n"}, "its last digit should be 2"),
        ({"d": DEVICE + "!?,A,1,,,\n"}, "neither a GTIN nor a HIBC"),
        ({"d": DEVICE + f"{EACH},A,1,,,\n{EACH},A,1,,,\n"}, "is there twice"),
        ({"p": PACKAGE + f"{EACH},{BOX},{EACH},x,,A\n"}, "not a whole number"),
        ({"p": PACKAGE + f"{EACH},{BOX},{CASE},5,,A\n{EACH},{CASE},{BOX},5,,A\n"}, "which no row leads to"),
        ({"p": PACKAGE + f"{EACH},{BOX},{EACH},999999,,A\n{EACH},{CASE},{BOX},999999,,A\n"}, "would hold"),
        ({"x": "a,b\n1,2\n"}, "no register that is known"),
        ({"x": '"a\n'}, "never closed"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(files, says):
    assert says in "; ".join(problems(read(**files)))


def test_packages_follow_what_they_contain_whatever_the_order():
    rows = f"{EACH},{CASE},{BOX},4,,A\n{EACH},{BOX},{EACH},10,,A\n"
    old = f"{EACH},30614141123453,{EACH},7,Not in Commercial Distribution,A\n"

    offered = read(p=PACKAGE + rows + old)

    assert sizes(offered.offers[0]) == [(1, EACH), (10, BOX), (40, CASE)]
    assert "not sold any more" in str(offered.report.warnings[0])


def test_a_device_of_several_is_a_pack_and_may_have_a_hibc():
    offered = read(d=DEVICE + f"{EACH},A,12,N-1,,Secondary:H3730N09B3V|Package:{BOX}:qty=5:contains={EACH}\n")

    assert sizes(offered.offers[0]) == [(12, EACH), (12, "H3730N09B3"), (60, BOX)]


@pytest.mark.django_db
def test_an_item_that_there_is_gets_what_it_lacks_and_nothing_else():
    item = make.item(sku="GAUZE", name="Gauze")
    Pack.objects.create(item=item, name="box", quantity=12, is_issue_pack=True)
    offers = read(p=PACKAGE + f"{EACH},{BOX},{EACH},10,,A\n{EACH},{CASE},{EACH},12,,A\n").offers

    event = take(offers, {EACH: "GAUZE"})

    assert event.details == {"items_made": 0, "items_completed": 1}
    assert list(item.packs.values_list("name", "quantity", "is_issue_pack")) == [
        ("box of 10", 10, False), ("box", 12, True)
    ]  # fmt: skip
    assert [(code, find_by_code(read_code(code)).quantity) for code in (EACH, BOX, CASE)] == [
        (EACH, 1), (BOX, 10), (CASE, 12)
    ]  # fmt: skip
    item.refresh_from_db()
    assert (item.name, item.gtin) == ("Gauze", "")
    assert Event.objects.about(item).get().verb == "completed from a register"


@pytest.mark.django_db
def test_two_makers_of_one_item_share_its_packs():
    make.item(sku="GAUZE")
    other, other_box = "05901234123457", "15901234123454"
    offers = read(p=PACKAGE + f"{EACH},{BOX},{EACH},10,,A\n{other},{other_box},{other},10,,A\n").offers

    take(offers, {EACH: "GAUZE", other: "GAUZE"})

    assert Pack.objects.get().quantity == 10
    assert find_by_code(read_code(other_box)).quantity == find_by_code(read_code(BOX)).quantity == 10


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sku", "says"),
    [
        ("DRUG", "is a consumable, and Drug is a medication"),
        ("", "cannot be a code"),
        ("OTHER", "names Gauze (GAUZE) already"),
        ("NEW", "names Gauze (GAUZE) already"),
        ("GAUZE", "holds 1 of Gauze here, and 10 in the file"),
    ],
)
def test_what_contradicts_the_catalogue_is_refused(sku, says):
    make.item(sku="GAUZE", name="Gauze", gtin=BOX)
    make.item(sku="DRUG", name="Drug", kind="medication")
    make.item(sku="OTHER", name="Other")
    offers = read(p=PACKAGE + f"{EACH},{BOX},{EACH},10,,A\n").offers
    before = list(ItemCode.objects.values_list())

    with pytest.raises(DomainError) as refusal:
        take(offers, {EACH: sku})

    assert says in "; ".join(refusal.value.problems)
    assert list(ItemCode.objects.values_list()) == before
    assert standings(offers)[0].state == "doubtful"


@pytest.mark.django_db
def test_a_schedule_must_agree():
    make.item(sku="KET", name="Ketamine", kind="medication", schedule="III")
    offers = read(drugs=DRUG + '0409-1111-01,Drug,CII,,"1 mL in 1 VIAL (0409-1111-01)",true,\n').offers

    with pytest.raises(DomainError) as refusal:
        take(offers, {"0409-1111-01": "KET"})

    assert refusal.value.problems == ("0409-1111-01 is schedule II, and Ketamine is schedule III.",)


@pytest.mark.django_db
def test_a_repeat_and_a_stale_look_take_nothing():
    offers = read(p=PACKAGE + f"{EACH},{BOX},{EACH},10,,A\n").offers
    request_id, mark = make.rid(), plan_catalogue(offers, {EACH: "A"}).mark
    with pytest.raises(DomainError, match="has changed since you looked"):
        take(offers, {EACH: "A"}, seen="x")

    events = {take(offers, {EACH: "A"}, seen=mark, request_id=request_id) for _ in range(2)}

    assert len(events) == 1
    assert Command.objects.filter(verb="import_catalogue").count() == 1
    for person in (make.chief(), make.officer(), make.auditor()):
        with pytest.raises(PermissionDenied):
            take(offers, {EACH: "B"}, by=person)


def run(*arguments):
    out = StringIO()
    call_command("import_catalogue", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_shows_then_takes_then_has_nothing_to_take(shared):
    files = [shared / "catalog" / name for name in FILES]

    assert "437 entries, 0 of them known; 1 would be taken.\nNothing was changed." in run(
        *files, "--take", "63323-810-20=FENT"
    )
    assert not Item.objects.exists()
    assert "+ FENT: carton of 20, NDC 63323-810-00, NDC 63323-810-20" in run(
        *files, "--take", "63323-810-20=FENT", "--apply"
    )
    assert find_by_code(read_code("63323081020")).quantity == 20
    told = json.loads(run(*files, "--all", "--apply", "--json"))
    assert (len(told["would"]), told["is_applied"]) == (436, True)
    assert json.loads(run(*files, "--all", "--apply", "--json"))["would"] == []
    with pytest.raises(CommandError, match="is not in these files"):
        run(files[0], "--take", "nothing", "--apply")
    with pytest.raises(CommandError, match="There is no such file"):
        run("nothing.csv")


def upload(client, **files):
    tables = [SimpleUploadedFile(f"{name}.csv", text.encode()) for name, text in files.items()]
    return client.post(reverse("import_registers"), {"tables": tables})


@pytest.mark.django_db
def test_logistics_chooses_looks_and_takes(client):
    client.force_login(make.logistics())
    address = upload(client, p=PACKAGE + f"{EACH},{BOX},{EACH},10,,Gauze\n").url
    page = client.get(address)
    assert "Gauze" in text_of(page)
    assert text_of(client.get(f"{address}?state=known&q=zzz")).count("Nothing here") == 1

    chosen = {"take": EACH, f"sku-{EACH}": "GZ", "seen": "", "request_id": make.rid()}
    looked = client.post(address, chosen)
    assert "box of 10" in text_of(looked)
    assert not Item.objects.exists()
    done = client.post(address, chosen | {"seen": looked.context["form"]["seen"].value()})

    assert done.status_code == 302
    assert find_by_code(read_code(BOX)).quantity == 10
    assert "1 item is new" in text_of(client.get(done.url))


@pytest.mark.django_db
def test_a_wrong_choice_keeps_what_was_typed(client):
    client.force_login(make.logistics())
    address = upload(client, p=PACKAGE + f"{EACH},{BOX},{EACH},10,,Gauze\n").url

    response = client.post(address, {"take": EACH, f"sku-{EACH}": "=no", "seen": "x", "request_id": make.rid()})

    assert response.status_code == 422
    assert "cannot be a code" in text_of(response)
    assert 'value="=no"' in response.content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"take": "\0nothing", "request_id": make.rid()}).status_code == 422


@pytest.mark.django_db
def test_an_upload_that_is_gone_or_no_table_says_so(client):
    client.force_login(make.logistics())

    assert client.get(reverse("choose_entries", args=[make.rid()])).url == reverse("import_registers")
    assert client.post(reverse("import_registers")).status_code == 422
    assert "no register that is known" in text_of(client.get(upload(client, x="a,b\n1,2\n").url))


@pytest.mark.django_db
@pytest.mark.parametrize("make_person", [make.chief, make.officer, make.auditor, make.driver])
def test_only_logistics_takes_from_registers(client, make_person):
    client.force_login(make_person())

    assert client.get(reverse("import_registers")).status_code == 403
    assert client.post(reverse("choose_entries", args=[make.rid()])).status_code == 403


@pytest.mark.django_db
def test_a_page_of_entries_takes_few_queries(client, registers, django_assert_max_num_queries):
    client.force_login(make.logistics())
    files = {"one": DEVICE + f"{EACH},A,1,N,,\n"}
    for number, source in enumerate(registers):
        with source.open() as stream:
            files[str(number)] = stream.read().decode()
    address = upload(client, **files).url

    with django_assert_max_num_queries(8):
        response = client.get(address)

    assert "438 entries" in text_of(response)


def test_a_catalogue_number_that_two_devices_share_names_neither():
    other = "05901234123457"
    offered = read(d=DEVICE + f"{EACH},A,1,N-1,,\n{other},A,1,N-1,,\n")

    assert [offer.sku for offer in offered.offers] == [EACH, other]


@pytest.mark.django_db
def test_a_sku_that_something_else_has_is_not_proposed():
    make.item(sku="N-1")

    assert standings(read(d=DEVICE + f"{EACH},A,1,N-1,,\n").offers)[0].sku == EACH


@pytest.mark.browser
@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_axe_finds_nothing_where_entries_are_chosen(client, new_page, live_server, registers):
    logistics = make.logistics()
    client.force_login(logistics)
    make.item(sku="GAUZE", name="Gauze", gtin=BOX)
    address = upload(client, p=PACKAGE + f"{EACH},{BOX},{EACH},10,,Gauze\n{EACH},{CASE},{EACH},x,,Gauze\n").url
    for width, dark in ((360, False), (1440, True)):
        page = is_signed_in(new_page(width=width, dark=dark), client, logistics, live_server)
        page.goto(live_server.url + address)
        page.evaluate(AXE.read_text())
        assert page.evaluate(FINDINGS) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        page.fill("[name^=sku-]", "NEW")
        page.check("[name=take]")
        page.click("text=Look at what comes of it")
        page.locator("main").get_by_text("holds 1 of Gauze here").first.wait_for()
        page.wait_for_load_state()
        page.evaluate(AXE.read_text())
        assert page.evaluate(FINDINGS) == []
