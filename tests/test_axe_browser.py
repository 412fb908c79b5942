"""axe-core finds nothing on any page: each address of the site in the light on a phone and in the dark at a desk."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from stations.models import User
from tests import make
from tests.test_auditor import Scene, addresses

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]
AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = """async () => {
    const {violations} = await axe.run(document, {resultTypes: ["violations"]});
    return violations.flatMap(one => one.nodes.map(node => one.id + ": " + node.html.slice(0, 160)));
}"""
# The first of these who may open a page opens it; homes differ by role.
ROLES = (User.Role.LOGISTICS, User.Role.OFFICER, User.Role.CHIEF, User.Role.DRIVER, User.Role.AUDITOR)


def pages_by_person():
    """(who, the pages that are theirs to look at): every page of the site once, and each home."""
    scene = Scene()
    left = dict(addresses(scene))
    by_person = []
    for role in ROLES:
        person = User.objects.get(pk=scene.person) if role == User.Role.OFFICER else make.person(role)
        client = Client()
        client.force_login(person)
        seen = {name: address for name, address in left.items() if _is_page(client.get(address))}
        left = {name: address for name, address in left.items() if name not in seen}
        by_person.append((client, sorted({*seen.values(), reverse("home")})))
    return by_person


def _is_page(answer):
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html") and b"<main" in answer.content


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1440, True)], ids=["phone, light", "desk, dark"])
def test_axe_finds_nothing_on_any_page(new_page, live_server, width, dark):
    page = new_page(width=width, dark=dark)
    axe, found, opened = AXE.read_text(), {}, 0
    for client, mine in pages_by_person():
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        for address in mine:
            page.goto(address)
            page.evaluate(axe)
            opened += 1
            if problems := page.evaluate(FINDINGS):
                found[address] = problems
    assert found == {}
    assert opened > 50
