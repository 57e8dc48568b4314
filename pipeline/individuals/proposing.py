"""Candidates for who an animal is: what a matcher is given, what it answers, and what of its answer is worth showing.

A candidate is a proposal. It names nobody until a person confirms it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.individuals.animals import Flank, Individual
from pipeline.individuals.registry import Registry

MOST_CANDIDATES = 5

PointPair = tuple[float, float, float, float]  # x, y in the query, x, y in the known view, shares of their pictures


@dataclass(frozen=True, slots=True)
class View:
    """One picture of one flank of one track's animal."""

    view_id: str
    track_id: str
    t: float  # seconds in the video
    flank: Flank
    flank_probability: float  # 0..1
    quality: float  # 0..1
    picture: Path
    pattern: Path | None  # what the matcher kept of the picture


@dataclass(frozen=True, slots=True)
class Match:
    """How well one known animal fits, as a matcher says."""

    individual_id: int
    score: float  # 0 or more, of the matcher's own scale; higher is likelier
    view_id: str | None = None  # of the query
    known_view_id: str | None = None
    points: tuple[PointPair, ...] = ()  # strongest first


Rank = Callable[[Sequence[View]], Iterable[Match]]  # of one track's views
Matcher = Callable[[Mapping[int, Sequence[View]]], Rank]  # made ready for the views of each known animal


def worth_showing(
    matches: Iterable[Match], registry: Registry, species: str | None, rejected: Iterable[int] = ()
) -> list[Match]:
    """The best matches, each animal once and best first, at most five.

    Left out are animals that are no more in the registry, of another species, or that a person has said it is not.
    A record that was merged stands for the one that it was merged into.

    Args:
        matches: in any order.
        registry: as it stands.
        species: of the track; None if unknown.
        rejected: ids of animals that it is not.
    """
    best: dict[int, Match] = {}
    barred = set(rejected)
    for match in sorted(matches, key=lambda one: (-one.score, one.individual_id)):
        animal = registry.present(match.individual_id)
        if animal is None or animal.individual_id in barred or _other_species(animal, species):
            continue
        best.setdefault(animal.individual_id, match)
    return list(best.values())[:MOST_CANDIDATES]


def _other_species(animal: Individual, species: str | None) -> bool:
    return animal.species is not None and species is not None and animal.species != species
