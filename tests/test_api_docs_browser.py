"""The API's pages in a real browser: without another host, and within what the site's policy allows."""

import pytest
from playwright.sync_api import expect

from tests import make
from tests.signing_in import is_signed_in

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


def test_the_docs_show_every_step_and_break_no_policy(new_page, live_server, client):
    page = is_signed_in(new_page(), client, make.logistics(), live_server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/api/v1/docs/")

    expect(page.get_by_role("heading", name="EMS Supply")).to_be_visible(timeout=60_000)
    page.locator("#operations-tag-usage").click()
    step = page.locator("#operations-usage-usage_create")
    step.get_by_role("button").first.click()
    expect(step.get_by_text("Idempotency-Key").first).to_be_visible()
    assert any("swagger-ui-bundle" in url for url in asked)
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
