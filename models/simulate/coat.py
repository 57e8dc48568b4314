"""Coats: a leopard's rosettes, a tiger's stripes, a deer's plain hair.

They are painted in three dimensions, so that no seam of the texture shows.

Each texel knows where on the resting animal it lies; colour and pattern are functions of that place.
The same seed gives the same coat, so a coat is an individual, and its two flanks differ as a real leopard's do.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.simulate.act import Species
from models.simulate.body import NECK, TAIL, Skin

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Hair:
    """Colours of the ground on which a pattern lies, RGB 0..1."""

    flank: Array
    spine: Array
    belly: Array


_HAIR: dict[Species, _Hair] = {
    "leopard": _Hair(np.array([0.98, 0.67, 0.19]), np.array([0.91, 0.50, 0.04]), np.array([1.00, 0.93, 0.78])),
    "tiger": _Hair(np.array([0.78, 0.47, 0.22]), np.array([0.66, 0.36, 0.15]), np.array([0.93, 0.88, 0.80])),
    "deer": _Hair(np.array([0.52, 0.40, 0.28]), np.array([0.40, 0.29, 0.20]), np.array([0.72, 0.64, 0.54])),
}
DARK = np.array([0.15, 0.10, 0.07])
# A pattern is seen through hair: it is not quite black, and its edges are soft. The shipped detector loses an animal
# with hard-edged black spots; the shipped species network finds no leopard in one with faint spots.
CONTRAST: dict[Species, float] = {"leopard": 0.72, "tiger": 0.44, "deer": 0.0}
_SOFTNESS: dict[Species, float] = {"leopard": 1.5 / 512, "tiger": 0.0, "deer": 0.0}  # shares of the texture's side


def coat(skin: Skin, height: int, width: int, species: Species, seed: int) -> Array:
    """The coat as a texture.

    Returns:
        (height, width, 3) RGB, 0..1, row 0 at v = 0.
    """
    face, weights = _faces_of_texels(skin, height, width)
    corners = skin.faces[face]
    places = np.einsum("tc,tcx->tx", weights, skin.vertices[corners])
    normals = np.einsum("tc,tcx->tx", weights, skin.normals[corners])
    bone = skin.bone[corners[:, 0]]
    random = np.random.default_rng(seed)
    colour = _ground_colour(places, normals, _HAIR[species], random)
    dark = _pattern(skin, species, places, normals, bone, random)
    if _SOFTNESS[species]:
        dark = np.asarray(
            cv2.GaussianBlur(dark.reshape(height, width), (0, 0), _SOFTNESS[species] * height), np.float64
        )
    dark = dark.reshape(-1, 1)
    return np.asarray((colour * (1 - dark) + DARK * dark).clip(0, 1).reshape(height, width, 3))


def _faces_of_texels(skin: Skin, height: int, width: int) -> tuple[NDArray[np.int64], Array]:
    """For each texel the face it belongs to (the nearest one, outside of all) and its barycentric weights."""
    corners = skin.texture[skin.faces] * (width, height) - 0.5
    label = np.full((height, width), -1, dtype=np.int32)
    for number, corner in enumerate(corners.round().astype(np.int32)):
        cv2.fillConvexPoly(label, corner, number)
    empty = (label < 0).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    of_label = np.zeros(int(nearest.max()) + 1, dtype=np.int64)
    of_label[nearest[empty == 0]] = label[empty == 0]
    face = of_label[nearest].ravel()
    rows, columns = np.divmod(np.arange(height * width), width)
    a, b, c = (corners[face, corner] for corner in range(3))
    point = np.stack([columns, rows], axis=1) - a
    area = _cross(b - a, c - a)
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    second, third = _cross(point, c - a) / area, _cross(b - a, point) / area
    weights = np.stack([1 - second - third, second, third], axis=1).clip(0, 1)
    return face, weights / weights.sum(axis=1, keepdims=True)


def _cross(a: Array, b: Array) -> Array:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _ground_colour(places: Array, normals: Array, hair: _Hair, random: np.random.Generator) -> Array:
    """One colour along the spine, another on the flanks, a pale one below, with a grain of hair."""
    up = normals[:, 2] + 0.12 * _noise(places, 0.05, random)
    pale = _ramp(up, -0.15, -0.65)[:, None]
    spine = (_ramp(up, 0.3, 0.95) * _ramp(places[:, 2], 0.40, 0.5))[:, None]
    colour = hair.flank + (hair.spine - hair.flank) * spine * 0.8
    colour = colour + (hair.belly - colour) * pale
    return np.asarray(colour * (1 + 0.07 * _noise(places, 0.006, random)[:, None]))


def _pattern(
    skin: Skin,
    species: Species,
    places: Array,
    normals: Array,
    bone: NDArray[np.int64],
    random: np.random.Generator,
) -> Array:
    """(n,) 0..1 how black."""
    head = np.isin(bone, [skin.bones.index(name) for name in ("skull", "jaw")])
    tip = skin.vertices[skin.vertices[:, 0].argmax()]
    nose = head * _ramp(np.linalg.norm(places - tip, axis=1), 0.026, 0.016)
    if species == "deer":
        return np.asarray(nose)
    if species == "tiger":
        return np.asarray(np.maximum(CONTRAST[species] * _stripes(places, normals, head, random), nose))
    return np.asarray(np.maximum(CONTRAST[species] * _spots(skin, places, normals, bone, random), nose))


def _stripes(places: Array, normals: Array, head: NDArray[np.bool_], random: np.random.Generator) -> Array:
    """(n,) 0..1: stripes across the trunk and legs, broken and forked, each flank its own; fine ones on the head."""
    warp = 0.024 * _noise(places, 0.16, random) + 0.008 * _noise(places, 0.05, random)
    along = np.where(places[:, 2] < 0.28, places[:, 2], places[:, 0])
    wave = np.sin((along + warp) * 2 * np.pi / np.where(head, 0.045, 0.078))
    gaps = 0.28 * _noise(places, 0.12, random)
    return np.asarray(_ramp(wave + gaps, 0.42, 0.66) * _ramp(normals[:, 2], -0.9, -0.4))


def _spots(skin: Skin, places: Array, normals: Array, bone: NDArray[np.int64], random: np.random.Generator) -> Array:
    """(n,) 0..1: rosettes on the trunk, solid spots on the legs, dots on neck and head, bands on the tail."""
    numbers = {name: number for number, name in enumerate(skin.bones)}
    trunk = np.isin(bone, [numbers[name] for name in numbers if name in ("torso", "pelvis") or name.startswith("L_")])
    thigh = np.isin(bone, [numbers[f"{part}_{side}"] for part in ("upper_leg", "scapula") for side in "LR"])
    tail = np.isin(bone, [numbers[name] for name in TAIL])
    head = np.isin(bone, [numbers[name] for name in ("skull", "jaw")])
    small = np.isin(bone, [numbers[name] for name in NECK]) | head
    wobble = 0.006 * _noise(places, 0.022, random)
    broken = _noise(places, 0.03, random)

    large = random.uniform(1.08, 1.22)  # of this individual's rosettes
    rosette = _distance_to_seeds(skin, 0.062 * large, random, places) / large + wobble
    rim = _ramp(rosette, 0.017, 0.020) * _ramp(rosette, 0.0315, 0.0285) * _ramp(broken, -0.95, -0.65)
    heart = 0.22 * _ramp(rosette, 0.0195, 0.0165)
    spots = _ramp(_distance_to_seeds(skin, 0.040, random, places) + 0.7 * wobble, 0.016, 0.013)
    dots = _ramp(_distance_to_seeds(skin, 0.024, random, places) + 0.5 * wobble, 0.0085, 0.0055)
    bands = _ramp(np.sin(places[:, 0] * 2 * np.pi / 0.085) + 0.35 * broken, 0.15, 0.45) * _ramp(
        normals[:, 2], -0.8, 0.0
    )

    dark = np.where(trunk | thigh, np.maximum(rim, heart), np.where(small, dots, spots))
    dark = np.where(tail, np.where(places[:, 0] < -0.55, bands, spots), dark)
    return np.asarray(dark)


def _distance_to_seeds(skin: Skin, spacing: float, random: np.random.Generator, places: Array) -> Array:
    """Metres from each place to the nearest of random surface points that keep `spacing` metres apart."""
    order = random.permutation(len(skin.vertices))
    tree = cKDTree(skin.vertices)
    free = np.ones(len(order), dtype=np.bool_)
    chosen = []
    for vertex in order:
        if free[vertex]:
            chosen.append(vertex)
            free[tree.query_ball_point(skin.vertices[vertex], spacing)] = False
    return np.asarray(cKDTree(skin.vertices[chosen]).query(places)[0])


def _noise(places: Array, grain: float, random: np.random.Generator) -> Array:
    """Smooth noise of about unit spread: 24 plane waves of random direction, wavelengths around `grain` metres."""
    waves = random.normal(size=(24, 3))
    waves *= 2 * np.pi / (grain * random.uniform(0.7, 1.8, (24, 1)) * np.linalg.norm(waves, axis=1, keepdims=True))
    phases = random.uniform(0, 2 * np.pi, 24).astype(np.float32)
    near, short = places.astype(np.float32), waves.astype(np.float32)  # a coat takes a quarter of the time so
    total = np.zeros(len(places), dtype=np.float32)
    for wave, phase in zip(short, phases, strict=True):
        total += np.sin(near @ wave + phase)
    return np.asarray(total / np.sqrt(12), dtype=np.float64)


def _ramp(value: Array, start: float, end: float) -> Array:
    """0 at `start`, 1 at `end`, clamped; `end` may lie below `start`."""
    return np.asarray(((value - start) / (end - start)).clip(0, 1))
