"""The handbooks' pages: chosen in three touches, made in the background, refused with a sentence."""

import re
import time
from html import unescape

import pytest
from flask.testing import FlaskClient

from hall.languages import say
from windows import directory

pytestmark = [pytest.mark.only_on("sqlite"), pytest.mark.usefixtures("kept_handbooks")]

TAGS = [("en", "en"), ("zh-Hans", "zh_Hans")]
WAIT_SECONDS = 90


def text_of(answer: str) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer)).split())


def wait_for(client: FlaskClient, path: str) -> str:
    """Ask for a handbook's page until nothing more is to come."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        page = client.get(path).text
        if "hx-get" not in page.partition('id="state"')[2].partition("</dl>")[0]:
            return page
        time.sleep(0.3)
    raise AssertionError("the handbook never came")


@pytest.mark.parametrize(("tag", "locale"), TAGS)
def test_markets_and_situation_lead_to_a_handbook(client: FlaskClient, tag: str, locale: str) -> None:
    answer = client.get(
        f"/{tag}/handbooks/?ask=1&form=a4&countries=VN&countries=SG&rights=mark&roles=we_are_preparing&stages=planning"
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/{tag}/handbooks/VN.SG-mark-preparing-planning-{tag}")
    page = wait_for(client, answer.headers["Location"])
    assert say(locale, "The handbook is ready.") in text_of(page)
    for edition in ("edition=paper", "save=yes"):
        link = re.search(rf'href="([^"]*handbook\.pdf\?[^"]*{edition}[^"]*)"', page)
        assert link
        address = unescape(link[1])
        file = client.get(address, buffered=True)
        assert file.content_type == "application/pdf"
        assert file.data.startswith(b"%PDF-")
        assert client.head(address).headers["Cache-Control"] == file.headers["Cache-Control"] == "no-cache"
        again = client.get(address, headers={"If-None-Match": file.headers["ETag"]}, buffered=True)
        assert again.status_code == 304


@pytest.mark.parametrize(("tag", "locale"), TAGS)
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("form=a4", "Please choose at least one answer."),
        ("form=poster&countries=US", "Please choose one of the answers shown."),
        ("form=a4&countries=XX", "Please choose one of the answers shown."),
        ("form=a4&countries=US&rights=gold", "Please choose one of the answers shown."),
    ],
)
def test_a_choice_that_cannot_be_is_said(client: FlaskClient, tag: str, locale: str, query: str, sentence: str) -> None:
    answer = client.get(f"/{tag}/handbooks/?ask=1&{query}")
    assert answer.status_code == 422
    assert say(locale, sentence) in text_of(answer.text)


@pytest.mark.parametrize(("tag", "locale"), TAGS)
def test_six_markets_are_too_many_and_stay_ticked(client: FlaskClient, tag: str, locale: str) -> None:
    six = ("US", "DE", "FR", "GB", "IT", "ES")
    answer = client.get(f"/{tag}/handbooks/?ask=1&form=a4" + "".join(f"&countries={code}" for code in six))
    assert answer.status_code == 422
    assert say(locale, "Choose no more than %(most)s markets.", {"most": 5}) in text_of(answer.text)
    ticked = re.findall(r'<input[^>]*name="countries"[^>]*value="([A-Z]+)"[^>]*checked', answer.text)
    assert set(ticked) == set(six)


@pytest.mark.parametrize(("tag", "locale"), TAGS)
@pytest.mark.parametrize(
    ("code", "message", "params"),
    [
        ("xx-en", "The hall has no handbook for this market: %(market)s", {"market": "XX"}),
        ("us-fr", "No handbook is printed in this language: %(language)s", {"language": "fr"}),
        ("us.de.fr.gb.it.es-en", "Choose no more than %(most)s markets.", {"most": 5}),
        ("US-gold-en", "The hall has no such handbook: %(code)s", {"code": "US-gold-en"}),
        ("<b>us-en", "The hall has no handbook for this market: %(market)s", {"market": "<B>US"}),
    ],
)
def test_a_handbook_that_is_not_printed_is_refused(
    client: FlaskClient, tag: str, locale: str, code: str, message: str, params: dict[str, object]
) -> None:
    for path in (f"/{tag}/handbooks/{code}", f"/{tag}/handbooks/{code}/handbook.pdf"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert say(locale, "There is no such handbook") in text_of(answer.text)
        assert say(locale, message, params) in unescape(answer.text)
        assert re.search(rf'class="button primary[^"]*" href="/{tag}/handbooks/"', answer.text)
        assert "<b>us" not in answer.text.lower()


def test_what_was_chosen_before_is_ticked(client: FlaskClient) -> None:
    page = client.get("/en/handbooks/?countries=DE&countries=US").text
    ticked = re.findall(r'<input[^>]*name="countries"[^>]*value="([A-Z]+)"[^>]*checked', page)
    assert ticked == ["DE", "US"]


def test_a_file_that_is_not_printed_yet_leads_to_its_page(client: FlaskClient) -> None:
    answer = client.get("/en/handbooks/EG-copyright-claim-en/handbook.pdf")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/en/handbooks/EG-copyright-claim-en")
    assert "handbook is ready" in wait_for(client, answer.headers["Location"])


def test_a_booklet_is_printed_two_pages_a_side_and_read_page_by_page(client: FlaskClient) -> None:
    path = "/en/handbooks/MX-design-preparing-planning-en-booklet"
    page = wait_for(client, path)
    assert "turned on the short edge" in text_of(page)
    paper = client.get(f"{path}/handbook.pdf?edition=paper", buffered=True).data
    phone = client.get(f"{path}/handbook.pdf", buffered=True).data
    assert paper != phone


def test_every_handbook_is_offered(client: FlaskClient) -> None:
    page = client.get("/en/handbooks/").text
    codes = re.findall(r'href="/en/handbooks/([^"/]+)"', page)
    assert len(codes) == len([code for code in codes if code.startswith("window-")]) == 5
    markets = re.findall(r'<input[^>]*name="countries"[^>]*value="([A-Z]+)"', page)
    assert sorted(markets) == sorted(country.code for country in directory.all_countries())
