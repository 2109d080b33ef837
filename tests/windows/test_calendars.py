"""When forums are closed."""

from datetime import date
from pathlib import Path

import pytest

from windows import calendars
from windows.calendars import UnknownCalendar, UnknownPlace
from windows.knowledge import InvalidKnowledge


def test_weekends_and_federal_holidays_close_us_courts() -> None:
    assert calendars.find_closing("US-FRCP", date(2026, 11, 26)) == "Thanksgiving Day"
    assert calendars.find_closing("US-FRCP", date(2026, 6, 19)) == "Juneteenth National Independence Day"
    assert calendars.find_closing("US-FRCP", date(2026, 11, 28)) == "Saturday"
    assert not calendars.is_closed("US-FRCP", date(2026, 11, 27))


def test_a_state_adds_its_holidays_to_the_federal_ones() -> None:
    assert calendars.is_closed("US-FRCP", date(2026, 11, 27), "US-TX")
    assert calendars.is_closed("US-FRCP", date(2026, 10, 12), "US-CA"), "Columbus Day stays a federal holiday"


def test_the_day_set_aside_for_observing_is_closed() -> None:
    assert calendars.is_closed("US-PTO", date(2026, 7, 3)), "4 July 2026 is a Saturday"


def test_good_friday_is_a_holiday_in_germany_and_not_in_france() -> None:
    assert calendars.is_closed("EU-CUSTOMS", date(2026, 4, 3), "DE")
    assert not calendars.is_closed("EU-CUSTOMS", date(2026, 4, 3), "FR")


def test_without_a_place_only_common_holidays_count_and_the_others_are_doubtful() -> None:
    assert not calendars.is_closed("DE-LAND", date(2026, 1, 6))
    assert calendars.is_closed("DE-LAND", date(2026, 1, 6), "DE-BY")
    assert date(2026, 1, 6) in {closed.day for closed in calendars.doubtful_days("DE-LAND", 2026)}
    assert calendars.is_closed("DE-LAND", date(2026, 10, 3)), "German Unity Day is one everywhere"


def test_a_holiday_of_one_land_is_doubtful_at_the_unified_patent_court() -> None:
    epiphany = date(2027, 1, 6)
    assert not calendars.is_closed("UPC", epiphany, "UPC-LD-MUC")
    assert calendars.find_possible_closing("UPC", epiphany, "UPC-LD-MUC") == "Epiphany"


def test_the_patent_office_in_munich_keeps_assumption_day() -> None:
    assert calendars.is_closed("DE-DPMA", date(2025, 8, 15))


def test_japanese_offices_are_closed_over_the_new_year() -> None:
    days = [date(2026, 12, day) for day in (29, 30, 31)] + [date(2027, 1, day) for day in (1, 2, 3)]
    assert all(calendars.is_closed("JP-JPO", day) for day in days)
    assert not calendars.is_closed("JP-JPO", date(2026, 12, 28))
    assert not calendars.is_closed("JP-JPO", date(2027, 1, 4))


def test_labour_day_closed_the_korean_office_before_it_was_a_public_holiday() -> None:
    assert calendars.is_closed("KR-MOIP", date(2025, 5, 1))
    assert not calendars.is_closed("KR-COURT", date(2025, 5, 1))


def test_a_pattern_of_earlier_years_moves_no_date() -> None:
    good_friday = date(2026, 4, 3)
    assert not calendars.is_closed("EUIPO", good_friday)
    assert calendars.find_possible_closing("EUIPO", good_friday) == "Good Friday"


def test_a_closing_that_courts_dispute_moves_no_date() -> None:
    assert not calendars.is_closed("US-FRCP", date(2025, 12, 26))
    assert calendars.is_closed("US-PTO", date(2025, 12, 26))


def test_holidays_move_with_easter() -> None:
    assert calendars.is_closed("EU-GC", date(2026, 4, 6))
    assert calendars.is_closed("EU-GC", date(2026, 5, 14))


def test_a_make_up_working_day_is_open() -> None:
    assert not calendars.is_closed("VN", date(2026, 8, 22)), "a Saturday that is worked"


def test_the_weekend_of_kedah_is_friday_and_saturday() -> None:
    friday = date(2026, 11, 27)
    assert calendars.is_closed("MY", friday, "MY-02")
    assert not calendars.is_closed("MY", friday, "MY-14")


def test_years_not_yet_announced_are_provisional() -> None:
    assert calendars.is_provisional("EPO", 2027)
    assert not calendars.is_provisional("EPO", 2026)
    assert calendars.find_closing("JP-JPO", date(2028, 1, 10)) == "Coming of Age Day"
    assert calendars.find_certain_closing("JP-JPO", date(2028, 1, 10)) is None
    assert calendars.find_certain_closing("JP-JPO", date(2028, 1, 8)) == "Saturday"


def test_the_office_where_protection_is_sought_lends_its_calendar() -> None:
    assert calendars.is_closed("SELECT-OFFICE", date(2026, 12, 29), "JP")
    assert not calendars.is_closed("SELECT-OFFICE", date(2026, 12, 29), "US")


def test_without_a_calendar_a_weekend_is_doubtful_only() -> None:
    assert not calendars.is_closed("NONE", date(2026, 11, 28))
    assert calendars.find_possible_closing("NONE", date(2026, 11, 28)) == "Saturday"


def test_unknown_calendars_and_places_are_refused() -> None:
    with pytest.raises(UnknownCalendar):
        calendars.is_closed("MARS", date(2026, 1, 1))
    with pytest.raises(UnknownPlace):
        calendars.is_closed("UPC", date(2026, 1, 1), "UPC-LD-MARS")


def test_every_calendar_can_tell_its_days_at_every_place() -> None:
    for calendar in calendars.all_calendars():
        for place in (None, *calendar.places):
            for year in (2026, 2027):
                days = [closed.day for closed in calendars.doubtful_days(calendar.id, year, place)]
                assert days == sorted(set(days))
                assert not any(calendars.is_closed(calendar.id, day, place) for day in days)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[X]\nname = "x"\nmode = "all"\nconfidence = "library"\nholidays = ["ZZ"]\n', 1, "no holidays of ZZ"),
        ('[X]\nname = "x"\nmode = "some"\nconfidence = "library"\n', 3, "X.mode"),
        ('[X]\nname = "x"\nmode = "none"\nconfidence = "library"\nmoon = 1\n', 5, "X.moon"),
        (
            '[X]\nname = "x"\nmode = "all"\nconfidence = "library"\n\n'
            '[[X.closed]]\nname = "y"\nconfidence = "official"\n',
            6,
            "a day or a rule",
        ),
    ],
)
def test_a_mistake_in_a_calendar_names_the_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidKnowledge, match=message) as mistake:
        calendars.load(tmp_path)
    assert mistake.value.line == line
