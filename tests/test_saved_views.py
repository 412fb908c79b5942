"""Saved views: a list under its filters by a name, everybody's own."""

import pytest
from django.urls import reverse

from core.errors import DomainError
from stations.actions.saved_views import LISTS, MOST, filters_of, save_view
from stations.models import Event, SavedView
from tests import make
from tests.pages import form_in, questions, text_of

pytestmark = pytest.mark.django_db
MENU, SAVE = reverse("saved_views", args=["orders"]), reverse("save_view", args=["orders"])


@pytest.fixture
def me(client):
    person = make.logistics()
    client.force_login(person)
    return person


def opened(client, query="?state=draft", **headers):
    """The menu as htmx opens it on the list under these filters."""
    at = f"http://testserver{reverse('orders')}{query}"
    return client.get(MENU, headers={"HX-Request": "true", "HX-Current-URL": at} | headers)


def keep(client, title, query="?state=draft"):
    return client.post(SAVE, form_in(opened(client, query), SAVE, title=title), headers={"HX-Request": "true"})


def kept(person, title="Mine", query="state=draft", page="orders"):
    return save_view(page=page, title=title, query=query, by=person, at=make.AT, request_id=make.rid())


def test_what_a_list_shows_is_kept_opened_and_removed(client, me):
    menu = keep(client, "  To  send ", "?state=draft&page=3&q=")

    view = SavedView.objects.get()
    assert (view.person, view.title, view.address) == (me, "To send", f"{reverse('orders')}?state=draft")
    assert f'<a href="{view.address}" aria-current="true">To send</a>' in menu.content.decode()
    assert b"<main" not in menu.content
    assert client.get(view.address).status_code == 200

    removes = reverse("remove_view", args=[view.pk])
    menu = client.post(removes, form_in(menu, removes), headers={"HX-Request": "true"})
    assert "No views yet" in text_of(menu)
    assert not SavedView.objects.exists()
    assert [event.verb for event in Event.objects.order_by("pk")] == ["kept", "removed"]


def test_without_htmx_the_menu_is_a_page(client, me):
    page = client.get(MENU, headers={"Referer": f"http://testserver{reverse('orders')}?state=draft"})
    assert b"<main" in page.content

    answer = client.post(SAVE, form_in(page, SAVE, title="Drafts"))

    assert answer.url == MENU
    assert SavedView.objects.get().query == "state=draft"
    assert client.get(SAVE).url == MENU


def test_everybody_sees_their_own_only(client, me):
    theirs = kept(make.chief(), "Theirs")
    kept(me, "Mine")
    kept(me, "Elsewhere", page="items")

    text = text_of(opened(client))

    assert "Mine" in text
    assert "Theirs" not in text
    assert "Elsewhere" not in text
    assert client.post(reverse("remove_view", args=[theirs.pk]), {"request_id": make.rid()}).status_code == 404
    assert SavedView.objects.count() == 3
    client.logout()
    assert client.get(MENU).status_code == 302


@pytest.mark.parametrize("page", ["home", "order", "account_logout", "no_list", "set_target"])
def test_only_lists_are_kept(client, me, page):
    assert client.get(reverse("saved_views", args=[page])).status_code == 404
    with pytest.raises(DomainError, match="Only lists"):
        kept(me, page=page)


@pytest.mark.parametrize("page", sorted(LISTS))
def test_every_list_has_an_address_and_the_menu(client, page):
    client.force_login(make.auditor() if page != "people" else make.chief())

    response = client.get(reverse(page), follow=True)

    assert reverse("saved_views", args=[page]) in response.content.decode()


def test_a_list_asks_no_more_for_its_menu(client, me):
    few = questions(client, reverse("orders"))
    for number in range(9):
        kept(me, f"View {number}")

    assert questions(client, reverse("orders")) == few
    with_nine = questions(client, MENU)
    for number in range(9):
        kept(me, f"More {number}")
    assert questions(client, MENU) == with_nine <= 5


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("", "required"),
        ("   ", "required"),
        ("x" * 61, "at most 60"),
        ("a\0b", "Null characters"),
        ("a\u200eb", "up to 60"),
    ],
)
def test_a_name_that_is_none_is_refused_and_what_was_typed_stays(client, me, title, said):
    menu = keep(client, title)

    assert (menu.status_code, said in text_of(menu)) == (422, True)
    assert form_in(menu, SAVE)["query"] == ["state=draft"]
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 }}", "Łódź 救急 🚑"]
)
def test_any_other_name_is_shown_as_it_was_written(client, me, title):
    menu = keep(client, title)

    assert SavedView.objects.get().title == title
    assert title in text_of(menu)
    assert "<script" not in menu.content.decode()
    assert "<img" not in menu.content.decode()


@pytest.mark.parametrize(
    ("written", "kept_as"),
    [
        ("?state=draft&page=2&format=csv", "state=draft"),
        ("q=%3Cscript%3E&next=javascript:alert(1)", "next=javascript%3Aalert%281%29&q=%3Cscript%3E"),
        ("//evil.example.org/?a=1", "%2F%2Fevil.example.org%2F%3Fa=1"),
        ("a=1#b\r\nSet-Cookie: x", "a=1%23b%0D%0ASet-Cookie%3A+x"),
        ("station=S1&station=S2&q=", "station=S1&station=S2"),
        ("\0=\0", ""),
        ("q=%ff&&&", "q=%EF%BF%BD"),
    ],
)
def test_filters_are_written_anew(written, kept_as):
    assert filters_of(written) == kept_as
    assert filters_of(filters_of(written)) == filters_of(written)


def test_an_address_always_leads_to_the_list(client, me):
    client.post(SAVE, {"title": "Evil", "query": "//evil.example.org/?x=1", "request_id": make.rid()})

    assert SavedView.objects.get().address.startswith(f"{reverse('orders')}?")


def test_filters_of_another_page_are_not_taken(client, me):
    menu = opened(client, **{"HX-Current-URL": "http://testserver/items/?kind=medication"})

    assert form_in(menu, SAVE)["query"] == [""]


def test_a_name_is_kept_once_and_a_menu_holds_so_many(client, me):
    kept(me)
    for title in ("Mine", "MINE"):
        with pytest.raises(DomainError, match="choose another name"):
            kept(me, title)
    for number in range(MOST - 1):
        kept(me, f"View {number}")
    with pytest.raises(DomainError, match="remove one first"):
        kept(me, "One more")
    kept(me, "One more", page="items")
    with pytest.raises(DomainError, match="too long"):
        kept(me, "Long", query="q=" + "x" * 1000, page="items")
    assert "remove one first" in text_of(keep(client, "One more"))


def test_sent_twice_it_is_kept_once(me):
    request_id = make.rid()

    first, second = (
        save_view(page="orders", title="Mine", query="", by=me, at=make.AT, request_id=request_id) for _ in range(2)
    )

    assert first == second
