"""Changed copies of a sighting: seen in infrared, out of focus, mirrored, boxed loosely, only partly in view."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.kind.sightings import Box, Sighting
from pipeline.tracking.crops import crop

Picture = NDArray[np.uint8]

COPIES = 9  # of each sighting, besides the sighting itself
CROP_SIZE = 224  # pixels
JITTER = 0.12  # of the box's size
SMALLEST_PART = 0.4  # of the box's side that is still in view


def plain(sighting: Sighting) -> Picture:
    """The crop as the pipeline takes it: (224, 224, 3) blue, green, red."""
    return crop(sighting.picture, sighting.box, CROP_SIZE)


def infrared(picture: Picture, chance: np.random.Generator) -> Picture:
    """As a trap's infrared picture: grey, another contrast, light falling off to the sides, noise."""
    across = np.linspace(-1, 1, picture.shape[0])
    contrast, fall_off, noise = chance.uniform(0.7, 1.4), chance.uniform(0, 0.35), chance.uniform(0.01, 0.03)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=float) / 255
    light = 1 - fall_off * (across[:, None] ** 2 + across**2) / 2
    grey = grey**contrast * light + chance.normal(0, noise, grey.shape)
    return np.repeat((grey.clip(0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)


def varied(sighting: Sighting, chance: np.random.Generator) -> list[Picture]:
    """`COPIES` changed crops of one sighting. Half are infrared, a third show only a part of it."""
    copies = []
    for number in range(COPIES):
        box = _part(sighting.box, chance) if number % 3 == 2 else _loose(sighting.box, chance)
        picture = crop(sighting.picture, box, CROP_SIZE)
        if chance.random() < 0.5:
            picture = np.ascontiguousarray(picture[:, ::-1])
        if number % 2:
            picture = infrared(picture, chance)
        if chance.random() < 0.4:
            picture = _blurred(picture, chance)
        copies.append(picture)
    return copies


def _loose(box: Box, chance: np.random.Generator) -> Box:
    """The box moved and resized a little, as detectors do."""
    left, top, width, height = box
    right, down, wider, higher = chance.uniform(-JITTER, JITTER, 4)
    return _inside((left + right * width, top + down * height, width * (1 + wider), height * (1 + higher)))


def _part(box: Box, chance: np.random.Generator) -> Box:
    """A window inside the box: who passes close to a trap is rarely seen whole."""
    left, top, width, height = box
    share_x, share_y = chance.uniform(SMALLEST_PART, 1, 2)
    right, down = chance.uniform(0, 1 - share_x), chance.uniform(0, 1 - share_y)
    return _inside((left + right * width, top + down * height, share_x * width, share_y * height))


def _inside(box: Box) -> Box:
    left, top = max(box[0], 0.0), max(box[1], 0.0)
    return left, top, min(box[0] + box[2], 1.0) - left, min(box[1] + box[3], 1.0) - top


def _blurred(picture: Picture, chance: np.random.Generator) -> Picture:
    """As a small or moving thing looks when it is scaled up."""
    side = int(chance.integers(40, 112))
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, picture.shape[:2], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
