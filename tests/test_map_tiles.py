"""Pictures behind the map of the stations: where they lie, and from where a page may take them."""

import subprocess
import sys
from itertools import pairwise

import pytest
from django.utils import timezone

from core.drawing import draw
from core.tiles import tiles_behind
from ems_supply.environment import Environment
from tests import make
from tests.conftest import ROOT

ADDRESS = "https://tiles.example.org/{z}/{x}/{y}.png"
SEATTLE = [(47.50, -122.42), (47.73, -122.24), (47.61, -122.33)]


def test_tiles_cover_the_drawing_without_gaps():
    drawing = draw(SEATTLE)

    tiles = tiles_behind(drawing, ADDRESS)

    assert 4 <= len(tiles) <= 64
    assert min(one.x for one in tiles) <= 0 >= min(one.y for one in tiles)
    assert max(one.x + one.width for one in tiles) >= drawing.width
    assert max(one.y + one.height for one in tiles) >= drawing.height
    edges = sorted({(one.x, one.width) for one in tiles})
    for (x, width), (following, _) in pairwise(edges):
        assert x + width == pytest.approx(following, abs=0.2)
    assert all(one.width == pytest.approx(one.height, rel=0.01) for one in tiles)  # no picture is squeezed


def test_a_place_lies_on_its_own_tile():
    """Downtown Seattle, at zoom 12, is on tile 656/1430 in everybody's numbering."""
    drawing = draw([(47.55, -122.40), (47.66, -122.25), (47.60, -122.33)])
    x, y = drawing.point(47.6062, -122.3321)

    [tile] = [
        one for one in tiles_behind(drawing, ADDRESS) if 0 <= x - one.x < one.width and 0 <= y - one.y < one.height
    ]

    zoom, column, row = (int(part) for part in tile.address.removesuffix(".png").split("/")[-3:])
    assert (column >> (zoom - 12), row >> (zoom - 12)) == (656, 1430)


@pytest.mark.parametrize("places", [[], [(47.6, -122.3)], [(0.0, 0.0), (0.0, 0.0)], [(-89.0, -179.0), (89.0, 179.0)]])
def test_odd_places_have_few_tiles_or_none(places):
    assert len(tiles_behind(draw(places), ADDRESS)) <= 64
    assert tiles_behind(draw(places), "") == []


@pytest.mark.parametrize(
    ("written", "is_taken"),
    [
        (ADDRESS, True),
        ("http://10.0.0.7:8080/{z}/{x}/{y}", True),
        ("https://tiles.example.org/{z}/{x}.png", False),
        ("https://*.example.org/{z}/{x}/{y}.png", False),
        ("https://a.example.org;script-src/{z}/{x}/{y}.png", False),
        ("javascript:alert(1)//{z}/{x}/{y}", False),
        ("//tiles.example.org/{z}/{x}/{y}", False),
    ],
)
def test_only_a_full_address_of_one_host_is_taken(written, is_taken):
    env = Environment({"EMS_MAP_TILES": written})

    assert bool(env.tiles("EMS_MAP_TILES")) == is_taken == (not env.problems)


@pytest.mark.parametrize(("tiles", "allowed"), [(ADDRESS, ["https://tiles.example.org"]), ("", [])])
def test_pages_may_take_pictures_from_that_host_alone(tiles, allowed):
    show = "import ems_supply.settings as s; print(*s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'][2:])"
    environment = {"EMS_ENV": "test", "EMS_MAP_TILES": tiles}
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.stdout.split() == allowed, done.stderr


@pytest.mark.django_db
def test_the_map_is_drawn_with_tiles_or_without(client, settings, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: make.AT)
    make.station()
    client.force_login(make.chief())
    assert "<image" not in client.get("/").content.decode()

    settings.EMS_MAP_TILES, settings.EMS_MAP_CREDIT = ADDRESS, "© the <surveyors>"

    page = client.get("/").content.decode()
    assert '<image href="https://tiles.example.org/' in page
    assert "© the &lt;surveyors&gt;" in page
