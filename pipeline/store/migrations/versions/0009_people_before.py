"""A video knows what people and vehicles an earlier analysis saw in it that the last one does not."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Give videos a column for them; of those that are there, what earlier analyses saw is not known any more."""
    op.add_column("media", sa.Column("people_before", sa.Text()))
