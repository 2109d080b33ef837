"""The red lane: a restraining order and a frozen account; a few answers are enough, and a person sees the case next."""

import re
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hall.languages import BY_TAG, say
from hall.settings import Settings
from tests.conftest import Server
from tests.journeys.walking import PHONE, TERMINAL, NewContext, answer_intake, read_slip, sign_in


def test_a_restraining_order_goes_before_those_who_came_earlier(
    hall: Server, settings: Settings, new_context: NewContext
) -> None:
    terminal = new_context(**TERMINAL).new_page()
    earlier = take_a_number(terminal)
    number, code = submit_order(terminal, settings)
    assert number != earlier
    terminal.goto("/en/slip")
    said = re.compile(r"^\s*You go first: .* at once\. .* before you\. ")
    expect(terminal.locator(".slip-wait")).to_contain_text(said)

    clerk = sign_in(new_context, "en", "clerk.us@demo.example")
    expect(clerk.locator(".queue")).to_contain_text(re.compile(f"{number}.*{earlier}", re.DOTALL))
    clerk.locator('form[action$="/call-next"] button').click()
    expect(clerk.locator(".desk-number")).to_have_text(number)
    clerk.locator('form[action$="/start"] button').click()
    clerk.locator('a[href*="/desk/cases/"]').first.click()
    expect(clerk.locator("body")).to_contain_text("U0")
    # Names are not among the five answers: the clerk asks for them, and nobody is told anything before.
    expect(clerk.locator("#conflicts")).to_contain_text("names of the parties are missing")

    phone = new_context(**PHONE).new_page()
    show_the_paper(phone, code)
    # Without the names nobody was cleared, and the visitor is not told otherwise.
    expect(phone.locator(".status-bar li.done")).to_have_count(1)
    expect(phone.locator(".status-bar li.now")).to_contain_text(say("zh_Hans", "Check for conflicts of interest"))
    clerk.reload()
    paper = clerk.locator("#case-papers a").first
    expect(paper).to_have_text("order.jpg")
    answer = clerk.request.get(str(paper.get_attribute("href")))
    assert Image.open(BytesIO(answer.body())).size == (900, 1200)


def take_a_number(page: Page) -> str:
    page.goto("/en/ticket/us")
    page.locator("main form button, .actions form button, button.primary").first.click()
    number, _ = read_slip(page)
    page.locator('.actions form[action$="/leave"] button').click()
    return number


def submit_order(page: Page, settings: Settings) -> tuple[str, str]:
    """Answer the short intake with an order received yesterday and a hearing tomorrow; return number and code."""
    today = datetime.now(settings.zone).date()
    page.goto("/zh-Hans/paper")
    page.locator('a[href*="flow=red_lane"]').click()
    page.locator("button[form=begin-form]").click()
    asked = answer_intake(
        page,
        {
            "role": "we_are_accused",
            "country": "US",
            "document": "US_TRO",
            "date_printed": (today - timedelta(days=3)).isoformat(),
            "date_received": (today - timedelta(days=1)).isoformat(),
            "way": "platform_message",
            "date_demanded": (today + timedelta(days=1)).isoformat(),
            "stake": ["frozen"],
            "answer_language": "zh-Hans",
            "consent_use": "yes",
            "consent_advisor": "yes",
            "consent_provider": "",
        },
    )
    assert len(asked) <= 9, asked
    page.locator("button[form=submit-form]").click()
    return read_slip(page)


@pytest.mark.parametrize("tag", BY_TAG)
def test_a_wrong_file_is_told_on_the_phone(hall: Server, settings: Settings, new_context: NewContext, tag: str) -> None:
    _, code = submit_order(new_context(**TERMINAL).new_page(), settings)
    phone = new_context(**PHONE).new_page()
    phone.goto(f"/{tag}/case#{code}")
    expect(phone).to_have_url(re.compile(f"/{tag}/case/status$"))
    phone.set_input_files("#papers", {"name": "photo.heic", "mimeType": "image/heic", "buffer": b"ftypheic"})
    phone.locator("#papers-form button").click()
    sentence = "“%(name)s” is not a JPEG or PNG picture and not a PDF file. Take a photo of the paper instead."
    expect(phone.locator(".error-summary")).to_contain_text(say(BY_TAG[tag].locale, sentence, {"name": "photo.heic"}))


def show_the_paper(page: Page, code: str) -> None:
    """Add a photo of the order on the phone."""
    page.goto(f"/zh-Hans/case#{code}")
    expect(page).to_have_url(re.compile("/zh-Hans/case/status$"))
    photo = BytesIO()
    Image.new("RGB", (900, 1200), "white").save(photo, "JPEG")
    page.set_input_files("#papers", {"name": "order.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()})
    page.locator("#papers-form button").click()
    expect(page.locator("#case-papers a")).to_have_text("order.jpg")
