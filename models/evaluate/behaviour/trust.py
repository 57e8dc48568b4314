"""Whether probabilities can be trusted: calibration, and the error that is left when only sure bouts are named."""

from collections.abc import Sequence

import numpy as np

from models.evaluate.behaviour.scores import Bin, Calibration, RiskPoint
from models.evaluate.behaviour.timeline import Piece
from models.evaluate.behaviour.values import EMPTY, NO_TRACK
from pipeline.behaviour.ethogram import UNKNOWN

BINS = 10
THRESHOLDS = tuple(round(i * 0.05, 2) for i in range(20))


def calibration(found: Sequence[Piece]) -> Calibration:
    """Expected calibration error over ten equal bins of probability, each weighted by its time.

    As in Guo et al. 2017 (On calibration of modern neural networks), with seconds in place of samples. Only named time
    with a probability counts; a name where nobody is, is wrong.
    """
    named = [piece for piece in found if _is_named(piece) and piece.probability is not None]
    probability = np.array([piece.probability for piece in named], dtype=float)
    seconds = np.array([piece.seconds for piece in named])
    right = np.array([piece.truth == piece.said for piece in named], dtype=float)
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    bins = []
    for i in range(BINS):
        inside = place == i
        total = float(seconds[inside].sum())
        mean = float((seconds * probability)[inside].sum()) / total if total else None
        share = float((seconds * right)[inside].sum()) / total if total else None
        bins.append(Bin(i / BINS, (i + 1) / BINS, total, mean, share))
    whole = sum(one.seconds for one in bins)
    off = sum(
        one.seconds * abs(one.probability - one.right)
        for one in bins
        if one.probability is not None and one.right is not None
    )
    return Calibration(off / whole if whole else None, tuple(bins))


def risk_coverage(found: Sequence[Piece]) -> tuple[RiskPoint, ...]:
    """Share named and error among the named while the least probability rises (El-Yaniv & Wiener 2010).

    Time in which an animal is there and can be told counts; names without a probability go at once above 0.
    """
    there = [piece for piece in found if piece.truth not in (UNKNOWN, EMPTY)]
    whole = sum(piece.seconds for piece in there)
    points = []
    for threshold in THRESHOLDS:
        named = [piece for piece in there if _is_named(piece) and (piece.probability or 0.0) >= threshold]
        total = sum(piece.seconds for piece in named)
        wrong = sum(piece.seconds for piece in named if piece.truth != piece.said)
        points.append(RiskPoint(threshold, total / whole if whole else None, wrong / total if total else None))
    return tuple(points)


def _is_named(piece: Piece) -> bool:
    return piece.said not in (UNKNOWN, NO_TRACK) and piece.truth != UNKNOWN
