"""Dates as a calendar file (RFC 5545), for the phone."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import icalendar

from hall.presentation import ShownDeadline

REMINDER = timedelta(days=3)


def calendar_file(about: str, dates: Iterable[ShownDeadline], now: datetime) -> bytes:
    """Return the dates as a calendar file: whole days, headed by what they are about and nothing more of a case."""
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//IP Service Hall//deadlines//EN")
    for found in dates:
        if found.date is not None:
            calendar.add_component(_entry(about, found, found.date, now))
    return bytes(calendar.to_ical())


def _entry(about: str, found: ShownDeadline, day: date, now: datetime) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", f"{about}-{found.rule_id}@hall")
    entry.add("dtstamp", now)
    entry.add("dtstart", day)
    entry.add("dtend", day + timedelta(days=1))
    entry.add("summary", f"{about}: {found.action}")
    entry.add("description", found.basis)
    reminder = icalendar.Alarm()
    reminder.add("action", "DISPLAY")
    reminder.add("description", found.action)
    reminder.add("trigger", -REMINDER)
    entry.add_component(reminder)
    return entry
