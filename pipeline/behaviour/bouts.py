"""Cut a track into bouts: one behaviour each, with start, end, probability and what spoke for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.settings import BehaviourSettings
from pipeline.values import Array, Bout, Features

SWITCH_S = 0.5  # a change of behaviour must be worth this many seconds of certainty
ROUNDING_S = 0.001  # times that differ by less are the same


Explain = Callable[[slice, int], str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of samples with one behaviour."""

    first: int
    last: int  # inclusive
    code: int


@dataclass(frozen=True, slots=True)
class _Named:
    """A stretch, and what it is called, which may be `unknown` after all."""

    stretch: Stretch
    lasts_s: float
    code: str
    probability: float
    doubts: list[str]  # why it is unknown, if another behaviour is about as likely


def name_bouts(
    track: int,
    features: Features,
    probabilities: Array,
    codes: tuple[str, ...],
    settings: BehaviourSettings,
    video_end_s: float,
    explain: Explain,
    shortest_s: Mapping[str, float] = MappingProxyType({}),
    at_once: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> list[Bout]:
    """The bouts of one track, one after the other without gaps, each sample standing for the time half way to the next.

    The first and the last stand for half a sampling step beyond them as well: when the animal came or went between two
    looks is not known.

    Args:
        track: its number.
        features: its motion.
        probabilities: (n, k) of each behaviour at each of its samples, rows summing to 1.
        codes: (k,) the behaviours, `unknown` among them.
        settings: shortest bout, least probability, least lead over another behaviour.
        video_end_s: when the video's last picture ends, seconds, to tell which bouts it cut off: those that last until
            one sampling step before.
        explain: what spoke for a behaviour in a stretch of samples: the samples, and the behaviour's column.
        shortest_s: seconds that a bout of a behaviour lasts at least, where that is more than the settings' shortest.
        at_once: for each behaviour, those that may hold at the same time (`Ethogram.at_once`) and so do not rival it.
    """
    t = features.t
    step = float(np.median(np.diff(t))) if len(t) > 1 else 0.0
    edges = np.concatenate([[max(t[0] - step / 2, 0.0)], (t[:-1] + t[1:]) / 2, [min(t[-1] + step / 2, video_end_s)]])
    shortest = np.array([max(shortest_s.get(code, 0.0), settings.min_bout_s) for code in codes])
    stretches = merge_short(decode_path(probabilities, t), edges, probabilities, shortest)
    named = [_called(one, edges, probabilities, codes, settings, at_once) for one in stretches]
    bouts = []
    for _, group in groupby(named, key=lambda one: one.code):
        parts = list(group)
        first, last = parts[0].stretch.first, parts[-1].stretch.last
        doubts = [words for part in parts for words in part.doubts]
        column = parts[0].stretch.code if len(parts) == 1 else codes.index(UNKNOWN)
        bouts.append(
            Bout(
                track=track,
                behaviour=parts[0].code,
                start_s=float(edges[first]),
                end_s=float(edges[last + 1]),
                probability=_mean_probability(parts),
                censored_start=first == 0 and t[0] <= step + ROUNDING_S,
                censored_end=last == len(t) - 1 and t[-1] >= video_end_s - step - ROUNDING_S,
                evidence="; ".join([*doubts, explain(slice(first, last + 1), column)]),
            )
        )
    return bouts


def _called(
    stretch: Stretch,
    edges: Array,
    probabilities: Array,
    codes: tuple[str, ...],
    settings: BehaviourSettings,
    at_once: Mapping[str, frozenset[str]],
) -> _Named:
    lasts = float(edges[stretch.last + 1] - edges[stretch.first])
    shares = dict(zip(codes, probabilities[stretch.first : stretch.last + 1].mean(axis=0).tolist(), strict=True))
    code = codes[stretch.code]
    probability, doubts = shares[code], _toss_up(shares, code, at_once, settings.min_lead)
    if code != UNKNOWN and (doubts or probability < settings.min_probability or lasts < settings.min_bout_s):
        code, probability = UNKNOWN, 1 - probability
    return _Named(stretch, lasts, code, probability, doubts)


def _mean_probability(parts: Sequence[_Named]) -> float:
    if len(parts) == 1:
        return parts[0].probability
    return float(np.average([part.probability for part in parts], weights=[part.lasts_s for part in parts]))


def _toss_up(
    shares: Mapping[str, float], code: str, at_once: Mapping[str, frozenset[str]], min_lead: float
) -> list[str]:
    """Says so if the animal might about as well do something else: then a little grain in the picture would decide."""
    no_rivals = {code, UNKNOWN} | at_once.get(code, frozenset())
    rival = max((other for other in shares if other not in no_rivals), key=shares.__getitem__, default=UNKNOWN)
    if UNKNOWN in (code, rival) or shares[code] - shares[rival] >= min_lead:
        return []
    words = (f"{one.replace('_', ' ')} ({shares[one]:.2f})" for one in (code, rival))
    return [f"between {' and '.join(words)}"]


def name_also(
    bouts: Sequence[Bout],
    t: Array,
    probabilities: Array,
    codes: tuple[str, ...],
    at_once: Mapping[str, frozenset[str]],
    least: float,
) -> list[Bout]:
    """The same bouts with what else the animal does meanwhile, as far as the ethogram lets the two go together.

    A classifier shares its belief out among behaviours as if there were but one at a time. Between two that go together
    a divided belief is no doubt, so what has a share of it that counts is named as well.

    Args:
        bouts: of one track.
        t: (n,) rising seconds.
        probabilities: (n, k) at each, rows summing to 1.
        codes: (k,) the behaviours.
        at_once: for each behaviour, those that may hold at the same time (`Ethogram.at_once`).
        least: mean probability, 0..1, from which another behaviour is named as well.
    """
    found = []
    for bout in bouts:
        inside = (t >= bout.start_s - ROUNDING_S) & (t <= bout.end_s + ROUNDING_S)
        others = at_once.get(bout.behaviour, frozenset())
        means = zip(probabilities[inside].mean(axis=0), codes, strict=True) if inside.any() else ()
        likely = sorted(((share, code) for share, code in means if code in others and share >= least), reverse=True)
        found.append(replace(bout, also=tuple(code for _, code in likely)))
    return found


def decode_path(probabilities: Array, t: Array) -> list[Stretch]:
    """The likeliest sequence of behaviours when every switch costs `SWITCH_S` (Viterbi's algorithm).

    Each sample weighs by the time it stands for, so that the result does not hang on the sampling rate.

    Args:
        probabilities: (n, k), n at least 1.
        t: (n,) rising seconds.
    """
    weights = np.gradient(t) if len(t) > 1 else np.ones(1)
    gains = np.log(probabilities.clip(1e-3)) * weights[:, None]
    cost = -SWITCH_S * np.log(1e-3) / 2
    best = gains[0].copy()
    came_from: NDArray[np.int64] = np.zeros(probabilities.shape, dtype=np.int64)
    for i in range(1, len(t)):
        switch = int(best.argmax())
        stays = best >= best[switch] - cost
        came_from[i] = np.where(stays, np.arange(len(best)), switch)
        best = np.where(stays, best, best[switch] - cost) + gains[i]
    states = np.empty(len(t), dtype=np.int64)
    states[-1] = best.argmax()
    for i in range(len(t) - 1, 0, -1):
        states[i - 1] = came_from[i, states[i]]
    return runs(states)


def runs(states: NDArray[np.int64]) -> list[Stretch]:
    """Consecutive equal states as stretches that cover all samples."""
    starts = [0, *(np.flatnonzero(np.diff(states)) + 1).tolist(), len(states)]
    return [Stretch(a, b - 1, int(states[a])) for a, b in pairwise(starts)]


def merge_short(stretches: list[Stretch], edges: Array, probabilities: Array, shortest_s: Array) -> list[Stretch]:
    """Give stretches that are too short to the neighbour that fits their samples better, shortest first.

    A stretch at the track's start or end may have been cut off there, so it need only be half as long, but never
    shorter than every behaviour must be.

    Args:
        stretches: that cover all samples.
        edges: (n + 1,) rising seconds between which each sample stands for what happens.
        probabilities: (n, k).
        shortest_s: (k,) seconds that each behaviour lasts at least.
    """
    stretches = list(stretches)
    while len(stretches) > 1:
        lengths = [edges[s.last + 1] - edges[s.first] for s in stretches]
        needed = shortest_s[[s.code for s in stretches]]
        needed[[0, -1]] = np.maximum(needed[[0, -1]] / 2, shortest_s.min())
        missing = np.array(lengths) / np.maximum(needed, ROUNDING_S)
        i = int(np.argmin(missing))
        if missing[i] >= 1:
            break
        inside = slice(stretches[i].first, stretches[i].last + 1)
        neighbours = [j for j in (i - 1, i + 1) if 0 <= j < len(stretches)]
        j = max(neighbours, key=lambda n: probabilities[inside, stretches[n].code].sum())
        first, last = min(stretches[i].first, stretches[j].first), max(stretches[i].last, stretches[j].last)
        stretches[min(i, j) : max(i, j) + 1] = [Stretch(first, last, stretches[j].code)]
        states = np.concatenate([np.full(s.last - s.first + 1, s.code) for s in stretches])
        stretches = runs(states)
    return stretches
