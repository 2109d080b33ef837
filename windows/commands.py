"""What an editor or a script types: `flask windows …`."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from hall import entries, languages
from hall.languages import BY_LOCALE, say
from hall.settings import Settings
from windows import asking, checking, directory, exchange, ledger
from windows.asking import AskedWrongly
from windows.deadlines import NotNeeded, RefusedDate

group = AppGroup("windows", help="Look into what the windows know, and check it.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
LANGUAGE = click.option(
    "--lang", "locale", type=click.Choice(sorted(BY_LOCALE)), default="en", help="Language of the words."
)


def install(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.add_command(group)


@group.command()
@click.argument("code")
@click.argument("key", default="")
@AS_JSON
@LANGUAGE
def fact(code: str, key: str, as_json: bool, locale: str) -> None:
    """Show the fact KEY of the country CODE, or all its facts."""
    country = directory.find_country(code.upper())
    if country is None or (key and key not in country.facts):
        known = country.facts if country else [place.code for place in directory.all_countries()]
        _refuse(f"{key or code} is not known; known are {', '.join(known)}")
    facts = [country.facts[key]] if key else list(country.facts.values())
    rows = [exchange.fact_data(country, fact, _in(locale)) for fact in facts]
    if as_json:
        _print_json(rows[0] if key else rows)
        return
    for row in rows:
        click.echo(f"{row['key']:32} {row['value']} {row['unit']}  {row['basis']}  [{row['confidence']}]")


@group.command()
@click.argument("of", metavar="RULE_OR_DOCUMENT")
@click.argument("told", metavar="NAME=DATE…", nargs=-1)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day to count from; the hall's own where missing.")
@AS_JSON
@LANGUAGE
def deadline(of: str, told: tuple[str, ...], today: datetime | None, as_json: bool, locale: str) -> None:
    """Compute the dates of a rule or paper. Further names: way=…, state=…, country=…, and the rules' own questions."""
    pairs = [item.partition("=") for item in told]
    for name, equals, _ in pairs:
        if not equals:
            _refuse(f"{name}: every argument after the rule is written NAME=VALUE")
    try:
        question = asking.ask(of, ((name, value) for name, _, value in pairs))
        found = asking.answer(question, today=today.date() if today else _today())
    except RefusedDate as wrong:
        params = {name: value.isoformat() if isinstance(value, date) else value for name, value in wrong.params.items()}
        _refuse(f"{wrong.name}: {say(locale, wrong.message, params)}")
    except (AskedWrongly, NotNeeded) as wrong:
        _refuse(str(wrong))
    rows = [exchange.deadline_data(one, _in(locale)) for one in found]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        click.echo(
            f"{row['safe'] or row['demanded'] or 'no date':10}  {row['rule']:20} {row['action']}  ({row['basis']})"
        )


@group.command()
def check() -> None:
    """Check files, sources, review times and translations; exit with 1 where something is wrong."""
    wrong = list(checking.examine(_today()))
    for line in wrong:
        click.echo(line)
    click.echo(f"{len(wrong)} things are wrong." if wrong else checking.summary())
    sys.exit(1 if wrong else 0)


@group.command()
def record() -> None:
    """Write into the ledger which facts and rules changed; the page “What changed” shows them."""
    click.echo(f"{ledger.record(_today())} changes recorded.")


@group.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=20, type=click.IntRange(1, 200), help="How many results.")
@AS_JSON
@LANGUAGE
def search(words: tuple[str, ...], limit: int, as_json: bool, locale: str) -> None:
    """Search all that the windows know."""
    language = BY_LOCALE[locale]
    with languages.speaking(current_app, language):
        result = entries.index(language).search(" ".join(words), limit=limit)
    rows = [
        {
            "kind": found.entry.kind,
            "place": list(found.entry.place),
            "title": found.entry.title,
            "snippet": "".join(piece.text for piece in found.snippet),
            "matches": [piece.text for piece in (*found.title, *found.snippet) if piece.is_match],
            "why": [{"term": term, "how": how, "found": word} for term, how, word in found.why],
        }
        for found in result.found
    ]
    if as_json:
        _print_json({"count": result.count, "is_partial": result.is_partial, "results": rows})
        return
    for row in rows:
        click.echo(f"{row['kind']:8} {row['title']}  {row['snippet']}")


def _in(locale: str) -> exchange.Say:
    def said(message: str, params: Mapping[str, object] | None) -> str:
        return say(locale, message, params)

    return said


def _today() -> date:
    return datetime.now(UTC).astimezone(Settings().zone).date()


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)
