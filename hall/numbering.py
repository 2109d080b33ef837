"""Numbers without gaps: each series counts up inside the transaction that uses the number."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from hall.database import Base, hall_of


class RunningNumber(Base):
    """The last number given in a series, such as 'ticket|2026-11-25|U' or 'case|2026'."""

    __tablename__ = "running_number"

    hall: Mapped[str] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


# Every number locks its row; the statements are built once.
_OF_SERIES = (RunningNumber.hall == sa.bindparam("of")) & (RunningNumber.series == sa.bindparam("in"))
RAISE = sa.update(RunningNumber).where(_OF_SERIES).values(last=RunningNumber.last + 1).returning(RunningNumber.last)
LOWER = sa.update(RunningNumber).where(_OF_SERIES).values(last=RunningNumber.last - 1)


def next_number(session: Session, series: str) -> int:
    """Return the next number of a series, from 1; whoever asks at the same time waits for this transaction."""
    connection, place = session.connection(), {"of": hall_of(session), "in": series}
    number = connection.scalar(RAISE, place)
    if number is None:
        # The first of its series: whoever comes second waits for the unique key, then raises the number.
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        values = {"hall": hall_of(session), "series": series, "last": 0}
        connection.execute(insert(RunningNumber).values(**values).on_conflict_do_nothing())
        number = connection.scalar(RAISE, place)
    return int(number or 0)


def give_back(session: Session, series: str) -> None:
    """Undo `next_number` in the same transaction: the number was not needed after all."""
    session.connection().execute(LOWER, {"of": hall_of(session), "in": series})
