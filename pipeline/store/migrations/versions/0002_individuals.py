"""The registry of known individuals: people's decisions, what they come to, flank views and candidates."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of the registry; nothing that is there changes."""
    _decision()
    _individual()
    _sighting()
    _rejection()
    _identified_track()
    _flank_view()
    _candidate()


def _decision() -> None:
    op.create_table(
        "individual_decision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint("who <> ''", name=op.f("ck_individual_decision_who")),
        sa.CheckConstraint("(kind = 'undo') = (undoes IS NOT NULL)", name=op.f("ck_individual_decision_undoes")),
        sa.CheckConstraint(
            "kind IN ('new', 'confirm', 'reject', 'merge', 'link', 'split', 'rename', 'set', 'undo')",
            name=op.f("ck_individual_decision_kind"),
        ),
        sa.ForeignKeyConstraint(["undoes"], ["individual_decision.number"], name=op.f("fk_individual_decision_undoes")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_individual_decision")),
    )


def _individual() -> None:
    op.create_table(
        "individual",
        sa.Column("individual_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("species", sa.Text()),
        sa.Column("sex", sa.Text()),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("former_codes", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("born", sa.Text()),
        sa.Column("died", sa.Text()),
        sa.Column("mother_id", sa.Integer()),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.CheckConstraint("sex IN ('female', 'male')", name=op.f("ck_individual_sex")),
        sa.ForeignKeyConstraint(
            ["individual_id"], ["individual_decision.number"], name=op.f("fk_individual_individual_id")
        ),
        sa.PrimaryKeyConstraint("individual_id", name=op.f("pk_individual")),
        sa.UniqueConstraint("code", name=op.f("uq_individual_code")),
    )


def _sighting() -> None:
    op.create_table(
        "sighting",
        sa.Column("sighting_id", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("w", sa.Double(), nullable=False),
        sa.Column("h", sa.Double(), nullable=False),
        sa.Column("flanks", sa.JSON(), nullable=False),
        sa.Column("individual_id", sa.Integer()),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.CheckConstraint("start_s <= end_s", name=op.f("ck_sighting_span")),
        sa.ForeignKeyConstraint(["decision"], ["individual_decision.number"], name=op.f("fk_sighting_decision")),
        sa.ForeignKeyConstraint(
            ["individual_id"], ["individual.individual_id"], name=op.f("fk_sighting_individual_id")
        ),
        sa.ForeignKeyConstraint(["media_id"], ["media.media_id"], name=op.f("fk_sighting_media_id")),
        sa.PrimaryKeyConstraint("sighting_id", name=op.f("pk_sighting")),
    )
    op.create_index(op.f("ix_sighting_individual_id"), "sighting", ["individual_id"])
    op.create_index(op.f("ix_sighting_media_id"), "sighting", ["media_id"])


def _rejection() -> None:
    op.create_table(
        "rejection",
        sa.Column("sighting_id", sa.Text(), nullable=False),
        sa.Column("individual_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["individual_id"], ["individual.individual_id"], name=op.f("fk_rejection_individual_id")
        ),
        sa.ForeignKeyConstraint(["sighting_id"], ["sighting.sighting_id"], name=op.f("fk_rejection_sighting_id")),
        sa.PrimaryKeyConstraint("sighting_id", "individual_id", name=op.f("pk_rejection")),
    )


def _identified_track() -> None:
    op.create_table(
        "identified_track",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("sighting_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sighting_id"],
            ["sighting.sighting_id"],
            name=op.f("fk_identified_track_sighting_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.track_id"], name=op.f("fk_identified_track_track_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_identified_track")),
    )
    op.create_index(op.f("ix_identified_track_sighting_id"), "identified_track", ["sighting_id"])


def _flank_view() -> None:
    op.create_table(
        "flank_view",
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("flank", sa.Text(), nullable=False),
        sa.Column("flank_probability", sa.Double(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.Column("picture_path", sa.Text(), nullable=False),
        sa.Column("pattern_path", sa.Text()),
        sa.CheckConstraint("flank IN ('left', 'right', 'other')", name=op.f("ck_flank_view_flank")),
        sa.CheckConstraint("flank_probability BETWEEN 0 AND 1", name=op.f("ck_flank_view_flank_probability")),
        sa.CheckConstraint("quality BETWEEN 0 AND 1", name=op.f("ck_flank_view_quality")),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.track_id"], name=op.f("fk_flank_view_track_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_flank_view")),
    )
    op.create_index(op.f("ix_flank_view_track_id"), "flank_view", ["track_id"])


def _candidate() -> None:
    op.create_table(
        "candidate",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("individual_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("view_id", sa.Text()),
        sa.Column("known_view_id", sa.Text()),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.CheckConstraint("score >= 0", name=op.f("ck_candidate_score")),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.track_id"], name=op.f("fk_candidate_track_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", "rank", name=op.f("pk_candidate")),
    )
