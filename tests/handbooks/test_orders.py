"""Orders of a server: printed once however many wait, told how far they are, tried anew after a failure."""

import time
from pathlib import Path

import pytest

from handbooks import selection
from handbooks.orders import Order, Orders
from handbooks.press import Press, PressFailed
from tests.handbooks.conftest import writer_of

WAIT_SECONDS = 60
BOOK = selection.from_code("sg-copyright-preparing-planning-en")


def finished(orders: Orders) -> Order:
    end = time.monotonic() + WAIT_SECONDS
    while (order := orders.ask(BOOK, writer_of(BOOK))).goes_on:
        assert time.monotonic() < end
        time.sleep(0.1)
    return order


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    return Orders(tmp_path)


def test_whoever_waits_gets_the_same_order_until_both_editions_are_there(orders: Orders) -> None:
    first, second = (orders.ask(BOOK, writer_of(BOOK)) for _ in range(2))
    assert first is second
    order = finished(orders)
    assert order.is_kept
    assert order.done == order.total
    assert order.paper != order.phone
    orders.close()


def test_files_that_were_taken_away_are_printed_again(orders: Orders) -> None:
    order = finished(orders)
    assert order.phone is not None
    order.phone.unlink()
    again = finished(orders)
    assert again is not order
    assert again.is_kept
    orders.close()


def test_another_server_finds_what_was_printed(orders: Orders, tmp_path: Path) -> None:
    finished(orders)
    orders.close()
    other = Orders(tmp_path)
    assert other.ask(BOOK, writer_of(BOOK)).is_kept
    other.close()


def test_a_failure_is_told_once_and_then_tried_anew(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise PressFailed("memory")

    real = Press.print_whole
    monkeypatch.setattr(Press, "print_whole", fail)
    order = finished(orders)
    assert order.failure is not None
    assert order.paper is not None  # what can be printed is given, though the other edition failed
    monkeypatch.setattr(Press, "print_whole", real)
    again = finished(orders)
    assert again.failure is None
    assert again.is_kept
    orders.close()
