"""A spotted coat, painted in three dimensions so that no seam of the texture shows.

Each texel knows where on the resting animal it lies; colour and pattern are functions of that place.
The same seed gives the same coat, so a coat is an individual, and its two flanks differ as a real leopard's do.
"""

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.simulate.body import NECK, TAIL, Skin

Array = NDArray[np.float64]

TAWNY = np.array([0.70, 0.54, 0.35])
RUST = np.array([0.57, 0.39, 0.22])
CREAM = np.array([0.90, 0.83, 0.71])
DARK = np.array([0.15, 0.10, 0.07])
CONTRAST = 0.34  # of the pattern; real coats are seen through hair, and the shipped detector loses a harsher one


def paint_coat(model: mujoco.MjModel, skin: Skin, seed: int) -> None:
    """Replaces the texture of the model's skin by the coat of individual `seed`. Do so before rendering."""
    texture = model.texture("skin")
    height, width = int(texture.height[0]), int(texture.width[0])
    picture = coat(skin, height, width, seed)
    first = int(model.tex_adr[texture.id])
    model.tex_data[first : first + height * width * 3] = (picture * 255).round().astype(np.uint8).ravel()


def coat(skin: Skin, height: int, width: int, seed: int) -> Array:
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
    colour = _ground_colour(places, normals, random)
    dark = _pattern(skin, places, normals, bone, random)[:, None]
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


def _ground_colour(places: Array, normals: Array, random: np.random.Generator) -> Array:
    """Rust along the spine, tawny on the flanks, cream below, with a grain of hair."""
    up = normals[:, 2] + 0.12 * _noise(places, 0.05, random)
    pale = _ramp(up, -0.15, -0.65)[:, None]
    spine = (_ramp(up, 0.3, 0.95) * _ramp(places[:, 2], 0.40, 0.5))[:, None]
    colour = TAWNY + (RUST - TAWNY) * spine * 0.8
    colour = colour + (CREAM - colour) * pale
    return np.asarray(colour * (1 + 0.07 * _noise(places, 0.006, random)[:, None]))


def _pattern(skin: Skin, places: Array, normals: Array, bone: NDArray[np.int64], random: np.random.Generator) -> Array:
    """(n,) 0..1 how black: rosettes on the trunk, solid spots on legs, neck and head, bands on the tail."""
    numbers = {name: number for number, name in enumerate(skin.bones)}
    trunk = np.isin(bone, [numbers[name] for name in numbers if name in ("torso", "pelvis") or name.startswith("L_")])
    thigh = np.isin(bone, [numbers[f"{part}_{side}"] for part in ("upper_leg", "scapula") for side in "LR"])
    tail = np.isin(bone, [numbers[name] for name in TAIL])
    head = np.isin(bone, [numbers[name] for name in ("skull", "jaw")])
    small = np.isin(bone, [numbers[name] for name in NECK]) | head
    wobble = 0.006 * _noise(places, 0.018, random)
    broken = _noise(places, 0.03, random)

    rosette = _distance_to_seeds(skin, 0.058, random, places) + wobble
    ring = _ramp(rosette, 0.0115, 0.0145) * _ramp(rosette, 0.0255, 0.0225) * _ramp(broken, -0.75, -0.45)
    spots = _ramp(_distance_to_seeds(skin, 0.034, random, places) + 0.7 * wobble, 0.0105, 0.0075)
    dots = _ramp(_distance_to_seeds(skin, 0.024, random, places) + 0.5 * wobble, 0.0062, 0.0042)
    bands = _ramp(np.sin(places[:, 0] * 2 * np.pi / 0.075) + 0.35 * broken, 0.15, 0.45) * _ramp(
        normals[:, 2], -0.8, 0.0
    )

    heart = 0.35 * _ramp(rosette, 0.0145, 0.0115)
    dark = np.where(trunk | thigh, np.maximum(ring, heart), np.where(small, dots, spots))
    dark = np.where(tail, np.where(places[:, 0] < -0.55, bands, spots), dark)
    dark = np.where(trunk, dark * _ramp(normals[:, 2], -0.95, -0.55), dark)
    nose = head * _ramp(np.linalg.norm(places - [0.43, 0.0, 0.68], axis=1), 0.022, 0.014)
    return np.asarray(np.maximum(CONTRAST * dark, nose))


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
    total = np.zeros(len(places))
    for wave, phase in zip(waves, random.uniform(0, 2 * np.pi, 24), strict=True):
        total += np.sin(places @ wave + phase)
    return np.asarray(total / np.sqrt(12))


def _ramp(value: Array, start: float, end: float) -> Array:
    """0 at `start`, 1 at `end`, clamped; `end` may lie below `start`."""
    return np.asarray(((value - start) / (end - start)).clip(0, 1))
