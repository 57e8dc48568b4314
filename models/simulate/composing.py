"""One frame put together: the place, everybody in it at their distance, wind, weather, light and the sensor."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.cast import Figure, nearest_owner
from models.simulate.glade import Glade
from models.simulate.light import Light, Picture, expose
from models.simulate.plants import Layer, Window, put_over, spread, sway_cover, sway_over
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """As much of a figure as stands between two layers."""

    colour: Picture  # multiplied by cover already
    cover: NDArray[np.float32]  # (h, w) 0..1
    where: Window  # rows and columns of the picture
    metres: float  # from the camera


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
    picture = glade.floor.copy()
    for layer in glade.behind:
        sway_over(picture, layer, second, air.wind)
    light = glade.brightness
    for figure in figures:
        light = light * _shadow(glade, figure)
    picture *= spread(light)
    bounds = [layer.metres for layer in glade.front]
    things: list[_Piece | Layer] = [*_pieces(glade, figures, blurs, bounds), *glade.front]
    for thing in sorted(things, key=lambda thing: -thing.metres):
        if isinstance(thing, Layer):
            sway_over(picture, thing, second, air.wind)
        else:
            put_over(picture[thing.where], thing.colour, thing.cover)
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
    shares = []
    for number, figure in enumerate(figures):
        fine, where = figure.fine, _window(figure)
        finely = _enlarged(where, fine)
        mine = ((owner[finely] == number) & figure.mask[finely])[::fine, ::fine].astype(np.float32)
        depth = figure.depth[finely][::fine, ::fine]
        for layer in covering if mine.size else ():
            mine *= np.where(depth > layer.metres, 1 - sway_cover(layer, second, air.wind, where), 1)
        shares.append(min(float(mine.sum()) / max(figure.pixels, 1.0), 1.0))
    return shares


def _pieces(glade: Glade, figures: Sequence[Figure], blurs: Sequence[Blur], bounds: list[float]) -> Iterator[_Piece]:
    """Each figure in pieces, cut where something stands within its depth, without what others hide of it."""
    if not figures:
        return
    owner = nearest_owner(figures)
    flecks = 1 + 0.5 * (cv2.GaussianBlur(glade.brightness, (0, 0), 3) - 1)
    edges = [0.0, *sorted(bounds), np.inf]
    for number, (figure, blur) in enumerate(zip(figures, blurs, strict=True)):
        where = _window(figure, margin=int(np.ceil(np.hypot(*blur))) + 2)
        finely = _enlarged(where, figure.fine)
        mine = owner[finely] == number
        if figure.colour is None or not mine.any():
            continue
        depth, size = figure.depth[finely], (where[1].stop - where[1].start, where[0].stop - where[0].start)
        for near, far in pairwise(edges):
            part = mine & (depth > near) & (depth <= far)
            if not part.any():
                continue
            share = part.astype(np.float32)
            colour = cv2.resize(figure.colour[finely] * spread(share), size, interpolation=cv2.INTER_AREA)
            cover = np.asarray(cv2.resize(share, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
            lit = _smear(np.asarray(colour, dtype=np.float32), blur) * spread(flecks[where])
            yield _Piece(lit, _smear(cover, blur), where, float(depth[part].mean()))


def _window(figure: Figure, margin: int = 0) -> Window:
    """The picture's rows and columns in which a figure, and `margin` pixels around it, can be seen."""
    fine = figure.fine
    ends = []
    for part, size in zip(figure.where, figure.mask.shape, strict=True):
        first, last, _ = part.indices(size)
        ends.append(slice(max(first // fine - margin, 0), min(-(-last // fine) + margin, size // fine)))
    return ends[0], ends[1]


def _enlarged(where: Window, fine: int) -> Window:
    """A window of the picture in fine pixels."""
    rows, columns = where
    return slice(rows.start * fine, rows.stop * fine), slice(columns.start * fine, columns.stop * fine)


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
    is_near = np.abs(ground[:, 1] - fallen[:, 1].mean()) < 1.5
    is_near &= (ground[:, 0] > fallen[:, 0].min() - 1.5) & (ground[:, 0] < fallen[:, 0].max() + 1.5)
    near = np.flatnonzero(is_near)
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
