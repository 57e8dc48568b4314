"""One frame put together: the place, everybody in it at their distance, wind, weather, light and the sensor."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.cast import Figure, nearest_owner
from models.simulate.glade import Glade
from models.simulate.light import Light, Picture, expose
from models.simulate.plants import Layer, lay_over, sway, sway_cover
from models.simulate.weather import Weather, add_insects, add_weather

_SHADOW_GRAIN = 4  # the shadow is worked out this much smaller than the picture
_STILL = 0.7  # pixels; what moves less is not smeared


@dataclass(frozen=True, slots=True)
class Air:
    """What moves through a scene besides those who act in it, the same for a whole clip."""

    wind: float  # 0 still, 1 strong
    weather: Weather
    insects: int  # near the lens
    seed: int


Blur = tuple[float, float]  # pixels that a figure moves to the right and down while the shutter is open


def take_scene(
    glade: Glade,
    figures: Sequence[Figure],
    blurs: Sequence[Blur],
    air: Air,
    second: float,
    noise: np.random.Generator,
) -> NDArray[np.uint8]:
    """One frame as the sensor records it.

    Args:
        glade: the place.
        figures: everybody who is there, with colours.
        blurs: for each figure, how it moves.
        air: wind and weather.
        second: time in the video.
        noise: the sensor's noise of this frame.

    Returns:
        (h, w, 3) RGB.
    """
    picture = glade.floor
    for layer in glade.behind:
        picture = lay_over(picture, sway(layer, second, air.wind))
    picture = picture * glade.brightness[..., None]
    for figure in figures:
        picture = picture * _shadow(glade, figure)[..., None]
    front = [sway(layer, second, air.wind) for layer in glade.front]
    flecks = (1 + 0.5 * (cv2.GaussianBlur(glade.brightness, (0, 0), 3) - 1))[..., None]
    pieces = [
        replace(piece, colour=piece.colour * flecks)
        for piece in _pieces(glade, figures, blurs, [layer.metres for layer in front])
    ]
    for layer in sorted([*pieces, *front], key=lambda layer: -layer.metres):
        picture = lay_over(picture, layer)
    if glade.light.grey:
        picture = _shine_eyes(picture, [eye for figure in figures for eye in figure.eyes])
    picture = add_weather(picture, glade.light, air.weather, air.seed, second)
    if air.insects:
        picture = add_insects(picture, air.insects, air.seed, second)
    return expose(glade.light, picture, noise)


def seen_shares(figures: Sequence[Figure], covering: Sequence[Layer], air: Air, second: float) -> list[float]:
    """For each figure the share (0..1) of its pixels that is in the picture and hidden by nobody and by no plant."""
    if not figures:
        return []
    owner = nearest_owner(figures)
    covers = [(layer.metres, sway_cover(layer, second, air.wind)) for layer in covering]
    shares = []
    for number, figure in enumerate(figures):
        fine = figure.fine
        mine = ((owner == number) & figure.mask)[::fine, ::fine].astype(np.float32)
        depth = figure.depth[::fine, ::fine]
        for metres, cover in covers:
            mine *= np.where(depth > metres, 1 - cover, 1)
        shares.append(min(float(mine.sum()) / max(figure.pixels, 1.0), 1.0))
    return shares


def _pieces(glade: Glade, figures: Sequence[Figure], blurs: Sequence[Blur], bounds: list[float]) -> Iterator[Layer]:
    """Each figure as layers, cut where something stands within its depth, without what others hide of it."""
    if not figures:
        return
    owner = nearest_owner(figures)
    size = (glade.camera.width, glade.camera.height)
    edges = [0.0, *sorted(bounds), np.inf]
    for number, (figure, blur) in enumerate(zip(figures, blurs, strict=True)):
        mine = owner == number
        if figure.colour is None or not mine.any():
            continue
        for near, far in pairwise(edges):
            part = mine & (figure.depth > near) & (figure.depth <= far)
            if not part.any():
                continue
            colour = cv2.resize(figure.colour * part[..., None], size, interpolation=cv2.INTER_AREA)
            cover = cv2.resize(part.astype(np.float32), size, interpolation=cv2.INTER_AREA)
            yield Layer(
                _smear(colour, blur), _smear(cover, blur), np.zeros_like(cover), float(figure.depth[part].mean())
            )


def _smear(picture: NDArray[np.float32], blur: Blur) -> NDArray[np.float32]:
    """The picture averaged along a movement."""
    far = float(np.hypot(*blur))
    if far < _STILL:
        return picture
    side = int(np.ceil(far)) // 2 * 2 + 3
    middle = side / 2 - 0.5
    kernel = np.zeros((side, side), dtype=np.float32)
    start, end = ((middle + sign * blur[0] / 2, middle + sign * blur[1] / 2) for sign in (-1, 1))
    points = [(round(x * 16), round(y * 16)) for x, y in (start, end)]
    cv2.line(kernel, points[0], points[1], 1.0, 1, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), dtype=np.float32)


def _shadow(glade: Glade, figure: Figure) -> NDArray[np.float32]:
    """(h, w) how much light the figure leaves to the ground: every bone darkens what lies below it down the sun.

    The higher a bone is, the wider and fainter its shadow.
    """
    height, width = glade.brightness.shape
    ground = glade.ground[::_SHADOW_GRAIN, ::_SHADOW_GRAIN].reshape(-1, 2).astype(np.float32)
    bones = figure.bones[::2].astype(np.float32)
    fallen = _fallen(glade.light, bones)
    spread = 0.05 + 0.22 * bones[:, 2].clip(0)
    near = np.flatnonzero(np.abs(ground[:, 1] - fallen[:, 1].mean()) < 1.5)
    squared = ((ground[near, None] - fallen) ** 2).sum(axis=2)
    weight = np.minimum(0.003 / spread**2, 0.8)
    total = np.zeros(len(ground), dtype=np.float32)
    total[near] = (weight * np.exp(-squared / (2 * spread**2))).sum(axis=1)
    dark = 0.75 * (1 - np.exp(-0.9 * total))
    small = dark.reshape(-(-height // _SHADOW_GRAIN), -1)
    return np.asarray(1 - cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _fallen(light: Light, bones: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 2) metres where the shadows of the bones fall; under a lamp at the lens, straight down."""
    if light.reach is not None:
        return bones[:, :2]
    sun = np.array(light.sun, dtype=np.float32)
    return np.asarray(bones[:, :2] - bones[:, 2:] * sun[:2] / sun[2])


def _shine_eyes(picture: Picture, eyes: Sequence[tuple[float, float]]) -> Picture:
    """Eyes throw the lamp's light straight back, so they are the brightest points of a night picture."""
    if not eyes:
        return picture
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    glow = np.zeros(picture.shape[:2], dtype=np.float32)
    for column, row in eyes:
        squared = (columns - column) ** 2 + (rows - row) ** 2
        glow += 0.8 * np.exp(-squared / 1.5) + 0.06 * np.exp(-squared / 20)
    return np.asarray(picture + glow[..., None], dtype=np.float32)
