"""Pages as a browser sees them: what the form of an address would send."""

from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import DeliveryRun, Shipment, Stop
from tests import make


class _Forms(HTMLParser):
    """The fields of every form of a page, by the form's action, with the values that they show."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._fields: dict[str, list[str]] | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = {}
            self.forms.append((given.get("action", ""), self._fields))
        elif self._fields is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._fields is not None
        name = given.get("name", "")
        if tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in self._fields or "selected" in given):
            self._fields[self._select] = [given.get("value", "")]
        elif tag == "textarea":
            self._textarea = name
            self._fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._textarea and self._fields is not None:
            self._fields[self._textarea] = [data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""


def forms_in(response: Any, action: str) -> list[dict[str, Any]]:
    """What each form with this action would send, as the page came."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return [dict(fields) for found, fields in parser.forms if found == action]


def form_in(response: Any, action: str, **typed: Any) -> dict[str, Any]:
    """What the first form with this action would send, with what a person then typed."""
    found = forms_in(response, action)
    assert found, f"no form for {action} on the page"
    return found[0] | typed


def has_form(response: Any, action: str) -> bool:
    return bool(forms_in(response, action))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def text_of(response: Any) -> str:
    """The words of a page, with single spaces between them."""
    words = _Words()
    words.feed(response.content.decode())
    return " ".join(" ".join(words.found).split())


def lengthen(run: DeliveryRun, count: int) -> None:
    """Add so many bare stops to a run, each with a shipment that left with it."""
    first = run.stops.count() + 1
    for position in range(first, first + count):
        station = make.station(supplied_by=run.depot)
        when = run.leaves_at
        stop = Stop.objects.create(
            run=run, station=station, position=position, window_start=when, window_end=when, planned_at=when
        )
        Shipment.objects.create(
            source=run.depot,
            destination=station,
            state=Shipment.State.DISPATCHED,
            stop=stop,
            created_at=when,
            packed_at=when,
            dispatched_at=when,
        )


def questions(client: Any, address: str) -> int:
    """How many questions a page asks the database."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)
