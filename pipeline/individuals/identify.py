"""What a view says about who it shows: candidates with probabilities, and how likely it is none of them.

Nothing here decides. A person confirms, and until then an animal is whoever it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.individuals.calibration import Calibration, SameRule
from pipeline.individuals.flanks import OTHER
from pipeline.individuals.matching import Gallery, Match, match
from pipeline.individuals.pattern import Pattern


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A known individual that the view may show."""

    probability: float  # 0..1
    match: Match


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """Everything that can be said about one view. `same`, `new` and `cannot_tell` sum to 1."""

    candidates: tuple[Candidate, ...]  # best first
    same: float  # that it is one of the candidates
    new: float  # that it is none of the known individuals
    cannot_tell: float
    reason: str  # why it cannot be told; empty if it can


def identify(
    query: Pattern,
    flank: str,
    galleries: Mapping[str, Gallery],
    calibration: Calibration,
    known: int | None = None,
) -> Identification:
    """Compares one view with everything known of the same flank.

    Args:
        query: what the view shows.
        flank: left, right or other.
        galleries: by flank; a left view is never compared with a right one.
        calibration: what scores mean.
        known: how many individuals there are, with those of which this flank was never seen; by default those in
            the gallery alone.

    Returns:
        Candidates without anyone chosen. What is left of the probability is `new` as far as the animal would have been
        found if it were known, and `cannot_tell` for the rest: too little pattern in view, or known individuals whose
        flank was never seen.
    """
    gallery = galleries.get(flank)
    if flank == OTHER:
        return _cannot_tell("neither flank is in view")
    if not len(query):
        return _cannot_tell("no pattern is to be seen")
    there = len(gallery.individuals) if gallery is not None else 0
    everybody = max(known or 0, there)
    if gallery is None or not there:
        if everybody:
            return _cannot_tell(f"no {flank} flank of any individual is known")
        return Identification((), 0.0, _would_be_found(query, calibration), 1 - _would_be_found(query, calibration), "")
    matches = match(query, gallery)
    odds = np.exp([log_odds(calibration.same, one.score) for one in matches]) if matches else np.zeros(0)
    chances = odds / (1 + odds.sum())
    order = np.argsort(-chances, kind="stable")
    same = float(chances.sum())
    new = (1 - same) * _would_be_found(query, calibration) * there / everybody
    cannot_tell = 1 - same - new
    reason = "" if cannot_tell < max(same, new) else _why(query, calibration, flank)
    candidates = tuple(Candidate(float(chances[number]), matches[number]) for number in order)
    return Identification(candidates, same, new, cannot_tell, reason)


def log_odds(rule: SameRule, score: float) -> float:
    """Log-odds that a match of this score is the same animal."""
    return float(rule.base + rule.score * np.log1p(score))


def _would_be_found(query: Pattern, calibration: Calibration) -> float:
    value = calibration.found.base + calibration.found.features * np.log1p(len(query))
    return float(1 / (1 + np.exp(-value)))


def _why(query: Pattern, calibration: Calibration, flank: str) -> str:
    if _would_be_found(query, calibration) < 0.5:
        return f"only {len(query)} features of the pattern are to be seen"
    return f"the {flank} flank of many known individuals was never seen"


def _cannot_tell(reason: str) -> Identification:
    return Identification((), 0.0, 0.0, 1.0, reason)
