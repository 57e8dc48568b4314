"""`python -m models.identity SET [PHOTOS]`: fit configs/coat-matching.yaml and print it.

SET is a folder that `python -m models.simulate.coat_set SET 24 train` wrote, PHOTOS one of boxed photos with
boxes.csv, whose changed copies join in. Individuals of the training split appear in no measurement.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from models.evaluate.identity import Answer, View, photo_answers, read_photos, read_set, simulated_answers
from models.identity.logistic import fit_logistic
from pipeline.individuals.flanks import FASTEST, LEFT, RIGHT, tail_side
from pipeline.individuals.outline import cut_out
from pipeline.values import Array

SHRINKINGS = (1.0, 2.0, 4.0, 6.0)  # the smallest are meant to fail: they teach what cannot be told
LATERAL = {"lateral_base": 0.0, "lateral_stretch": 5.0}  # set by hand, see fit_flank
TAIL_CUT = (0.0, 0.02, 0.05, 0.08)  # of the outline's area, beyond the sides of the box
SPEED_ERROR = 0.4  # body lengths a second, of a speed told from boxes; set by hand
REGISTRIES = (2, 6, 24)  # individuals known
BODY_M = 1.1  # metres, of a simulated leopard's outline from the side


def main(arguments: list[str]) -> int:
    """Fit and print. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.identity", description=__doc__)
    parser.add_argument("set", type=Path, help="a folder that models.simulate.coat_set wrote")
    parser.add_argument("photos", type=Path, nargs="?", help="a folder of boxed photos with boxes.csv")
    chosen = parser.parse_args(arguments)
    views = read_set(chosen.set)
    found = [answer for part in parts_of(views) for answer in simulated_answers(part, SHRINKINGS)]
    photos = photo_answers(read_photos(chosen.photos)) if chosen.photos else []
    same = fit_same([*found, *photos])
    there = fit_found([*found, *photos], same)
    flank = fit_flank(views)
    individuals = len({view.individual for view in views})
    tree = {
        "version": 2,
        "trained_on": f"{len(found)} queries of {individuals} simulated leopards, {len(photos)} changed photos",
        "same": _named(("base", "score"), same),
        "found": _named(("base", "features"), there),
        "flank": flank,
    }
    sys.stdout.write(yaml.safe_dump(tree, sort_keys=False))
    return 0


def parts_of(views: Sequence[View]) -> list[list[View]]:
    """The set as registries of several sizes: scores must mean the same in a young one and in an old one."""
    names = sorted({view.individual for view in views})
    groups = [
        set(names[first : first + size])
        for size in dict.fromkeys(min(one, len(names)) for one in REGISTRIES)
        for first in range(0, len(names) - size + 1, size)
    ]
    return [[view for view in views if view.individual in group] for group in groups]


def fit_same(found: Sequence[Answer]) -> Array:
    """Base and weight of log(1 + score), from the best candidate with the right one there and with it away.

    Both kinds of query count alike, so the probabilities are those of an animal that is as likely known as new. The
    number of inliers is left out: beside the score it made held-out probabilities no better.
    """
    there = [(a.right[0], 1.0) if a.rank == 1 else (a.wrong[0], 0.0) for a in found]
    away = [(a.wrong[0], 0.0) for a in found]
    rows = np.array(there + away)
    return fit_logistic(np.log1p(rows[:, :1]), rows[:, 1])


def fit_found(found: Sequence[Answer], same: Array) -> Array:
    """Base and weight of log(1 + features) of the chance that a known animal comes first with more than even odds."""
    inputs = np.log1p(np.array([[answer.features] for answer in found], dtype=float))
    seen = [a.rank == 1 and same @ [1.0, np.log1p(a.right[0])] > 0 for a in found]
    return fit_logistic(inputs, np.array(seen, dtype=float))


def fit_flank(views: Sequence[View]) -> dict[str, float]:
    """The rule of `pipeline.individuals.flanks`, as the keys of its section.

    Speed and tail decide between the flanks; every view counts moving and, with its tail alone, standing. Outlines are
    cut out of boxes that leave out more or less of the tail, and speeds are off, as a detector's boxes have it; without
    that the true speed alone would decide, and a tremble of the box of an animal at rest would pass for a walk. That a
    flank is seen at all is set, not fitted: even odds for an outline as wide as high, since a set holds flanks only.
    """
    flanks = [view for view in views if view.flank in (LEFT, RIGHT) for _ in TAIL_CUT]
    off = np.random.default_rng(1).normal(0, SPEED_ERROR, len(flanks))
    speeds = (np.array([view.to_right / BODY_M for view in flanks]) + off).clip(-FASTEST, FASTEST)
    cuts = TAIL_CUT * (len(flanks) // len(TAIL_CUT))
    outlines = [cut_out(view.picture, box_within(view.mask, cut)) for view, cut in zip(flanks, cuts, strict=True)]
    tails = np.array([tail_side(outline) for outline in outlines])
    truth = np.array([view.flank == RIGHT for view in flanks], dtype=float)
    moving, standing = np.column_stack([speeds, tails]), np.column_stack([0 * speeds, tails])
    _, speed, tail = fit_logistic(np.vstack([moving, standing]), np.tile(truth, 2))
    return {"speed": round(float(speed), 3), "tail": round(float(tail), 3), **LATERAL}


def box_within(mask: NDArray[np.bool_], share: float) -> tuple[float, float, float, float]:
    """A box as x, y, w, h in shares: as high as an outline, with `share` of its area cut off at either side.

    Args:
        mask: (h, w) not empty.
        share: 0..0.5.
    """
    passed = np.cumsum(mask.sum(axis=0)) / mask.sum()
    first, last = np.searchsorted(passed, [share, 1 - share])
    rows = np.flatnonzero(mask.any(axis=1))
    height, width = mask.shape
    wide, tall = (last + 1 - first) / width, (rows[-1] + 1 - rows[0]) / height
    return float(first / width), float(rows[0] / height), float(wide), float(tall)


def _named(names: Sequence[str], values: Array) -> dict[str, float]:
    return {name: round(float(value), 3) for name, value in zip(names, values, strict=True)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
