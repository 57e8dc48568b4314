"""Which flank an animal shows: told from where it goes and where its tail is.

A coat's two flanks differ, so a left flank must never be compared with a right one. An animal that walks to the
picture's right shows its right flank. One that stands is told by its outline: a tail is thin, a head is not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEFT, RIGHT, OTHER = "left", "right", "other"
SURE = 0.9  # probability from which on a flank is taken for what it was told to be
FASTEST = 1.5  # body lengths a second; more says no more
_TAIL_AREA = 0.04  # share of the outline that a tail's outer part has at most


@dataclass(frozen=True, slots=True)
class FlankRule:
    """Weights of a logistic rule; `models.identity` fits them, configs/coat-matching.yaml keeps them."""

    speed: float  # log-odds of the right flank for one body length a second to the right
    tail: float  # for one unit of `tail_side`
    lateral_base: float  # log-odds that a flank is seen at all, for an outline as wide as high
    lateral_stretch: float  # for one unit of the logarithm of width over height


def tell_flank(rule: FlankRule, mask: NDArray[np.bool_], to_right: float | None) -> tuple[str, float]:
    """The flank that is likeliest in view, and how likely.

    Args:
        rule: the weights.
        mask: (h, w) the animal's outline in square pixels.
        to_right: body lengths a second that it moves to the picture's right, negative to its left; None if unknown.

    Returns:
        left, right or other (front, rear, or nothing to tell from), and its probability, 1/3 to 1.
    """
    if not mask.any():
        return OTHER, 1.0
    lateral = _logistic(rule.lateral_base + rule.lateral_stretch * np.log(stretch(mask)))
    moved = 0.0 if to_right is None else float(np.clip(to_right, -FASTEST, FASTEST))
    right = _logistic(rule.speed * moved + rule.tail * tail_side(mask))
    chances = {LEFT: lateral * (1 - right), RIGHT: lateral * right, OTHER: 1 - lateral}
    flank = max(chances, key=lambda name: chances[name])
    return flank, chances[flank]


def stretch(mask: NDArray[np.bool_]) -> float:
    """Width over height of the outline that is not empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return float((columns[-1] + 1 - columns[0]) / (rows[-1] + 1 - rows[0]))


def tail_side(mask: NDArray[np.bool_]) -> float:
    """Where the thin end of an outline is: above 0 at the picture's left (it faces right), below 0 at its right.

    The logarithm of how far one has to go in from the left until 4 % of the area is passed, over the same from the
    right; both in shares of the outline's width.
    """
    thick = mask.sum(axis=0).astype(np.float64)
    thick = np.trim_zeros(thick)
    passed = np.cumsum(thick) / thick.sum()
    from_left = (np.searchsorted(passed, _TAIL_AREA) + 1) / len(thick)
    from_right = (np.searchsorted(np.cumsum(thick[::-1]) / thick.sum(), _TAIL_AREA) + 1) / len(thick)
    return float(np.log(from_left / from_right))


def _logistic(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))
