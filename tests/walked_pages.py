"""The pages of the demo as its people walk them: by the links that each page offers, two of a kind for each role."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve

from stations.models import User
from tests.test_page_queries import MOST, asked, questions

LINK = re.compile(r'<a\b[^>]*?href="(/[^"#]*)"')
EACH = 2


def walked(client: Client) -> Iterator[tuple[str, int]]:
    """(address, how many questions it asks), from the home on: of each kind of page the first two that are met."""
    waiting, met, opened = deque(["/"]), set[str](), Counter[str]()
    while waiting:
        address = waiting.popleft()
        name = name_of(address)
        if not name or address in met or opened[name] >= EACH:
            continue
        met.add(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        if answer.status_code == 302:
            waiting.appendleft(answer["Location"])
        elif answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            opened[name] += 1
            yield address, questions(queries)
            waiting.extend(map(unescape, LINK.findall(answer.content.decode())))


def name_of(address: str) -> str:
    try:
        return resolve(address.partition("?")[0]).url_name or ""
    except Resolver404:
        return ""


def check_questions() -> None:
    """No page of a division in full work asks more than a page may."""
    found = {}
    for role in User.Role.values:
        client = Client()
        client.force_login(User.objects.get(username=role))
        for address, first in walked(client):
            found[role, address] = first if first <= MOST else asked(client, address)  # not what a first visit warms
    assert {page: count for page, count in found.items() if count > MOST} == {}
    assert len({name_of(address) for _, address in found}) > 60
