"""The page for one-time codes: nothing is switched on before a code of the app was typed."""

import re

import pyotp
from flask.testing import FlaskClient

from hall.database import Database
from tests.conftest import PASSWORD

PAGE = "/en/desk/code"


def send(client: FlaskClient, **values: str) -> str:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(PAGE).text)
    assert token
    return client.post(PAGE, data={"csrf_token": token[1], **values}, follow_redirects=True).text


def test_one_time_codes_are_switched_on_by_a_code_of_the_app(supervisor: FlaskClient, database: Database) -> None:
    page = send(supervisor)
    key = re.search(r'class="key"[^>]*>([A-Z2-7]+)<', page)
    assert key
    assert "<svg" in page
    totp = pyotp.TOTP(key[1])
    refused = send(supervisor, step="confirm", code="000000", password=PASSWORD)
    assert "Nothing was changed" in refused
    assert key[1] in refused
    refused = send(supervisor, step="confirm", code=totp.now(), password="not the password")
    assert "Nothing was changed" in refused
    done = send(supervisor, step="confirm", code=totp.now(), password=PASSWORD)
    assert "From the next sign-in on" in done
    assert "You have set up one-time codes." in done
    assert key[1] not in done
