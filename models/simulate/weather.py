"""What flies between the lens and the scene: rain, snow, and insects that the lamp lights."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.light import Light, Picture

_OPEN_S = 0.02  # how long a falling flake is exposed

Weather = Literal["none", "rain", "snow"]


def add_weather(picture: Picture, light: Light, weather: Weather, seed: int, second: float) -> Picture:
    """The picture with rain or snow falling through it.

    Args:
        picture: (h, w, 3) RGB, 0..1.
        light: brightens the drops at night.
        weather: what falls.
        seed: of the clip.
        second: time in the video; snow drifts on, rain is new in every frame.
    """
    if weather == "none":
        return picture
    height, width = picture.shape[:2]
    veil = np.zeros((height, width), dtype=np.float32)
    if weather == "rain":
        _draw_rain(veil, np.random.default_rng([seed, round(second * 1000)]))
    else:
        _draw_snow(veil, np.random.default_rng([seed, 2]), second)
    tone = 0.9 if light.grey else 0.8
    share = cv2.GaussianBlur(veil, (0, 0), 0.6)[..., None]
    return np.asarray(picture * (1 - share) + tone * share, dtype=np.float32)


def add_insects(picture: Picture, count: int, seed: int, second: float) -> Picture:
    """The picture with insects near the lens: bright, out of focus, on winding paths."""
    height, width = picture.shape[:2]
    glow = np.zeros((height, width), dtype=np.float32)
    random = np.random.default_rng([seed, 3])
    for _ in range(count):
        phases = random.uniform(0, 2 * np.pi, 4)
        rates = random.uniform(0.2, 0.9, 4)
        size = height * random.uniform(0.006, 0.02)
        sway = [np.sin(2 * np.pi * rate * second + phase) for rate, phase in zip(rates, phases, strict=True)]
        x, y = width * (0.5 + 0.4 * sway[0] + 0.25 * sway[1]), height * (0.45 + 0.35 * sway[2] + 0.25 * sway[3])
        ahead = (x + 3 * size * sway[1], y + 2 * size * sway[3])
        ends = (round(x), round(y)), (round(ahead[0]), round(ahead[1]))
        cv2.line(glow, *ends, random.uniform(0.5, 1.0), max(1, round(size)), cv2.LINE_AA)
    spread = cv2.GaussianBlur(glow, (0, 0), height * 0.006)
    return np.asarray(picture + 0.6 * spread[..., None], dtype=np.float32)


def _draw_rain(veil: NDArray[np.float32], random: np.random.Generator) -> None:
    height, width = veil.shape
    for _ in range(int(width * 0.22)):
        x, y = random.uniform(0, width), random.uniform(-0.1, 1) * height
        long = height * random.uniform(0.02, 0.09)
        ends = (round(x), round(y)), (round(x + 0.08 * long), round(y + long))
        cv2.line(veil, *ends, random.uniform(0.06, 0.28), 1, cv2.LINE_AA)


def _draw_snow(veil: NDArray[np.float32], random: np.random.Generator, second: float) -> None:
    """Flakes that fall at about a metre a second and are smeared while the shutter is open; near ones are faster."""
    height, width = veil.shape
    for _ in range(int(width * 0.3)):
        near = random.uniform(0, 1) ** 3
        x, y, phase = random.uniform(0, width), random.uniform(0, height), random.uniform(0, 2 * np.pi)
        speed = height * (0.3 + 1.3 * near)
        wide = max(1, round(2 * height * (0.002 + 0.009 * near)))
        top = (round(x + 0.03 * width * np.sin(second + phase)) % width, round(y + speed * second) % height)
        foot = (top[0], top[1] + round(speed * _OPEN_S))
        cv2.line(veil, top, foot, 0.6 - 0.4 * near, wide, cv2.LINE_AA)
