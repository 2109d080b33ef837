"""Public pages: kept for a moment for whoever has no session, answered 304 to whoever has them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web_client import hidden_fields

PAGES = ("/en/", "/en/paper", "/en/abroad", "/en/windows/us", "/zh-Hans/windows/eu/de", "/en~large/")


@pytest.mark.parametrize("path", PAGES)
def test_an_unchanged_page_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def test_each_manner_has_its_own_page(client: FlaskClient) -> None:
    pages = [client.get(f"/{manner}/").text for manner in ("en", "zh-Hans", "en~large", "en~contrast")]
    assert len(set(pages)) == 4
    assert 'class="place-phone text-large"' in pages[2]


def test_whoever_has_a_session_is_given_a_page_of_their_own(app: Flask, client: FlaskClient) -> None:
    public = client.get("/en/")
    visitor = app.test_client()
    visitor.get("/en/ticket/us")
    own = visitor.get("/en/")
    assert "Finish and leave" in own.text
    assert "Finish and leave" not in public.text
    assert own.headers["Cache-Control"] == "no-store"
    assert "csrf_token" not in client.get("/en/").text


def test_a_number_is_given_once_for_a_form_sent_twice(client: FlaskClient) -> None:
    form = hidden_fields(client.get("/en/ticket/us").text, "/en/ticket/us")
    slips = []
    for _ in range(2):
        assert client.post("/en/ticket/us", data=form).status_code == 303
        slips.append(client.get("/en/slip").text.split('class="ticket-number">')[1].split("<")[0])
    assert slips == ["U001", "U001"]
