"""The columns that listings share, and the rows that they become."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Join, Row, func

from pipeline.footage.clock import parse_zone
from pipeline.store.open import Store
from pipeline.store.rows import BoutRow, TrackRow
from pipeline.store.schema import bout, media, track
from pipeline.values import Indicator, Kind

COUNTS = media.c.superseded_by.is_(None)  # half of a video whose whole is there now is kept and counts no more
MEDIA = (
    media.c.path.label("file"),
    media.c.location_id.label("location"),
    media.c.captured_at,
    media.c.zone,
)
TRACK = (
    track.c.media_id.label("media"),
    track.c.number.label("track"),
    track.c.kind,
    track.c.effective_species.label("species"),
    track.c.species.label("machine_species"),
    track.c.human_species,
)
BOUT = (
    bout.c.bout_id.label("bout"),
    bout.c.effective_behaviour.label("behaviour"),
    bout.c.behaviour.label("machine_behaviour"),
    bout.c.human_behaviour,
    bout.c.start_s,
    bout.c.end_s,
    bout.c.probability,
    bout.c.clip_path.label("clip"),
    bout.c.poster_path.label("poster"),
    bout.c.evidence,
    bout.c.also,
    bout.c.censored_start,
    bout.c.censored_end,
)
TRACK_SPAN = (
    track.c.start_s,
    track.c.end_s,
    track.c.seen_share,
    track.c.kind_probability,
    track.c.species_probability,
)


def unsaid() -> ColumnElement[bool]:
    """Of a track: nobody has said what it is, so that the machine's doubt stands."""
    return func.coalesce(track.c.human_species, Kind.UNKNOWN) == Kind.UNKNOWN


def in_bars(words: Iterable[str]) -> str | None:
    """Several words in one column, "|rub|spray|", in which any of them can be sought; None if there are none."""
    together = "|".join(words)
    return f"|{together}|" if together else None


def between_bars(together: str | None) -> tuple[str, ...]:
    """The words that `in_bars` put into one column."""
    return tuple(together.strip("|").split("|")) if together else ()


def bouts_joined() -> Join:
    """Bouts with their tracks and videos."""
    return bout.join(track, bout.c.track_id == track.c.track_id).join(media, bout.c.media_id == media.c.media_id)


def when(row: Row[Any]) -> datetime | None:
    """Start of the video with its camera's offset at that time, fixed so that adding seconds stays right; or None."""
    if row.captured_at is None:
        return None
    local: datetime = row.captured_at.astimezone(parse_zone(row.zone))
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta(0)))


def bout_row(row: Row[Any], store: Store) -> BoutRow:
    """A row of `BOUT`, `TRACK` and `MEDIA` columns."""
    return BoutRow(
        bout=row.bout,
        media=row.media,
        file=Path(row.file),
        track=row.track,
        species=row.species,
        behaviour=row.behaviour,
        start_s=row.start_s,
        end_s=row.end_s,
        probability=row.probability,
        location=row.location,
        captured_at=when(row),
        kind=Kind(row.kind),
        machine_species=row.machine_species,
        human_species=row.human_species,
        machine_behaviour=row.machine_behaviour,
        human_behaviour=row.human_behaviour,
        clip=None if row.clip is None else store.archive / row.clip,
        poster=None if row.poster is None else store.archive / row.poster,
        evidence=row.evidence,
        also=() if row.human_behaviour else between_bars(row.also),
        censored_start=row.censored_start,
        censored_end=row.censored_end,
    )


def track_row(row: Row[Any]) -> TrackRow:
    """A row of `TRACK`, `TRACK_SPAN` and `MEDIA` columns."""
    return TrackRow(
        media=row.media,
        file=Path(row.file),
        track=row.track,
        species=row.species,
        start_s=row.start_s,
        end_s=row.end_s,
        seen_share=row.seen_share,
        kind=Kind(row.kind),
        kind_probability=row.kind_probability,
        species_probability=row.species_probability,
        machine_species=row.machine_species,
        human_species=row.human_species,
        location=row.location,
        captured_at=when(row),
    )


def indicator_of(row: Row[Any]) -> Indicator:
    """A row of `indicator` with the number of its track."""
    return Indicator(
        track=row.number,
        name=row.name,
        unit=row.unit,
        value=row.value,
        rests_on_s=row.rests_on_s,
        not_assessable=row.not_assessable,
        steps=row.steps,
        sharpness=row.sharpness,
        infrared=row.infrared,
        visible_share=row.visible_share,
    )
