"""How much of the animals' visible time has a track's box on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evaluate.compared import GOOD_IOU, MATCH_IOU, Compared
from pipeline.values import Array

DRAWS = 2000  # of the bootstrap
LEVEL = 0.95  # of its interval
_SEED = 1

Texts = NDArray[np.str_]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """The coverage of one part of the footage."""

    part: str
    clips: int
    visible_s: float  # animal-seconds
    covered: float  # share (0..1) of them with a box of at least MATCH_IOU
    interval: Interval  # in which that share lies in LEVEL of the draws of clips
    covered_well: float  # share with a box of at least GOOD_IOU
    median_iou: float | None  # over the covered time, each animal's best box; None if nothing is covered


@dataclass(frozen=True, slots=True, eq=False)
class Sights:
    """Every frame of every animal that can be seen well enough, in one list of m. All arrays are (m,)."""

    clip: NDArray[np.int64]  # which
    light: Texts
    behaviour: Texts
    seconds: Array  # for which the frame stands
    best: Array  # largest overlap of any track's box, 0..1

    def only(self, chosen: NDArray[np.bool_]) -> "Sights":
        """Those of the list that are chosen by a mask (m,)."""
        return Sights(
            self.clip[chosen], self.light[chosen], self.behaviour[chosen], self.seconds[chosen], self.best[chosen]
        )


def sights_of(compared: Sequence[Compared], *, people: bool = False) -> Sights:
    """All sights of the animals of some clips, or of the people in them."""
    clips, lights, behaviours, seconds, best = [], [], [], [], []
    for number, one in enumerate(compared):
        visible, steps = one.visible, one.clip.steps
        for index, animal in enumerate(one.clip.animals):
            if animal.is_person != people:
                continue
            seen = np.flatnonzero(visible[:, index])
            clips.append(np.full(len(seen), number))
            lights += [one.clip.light] * len(seen)
            behaviours += [animal.behaviours[frame] for frame in seen]
            seconds.append(steps[seen])
            best.append(one.overlap[seen, index].max(axis=1, initial=0.0))
    return Sights(
        np.concatenate([np.empty(0, dtype=np.int64), *clips]),
        np.array(lights, dtype=np.str_),
        np.array(behaviours, dtype=np.str_),
        np.concatenate([np.empty(0), *seconds]),
        np.concatenate([np.empty(0), *best]),
    )


def coverage(sights: Sights) -> list[CoverageRow]:
    """The coverage of everything, then by light, then by what the animal does at that moment.

    Parts of which nothing is visible have no row.
    """
    rows = [cover("all", sights)]
    rows += [cover(light, sights.only(sights.light == light)) for light in sorted(set(sights.light.tolist()))]
    named = sorted(set(sights.behaviour.tolist()))
    rows += [cover(behaviour, sights.only(sights.behaviour == behaviour)) for behaviour in named]
    return [row for row in rows if row is not None]


def cover(part: str, sights: Sights) -> CoverageRow | None:
    """One row of the table; None if nothing is visible."""
    visible_s = float(sights.seconds.sum())
    if not visible_s:
        return None
    on = sights.best >= MATCH_IOU
    clips, place = np.unique(sights.clip, return_inverse=True)
    visible = np.bincount(place, sights.seconds, len(clips)).astype(float)
    covered = np.bincount(place, sights.seconds * on, len(clips)).astype(float)
    return CoverageRow(
        part=part,
        clips=len(clips),
        visible_s=visible_s,
        covered=float(covered.sum() / visible_s),
        interval=interval_of_share(covered, visible),
        covered_well=float(sights.seconds[sights.best >= GOOD_IOU].sum() / visible_s),
        median_iou=float(np.median(sights.best[on])) if on.any() else None,
    )


def interval_of_share(part: Array, whole: Array) -> Interval:
    """Percentile interval of `part.sum() / whole.sum()` when clips are drawn anew with replacement.

    Clips are drawn and not frames, since the frames of a clip stand or fall together (the cluster bootstrap of Davison
    and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). The same numbers always give the same
    interval.

    Args:
        part: (n,) of each clip, n at least 1.
        whole: (n,) of each clip, above 0.
    """
    draws = np.random.default_rng(_SEED).integers(len(whole), size=(DRAWS, len(whole)))
    shares = part[draws].sum(axis=1) / whole[draws].sum(axis=1)
    low, high = np.quantile(shares, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
