"""The whole picture: a glade, perhaps an animal in it, wind, light and the sensor."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.animal import Sight, shadow_on_ground
from models.simulate.glade import Glade
from models.simulate.light import Picture, expose
from models.simulate.plants import lay_over, sway


def take_picture(
    glade: Glade, sight: Sight | None, second: float, wind: float, noise: np.random.Generator
) -> NDArray[np.uint8]:
    """One frame.

    Args:
        glade: the place.
        sight: the animal in this frame; None for an empty picture.
        second: time in the video, for the wind.
        wind: 0 is still, 1 a strong wind.
        noise: the sensor's noise of this frame.

    Returns:
        (h, w, 3) RGB.
    """
    picture = glade.floor
    for layer in glade.behind:
        picture = lay_over(picture, sway(layer, second, wind))
    picture = picture * glade.brightness[..., None]
    if sight is not None:
        picture = _add_animal(glade, sight, picture)
    for layer in glade.front:
        picture = lay_over(picture, sway(layer, second, wind))
    if sight is not None and glade.light.grey:
        picture = _shine_eyes(sight, picture)
    return expose(glade.light, picture, noise)


def hidden_by_grass(glade: Glade, second: float, wind: float) -> NDArray[np.float32]:
    """(h, w) 0..1, how much of what is behind the front plants they hide."""
    left = np.ones_like(glade.brightness)
    for layer in glade.front:
        left = left * (1 - sway(layer, second, wind).cover)
    return np.asarray(1 - left, dtype=np.float32)


def _add_animal(glade: Glade, sight: Sight, picture: Picture) -> Picture:
    picture = picture * shadow_on_ground(sight, glade.ground)[..., None]
    flecks = 1 + 0.5 * (cv2.GaussianBlur(glade.brightness, (0, 0), 3) - 1)
    return picture * (1 - sight.cover[..., None]) + sight.colour * flecks[..., None]


def _shine_eyes(sight: Sight, picture: Picture) -> Picture:
    """Eyes throw the lamp's light straight back, so they are the brightest points of a night picture."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    glow = np.zeros(picture.shape[:2], dtype=np.float32)
    for column, row in sight.eyes:
        squared = (columns - column) ** 2 + (rows - row) ** 2
        glow += 0.8 * np.exp(-squared / 1.5) + 0.06 * np.exp(-squared / 20)
    return np.asarray(picture + glow[..., None], dtype=np.float32)
