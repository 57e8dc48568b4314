"""Scores in seconds: confusion, and from it precision, recall and F1 of each behaviour."""

from collections.abc import Mapping, Sequence

import numpy as np

from models.evaluate.behaviour.chance import estimate
from models.evaluate.behaviour.scores import ClassScore, Confusion
from models.evaluate.behaviour.timeline import Piece
from models.evaluate.behaviour.values import EMPTY, NO_TRACK
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.values import Array


def codes_in(found: Sequence[Piece]) -> list[str]:
    """Every behaviour that is true or was named, sorted."""
    special = {EMPTY, UNKNOWN, NO_TRACK}
    return sorted({code for piece in found for code in (piece.truth, piece.said)} - special)


def tally(found: Sequence[Piece], codes: Sequence[str]) -> Array:
    """Seconds by what is true and what was said; time that is truly `unknown` is left out.

    Args:
        found: of one video.
        codes: the k behaviours, as `codes_in` gives them for all videos.

    Returns:
        (k + 1, k + 2): rows are the codes and `empty`; columns the codes, `unknown` and `no track`.
    """
    rows = {code: i for i, code in enumerate([*codes, EMPTY])}
    columns = {code: i for i, code in enumerate([*codes, UNKNOWN, NO_TRACK])}
    seconds = np.zeros((len(rows), len(columns)))
    for piece in found:
        if piece.truth != UNKNOWN:
            seconds[rows[piece.truth], columns[piece.said]] += piece.seconds
    return seconds


def confusion(seconds: Array, codes: Sequence[str]) -> Confusion:
    """A tally with its names."""
    cells = tuple(tuple(float(cell) for cell in row) for row in seconds)
    return Confusion((*codes, EMPTY), (*codes, UNKNOWN, NO_TRACK), cells)


def precision(seconds: Array) -> Array:
    """Share of each behaviour's named time in which it is true: (..., k + 1, k + 2) to (..., k), NaN if never named."""
    right, _, named = _sums(seconds)
    return _share(right, named)


def recall(seconds: Array) -> Array:
    """Share of each behaviour's true time in which it was named: likewise, NaN if never true."""
    right, true, _ = _sums(seconds)
    return _share(right, true)


def f1(seconds: Array) -> Array:
    """Twice the right time over true and named time, the harmonic mean of precision and recall: likewise.

    It is 0 for a behaviour that is named and never true, and NaN for one that is neither.
    """
    right, true, named = _sums(seconds)
    return _share(2 * right, true + named)


def macro(values: Array, seconds: Array) -> Array:
    """Mean over the behaviours that are truly there, of those that have a value: (..., k) to (...)."""
    _, true, _ = _sums(seconds)
    counts = ~np.isnan(values) & (true > 0)
    return _share(np.where(counts, values, 0.0).sum(axis=-1), counts.sum(axis=-1))


def right_share(seconds: Array) -> Array:
    """Share of the animals' time that was rightly named: (..., k + 1, k + 2) to (...)."""
    right, true, _ = _sums(seconds)
    return _share(right.sum(axis=-1), true.sum(axis=-1))


def class_scores(
    by_video: Array, drawn: Array | None, codes: Sequence[str], bouts: Mapping[str, int]
) -> tuple[ClassScore, ...]:
    """Each behaviour's scores with intervals.

    Args:
        by_video: (v, k + 1, k + 2) tallies.
        drawn: (b, k + 1, k + 2) tallies of the bootstrap's samples; None: no intervals.
        codes: the k behaviours.
        bouts: how many true ones each has.
    """
    whole = by_video.sum(axis=0)
    _, true, named = _sums(whole)
    values = [(measure(whole), None if drawn is None else measure(drawn)) for measure in (precision, recall, f1)]
    scores = []
    for i, code in enumerate(codes):
        shares = [estimate(one[i], None if sample is None else sample[:, i]) for one, sample in values]
        scores.append(
            ClassScore(code, shares[0], shares[1], shares[2], float(true[i]), bouts.get(code, 0), float(named[i]))
        )
    return tuple(scores)


def _sums(seconds: Array) -> tuple[Array, Array, Array]:
    """Right, true and named seconds of each behaviour, each (..., k)."""
    k = seconds.shape[-1] - 2
    right = np.diagonal(seconds[..., :k, :k], axis1=-2, axis2=-1)
    return right, seconds[..., :k, :].sum(axis=-1), seconds[..., :k].sum(axis=-2)


def _share(part: Array, whole: Array) -> Array:
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))
