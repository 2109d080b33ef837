"""A handbook in three touches: the tile on the first page, the market, the button; nothing is scrolled."""

import re

import pytest
from playwright.sync_api import expect

from hall.languages import LANGUAGES
from tests.conftest import Server
from tests.journeys.walking import TERMINAL, NewContext


@pytest.mark.parametrize("tag", [language.tag for language in LANGUAGES])
@pytest.mark.parametrize("market", ["DE", "VN"])  # the first and the last group of the page
def test_a_handbook_is_chosen_in_three_touches(hall: Server, new_context: NewContext, tag: str, market: str) -> None:
    page = new_context(**TERMINAL).new_page()
    page.goto(f"/{tag}/")
    page.locator(f'a[href="/{tag}/handbooks/"]').tap()
    card = page.locator(f'label[for="countries-{market.lower()}"]')
    make = page.locator("button[form=choice-form]")
    expect(card).to_be_in_viewport(ratio=1)
    expect(make).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card.tap()
    make.tap()
    expect(page).to_have_url(re.compile(f"/{tag}/handbooks/{market}-{tag}$"))
    expect(page.get_by_role("progressbar").or_(page.locator("#state .notice.good"))).to_be_visible()
