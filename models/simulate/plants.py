"""Plants as layers of colour and cover, each drawn once and swayed for every frame."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.act import Trunk
from models.simulate.camera import Camera
from models.simulate.light import Light, Picture, at_distance

_FINE = 2  # layers are drawn this much larger, then reduced
_FARTHEST_PUSH = 1.4  # pixels that the strongest gust of a wind of 1 pushes what bends by one

Window = tuple[slice, slice]  # rows and columns of a picture


@dataclass(frozen=True, slots=True)
class Layer:
    """Things at one distance from the camera."""

    colour: Picture  # multiplied by cover already
    cover: NDArray[np.float32]  # (h, w) 0..1
    bend: NDArray[np.float32]  # (h, w) pixels that a wind of 1 pushes what is here
    metres: float  # from the camera
    reach: Window = (slice(None), slice(None))  # whatever the wind, nothing of it is seen outside


def trunks(camera: Camera, light: Light, metres: float, random: np.random.Generator) -> Layer:
    """A few stems, `metres` away, lit from one side. They do not sway."""
    colour, cover = _empty(camera)
    pixels = camera.focal * _FINE / metres
    foot = int(_ground_row(camera, metres) * _FINE)
    for _ in range(random.integers(1, 4)):
        middle = random.uniform(0, colour.shape[1])
        half = pixels * random.uniform(0.05, 0.16)
        lean = random.uniform(-0.06, 0.06)
        _trunk(colour, cover, middle, half, foot, lean, random)
    return _layer(camera, light, metres, colour, cover, 0.0)


def stem(camera: Camera, light: Light, trunk: Trunk, random: np.random.Generator) -> Layer:
    """One stem at its place on the ground."""
    colour, cover = _empty(camera)
    pixels = camera.focal * _FINE / trunk.y
    foot = min(int(_ground_row(camera, trunk.y) * _FINE), colour.shape[0])
    middle = colour.shape[1] / 2 + trunk.x * pixels
    _trunk(colour, cover, middle, trunk.radius * pixels, foot, random.uniform(-0.02, 0.02), random)
    return _layer(camera, light, trunk.y, colour, cover, 0.0)


def bushes(camera: Camera, light: Light, metres: float, random: np.random.Generator) -> Layer:
    """Undergrowth, `metres` away: clumps of leaves that are darker below than above."""
    colour, cover = _empty(camera)
    pixels = camera.focal * _FINE / metres
    foot = _ground_row(camera, metres) * _FINE
    width = colour.shape[1]
    hue = np.array([0.26, 0.33, 0.15]) * random.uniform(0.8, 1.2, 3)
    for _ in range(int(4 + metres * 1.1)):
        middle = np.array([random.uniform(-0.05, 1.05) * width, 0.0])
        wide, high = pixels * random.uniform(0.4, 1.1), pixels * random.uniform(0.25, 0.9)
        for _ in range(int(30 + 9000 / metres**1.6 * random.uniform(0.4, 1.0))):
            away = random.uniform(-1, 1)
            up = random.uniform(0, 1) * np.sqrt(1 - away**2)
            place = (float(middle[0] + wide * away), float(foot - high * up))
            long = pixels * random.uniform(0.03, 0.075)
            shade = hue * (0.45 + 0.75 * up) * random.uniform(0.7, 1.3)
            box = (place, (2 * long, long * random.uniform(0.6, 1.1)), random.uniform(-70, 70))
            cv2.ellipse(colour, box, tuple(map(float, shade)), -1, cv2.LINE_AA)
            cv2.ellipse(cover, box, 1.0, -1, cv2.LINE_AA)
    return _layer(camera, light, metres, colour, cover, 0.12)


def grass(camera: Camera, light: Light, metres: float, random: np.random.Generator) -> Layer:
    """Tufts of blades, `metres` away, mostly shorter than an animal's elbow."""
    colour, cover = _empty(camera)
    pixels = camera.focal * _FINE / metres
    foot = _ground_row(camera, metres) * _FINE + 4
    for _ in range(9):
        middle = random.uniform(-0.05, 1.05) * colour.shape[1]
        high = pixels * random.uniform(0.09, 0.24)
        for _ in range(int(random.uniform(25, 60))):
            root = (middle + pixels * 0.11 * random.standard_normal(), foot + random.uniform(-3, 10))
            _blade(colour, cover, root, high * random.uniform(0.5, 1.15), pixels * 0.006, random)
    return _layer(camera, light, metres, colour, cover, 0.35)


def sway(layer: Layer, second: float, wind: float) -> Layer:
    """The layer as the wind has pushed it at `second`.

    Args:
        layer: at rest.
        second: time in the video.
        wind: 0 is still, 1 bends a blade's tip by about a sixth of its height; gusts travel from left to right.
    """
    if wind == 0 or not layer.bend.any():
        return layer
    source, rows = _sources(layer, second, wind)
    return Layer(
        colour=np.asarray(cv2.remap(layer.colour, source, rows, cv2.INTER_LINEAR), dtype=np.float32),
        cover=np.asarray(cv2.remap(layer.cover, source, rows, cv2.INTER_LINEAR), dtype=np.float32),
        bend=layer.bend,
        metres=layer.metres,
    )


def sway_cover(layer: Layer, second: float, wind: float, where: Window) -> NDArray[np.float32]:
    """(h, w) 0..1, the cover alone of the layer as the wind has pushed it, in a window of the picture."""
    if wind == 0 or not layer.bend.any():
        return layer.cover[where]
    return np.asarray(cv2.remap(layer.cover, *_sources(layer, second, wind, where), cv2.INTER_LINEAR), dtype=np.float32)


def sway_over(picture: Picture, layer: Layer, second: float, wind: float) -> None:
    """Lays the layer, as the wind has pushed it, in front of the picture, which changes.

    Args:
        picture: (h, w, 3) RGB.
        layer: at rest.
        second: time in the video.
        wind: as in `sway`, at most 1.
    """
    where = layer.reach
    if wind == 0 or not layer.bend[where].any():
        put_over(picture[where], layer.colour[where], layer.cover[where])
        return
    sources = _sources(layer, second, wind, where)
    colour, cover = (cv2.remap(part, *sources, cv2.INTER_LINEAR) for part in (layer.colour, layer.cover))
    put_over(picture[where], np.asarray(colour, dtype=np.float32), np.asarray(cover, dtype=np.float32))


def put_over(picture: Picture, colour: Picture, cover: NDArray[np.float32]) -> None:
    """Lays (h, w, 3) colour, multiplied by its (h, w) cover already, in front of the picture, which changes."""
    if picture.size:
        picture *= spread(1 - cover)
        picture += colour


def spread(grey: NDArray[np.float32]) -> Picture:
    """(h, w) as (h, w, 3): numpy multiplies pictures of one shape much faster than it stretches a third axis."""
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.float32)


def _sources(
    layer: Layer, second: float, wind: float, where: Window = (slice(None), slice(None))
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The column and the row of the layer at rest that each pixel of a window shows."""
    height, width = layer.cover.shape
    columns = np.arange(width, dtype=np.float32)[where[1]]
    x = columns / width
    gust = 0.55 + 0.45 * np.sin(2 * np.pi * (0.23 * second - 0.7 * x))
    swing = np.sin(2 * np.pi * (0.9 * second - 2.3 * x)) + 0.45 * np.sin(2 * np.pi * (1.7 * second - 5.1 * x) + 1.0)
    push = layer.bend[where] * (wind * (0.5 * gust + 0.6 * gust * swing)).astype(np.float32)
    rows = np.repeat(np.arange(height, dtype=np.float32)[where[0], None], len(columns), axis=1)
    return columns - push, rows


def _reach(cover: NDArray[np.float32], bend: NDArray[np.float32]) -> Window:
    """Rows and columns in which a layer can be seen."""
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    push = int(np.ceil(_FARTHEST_PUSH * bend[rows].max()) + 1) if bend.any() else 0
    return slice(rows[0], rows[-1] + 1), slice(max(columns[0] - push, 0), columns[-1] + 1 + push)


def _trunk(
    colour: Picture, cover: Picture, middle: float, half: float, foot: int, lean: float, random: np.random.Generator
) -> None:
    """One stem with rounded shading and rough bark, broader at its foot."""
    ridges = cv2.GaussianBlur(random.standard_normal((40, 64)).astype(np.float32), (0, 0), 0.8)
    bark = cv2.resize(ridges, (256, max(foot, 1)), interpolation=cv2.INTER_CUBIC)
    tone = np.array([0.34, 0.29, 0.23]) * random.uniform(0.7, 1.25)
    for row in range(foot):
        rise = (foot - row) / colour.shape[0]
        radius = half * (1 - 0.25 * rise + 0.5 * np.exp(-rise * 18))
        centre = middle + lean * (foot - row)
        first, last = int(max(centre - radius, 0)), int(min(centre + radius, colour.shape[1] - 1))
        if last <= first:
            continue
        across = (np.arange(first, last) - centre) / radius
        shade = (0.55 + 0.45 * np.sqrt((1 - (across + 0.35) ** 2 / 1.9).clip(0, 1))) * (1 - 0.25 * np.abs(across) ** 6)
        rough = 1 + 0.35 * bark[row, ((across + 1) * 127).astype(int).clip(0, 255)]
        colour[row, first:last] = tone * (shade * rough)[:, None]
        cover[row, first:last] = 1.0


def _blade(
    colour: Picture,
    cover: Picture,
    root: tuple[float, float],
    high: float,
    thick: float,
    random: np.random.Generator,
) -> None:
    """One blade of grass: a tapering strip that curves to one side."""
    rise = np.linspace(0, 1, 7)
    x = root[0] + high * (random.uniform(-0.2, 0.2) * rise + random.uniform(-0.5, 0.5) * rise**2.2)
    y = root[1] - high * rise * random.uniform(0.8, 1.0)
    taper = np.maximum(thick * (1 - rise**1.5), 0.4)
    outline = np.concatenate([np.stack([x - taper, y], 1), np.stack([x + taper, y], 1)[::-1]])
    tone = np.array([0.40, 0.44, 0.21]) * random.uniform(0.55, 1.2) * random.uniform(0.9, 1.1, 3)
    points = (outline * 16).round().astype(np.int32)
    cv2.fillPoly(colour, [points], tuple(map(float, tone)), cv2.LINE_AA, shift=4)
    cv2.fillPoly(cover, [points], 1.0, cv2.LINE_AA, shift=4)


def _empty(camera: Camera) -> tuple[Picture, NDArray[np.float32]]:
    height, width = camera.height * _FINE, camera.width * _FINE
    return np.zeros((height, width, 3), dtype=np.float32), np.zeros((height, width), dtype=np.float32)


def _ground_row(camera: Camera, metres: float) -> float:
    """Row at which the ground lies `metres` ahead of the camera."""
    return camera.height / 2 + camera.focal * float(np.tan(np.arctan2(camera.elevation, metres) - camera.tilt))


def _layer(
    camera: Camera, light: Light, metres: float, colour: Picture, cover: NDArray[np.float32], limpness: float
) -> Layer:
    """Reduces a drawing to the picture's size, lights it, and says how far the wind can push each part of it."""
    lit = at_distance(light, colour, metres) * cover[..., None]
    size = (camera.width, camera.height)
    above = (_ground_row(camera, metres) - np.arange(camera.height)).clip(0, None)
    tallest = camera.focal / metres
    bend = limpness * tallest * (above / tallest).clip(0, 1.5) ** 1.5
    cover = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    bends = np.repeat(bend[:, None], camera.width, axis=1).astype(np.float32)
    return Layer(
        colour=np.asarray(cv2.resize(lit, size, interpolation=cv2.INTER_AREA), dtype=np.float32),
        cover=cover,
        bend=bends,
        metres=metres,
        reach=_reach(cover, bends),
    )
