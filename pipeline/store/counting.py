"""What a census is taken from: the days on which each animal was seen, and how long the traps watched."""

from collections.abc import Iterable, Sequence
from datetime import date

from pipeline.individuals.census import Census, take_census
from pipeline.individuals.effort import effort
from pipeline.store.footage import known_deployments, last_videos
from pipeline.store.identities import read_registry
from pipeline.store.individual_rows import sighting_rows
from pipeline.store.open import Store
from pipeline.values import Deployment


def census(
    store: Store,
    periods: Sequence[tuple[date, date]],
    *,
    species: str | None = None,
    deployments: Iterable[Deployment] = (),
    not_seen_months: int = 12,
) -> list[Census]:
    """A census of each period, by the calendar of the cameras.

    Args:
        store: the archive.
        periods: first and last day of each, both included.
        species: only animals of this species; None for all.
        deployments: of a table, beside those that the archive knows, which all gave a video.
        not_seen_months: from how many months on an animal counts as not seen.
    """
    registry = read_registry(store)
    ids = {animal.code: animal.individual_id for animal in registry.individuals.values()}
    days: dict[int, list[date | None]] = {}
    for one in sighting_rows(store):
        if one.individual in ids:
            days.setdefault(ids[one.individual], []).append(one.captured_at and one.captured_at.date())
    last_video = last_videos(store)
    every = known_deployments(store, deployments)
    return [
        take_census(registry, days, first, last, effort(every, last_video, first, last), species, not_seen_months)
        for first, last in periods
    ]


def years_with_sightings(store: Store) -> list[int]:
    """Every year from the first dated sighting to the last, rising; none without a dated sighting."""
    seen = [one.captured_at.year for one in sighting_rows(store) if one.captured_at and one.individual]
    return list(range(min(seen), max(seen) + 1)) if seen else []
