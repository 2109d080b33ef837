"""Whether the proof of the pages finds what a reader would stumble over, and finds nothing in the books."""

from datetime import date

import pytest
from markupsafe import Markup

from hall import presentation
from handbooks import composition, selection
from handbooks.composition import OwnCase, OwnDeadline
from handbooks.press import Press
from tests.handbooks.conftest import TODAY, writer_of

pytestmark = [pytest.mark.only_on("sqlite"), pytest.mark.usefixtures("kept_handbooks")]

LONG = "Bundespatentgerichtsentscheidungssammlung"
LATER = '<p style="break-before: page">what comes next</p>'
TWO_LINES = "<p>" + "words of the page " * 30 + "</p>"


def proof(press: Press, body: str) -> list[str]:
    style = '<style>html { --accent: #123456 }</style><link rel="stylesheet" href="print.css">'
    head = f"<head><title>T</title>{style}</head>"
    return press.proof_html(f'<!DOCTYPE html><html lang="en" class="a4">{head}<body>{TWO_LINES}{body}</body></html>')


AMISS = {
    "a word longer than its cell": (
        f'<table class="tasks"><tr><td style="width: 20mm; hyphens: none">{LONG}</td><td>x</td></tr></table>',
        f"page 1: “{LONG}” is ",
    ),
    "white words that leave their bar": (
        '<table class="lane-bar" style="width: 12%"><td class="bar-first together">longer than it is</td></table>',
        "page 1: “longer than it is” is ",
    ),
    "a table wider than the text": ('<table style="width: 120%"><tr><td>x</td></tr></table>', "page 1: <table> is "),
    "words that leave the paper": (
        '<p style="position: absolute; left: 150mm; white-space: nowrap">here and beyond the edge</p>',
        "page 1: “here and beyond the edge” leaves the page",
    ),
    "words over words": (
        '<div style="position: relative"><p>below</p><p style="position: absolute; top: 0; left: 0">above</p></div>',
        "stand over each other",
    ),
    "words in the foot of the page": (
        '<p style="position: absolute; top: 260mm">low</p>',
        "page 1: “low” stands below the last line of its page",
    ),
    "a heading at the foot of a page": (
        f"<h2>Alone</h2>{LATER}",
        "page 1: the heading “Alone” stands without its text",
    ),
    "an introduction without its table": (
        f'<p class="stay">These are times.</p>{LATER}',
        "page 1: the heading “These are times.” stands without its text",
    ),
    "a page with hardly a word": (f'<p style="break-before: page">end</p>{LATER}', "page 2: nearly blank: “end” is"),
    "a page without a word": (f'<p style="break-before: page">\N{NO-BREAK SPACE}</p>{LATER}', "page 2: blank"),
    "a word torn without a hyphen": (
        '<p style="width: 14mm; hyphens: none; overflow-wrap: anywhere">confirmedly</p>',
        "page 1: “confirmedly” is torn",
    ),
}


@pytest.mark.parametrize("fault", AMISS)
def test_what_a_reader_would_stumble_over_is_found(press: Press, fault: str) -> None:
    body, said = AMISS[fault]
    assert any(said in line for line in proof(press, body)), proof(press, body)


def test_a_page_in_order_has_no_fault(press: Press) -> None:
    body = (
        '<h2>Heading</h2><p class="stay">What comes.</p><p style="width: 14mm; hyphens: auto">confirmation</p>'
        '<table class="tasks"><thead><tr><th>A</th></tr></thead><tbody><tr><td>one<br>two</td></tr></tbody></table>'
        f"<ol class='ladder'><li>First</li><li>Second</li></ol>{TWO_LINES}"
    )
    assert proof(press, body) == []


# What stands at the end of a code is the form. Of each form one book at least in each language.
BOOKS = (
    "US-en",
    "FR-zh-Hans",
    "DE-en-booklet",
    "US-zh-Hans-booklet",
    "KR-zh-Hans-large",
    "window-eu-en-large",
    "window-belt-and-road-en-large",
    "window-belt-and-road-zh-Hans",
    "MX.PL.TR.KZ.ID-en-booklet",
    "DE.BR.KR.JP.FR-zh-Hans-booklet",
    "AE.ZA.SA-en-large",
)


@pytest.mark.parametrize("code", BOOKS)
def test_the_books_keep_to_their_boxes(press: Press, code: str) -> None:
    handbook = selection.from_code(code)
    assert press.proof(handbook, writer_of(handbook)) == []


@pytest.mark.parametrize("code", ["US.KR-en", "US.KR-zh-Hans-booklet", "US.KR-en-large"])
def test_a_case_with_long_words_keeps_to_its_boxes(press: Press, code: str) -> None:
    handbook = selection.from_code(code)
    long = OwnDeadline(
        "Answer after removal, counted from the notice of removal, or move under Rule 12",
        "US court summons and complaint",
        date(2027, 9, 29),
        date(2027, 9, 28),
        "",
        "FRCP 12(a)(1)(A)(ii), 4(d)(3); 28 USC 1446(b)(1); 37 CFR 2.113(a), 2.114; TBMP 310.03(a)",
        when="defendant outside any US judicial district who returned the waiver in time",
        consequence="judgment by default on the claim",
        extension="by agreement or by the court",
        doubts=("It is not known whether this rule applies; not answered: Which court is named at the top?",) * 2,
        is_demanded=True,
    )
    undated = OwnDeadline("Object", "Letter", None, None, "the date printed in the paper", "")
    address = "https://hall.example:8443/zh-Hans/case"
    case = OwnCase(
        "BJ-2026-000001",
        (long, undated) * 4,
        ("Note the day and the way in which the paper came.",) * 6,
        (
            ("Advisor", "Dr. Maximiliane Freifrau von Schönberg-Hohenlohe (Rechtsanwältin)"),
            ("Telephone", "+86 10 6655 1234"),
        ),
        Markup(presentation.qr_code(address)),
        address,
        TODAY,
    )
    assert press.proof_html(composition.compose(handbook, writer_of(handbook), case=case)) == []
