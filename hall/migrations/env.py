"""Runs the migrations on the connection that hall.database hands over."""

from typing import Literal

from alembic import context

import hall.tables  # noqa: F401  every mapped class must be known
from hall.database import Base, Instant


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our moment type into new migrations as what it is in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
