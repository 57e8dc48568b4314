"""How likely each track shows a known animal, a new one, or nothing that can be told, as its candidates stand now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pipeline.individuals.animals import Flank
from pipeline.individuals.calibration import read_calibration
from pipeline.individuals.coat_matcher import FLANKS, judge, may_show
from pipeline.individuals.proposing import View
from pipeline.individuals.registry import Registry
from pipeline.store.columns import MEDIA, when
from pipeline.store.identities import read_registry
from pipeline.store.open import Store
from pipeline.store.schema import media, track
from pipeline.store.views import candidates_of, known_views, tracks_to_propose_for, views_of


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One candidate for a track. Field names are keys of `--json`."""

    track: str
    rank: int
    individual: str  # code
    score: float
    probability: float  # 0..1, as matched coats say; not to be believed of scores from elsewhere
    view: str | None
    known_view: str | None
    points: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What the candidates of one track come to. `same`, `new` and `cannot_tell` sum to 1."""

    track: str
    species: str
    location: str | None
    captured_at: datetime | None
    same: float
    new: float
    cannot_tell: float
    reason: str  # why it cannot be told; empty if it can
    candidates: tuple[CandidateRow, ...]  # best first


def verdict_rows(store: Store, tracks: Sequence[str]) -> list[VerdictRow]:
    """The verdict on each of these tracks, in their order.

    Raises:
        NotFoundError: no such track.
    """
    registry, known, nobody = read_registry(store), known_views(store), set(tracks_to_propose_for(store))
    return [
        _verdict_row(store, registry, one, known if one in nobody else known_views(store, but_of=one)) for one in tracks
    ]


def _verdict_row(store: Store, registry: Registry, track_id: str, known: Mapping[int, Sequence[View]]) -> VerdictRow:
    found = [(one, registry.present(one.individual_id)) for one in candidates_of(store, track_id, registry)]
    there = [(one, animal) for one, animal in found if animal is not None]
    query = select(track.c.effective_species.label("species"), *MEDIA).join_from(track, media)
    with store.reading() as connection:
        row = connection.execute(query.where(track.c.track_id == track_id)).one()
    rivals = {
        animal.individual_id
        for animal in registry.individuals.values()
        if "unknown" in (animal.species or "unknown", row.species) or animal.species == row.species
    }
    covered = _covered({animal: views for animal, views in known.items() if animal in rivals})
    scores = [one.score for one, _ in there]
    verdict = judge(scores, views_of(store, track_id), covered, len(rivals), read_calibration())
    chances = verdict.odds.chances
    return VerdictRow(
        track=track_id,
        species=row.species,
        location=row.location,
        captured_at=when(row),
        same=verdict.odds.same,
        new=verdict.odds.new,
        cannot_tell=verdict.odds.cannot_tell,
        reason=verdict.reason,
        candidates=tuple(
            CandidateRow(track_id, rank, animal.code, one.score, chance, one.view_id, one.known_view_id, one.points)
            for rank, ((one, animal), chance) in enumerate(zip(there, chances, strict=True), start=1)
        ),
    )


def _covered(known: Mapping[int, Sequence[View]]) -> dict[Flank, int]:
    """Of how many animals there is a pattern of each flank."""
    return {
        flank: sum(any(view.pattern and flank in may_show(view) for view in views) for views in known.values())
        for flank in FLANKS
    }
