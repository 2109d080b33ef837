"""How a journey comes in and answers the intake: by the names of the fields, whichever page asks them."""

import re
from collections.abc import Callable, Mapping

from playwright.sync_api import BrowserContext, Locator, Page, expect

from hall import demonstration

NewContext = Callable[..., BrowserContext]
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
TERMINAL = {"viewport": {"width": 1080, "height": 1920}, "has_touch": True}
Answers = Mapping[str, str | list[str] | None]
PAGES_MOST = 40


def answer_intake(page: Page, answers: Answers) -> list[str]:
    """Answer question after question until the check page shows; return the ids of the pages in order.

    A field that the answers do not name is “not sure” where that is offered; an empty text leaves it empty.
    """
    asked: list[str] = []
    # A page that has its address but not yet all of its form would be sent half filled.
    page.wait_for_url("**/intake/question/**")
    for _ in range(PAGES_MOST):
        if "/intake/question/" not in page.url:
            return asked
        asked.append(page.url.rsplit("/", 1)[1].partition("?")[0])
        fill_page(page, answers)
        # The next page is waited for: a click returns before it, and the page that is left must not be filled again.
        with page.expect_event("load"):
            page.locator("button[form=question-form]").click()
        assert page.locator(".error-summary").all_inner_texts() == []
    raise AssertionError(f"the intake does not end: {asked}")


def fill_page(page: Page, answers: Answers) -> None:
    """Fill the fields of the page that stands open."""
    for key in field_keys(page):
        given = answers.get(key)
        if given is None:
            _not_sure(page, key)
        elif isinstance(given, list):
            for value in given:
                tick(page.locator(f'[name="{key}"][value="{value}"]'))
        elif given:
            _fill(page, key, given)


def field_keys(page: Page) -> list[str]:
    """Return the keys of the fields that the page asks, in order."""
    names = page.locator("#question-form [name]").evaluate_all("all => all.map(one => one.name)")
    keys = [name.removesuffix("-instead") for name in names if name not in ("csrf_token", "returns")]
    parts = ("-year", "-month", "-day")
    keys = [next((key.removesuffix(part) for part in parts if key.endswith(part)), key) for key in keys]
    return list(dict.fromkeys(keys))


def tick(box: Locator) -> None:
    """Tick a card, as a finger does: on its label, which may stand below a line that opens."""
    closed = box.locator("xpath=ancestor::details[not(@open)]/summary")
    if closed.count():
        closed.click()
    box.locator("xpath=following-sibling::label").click()
    expect(box).to_be_checked()


def _fill(page: Page, key: str, value: str) -> None:
    if page.locator(f'[name="{key}-year"]').count():
        for part, text in zip(("year", "month", "day"), value.split("-"), strict=True):
            page.locator(f'[name="{key}-{part}"]').fill(text)
    elif page.locator(f'select[name="{key}"]').count():
        page.locator(f'select[name="{key}"]').select_option(value)
    elif page.locator(f'[name="{key}"][value="{value}"]').count():
        tick(page.locator(f'[name="{key}"][value="{value}"]'))
    else:
        page.locator(f'[name="{key}"]').fill(value)


def _not_sure(page: Page, key: str) -> None:
    for selector in (f'[name="{key}"][value="unsure"]', f'[name="{key}-instead"][value="unsure"]'):
        box = page.locator(selector)
        if box.count():
            if not box.is_checked():
                tick(box)
            return
    if page.locator(f'select[name="{key}"]').count():
        page.locator(f'select[name="{key}"]').select_option("unsure")


def read_slip(page: Page) -> tuple[str, str]:
    """Wait for the whole slip and return its number and its code (empty on the slip of a number alone)."""
    page.wait_for_url("**/slip")
    return page.locator(".ticket-number").inner_text(), "".join(page.locator(".code-groups span").all_inner_texts())


def sign_in(new_context: NewContext, tag: str, email: str, **browser: object) -> Page:
    """Sign somebody of the demonstration in at the desk and return the page where they came to."""
    page = new_context(**browser).new_page()
    page.goto(f"/{tag}/desk/sign-in")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(demonstration.PASSWORD)
    page.locator('form[action$="/sign-in"] button[type=submit]').click()
    expect(page).not_to_have_url(re.compile("/sign-in"))
    return page
