"""A flag: a reason for a person to look at certain sightings of one animal. It never says what an animal has.

Each flag carries the effect, the number of sightings that it rests on, what they were compared with, and how often such
a flag is raised in a year on an animal without any change. Wording names what is seen, never a cause.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FLAG_DIGITS = 12
PREAMBLE = (
    "A flag is a reason to look at the sightings that it names. It says what changed in what the cameras see; whether"
    " that matters, and why it is so, a person who knows the animal judges."
)
NOBODY_KNOWN = (
    "No animal is in the registry yet, so there is nothing to compare. Enter the first with `ethotrap individuals new"
    " --track TRACK` (`ethotrap tracks` lists them); then `ethotrap individuals propose` finds it in other videos."
)

# For each rule and animal (the sightings of it that people judged to be nothing out of the ordinary).
Dismissed = Mapping[tuple[int, str], frozenset[str]]
NOTHING_DISMISSED: Dismissed = {}


class Severity(StrEnum):
    """How soon a person should look."""

    WATCH = "keep an eye on"
    SOON = "look soon"
    FIRST = "look first"


@dataclass(frozen=True, slots=True)
class Flag:
    """One reason to look at an animal."""

    flag_id: str  # the same as long as the animal, the rule and the sightings that it began with are the same
    individual_id: int
    code: str
    rule: str  # an indicator's name, or "gait", "not_seen", "cub_not_seen", "hours_shift", "distemper_pattern"
    severity: Severity
    summary: str
    began: datetime  # the first sighting that speaks for it
    raised: datetime  # when what was filmed up to then was enough
    ended: datetime | None  # since when it is as usual again; None: it still stands
    effect: float  # how far from what is usual
    effect_unit: str
    rests_on: int  # sightings that speak for it
    compared_with: str
    reference_size: int  # sightings in what it was compared with
    false_alarms_a_year: float  # at most so many such flags a year on an animal without any change
    evidence: tuple[str, ...]  # ids of the sightings, rising in time


def flag_id(individual_id: int, rule: str, *parts: str) -> str:
    """12 hex digits that stand for what a flag is about."""
    text = "\n".join((str(individual_id), rule, *parts))
    return hashlib.sha256(text.encode()).hexdigest()[:FLAG_DIGITS]


def once_in(chance: float) -> str:
    """A small chance in words, such as "one in 250"."""
    return "fewer than one in 10000" if chance < 1e-4 else f"one in {1 / chance:.0f}"
