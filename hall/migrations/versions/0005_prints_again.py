"""A print job that failed names the one that takes its place.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the job that takes the place of a failed one."""
    op.add_column("print_job", sa.Column("again_id", sa.String(), nullable=True))


def downgrade() -> None:
    """Forget what took the place of failed jobs."""
    op.drop_column("print_job", "again_id")
