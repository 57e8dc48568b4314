"""What the archive answers about individuals. Field names are the keys of `--json`: keep them stable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, select

from pipeline.individuals.animals import Individual, Known, LifeStage, Sex
from pipeline.individuals.decisions import (
    Confirm,
    Decided,
    Link,
    Merge,
    New,
    Reject,
    Rename,
    SetTraits,
    Split,
    Tag,
    Undo,
    standing,
)
from pipeline.individuals.life_stage import stage_on
from pipeline.individuals.registry import Registry, add_all, replay
from pipeline.store.columns import COUNTS, MEDIA, when
from pipeline.store.decisions import KINDS, details_of, read_decisions
from pipeline.store.identities import read_log, read_registry
from pipeline.store.open import Store
from pipeline.store.schema import identified_track, media, sighting, track


@dataclass(frozen=True, slots=True)
class SightingRow:
    """One animal recognised in one video by a person."""

    sighting: str
    individual: str | None  # code; None: nobody has said who it is
    media: str
    file: Path
    tracks: tuple[str, ...]  # of the last analysis; none if it missed the animal
    start_s: float
    end_s: float
    flanks: tuple[str, ...]
    location: str | None
    captured_at: datetime | None  # when the animal came into view, with the camera's offset; None: undated
    tags: tuple[str, ...]  # what a person saw on it there
    who: str
    at: datetime
    decision: int


@dataclass(frozen=True, slots=True)
class IndividualRow:
    """One animal, as a list shows it."""

    code: str
    provisional: bool
    species: str | None
    sex: Sex | None
    stage: LifeStage | None  # on the day when it was last seen
    names: tuple[str, ...]
    mother: str | None
    born: date | None
    died: date | None
    known_by: Known
    sightings: int
    first_seen: datetime | None  # of its dated sightings
    last_seen: datetime | None
    locations: tuple[str, ...]
    marks: tuple[str, ...]
    tags: tuple[str, ...]
    former_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One entry of the log."""

    decision: int
    what: str  # new, confirm, reject, merge, link, split, rename, set or undo
    about: tuple[str, ...]  # codes as they were then
    in_force: bool
    who: str
    at: datetime
    note: str
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class IndividualDetail:
    """Everything about one animal."""

    individual: IndividualRow
    cubs: tuple[str, ...]  # codes of its young, of any age
    stages: tuple[tuple[date, LifeStage], ...]
    sightings: tuple[SightingRow, ...]
    decisions: tuple[DecisionRow, ...]


def sighting_rows(store: Store) -> list[SightingRow]:
    """Every sighting, by capture time (undated last), video and start; of half a video as one of the whole."""
    tied = (
        select(identified_track.c.sighting_id, identified_track.c.track_id)
        .select_from(identified_track.join(track).join(media, media.c.media_id == track.c.media_id))
        .where(COUNTS)
        .order_by(identified_track.c.track_id)
    )
    seen_in = media.alias()
    whole = func.coalesce(seen_in.c.superseded_by, seen_in.c.media_id)
    shown = sighting.join(seen_in, seen_in.c.media_id == sighting.c.media_id).join(media, media.c.media_id == whole)
    query = (
        select(sighting, *MEDIA, media.c.media_id.label("video"))
        .select_from(shown)
        .order_by(media.c.captured_at.asc().nulls_last(), media.c.media_id, sighting.c.start_s)
    )
    tracks: dict[str, tuple[str, ...]] = {}
    with store.reading() as connection:
        registry = replay(read_decisions(connection))
        for sighting_id, track_id in connection.execute(tied):
            tracks[sighting_id] = (*tracks.get(sighting_id, ()), track_id)
        rows = connection.execute(query).all()
    return [_sighting(row, registry, tracks.get(row.sighting_id, ())) for row in rows]


def individual_rows(store: Store) -> list[IndividualRow]:
    """Every animal of the registry, those with a code of their own first, by code with numbers in order."""
    registry = read_registry(store)
    seen = sighting_rows(store)
    rows = [individual_row(registry, animal, seen) for animal in registry.individuals.values()]
    return sorted(rows, key=lambda row: (row.provisional, code_order(row.code)))


def individual_row(registry: Registry, animal: Individual, seen: Sequence[SightingRow]) -> IndividualRow:
    """One animal with what its sightings add; sightings of others among them do not matter."""
    own = [one for one in seen if one.individual == animal.code]
    days = [one.captured_at for one in own if one.captured_at is not None]
    mother = registry.individuals.get(animal.mother_id) if animal.mother_id is not None else None
    return IndividualRow(
        code=animal.code,
        provisional=animal.provisional,
        species=animal.species,
        sex=animal.sex,
        stage=stage_on(animal, max(days).date()) if days else None,
        names=animal.names,
        mother=None if mother is None else mother.code,
        born=animal.born,
        died=animal.died,
        known_by=registry.known(animal.individual_id),
        sightings=len(own),
        first_seen=min(days, default=None),
        last_seen=max(days, default=None),
        locations=tuple(sorted({one.location for one in own if one.location is not None})),
        marks=animal.marks,
        tags=animal.tags,
        former_codes=animal.former_codes,
    )


def seen_at_once(some: Sequence[SightingRow], others: Sequence[SightingRow]) -> list[str]:
    """Where two were seen at the same time, in words; one animal cannot be, unless a track was doubled or a clock errs.

    That is in one video, or before the cameras of two stations.
    """
    return sorted({text for one in some for other in others if (text := _at_once(one, other)) is not None})


def individual_detail(store: Store, code: str) -> IndividualDetail:
    """Everything about the animal that bears, or bore, this code.

    Raises:
        NotFoundError: nobody bears it.
    """
    log = read_log(store)
    registry = read_registry(store)
    animal = registry.find(code)
    seen = sighting_rows(store)
    young = [one.code for one in registry.individuals.values() if one.mother_id == animal.individual_id]
    about = _about(log)
    return IndividualDetail(
        individual=individual_row(registry, animal, seen),
        cubs=tuple(sorted(young, key=code_order)),
        stages=animal.stages,
        sightings=tuple(one for one in seen if one.individual == animal.code),
        decisions=tuple(
            row for row in _rows(log, about) if animal in map(registry.present, about[row.decision].individual_ids)
        ),
    )


def decision_rows(log: Sequence[Decided]) -> list[DecisionRow]:
    """Every decision in order, with the codes of the animals that it is about."""
    return _rows(log, _about(log))


def _rows(log: Sequence[Decided], about: Mapping[int, "_About"]) -> list[DecisionRow]:
    holding = {one.number for one in standing(log)}
    return [
        DecisionRow(
            decision=one.number,
            what=KINDS[type(one.decision)],
            about=about[one.number].codes,
            in_force=one.number in holding,
            who=one.who,
            at=one.at,
            note=one.note,
            details=details_of(one.decision),
        )
        for one in log
    ]


def code_order(code: str) -> tuple[tuple[bool, int, str], ...]:
    """A key that sorts "Leo 7M" before "Leo 45F"."""
    parts: list[tuple[bool, int, str]] = []
    digits = ""
    for letter in f"{code} ":
        if letter.isdigit():
            digits += letter
            continue
        if digits:
            parts.append((False, int(digits), ""))
            digits = ""
        parts.append((True, 0, letter.casefold()))
    return tuple(parts)


def _sighting(row: Row[Any], registry: Registry, tracks: tuple[str, ...]) -> SightingRow:
    began = when(row)
    animal = None if row.individual_id is None else registry.individuals[row.individual_id]
    return SightingRow(
        sighting=row.sighting_id,
        individual=None if animal is None else animal.code,
        media=row.video,
        file=Path(row.file),
        tracks=tracks,
        start_s=row.start_s,
        end_s=row.end_s,
        flanks=tuple(row.flanks),
        location=row.location,
        captured_at=began and began + timedelta(seconds=row.start_s),
        tags=registry.sightings[row.sighting_id].tags,
        who=row.who,
        at=row.at,
        decision=row.decision,
    )


def _at_once(one: SightingRow, other: SightingRow) -> str | None:
    if one.media == other.media:
        together = min(one.end_s, other.end_s) > max(one.start_s, other.start_s)
        return one.media if together and one.sighting != other.sighting else None
    if None in (one.captured_at, other.captured_at, one.location, other.location) or one.location == other.location:
        return None
    start, end = zip(*map(_span, (one, other)), strict=True)
    return f"{one.media} at {one.location} and {other.media} at {other.location}" if min(end) > max(start) else None


def _span(row: SightingRow) -> tuple[datetime, datetime]:
    if row.captured_at is None:
        raise ValueError(f"sighting {row.sighting} is undated")
    return row.captured_at, row.captured_at + timedelta(seconds=row.end_s - row.start_s)


@dataclass(frozen=True, slots=True)
class _About:
    """The animals that one decision is about."""

    individual_ids: tuple[int, ...]
    codes: tuple[str, ...]  # as they were then; the old and the new one of a renaming


def _about(log: Sequence[Decided]) -> dict[int, _About]:
    """What each decision is about, by its number."""
    registry = Registry()  # as it was after each decision: replayed for an undoing alone, lest a long log takes hours
    codes: dict[int, str] = {}
    about: dict[int, _About] = {}
    for index, one in enumerate(log):
        if isinstance(one.decision, Undo):
            about[one.number] = about[one.decision.number]
            registry = replay(log[: index + 1])  # a renaming may be undone
            codes |= {animal_id: animal.code for animal_id, animal in registry.individuals.items()}
            continue
        add_all(registry, [one])
        before = dict(codes)
        codes |= {animal_id: animal.code for animal_id, animal in registry.individuals.items()}
        match one.decision:
            case New():
                ids: tuple[int, ...] = (one.number,)
            case Split(individual_id=source):
                ids = (source, one.number)
            case Merge(kept_id=kept, absorbed_id=absorbed) | Link(kept_id=kept, absorbed_id=absorbed):
                ids = (kept, absorbed)
            case Tag(seen=seen):
                tagged = registry.sightings[seen.sighting_id].individual_id
                ids = () if tagged is None else (tagged,)
            case Confirm(individual_id=meant) | Reject(individual_id=meant) | SetTraits(individual_id=meant):
                ids = (meant,)
            case Rename(individual_id=meant):
                about[one.number] = _About((meant,), (before[meant], codes[meant]))
                continue
        about[one.number] = _About(ids, tuple(codes[key] for key in ids))
    return about
