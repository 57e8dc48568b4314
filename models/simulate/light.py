"""Light and the sensor: what makes the same glade a picture of day or of infrared night."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]  # (h, w, 3) RGB, 0..1

# Traps sharpen what they record, over so many pixels. Without it by day the shipped detector and species network both
# know the animal less well; at night the lamp makes it stand out anyway, and sharpening only brings out the noise.
_SHARPENING_SPREAD = 1.2


@dataclass(frozen=True, slots=True)
class Light:
    """How a glade is lit and recorded."""

    sun: tuple[float, float, float]  # direction in which the strongest light travels
    ambient: float  # 0..1, light from everywhere
    direct: float  # 0..1, light from `sun`
    tint: tuple[float, float, float]  # colour of the light
    haze: tuple[float, float, float]  # colour that distance takes on
    haze_distance: float  # metres at which two thirds of a thing's own colour is lost
    reach: float | None  # metres at which a lamp on the camera lights fully; None by day
    grey: bool  # infrared
    dapple: float  # 0..1, strength of the light flecks on the ground
    vignette: float  # 0..1, how much darker the corners are
    noise: float  # spread of the sensor's noise, 0..1
    blur: float  # pixels, spread of the lens's blur
    sharpening: float  # how many times the camera adds what is finer than a pixel or two; 0 for none


DAWN = Light(
    sun=(0.35, 0.45, -1.0),
    ambient=0.62,
    direct=0.62,
    tint=(1.04, 1.0, 0.93),
    haze=(0.62, 0.66, 0.58),
    haze_distance=22.0,
    reach=None,
    grey=False,
    dapple=0.35,
    vignette=0.35,
    noise=0.022,
    blur=0.55,
    sharpening=1.5,
)
NOON = Light(
    sun=(-0.2, 0.3, -1.0),
    ambient=0.62,
    direct=0.7,
    tint=(1.0, 1.0, 0.97),
    haze=(0.70, 0.76, 0.62),
    haze_distance=28.0,
    reach=None,
    grey=False,
    dapple=0.5,
    vignette=0.3,
    noise=0.020,
    blur=0.5,
    sharpening=1.5,
)
OVERCAST = replace(NOON, ambient=0.88, direct=0.35, tint=(0.97, 1.0, 1.03), dapple=0.08, haze_distance=20.0)
NIGHT = Light(
    sun=(0.25, 1.0, -0.45),
    ambient=0.2,
    direct=0.75,
    tint=(1.0, 1.0, 1.0),
    haze=(0.0, 0.0, 0.0),
    haze_distance=14.0,
    reach=3.6,
    grey=True,
    dapple=0.0,
    vignette=0.75,
    noise=0.018,
    blur=0.75,
    sharpening=0.2,
)


def at_distance(light: Light, colour: NDArray[np.float32], metres: NDArray[np.float64] | float) -> NDArray[np.float32]:
    """A colour as it looks from `metres` away: hazed by day, by night lit by the camera's lamp.

    The lamp's light thins with the square of the distance; a picture's gamma of about 2 leaves the first power of it.

    Args:
        light: the light.
        colour: (..., 3) RGB.
        metres: a number, or an array of the shape of `colour` without its last axis.
    """
    distance = np.asarray(metres, dtype=np.float32)[..., None]
    lost = 1 - np.exp(-distance / light.haze_distance)
    seen = colour * (1 - lost) + np.asarray(light.haze, dtype=np.float32) * lost
    if light.reach is not None:
        seen = seen * np.minimum(light.reach / np.maximum(distance, 0.1), 1.25)
    return np.asarray(seen, dtype=np.float32)


def expose(light: Light, picture: Picture, random: np.random.Generator) -> NDArray[np.uint8]:
    """What the camera records of a scene: tint, grey, vignette, blur, its sharpening and the sensor's noise.

    Args:
        light: how it is recorded.
        picture: (h, w, 3) RGB, 0..1, may exceed 1.
        random: the noise of this very frame.

    Returns:
        (h, w, 3) RGB, 0..255.
    """
    seen = picture * np.asarray(light.tint, dtype=np.float32)
    if light.grey:
        seen = np.repeat(seen @ np.array([[0.45], [0.45], [0.10]], dtype=np.float32), 3, axis=2)
    seen = cv2.GaussianBlur(seen, (0, 0), light.blur) * _vignette(light, seen.shape[0], seen.shape[1])[..., None]
    seen = seen + light.sharpening * (seen - cv2.GaussianBlur(seen, (0, 0), _SHARPENING_SPREAD))
    channels = 1 if light.grey else 3
    grain = random.standard_normal((*seen.shape[:2], channels), dtype=np.float32)
    seen = seen + light.noise * (0.5 + np.sqrt(seen.clip(0, 1))) * grain
    return np.asarray((seen * 255).round().clip(0, 255), dtype=np.uint8)


@lru_cache(maxsize=4)  # it is the same in every frame of a clip
def _vignette(light: Light, height: int, width: int) -> NDArray[np.float32]:
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    radius = (columns**2 + 0.6 * rows**2) / 1.6
    return np.asarray(1 - light.vignette * radius**1.2, dtype=np.float32)


def draw_light(infrared: bool, seed: int) -> Light:
    """One of many lights: dawn, noon or overcast by day, by night lamps of all strengths.

    Args:
        infrared: night, lit by the camera's lamp.
        seed: of the clip.
    """
    random = np.random.default_rng([seed, 6])
    if infrared:
        return replace(
            NIGHT,
            reach=random.uniform(2.6, 4.6),
            vignette=random.uniform(0.5, 0.9),
            noise=random.uniform(0.010, 0.026),
            blur=random.uniform(0.6, 0.95),
        )
    base = (DAWN, NOON, OVERCAST)[int(random.integers(3))]
    across, away = random.uniform(-0.5, 0.5), random.uniform(0.1, 0.6)
    return replace(
        base,
        sun=(across, away, -1.0),
        ambient=base.ambient * random.uniform(0.85, 1.15),
        direct=base.direct * random.uniform(0.8, 1.15),
        noise=random.uniform(0.014, 0.030),
        blur=random.uniform(0.45, 0.75),
    )
