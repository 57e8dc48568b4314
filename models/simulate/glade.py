"""The empty place: a forest floor in perspective, trunks and undergrowth behind, grass in front.

Everything is drawn from a seed; there are no photographs. The floor and the trunks stand still, plants sway.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.camera import Camera, ground_under_pixels
from models.simulate.light import Light, Picture, at_distance
from models.simulate.plants import Layer, bushes, grass, stem, trunks
from models.simulate.station import Station

_TILE = 2048  # pixels
_TILE_METRES = 8.0
_FINE = 3  # the still backdrop is drawn this much larger, then reduced

SOIL = np.array([0.33, 0.26, 0.18], dtype=np.float32)
MOSS = np.array([0.29, 0.33, 0.17], dtype=np.float32)
LITTER = np.array([[0.52, 0.38, 0.22], [0.62, 0.49, 0.32], [0.40, 0.28, 0.17], [0.47, 0.43, 0.25]], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Glade:
    """A place as one camera sees it when no animal is there."""

    camera: Camera
    light: Light
    floor: Picture  # the still part
    ground: NDArray[np.float64]  # (h, w, 2) metres, the ground point under each pixel
    brightness: NDArray[np.float32]  # (h, w) about 1, the flecks of light
    behind: tuple[Layer, ...]  # farther than the animal, far to near
    front: tuple[Layer, ...]  # nearer than the animal


def grow_station(station: Station, light: Light) -> Glade:
    """The place before a trap, its trunks included, in this light."""
    camera = station.camera
    random = np.random.default_rng([station.seed, 0])
    floor = _floor(camera, light, _floor_of_station(station.seed), random)
    behind = []
    for metres in (17.0, 13.0, 10.0, 8.0, station.farthest + 1.5):
        behind.append(trunks(camera, light, metres, random))
        behind.append(bushes(camera, light, metres - 0.3, random))
    return Glade(
        camera=camera,
        light=light,
        floor=floor,
        ground=ground_under_pixels(camera),
        brightness=_flecks(camera, light, random),
        behind=tuple(behind),
        front=covering_layers(station, light),
    )


def covering_layers(station: Station, light: Light) -> tuple[Layer, ...]:
    """What can hide an animal before this trap: its trunks and the grass near the lens, far to near."""
    random = np.random.default_rng([station.seed, 4])
    layers = [stem(station.camera, light, trunk, random) for trunk in station.trunks]
    for share in (0.68, 0.6, 0.52):
        if random.random() < 0.8:
            layers.append(grass(station.camera, light, station.nearest * share, random))
    return tuple(sorted(layers, key=lambda layer: -layer.metres))


def smooth_noise(height: int, width: int, grain: float, random: np.random.Generator) -> NDArray[np.float32]:
    """Noise of unit spread whose blobs are about `grain` pixels across."""
    step = max(1.0, grain / 2)
    coarse = random.standard_normal((int(height / step) + 3, int(width / step) + 3)).astype(np.float32)
    noise = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 1.0), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((noise - noise.mean()) / noise.std(), dtype=np.float32)


@lru_cache(maxsize=2)  # clips of one trap are made one after the other
def _floor_of_station(seed: int) -> tuple[Picture, Picture]:
    return _near_and_far(_forest_floor(np.random.default_rng([seed, 10])))


def _near_and_far(tile: Picture) -> tuple[Picture, Picture]:
    """The forest floor, and how it looks from so far that its leaves run together."""
    return tile, cv2.GaussianBlur(tile, (0, 0), 12).astype(np.float32)


def _floor(camera: Camera, light: Light, tiles: tuple[Picture, Picture], random: np.random.Generator) -> Picture:
    """The forest floor, tile beside tile, up to the horizon, and a dim wall of leaves above it."""
    places = ground_under_pixels(camera, _FINE)
    middle = (_TILE_METRES / 2, 0.0)  # keeps the tile's edge out of the picture's middle
    pixels = ((places + middle) / _TILE_METRES * _TILE % _TILE).astype(np.float32)
    tile, blurred = tiles
    near = cv2.remap(tile, pixels[..., 0], pixels[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    far = cv2.remap(blurred, pixels[..., 0], pixels[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    distance = np.hypot(places[..., 0], places[..., 1])
    share = ((distance - 5) / 8).clip(0, 1)[..., None].astype(np.float32)
    floor = at_distance(light, near * (1 - share) + far * share, distance)
    wall = _wall(camera.height * _FINE, camera.width * _FINE, random)
    above = np.arange(camera.height * _FINE) < (camera.horizon + 6) * _FINE
    floor[above] = at_distance(light, wall[above], 24.0)
    return np.asarray(cv2.resize(floor, (camera.width, camera.height), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _forest_floor(random: np.random.Generator) -> Picture:
    patches = smooth_noise(_TILE, _TILE, 400, random) + 0.5 * smooth_noise(_TILE, _TILE, 90, random)
    green = (patches * 0.5 + 0.35).clip(0, 1)[..., None]
    tile = SOIL * (1 - green) + MOSS * green
    for grain, strength in ((160, 0.12), (40, 0.12), (9, 0.16), (3, 0.14)):
        tile = tile * (1 + strength * smooth_noise(_TILE, _TILE, grain, random))[..., None]
    tile = np.ascontiguousarray(tile, dtype=np.float32)
    for _ in range(9000):
        x, y = random.integers(0, _TILE, 2)
        if random.random() < 0.75 * green[y, x, 0]:
            continue
        long = random.uniform(5, 13)
        colour = LITTER[random.integers(len(LITTER))] * random.uniform(0.55, 1.15)
        size = (int(long), int(long * random.uniform(0.3, 0.6)))
        angle = random.uniform(0, 360)
        cv2.ellipse(tile, ((int(x) + 2, int(y) + 2), (2 * size[0], 2 * size[1]), angle), (0.10, 0.08, 0.06), -1)
        cv2.ellipse(tile, ((int(x), int(y)), (2 * size[0], 2 * size[1]), angle), tuple(map(float, colour)), -1)
    return tile


def _wall(height: int, width: int, random: np.random.Generator) -> Picture:
    """Far foliage: blobs of green, with pale gaps towards the sky."""
    leaves = 0.5 * np.sum([smooth_noise(height, width, grain, random) for grain in (240, 90, 36, 15)], axis=0)
    rows = np.linspace(1, 0, height, dtype=np.float32)[:, None]
    gap = ((leaves + 1.3 * rows - 1.5) * 1.2).clip(0, 1)[..., None]
    shade = (0.30 + 0.10 * leaves).clip(0.08, 0.7)[..., None]
    green = shade * np.array([0.85, 1.05, 0.55], dtype=np.float32)
    return np.asarray(green * (1 - gap) + np.array([0.88, 0.92, 0.86], dtype=np.float32) * gap, dtype=np.float32)


def _flecks(camera: Camera, light: Light, random: np.random.Generator) -> NDArray[np.float32]:
    """Where the sun comes through the leaves; flecks are wide and low because the ground is seen from the side."""
    blobs = smooth_noise(camera.height * 3, camera.width, 60, random)
    flecks = cv2.resize(blobs, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    rows = np.arange(camera.height)[:, None]
    strength = light.dapple * ((rows - camera.horizon) / 40).clip(0, 1)
    return np.asarray(1 + strength * ((flecks - 0.2).clip(0, 1.2) - 0.3), dtype=np.float32)
