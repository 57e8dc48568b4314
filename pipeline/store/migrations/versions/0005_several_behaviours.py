"""A bout may show several behaviours at once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Give bouts a column for what else they show; of those that are there, nothing else is known."""
    op.add_column("bout", sa.Column("also", sa.Text()))
