"""Small grey scenes with a textured animal in them, and what a detector might say of them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.link import Sighting
from pipeline.tracking.looks import look_at
from pipeline.values import Detection, Kind

WIDTH, HEIGHT = 320, 180
ANIMAL_WIDTH, ANIMAL_HEIGHT = 64, 36

Grey = NDArray[np.uint8]
Box = tuple[float, float, float, float]


def _texture(seed: int, width: int, height: int, low: int, high: int) -> Grey:
    cells = np.random.default_rng(seed).integers(low, high, (height // 4, width // 4)).astype(np.uint8)
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


FOREST = _texture(1, WIDTH, HEIGHT, 60, 120)
COAT = _texture(2, ANIMAL_WIDTH, ANIMAL_HEIGHT, 90, 240)


def scene(*animals: tuple[int, int], seed: int = 0, noise: float = 3.0, light: int = 0) -> Grey:
    """A picture (HEIGHT, WIDTH) with an animal at each place (left, top) in pixels, and the camera's own noise."""
    picture = FOREST.astype(float)
    for left, top in animals:
        picture[top : top + ANIMAL_HEIGHT, left : left + ANIMAL_WIDTH] = COAT
    grain = np.random.default_rng(seed).normal(0, noise, picture.shape)
    return np.clip(picture + grain + light, 0, 255).astype(np.uint8)


def box_at(left: int, top: int) -> Box:
    """The box of an animal at a place in pixels."""
    return left / WIDTH, top / HEIGHT, ANIMAL_WIDTH / WIDTH, ANIMAL_HEIGHT / HEIGHT


def found(left: int, top: int, score: float = 0.8, kind: Kind = Kind.ANIMAL) -> Detection:
    """What a detector says of an animal at a place in pixels."""
    return Detection(box_at(left, top), score, kind)


def sighting(t: float, box: Box, score: float = 0.8, kind: Kind = Kind.ANIMAL, fps: float = 30.0) -> Sighting:
    """A linked sighting at a time in seconds; a score of NaN means held."""
    return Sighting(round(t * fps), t, box, score, kind, 0.0, look_at(FOREST, box, None, 0.0))
