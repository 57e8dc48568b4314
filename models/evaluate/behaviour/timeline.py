"""Exact interval arithmetic: cut the time of one subject where anything changes, so that no time grid is needed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from models.evaluate.behaviour.values import EMPTY, NO_TRACK, PredictedBout, TrueBout
from pipeline.behaviour.ethogram import UNKNOWN

TOUCH_S = 0.05  # bouts of one behaviour that lie no further apart are one

Span = tuple[float, float]  # start and end, seconds


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of labelled time in which nothing changes."""

    truth: str  # a code, `unknown` or `empty`
    said: str  # a code, `unknown` or `no track`
    probability: float | None  # of what was said
    seconds: float


def pieces(true: Sequence[TrueBout], predicted: Sequence[PredictedBout]) -> list[Piece]:
    """The labelled time of one subject, piece by piece.

    Where several behaviours are true at once, what was said is right if it is any of them; if it is none, the time
    counts for the first, by start.

    Args:
        true: in any order; they may overlap.
        predicted: likewise; where they overlap, the surer one counts, and any name before `unknown`.
    """
    true = sorted(true, key=lambda bout: (bout.start_s, bout.end_s, bout.behaviours))
    edges = [(bout.start_s, bout.end_s) for bout in true] + [(bout.start_s, bout.end_s) for bout in predicted]
    cuts = sorted({second for span in edges for second in span})
    found = []
    for start, end in pairwise(cuts):
        truths = _true_at(true, start, end)
        if truths:
            bout = _said_at(predicted, start, end)
            said, probability = (bout.behaviour, bout.probability) if bout else (NO_TRACK, None)
            found.append(Piece(said if said in truths else truths[0], said, probability, end - start))
    return found


def flattened(predicted: Sequence[PredictedBout]) -> list[PredictedBout]:
    """What is said of one subject as bouts that do not overlap, by start; touching ones of one behaviour are joined.

    A joined bout's probability is the mean over its time.
    """
    cuts = sorted({edge for bout in predicted for edge in (bout.start_s, bout.end_s)})
    flat = [
        replace(bout, start_s=start, end_s=end)
        for start, end in pairwise(cuts)
        if (bout := _said_at(predicted, start, end)) is not None
    ]
    joined: list[PredictedBout] = []
    for bout in flat:
        if joined and joined[-1].behaviour == bout.behaviour and bout.start_s - joined[-1].end_s <= TOUCH_S:
            before = joined.pop()
            probability = _mean_probability(before, bout)
            bout = replace(before, end_s=bout.end_s, probability=probability)
        joined.append(bout)
    return joined


def joined_true(true: Sequence[TrueBout]) -> list[TrueBout]:
    """One subject's true bouts by start; those of the same behaviours that touch or overlap are joined.

    Edges next to time of which nobody can tell what the animal does are marked as cut off.
    """
    joined: list[TrueBout] = []
    for bout in sorted(true, key=lambda bout: (bout.behaviours, bout.start_s, bout.end_s)):
        last = joined[-1] if joined else None
        if last and last.behaviours == bout.behaviours and bout.start_s - last.end_s <= TOUCH_S:
            ending = max(last, bout, key=lambda one: one.end_s)
            joined[-1] = replace(last, end_s=ending.end_s, censored_end=ending.censored_end)
        else:
            joined.append(bout)
    untold = [bout for bout in joined if bout.behaviours == (UNKNOWN,)]
    marked = [
        replace(
            bout,
            censored_start=bout.censored_start or any(abs(u.end_s - bout.start_s) <= TOUCH_S for u in untold),
            censored_end=bout.censored_end or any(abs(u.start_s - bout.end_s) <= TOUCH_S for u in untold),
        )
        for bout in joined
    ]
    return sorted(marked, key=lambda bout: (bout.start_s, bout.end_s, bout.behaviours))


def told_differently_s(true: Sequence[TrueBout]) -> float:
    """Seconds of one subject in which its bouts name different behaviours, as two people's may."""
    definite = [bout for bout in true if bout.behaviours not in ((UNKNOWN,), (EMPTY,))]
    cuts = sorted({edge for bout in definite for edge in (bout.start_s, bout.end_s)})
    said = [
        (end - start, {bout.behaviours for bout in definite if bout.start_s <= start and end <= bout.end_s})
        for start, end in pairwise(cuts)
    ]
    return sum(seconds for seconds, behaviours in said if len(behaviours) > 1)


def union(spans: Iterable[Span], gap_s: float = 0.0) -> list[Span]:
    """Spans that cover the same time without overlapping, by start; gaps of up to `gap_s` seconds are closed."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start - found[-1][1] <= gap_s:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def overlap_s(one: Span, other: Span) -> float:
    """Seconds that two spans share."""
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def _true_at(true: Sequence[TrueBout], start: float, end: float) -> list[str]:
    """All behaviours true throughout the stretch, in the order of the bouts; what is vague gives way to what is not."""
    there = [code for bout in true if bout.start_s <= start and end <= bout.end_s for code in bout.behaviours]
    definite = [code for code in there if code not in (UNKNOWN, EMPTY)]
    if definite:
        return definite
    return [UNKNOWN] if UNKNOWN in there else there[:1]


def _said_at(predicted: Sequence[PredictedBout], start: float, end: float) -> PredictedBout | None:
    there = [bout for bout in predicted if bout.start_s <= start and end <= bout.end_s]
    return max(
        there,
        key=lambda bout: (bout.behaviour != UNKNOWN, bout.probability or 0.0, bout.behaviour, bout.start_s, bout.end_s),
        default=None,
    )


def _mean_probability(one: PredictedBout, other: PredictedBout) -> float | None:
    if one.probability is None or other.probability is None:
        return None
    weights = one.end_s - one.start_s, other.end_s - other.start_s
    return (one.probability * weights[0] + other.probability * weights[1]) / sum(weights)
