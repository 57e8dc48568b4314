"""Scores of whole bouts: how many were found, and how far off their starts and ends lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.evaluate.behaviour.chance import estimate, resampled
from models.evaluate.behaviour.scores import EdgeError, SegmentScore
from models.evaluate.behaviour.timeline import Span, flattened, joined_true, overlap_s, union
from models.evaluate.behaviour.values import EMPTY, PredictedBout, TrueBout
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.values import Array

OVERLAPS = (0.1, 0.25, 0.5)
EDGES_FROM = 0.1  # starts and ends are compared of bouts that overlap at least so much
GAP_S = 0.5  # labels that lie no further apart leave no unlabelled time between them


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a predicted bout that lies in labelled time, and the whole of it."""

    behaviour: str
    inside: Span
    whole: Span


@dataclass(frozen=True, slots=True)
class Match:
    """A true bout, the predicted one that goes with it, and how much they overlap (0..1)."""

    true: TrueBout
    segment: Segment
    overlap: float


@dataclass(frozen=True, slots=True)
class Found:
    """The bouts of one subject, ready to be counted."""

    true: tuple[TrueBout, ...]  # with an animal that can be told
    segments: tuple[Segment, ...]  # named
    matches: tuple[Match, ...]  # one to one, of any overlap


def find(true: Sequence[TrueBout], predicted: Sequence[PredictedBout]) -> Found:
    """Match the bouts of one subject one to one, the best overlap first (Lea et al. 2017, doi 10.1109/CVPR.2017.113).

    Overlap is temporal intersection over union. Of predicted bouts, the part within labelled time is taken; `unknown`
    is no bout.
    """
    bouts = joined_true(true)
    tellable = union(((b.start_s, b.end_s) for b in bouts if b.behaviours != (UNKNOWN,)), GAP_S)
    there = [bout for bout in bouts if bout.behaviours not in ((UNKNOWN,), (EMPTY,))]
    segments = [
        Segment(bout.behaviour, (max(bout.start_s, start), min(bout.end_s, end)), (bout.start_s, bout.end_s))
        for bout in flattened(predicted)
        if bout.behaviour != UNKNOWN
        for start, end in tellable
        if overlap_s((bout.start_s, bout.end_s), (start, end)) > 0
    ]
    return Found(tuple(there), tuple(segments), tuple(_matches(there, segments)))


def counts(found: Sequence[Found]) -> Array:
    """Of one video's subjects, for each of `OVERLAPS`: matched, named and true bouts: (3, 3)."""
    named = sum(len(one.segments) for one in found)
    true = sum(len(one.true) for one in found)
    matched = [sum(match.overlap >= k for one in found for match in one.matches) for k in OVERLAPS]
    return np.array([[count, named, true] for count in matched], dtype=float)


def segment_scores(by_video: Array, weights: Array | None) -> tuple[SegmentScore, ...]:
    """F1, precision and recall at each overlap, all behaviours together.

    Args:
        by_video: (v, 3, 3) `counts`.
        weights: (b, v) of the bootstrap, or None.
    """
    whole, drawn = by_video.sum(axis=0), resampled(by_video, weights)
    values, samples = _f1(whole), None if drawn is None else _f1(drawn)
    return tuple(
        SegmentScore(
            overlap=k,
            f1=estimate(values[i], None if samples is None else samples[:, i]),
            precision=_ratio(whole[i, 0], whole[i, 1]),
            recall=_ratio(whole[i, 0], whole[i, 2]),
        )
        for i, k in enumerate(OVERLAPS)
    )


def edge_errors(found: Sequence[Found]) -> tuple[EdgeError, EdgeError]:
    """How far starts and ends of matched bouts lie from the true ones; true edges that are cut off are left out."""
    near = [match for one in found for match in one.matches if match.overlap >= EDGES_FROM]
    starts = [m.segment.whole[0] - m.true.start_s for m in near if not m.true.censored_start]
    ends = [m.segment.whole[1] - m.true.end_s for m in near if not m.true.censored_end]
    return _edge_error(starts), _edge_error(ends)


def _matches(true: Sequence[TrueBout], segments: Sequence[Segment]) -> list[Match]:
    pairs = [
        (_iou((bout.start_s, bout.end_s), segment.inside), i, j)
        for i, bout in enumerate(true)
        for j, segment in enumerate(segments)
        if segment.behaviour in bout.behaviours
    ]
    taken: list[Match] = []
    free_true, free_segments = set(range(len(true))), set(range(len(segments)))
    for overlap, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if overlap > 0 and i in free_true and j in free_segments:
            free_true.remove(i)
            free_segments.remove(j)
            taken.append(Match(true[i], segments[j], overlap))
    return taken


def _iou(one: Span, other: Span) -> float:
    shared = overlap_s(one, other)
    return shared / (one[1] - one[0] + other[1] - other[0] - shared)


def _f1(sums: Array) -> Array:
    """(..., 3, 3) counts to (..., 3); NaN where there is neither a true nor a named bout."""
    matched, whole = 2 * sums[..., 0], sums[..., 1] + sums[..., 2]
    return np.asarray(np.divide(matched, whole, out=np.full(whole.shape, np.nan), where=whole > 0))


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _edge_error(errors: Sequence[float]) -> EdgeError:
    if not errors:
        return EdgeError(0, None, None, None)
    off = np.abs(errors)
    return EdgeError(len(errors), float(np.median(off)), float(np.quantile(off, 0.9)), float(np.median(errors)))
