"""What the operator types: `flask hall …`."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from hall import database, demonstration, diagnosis, events, worker
from hall.accounts import actions as accounts
from hall.accounts import records as people
from hall.accounts.rules import Role
from hall.database import Database
from hall.sealing import read_keys, write_key_file
from hall.settings import HOUSE, Settings

group = AppGroup("hall", help="Set up, serve and look after the hall.")


def install(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.add_command(group)


WITH_DEMONSTRATION = click.option(
    "--demonstration/--no-demonstration", "with_demonstration", default=True, help="Add invented people to a new hall."
)


@group.command()
@WITH_DEMONSTRATION
def setup(with_demonstration: bool) -> None:
    """Make key, folders, tables and demonstration data; what is there already stays as it is."""
    _set_up(with_demonstration)


@group.command()
@WITH_DEMONSTRATION
def serve(with_demonstration: bool) -> None:
    """Set up what is missing, then serve the hall on the configured address until it is stopped."""
    settings = _settings()
    _check_port(settings)
    _set_up(with_demonstration)
    _announce(settings, f"http://{settings.listen_host}:{settings.listen_port}")
    environment = {k: v for k, v in os.environ.items() if k not in ("FLASK_RUN_FROM_CLI", "FLASK_APP")}
    program = [
        str(Path(sys.executable).parent / "granian"),
        *("--interface", "wsgi", "--no-ws", "--log-level", "error"),
        *("--host", settings.listen_host, "--port", str(settings.listen_port)),
        *("--workers", str(settings.server_workers), "--blocking-threads", str(settings.server_threads)),
        *("--respawn-failed-workers", "--working-dir", str(HOUSE), "wsgi:app"),
    ]
    sys.stdout.flush()
    os.execve(program[0], program, environment)  # noqa: S606  our own server, with our own settings


@group.command()
def work() -> None:
    """Do the background work in a process of its own (HALL_JOBS=apart)."""
    worker.run(worker.open_queue(_settings(), current_app.extensions["hall_database"]))


@group.command()
@click.argument("revision", default="head")
def migrate(revision: str) -> None:
    """Bring the tables to REVISION (default: the newest)."""
    with _database() as opened:
        database.upgrade(opened, revision)


@group.command()
@click.option("--anchors", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File of `anchor`.")
def verify(anchors: Path | None) -> None:
    """Check the chain of the event log; exit with 1 where it was changed, cut, swapped or put back."""
    with _database() as opened, opened.reading() as session:
        wrong = [f"event {flaw.seq}: {flaw.what}" for flaw in events.flaws(session)]
        for line in anchors.read_text(encoding="ascii").splitlines() if anchors else ():
            at, seq, mac = line.split()
            if not events.holds_anchor(session, int(seq), mac):
                wrong.append(f"event {seq}: the log is not the one that was anchored at {at}")
        last, mac = events.head_of(session)
    for line in wrong:
        click.echo(line)
    if wrong:
        sys.exit(1)
    click.echo(f"{last} events, no change, no gap. Head: {mac[:16] or 'none'}")


@group.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def anchor(file: Path) -> None:
    """Add the head of the event log to FILE, which should lie on another machine."""
    with _database() as opened, opened.reading() as session:
        last, mac = events.head_of(session)
    with file.open("a", encoding="ascii") as lines:
        lines.write(f"{_now().isoformat(timespec='seconds')} {last} {mac or '-'}\n")


@group.command()
def doctor() -> None:
    """Tell what is missing or wrong, and how to mend it; exit with 1 where something is."""
    findings = list(diagnosis.examine(_settings()))
    for finding in findings:
        click.echo(f"{'ok     ' if finding.good else 'MISSING'}  {finding.what}")
        if not finding.good:
            click.echo(f"         {finding.remedy}")
    sys.exit(0 if all(finding.good for finding in findings) else 1)


@group.group()
def demo() -> None:
    """Invented people and matters, plainly marked as demonstration."""


@demo.command("add")
def demo_add() -> None:
    """Add the demonstration data."""
    settings = _settings()
    with _working() as session:
        added = demonstration.add(session, now=_now(), today=_now().astimezone(settings.zone).date())
    click.echo(f"{added} people, advisors and providers of the demonstration were added.")


@demo.command("remove")
def demo_remove() -> None:
    """Remove the demonstration data, its cases included."""
    with _working() as session:
        removed = demonstration.remove(session, now=_now())
    click.echo(f"{removed} people, advisors, providers and cases of the demonstration were removed.")


@group.group()
def device() -> None:
    """Terminals and boards."""


@device.command("announce")
@click.argument("kind", type=click.Choice(["terminal", "board"]))
@click.argument("name")
def device_announce(kind: str, name: str) -> None:
    """Make room for a device and print its enrolment code (three days)."""
    with _working() as session:
        _, code = accounts.announce_device(session, kind=kind, name=name, now=_now(), actor=events.THE_HALL)
    click.echo(f"On the device, open {_settings().public_address}/en/enrol and type {code}")


@device.command("list")
def device_list() -> None:
    """List the devices."""
    with _working() as session:
        for row in people.all_devices(session):
            state = "revoked" if row.revoked_at else "enrolled" if row.token_hash else "announced"
            click.echo(f"{row.id}  {row.kind:8}  {state:9}  {row.name}")


@device.command("revoke")
@click.argument("device_id")
def device_revoke(device_id: str) -> None:
    """Shut a device out at once."""
    with _working() as session:
        row = session.get(people.Device, device_id)
        if row is None:
            raise click.ClickException("There is no such device.")
        accounts.revoke_device(session, row, now=_now(), actor=events.THE_HALL)


@group.group()
def person() -> None:
    """Accounts of staff."""


@person.command("add")
@click.argument("email")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="A role, or clerk:us for a clerk of a window.")
@click.option("--counter", default="", help="The counter that the person calls to.")
@click.option("--locale", type=click.Choice(["zh_Hans", "en"]), default="zh_Hans")
def person_add(email: str, name: str, roles: tuple[str, ...], counter: str, locale: str) -> None:
    """Open an account; the password is read from the terminal, or from standard input where there is none."""
    password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    grants = [(Role(role), window) for role, _, window in (text.partition(":") for text in roles)]
    with _working() as session:
        row = accounts.open_account(
            session, email=email, name=name, password=password, grants=grants, counter=counter, now=_now()
        )
        row.locale = locale


@person.command("reset-code")
@click.argument("email")
def person_reset_code(email: str) -> None:
    """Take the one-time code off an account whose owner has lost it."""
    with _working() as session:
        row = people.find_person_by_email(session, accounts.fold_email(email))
        if row is None:
            raise click.ClickException("There is no such account.")
        accounts.remove_code(session, row, now=_now(), actor=events.THE_HALL)


def _set_up(with_demonstration: bool) -> None:
    settings = _settings()
    if not settings.key_file.exists():
        write_key_file(settings.key_file)
        click.echo(f"A new master key lies in {settings.key_file}: keep a copy in a safe, apart from the data.")
    with _database() as opened:
        if not database.is_up_to_date(opened):
            database.upgrade(opened)
        opened.check()
        with opened.work() as session:
            if with_demonstration and not people.all_people(session):
                demonstration.add(session, now=_now(), today=_now().astimezone(settings.zone).date())


def _check_port(settings: Settings) -> None:
    # The server shares its port with whoever asks for the same; two halls on one would answer by turns.
    with socket.socket() as probe:
        if probe.connect_ex((settings.listen_host, settings.listen_port)) == 0:
            raise click.ClickException(
                f"Something answers on {settings.listen_host}:{settings.listen_port} already. "
                "Stop it, or set HALL_LISTEN_PORT to another port."
            )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["hall_settings"]
    return settings


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _database() -> Iterator[Database]:
    settings = _settings()
    opened = Database(
        settings.database_address,
        read_keys(settings.key_file),
        hall=settings.code,
        busy_seconds=settings.busy_seconds,
    )
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def _working() -> Iterator[Session]:
    with _database() as opened, opened.work() as session:
        yield session


def _announce(settings: Settings, address: str) -> None:
    click.echo(f"\nThe hall is open:  {address}")
    click.echo(f"  number board     {address}/zh-Hans/board")
    click.echo(f"  staff desk       {address}/zh-Hans/desk")
    click.echo(f"  advisors' desk   {address}/zh-Hans/advisor")
    click.echo(f"  providers' desk  {address}/zh-Hans/provider")
    with _database() as opened, opened.reading() as session:
        shown = [row for row in people.all_people(session, demonstration=True) if row.disabled_at is None]
    if shown:
        click.echo(f"\nDemonstration sign-ins, all with the password: {demonstration.PASSWORD}")
        for row in shown:
            click.echo(f"  {row.email:36} {', '.join(sorted(row.roles))} {' '.join(row.windows)}")
        click.echo("Remove them with: flask hall demo remove\n")
