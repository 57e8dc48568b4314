"""A content that was only the beginning of a file knows the whole that took its place."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Give videos a column for the whole; of those that are there, none is known to have been half copied."""
    op.add_column("media", sa.Column("superseded_by", sa.Text()))
