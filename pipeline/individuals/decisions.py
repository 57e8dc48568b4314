"""What people decide about individuals: each decision is kept for good, and says all that is needed to do it again.

The registry is nothing but the decisions in force, taken in order; so undoing one restores exactly what was there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.individuals.animals import LifeStage, Seen, Sex


@dataclass(frozen=True, slots=True)
class Traits:
    """What is said about an animal; None and () leave things as they are."""

    species: str | None = None
    sex: Sex | None = None
    born: date | None = None
    died: date | None = None
    mother_id: int | None = None
    stage: LifeStage | None = None
    stage_from: date | None = None  # the day from which on `stage` holds; there where `stage` is
    names: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()  # fields of an individual to be emptied, or single names, marks and tags


@dataclass(frozen=True, slots=True)
class New:
    """An animal enters the registry, with the sighting that shows it or from an older list."""

    code: str
    provisional: bool
    seen: Seen | None
    traits: Traits
    species_said: bool | None = None  # else the species is what the track was called; None: an older decision


@dataclass(frozen=True, slots=True)
class Confirm:
    """This is that animal."""

    individual_id: int
    seen: Seen


@dataclass(frozen=True, slots=True)
class Reject:
    """This is not that animal."""

    individual_id: int
    seen: Seen


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records are of one animal."""

    kept_id: int
    absorbed_id: int


@dataclass(frozen=True, slots=True)
class Link:
    """A record of a left flank and one of a right flank are of one animal."""

    kept_id: int
    absorbed_id: int


@dataclass(frozen=True, slots=True)
class Split:
    """Some sightings of one record are of another animal."""

    individual_id: int
    sighting_ids: tuple[str, ...]
    code: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Rename:
    """An animal gets another code."""

    individual_id: int
    code: str


@dataclass(frozen=True, slots=True)
class SetTraits:
    """Something is said about an animal."""

    individual_id: int
    traits: Traits


@dataclass(frozen=True, slots=True)
class Tag:
    """Something to watch for was seen on an animal here, whoever it is."""

    seen: Seen
    tags: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()  # tags of the same stretch that do not hold


@dataclass(frozen=True, slots=True)
class Undo:
    """An earlier decision no longer holds; to undo an undoing is to decide again as before."""

    number: int


Decision = New | Confirm | Reject | Merge | Link | Split | Rename | SetTraits | Tag | Undo


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, with its place in the log."""

    number: int  # 1, 2, ... in order
    who: str
    at: datetime  # aware
    note: str
    decision: Decision


def standing(log: Iterable[Decided]) -> list[Decided]:
    """What nobody has undone, in order, undoings that hold among it."""
    undone: set[int] = set()
    found = []
    for decided in sorted(log, key=lambda one: one.number, reverse=True):
        if decided.number not in undone:
            found.append(decided)
            if isinstance(decided.decision, Undo):
                undone.add(decided.decision.number)
    return found[::-1]


def in_force(log: Iterable[Decided]) -> list[Decided]:
    """The decisions that still hold, in order; undoings are not among them."""
    return [one for one in standing(log) if not isinstance(one.decision, Undo)]
