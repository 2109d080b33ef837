"""What is typed becomes an answer or a sentence of its own, and stays on the page."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hall.intake import flow
from hall.intake.answers import Parsed, merge, names_of, parse
from hall.intake.questions import Field, Kind, Option, Page

TODAY = date(2026, 11, 25)
CODE = "91000000MA5ABCDE1N"  # of a region that does not exist


def page_of(*fields: Field) -> Page:
    return Page(id="page", title="A page", why="Because", fields=fields)


def field(kind: Kind = "date", *, key: str = "day", **settings: object) -> Field:
    defaults = {"label": "A field", "max_length": 100}
    return Field(key=key, kind=kind, **{**defaults, **settings})  # type: ignore[arg-type]


def parsed(one: Field, **raw: Sequence[str]) -> Parsed:
    form = {name.replace("__", "-"): values for name, values in raw.items()}
    return parse(page_of(one), form, today=TODAY, choices={"countries": ["US", "DE"]})


def boxes(year: str, month: str, day: str) -> dict[str, list[str]]:
    return {"day__year": [year], "day__month": [month], "day__day": [day]}


def sentence(result: Parsed) -> str:
    (problem,) = result.problems
    assert not result.values
    return problem.msgid % problem.params


@pytest.mark.parametrize(
    "raw",
    [
        boxes("2026", "11", "9"),
        boxes(" 2026 ", "011", "09"),
        boxes("２０２６", "１１", "０９"),
        boxes("٢٠٢٦", "١١", "٩"),
        {"day": ["2026-11-09"]},
        {"day": ["2026/11/9"]},
        {"day": ["2026年11月9日"]},
        {"day": ["２０２６．１１．９"]},
    ],
)
def test_a_date_is_read_from_boxes_or_in_one_in_any_digits(raw: dict[str, list[str]]) -> None:
    assert parsed(field(), **raw).values == {"day": "2026-11-09"}


DATES = [
    (boxes("", "11", "9"), "The year is missing."),
    (boxes("2026", "", "9"), "The month is missing."),
    (boxes("2026", "11", ""), "The day is missing."),
    (boxes("26", "11", "9"), "Please write the year with four digits."),
    (boxes("2026", "13", "9"), "There is no month 13: please give a month from 1 to 12."),
    (boxes("2026", "11", "32"), "There is no day 32: please give a day from 1 to 31."),
    (boxes("2026", "2", "29"), "2026 is not a leap year: its February has only 28 days."),
    (boxes("2026", "4", "31"), "That month has only 30 days; you wrote day 31."),
    (boxes("2026", "Nov", "9"), "Please write year, month and day in digits, for example 2026, 11, 25."),
    (boxes("2026", "11", "26"), "This date is still to come: today is 2026-11-25. Please check it."),
    (boxes("1989", "12", "31"), "This date is before 1990-01-01. Please check the year."),
    ({"day": ["11/09/2026"]}, "Please write the date as year, month, day in digits, for example 2026-11-25."),
]


@pytest.mark.parametrize(("raw", "expected"), DATES)
def test_each_wrong_date_has_its_own_sentence_and_stays_on_the_page(raw: dict[str, list[str]], expected: str) -> None:
    result = parsed(field(not_after_today=True), **raw)
    assert sentence(result) == expected
    assert {name: list(texts) for name, texts in result.kept.items()} == {
        name.replace("__", "-"): texts for name, texts in raw.items()
    }


def test_the_sentences_for_wrong_dates_all_differ() -> None:
    assert len({expected for _, expected in DATES}) == len(DATES)


def test_29_february_of_a_leap_year_is_a_date() -> None:
    assert parsed(field(), **boxes("2024", "2", "29")).values == {"day": "2024-02-29"}


def test_a_date_ahead_is_taken_where_the_field_allows_it_but_not_a_century_away() -> None:
    assert parsed(field(), **boxes("2027", "1", "4")).values == {"day": "2027-01-04"}
    assert "20 years ahead" in sentence(parsed(field(), **boxes("2126", "1", "4")))


def test_a_day_before_the_date_of_the_paper_is_questioned_with_that_date() -> None:
    one = field(key="received", not_before_field="printed")
    result = parse(
        page_of(one), {"received": ["2026-11-01"]}, today=TODAY, choices={}, answers={"printed": "2026-11-03"}
    )
    assert "2026-11-03" in sentence(result)
    same = page_of(field(key="printed"), one)
    both = parse(same, {"printed": ["2026-11-03"], "received": ["2026-11-03"]}, today=TODAY, choices={})
    assert both.values == {"printed": "2026-11-03", "received": "2026-11-03"}


def test_not_sure_and_no_date_are_answers_but_not_beside_a_date() -> None:
    one = field(unsure=True, absent=True, required=True)
    assert parsed(one, day__instead=["unsure"]).values == {"day": "unsure"}
    assert parsed(one, day__instead=["none"]).values == {"day": "none"}
    assert "only one of them" in sentence(parsed(one, day__instead=["unsure"], **boxes("2026", "11", "9")))
    assert "not sure" in sentence(parsed(one))


def test_not_sure_is_not_taken_where_it_is_not_offered() -> None:
    assert sentence(parsed(field(required=True), day__instead=["unsure"])) == "Please fill this in."


def test_a_blank_does_not_erase_a_date_but_not_sure_replaces_it() -> None:
    page = page_of(field(required=True, unsure=True))
    before = {"day": "2026-11-09"}
    blank = parse(page, {"day": [""]}, today=TODAY, choices={}, answers=before)
    assert not blank.problems
    assert merge(page, before, blank) == before
    unsure = parse(page, {"day-instead": ["unsure"]}, today=TODAY, choices={}, answers=before)
    assert merge(page, before, unsure) == {"day": "unsure"}


def test_a_wrong_field_leaves_the_answer_given_before() -> None:
    page = page_of(field("email", key="email"))
    before = {"email": "li@example.com"}
    assert merge(page, before, parse(page, {"email": ["li"]}, today=TODAY, choices={})) == before


CODES = [
    ("91000000MA5ABCDE", "A unified social credit code has 18 characters; you typed 16."),
    ("910000O0MA5ABCDE1N", "The code never has the letter O; it is probably the digit 0."),
    ("91000000MA5ABCDEIN", "The code never has the letter I; it is probably the digit 1."),
    ("91000000MA5ABCDE1V", "The code never has the letter V; it is probably U or Y."),
    ("91000000MA5ABCDE1?", "The code has only digits and capital letters; “?” does not belong in it."),
    ("9100000AMA5ABCDE1N", "The first eight characters of the code are digits. Please check them."),
    ("91000000MA5ABCDE2N", "The check character at the end does not fit: one character is probably mistyped."),
]


@pytest.mark.parametrize(("typed", "expected"), CODES)
def test_each_slip_in_a_credit_code_is_named(typed: str, expected: str) -> None:
    result = parsed(field("credit_code", key="code"), code=[typed])
    assert sentence(result) == expected
    assert result.kept["code"] == (typed,)


def test_two_neighbours_swapped_in_a_credit_code_are_pointed_at() -> None:
    swapped = CODE[:13] + CODE[14] + CODE[13] + CODE[15:]
    assert f"“{swapped[13:15]}” (characters 14 and 15)" in sentence(
        parsed(field("credit_code", key="code"), code=[swapped])
    )


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), "91 000000 MA5ABCDE1-N", "９１００００００ＭＡ５ＡＢＣＤＥ１Ｎ"])
def test_a_credit_code_is_taken_in_small_letters_full_width_and_with_gaps(typed: str) -> None:
    assert parsed(field("credit_code", key="code"), code=[typed]).values == {"code": CODE}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("li.example.com", "An e-mail address has an @ sign, for example name@example.com."),
        ("l i@example.com", "An e-mail address has no spaces."),
        ("li@example", "The part after the @ sign is not complete, for example example.com."),
        ("li@exa..mple.com", "This is not an e-mail address we can write to. Please check every character."),
    ],
)
def test_each_slip_in_an_address_has_its_own_sentence(typed: str, expected: str) -> None:
    result = parsed(field("email", key="email"), email=[typed])
    assert sentence(result) == expected
    assert result.kept["email"] == (typed,)


def test_an_address_typed_with_full_width_marks_is_understood() -> None:
    assert parsed(field("email", key="email"), email=["li＠example。com"]).values == {"email": "li@example.com"}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0755-CALL-US", "A telephone number has digits only, with + in front for a country code."),
        ("1234", "This telephone number is too short: 4 digits."),
        ("1" * 21, "This telephone number is too long: 21 digits."),
    ],
)
def test_each_slip_in_a_telephone_number_has_its_own_sentence(typed: str, expected: str) -> None:
    assert sentence(parsed(field("phone", key="phone"), phone=[typed])) == expected


def test_a_telephone_number_is_taken_with_the_usual_marks() -> None:
    assert parsed(field("phone", key="phone"), phone=["＋86 (755) 8888-6666"]).values == {"phone": "+86 755 8888 6666"}


def test_text_is_normalised_and_freed_of_what_cannot_be_seen() -> None:
    one = field("name", key="name")
    assert parsed(one, name=["  Mu\u0308ller\u202e\u200b GmbH "]).values == {"name": "Müller GmbH"}
    assert parsed(one, name=["می\u200cخواهم"]).values == {"name": "می\u200cخواهم"}


def test_several_lines_keep_their_lines() -> None:
    one = field("long_text", key="text")
    assert parsed(one, text=["eins\r\nzwei\rdrei"]).values == {"text": "eins\nzwei\ndrei"}
    assert names_of({"text": " A Co.\n\nB 公司\nA Co."}, "text") == ("A Co.", "B 公司")
    assert names_of({"text": "unsure"}, "text") == ()


def test_control_characters_and_broken_text_are_refused_in_words_of_their_own() -> None:
    one = field("name", key="name")
    control, broken = parsed(one, name=["A\x00B"]), parsed(one, name=["A\ud800B"])
    assert "control character" in sentence(control)
    assert "damaged" in sentence(broken)
    for result in (control, broken):
        assert result.kept["name"] == ("A\ufffdB",)


def test_what_is_too_long_is_told_with_length_and_limit_and_kept() -> None:
    result = parsed(field("text", key="text", max_length=5), text=["sechs!"])
    assert sentence(result) == "This is too long: 6 characters, and 5 fit. Please shorten it."
    assert result.kept["text"] == ("sechs!",)


def test_a_name_has_a_letter() -> None:
    assert "at least one letter" in sentence(parsed(field("name", key="name"), name=["--"]))


def test_text_beside_not_sure_is_questioned() -> None:
    one = field("name", key="name", unsure=True)
    assert parsed(one, name__instead=["unsure"]).values == {"name": "unsure"}
    assert "only one of them" in sentence(parsed(one, name=["Li"], name__instead=["unsure"]))


def test_a_choice_is_one_of_those_shown_and_only_one() -> None:
    one = field("choice", key="way", required=True, options=(Option("mail", "By mail"), Option("hand", "By hand")))
    assert parsed(one, way=["mail"]).values == {"way": "mail"}
    assert sentence(parsed(one, way=["pigeon"])) == "Please choose one of the answers shown."
    assert sentence(parsed(one, way=["unsure"])) == "Please choose one of the answers shown."
    assert sentence(parsed(one, way=["mail", "hand"])) == "Please choose only one answer."
    assert sentence(parsed(one)) == "Please choose one answer."


def test_an_answer_that_excludes_the_others_stands_alone() -> None:
    options = (Option("money", "Money"), Option("nothing", "Nothing", alone=True))
    one = field("choices", key="stake", required=True, unsure=True, options=options)
    assert parsed(one, stake=["money"]).values == {"stake": ("money",)}
    for sent in (["money", "nothing"], ["money", "unsure"]):
        assert "excludes the others" in sentence(parsed(one, stake=sent))
    assert sentence(parsed(one)) == "Please choose at least one answer."


def test_a_country_comes_from_the_list_given() -> None:
    one = field("country", key="country", source="countries", unsure=True)
    assert parsed(one, country=["DE"]).values == {"country": "DE"}
    assert parsed(one, country=["unsure"]).values == {"country": "unsure"}
    assert "one of the answers shown" in sentence(parsed(one, country=["ZZ"]))


def test_consent_is_yes_or_no_and_a_needed_one_is_asked_for() -> None:
    assert parsed(field("consent", key="ok")).values == {"ok": "no"}
    assert parsed(field("consent", key="ok"), ok=["yes"]).values == {"ok": "yes"}
    assert "Without this consent" in sentence(parsed(field("consent", key="ok", required=True)))


FORMS = st.dictionaries(
    st.sampled_from(
        sorted(
            {
                field.key + tail
                for field in flow.get_flow("main").fields.values()
                for tail in ("", "-instead", "-year", "-month", "-day")
            }
        )
    ),
    st.lists(
        st.text(st.characters(), max_size=30) | st.sampled_from(["unsure", "none", "yes", "2026", "0", "-1"]),
        max_size=3,
    ),
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(form=FORMS)
def test_whatever_is_sent_gives_a_value_or_a_sentence_for_every_field(form: dict[str, list[str]]) -> None:
    for page in flow.get_flow("main").pages:
        result = parse(page, form, today=TODAY, choices={"countries": ["US"]})
        wrong = {problem.field for problem in result.problems}
        assert wrong.isdisjoint(result.values)
        assert wrong | set(result.values) == {one.key for one in page.fields}
        for problem in result.problems:
            assert problem.msgid % problem.params
        for texts in result.kept.values():
            for text in texts:
                text.encode()
