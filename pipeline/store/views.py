"""The machine's side of telling individuals apart: views of flanks, and candidates for who a track shows.

Nothing here says who an animal is. Candidates lie beside the registry and fall with the next analysis of their video.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from pipeline.errors import NotFoundError
from pipeline.individuals.animals import Flank
from pipeline.individuals.flanks import SURE
from pipeline.individuals.proposing import Match, Matcher, Rank, View, worth_showing
from pipeline.individuals.registry import Registry
from pipeline.store.columns import COUNTS
from pipeline.store.identities import read_registry, registry_in
from pipeline.store.open import Store
from pipeline.store.schema import candidate, flank_view, identified_track, media, rejection, sighting, track
from pipeline.store.sightings import species_of
from pipeline.values import NO_ANIMALS


def views_of(store: Store, track_id: str) -> list[View]:
    """A track's views, the best first.

    Raises:
        NotFoundError: no such track.
    """
    with store.reading() as connection:
        _check_track(connection, track_id)
        found = connection.execute(select(flank_view).where(flank_view.c.track_id == track_id)).all()
    return sorted((_view(row, store) for row in found), key=lambda view: (-view.quality, view.view_id))


def known_views(store: Store, *, but_of: str | None = None) -> dict[int, list[View]]:
    """The views of each animal of the registry, by its id: those of the tracks in which a person recognised it.

    A view that surely shows one flank, where the person saw the other one alone, shows what the person saw.

    Args:
        store: the archive.
        but_of: a track whose views are left out, and those of every track of the same sighting.
    """
    query = (
        select(flank_view, sighting.c.individual_id, sighting.c.sighting_id, sighting.c.flanks)
        .join_from(flank_view, identified_track, flank_view.c.track_id == identified_track.c.track_id)
        .join(sighting)
        .where(sighting.c.individual_id.is_not(None))
        .order_by(flank_view.c.view_id)
    )
    own = select(identified_track.c.sighting_id).where(identified_track.c.track_id == but_of)
    known: dict[int, list[View]] = {}
    with store.reading() as connection:
        left_out = connection.scalar(own)
        for row in connection.execute(query):
            if row.sighting_id != left_out:
                known.setdefault(row.individual_id, []).append(_as_seen(_view(row, store), row.flanks))
    return known


def tracks_to_propose_for(store: Store) -> list[str]:
    """Tracks that have views and that nobody has recognised yet, in order."""
    query = (
        select(flank_view.c.track_id)
        .distinct()
        .select_from(flank_view.join(track).join(media, track.c.media_id == media.c.media_id))
        .outerjoin(identified_track, flank_view.c.track_id == identified_track.c.track_id)
        .outerjoin(sighting, sighting.c.sighting_id == identified_track.c.sighting_id)
        .where(sighting.c.individual_id.is_(None), track.c.effective_species.not_in(NO_ANIMALS), COUNTS)
        .order_by(flank_view.c.track_id)
    )
    with store.reading() as connection:
        return list(connection.scalars(query))


def propose(
    store: Store,
    matcher: Matcher,
    tracks: Sequence[str] | None = None,
    step: Callable[[int, int], None] | None = None,
) -> dict[str, list[Match]]:
    """Ask a matcher about tracks, and keep its candidates in place of earlier ones, each as soon as it is there.

    Args:
        store: the archive.
        matcher: made ready once for all known views, then asked track by track.
        tracks: ids; None for all that nobody has recognised yet.
        step: told after each track how many are done, of how many.

    Returns:
        The candidates of each track, best first; none where nothing resembles it.

    Raises:
        NotFoundError: no such track.
    """
    kept: dict[str, list[Match]] = {}
    registry, nobody = read_registry(store), tracks_to_propose_for(store)
    todo, strangers = nobody if tracks is None else tracks, set(nobody)
    among_all: Rank | None = None
    for done, one in enumerate(todo, start=1):
        if one in strangers:
            rank = among_all = among_all or matcher(known_views(store))
        else:
            rank = matcher(known_views(store, but_of=one))  # a track must not be recognised by itself
        kept |= keep_candidates(store, {one: rank(views_of(store, one))}, registry)
        if step:
            step(done, len(todo))
    return kept


def keep_candidates(
    store: Store, matches: Mapping[str, Iterable[Match]], registry: Registry | None = None
) -> dict[str, list[Match]]:
    """Keep candidates for tracks in place of earlier ones; what of them is kept, best first.

    Args:
        store: the archive.
        matches: for each track's id, in any order.
        registry: if it has been read already, for it takes as long as there are decisions.

    Raises:
        NotFoundError: no such track; nothing was kept.
    """
    kept = {}
    with store.writing() as connection:
        present = registry or registry_in(connection)
        for track_id, found in matches.items():
            _check_track(connection, track_id)
            kept[track_id] = _worth_showing(connection, present, track_id, found)
            connection.execute(candidate.delete().where(candidate.c.track_id == track_id))
            rows = [_row(track_id, rank, one) for rank, one in enumerate(kept[track_id], start=1)]
            if rows:
                connection.execute(candidate.insert(), rows)
    return kept


def candidates_of(store: Store, track_id: str, registry: Registry | None = None) -> list[Match]:
    """The candidates of a track as they stand: without those that have been rejected, with merged ones joined.

    Args:
        store: the archive.
        track_id: such as "3f2a9c0d11e4b7a8.1".
        registry: as for `keep_candidates`.

    Raises:
        NotFoundError: no such track.
    """
    with store.reading() as connection:
        _check_track(connection, track_id)
        rows = connection.execute(select(candidate).where(candidate.c.track_id == track_id)).all()
        found = [_match(row) for row in rows]
        return _worth_showing(connection, registry or registry_in(connection), track_id, found) if found else []


def _check_track(connection: Connection, track_id: str) -> None:
    if connection.scalar(select(track.c.track_id).where(track.c.track_id == track_id)) is None:
        raise NotFoundError(f"no track {track_id!r} in this archive; `ethotrap tracks` lists what there is")


def _worth_showing(connection: Connection, registry: Registry, track_id: str, matches: Iterable[Match]) -> list[Match]:
    refused = (
        select(rejection.c.individual_id)
        .join(identified_track, identified_track.c.sighting_id == rejection.c.sighting_id)
        .where(identified_track.c.track_id == track_id)
    )
    return worth_showing(matches, registry, species_of(connection, track_id), connection.scalars(refused).all())


def _view(row: Row[Any], store: Store) -> View:
    return View(
        view_id=row.view_id,
        track_id=row.track_id,
        t=row.at_s,
        flank=Flank(row.flank),
        flank_probability=row.flank_probability,
        quality=row.quality,
        picture=store.archive / row.picture_path,
        pattern=None if row.pattern_path is None else store.archive / Path(row.pattern_path),
    )


def _as_seen(view: View, flanks: Sequence[str]) -> View:
    """The view as the person saw it who recognised the animal."""
    sides = [Flank(one) for one in flanks if one != Flank.OTHER]
    if len(sides) != 1 or view.flank is Flank.OTHER or view.flank_probability < SURE:
        return view
    return replace(view, flank=sides[0], flank_probability=1.0)


def _match(row: Row[Any]) -> Match:
    points = tuple((x, y, u, v) for x, y, u, v in row.points)
    return Match(row.individual_id, row.score, row.view_id, row.known_view_id, points)


def _row(track_id: str, rank: int, one: Match) -> dict[str, Any]:
    return {
        "track_id": track_id,
        "rank": rank,
        "individual_id": one.individual_id,
        "score": one.score,
        "view_id": one.view_id,
        "known_view_id": one.known_view_id,
        "points": [list(pair) for pair in one.points],
    }
