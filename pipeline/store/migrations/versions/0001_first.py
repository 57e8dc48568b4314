"""The first schema.

There is no way back from a migration but a copy of the database: people's labels are in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every table and index."""
    _deployment()
    _night()
    _media()
    _analysis()
    _file()
    _label()
    _track()
    _bout()
    _indicator()


def _deployment() -> None:
    op.create_table(
        "deployment",
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("location_id", sa.Text(), nullable=False),
        sa.Column("location_name", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("start_at", MOMENT),
        sa.Column("end_at", MOMENT),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("clock_shift_s", sa.Double(), nullable=False),
        sa.Column("clock_shift_reason", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("camera_model", sa.Text(), nullable=False),
        sa.Column("feature_type", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_deployment_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_deployment_longitude")),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_deployment")),
    )


def _night() -> None:
    op.create_table(
        "night",
        sa.Column("night_id", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("report_path", sa.Text()),
        sa.PrimaryKeyConstraint("night_id", name=op.f("pk_night")),
    )


def _media() -> None:
    op.create_table(
        "media",
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("transient", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("analysis_id", sa.Text()),
        sa.Column("container", sa.Text()),
        sa.Column("codec", sa.Text()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("rotation", sa.Integer()),
        sa.Column("declared_frames", sa.BigInteger()),
        sa.Column("declared_duration_s", sa.Double()),
        sa.Column("declared_fps", sa.Double()),
        sa.Column("decoded_frames", sa.BigInteger()),
        sa.Column("decoded_duration_s", sa.Double()),
        sa.Column("damaged_packets", sa.BigInteger()),
        sa.Column("longest_gap_s", sa.Double()),
        sa.Column("decode_complaint", sa.Text()),
        sa.Column("captured_at", MOMENT),
        sa.Column("camera_clock", sa.Text()),
        sa.Column("time_tag", sa.Text()),
        sa.Column("zone", sa.Text()),
        sa.Column("clock_shift_s", sa.Double()),
        sa.Column("time_notes", sa.JSON(), nullable=False),
        sa.Column("deployment_id", sa.Text()),
        sa.Column("location_id", sa.Text()),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.CheckConstraint("(state = 'failed') = (reason <> '')", name=op.f("ck_media_reason")),
        sa.CheckConstraint("state IN ('pending', 'analysed', 'blank', 'failed')", name=op.f("ck_media_state")),
        sa.CheckConstraint("(captured_at IS NULL) = (camera_clock IS NULL)", name=op.f("ck_media_captured")),
        sa.CheckConstraint("length(media_id) = 16 AND length(sha256) = 64", name=op.f("ck_media_digests")),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.deployment_id"], name=op.f("fk_media_deployment_id")),
        sa.PrimaryKeyConstraint("media_id", name=op.f("pk_media")),
        sa.UniqueConstraint("sha256", name=op.f("uq_media_sha256")),
    )
    op.create_index(op.f("ix_media_captured_at"), "media", ["captured_at"])
    op.create_index(op.f("ix_media_deployment_id"), "media", ["deployment_id"])
    op.create_index(op.f("ix_media_location_id"), "media", ["location_id"])
    op.create_index(op.f("ix_media_state"), "media", ["state"])


def _analysis() -> None:
    op.create_table(
        "analysis",
        sa.Column("analysis_id", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("settings_digest", sa.Text(), nullable=False),
        sa.Column("boxes_path", sa.Text()),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.media_id"], name=op.f("fk_analysis_media_id")),
        sa.PrimaryKeyConstraint("analysis_id", name=op.f("pk_analysis")),
    )
    op.create_index(op.f("ix_analysis_media_id"), "analysis", ["media_id"])


def _file() -> None:
    op.create_table(
        "file",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text()),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("complaint", sa.Text(), nullable=False),
        sa.Column("transient", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.CheckConstraint("complaint <> '' OR media_id IS NOT NULL", name=op.f("ck_file_accounted_for")),
        sa.ForeignKeyConstraint(["media_id"], ["media.media_id"], name=op.f("fk_file_media_id")),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_file")),
    )
    op.create_index(op.f("ix_file_media_id"), "file", ["media_id"])


def _label() -> None:
    op.create_table(
        "label",
        sa.Column("label_id", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("x", sa.Double()),
        sa.Column("y", sa.Double()),
        sa.Column("w", sa.Double()),
        sa.Column("h", sa.Double()),
        sa.Column("behaviour", sa.Text()),
        sa.Column("species", sa.Text()),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_note", sa.Text()),
        sa.CheckConstraint("who <> ''", name=op.f("ck_label_who")),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_label_withdrawn")),
        sa.CheckConstraint(
            "(x IS NULL) = (w IS NULL) AND (y IS NULL) = (h IS NULL) AND (x IS NULL) = (y IS NULL)",
            name=op.f("ck_label_box"),
        ),
        sa.CheckConstraint("behaviour IS NOT NULL OR species IS NOT NULL", name=op.f("ck_label_says_something")),
        sa.CheckConstraint("start_s <= end_s", name=op.f("ck_label_span")),
        sa.ForeignKeyConstraint(["media_id"], ["media.media_id"], name=op.f("fk_label_media_id")),
        sa.PrimaryKeyConstraint("label_id", name=op.f("pk_label")),
    )
    op.create_index(op.f("ix_label_media_id"), "label", ["media_id"])


def _track() -> None:
    op.create_table(
        "track",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("analysis_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kind_probability", sa.Double(), nullable=False),
        sa.Column("species", sa.Text(), nullable=False),
        sa.Column("species_probability", sa.Double(), nullable=False),
        sa.Column("species_scores", sa.JSON(), nullable=False),
        sa.Column("human_species", sa.Text()),
        sa.Column("species_label_id", sa.Text()),
        sa.Column("effective_species", sa.Text(), sa.Computed("coalesce(human_species, species)", persisted=True)),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("seen_share", sa.Double(), nullable=False),
        sa.Column("median_height", sa.Double(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('animal', 'person', 'vehicle', 'unknown')", name=op.f("ck_track_kind")),
        sa.CheckConstraint("kind_probability BETWEEN 0 AND 1", name=op.f("ck_track_kind_probability")),
        sa.CheckConstraint("seen_share BETWEEN 0 AND 1", name=op.f("ck_track_seen_share")),
        sa.CheckConstraint("species_probability BETWEEN 0 AND 1", name=op.f("ck_track_species_probability")),
        sa.CheckConstraint("start_s <= end_s", name=op.f("ck_track_span")),
        sa.ForeignKeyConstraint(["analysis_id"], ["analysis.analysis_id"], name=op.f("fk_track_analysis_id")),
        sa.ForeignKeyConstraint(["media_id"], ["media.media_id"], name=op.f("fk_track_media_id")),
        sa.ForeignKeyConstraint(["species_label_id"], ["label.label_id"], name=op.f("fk_track_species_label_id")),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_track")),
    )
    op.create_index(op.f("ix_track_effective_species"), "track", ["effective_species"])
    op.create_index(op.f("ix_track_kind"), "track", ["kind"])
    op.create_index(op.f("ix_track_media_id"), "track", ["media_id"])


def _bout() -> None:
    op.create_table(
        "bout",
        sa.Column("bout_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("behaviour", sa.Text(), nullable=False),
        sa.Column("human_behaviour", sa.Text()),
        sa.Column("behaviour_label_id", sa.Text()),
        sa.Column(
            "effective_behaviour", sa.Text(), sa.Computed("coalesce(human_behaviour, behaviour)", persisted=True)
        ),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("censored_start", sa.Boolean(), nullable=False),
        sa.Column("censored_end", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("clip_path", sa.Text()),
        sa.Column("poster_path", sa.Text()),
        sa.Column("clip_start_s", sa.Double()),
        sa.Column("clip_end_s", sa.Double()),
        sa.Column("quality_size", sa.Double()),
        sa.Column("quality_sharpness", sa.Double()),
        sa.Column("quality_wholeness", sa.Double()),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name=op.f("ck_bout_probability")),
        sa.CheckConstraint("start_s <= end_s", name=op.f("ck_bout_span")),
        sa.ForeignKeyConstraint(["behaviour_label_id"], ["label.label_id"], name=op.f("fk_bout_behaviour_label_id")),
        sa.ForeignKeyConstraint(["media_id"], ["media.media_id"], name=op.f("fk_bout_media_id")),
        sa.ForeignKeyConstraint(["track_id"], ["track.track_id"], name=op.f("fk_bout_track_id")),
        sa.PrimaryKeyConstraint("bout_id", name=op.f("pk_bout")),
    )
    op.create_index(op.f("ix_bout_effective_behaviour"), "bout", ["effective_behaviour"])
    op.create_index(op.f("ix_bout_media_id"), "bout", ["media_id"])
    op.create_index(op.f("ix_bout_track_id"), "bout", ["track_id"])


def _indicator() -> None:
    op.create_table(
        "indicator",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("rests_on_s", sa.Double(), nullable=False),
        sa.Column("not_assessable", sa.Text(), nullable=False),
        sa.CheckConstraint("(value IS NULL) = (not_assessable <> '')", name=op.f("ck_indicator_value_or_reason")),
        sa.ForeignKeyConstraint(["track_id"], ["track.track_id"], name=op.f("fk_indicator_track_id")),
        sa.PrimaryKeyConstraint("track_id", "name", name=op.f("pk_indicator")),
    )
