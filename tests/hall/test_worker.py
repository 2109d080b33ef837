"""The background work, on the queue of either database."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
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


@pytest.mark.only_on("postgresql")
def test_several_threads_may_close_the_queue_at_once(settings: Settings, database: Database) -> None:
    queue = worker.open_queue(settings, database)
    together = Barrier(8)

    def close() -> bool:
        together.wait()
        return bool(queue.storage.close())

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns as often as they can: a race shows
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(200):
                queue.pending_count()  # opens the shared connection anew
                assert sum(one.result() for one in [pool.submit(close) for _ in range(8)]) == 1
    finally:
        sys.setswitchinterval(usual)


def _close(queue: object) -> None:
    queue.storage.close()  # type: ignore[attr-defined]
