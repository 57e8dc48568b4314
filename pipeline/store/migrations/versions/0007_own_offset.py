"""A video keeps whether the camera itself wrote the offset from UTC that its time was read with."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Give videos a column for it; of those that are there, it is not known."""
    op.add_column("media", sa.Column("own_offset", sa.Boolean()))
