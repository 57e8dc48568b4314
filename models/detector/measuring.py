"""What a detector finds in simulated pictures, by behaviour, and what it boxes where nothing is."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.detector.pictures import Picture
from pipeline.tracking.geometry import iou
from pipeline.values import Array, Detection

SCORE = 0.3  # least, of a box that counts as found
OVERLAP = 0.5  # least intersection over union of a box with the true one, each for one animal
BESIDE = 0.1  # greatest, of a box on nothing

Detect = Callable[[NDArray[np.uint8]], list[Detection]]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of the animals that do one thing."""

    behaviour: str
    boxes: int
    share: float  # of them found, 0..1


def found(pictures: Iterable[Picture], detect: Detect) -> tuple[list[Found], float]:
    """How many of the boxes a detector finds, by behaviour and of all, and its boxes on nothing, a picture.

    Args:
        pictures: with their true boxes.
        detect: boxes in a (h, w, 3) blue, green, red picture.
    """
    hits: dict[str, list[bool]] = defaultdict(list)
    beside = seen = 0
    for picture in pictures:
        height, width = picture.pixels.shape[:2]
        true = picture.boxes / [width, height, width, height]
        true = np.concatenate((true[:, :2], true[:, 2:] - true[:, :2]), axis=1)
        said = np.array([one.box for one in detect(picture.pixels) if one.score >= SCORE]).reshape(-1, 4)
        overlap = iou(true, said)
        for behaviour, hit in zip(picture.behaviours, matched(overlap), strict=True):
            hits[behaviour].append(hit)
        beside += int((overlap.max(axis=0, initial=0.0) < BESIDE).sum())
        seen += 1
    rows = [Found(name, len(hit), float(np.mean(hit))) for name, hit in sorted(hits.items())]
    every = [hit for row in hits.values() for hit in row]
    return [*rows, Found("all", len(every), float(np.mean(every)) if every else 0.0)], beside / max(seen, 1)


def matched(overlap: Array) -> list[bool]:
    """Whether each true box has a box of its own, the best overlaps being taken first.

    Args:
        overlap: (true, said) intersections over union.
    """
    left = overlap.copy()
    hit = [False] * len(left)
    while left.size and left.max() >= OVERLAP:
        true, said = np.unravel_index(int(left.argmax()), left.shape)
        hit[int(true)] = True
        left[true, :] = -1.0
        left[:, said] = -1.0
    return hit
