"""The invented people of the demonstration: plainly invented, complete, and enough to try every window with."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hall.accounts.rules import Role
from hall.conflicts.rules import SIDES
from hall.matching import rules
from hall.matching.rules import Candidate, Need, rank
from hall.settings import HOUSE
from windows import directory

FILE: Path = HOUSE / "hall" / "panel" / "demonstration.toml"
DATA: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
MEMBERS: list[dict[str, Any]] = DATA["advisors"] + DATA["providers"]
WINDOWS = [window.code for window in directory.all_windows()]

MEMBER_KEYS = {
    *("demonstration", "window", "kind", "practice", "name_zh", "name_en", "firm_zh", "firm_en", "countries"),
    *("credentials", "rights", "procedures", "industries", "languages", "capacity", "completed", "on_time", "rating"),
    *("insured", "joined_on", "sign_in"),
}
STAFF = frozenset(Role) - {Role.ADVISOR, Role.PROVIDER}
STAFF_KEYS = {"demonstration", "role", "window", "counter", "name_zh", "name_en", "sign_in"}
REGISTER_KEYS = {"demonstration", "names", "side", "matter", "holder", "country", "since"}


def as_candidate(row: dict[str, Any]) -> Candidate:
    return Candidate(
        id=row["sign_in"],
        firm=row["firm_en"],
        kind=row["kind"],
        countries=tuple(row["countries"]),
        credentials=tuple((c["country"], c["valid_until"]) for c in row["credentials"]),
        rights=tuple(row["rights"]),
        procedures=tuple(row["procedures"]),
        industries=tuple(row["industries"]),
        languages=row["languages"],
        capacity=row["capacity"],
        load=0,
        completed=row["completed"],
        on_time=tuple(row["on_time"]),
        rating=tuple(row["rating"]),
        offers_received=0,
        offers_expected=0.0,
        last_offer_on=None,
        suspended=False,
        joined_on=row["joined_on"],
    )


def test_every_row_is_marked_as_demonstration_and_plainly_invented() -> None:
    assert set(DATA) == {"version", "advisors", "providers", "staff", "register"}
    for row in MEMBERS + DATA["staff"] + DATA["register"]:
        assert row["demonstration"] is True
    for row in MEMBERS:
        for key, mark in (("name_en", "invented"), ("firm_en", "invented"), ("name_zh", "演示"), ("firm_zh", "虚构")):
            assert mark in row[key]
        assert all(c["kind"] == "demonstration" and c["number"].startswith("DEMO-") for c in row["credentials"])


def test_nobody_signs_in_with_an_address_that_could_be_real_or_is_used_twice() -> None:
    addresses = Counter(row["sign_in"] for row in MEMBERS + DATA["staff"])
    assert max(addresses.values()) == 1
    assert all(address.endswith("@demo.example") for address in addresses)


def test_every_member_is_complete_and_uses_the_words_of_matching() -> None:
    for row in MEMBERS:
        assert set(row) == MEMBER_KEYS, row["name_en"]
        assert row["window"] in WINDOWS
        assert row["kind"] in rules.KINDS
        assert row["practice"] in {"advisor", "law", "patent", "trademark"}
        assert row["countries"]
        assert set(row["rights"]) <= rules.RIGHTS.keys()
        assert set(row["procedures"]) <= rules.PROCEDURES.keys()
        assert all(0 < quality <= 1 for quality in row["languages"].values())
        assert row["capacity"] > 0
        assert sum(row["on_time"]) == row["completed"]
        assert sum(row["rating"]) <= row["completed"]
        assert isinstance(row["joined_on"], date)
        for credential in row["credentials"]:
            assert set(credential) == {"kind", "country", "number", "verified_on", "valid_until"}
            assert credential["verified_on"] < credential["valid_until"]


def test_every_window_has_enough_advisors_and_every_practice_of_provider() -> None:
    assert len(DATA["advisors"]) >= 18
    for window in WINDOWS:
        assert sum(row["window"] == window for row in DATA["advisors"]) >= 3
        practices = [row["practice"] for row in DATA["providers"] if row["window"] == window]
        assert len(practices) >= 4
        assert set(practices) == {"law", "patent", "trademark"}


@pytest.mark.parametrize("window", WINDOWS)
def test_every_country_of_a_window_has_somebody_for_a_letter_about_a_mark(window: str) -> None:
    for country in directory.get_window(window).countries:
        for kind in rules.KINDS:
            need = Need(country, window, ("mark",), "cease_and_desist", ("zh_Hans",), "U2", None, kind)
            found = rank(need, [as_candidate(row) for row in MEMBERS], today=date(2026, 11, 25), seed="s")
            assert found.proposal, (country, kind)


def test_the_staff_has_every_role_and_a_clerk_for_every_window() -> None:
    for row in DATA["staff"]:
        assert set(row) == STAFF_KEYS
        assert Role(row["role"]) in STAFF
    assert {Role(row["role"]) for row in DATA["staff"]} == STAFF
    assert {row["window"] for row in DATA["staff"] if row["role"] == "clerk"} == set(WINDOWS)


def test_the_register_names_sides_of_matters_of_the_hall_or_of_a_member() -> None:
    holders = {"hall", *(row["sign_in"] for row in MEMBERS)}
    for row in DATA["register"]:
        assert set(row) - {"ended"} == REGISTER_KEYS
        assert row["side"] in SIDES
        assert row["holder"] in holders
        assert all(row["names"])
        assert row["since"] < row.get("ended", date.max)
