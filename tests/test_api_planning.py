"""What is planned by, over the API: proposals for par levels, reviews and sweeps, limits, policies, targets."""

import json
from uuid import uuid4

import pytest
from django_celery_results.models import TaskResult
from kombu.exceptions import OperationalError

from inventory.actions.proposals import propose_par_levels
from inventory.models import ParLevel, ParProposal, StockLevel
from inventory.policy import Reason
from inventory.tasks import propose_par_levels as review_task
from orders.tasks import sweep_par_levels, verify_ledger
from stations.models import Command, Event, Location
from tests import make
from tests.api import Api, problem
from tests.flow import Division
from tests.past import steady

pytestmark = pytest.mark.django_db


@pytest.fixture
def division():
    return Division()


@pytest.fixture
def proposal(division):
    """Far more is kept than its use asks for."""
    item = make.item(sku="GAUZE", criticality="A", unit_cost_cents=500)
    steady(division.station, par=400, minimum=300, item=item)
    propose_par_levels(at=make.AT)
    return ParProposal.objects.open().get()


@pytest.fixture
def chief(division):
    return Api(division.chief)


@pytest.fixture
def logistics(division):
    return Api(division.logistics)


def done(response, status=200):
    assert response.status_code == status, response.json()
    return response.json()


# --- Proposals -------------------------------------------------------------------------------------------------------


def test_a_proposal_says_what_should_change_and_from_what_it_was_worked_out(division, proposal, chief):
    [row] = done(chief.get("/par-proposals/?state=open"))["results"]
    reason = Reason(proposal.reason).name.lower()

    assert (row["id"], row["item"], row["location"]) == (proposal.pk, "GAUZE", proposal.location_id)
    assert (row["was_par"], row["par"], row["state"]) == (400, proposal.par, "open")
    assert (row["reason"], row["used"], row["decided_by"]) == (reason, proposal.used, None)
    assert done(chief.get(f"/par-proposals/{proposal.pk}/")) == row
    weeks = done(chief.get(f"/par-proposals/{proposal.pk}/weeks/"))
    assert sum(week["units"] for week in weeks) == proposal.used


def test_proposals_are_found_by_station_direction_reason_and_class(division, proposal, chief):
    def found(query):
        return [row["id"] for row in done(chief.get(f"/par-proposals/?{query}"))["results"]]

    code, reason = division.station.code, Reason(proposal.reason).name.lower()
    for query in (f"station={code}", "direction=lower", f"reason={reason}", "criticality=A", "item=GAUZE"):
        assert found(query) == [proposal.pk], query
    for query in ("station=NONE", "direction=raise", "reason=shelf_cap", "criticality=B", "state=accepted"):
        assert found(query) == [], query
    for wrong in ("direction=up", "reason=2", "colour=red"):
        problem(chief.get(f"/par-proposals/?{wrong}"), 400, "invalid")


def test_officers_read_those_of_their_station_and_drivers_none(division, proposal):
    officer, stranger = Api(division.officer), Api(make.officer(make.station()))
    assert len(done(officer.get("/par-proposals/"))["results"]) == 1
    assert done(stranger.get("/par-proposals/"))["results"] == []
    problem(stranger.get(f"/par-proposals/{proposal.pk}/"), 404, "not_found")
    problem(stranger.get(f"/par-proposals/{proposal.pk}/weeks/"), 404, "not_found")
    problem(Api(division.driver).get("/par-proposals/"), 403, "permission_denied")


def test_proposals_are_accepted_once_and_become_the_par_levels(division, proposal, chief):
    asked = {"proposals": [proposal.pk]}

    first = chief.post("/par-proposals/accept/", asked, key="a")

    [row] = done(first)["proposals"]
    assert (row["state"], row["decided_by"]) == ("accepted", division.chief.username)
    assert ParLevel.objects.get().par == proposal.par
    again = chief.post("/par-proposals/accept/", asked, key="a")
    assert (again["Idempotent-Replayed"], again.json()) == ("true", first.json())
    stale = problem(chief.post("/par-proposals/accept/", asked), 409, "stale_edit")
    assert "accepted it" in stale["errors"][0]["message"]


def test_proposals_are_declined_with_a_reason_all_or_none(division, proposal, logistics):
    asked = {"proposals": [proposal.pk], "reason": "A match is on in May"}
    unknown = logistics.post("/par-proposals/decline/", asked | {"proposals": [proposal.pk, 10**9]})
    assert problem(unknown, 422, "invalid")["errors"][0]["field"] == "proposals.1"
    problem(logistics.post("/par-proposals/decline/", {"proposals": [proposal.pk]}), 400, "invalid")
    problem(logistics.post("/par-proposals/decline/", asked | {"proposals": []}), 400, "invalid")
    assert ParProposal.objects.open().exists()

    [row] = done(logistics.post("/par-proposals/decline/", asked))["proposals"]

    assert (row["state"], row["decline_reason"]) == ("declined", "A match is on in May")
    assert ParLevel.objects.get().par == 400


def test_only_logistics_and_the_chief_decide(division, proposal):
    for person in (division.officer, division.driver, division.auditor):
        api = Api(person)
        problem(api.post("/par-proposals/accept/", {"proposals": [proposal.pk]}), 403, "permission_denied")
        declined = {"proposals": [proposal.pk], "reason": "no"}
        problem(api.post("/par-proposals/decline/", declined), 403, "permission_denied")
    reader = Api(division.chief, "par-levels:read")
    problem(reader.post("/par-proposals/accept/", {"proposals": [proposal.pk]}), 403, "scope_missing")
    assert ParProposal.objects.open().exists()


def test_the_change_feed_leads_to_a_proposal(proposal, chief):
    done(chief.post("/par-proposals/accept/", {"proposals": [proposal.pk]}))
    told = done(chief.get("/changes/?kind=par-proposal"))["results"]
    assert {one["resource"] for one in told} == {f"/api/v1/par-proposals/{proposal.pk}/"}


# --- Work ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch):
    """What was handed to a worker."""
    found = []
    for task in (review_task, sweep_par_levels, verify_ledger):
        monkeypatch.setattr(task, "apply_async", lambda name=task.name, **given: found.append((name, given)))
    return found


def test_a_review_is_started_once_for_one_station_or_all(division, chief, sent):
    first = done(chief.post("/par-reviews/", {"station": division.station.code}, key="a"), 201)

    assert (first["state"], first["answer"]) == ("waiting", None)
    assert done(chief.post("/par-reviews/", {"station": division.station.code}, key="a"), 201) == first
    given = {"stations": [division.station.pk], "by": division.chief.pk}
    assert sent == [(review_task.name, {"task_id": first["id"], "kwargs": given})]
    done(chief.post("/par-reviews/"), 201)
    assert sorted(sent[1][1]["kwargs"]["stations"]) == sorted([division.station.pk, division.warehouse.pk])
    problem(chief.post("/par-reviews/", {"station": "NONE"}), 404, "not_found")
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("status", "result", "state", "answer"),
    [
        ("STARTED", None, "running", None),
        ("PROGRESS", {"levels": 300, "whole": 1200}, "running", {"levels": 300, "whole": 1200}),
        ("SUCCESS", {"stations": 2, "levels": 9}, "done", {"stations": 2, "levels": 9}),
        ("FAILURE", {"exc_type": "X"}, "failed", None),
    ],
)
def test_its_address_says_how_far_it_is(chief, status, result, state, answer):
    work = str(uuid4())
    TaskResult.objects.create(task_id=work, task_name=review_task.name, status=status, result=json.dumps(result))
    assert done(chief.get(f"/par-reviews/{work}/")) == {"id": work, "state": state, "answer": answer}


def test_the_sweep_and_the_ledger_check_are_for_those_whose_pages_have_them(division, logistics, chief, sent):
    swept = done(logistics.post("/sweeps/"), 201)
    checked = done(chief.post("/ledger-checks/"), 201)

    assert [name for name, _ in sent] == [sweep_par_levels.name, verify_ledger.name]
    assert done(logistics.get(f"/sweeps/{swept['id']}/"))["state"] == "waiting"
    assert done(Api(division.auditor).get(f"/ledger-checks/{checked['id']}/"))["state"] == "waiting"
    for person, address in (
        *((one, "/sweeps/") for one in (division.chief, division.officer, division.auditor)),
        *((one, "/ledger-checks/") for one in (division.logistics, division.officer)),
        *((one, "/par-reviews/") for one in (division.officer, division.auditor, division.driver)),
    ):
        problem(Api(person).post(address), 403, "permission_denied")
        problem(Api(person).get(f"{address}{swept['id']}/"), 403, "permission_denied")


def test_other_work_is_not_shown_and_no_worker_is_told(division, logistics, monkeypatch):
    other = TaskResult.objects.create(task_id=str(uuid4()), task_name=review_task.name, status="SUCCESS")
    problem(logistics.get(f"/sweeps/{other.task_id}/"), 404, "not_found")

    def unreachable(**given):
        raise OperationalError

    monkeypatch.setattr(sweep_par_levels, "apply_async", unreachable)
    assert "cannot be reached" in problem(logistics.post("/sweeps/"), 422, "refused")["detail"]


def test_the_last_ledger_check_is_read_with_its_differences(division, chief):
    assert done(chief.get("/ledger-checks/")) == {"ended_at": None, "differences": None, "lines": []}
    level = make.stock(division.station, make.item(), on_hand=5)
    StockLevel.objects.filter(pk=level.pk).update(allocated=2)
    TaskResult.objects.create(
        task_id=str(uuid4()), task_name=verify_ledger.name, status="SUCCESS", result='{"differences": 1}'
    )

    last = done(chief.get("/ledger-checks/"))

    assert last["differences"] == 1
    assert [(line["written"], line["added_up"]) for line in last["lines"]] == [(2, 0)]


# --- Limits ----------------------------------------------------------------------------------------------------------


def test_limits_are_set_with_the_version_that_was_read(division, logistics):
    place = make.room(division.station)
    address = f"/limits/{place.pk}/"
    read = logistics.get(address)
    assert (read.json()["station"], read.json()["volume_ml"]) == (division.station.code, None)
    problem(logistics.patch(address, {"volume_ml": 1}), 428, "if_match_missing")

    saved = logistics.patch(address, {"volume_ml": 40_000}, if_match=read["ETag"])

    assert done(saved)["volume_ml"] == 40_000
    problem(logistics.patch(address, {"volume_ml": 1}, if_match=read["ETag"]), 412, "stale_edit")
    assert logistics.get(address, if_none_match=saved["ETag"]).status_code == 304
    done(logistics.patch(address, {"stock_budget_cents": 900_00}, if_match=saved["ETag"]))
    done(logistics.patch(address, {"volume_ml": None}, if_match="*"))
    place.refresh_from_db()
    assert (place.volume_ml, place.owner.stock_budget_cents) == (None, 900_00)
    assert done(logistics.get(f"/limits/?station={division.station.code}"))["results"] == [done(logistics.get(address))]


def test_limits_that_cannot_be_are_refused_and_so_is_who_may_not(division, logistics):
    address = f"/limits/{make.room(division.station).pk}/"
    for tag in ("*", '"v1"'):  # a body that cannot be is said before the version that it was made for
        wrong = problem(logistics.patch(address, {"volume_ml": 0}, if_match=tag), 400, "invalid")
        assert wrong["errors"][0]["field"] == "volume_ml"
    van = Location.objects.get(unit=division.van)
    problem(logistics.get(f"/limits/{van.pk}/"), 404, "not_found")
    auditor = Api(division.auditor)
    done(auditor.get(address))
    problem(auditor.patch(address, {"volume_ml": 5}, if_match="*"), 403, "permission_denied")
    problem(Api(division.officer).get(address), 403, "permission_denied")


# --- Policies --------------------------------------------------------------------------------------------------------


def test_policies_are_set_for_what_is_named_and_the_rest_stays(division, chief):
    read = chief.get("/policies/")
    before = done(read)
    edit = {
        "kinds": [{"kind": "medication", "expiring_days": 60}],
        "classes": [{"criticality": "C", "lost_unit_cents": 7}],
    }

    saved = chief.patch("/policies/", edit, if_match=read["ETag"])

    after = done(saved)
    assert after["changed_by"] == division.chief.username
    kinds = {one["kind"]: one for one in after["kinds"]}
    assert kinds["medication"] == {"kind": "medication", "horizon_days": None, "expiring_days": 60}
    assert [one for one in after["kinds"] if one["kind"] != "medication"] == [
        one for one in before["kinds"] if one["kind"] != "medication"
    ]
    assert after["classes"][2] == {"criticality": "C", "fill_floor_bp": 9700, "lost_unit_cents": 7}
    assert after["classes"][:2] == before["classes"][:2]
    assert chief.get("/policies/", if_none_match=saved["ETag"]).status_code == 304
    problem(chief.patch("/policies/", edit, if_match=read["ETag"]), 412, "stale_edit")


def test_policies_that_cannot_be_are_refused_by_their_field(division, chief):
    def fields(edit, status=400):
        body = problem(chief.patch("/policies/", edit, if_match="*"), status, "invalid")
        return [one["field"] for one in body["errors"]]

    assert fields({"kinds": [{"kind": "drug"}]}) == ["kinds.0.kind"]
    assert fields({"classes": [{"criticality": "A", "fill_floor_bp": 10_000}]}) == ["classes.0.fill_floor_bp"]
    assert fields({"kinds": [{"kind": "medication"}] * 2}, 422) == ["kinds.0.kind", "kinds.1.kind"]
    problem(chief.patch("/policies/", {}, if_match="*"), 422, "refused")
    problem(chief.patch("/policies/", {}), 428, "if_match_missing")
    assert not Command.objects.filter(verb="set_policies").exists()


def test_the_auditor_reads_policies_and_officers_do_not(division):
    edit = {"classes": [{"criticality": "A", "lost_unit_cents": 1}]}
    done(Api(division.auditor).get("/policies/"))
    problem(Api(division.auditor).patch("/policies/", edit, if_match="*"), 403, "permission_denied")
    problem(Api(division.officer).get("/policies/"), 403, "permission_denied")


# --- Targets ---------------------------------------------------------------------------------------------------------


def test_a_chief_sets_what_a_figure_should_be_and_figures_are_judged_by_it(division, chief):
    read = chief.get("/targets/line-fill/")
    assert (done(read)["tenths"], done(read)["unit"]) == (980, "percent")

    saved = chief.patch("/targets/line-fill/", {"tenths": 905}, if_match=read["ETag"])

    assert (done(saved)["tenths"], done(saved)["usual_tenths"], done(saved)["text"]) == (905, 980, "90.5 % or more")
    assert done(saved) in done(chief.get("/targets/"))
    for address in ("/metrics/", f"/metrics/?station={division.station.code}"):
        figure = next(one for one in done(chief.get(address))["figures"] if one["slug"] == "line-fill")
        assert (figure["target"], figure["target_text"]) == (90.5, "90.5 % or more")
    problem(chief.patch("/targets/line-fill/", {"tenths": 1}, if_match=read["ETag"]), 412, "stale_edit")
    assert done(chief.patch("/targets/line-fill/", {"tenths": None}, if_match="*"))["tenths"] is None


def test_targets_that_cannot_be_are_refused_and_only_chiefs_set_them(division, chief):
    assert (
        "0 to 100"
        in problem(chief.patch("/targets/line-fill/", {"tenths": 1001}, if_match="*"), 422, "refused")["detail"]
    )
    problem(chief.patch("/targets/line-fill/", {}, if_match="*"), 422, "refused")
    problem(chief.get("/targets/beauty/"), 404, "not_found")
    logistics = Api(division.logistics)
    done(logistics.get("/targets/"))
    problem(logistics.patch("/targets/line-fill/", {"tenths": 1}, if_match="*"), 403, "permission_denied")
    problem(Api(division.officer).get("/targets/"), 403, "permission_denied")
    assert not Event.objects.filter(subject_kind="figuretarget").exists()


# --- Taking back par levels ------------------------------------------------------------------------------------------


def test_a_bulk_of_par_levels_is_taken_back_by_who_set_it(division, chief, logistics):
    level = make.par(division.station, make.item(sku="TAPE"), 100, 50)
    make.item(sku="NEW")
    rows = [
        {"location": level.location_id, "item": "TAPE", "par": 80, "minimum": 40, "version": 1},
        {"location": level.location_id, "item": "NEW", "par": 8, "minimum": 4},
    ]
    bulk = done(chief.post("/par-levels/bulk/", {"levels": rows}))
    asked = {"command": bulk["command"]}
    assert "nothing to take back" in problem(logistics.post("/par-levels/undo/", asked), 422, "refused")["detail"]

    back = done(chief.post("/par-levels/undo/", asked, key="a"))

    assert sorted((one["item"], one["par"], one["minimum"]) for one in back["levels"]) == [
        ("NEW", 0, 0),
        ("TAPE", 100, 50),
    ]
    assert chief.post("/par-levels/undo/", asked, key="a").json() == back
    assert "changed again since" in problem(chief.post("/par-levels/undo/", asked), 422, "refused")["detail"]
    for wrong in ("x", 7, str(uuid4()).replace("-", "")):
        problem(chief.post("/par-levels/undo/", {"command": wrong}), 400, "invalid")
    problem(Api(division.officer).post("/par-levels/undo/", asked), 403, "permission_denied")
