"""What a view says about who it shows: candidates with probabilities, and how likely it is none of them.

Nothing here decides. A person confirms, and until then an animal is whoever it was.
"""

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Odds:
    """What scores come to. All but `chances` sum to 1."""

    chances: tuple[float, ...]  # of each individual, in the order of its score; they sum to `same`
    same: float
    new: float
    cannot_tell: float


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
    share = there / everybody if everybody else 1.0
    if not share:
        return _cannot_tell(why_not(len(query), flank, calibration, 1.0, share))
    matches = match(query, gallery) if gallery is not None else ()
    found = would_be_found(len(query), calibration) * share
    odds = weigh([one.score for one in matches], found, calibration.same)
    order = np.argsort(-np.array(odds.chances), kind="stable")
    reason = "" if odds.cannot_tell < max(odds.same, odds.new) else why_not(len(query), flank, calibration, 1.0, share)
    candidates = tuple(Candidate(odds.chances[number], matches[number]) for number in order)
    return Identification(candidates, odds.same, odds.new, odds.cannot_tell, reason)


def weigh(scores: Sequence[float], found: float, rule: SameRule) -> Odds:
    """What the scores of different individuals come to.

    The view shows one of them or none; each score gives the odds of that one against none.

    Args:
        scores: of the best match with each individual, 0 or more.
        found: probability (0..1) that the animal would be among them with a high score if it were known.
        rule: what scores mean.
    """
    odds = np.exp([log_odds(rule, score) for score in scores]) if scores else np.zeros(0)
    chances = odds / (1 + odds.sum())
    same = float(chances.sum())
    new = (1 - same) * found
    return Odds(tuple(chances.tolist()), same, new, 1 - same - new)


def log_odds(rule: SameRule, score: float) -> float:
    """Log-odds that a match of this score is the same animal."""
    return float(rule.base + rule.score * np.log1p(score))


def would_be_found(features: int, calibration: Calibration) -> float:
    """Probability that an animal of which so many features are in view is found if that flank of it is known."""
    value = calibration.found.base + calibration.found.features * np.log1p(features)
    return float(1 / (1 + np.exp(-value)))


def why_not(features: int, flank: str, calibration: Calibration, sure: float, known: float) -> str:
    """In words, why a view can leave open whom it shows.

    Args:
        features: of its pattern.
        flank: left or right.
        calibration: what scores mean.
        sure: probability (0..1) that it shows this flank.
        known: share (0..1) of the known individuals of which this flank was seen.
    """
    if not known:
        return f"no {flank} flank of any individual is known"
    if would_be_found(features, calibration) < 0.5:
        return f"only {features} features of the pattern are to be seen"
    if sure < known:
        return "which flank is in view is not sure"
    return f"the {flank} flank of many known individuals was never seen"


def _cannot_tell(reason: str) -> Identification:
    return Identification((), 0.0, 0.0, 1.0, reason)
