"""What people said about flags of an animal's health."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of people's words; nothing that is there changes."""
    op.create_table(
        "flag_word",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("flag_id", sa.Text(), nullable=False),
        sa.Column("individual_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("flag", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('acknowledge', 'dismiss', 'reopen')", name=op.f("ck_flag_word_kind")),
        sa.CheckConstraint("who <> ''", name=op.f("ck_flag_word_who")),
        sa.ForeignKeyConstraint(
            ["individual_id"], ["individual_decision.number"], name=op.f("fk_flag_word_individual_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_flag_word")),
    )
    op.create_index(op.f("ix_flag_word_flag_id"), "flag_word", ["flag_id"])
