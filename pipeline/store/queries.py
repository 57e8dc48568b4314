"""Questions to the archive. Each answers from one state of the database, while the nightly run may be writing.

An archive of some years holds more than should be in memory at once, so what may answer with all of it does so row by
row (`each_...`); the same without `each_` is a list, for questions about a few videos.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, and_, or_, select

from pipeline.store.columns import (
    BOUT,
    COUNTS,
    MEDIA,
    TRACK,
    TRACK_SPAN,
    bout_row,
    bouts_joined,
    indicator_of,
    track_row,
    unsaid,
    when,
)
from pipeline.store.labels import said_in_view
from pipeline.store.open import Store, streamed
from pipeline.store.rows import BoutRow, InView, MediaRow, OpenBout, Sighting, TrackRow
from pipeline.store.schema import analysis, bout, indicator, media, track
from pipeline.values import NO_ANIMALS, PEOPLE, Indicator, Kind, State

_BY_TIME = (media.c.captured_at.asc().nulls_last(), media.c.media_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackQuery:
    """Which tracks to list; None: whatever it is."""

    species: str | None = None
    location: str | None = None
    kind: Kind | None = None
    since: datetime | None = None  # aware; from here on, by the time the video was captured: undated ones are left out
    until: datetime | None = None  # aware; before here
    media: tuple[str, ...] | None = None  # ids; half of a video whose whole is there now is listed only if named here
    limit: int | None = None

    def __post_init__(self) -> None:
        for moment in (self.since, self.until):
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"nobody can know what {moment.isoformat()} means; give it a time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoutQuery(TrackQuery):
    """Which bouts to list."""

    behaviour: str | None = None  # also where it goes at once with another that is likelier
    min_probability: float = 0.0  # a bout whose behaviour a person named passes in any case
    of_no_animals: bool = False  # also of what a person says is a person, a vehicle or blank; `species` may ask for one


def each_bout(store: Store, wanted: BoutQuery | None = None) -> Iterator[BoutRow]:
    """The bouts asked for, by capture time (undated last), video and start."""
    with store.reading() as connection, streamed(connection, select_bouts(wanted or BoutQuery())) as rows:
        for row in rows:
            yield bout_row(row, store)


def bouts(store: Store, wanted: BoutQuery | None = None) -> list[BoutRow]:
    """As `each_bout`, at once."""
    return list(each_bout(store, wanted))


def each_open_bout(store: Store, wanted: BoutQuery) -> Iterator[OpenBout]:
    """Of the bouts asked for those whose behaviour no person has named, in any order."""
    known = {column.name: column for column in (*BOUT, *MEDIA)}
    asked = select_bouts(wanted).where(bout.c.human_behaviour.is_(None)).order_by(None)
    with (
        store.reading() as connection,
        streamed(connection, asked.with_only_columns(*(known[field.name] for field in fields(OpenBout)))) as rows,
    ):
        for row in rows:
            yield OpenBout(*row)


def named_bouts(store: Store, ids: Sequence[str]) -> list[BoutRow]:
    """The bouts with these ids, in their order; ids that are no bout's are left out."""
    with store.reading() as connection:
        query = select(*BOUT, *TRACK, *MEDIA).select_from(bouts_joined()).where(bout.c.bout_id.in_(ids))
        found = {row.bout: bout_row(row, store) for row in connection.execute(query)}
    return [found[one] for one in ids if one in found]


def select_bouts(wanted: BoutQuery) -> Select[Any]:
    """The bouts asked for in order, as a statement with `BOUT`, `TRACK` and `MEDIA` columns."""
    query = select(*BOUT, *TRACK, *MEDIA).select_from(bouts_joined())
    if wanted.behaviour is not None:
        meanwhile = bout.c.also.contains(f"|{wanted.behaviour}|", autoescape=True)
        query = query.where(
            or_(bout.c.effective_behaviour == wanted.behaviour, and_(bout.c.human_behaviour.is_(None), meanwhile))
        )
    if wanted.min_probability > 0:
        query = query.where(or_(bout.c.probability >= wanted.min_probability, bout.c.human_behaviour.is_not(None)))
    if wanted.species is None and not wanted.of_no_animals:
        query = query.where(track.c.effective_species.not_in(NO_ANIMALS))
    return _narrowed(query, wanted).order_by(*_BY_TIME, bout.c.start_s, track.c.number, bout.c.number)


def each_track(store: Store, wanted: TrackQuery | None = None) -> Iterator[TrackRow]:
    """The tracks asked for, by capture time (undated last), video and number."""
    with store.reading() as connection, streamed(connection, _tracks(wanted or TrackQuery())) as rows:
        for row in rows:
            yield track_row(row)


def tracks(store: Store, wanted: TrackQuery | None = None) -> list[TrackRow]:
    """As `each_track`, at once."""
    return list(each_track(store, wanted))


def each_video(store: Store, ids: Collection[str] | None = None) -> Iterator[MediaRow]:
    """Every video of the ledger that counts, by path; files that are no readable video are in `ledger.status`.

    Args:
        store: the archive.
        ids: only these videos, whether they count or are half of one whose whole is there now.
    """
    plain = [media.c[field.name] for field in fields(MediaRow) if field.name in media.c]
    named = (media.c.media_id.label("media"), media.c.deployment_id.label("deployment"))
    by = (analysis.c.code_version, analysis.c.models, analysis.c.settings_digest)
    query = (
        select(*named, *MEDIA[:2], media.c.zone, *plain, *by)
        .outerjoin_from(media, analysis, analysis.c.analysis_id == media.c.analysis_id)
        .where(COUNTS if ids is None else media.c.media_id.in_(list(ids)))
        .order_by(media.c.path, media.c.media_id)
    )
    with store.reading() as connection, streamed(connection, query) as rows:
        for row in rows:
            yield _media_row(row)


def videos(store: Store, ids: Collection[str] | None = None) -> list[MediaRow]:
    """As `each_video`, at once."""
    return list(each_video(store, ids))


def each_sighting(store: Store, wanted: TrackQuery | None = None) -> Iterator[Sighting]:
    """The tracks asked for with their health indicators by name, in the order of `each_track`."""
    listed = _tracks(wanted or TrackQuery()).add_columns(track.c.track_id)
    with store.reading() as connection, streamed(connection, listed) as rows:
        for some in rows.partitions():
            measured = _measured(connection, [row.track_id for row in some])
            for row in some:
                yield Sighting(track_row(row), tuple(measured.get(row.track_id, ())))


def sightings(store: Store, wanted: TrackQuery | None = None) -> list[Sighting]:
    """As `each_sighting`, at once."""
    return list(each_sighting(store, wanted))


def infrared_in(store: Store) -> dict[str, bool]:
    """By the id of each video in which an animal was followed, whether it has no colour; without those not known."""
    query = select(track.c.media_id, indicator.c.infrared).join_from(indicator, track)
    with store.reading() as connection:
        rows = connection.execute(query.where(indicator.c.infrared.is_not(None)).distinct()).all()
    return {media_id: bool(infrared) for media_id, infrared in rows}


def people_in_view(store: Store, wanted: TrackQuery | None = None) -> list[InView]:
    """Videos with a person or a vehicle, by the machine's word or a person's, or with what may be one, by capture time.

    What may be one is no longer listed once somebody has said what it is.
    """
    with store.reading() as connection:
        said = said_in_view(connection)
        people = track.c.kind.in_(PEOPLE) | ((track.c.kind == Kind.UNKNOWN) & unsaid())
        columns = media.c.media_id.label("media"), track.c.kind, people.label("people"), *MEDIA
        query = select(*columns).outerjoin_from(media, track).where(people | media.c.media_id.in_(said))
        seen: dict[str, list[Row[Any]]] = {}
        for row in connection.execute(_narrowed(query, wanted or TrackQuery()).order_by(*_BY_TIME)):
            seen.setdefault(row.media, []).append(row)
    return [_in_view(rows, said.get(media_id, set())) for media_id, rows in seen.items()]


def behaviours_in(store: Store) -> set[str]:
    """Every behaviour that a bout in the archive has, by the machine's word or a person's."""
    return _words_in(store, bout.c.behaviour, bout.c.human_behaviour)


def species_in(store: Store) -> set[str]:
    """Every species that a track in the archive is called, by the machine's word or a person's."""
    return _words_in(store, track.c.species, track.c.human_species)


def locations_in(store: Store) -> set[str]:
    """Every location from which the archive has a video."""
    return _words_in(store, media.c.location_id)


def _words_in(store: Store, *columns: Column[Any]) -> set[str]:
    with store.reading() as connection:
        found = {word for column in columns for word in connection.scalars(select(column).distinct())}
    return found - {None}


def _measured(connection: Connection, track_ids: Sequence[str]) -> dict[str, list[Indicator]]:
    query = select(indicator, track.c.number).join_from(indicator, track).where(indicator.c.track_id.in_(track_ids))
    found: dict[str, list[Indicator]] = {}
    for one in connection.execute(query.order_by(indicator.c.track_id, indicator.c.name)):
        found.setdefault(one.track_id, []).append(indicator_of(one))
    return found


def _tracks(wanted: TrackQuery) -> Select[Any]:
    query = select(*TRACK, *TRACK_SPAN, *MEDIA).join_from(track, media)
    return _narrowed(query, wanted).order_by(*_BY_TIME, track.c.number)


def _narrowed(query: Select[Any], wanted: TrackQuery) -> Select[Any]:
    if wanted.species is not None:
        query = query.where(track.c.effective_species == wanted.species)
    if wanted.location is not None:
        query = query.where(media.c.location_id == wanted.location)
    if wanted.kind is not None:
        query = query.where(track.c.kind == wanted.kind)
    if wanted.since is not None:
        query = query.where(media.c.captured_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(media.c.captured_at < wanted.until)
    query = query.where(COUNTS if wanted.media is None else media.c.media_id.in_(wanted.media))
    return query.limit(wanted.limit)


def _in_view(rows: Sequence[Row[Any]], said: set[Kind]) -> InView:
    first = rows[0]
    kinds = said | {Kind(row.kind) for row in rows if row.people}
    return InView(first.media, Path(first.file), tuple(sorted(kinds)), first.location, when(first))


def _media_row(row: Row[Any]) -> MediaRow:
    plain = {
        field.name: getattr(row, field.name) for field in fields(MediaRow) if field.name not in ("file", "captured_at")
    }
    plain |= {"state": State(row.state), "time_notes": tuple(row.time_notes)}
    return MediaRow(**plain, file=Path(row.file), captured_at=when(row))
