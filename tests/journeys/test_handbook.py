"""A handbook in three touches: the tile on the first page, the market, the button; nothing is scrolled."""

import re

import pytest
from playwright.sync_api import Page, expect

from hall.languages import LANGUAGES


@pytest.mark.parametrize("tag", [language.tag for language in LANGUAGES])
@pytest.mark.parametrize("market", ["DE", "VN"])  # the first and the last group of the page
def test_a_handbook_is_chosen_in_three_touches(terminal: Page, tag: str, market: str) -> None:
    page = terminal
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


@pytest.mark.parametrize("where", ["at the choice", "at the first page"])
def test_who_comes_next_is_not_shown_what_was_chosen(terminal: Page, where: str) -> None:
    page = terminal
    page.clock.install()
    page.goto("/")
    page.goto("/en/")
    page.goto("/en/handbooks/")
    page.locator('label[for="countries-de"]').tap()
    expect(page).to_have_url(re.compile("countries=DE"))
    page.goto("/en/windows/")
    page.go_back()
    expect(page.locator("#countries-de")).to_be_checked()  # to whoever chose it, Back shows it again
    if where == "at the first page":
        page.goto("/")
        page.clock.fast_forward("01:05")
    else:
        page.clock.fast_forward("01:05")
        expect(page.locator("#idle")).to_be_visible()
        page.clock.fast_forward("00:35")
        page.wait_for_url("/")
    while page.go_back(wait_until="commit") is not None:
        expect(page).to_have_url("/")
        expect(page.locator("main")).to_be_visible()
