"""Signing in with a browser, as a person does it: by the form, or with the session that a client of Django has."""

from django.conf import settings
from django.urls import reverse

PASSWORD = "seven narrow lanterns"


def sign_in(page, person, at="/"):
    """Open an address, sign in on the way to it, and return once its page is all there."""
    page.goto(at)
    return sign_in_here(page, person)


def sign_in_here(page, person):
    """The same where the form is shown already. Whatever came next would cut the sign-in short, so it is waited for."""
    if not person.has_usable_password():
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: reverse("account_login") not in url)
    return page


def is_signed_in(page, client, person, server):
    """The page of somebody who signed in earlier: what a test is about begins behind the form."""
    client.force_login(person)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
    return page
