"""One whole visit, from the door to the answer on the phone, in a real browser against a real server."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from hall.accounts.records import Person
from hall.database import Database
from hall.languages import say
from hall.matching.records import Offer
from hall.panel.records import Member
from hall.settings import Settings
from tests.conftest import Server
from tests.journeys.walking import PHONE, TERMINAL, NewContext, answer_intake, read_slip, sign_in, tick

COMPANY = "深圳市星澜电子有限公司"
OTHER_SIDE = "Acme Power Incorporated"
STORY = "我们在网上销售充电宝，今天收到美国法院的起诉状。"
OPINION = (
    "Do not let the deadline pass. Have counsel admitted in the district enter an appearance before the date above."
)
LANGUAGES = [pytest.param("en", "en", id="English"), pytest.param("zh-Hans", "zh_Hans", id="Chinese")]


@dataclass
class Words:
    """What the pages say, in one language."""

    locale: str

    def __call__(self, message: str, **params: object) -> str:
        return say(self.locale, message, params or None)


def answers(received: datetime, tag: str) -> dict[str, str | list[str]]:
    return {
        "document": "US_COMPLAINT",
        "way": "handed_over",
        "date_printed": (received - timedelta(days=3)).date().isoformat(),
        "date_received": received.date().isoformat(),
        "ask_us_court": "federal",
        "place": "US-IL",
        "case_number": "1:26-cv-01234",
        "stake": ["market"],
        "rights": ["patent"],
        "other_side_names": OTHER_SIDE,
        "other_side_names_other_script": "",
        "other_side_lawyers": "Doe & Roe LLP",
        "done": ["nothing"],
        "wanted": ["understand", "defend"],
        "story": STORY,
        "company_name": COMPANY,
        "company_name_latin": "Shenzhen Xinglan Electronics Co., Ltd.",
        "contact_name": "李娜",
        "email": "li.na@example.com",
        "answer_language": tag,
        "consent_use": "yes",
        "consent_advisor": "yes",
        "consent_provider": "yes",
    }


@pytest.mark.parametrize(("tag", "locale"), LANGUAGES)
def test_a_whole_visit(
    terminal: Page, settings: Settings, new_context: NewContext, database: Database, tag: str, locale: str
) -> None:
    words = Words(locale)
    number, code = submit_at_the_terminal(terminal, tag, words, settings)

    board = new_context().new_page()
    board.goto(f"/{tag}/board")
    clerk = sign_in(new_context, tag, "clerk.us@demo.example")
    clerk.locator('form[action$="/call-next"] button').click()
    called = clerk.locator(".desk-number")
    expect(called).to_have_text(number)
    expect(board.locator(".board-number").first).to_have_text(number, timeout=2000)
    clerk.locator('form[action$="/start"] button').click()
    assign(clerk, words)

    answer_as_advisor(sign_in(new_context, tag, address_of_offer(database, "advisor")), words)
    accept_as_provider(sign_in(new_context, tag, address_of_offer(database, "provider")))
    read_on_the_phone(new_context(**PHONE).new_page(), tag, code)
    print_handbook(new_context(**PHONE).new_page(), tag)


def submit_at_the_terminal(page: Page, tag: str, words: Words, settings: Settings) -> tuple[str, str]:
    """Walk the visitor's part; return the number and the code on the slip."""
    page.goto("/")
    page.locator(f'main a[href="/{tag}/"]').click()
    page.locator(f'a[href="/{tag}/paper"]').click()
    page.locator('main a[href*="country=US"]').first.click()
    page.locator("button[form=begin-form]").click()
    received = datetime.now(settings.zone) - timedelta(days=5)
    asked = answer_intake(page, answers(received, tag))
    assert {"paper", "way", "date_received", "other_side", "wanted", "company", "consent"} <= set(asked)

    expect(page).to_have_url(re.compile("/intake/check"))
    page.locator('a[href*="/question/story"]').click()
    page.locator("textarea[name=story]").fill(STORY + "！")
    page.locator("button[form=question-form]").click()
    expect(page.get_by_text(STORY + "！")).to_be_visible()

    page.locator("button[form=submit-form]").click()
    number, code = read_slip(page)
    assert re.fullmatch(r"U\d{3}", number)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{17}", code)
    # FRCP 12(a)(1)(A)(i): 21 days after service, rolled to the next day that is no weekend or holiday.
    earliest = (received + timedelta(days=21)).date()
    date_shown = page.locator(".deadline time").first.get_attribute("datetime")
    assert date_shown is not None
    assert earliest.isoformat() <= date_shown <= (earliest + timedelta(days=4)).isoformat()
    expect(page.locator(".slip-qr svg")).to_be_visible()

    page.reload()
    expect(page.locator(".code-groups")).to_have_count(0)
    page.locator('.actions form[action$="/leave"] button').click()
    expect(page).to_have_url(re.compile("/goodbye"))
    page.goto(f"/{tag}/slip")
    expect(page).to_have_url(re.compile(f"/{tag}/$"))
    return number, code


def assign(clerk: Page, words: Words) -> None:
    """Open the case, look at the check and the proposals, assign the first advisor, send a referral."""
    clerk.locator('a[href*="/desk/cases/"]').first.click()
    expect(clerk.get_by_text(COMPANY).first).to_be_visible()
    expect(clerk.locator("#conflicts")).to_contain_text(words("no match found"))
    clerk.locator('form[action$="/propose/advisor"] button').click()
    clerk.locator('#advisor form[action$="/offer"] button').first.click()
    expect(clerk.get_by_text(words("The case was offered."))).to_be_visible()
    clerk.locator('form[action$="/propose/provider"] button').click()
    clerk.locator('#provider form[action$="/offer"] button').first.click()
    expect(clerk.get_by_text(words("The case was offered."))).to_be_visible()


def address_of_offer(database: Database, kind: str) -> str:
    """Return the address of the member to whom the case was offered."""
    with database.reading() as session:
        question = (
            sa.select(Person.email)
            .join(Member, Member.person_id == Person.id)
            .join(Offer, Offer.member_id == Member.id)
            .where(Offer.kind == kind)
        )
        return session.scalars(question).one()


def answer_as_advisor(page: Page, words: Words) -> None:
    """The advisor sees names alone, declares, reads the facts, takes the case and answers."""
    page.locator('main a[href*="/advisor/cases/"]').first.click()
    expect(page.get_by_text(COMPANY)).to_be_visible()
    expect(page.get_by_text(OTHER_SIDE)).to_be_visible()
    expect(page.get_by_text(STORY)).to_have_count(0)
    expect(page.get_by_text("1:26-cv-01234")).to_have_count(0)
    tick(page.locator("input[name=declared]"))
    page.locator('form[action$="/declare"] button').click()
    expect(page.get_by_text(STORY)).to_be_visible()
    page.locator('form[action$="/accept"] button').click()
    page.locator('main a[href$="/answer"]').click()
    page.locator("textarea[name=text]").fill("too short")
    page.locator('form[action$="/answer"] button').click()
    expect(page.locator("textarea[name=text]")).to_have_value("too short")
    page.locator("textarea[name=text]").fill(OPINION)
    page.locator('form[action$="/answer"] button').click()
    expect(page.locator(".notice.good")).to_have_text(words("Your opinion was given to the visitor."))


def accept_as_provider(page: Page) -> None:
    """The provider sees names alone, declares, reads the brief without the way to reach the visitor, accepts."""
    page.locator('main a[href*="/provider/referrals/"]').first.click()
    expect(page.get_by_text(STORY)).to_have_count(0)
    tick(page.locator("input[name=declared]"))
    page.locator('form[action$="/declare"] button').click()
    expect(page.get_by_text(STORY)).to_be_visible()
    expect(page.get_by_text("li.na@example.com")).to_have_count(0)
    page.locator('form[action$="/accept"] button').click()
    expect(page.locator(".notice.good")).to_be_visible()


def read_on_the_phone(page: Page, tag: str, code: str) -> None:
    """The QR code leads to the answer; the code is neither in the address nor in the history."""
    page.goto(f"/{tag}/case#{code}")
    expect(page).to_have_url(re.compile(f"/{tag}/case/status$"))
    expect(page.get_by_text(OPINION)).to_be_visible()
    expect(page.locator(".status-bar li.done")).to_have_count(5)
    assert code not in page.evaluate(
        "JSON.stringify([location.href, document.referrer, {...sessionStorage, ...localStorage}])"
    )
    page.locator("textarea[name=question]").fill("请问我们是否需要在当地聘请律师？费用大约是多少？")
    page.locator('form[action$="/question"] button').click()
    expect(page.get_by_text("请问我们是否需要在当地聘请律师")).to_be_visible()


def print_handbook(page: Page, tag: str) -> None:
    """The handbook of the country comes as PDF, in the language of the visit."""
    page.goto(f"/{tag}/windows/us/us")
    page.locator(f'.actions a[href$="/handbooks/US-{tag}"]').click()
    link = page.locator('a[href*="/handbook.pdf?edition=paper"]')
    expect(link).to_be_visible(timeout=60_000)
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    with pikepdf.open(BytesIO(answer.body())) as handbook:
        assert str(handbook.Root.Lang) == tag
        assert len(handbook.pages) > 10


def test_the_visit_works_without_scripts(
    hall: Server, settings: Settings, new_context: NewContext, database: Database
) -> None:
    tag, words = "zh-Hans", Words("zh_Hans")
    terminal = new_context(java_script_enabled=False, **TERMINAL).new_page()
    number, code = submit_at_the_terminal(terminal, tag, words, settings)
    clerk = sign_in(new_context, tag, "clerk.us@demo.example", java_script_enabled=False)
    clerk.locator('form[action$="/call-next"] button').click()
    expect(clerk.locator(".desk-number")).to_have_text(number)
    clerk.locator('form[action$="/start"] button').click()
    assign(clerk, words)
    email = address_of_offer(database, "advisor")
    answer_as_advisor(sign_in(new_context, tag, email, java_script_enabled=False), words)

    phone = new_context(java_script_enabled=False, **PHONE).new_page()
    phone.goto(f"/{tag}/case")
    phone.locator("input[name=code]").fill(" ".join(code[i : i + 4] for i in range(0, 17, 4)).lower())
    phone.locator("button[form=code-form]").click()
    expect(phone.get_by_text(OPINION)).to_be_visible()


def test_back_shows_the_next_visitor_nothing(terminal: Page, settings: Settings) -> None:
    page = terminal
    _, code = submit_at_the_terminal(page, "en", Words("en"), settings)
    for _ in range(30):
        page.go_back()
        text = page.locator("body").inner_text()
        fields = page.locator("input, textarea").evaluate_all("all => all.map(one => one.value).join(' ')")
        for secret in (COMPANY, OTHER_SIDE, STORY, code[:4] + " " + code[4:8], "li.na@example.com"):
            assert secret not in text
            assert secret not in fields
