"""The fields of a form as a page shows them: what was typed stays, what was wrong is said beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext

from hall import presentation
from hall.intake import details
from hall.intake.answers import INSTEAD, Parsed
from hall.intake.questions import NONE, UNSURE, Answers, Field, Page, values_of
from windows.specimens import Drawing


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An answer to choose; a type of paper with its drawing."""

    value: str
    label: str
    hint: str
    chosen: bool
    drawing: Drawing | None = None


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field as a page shows it: what was typed stays, what was wrong is said beside it."""

    key: str
    kind: str
    label: str
    hint: str
    options: tuple[ShownOption, ...]
    typed: Mapping[str, str]
    unsure: bool
    absent: bool
    instead: str
    required: bool
    max_length: int
    error: str

    @property
    def papers(self) -> list[tuple[str, list[ShownOption]]]:
        """The options that are types of paper, under the words for who sends them."""
        drawn = {option.value: option for option in self.options if option.drawing}
        return [(sender, [drawn[code] for code in codes]) for sender, codes in presentation.by_sender(drawn)]

    @property
    def plain(self) -> list[ShownOption]:
        """The options that are no types of paper."""
        return [option for option in self.options if not option.drawing]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Value and label of each option, for a list to choose from."""
        return [(option.value, option.label) for option in self.options]

    @property
    def chosen(self) -> str:
        """The value chosen, or ''."""
        return next((option.value for option in self.options if option.chosen), "")


def shown_fields(
    page: Page, answers: Answers, choices: Mapping[str, Sequence[str]], parsed: Parsed | None
) -> list[ShownField]:
    """Return the fields of a page with what was answered before, or with what was just typed and is wrong."""
    problems = {problem.field: problem for problem in parsed.problems} if parsed else {}
    shown = []
    for field in page.fields:
        problem = problems.get(field.key)
        error = _sentence(problem.msgid, problem.params) if problem else ""
        shown.append(_shown(field, answers, choices, parsed, error))
    return shown


def _shown(
    field: Field, answers: Answers, choices: Mapping[str, Sequence[str]], parsed: Parsed | None, error: str
) -> ShownField:
    values = values_of(answers.get(field.key))
    typed = _typed(field, values)
    if parsed is not None:
        typed |= {name: "\n".join(texts) for name, texts in parsed.kept.items()}
        values = parsed.kept.get(field.key, ())
    instead = typed.get(field.key + INSTEAD, "")
    country = answers.get("country")
    drawings = {
        code: details.drawing(code, country if isinstance(country, str) else "")
        for code in (choices.get(field.source, ()) if field.source == "documents" else ())
    }
    return ShownField(
        key=field.key,
        kind=field.kind,
        label=gettext(field.label),
        hint=gettext(field.hint) if field.hint else "",
        options=tuple(
            ShownOption(value, label, hint, value in values, drawings.get(value))
            for value, label, hint in presentation.options(field, choices.get(field.source, ()))
        ),
        typed=typed,
        unsure=field.unsure,
        absent=field.absent,
        instead=instead,
        required=field.required,
        max_length=field.max_length,
        error=error,
    )


def _typed(field: Field, values: Sequence[str]) -> dict[str, str]:
    value = values[0] if values else ""
    if value in (UNSURE, NONE) and field.kind not in ("choice", "choices"):
        return {field.key + INSTEAD: value}
    if field.kind == "date" and value:
        year, month, day = value.split("-")
        return {f"{field.key}-year": year, f"{field.key}-month": month, f"{field.key}-day": day}
    return {field.key: "\n".join(values)}


def _sentence(message: str, params: Mapping[str, object]) -> str:
    text = str(gettext(message))
    words = {name: presentation.day(value) if isinstance(value, date) else value for name, value in params.items()}
    return text % words if words else text
