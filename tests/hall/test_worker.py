"""The background work, on the queue of either database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from huey.consumer import Consumer

from hall import worker
from hall.accounts import actions as accounts
from hall.accounts.rules import SessionKind
from hall.database import Database
from hall.notices import actions as notices
from hall.settings import Settings


def test_a_job_goes_through_the_queue_and_does_its_work(settings: Settings, database: Database) -> None:
    now = datetime.now(UTC)
    with database.work() as session:
        notices.queue_mail(session, to="a@example.com", subject="S", body="B\n", now=now - timedelta(seconds=1))
    queue = worker.open_queue(settings, database)
    sweeps = {task.name: task for task in queue.read_periodic(datetime(2026, 3, 3, 10, 17))}  # noqa: DTZ001
    assert set(sweeps) == {"send_mails", "print_handbooks", "pass_on_offers", "clean_up", "clear_the_shelf"}
    for task in sweeps.values():
        queue.enqueue(task)
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
    assert len(list(Path(settings.mail_folder).glob("*.eml"))) == 1
    _close(queue)


def test_stale_sessions_are_swept(settings: Settings, database: Database) -> None:
    with database.work() as session:
        accounts.begin_session(session, SessionKind.VISIT, now=datetime.now(UTC) - timedelta(days=2), data={})
    assert worker.sweep_sessions(database) == 1


def test_the_embedded_consumer_leaves_the_signals_to_the_server(settings: Settings, database: Database) -> None:
    queue = worker.open_queue(settings, database)
    consumer = worker.EmbeddedConsumer(queue, workers=1, worker_type="thread", periodic=True)
    assert isinstance(consumer, Consumer)
    consumer.start()
    consumer.stop(graceful=True)
    _close(queue)


def _close(queue: object) -> None:
    queue.storage.close()  # type: ignore[attr-defined]
