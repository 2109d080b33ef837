"""What an editor or the one who runs the hall types: `flask handbooks …`."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
from handbooks.composition import Writer
from handbooks.press import Press, PressFailed
from handbooks.selection import FORMS, RIGHTS, ROLES, STAGES, Handbook, NotPrinted
from handbooks.shelf import LANGUAGES, InvalidChapter
from windows.prose import UnknownReference

group = AppGroup("handbooks", help="Print the handbooks, build the series, and check what is in them.")
TAGS = {tag: locale for locale, tag in LANGUAGES.items()} | {locale: locale for locale in LANGUAGES}
LANGUAGE = click.option("--lang", type=click.Choice(sorted(TAGS)), help="Language, as tag or locale.")
FORM = click.option("--form", type=click.Choice(list(FORMS)), default="a4", show_default=True)


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
    form: str,
    edition: str | None,
    output: Path | None,
) -> None:
    """Print the handbook of up to five markets (US DE), of a window (window-eu), or of a whole code (US-mark-en)."""
    language = TAGS[lang or "en"]
    try:
        handbook = _asked(codes, language, form, rights=_split(rights), roles=_split(roles), stages=_split(stages))
    except NotPrinted as refused:
        _refuse(say("en", refused.message, refused.params))
    path = output or Path(f"{handbook.code}.pdf")
    with _broken_refused(), Press(_settings().handbook_folder) as press:
        try:
            printed = _printed(press, handbook, edition or ("paper" if form == "booklet" else "accessible"))
        except PressFailed as failed:
            _refuse(say("en", failed.message, failed.params))
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(printed, path)
    click.echo(f"{path}: {handbook.code}")


@group.command()
@click.argument("codes", metavar="[CODE]…", nargs=-1)
@LANGUAGE
@FORM
@click.option("--jobs", type=click.IntRange(1, 32), help="How many at a time; as many as there are cores if missing.")
def build(codes: tuple[str, ...], lang: str | None, form: str, jobs: int | None) -> None:
    """Print the series ahead, whole books and the sections of personal ones; what is printed already is kept.

    The whole series, or the books of the markets or windows CODE alone (US window-eu).
    """
    began = time.monotonic()
    series = [one for one in selection.all_handbooks(form) if lang is None or one.language == TAGS[lang]]
    places = {code.lower() for code in codes} or {one.place_code.lower() for one in series}
    wanted = [one for one in series if one.place_code.lower() in places]
    unknown = places - {one.place_code.lower() for one in wanted}
    if unknown:
        _refuse(f"no market and no window of the series: {', '.join(sorted(unknown))}")
    printed = failed = 0
    presses, writer_of = jobs or os.cpu_count() or 1, _writers()
    with _broken_refused(), building.crew(_settings().handbook_folder, presses, writer_of) as crew:
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
@click.option("--port", type=int, default=8008, show_default=True)
def preview(code: str, port: int) -> None:
    """Show the handbook CODE (US-en, window-eu-zh-Hans, …) in the browser, and anew whenever a file changes."""
    try:
        handbook = selection.from_code(code)
    except NotPrinted as refused:
        _refuse(say("en", refused.message, refused.params))
    click.echo(f"http://127.0.0.1:{port}/")
    previewing.serve(handbook.code, port)


# Printing


def _asked(
    codes: tuple[str, ...], language: str, form: str, *, rights: list[str], roles: list[str], stages: list[str]
) -> Handbook:
    if not (rights or roles or stages) and len(codes) == 1:
        [code] = codes
        if "-" in code and not code.lower().startswith("window-"):
            return selection.from_code(code)
        return selection.from_code(f"{code}-{LANGUAGES[language]}" + ("" if form == "a4" else f"-{form}"))
    return selection.own(codes, language, rights=rights, roles=roles, stages=stages, form=form)


@contextmanager
def _broken_refused() -> Iterator[None]:
    """Say which chapter is broken, where one is, and end."""
    try:
        yield
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
    today = _today()
    return lambda handbook: composition.writer(handbook.language, languages.catalogue(handbook.language), today=today)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["hall_settings"]
    return settings


def _today() -> date:
    return datetime.now(UTC).astimezone(_settings().zone).date()


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)
