"""Photos of what was damaged or missing: drawn anew and small, kept with their line, shown to who may see it."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from core.pictures import LONGEST_SIDE, MOST_BYTES, MOST_MEGABYTES
from orders.forms import photos
from orders.models import Discrepancy, DiscrepancyPhoto, Shipment
from tests import make
from tests.flow import Division
from tests.pages import form_in

pytestmark = pytest.mark.django_db
GPS, ORIENTATION = 0x8825, 0x0112


@pytest.fixture
def division():
    return Division(at=timezone.now())


@pytest.fixture
def shipment(division):
    item = make.item(name="Gauze", issue_pack=50)
    make.stock(division.warehouse, item, on_hand=200, number="A17")
    return division.delivered({item.pk: 100})


def drawn(kind="JPEG", size=(640, 480), mode="RGB", **save):
    stream = io.BytesIO()
    Image.new(mode, size, 0 if mode in ("1", "L", "P", "I;16") else (180, 40, 30, 0)[: len(mode)]).save(
        stream, kind, **save
    )
    return stream.getvalue()


def noise(side):
    stream = io.BytesIO()
    Image.effect_noise((side, side), 120).convert("RGB").save(stream, "JPEG", quality=95)
    return stream.getvalue()


def from_a_phone():
    """A photo that stands on its side and says where it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (47.0, 36.0, 22.0)
    return drawn(size=(4000, 3000), exif=exif)


def bomb():
    """A PNG of 30,000 x 30,000 pixels in a few bytes."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 10_000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def sent(*contents, name="photo.jpg"):
    return [SimpleUploadedFile(name, content, content_type="image/jpeg") for content in contents]


def receive(client, shipment, *photos, damaged="3", reason="Box was wet"):
    address, line = reverse("receive_shipment", args=[shipment.pk]), shipment.lines.get()
    page = client.get(address)
    typed = {f"damaged-{line.pk}": damaged, f"reason-{line.pk}": reason}
    fields = {name: page.context["form"][name].value() for name in ("request_id", "version")}
    return client.post(address, fields | typed | ({f"photos-{line.pk}": list(photos)} if photos else {}))


def test_photos_are_kept_upright_small_and_without_a_word_of_where(client, division, shipment):
    client.force_login(division.officer)
    assert receive(client, shipment, *sent(from_a_phone(), drawn("PNG", mode="RGBA"), drawn("WEBP"))).status_code == 302

    photos = list(DiscrepancyPhoto.objects.all())
    assert [(one.number, one.width, one.height) for one in photos] == [(1, 1200, 1600), (2, 640, 480), (3, 640, 480)]
    for one in photos:
        with Image.open(io.BytesIO(one.content)) as image:
            assert (image.format, image.size) == ("JPEG", (one.width, one.height))
            assert not image.getexif()
        assert b"PhoneMaker" not in one.content
    with Image.open(io.BytesIO(photos[1].content)) as image:
        assert image.getpixel((9, 9)) == (255, 255, 255), "what was clear is white, not black"


def test_a_photo_with_much_in_it_fits_into_a_megabyte(client, division, shipment):
    client.force_login(division.officer)
    receive(client, shipment, *sent(noise(2400)))
    photo = DiscrepancyPhoto.objects.get()
    assert photo.width == LONGEST_SIDE
    assert len(photo.content) <= MOST_BYTES


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK"])
def test_rare_kinds_of_pictures_are_drawn_too(client, division, shipment, mode):
    client.force_login(division.officer)
    receive(client, shipment, *sent(drawn("JPEG" if mode == "CMYK" else "PNG", mode=mode)))
    assert DiscrepancyPhoto.objects.get().width == 640


def test_what_hides_behind_a_picture_is_left_out(client, division, shipment):
    client.force_login(division.officer)
    receive(client, shipment, *sent(drawn(comment=b"<script>one()</script>") + b"PK\x03\x04<script>two()</script>"))
    assert b"script" not in DiscrepancyPhoto.objects.get().content


HOSTILE = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page": b"<!DOCTYPE html><script>alert(1)</script>",
    "half": drawn()[:400],
    "half a png": drawn("PNG", size=(300, 300))[:60],
    "head only": b"\xff\xd8\xff\xe0",
    "empty": b"",
    "bomb": bomb(),
    "gif": drawn("GIF", mode="P"),
    "tiff": drawn("TIFF"),
    "many pixels": drawn("PNG", size=(5000, 4000), mode="1"),
    "huge": b"\xff\xd8" + b"\0" * (MOST_MEGABYTES * 1024 * 1024),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_is_refused_at_its_line_and_the_rest_stays(client, division, shipment, name):
    client.force_login(division.officer)
    response = receive(client, shipment, *sent(drawn(), HOSTILE[name]), damaged="7", reason="Crushed by the van")
    page = response.content.decode()
    assert response.status_code == 422
    assert "photo" in response.context["rows"][0].errors[0]
    assert all(words in page for words in ('value="7"', 'value="Crushed by the van"', "Add them again"))
    assert (DiscrepancyPhoto.objects.count(), Discrepancy.objects.count()) == (0, 0)
    shipment.refresh_from_db()
    assert shipment.state == Shipment.State.DELIVERED


@pytest.mark.parametrize(
    ("count", "damaged", "said"), [(4, "1", "At most 3 photos"), (1, "", "Say how many on the photos")]
)
def test_too_many_photos_or_photos_of_nothing_are_refused(client, division, shipment, count, damaged, said):
    client.force_login(division.officer)
    response = receive(client, shipment, *sent(*[drawn()] * count), damaged=damaged)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_a_receipt_takes_sixty_photos_and_reads_none_of_more(client, division, shipment, monkeypatch):
    client.force_login(division.officer)
    monkeypatch.setattr(photos, "read_picture", None)
    response = receive(client, shipment, *sent(*[drawn(size=(8, 8))] * 61), damaged="7")
    assert response.status_code == 422
    page = response.content.decode()
    assert "At most 60 photos in one receipt" in page
    assert 'value="7"' in page


def test_a_repeat_with_the_same_photos_changes_nothing_and_with_others_is_refused(client, division, shipment):
    client.force_login(division.officer)
    address = reverse("receive_shipment", args=[shipment.pk])
    line = shipment.lines.get()
    data = form_in(client.get(address), "", **{f"damaged-{line.pk}": "1", f"reason-{line.pk}": "Wet"})
    data.pop(f"photos-{line.pk}")
    answers = [client.post(address, data | {f"photos-{line.pk}": sent(drawn())}).status_code for _ in range(2)]
    other = client.post(address, data | {f"photos-{line.pk}": sent(drawn(size=(10, 10)))})
    assert (answers, other.status_code) == ([302, 302], 422)
    assert DiscrepancyPhoto.objects.count() == 1


def test_the_database_keeps_three_photos_of_a_line_and_none_that_is_large(division, shipment):
    line = shipment.lines.get()
    for facts in ({"number": 4}, {"number": 0}, {"number": 2, "content": b"x" * (MOST_BYTES + 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DiscrepancyPhoto.objects.create(**{"line": line, "content": b"x", "width": 1, "height": 1} | facts)


def test_who_may_see_the_shipment_sees_its_photos(client, division, shipment):
    client.force_login(division.officer)
    receive(client, shipment, *sent(drawn()))
    photo, found = DiscrepancyPhoto.objects.get(), Discrepancy.objects.get()
    people = (division.officer, division.logistics, division.chief, division.auditor, division.driver)
    for person in people:
        client.force_login(person)
        answer = client.get(photo.get_absolute_url())
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg"), person
        assert answer.content == bytes(photo.content)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"].startswith("private")
        assert photo.get_absolute_url() in client.get(shipment.get_absolute_url()).content.decode()
    client.force_login(division.logistics)
    assert photo.get_absolute_url() in client.get(reverse("settle_discrepancy", args=[found.pk])).content.decode()
    for outsider in (make.officer(), make.driver()):
        client.force_login(outsider)
        assert client.get(photo.get_absolute_url()).status_code == 404
    client.logout()
    assert client.get(photo.get_absolute_url()).status_code == 302


def test_a_page_reads_no_photo_and_asks_once_for_all(client, division, shipment, django_assert_max_num_queries):
    client.force_login(division.officer)
    receive(client, shipment, *sent(*[drawn()] * 3))
    with django_assert_max_num_queries(10) as asked:
        client.get(shipment.get_absolute_url())
    about = [query["sql"] for query in asked if "discrepancyphoto" in query["sql"]]
    assert len(about) == 1
    assert '"content"' not in about[0]


def test_a_receipt_of_many_lines_may_leave_every_photo_out(client):
    """Without scripts, browsers send an empty file for each line."""
    division = Division(at=timezone.now())
    items = [make.item(issue_pack=10) for _ in range(120)]
    for item in items:
        make.stock(division.warehouse, item, on_hand=10)
    shipment = division.delivered({item.pk: 10 for item in items})
    client.force_login(division.officer)
    address = reverse("receive_shipment", args=[shipment.pk])
    fields = [(name, value) for name, values in form_in(client.get(address), "").items() for value in values]
    assert sum(name.startswith("photos-") for name, _ in fields) == 120
    part = '--cut\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    said = [part.format(name, '; filename=""' if "photos-" in name else "", value) for name, value in fields]
    body = ("".join(said) + "--cut--\r\n").encode()
    assert client.post(address, body, content_type="multipart/form-data; boundary=cut").status_code == 302
