"""Whatever a visitor sends gets a clear sentence in the visitor's language, and what was typed stays."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hall import web
from hall.languages import say

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SCRIPT = "<script>alert(1)</script>"
LANGUAGES = (("en", "en"), ("zh-Hans", "zh_Hans"))


class Browser:
    """A visitor without scripts, in one language."""

    def __init__(self, client: FlaskClient, tag: str) -> None:
        self.client = client
        self.tag = tag

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/{self.tag}{path}")

    def post(self, path: str, **values: str | list[str]) -> TestResponse:
        found = TOKEN.search(self.get(path).text)
        assert found is not None, path
        names = {name.replace("__", "-"): value for name, value in values.items()}
        return self.client.post(f"/{self.tag}{path}", data={"csrf_token": found[1], **names})

    def begin(self, country: str = "US") -> None:
        path = f"/intake/begin?flow=main&role=we_are_accused&window=&country={country}"
        found = TOKEN.search(self.get(path).text)
        assert found is not None
        values = {"csrf_token": found[1], "flow": "main", "role": "we_are_accused", "country": country}
        assert self.client.post(f"/{self.tag}/intake/begin", data=values).status_code == 303


@pytest.fixture(params=LANGUAGES, ids=[tag for tag, _ in LANGUAGES])
def language(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def browser(client: FlaskClient, language: tuple[str, str]) -> Browser:
    found = Browser(client, language[0])
    found.begin()
    return found


@pytest.fixture
def locale(language: tuple[str, str]) -> str:
    return language[1]


DATES = [
    (("2025", "2", "29"), "%(year)s is not a leap year: its February has only 28 days."),
    (("2026", "13", "1"), "There is no month %(month)s: please give a month from 1 to 12."),
    (("2026", "11", "31"), "That month has only %(days)s days; you wrote day %(day)s."),
    (("26", "11", "1"), "Please write the year with four digits."),
    (("2026", "", "1"), "The month is missing."),
    (("二〇二六", "11", "1"), "Please write year, month and day in digits, for example 2026, 11, 25."),
    (("1926", "11", "1"), "This date is before %(earliest)s. Please check the year."),
]


@pytest.mark.parametrize(("typed", "message"), DATES, ids=[" ".join(typed) for typed, _ in DATES])
def test_a_date_that_cannot_be_says_why_and_stays(
    browser: Browser, locale: str, typed: tuple[str, str, str], message: str
) -> None:
    year, month, day = typed
    answer = browser.post(
        "/intake/question/date_received", date_received__year=year, date_received__month=month, date_received__day=day
    )
    assert answer.status_code == 422
    assert _without_parameters(say(locale, message)) in _plain(answer)
    for value in filter(None, typed):
        assert f'value="{value}"' in answer.text


def test_a_date_to_come_is_refused_for_what_has_happened(app: Flask, browser: Browser, locale: str) -> None:
    with app.app_context():
        tomorrow = web.today() + timedelta(days=2)
    answer = browser.post("/intake/question/date_received", date_received=tomorrow.isoformat())
    assert answer.status_code == 422
    message = say(locale, "This date is still to come: today is %(today)s. Please check it.")
    assert _without_parameters(message) in _plain(answer)


def test_full_width_digits_are_digits(browser: Browser) -> None:
    answer = browser.post(
        "/intake/question/date_received",
        date_received__year="２０２６",
        date_received__month="１１",
        date_received__day="２",
    )
    assert answer.status_code == 303


@pytest.mark.parametrize("text", ["a\x00b", "bell\x07", "\x1b[31mred"])
def test_a_control_character_is_refused_with_a_sentence(browser: Browser, locale: str, text: str) -> None:
    answer = browser.post("/intake/question/story", story=text)
    assert answer.status_code == 422
    message = "This text holds a control character that cannot be kept. Please type it instead of pasting it."
    assert say(locale, message) in _plain(answer)


def test_a_text_too_long_says_how_long_and_stays(browser: Browser, locale: str) -> None:
    long = "长" * 5000
    answer = browser.post("/intake/question/story", story=long)
    assert answer.status_code == 422
    message = "This is too long: %(length)s characters, and %(limit)s fit. Please shorten it."
    assert say(locale, message, {"length": 5000, "limit": 4000}) in _plain(answer)
    assert long in answer.text


def test_more_than_the_hall_takes_is_a_page_not_a_crash(browser: Browser, locale: str) -> None:
    answer = browser.post("/intake/question/story", story="x" * 400_000)
    assert answer.status_code == 413
    assert say(locale, "This is too much at once") in _plain(answer)


def test_a_script_in_a_name_is_shown_as_typed_and_never_run(browser: Browser) -> None:
    answer = browser.post("/intake/question/company", company_name=SCRIPT, credit_code="wrong")
    assert answer.status_code == 422
    assert SCRIPT not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


def test_a_wrong_credit_code_names_the_slip(browser: Browser, locale: str) -> None:
    answer = browser.post("/intake/question/company", company_name="星河", credit_code="91350100M000100Y44")
    assert answer.status_code == 422
    message = say(locale, "The check character at the end does not fit: one character is probably mistyped.")
    assert message in _plain(answer)
    assert "91350100M000100Y44" in answer.text


def test_a_choice_that_was_not_offered_is_refused(browser: Browser, locale: str) -> None:
    answer = browser.post("/intake/question/paper", document="../../etc/passwd")
    assert answer.status_code == 422
    assert say(locale, "Please choose one of the answers shown.") in _plain(answer)


def test_an_empty_page_says_what_to_do(browser: Browser, locale: str) -> None:
    answer = browser.post("/intake/question/paper")
    assert answer.status_code == 422
    assert say(locale, "Please choose one answer.") in _plain(answer)


BAD_PATHS = [
    ("/intake/question/nothing", 404),
    ("/windows/moon", 404),
    ("/windows/us/xx", 404),
    ("/windows/us/de", 404),
    ("/handbooks/xx/en", 404),
    ("/handbooks/us/en/../../../etc/passwd", 404),
    ("/ticket/moon", 404),
    ("/intake/begin?flow=moon", 404),
    ("/intake/begin?country=XX", 404),
    ("/nothing/at/all", 404),
    ("/leave", 405),
    ("/case/question", 405),
]


@pytest.mark.parametrize(("path", "status"), BAD_PATHS)
def test_a_wrong_address_is_a_page_in_the_language(browser: Browser, locale: str, path: str, status: int) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    titles = {404: "There is no such page", 405: "This cannot be done here"}
    assert say(locale, titles[status]) in _plain(answer)
    assert "Traceback" not in answer.text


def test_a_form_without_token_is_refused_in_the_language(browser: Browser, locale: str) -> None:
    answer = browser.client.post(f"/{browser.tag}/intake/question/story", data={"story": "x"})
    assert answer.status_code == 400
    assert say(locale, "This form is too old") in _plain(answer)


@pytest.mark.parametrize("key", ["", "short", "x" * 200, "钥匙" * 12])
def test_a_ticket_without_a_good_request_key_is_refused(browser: Browser, key: str) -> None:
    assert browser.post("/ticket/us", request_key=key).status_code == 400


CODES = ["", "------", "%", "_", "*", "''", "1" * 17, "ABCD-EFGH", "０" * 16, "' OR 1=1 --", "\x00", "x" * 10_000]


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_cannot_be_one_gets_a_sentence(browser: Browser, locale: str, code: str) -> None:
    answer = browser.post("/case", code=code)
    assert answer.status_code == 422
    message = "This code is not complete or has a wrong sign. Please compare it with your slip."
    assert say(locale, message) in _plain(answer)


@pytest.fixture
def languages() -> list[str]:
    return ["zh-CN,zh;q=0.9", "zh-TW", "en-GB", "fr", "x" * 3000, "*;q=0.1", "-", "zh-Hans-CN-u-nu-hanidec"]


def test_whatever_language_a_browser_wants_the_door_opens(client: FlaskClient, languages: list[str]) -> None:
    for wanted in languages:
        assert client.get("/", headers={"Accept-Language": wanted}).status_code == 200
    for path in ("/xx/", "/zh/", "/en~loud/", "/zh-hans/", "/en~~/"):
        assert client.get(path).status_code == 404


def _plain(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", answer.text.replace("&#39;", "'").replace("&#34;", '"'))


def _without_parameters(message: str) -> str:
    """The longest part of a message that stands between its parameters."""
    return max(re.split(r"%\(\w+\)[sd]", message), key=len).strip()
