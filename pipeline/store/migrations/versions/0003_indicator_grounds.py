"""What an indicator rests on: how many steps, how sharp, in colour or infrared, how much of the animal in view."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Give the table of indicators its new columns; of those that are there, they are not known.

    SQLite cannot add a rule to a table, so the table is made anew.
    """
    op.execute("CREATE TABLE indicator_before AS SELECT * FROM indicator")
    op.drop_table("indicator")
    op.create_table(
        "indicator",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("rests_on_s", sa.Double(), nullable=False),
        sa.Column("steps", sa.Integer()),
        sa.Column("sharpness", sa.Double()),
        sa.Column("infrared", sa.Boolean()),
        sa.Column("visible_share", sa.Double()),
        sa.Column("not_assessable", sa.Text(), nullable=False),
        sa.CheckConstraint("(value IS NULL) = (not_assessable <> '')", name=op.f("ck_indicator_value_or_reason")),
        sa.CheckConstraint("steps >= 0", name=op.f("ck_indicator_steps")),
        sa.CheckConstraint("sharpness BETWEEN 0 AND 1", name=op.f("ck_indicator_sharpness")),
        sa.CheckConstraint("visible_share BETWEEN 0 AND 1", name=op.f("ck_indicator_visible_share")),
        sa.ForeignKeyConstraint(["track_id"], ["track.track_id"], name=op.f("fk_indicator_track_id")),
        sa.PrimaryKeyConstraint("track_id", "name", name=op.f("pk_indicator")),
    )
    op.execute(
        "INSERT INTO indicator (track_id, name, unit, value, rests_on_s, not_assessable)"
        " SELECT track_id, name, unit, value, rests_on_s, not_assessable FROM indicator_before"
    )
    op.drop_table("indicator_before")
