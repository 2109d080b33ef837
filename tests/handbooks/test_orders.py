"""Orders of a server: printed once however many wait, told how far they are, tried anew after a failure."""

import shutil
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from markupsafe import Markup

from handbooks import selection
from handbooks.composition import OwnCase
from handbooks.materials import PressFailed
from handbooks.orders import UNFINISHED_MOST, Order, Orders, TooManyOrders
from handbooks.press import Press
from handbooks.selection import Handbook
from tests.handbooks.conftest import TODAY, writer_of

WAIT_SECONDS = 60
BOOK = selection.from_code("sg-copyright-preparing-planning-en")


def finished(orders: Orders) -> Order[Path]:
    end = time.monotonic() + WAIT_SECONDS
    while (order := orders.ask(BOOK, writer_of(BOOK))).goes_on:
        assert time.monotonic() < end
        time.sleep(0.1)
    return order


@pytest.fixture(scope="session")
def sections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sections of the book, printed ahead as a hall does."""
    folder = tmp_path_factory.mktemp("sections")
    with Press(folder) as press:
        press.print_joined(BOOK, writer_of(BOOK))
    return folder / "sections"


@pytest.fixture
def orders(tmp_path: Path, sections: Path) -> Orders:
    shutil.copytree(sections, tmp_path / "sections")
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


def test_what_can_be_printed_stays_there_while_the_other_edition_is_made_again(orders: Orders) -> None:
    order = finished(orders)
    assert order.phone is not None
    order.phone.unlink()
    again = orders.ask(BOOK, writer_of(BOOK))
    assert again.paper == order.paper
    assert again.phone is None
    assert again.goes_on
    assert finished(orders).is_kept
    orders.close()


def test_what_is_for_paper_goes_before_what_is_for_reading(orders: Orders) -> None:
    first = orders.ask(BOOK, writer_of(BOOK), asker="192.0.2.1")
    second = orders.ask(small_book("mark"), writer_of(small_book("mark")), asker="192.0.2.2")
    assert not second.has_begun
    until(lambda: second.paper is not None)
    assert first.paper is not None
    assert first.phone is None  # its turn comes when nobody waits for paper
    until(lambda: not first.goes_on and not second.goes_on)
    assert first.is_kept
    assert second.is_kept
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


def own_case() -> OwnCase:
    return OwnCase("BJ-2026-00001", (), ("Sign nothing.",), (), Markup("<svg/>"), "https://hall.example/case", TODAY)


def small_book(right: str) -> Handbook:
    return selection.from_code(f"sg-{right}-preparing-planning-en")


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_handbook_with_a_case_is_held_in_memory_alone(orders: Orders, tmp_path: Path) -> None:
    def ask(*, is_for_reading: bool) -> Order[bytes]:
        return orders.ask_own(BOOK, writer_of(BOOK), own_case(), is_for_reading=is_for_reading)

    until(lambda: not ask(is_for_reading=True).goes_on)
    order = ask(is_for_reading=True)
    assert order.paper is not None
    assert order.phone is not None
    with pikepdf.open(BytesIO(order.phone)) as tagged, pikepdf.open(BytesIO(order.paper)) as joined:
        assert tagged.Root.MarkInfo.Marked
        assert len(tagged.pages) == len(joined.pages)
    until(lambda: not ask(is_for_reading=False).goes_on)
    assert ask(is_for_reading=False).phone is None
    assert not [path for path in tmp_path.rglob("*.pdf") if b"BJ-2026-00001" in path.read_bytes()]
    assert not list(tmp_path.glob(".once-*"))
    orders.close()


def test_who_holds_a_case_or_stands_in_the_hall_is_served_first(orders: Orders) -> None:
    served: list[str] = []
    strangers = [small_book(right) for right in ("mark", "patent")]
    waiting = [orders.ask(book, writer_of(book), asker="192.0.2.1") for book in strangers]
    own = orders.ask_own(BOOK, writer_of(BOOK), own_case(), is_for_reading=False)
    hall = orders.ask(BOOK, writer_of(BOOK))

    named: dict[str, Order[bytes] | Order[Path]] = {"own": own, "hall": hall}
    named |= {order.handbook.code: order for order in waiting}

    def look() -> bool:
        served.extend(name for name, order in named.items() if not order.goes_on and name not in served)
        return len(served) == len(named)

    until(look)
    # The first stranger was at the press already; nobody is interrupted.
    assert served.index("own") <= 1
    assert served.index("hall") <= 2
    orders.close()


def test_one_address_cannot_fill_the_line(orders: Orders) -> None:
    books = [
        selection.from_code(f"{country}-mark-en") for country in ("de", "fr", "it", "es", "nl", "pl", "gb", "us", "jp")
    ]
    for book in books[:UNFINISHED_MOST]:
        orders.ask(book, writer_of(book), asker="192.0.2.1")
    with pytest.raises(TooManyOrders):
        orders.ask(books[-1], writer_of(books[-1]), asker="192.0.2.1")
    orders.ask(books[0], writer_of(books[0]), asker="192.0.2.1")  # what is in the line may be asked after
    assert orders.ask(books[-1], writer_of(books[-1]), asker="192.0.2.2").goes_on
    assert orders.ask(BOOK, writer_of(BOOK)).goes_on
    orders.close()


def test_the_line_goes_on_after_a_fault_that_nobody_foresaw(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    real = Press.print_joined
    monkeypatch.setattr(Press, "print_joined", fail)
    assert finished(orders).failure is not None
    monkeypatch.setattr(Press, "print_joined", real)
    assert finished(orders).is_kept
    orders.close()


def test_whoever_closes_does_not_wait_for_the_line(orders: Orders) -> None:
    waiting = [orders.ask(small_book(right), writer_of(BOOK)) for right in ("mark", "patent", "design")]
    orders.close()
    assert not waiting[-1].is_ready
