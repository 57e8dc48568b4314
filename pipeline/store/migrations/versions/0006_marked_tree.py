"""An analysis keeps which marked tree it was told of."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Give analyses a column for the tree; of those that are there, it is not known."""
    op.add_column("analysis", sa.Column("marked_tree", sa.Text()))
