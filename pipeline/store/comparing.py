"""What a person needs before them to judge a track's candidates."""

from collections.abc import Sequence

from pipeline.individuals.animals import Known
from pipeline.individuals.proposing import Match, View
from pipeline.individuals.sheet import Beside
from pipeline.store.identities import read_registry
from pipeline.store.individual_rows import IndividualRow, individual_row, sighting_rows
from pipeline.store.open import Store
from pipeline.store.verdicts import VerdictRow, verdict_rows
from pipeline.store.views import candidates_of, known_views, views_of


def side_by_side(store: Store, track_id: str) -> tuple[str, VerdictRow, list[Beside]]:
    """Where and when a track was filmed, in words, the verdict, and its candidates with the pictures, best first.

    Where a candidate does not say which pictures were compared, the best ones of one flank are shown.

    Raises:
        NotFoundError: no such track.
    """
    registry, seen, known = read_registry(store), sighting_rows(store), known_views(store, but_of=track_id)
    own, (verdict,) = views_of(store, track_id), verdict_rows(store, [track_id])
    chances = {one.individual: one.probability for one in verdict.candidates}
    found = []
    for one in candidates_of(store, track_id, registry):
        animal = registry.present(one.individual_id)
        if animal is None:
            continue
        theirs = [
            view
            for owner, views in known.items()
            if registry.present(owner) is animal
            for view in sorted(views, key=lambda view: (-view.quality, view.view_id))
        ]
        mine, other = _pair(one, own, theirs)
        facts = _facts(individual_row(registry, animal, seen))
        compared = mine is not None and other is not None and (mine.view_id, other.view_id) == _named(one)
        found.append(
            Beside(
                code=animal.code,
                score=one.score,
                probability=chances[animal.code],
                query=None if mine is None else mine.picture,
                known=None if other is None else other.picture,
                points=one.points if compared else (),
                facts=facts,
            )
        )
    return _about(verdict), verdict, found


def _named(one: Match) -> tuple[str | None, str | None]:
    return one.view_id, one.known_view_id


def _pair(one: Match, own: Sequence[View], theirs: Sequence[View]) -> tuple[View | None, View | None]:
    """The pictures that were compared, or else the best two that show the same flank."""
    mine = next((view for view in own if view.view_id == one.view_id), None)
    other = next((view for view in theirs if view.view_id == one.known_view_id), None)
    if mine and other:
        return mine, other
    same = ((a, b) for a in own for b in theirs if a.flank is b.flank)
    return next(same, (own[0] if own else None, theirs[0] if theirs else None))


def _facts(row: IndividualRow) -> tuple[tuple[str, str], ...]:
    facts = {
        "names": ", ".join(row.names),
        "sex": row.sex or "unknown",
        "stage": row.stage or "unknown",
        "known by": row.known_by if row.known_by is not Known.NEITHER else "",
        "last seen": "" if row.last_seen is None else f"{row.last_seen:%Y-%m-%d}",
        "sightings": str(row.sightings),
        "locations": ", ".join(row.locations),
        "marks": "; ".join(row.marks),
        "watch for": "; ".join(row.tags),
    }
    return tuple((name, str(text)) for name, text in facts.items() if text)


def _about(row: VerdictRow) -> str:
    day = "undated" if row.captured_at is None else f"filmed on {row.captured_at:%Y-%m-%d at %H:%M}"
    return f"{row.species}, {day}, location {row.location or 'unknown'}"
