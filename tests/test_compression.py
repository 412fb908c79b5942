"""What is sent compressed, and what is not: a version that somebody sends back must stay as it was."""

import gzip

import pytest
from django.urls import reverse

from tests import make
from tests.api import Api
from tests.flow import Division

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]
ASKED = {"Accept-Encoding": "gzip"}


def test_a_page_and_its_styles_are_compressed(client):
    client.force_login(make.logistics())
    page = client.get(reverse("items"), headers=ASKED)
    assert page["Content-Encoding"] == "gzip"
    assert "<html" in gzip.decompress(page.content).decode()
    style = client.get("/static/ems/ems.css", headers=ASKED)
    assert style["Content-Encoding"] == "gzip"
    whole = b"".join(client.get("/static/ems/ems.css").streaming_content)
    assert gzip.decompress(b"".join(style.streaming_content)) == whole


def test_a_part_of_a_file_is_sent_as_it_is(client):
    part = client.get("/static/ems/ems.css", headers=ASKED | {"Range": "bytes=0-9"})
    assert part.status_code == 206
    assert "Content-Encoding" not in part
    assert len(b"".join(part.streaming_content)) == 10


def test_an_answer_of_the_api_keeps_its_version():
    division = Division()
    order = division.submitted({make.item().pk: 5})
    answer = Api(division.logistics).get(f"/orders/{order.pk}/", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer
    assert answer["ETag"].startswith('"')
