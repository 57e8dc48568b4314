"""The tables, as the code expects them. `migrations/` brings a database here; a test holds the two together.

Ids are derived from content. Times inside a video are seconds from its first picture; times of day are UTC.
Boxes are shares (0..1) of the picture. Tables are few and plain, so that SQLite and PostgreSQL hold the same.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

from pipeline.plain_text import from_letters, in_letters

REVISION = "0009"  # of the newest migration

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. SQLite has no such type: there it is text without offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the database.

        Raises:
            ValueError: the datetime is naive, so that nobody can know what it means.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime ({value.isoformat()}) cannot be stored; give it a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AnyText(TypeDecorator[str]):
    """Text that may hold the name of a file or folder, whatever bytes an old card has in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text with a private letter for each byte that is no UTF-8."""
        return None if value is None else in_letters(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as Python's file functions know it."""
        return None if value is None else from_letters(value)


def _share(name: str) -> CheckConstraint:
    return CheckConstraint(f"{name} BETWEEN 0 AND 1", name=name)


def _span() -> CheckConstraint:
    return CheckConstraint("start_s <= end_s", name="span")


deployment = Table(
    "deployment",
    metadata,
    Column("deployment_id", AnyText, primary_key=True),
    Column("location_id", AnyText, nullable=False),
    Column("location_name", AnyText, nullable=False),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("start_at", UtcDateTime),
    Column("end_at", UtcDateTime),
    Column("zone", AnyText, nullable=False),
    Column("clock_shift_s", Double, nullable=False),
    Column("clock_shift_reason", AnyText, nullable=False),
    Column("camera_id", AnyText, nullable=False),
    Column("camera_model", AnyText, nullable=False),
    Column("feature_type", AnyText, nullable=False),
    Column("tags", JSON, nullable=False),
    CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
    CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
)

media = Table(
    "media",
    metadata,
    Column("media_id", AnyText, primary_key=True),
    Column("sha256", AnyText, nullable=False, unique=True),
    Column("path", AnyText, nullable=False),  # of the copies present, the first in order; else where it was last
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", AnyText, nullable=False, index=True),
    Column("reason", AnyText, nullable=False),  # why it failed, else ''
    Column("transient", Boolean, nullable=False),  # it failed in a way that may pass
    Column("failures", Integer, nullable=False),  # in a row
    Column("analysis_id", AnyText),  # the last one tried; no foreign key, for `analysis` already has one the other way
    Column("container", AnyText),
    Column("codec", AnyText),
    Column("width", Integer),
    Column("height", Integer),
    Column("rotation", Integer),
    Column("declared_frames", BigInteger),
    Column("declared_duration_s", Double),
    Column("declared_fps", Double),
    Column("decoded_frames", BigInteger),
    Column("decoded_duration_s", Double),
    Column("damaged_packets", BigInteger),
    Column("longest_gap_s", Double),
    Column("decode_complaint", AnyText),
    Column("captured_at", UtcDateTime, index=True),
    Column("camera_clock", AnyText),  # ISO 8601 without zone: exactly what the camera wrote
    Column("time_tag", AnyText),
    Column("zone", AnyText),
    Column("own_offset", Boolean),  # the tag itself named the zone; null if nobody wrote it down
    Column("clock_shift_s", Double),
    Column("time_notes", JSON, nullable=False),
    Column("deployment_id", AnyText, ForeignKey("deployment.deployment_id"), index=True),
    Column("location_id", AnyText, index=True),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("superseded_by", AnyText),  # id of the whole if this was seen while it was being copied, and is no more
    Column("people_before", AnyText),  # kinds of PEOPLE that only earlier analyses saw, between bars: "|person|"
    CheckConstraint("state IN ('pending', 'analysed', 'blank', 'failed')", name="state"),
    CheckConstraint("(state = 'failed') = (reason <> '')", name="reason"),
    CheckConstraint("(captured_at IS NULL) = (camera_clock IS NULL)", name="captured"),
    CheckConstraint("length(media_id) = 16 AND length(sha256) = 64", name="digests"),
)

file = Table(
    "file",
    metadata,
    Column("path", AnyText, primary_key=True),
    Column("media_id", AnyText, ForeignKey("media.media_id"), index=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("complaint", AnyText, nullable=False),  # '' if it can be analysed
    Column("transient", Boolean, nullable=False),  # the complaint may pass
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    CheckConstraint("complaint <> '' OR media_id IS NOT NULL", name="accounted_for"),
)

analysis = Table(
    "analysis",
    metadata,
    Column("analysis_id", AnyText, primary_key=True),
    Column("media_id", AnyText, ForeignKey("media.media_id"), nullable=False, index=True),
    Column("key_digest", AnyText, nullable=False),
    Column("code_version", AnyText, nullable=False),
    Column("models", JSON, nullable=False),
    Column("settings_digest", AnyText, nullable=False),
    Column("marked_tree", AnyText),  # that the camera sees, as tree_in_words says it; null if nobody wrote it down
    Column("boxes_path", AnyText),  # relative to the archive
    Column("finished_at", UtcDateTime, nullable=False),
    Column("seconds", Double, nullable=False),
)

label = Table(
    "label",
    metadata,
    Column("label_id", AnyText, primary_key=True),
    Column("media_id", AnyText, ForeignKey("media.media_id"), nullable=False, index=True),
    Column("start_s", Double, nullable=False),
    Column("end_s", Double, nullable=False),
    Column("x", Double),  # the animal's box at the middle of the span
    Column("y", Double),
    Column("w", Double),
    Column("h", Double),
    Column("behaviour", AnyText),
    Column("species", AnyText),
    Column("who", AnyText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_by", AnyText),
    Column("withdrawn_note", AnyText),
    _span(),
    CheckConstraint("behaviour IS NOT NULL OR species IS NOT NULL", name="says_something"),
    CheckConstraint(
        "(x IS NULL) = (w IS NULL) AND (y IS NULL) = (h IS NULL) AND (x IS NULL) = (y IS NULL)", name="box"
    ),
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
    CheckConstraint("who <> ''", name="who"),
)

track = Table(
    "track",
    metadata,
    Column("track_id", AnyText, primary_key=True),
    Column("media_id", AnyText, ForeignKey("media.media_id"), nullable=False, index=True),
    Column("analysis_id", AnyText, ForeignKey("analysis.analysis_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", AnyText, nullable=False, index=True),
    Column("kind_probability", Double, nullable=False),
    Column("species", AnyText, nullable=False),  # the machine's
    Column("species_probability", Double, nullable=False),
    Column("species_scores", JSON, nullable=False),
    Column("human_species", AnyText),  # what `species_label_id` says
    Column("species_label_id", AnyText, ForeignKey("label.label_id")),
    Column("effective_species", AnyText, Computed("coalesce(human_species, species)", persisted=True), index=True),
    Column("start_s", Double, nullable=False),
    Column("end_s", Double, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("seen_share", Double, nullable=False),
    Column("median_height", Double, nullable=False),
    Column("places", JSON, nullable=False),  # [[t, x, y, w, h], ...] about every half second
    CheckConstraint("kind IN ('animal', 'person', 'vehicle', 'unknown')", name="kind"),
    _span(),
    _share("kind_probability"),
    _share("species_probability"),
    _share("seen_share"),
)

bout = Table(
    "bout",
    metadata,
    Column("bout_id", AnyText, primary_key=True),
    Column("track_id", AnyText, ForeignKey("track.track_id"), nullable=False, index=True),
    Column("media_id", AnyText, ForeignKey("media.media_id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("behaviour", AnyText, nullable=False),  # the machine's
    Column("human_behaviour", AnyText),  # what `behaviour_label_id` says
    Column("behaviour_label_id", AnyText, ForeignKey("label.label_id")),
    Column(
        "effective_behaviour", AnyText, Computed("coalesce(human_behaviour, behaviour)", persisted=True), index=True
    ),
    Column("start_s", Double, nullable=False),
    Column("end_s", Double, nullable=False),
    Column("probability", Double, nullable=False),
    Column("censored_start", Boolean, nullable=False),
    Column("censored_end", Boolean, nullable=False),
    Column("evidence", AnyText, nullable=False),
    Column("also", AnyText),  # what it shows at once with that: codes between bars, "|rub|spray|"
    Column("clip_path", AnyText),  # relative to the archive, as is the poster's
    Column("poster_path", AnyText),
    Column("clip_start_s", Double),
    Column("clip_end_s", Double),
    Column("quality_size", Double),
    Column("quality_sharpness", Double),
    Column("quality_wholeness", Double),
    _span(),
    _share("probability"),
)

indicator = Table(
    "indicator",
    metadata,
    Column("track_id", AnyText, ForeignKey("track.track_id"), primary_key=True),
    Column("name", AnyText, primary_key=True),
    Column("unit", AnyText, nullable=False),
    Column("value", Double),
    Column("rests_on_s", Double, nullable=False),
    Column("steps", Integer),  # or strides that it rests on; NULL where on neither
    Column("sharpness", Double),
    Column("infrared", Boolean),
    Column("visible_share", Double),
    Column("not_assessable", AnyText, nullable=False),  # why there is no value, else ''
    CheckConstraint("(value IS NULL) = (not_assessable <> '')", name="value_or_reason"),
    CheckConstraint("steps >= 0", name="steps"),
    _share("sharpness"),
    _share("visible_share"),
)

night = Table(
    "night",
    metadata,
    Column("night_id", AnyText, primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("report_path", AnyText),  # relative to the archive
)

individual_decision = Table(
    "individual_decision",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", AnyText, nullable=False),
    Column("who", AnyText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("undoes", Integer, ForeignKey("individual_decision.number")),
    Column("details", JSON, nullable=False),  # all that is needed to decide it again
    CheckConstraint(
        "kind IN ('new', 'confirm', 'reject', 'merge', 'link', 'split', 'rename', 'set', 'undo')", name="kind"
    ),
    CheckConstraint("(kind = 'undo') = (undoes IS NOT NULL)", name="undoes"),
    CheckConstraint("who <> ''", name="who"),
)

# The three below are what the decisions in force come to; `registry_tables.py` brings them up to date after each.

individual = Table(
    "individual",
    metadata,
    Column("individual_id", Integer, ForeignKey("individual_decision.number"), primary_key=True, autoincrement=False),
    Column("code", AnyText, nullable=False, unique=True),
    Column("provisional", Boolean, nullable=False),
    Column("species", AnyText),  # as it was entered or set; `read_registry` says what its tracks are called now
    Column("sex", AnyText),
    Column("names", JSON, nullable=False),
    Column("former_codes", JSON, nullable=False),
    Column("marks", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("born", AnyText),  # ISO 8601 day, as is `died`
    Column("died", AnyText),
    Column("mother_id", Integer),  # of this table; no foreign key, for rows come and go together
    Column("stages", JSON, nullable=False),  # [[day, life stage], ...] rising
    CheckConstraint("sex IN ('female', 'male')", name="sex"),
)

sighting = Table(
    "sighting",
    metadata,
    Column("sighting_id", AnyText, primary_key=True),
    Column("media_id", AnyText, ForeignKey("media.media_id"), nullable=False, index=True),
    Column("start_s", Double, nullable=False),
    Column("end_s", Double, nullable=False),
    Column("x", Double, nullable=False),  # the animal's box at the middle of the span
    Column("y", Double, nullable=False),
    Column("w", Double, nullable=False),
    Column("h", Double, nullable=False),
    Column("flanks", JSON, nullable=False),
    Column("individual_id", Integer, ForeignKey("individual.individual_id"), index=True),  # null: only who it is not
    Column("who", AnyText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decision", Integer, ForeignKey("individual_decision.number"), nullable=False),
    _span(),
)

rejection = Table(
    "rejection",
    metadata,
    Column("sighting_id", AnyText, ForeignKey("sighting.sighting_id"), primary_key=True),
    Column("individual_id", Integer, ForeignKey("individual.individual_id"), primary_key=True, autoincrement=False),
)

# Which track of the last analysis a person's sighting is about; tied anew after each analysis, as labels are.
identified_track = Table(
    "identified_track",
    metadata,
    Column("track_id", AnyText, ForeignKey("track.track_id", ondelete="CASCADE"), primary_key=True),
    Column("sighting_id", AnyText, ForeignKey("sighting.sighting_id", ondelete="CASCADE"), nullable=False, index=True),
)

# The two below are the machine's: remade with each analysis, never a word about who an animal is.

flank_view = Table(
    "flank_view",
    metadata,
    Column("view_id", AnyText, primary_key=True),
    Column("track_id", AnyText, ForeignKey("track.track_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at_s", Double, nullable=False),  # seconds in the video
    Column("flank", AnyText, nullable=False),
    Column("flank_probability", Double, nullable=False),
    Column("quality", Double, nullable=False),
    Column("picture_path", AnyText, nullable=False),  # relative to the archive, as is the pattern's
    Column("pattern_path", AnyText),  # what a matcher keeps of the picture, so as not to work it out again
    CheckConstraint("flank IN ('left', 'right', 'other')", name="flank"),
    _share("flank_probability"),
    _share("quality"),
)

candidate = Table(
    "candidate",
    metadata,
    Column("track_id", AnyText, ForeignKey("track.track_id", ondelete="CASCADE"), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("individual_id", Integer, nullable=False),  # as it was when proposed; it may have been merged since
    Column("score", Double, nullable=False),
    Column("view_id", AnyText),  # what was compared; null if whoever proposed did not say
    Column("known_view_id", AnyText),
    Column("points", JSON, nullable=False),  # [[x, y, x, y], ...] matched points as shares of the two pictures
    CheckConstraint("score >= 0", name="score"),
)

# What people said about flags of an animal's health: appended to, never changed. The flags themselves are worked out
# anew from what the archive holds; each word keeps the flag as the person had it before them.
flag_word = Table(
    "flag_word",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("flag_id", AnyText, nullable=False, index=True),
    Column("individual_id", Integer, ForeignKey("individual_decision.number"), nullable=False),
    Column("rule", AnyText, nullable=False),
    Column("kind", AnyText, nullable=False),
    Column("who", AnyText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("evidence", JSON, nullable=False),  # ids of sightings
    Column("flag", JSON, nullable=False),
    CheckConstraint("kind IN ('acknowledge', 'dismiss', 'reopen')", name="kind"),
    CheckConstraint("who <> ''", name="who"),
)
