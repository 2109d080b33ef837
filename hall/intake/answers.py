"""What a visitor typed becomes an answer, or a sentence that says what is wrong; nothing typed is lost."""

import re
import unicodedata
from calendar import isleap, monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from email_validator import EmailNotValidError, validate_email
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from hall.intake.questions import (
    CHOSEN,
    NO,
    NONE,
    UNSURE,
    YES,
    Answers,
    Field,
    Page,
    Value,
    is_blank,
)
from hall.words import N_

Raw = Mapping[str, Sequence[str]]
"""A form as sent: each name with its values."""

INSTEAD = "-instead"
"""`<key>-instead` carries "unsure" or "none" beside a field that is typed or is a date."""
DATE_PARTS = ("-year", "-month", "-day")
YEARS_AHEAD = 20

_C0_BUT_SPACES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Direction overrides and isolates, and characters of no width. The joiners U+200C and U+200D are honest letters.
_INVISIBLE = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]")
_JOINERS = "\u200c\u200d"
_ONE_DATE = re.compile(r"(\d+)\s*[-/.年\s]\s*(\d+)\s*[-/.月\s]\s*(\d+)\s*日?")
_PHONE_MARKS = re.compile(r"[\s().\-/]+")
_CODE_LENGTH = 18
_CODE_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
_CODE_LOOKALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5"}
_PHONE_DIGITS = (5, 20)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: a msgid and its parameters (a `date` among them is put into words by the page)."""

    field: str
    msgid: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page as understood: values by key, what was typed by name (to show again), and the problems.

    A field with a problem has no value. A blank is the value "" (or an empty tuple), see `merge`.
    """

    values: Mapping[str, Value]
    kept: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...]


class _Wrong(Exception):
    """A field cannot be understood; carries the sentence."""

    def __init__(self, msgid: str, **params: object) -> None:
        super().__init__(msgid)
        self.msgid = msgid
        self.params = params


def parse(
    page: Page,
    raw: Raw,
    *,
    today: date,
    choices: Mapping[str, Sequence[str]],
    answers: Answers | None = None,
) -> Parsed:
    """Understand one page of a form.

    `choices` are the values of each option source. `answers` are those given before; they serve the order of
    dates, and a required date that was given before is not asked again when its boxes come back empty.
    Never raises for anything a visitor can send.
    """
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for one in page.fields:
        try:
            value = _value(one, raw, today=today, choices=choices, answers={**(answers or {}), **values})
            _check_required(one, value, answers or {})
        except _Wrong as wrong:
            problems.append(Problem(one.key, wrong.msgid, wrong.params))
        else:
            values[one.key] = value
    return Parsed(values, _kept(page, raw), tuple(problems))


def merge(page: Page, answers: Answers, parsed: Parsed) -> dict[str, Value]:
    """The answers with those of the page taken in. A blank never erases a date that was given."""
    merged = dict(answers)
    for one in page.fields:
        if one.key not in parsed.values:
            continue
        is_kept = one.kind == "date" and is_blank(parsed.values[one.key]) and not is_blank(answers.get(one.key))
        if not is_kept:
            merged[one.key] = parsed.values[one.key]
    return merged


def names_of(answers: Answers, key: str) -> tuple[str, ...]:
    """The names of a field that takes one name a line, each once, in order."""
    value = answers.get(key, "")
    lines = value.split("\n") if isinstance(value, str) and value != UNSURE else ()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _value(one: Field, raw: Raw, *, today: date, choices: Mapping[str, Sequence[str]], answers: Answers) -> Value:
    if one.kind == "consent":
        return YES if any(text in (YES, "on") for text in raw.get(one.key, ())) else NO
    if one.kind in CHOSEN:
        return _chosen(one, raw, choices)
    if one.kind == "date":
        return _date(one, raw, today=today, answers=answers)
    typed = _typed(one, raw)
    instead = _instead(one, raw)
    if typed and instead:
        raise _Wrong(N_("You wrote something and also chose “not sure”. Please keep only one of them."))
    return instead or typed


def _check_required(one: Field, value: Value, answers: Answers) -> None:
    if not one.required:
        return
    if one.kind == "consent":
        if value != YES:
            raise _Wrong(N_("Without this consent we cannot work on your case. Please tick it, or ask at the counter."))
        return
    if not is_blank(value) or (one.kind == "date" and not is_blank(answers.get(one.key))):
        return
    if one.kind == "choices":
        raise _Wrong(N_("Please choose at least one answer."))
    if one.kind in CHOSEN:
        raise _Wrong(N_("Please choose one answer."))
    if one.unsure:
        raise _Wrong(N_("Please fill this in, or choose “not sure”."))
    raise _Wrong(N_("Please fill this in."))


def _kept(page: Page, raw: Raw) -> dict[str, tuple[str, ...]]:
    """What was typed, with characters that no page can show replaced by a visible mark."""
    names = [one.key + tail for one in page.fields for tail in ("", INSTEAD, *DATE_PARTS)]
    return {name: tuple(_showable(text) for text in raw[name]) for name in names if name in raw}


def _showable(text: str) -> str:
    return _SURROGATE.sub("\ufffd", _C0_BUT_SPACES.sub("\ufffd", text))


# Choices


def _chosen(one: Field, raw: Raw, choices: Mapping[str, Sequence[str]]) -> Value:
    chosen = tuple(dict.fromkeys(text for text in raw.get(one.key, ()) if text))
    allowed = {*one.values, *choices.get(one.source, ())}
    if not allowed.issuperset(chosen):
        raise _Wrong(N_("Please choose one of the answers shown."))
    if one.kind != "choices":
        if len(chosen) > 1:
            raise _Wrong(N_("Please choose only one answer."))
        return chosen[0] if chosen else ""
    alone = {UNSURE, NONE, *(option.value for option in one.options if option.alone)}
    if len(chosen) > 1 and not alone.isdisjoint(chosen):
        raise _Wrong(N_("You chose several answers, but one of them excludes the others. Please check them."))
    return chosen


def _instead(one: Field, raw: Raw) -> str:
    sent = raw.get(one.key + INSTEAD, ())
    if one.unsure and UNSURE in sent:
        return UNSURE
    return NONE if one.absent and NONE in sent else ""


# Dates


def _date(one: Field, raw: Raw, *, today: date, answers: Answers) -> str:
    parts = [_digits(_first(raw, one.key + part)) for part in DATE_PARTS]
    single = _digits(_first(raw, one.key))
    instead = _instead(one, raw) or (single if single in one.values else "")
    if not any(parts) and single and single != instead:
        parts = _split(single)
    if instead and any(parts):
        raise _Wrong(N_("A date is filled in and “not sure” or “no date” is chosen too. Please keep only one of them."))
    if not any(parts):
        return instead
    day = _day(parts)
    _check_bounds(one, day, today=today, answers=answers)
    return day.isoformat()


def _first(raw: Raw, name: str) -> str:
    return next((text.strip() for text in raw.get(name, ()) if text.strip()), "")


def _digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9, and full-width marks as plain ones."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", text))


def _split(single: str) -> list[str]:
    found = _ONE_DATE.fullmatch(single)
    if found is None or len(found[1]) < len(found[3]):
        raise _Wrong(N_("Please write the date as year, month, day in digits, for example 2026-11-25."))
    return list(found.groups())


def _day(parts: Sequence[str]) -> date:
    year, month, day = (_number(part) for part in parts)
    if year is None:
        raise _Wrong(N_("The year is missing."))
    if month is None:
        raise _Wrong(N_("The month is missing."))
    if day is None:
        raise _Wrong(N_("The day is missing."))
    if len(parts[0].lstrip("0")) < 4:
        raise _Wrong(N_("Please write the year with four digits."))
    if not 1 <= month <= 12:
        raise _Wrong(N_("There is no month %(month)s: please give a month from 1 to 12."), month=month)
    if not 1 <= day <= 31:
        raise _Wrong(N_("There is no day %(day)s: please give a day from 1 to 31."), day=day)
    if year > date.max.year:
        raise _Wrong(N_("Please write the year with four digits."))
    if (month, day) == (2, 29) and not isleap(year):
        raise _Wrong(N_("%(year)s is not a leap year: its February has only 28 days."), year=str(year))
    if day > monthrange(year, month)[1]:
        raise _Wrong(
            N_("That month has only %(days)s days; you wrote day %(day)s."), days=monthrange(year, month)[1], day=day
        )
    return date(year, month, day)


def _number(part: str) -> int | None:
    if not part:
        return None
    if not (part.isascii() and part.isdigit() and len(part) <= 6):
        raise _Wrong(N_("Please write year, month and day in digits, for example 2026, 11, 25."))
    return int(part)


def _check_bounds(one: Field, day: date, *, today: date, answers: Answers) -> None:
    if one.not_after_today and day > today:
        raise _Wrong(N_("This date is still to come: today is %(today)s. Please check it."), today=today)
    if day < one.not_before:
        raise _Wrong(N_("This date is before %(earliest)s. Please check the year."), earliest=one.not_before)
    if day.year > today.year + YEARS_AHEAD:
        raise _Wrong(N_("This date is more than %(years)s years ahead. Please check the year."), years=YEARS_AHEAD)
    earlier = answers.get(one.not_before_field, "")
    if isinstance(earlier, str) and earlier not in ("", UNSURE, NONE) and day < date.fromisoformat(earlier):
        raise _Wrong(
            N_("This day is before %(earlier)s, the date you gave for the paper. Please check both dates."),
            earlier=date.fromisoformat(earlier),
        )


# Typed text


def _typed(one: Field, raw: Raw) -> str:
    text = "\n".join(raw.get(one.key, ()))
    if _SURROGATE.search(text):
        raise _Wrong(N_("Part of this text was damaged on its way. Please type it again."))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _C0_BUT_SPACES.search(text):
        raise _Wrong(
            N_("This text holds a control character that cannot be kept. Please type it instead of pasting it.")
        )
    # What turns the direction of writing would let a name look other than it is.
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    if one.kind != "long_text":
        text = " ".join(text.split())
    text = text.strip()
    if not text.strip(_JOINERS + "\ufeff\u200b\u2060 \n"):
        return ""
    if len(text) > one.max_length:
        raise _Wrong(
            N_("This is too long: %(length)s characters, and %(limit)s fit. Please shorten it."),
            length=len(text),
            limit=one.max_length,
        )
    match one.kind:
        case "name":
            return _name(text)
        case "email":
            return _email(text)
        case "phone":
            return _phone(text)
        case "credit_code":
            return _credit_code(text)
    return text


def _name(text: str) -> str:
    if not any(sign.isalnum() for sign in text):
        raise _Wrong(N_("A name has at least one letter or character."))
    return text


def _email(text: str) -> str:
    address = unicodedata.normalize("NFKC", text).replace("。", ".")
    if "@" not in address:
        raise _Wrong(N_("An e-mail address has an @ sign, for example name@example.com."))
    if " " in address:
        raise _Wrong(N_("An e-mail address has no spaces."))
    if "." not in address.rsplit("@", 1)[1].strip("."):
        raise _Wrong(N_("The part after the @ sign is not complete, for example example.com."))
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        raise _Wrong(N_("This is not an e-mail address we can write to. Please check every character.")) from None


def _phone(text: str) -> str:
    number = _PHONE_MARKS.sub(" ", _digits(text)).strip()
    digits = number.removeprefix("+").replace(" ", "")
    if not digits.isdigit():
        raise _Wrong(N_("A telephone number has digits only, with + in front for a country code."))
    fewest, most = _PHONE_DIGITS
    if len(digits) < fewest:
        raise _Wrong(N_("This telephone number is too short: %(count)s digits."), count=len(digits))
    if len(digits) > most:
        raise _Wrong(N_("This telephone number is too long: %(count)s digits."), count=len(digits))
    return number


def _credit_code(text: str) -> str:
    """The code as GB 32100 writes it: 18 signs, the last a check character."""
    code = uscc.compact(unicodedata.normalize("NFKC", text).replace(".", ""))
    if len(code) != _CODE_LENGTH:
        raise _Wrong(N_("A unified social credit code has 18 characters; you typed %(length)s."), length=len(code))
    for sign in code:
        if sign in _CODE_LOOKALIKES:
            raise _Wrong(
                N_("The code never has the letter %(letter)s; it is probably the digit %(digit)s."),
                letter=sign,
                digit=_CODE_LOOKALIKES[sign],
            )
        if sign == "V":
            raise _Wrong(N_("The code never has the letter V; it is probably U or Y."))
        if sign not in _CODE_ALPHABET:
            raise _Wrong(
                N_("The code has only digits and capital letters; “%(sign)s” does not belong in it."), sign=sign
            )
    if not code[:8].isdigit():
        raise _Wrong(N_("The first eight characters of the code are digits. Please check them."))
    try:
        return str(uscc.validate(code))
    except ValidationError:
        raise _slip(code) from None


def _slip(code: str) -> _Wrong:
    swaps = [
        place
        for place in range(_CODE_LENGTH - 1)
        if code[place] != code[place + 1]
        and uscc.is_valid(code[:place] + code[place + 1] + code[place] + code[place + 2 :])
    ]
    if len(swaps) == 1:
        place = swaps[0]
        return _Wrong(
            N_(
                "The check character does not fit. Perhaps “%(pair)s” (characters %(first)s and %(second)s) is swapped."
            ),
            pair=code[place : place + 2],
            first=place + 1,
            second=place + 2,
        )
    return _Wrong(N_("The check character at the end does not fit: one character is probably mistyped."))
