"""What the archive knows of each animal over time: its dated sightings, what was measured, the watched nights."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.errors import NotFoundError
from pipeline.health.history import History, Park, ShownClip, Visit
from pipeline.individuals.effort import watched_nights
from pipeline.individuals.registry import Registry
from pipeline.store.columns import indicator_of
from pipeline.store.footage import deployment_from, known_deployments, last_videos
from pipeline.store.identities import read_registry
from pipeline.store.individual_rows import SightingRow, sighting_rows
from pipeline.store.labels import said_in_view
from pipeline.store.open import Store
from pipeline.store.schema import bout, deployment, identified_track, indicator, media, sighting, track
from pipeline.values import PEOPLE, Deployment, Indicator

NEAR_PEOPLE = "nearPeople"  # a tag of deployments, as is or as "nearPeople:true"
ROADS = ("roadPaved", "roadDirt", "roadUnderpass", "roadOverpass", "roadBridge")  # Camtrap DP's feature types


_SIGHTED = select(sighting.c.media_id)


def read_park(store: Store, *, deployments: Iterable[Deployment] = (), until: date | None = None) -> Park:
    """Every animal's dated sightings with their measurements.

    Args:
        store: the archive.
        deployments: of a table, beside those that the archive knows, which all gave a video.
        until: leave out what was filmed later; None for the day of the archive's last dated video.

    Raises:
        NotFoundError: no video of the archive is dated.
    """
    last = last_videos(store)
    every = known_deployments(store, deployments)
    if until is None and not last:
        raise NotFoundError(
            "no video of this archive is dated and of a known deployment, so nothing can be compared over time"
        )
    until = until or max(last.values())
    registry = read_registry(store)
    rows = sighting_rows(store)
    measured = _Measured(store)
    visits = _visits(rows, registry, measured, until)
    undated = _undated(rows)
    histories = {
        key: History(animal, tuple(visits.get(key, ())), undated.get(animal.code, 0))
        for key, animal in registry.individuals.items()
    }
    return Park(histories, watched_nights(every, last), until)


class _Measured:
    """Of videos with sightings: what was measured in tracks that people recognised, where, and with people in view."""

    def __init__(self, store: Store) -> None:
        self.indicators: dict[str, list[Indicator]] = defaultdict(list)
        self.bouts: dict[str, list[Row[Any]]] = defaultdict(list)
        wanted = select(identified_track.c.track_id)
        with store.reading() as connection:
            for row in connection.execute(
                select(indicator, track.c.number).join_from(indicator, track).where(indicator.c.track_id.in_(wanted))
            ):
                self.indicators[row.track_id].append(indicator_of(row))
            for row in connection.execute(select(bout).where(bout.c.track_id.in_(wanted))):
                self.bouts[row.track_id].append(row)
            self.people = _media_with_people(connection)
            self.places = _places(connection)


def _media_with_people(connection: Connection) -> frozenset[str]:
    """A person's word counts before the machine's, also one that is about a video as a whole."""
    called = track.c.effective_species.in_(PEOPLE)
    shown = select(track.c.media_id).where(called, track.c.media_id.in_(_SIGHTED)).distinct()
    return frozenset(connection.scalars(shown)) | said_in_view(connection).keys()


def _places(connection: Connection) -> dict[str, Deployment]:
    placed = select(media.c.media_id, deployment).join_from(media, deployment).where(media.c.media_id.in_(_SIGHTED))
    return {row["media_id"]: deployment_from(row) for row in connection.execute(placed).mappings()}


def _visits(
    rows: Sequence[SightingRow], registry: Registry, measured: _Measured, until: date
) -> dict[int, list[Visit]]:
    ids = {animal.code: animal.individual_id for animal in registry.individuals.values()}
    company: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.individual is not None:
            company[row.media].add(ids[row.individual])
    visits: dict[int, list[Visit]] = defaultdict(list)
    for row in rows:
        if row.individual is not None and row.captured_at is not None and row.captured_at.date() <= until:
            key = ids[row.individual]
            others = tuple(sorted(company[row.media] - {key}))
            visits[key].append(_visit(row, row.captured_at, others, measured))
    return visits


def _visit(row: SightingRow, at: datetime, company: tuple[int, ...], measured: _Measured) -> Visit:
    place = measured.places.get(row.media)
    seconds: dict[str, float] = defaultdict(float)
    bouts = [one for name in row.tracks for one in measured.bouts[name]]
    for one in bouts:
        if one.effective_behaviour != UNKNOWN:
            seconds[one.effective_behaviour] += one.end_s - one.start_s
    return Visit(
        sighting=row.sighting,
        media=row.media,
        at=at,
        location=row.location or "",
        latitude=None if place is None else place.latitude,
        longitude=None if place is None else place.longitude,
        near_people=row.media in measured.people or (place is not None and _is_near_people(place)),
        readings=_readings(row.tracks, measured.indicators),
        behaviours=dict(seconds),
        clips=tuple(_clips(bouts)),
        company=company,
    )


def _readings(tracks: Sequence[str], indicators: Mapping[str, Sequence[Indicator]]) -> dict[str, Indicator]:
    """Of several tracks of one sighting, the one that a value rests on longest; else a reason why there is none."""
    best: dict[str, Indicator] = {}
    for name in tracks:
        for one in indicators.get(name, ()):
            before = best.get(one.name)
            if before is None or _footing(one) > _footing(before):
                best[one.name] = one
    return best


def _footing(one: Indicator) -> tuple[bool, float]:
    return one.value is not None, one.rests_on_s


def _clips(bouts: Sequence[Row[Any]]) -> Iterable[ShownClip]:
    for one in bouts:
        if one.clip_path is not None:
            quality = one.quality_sharpness * one.quality_wholeness * min(1.0, one.quality_size / 0.2)
            yield ShownClip(one.bout_id, one.effective_behaviour, one.clip_path, one.poster_path, quality)


def _is_near_people(place: Deployment) -> bool:
    tags = {tag.removesuffix(":true") for tag in place.tags}
    return place.feature_type in ROADS or NEAR_PEOPLE in tags


def _undated(rows: Sequence[SightingRow]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.individual is not None and row.captured_at is None:
            found[row.individual] += 1
    return found
