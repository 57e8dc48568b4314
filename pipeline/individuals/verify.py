"""Do matched features lie alike on both bodies? A chance resemblance of single spots does not survive this.

As in HotSpotter (Crall et al. 2013, "HotSpotter: patterned species instance recognition"), every match by itself
proposes how one view lies over the other, the proposal that most others agree with is refined to an affine map, and
what fits counts. Nothing is drawn by chance, so the same views always give the same answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 0.16  # body sides that a feature may lie from where it should; bodies bend and turn
_SCALE_RATIO = 1.7  # by which a feature's size may differ from what the proposal says
_STRETCH = (0.4, 2.5)  # of the affine map's two axes; a flank seen at 60 degrees is half as long
_LEAST = 4  # matches that an affine map is refined from; three fit anything
_ROUNDS = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Matched features of one view, in body sides."""

    points: NDArray[np.float32]  # (n, 2)
    scales: NDArray[np.float32]  # (n,)


def agreeing(query: Side, known: Side, weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which matches agree on one way to lay the query over the known view.

    Args:
        query: (n) features of the query.
        known: the features that they were matched with, in the same order.
        weights: (n,) how much each match is worth.

    Returns:
        (n,); none where fewer than four agree.
    """
    none = np.zeros(len(weights), dtype=np.bool_)
    if len(weights) < _LEAST:
        return none
    best = _best_proposal(query, known, weights)
    start = np.column_stack([query.points, np.ones(len(weights))]).astype(np.float64)
    moved = known.points.astype(np.float64)
    for _ in range(_ROUNDS):
        if best.sum() < _LEAST:
            return none
        share = np.sqrt(weights[best].astype(np.float64))[:, None]
        affine = _fit(start[best] * share, moved[best] * share)
        stretches = np.linalg.svd(affine[:2], compute_uv=False)
        if not (_STRETCH[0] <= stretches[1] and stretches[0] <= _STRETCH[1]) or np.linalg.det(affine[:2]) <= 0:
            return best
        fitting = np.linalg.norm(start @ affine - moved, axis=1) <= TOLERANCE
        best = fitting & _alike_in_size(query, known, float(np.sqrt(stretches.prod())))
    return best if best.sum() >= _LEAST else none


def _best_proposal(query: Side, known: Side, weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(n,) the matches that agree with the single match that most of the weight agrees with."""
    ratio = known.scales / query.scales
    shift = known.points - ratio[:, None] * query.points
    laid = ratio[:, None, None] * query.points[None] + shift[:, None]
    near = np.linalg.norm(laid - known.points[None], axis=2) <= TOLERANCE * 1.5
    alike = np.abs(np.log(ratio[None] / ratio[:, None])) <= np.log(_SCALE_RATIO)
    sane = (ratio > _STRETCH[0]) & (ratio < _STRETCH[1])
    agreed = near & alike & sane[:, None]
    return np.asarray(agreed[int((agreed @ weights).argmax())])


def _alike_in_size(query: Side, known: Side, ratio: float) -> NDArray[np.bool_]:
    return np.asarray(np.abs(np.log(known.scales / query.scales / ratio)) <= np.log(_SCALE_RATIO))


def _fit(start: Floats, moved: Floats) -> Floats:
    """(3, 2) the affine map of least squares, drawn a little towards no change of shape."""
    pull = 0.02 * np.eye(3)
    pull[2, 2] = 1e-9
    aim = np.vstack([np.eye(2), np.zeros((1, 2))])
    return np.asarray(np.linalg.solve(start.T @ start + pull, start.T @ moved + pull @ aim))
