"""By how much a camera has made its pictures brighter or darker while it settles at the start of a video.

A trap that wakes up films its first pictures too dark or too bright, and takes up to two seconds to find its exposure:
of 33 files from real traps, 12 begin wrong by a sixth and more, one of them by a factor of 5.7. Nothing has moved then,
yet every pixel has changed. So the pictures before are made as bright as the newest one, and compared like that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.geometry import pixel_window

SETTLES_S = 5.0  # seconds from a video's start; later, light changes slowly, which comparisons bear
CELL = 8  # pixels each way of a small picture that are averaged, so that noise and leaves matter little
DARK, BRIGHT = 4.0, 235.0  # grey levels between which a cell still tells how bright it is
LEAST_CELLS = 0.1  # share of the picture's cells that must tell it
STEADY = 0.06  # of natural logarithm: what is less is no change, or waits until it has added up
AGREEMENT = 0.6  # share of the cells that must have changed alike
ALIKE = 0.25  # of the change, by which alike cells may differ, at least `STEADY`

Box = tuple[float, float, float, float]
Grey = NDArray[np.uint8]


@dataclass(slots=True)
class Exposure:
    """Follows the exposure of one video's first seconds. Make a new one for each video."""

    _key: Grey | None = None
    _animals: Sequence[Box] = ()

    def update(self, t: float, grey: Grey, animals: Sequence[Box]) -> float:
        """By what the pictures before this one are to be multiplied to be as bright as it is; 1 for a steady camera.

        Args:
            t: seconds, later than the last.
            grey: (h, w) uint8, small, always of the same size.
            animals: boxes, shares of the picture, that tell nothing of the light.
        """
        if t > SETTLES_S:
            return 1.0
        factor = 1.0 if self._key is None else brightening(self._key, grey, (*self._animals, *animals))
        if self._key is None or factor != 1.0:
            self._key, self._animals = grey, tuple(animals)
        return factor


def brightening(before: Grey, after: Grey, animals: Sequence[Box]) -> float:
    """How many times as bright the second picture of one scene is; 1 if that is little, or cannot be told.

    The median over small cells of the quotient of their means, where most cells agree on it. A camera's gain and its
    time of exposure multiply the light, and so, for a power law of brightness, the grey levels.

    Args:
        before: (h, w) uint8, at least `CELL` pixels each way.
        after: the same size.
        animals: boxes in either, shares of the picture.
    """
    height, width = before.shape
    size = max(1, width // CELL), max(1, height // CELL)
    one, other = (cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32) for grey in (before, after))
    tells = (np.minimum(one, other) > DARK) & (np.maximum(one, other) < BRIGHT)
    for box in animals:
        tells[pixel_window(box, size[0], size[1])] = False
    if tells.sum() < max(1, LEAST_CELLS * tells.size):
        return 1.0
    changes = np.log(other[tells] / one[tells])
    change = float(np.median(changes))
    alike = np.abs(changes - change) <= max(STEADY, ALIKE * abs(change))
    return float(np.exp(change)) if abs(change) >= STEADY and alike.mean() >= AGREEMENT else 1.0


def relit(picture: Grey, factor: float) -> Grey:
    """The picture so many times as bright, uint8 of the same shape; what gets brighter than white is white.

    Args:
        picture: (h, w) or (h, w, 3) uint8.
        factor: above 0; 1 changes nothing.
    """
    return np.asarray(cv2.convertScaleAbs(picture, alpha=factor), dtype=np.uint8)
