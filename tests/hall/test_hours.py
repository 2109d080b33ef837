"""When the hall is open: lunch, weekends, holidays of the country and the weekends worked for them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from hall.hours import Hours, read_spans
from hall.settings import Settings

OPEN = Hours(read_spans("09:00-12:00 13:30-17:30"), "CN", ZoneInfo("Asia/Shanghai"), frozenset({date(2026, 11, 27)}))


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 11, 25), True),
        (date(2026, 11, 27), False),  # closed by the hall itself
        (date(2026, 11, 28), False),  # Saturday
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival (State Council, 2025-11-04)
        (date(2026, 2, 17), False),  # Spring Festival
    ],
)
def test_the_days_on_which_the_hall_opens(day: date, is_open: bool) -> None:
    assert OPEN.is_open_day(day) is is_open
    assert bool(OPEN.intervals(day)) is is_open


@pytest.mark.parametrize(
    ("moment", "opens", "closes"),
    [
        ("2026-11-25T10:00", "2026-11-25T09:00", "2026-11-25T12:00"),
        ("2026-11-25T12:00", "2026-11-25T13:30", "2026-11-25T17:30"),
        ("2026-11-25T23:00", "2026-11-26T09:00", "2026-11-26T12:00"),
        ("2026-11-26T18:00", "2026-11-30T09:00", "2026-11-30T12:00"),
    ],
)
def test_the_hall_is_open_or_opens_next(moment: str, opens: str, closes: str) -> None:
    interval = OPEN.next_interval(datetime.fromisoformat(moment).replace(tzinfo=OPEN.zone))
    assert interval == tuple(datetime.fromisoformat(text).replace(tzinfo=OPEN.zone) for text in (opens, closes))


def test_open_time_passes_over_lunch_and_night_and_is_counted_in_the_zone_of_the_hall() -> None:
    start = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)  # half past eleven in Beijing
    assert OPEN.add(start, timedelta(hours=1)) == datetime(2026, 11, 25, 14, 0, tzinfo=OPEN.zone)
    assert OPEN.working_days_between(date(2026, 11, 25), date(2026, 11, 30)) == 2
    assert OPEN.working_days_between(date(2026, 11, 30), date(2026, 11, 25)) == -2


@pytest.mark.parametrize("text", ["", "9-12", "09:00-12:00,13:30-17:30", "12:00-09:00", "09:00-12:00 11:00-13:00", "x"])
def test_opening_hours_that_cannot_be_are_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValidationError, match="opening hours are written like"):
        Settings(opening_hours=text)


def test_settings_make_the_hours_of_the_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALL_OPENING_HOURS", "08:30-16:00")
    monkeypatch.setenv("HALL_CLOSED_DAYS", "2026-12-24, 2026-12-31")
    monkeypatch.setenv("HALL_HOLIDAYS_OF", "DE")
    made = Settings().hours
    assert made.spans == read_spans("08:30-16:00")
    assert not made.is_open_day(date(2026, 12, 24))
    assert not made.is_open_day(date(2026, 10, 3))
    with pytest.raises(ValidationError, match="code of a country"):
        Settings(holidays_of="XX")
