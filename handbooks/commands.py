"""What an editor or the one who runs the hall types: `flask handbooks …`."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from hall import languages
from hall.languages import say
from hall.settings import Settings
from handbooks import building, checking, composition, selection
from handbooks import preview as previewing
from handbooks.building import Crew
from handbooks.composition import Writer
from handbooks.materials import PressFailed
from handbooks.press import Press
from handbooks.selection import FORMS, RIGHTS, ROLES, STAGES, Handbook, NotPrinted
from handbooks.shelf import LANGUAGES, InvalidChapter
from windows.prose import UnknownReference

group = AppGroup("handbooks", help="Print the handbooks, build the series, and check what is in them.")
TAGS = {tag: locale for locale, tag in LANGUAGES.items()} | {locale: locale for locale in LANGUAGES}
LANGUAGE = click.option("--lang", type=click.Choice(sorted(TAGS)), help="Language, as tag or locale.")
FORM = click.option("--form", type=click.Choice(list(FORMS)), help="A4 if missing.")
FORM_OF_ALL = click.option("--form", type=click.Choice(list(FORMS)), help="All forms if missing.")
JOBS = click.option(
    "--jobs", type=click.IntRange(1, 32), help="How many at a time; as many as there are cores if missing."
)


def install(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.add_command(group)


@group.command()
def check() -> None:
    """Say what is wrong: translations, freshness, references, figures, links, marks left over. Non-zero if anything."""
    with _broken_refused():
        faults = list(checking.examine(_today(), {locale: languages.catalogue(locale) for locale in LANGUAGES}))
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    click.echo(checking.summary())


@group.command()
@click.argument("codes", metavar="[CODE]…", nargs=-1)
@LANGUAGE
@FORM_OF_ALL
@JOBS
def proof(codes: tuple[str, ...], lang: str | None, form: str | None, jobs: int | None) -> None:
    """Lay the books out and say where words leave their box or a heading stands alone. Non-zero if anywhere.

    The whole series, or the books of the markets or windows CODE alone (US window-eu), or any whole code
    (DE.US-mark-en-large).
    """
    whole = [code for code in codes if code.lower().endswith(_ENDS)]
    places = [code for code in codes if code not in whole]
    try:
        wanted = [selection.from_code(code) for code in whole]
    except NotPrinted as refused:
        _refuse(say("en", refused.message, refused.params))
    if places or not whole:
        wanted += [one for each in ([form] if form else FORMS) for one in _series(places, lang, each)]
    is_amiss = False
    with _broken_refused(), _crew(jobs) as crew:
        for code, found in crew.proof(wanted):
            for line in [say("en", found.message, found.params)] if isinstance(found, PressFailed) else found:
                is_amiss = True
                click.echo(f"{code}: {line}")
    if is_amiss:
        sys.exit(1)
    click.echo(f"{len(wanted)} handbook{'' if len(wanted) == 1 else 's'}: every word in its box.")


@group.command(name="print")
@click.argument("codes", metavar="CODE…", nargs=-1, required=True)
@click.option("--rights", multiple=True, help=f"Of {', '.join(RIGHTS)}; several with commas.")
@click.option("--role", "roles", multiple=True, help=f"Of {', '.join(ROLES)}; several with commas.")
@click.option("--stage", "stages", multiple=True, help=f"Of {', '.join(STAGES)}; several with commas.")
@LANGUAGE
@FORM
@click.option(
    "--edition",
    type=click.Choice(["accessible", "paper"]),
    help="Tagged (PDF/UA), or joined for the printer; a booklet is for the printer where nothing is said.",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; else named by the code.")
def print_(
    codes: tuple[str, ...],
    rights: tuple[str, ...],
    roles: tuple[str, ...],
    stages: tuple[str, ...],
    lang: str | None,
    form: str | None,
    edition: str | None,
    output: Path | None,
) -> None:
    """Print the handbook of up to five markets (US DE), of a window (window-eu), or of a whole code (US-mark-en)."""
    for name, given in (("rights", rights), ("role", roles), ("stage", stages)):
        if any(not _split([one]) for one in given):
            _refuse(f"--{name} names nothing: leave it out for all")
    choices = {"rights": _split(rights), "roles": _split(roles), "stages": _split(stages)}
    try:
        handbook = _asked(_split(codes), lang, form, choices)
    except NotPrinted as refused:
        _refuse(say("en", refused.message, refused.params))
    path = output or Path(f"{handbook.code}.pdf")
    with _refused_by_the_disk(path):  # before the work is done, not after
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(13, "Permission denied")
    with _broken_refused(), Press(_settings().handbook_folder) as press:
        try:
            printed = _printed(press, handbook, edition or ("paper" if handbook.form == "booklet" else "accessible"))
        except PressFailed as failed:
            _refuse(say("en", failed.message, failed.params))
    with _refused_by_the_disk(path):
        shutil.copyfile(printed, path)
    click.echo(f"{path}: {handbook.code}")


@group.command()
@click.argument("codes", metavar="[CODE]…", nargs=-1)
@LANGUAGE
@FORM
@JOBS
def build(codes: tuple[str, ...], lang: str | None, form: str | None, jobs: int | None) -> None:
    """Print the series ahead, whole books and the sections of personal ones; what is printed already is kept.

    The whole series, or the books of the markets or windows CODE alone (US window-eu).
    """
    began = time.monotonic()
    wanted = _series(codes, lang, form or "a4")
    printed = failed = 0
    with _broken_refused(), _crew(jobs) as crew:
        for name, done in crew.build(wanted):
            if isinstance(done, PressFailed):
                failed += 1
                click.echo(f"{name}: {say('en', done.message, done.params)}", err=True)
            elif done:
                printed += 1
        peak = crew.peak_kilobytes // 1024
    click.echo(
        f"{len(wanted)} handbooks; {printed} files printed, {failed} failed, "
        f"{time.monotonic() - began:.0f} s, at most {peak} MB in one worker."
    )
    sys.exit(1 if failed else 0)


@group.command()
@click.argument("code")
@click.option("--port", type=click.IntRange(1, 65535), default=8008, show_default=True)
def preview(code: str, port: int) -> None:
    """Show the handbook CODE (US-en, window-eu-zh-Hans, …) in the browser, and anew whenever a file changes."""
    try:
        handbook = _asked([code], None, None, {})
    except NotPrinted as refused:
        _refuse(say("en", refused.message, refused.params))
    click.echo(f"http://127.0.0.1:{port}/")
    previewing.serve(handbook.code, port)


# The series


def _series(codes: Sequence[str], lang: str | None, form: str) -> list[Handbook]:
    """Return the books of the series in a form, of some markets and windows alone where codes are given."""
    series = [one for one in selection.all_handbooks(form) if lang is None or one.language == TAGS[lang]]
    places = {code.lower().replace("_", "-") for code in codes} or {one.place_code.lower() for one in series}
    unknown = places - {one.place_code.lower() for one in series}
    if unknown:
        _refuse(
            f"no market and no window of the series: {', '.join(sorted(unknown))} (they are named US, DE, window-eu)"
        )
    return [one for one in series if one.place_code.lower() in places]


def _crew(jobs: int | None) -> AbstractContextManager[Crew]:
    return building.crew(_settings().handbook_folder, jobs or os.cpu_count() or 1, _writers())


# Printing


def _asked(codes: list[str], lang: str | None, form: str | None, choices: Mapping[str, list[str]]) -> Handbook:
    """Return the handbook of markets, of a window, or of a whole code. Raises NotPrinted."""
    language, end = TAGS[lang or "en"], "" if form in (None, "a4") else f"-{form}"
    [first, *more] = codes or [""]
    if first.lower().startswith("window-") or "-" in first:
        if more or any(choices.values()):
            _refuse(f"{first} names a whole handbook: give it alone, without --rights, --role and --stage")
        if first.lower().startswith("window-") and not first.lower().endswith(_ENDS):
            return selection.from_code(f"{first}-{LANGUAGES[language]}{end}")
        if not first.lower().endswith(_ENDS):
            _refuse(f"{first} is no code of a handbook (such as DE.US-mark-en); markets are named one by one: US DE")
        if lang or form:
            _refuse(f"{first} names language and form already: leave --lang and --form out")
        return selection.from_code(first)
    return selection.own(codes, language, form=form or "a4", **choices)


_ENDS = tuple(f"-{tag.lower()}{form}" for tag in LANGUAGES.values() for form in ("", *(f"-{form}" for form in FORMS)))
"""How the code of a whole handbook ends."""


@contextmanager
def _refused_by_the_disk(path: Path) -> Iterator[None]:
    """Say why a file cannot be written, and end."""
    try:
        yield
    except OSError as error:
        _refuse(f"{path} cannot be written: {error.strerror}")


@contextmanager
def _broken_refused() -> Iterator[None]:
    """Say which chapter is broken, or which folder cannot be written, where one is, and end."""
    try:
        yield
    except OSError as error:
        _refuse(f"{error.filename or _settings().handbook_folder}: {error.strerror}")
    except InvalidChapter as invalid:
        _refuse(str(invalid))
    except UnknownReference as unknown:
        _refuse(f"a chapter refers to {unknown}, which is not found; `flask handbooks check` tells where")


def _printed(press: Press, handbook: Handbook, edition: str) -> Path:
    writer = _writers()(handbook)
    if edition == "accessible" and handbook.kind != "own":
        return press.print_whole(handbook, writer)
    joined, pages = press.print_joined(handbook, writer)
    if edition == "accessible":
        return press.print_whole(handbook, writer, pages=pages)
    return press.print_sheets(joined) if handbook.form == "booklet" else joined


def _split(given: Iterable[str]) -> list[str]:
    return [code for one in given for code in one.replace(",", " ").split()]


def _writers() -> Callable[[Handbook], Writer]:
    """Return what gives the writer of a handbook, also to a thread that knows no app."""
    today, reach = _today(), _settings().reach
    return lambda handbook: composition.writer(
        handbook.language, languages.catalogue(handbook.language), today=today, reach=reach
    )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["hall_settings"]
    return settings


def _today() -> date:
    return datetime.now(UTC).astimezone(_settings().zone).date()


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)
