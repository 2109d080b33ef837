"""Work in the background: sweeps that may be repeated at any time, so that a lost job loses nothing."""

import atexit
import logging
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from flask import Flask
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.storage import PostgresStorage

from hall import letters
from hall.accounts import actions as accounts
from hall.database import Database
from hall.matching import actions as matching
from hall.notices import actions as notices
from hall.notices import post
from hall.prints import actions as prints
from hall.settings import Settings
from handbooks import press

MINUTELY = crontab(minute="*")
HOURLY = crontab(minute="17")


class _Storage(PostgresStorage):  # type: ignore[misc]  # huey brings no types
    """The queue in PostgreSQL, which several threads may close at once: huey looks before it takes its own lock."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._closing = Lock()
        super().__init__(*arguments, **options)

    def close(self) -> bool:
        """Close the connections of this thread and the shared one; return whether that was open."""
        with self._closing:
            return bool(super().close())


class EmbeddedConsumer(Consumer):  # type: ignore[misc]  # huey brings no types
    """A consumer whose threads live in the server's process and leave its signals alone."""

    def _set_signal_handlers(self) -> None:
        """Signals belong to the server."""

    def _create_process(self, process: Any, name: str) -> Any:
        # Each thread has a connection to PostgreSQL of its own, which huey leaves open when the thread ends.
        if isinstance(self.huey, PostgresHuey):
            end = process.shutdown

            def shutdown() -> None:
                try:
                    end()
                finally:
                    self.huey.storage.close()

            process.shutdown = shutdown
        return super()._create_process(process, name)


def open_queue(settings: Settings, database: Database) -> Huey:
    """Return the job queue with the hall's sweeps: in its own SQLite file, or in PostgreSQL where the hall is."""
    queue = _open_storage(settings)

    def send_mails() -> int:
        return sweep_mails(settings, database)

    def pass_on_offers() -> int:
        return sweep_offers(settings, database)

    def clean_up() -> int:
        return sweep_sessions(database)

    def clear_the_shelf() -> int:
        return press.forget_oldest(settings.handbook_folder)

    def print_handbooks() -> int:
        return prints.sweep(database, now=datetime.now(UTC))

    queue.periodic_task(MINUTELY)(send_mails)
    queue.periodic_task(MINUTELY)(print_handbooks)
    queue.periodic_task(MINUTELY)(pass_on_offers)
    queue.periodic_task(HOURLY)(clean_up)
    queue.periodic_task(HOURLY)(clear_the_shelf)
    return queue


def sweep_mails(settings: Settings, database: Database) -> int:
    """Send the mails whose time has come; return how many left."""
    send = post.over_smtp(settings.mail_url) if settings.mail_url else post.to_folder(settings.mail_folder)
    return notices.send_due(database, send, sender=settings.mail_from, now=datetime.now(UTC))


def sweep_offers(settings: Settings, database: Database) -> int:
    """Take back the offers nobody answered in time and pass the cases on; return how many."""
    with database.work() as session:
        return matching.pass_on_overdue(
            session, now=datetime.now(UTC), hours=settings.hours, tell=letters.teller(settings)
        )


def sweep_sessions(database: Database) -> int:
    """Delete what visits and sign-ins left behind; return how many sessions."""
    with database.work() as session:
        return accounts.end_stale_sessions(session, now=datetime.now(UTC))


def run(queue: Huey) -> None:
    """Do the background work in this process until it is told to stop."""
    queue.create_consumer(workers=2, worker_type="thread", periodic=True).run()


def embed(app: Flask) -> None:
    """Start the background work in threads of the server's process, where the settings say so."""
    settings: Settings = app.extensions["hall_settings"]
    if settings.jobs != "embedded":
        return
    logging.getLogger("huey").setLevel(logging.ERROR)
    queue = open_queue(settings, app.extensions["hall_database"])
    consumer = EmbeddedConsumer(queue, workers=1, worker_type="thread", periodic=True, check_worker_health=False)
    consumer.start()
    atexit.register(consumer.stop)


def _open_storage(settings: Settings) -> Huey:
    address = settings.database_address
    if address.startswith("postgresql"):
        dsn = address.replace("postgresql+psycopg://", "postgresql://")
        return PostgresHuey("hall", dsn=dsn, results=False, storage_class=_Storage)
    settings.database_folder.mkdir(parents=True, exist_ok=True)
    # Python's own SQLite may be older than the first safe one in WAL mode; a rollback journal is safe with all.
    return SqliteHuey(
        "hall", filename=str(settings.database_folder / "jobs.db"), journal_mode="delete", fsync=True, results=False
    )
