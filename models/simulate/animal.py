"""The animal as the trap sees it: its colours, the pixels it covers, its shadow and its eyes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from models.simulate.act import Individual
from models.simulate.body import CAMERA, load_body, read_skin
from models.simulate.camera import Camera
from models.simulate.coat import paint_coat
from models.simulate.light import Light, Picture
from models.simulate.pose import Pose, Stance
from models.simulate.rig import stance, take_pose
from models.simulate.species import SHAPES

_FINE = 2  # rendered this much larger, then reduced: smooth edges
_WIDE = 1.75  # rendered this much wider, so that an animal half out of the picture is still whole
_EYES = frozenset(f"{part}_{side}" for part in ("eye", "iris", "pupil") for side in "LR")
_CELL = 0.02  # metres, of the map in which the shadow is made
_CELLS = 160  # in each direction
_LEAST_PIXELS = 8  # of the enlarged picture; fewer count as not visible

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sight:
    """One animal in one frame."""

    colour: Picture  # multiplied by cover already
    cover: NDArray[np.float32]  # (h, w) 0..1
    box: Box | None  # x, y, w, h as shares of the picture, cut at its edges; None if nothing is inside
    inside: float  # 0..1, share of its pixels that lie inside the picture
    shade: NDArray[np.float32]  # (_CELLS, _CELLS) 0..1, darkness of the ground around it
    centre: tuple[float, float]  # metres, the ground point in the middle of `shade`
    eyes: tuple[tuple[float, float], ...]  # pixels, those that face the camera


@dataclass(frozen=True, slots=True)
class Animal:
    """One individual in front of one camera, ready to be posed and looked at."""

    camera: Camera
    light: Light
    stance: Stance
    model: mujoco.MjModel
    data: mujoco.MjData
    renderer: mujoco.Renderer


@contextmanager
def bring_in(camera: Camera, light: Light, individual: Individual | int) -> Iterator[Animal]:
    """The individual before the camera, for as long as the block lasts (it holds a rendering context).

    Args:
        camera: through which it is seen.
        light: in which it stands.
        individual: who; a bare number is the adult leopard with that coat.
    """
    if isinstance(individual, int):
        individual = Individual(f"leopard {individual}", "leopard", individual)
    wide, high = int(camera.width * _WIDE) * _FINE, camera.height * _FINE
    model = load_body(camera, individual, wide, high)
    paint_coat(model, read_skin(model, SHAPES[individual.species].size * individual.size), individual)
    model.light("sun").dir[:] = np.array(light.sun) / np.linalg.norm(light.sun)
    model.light("sun").diffuse[:] = light.direct
    model.light("sun").specular[:] = 0.05
    model.vis.headlight.ambient[:] = light.ambient
    model.vis.headlight.diffuse[:] = 0.12
    model.vis.headlight.specular[:] = 0.0
    renderer = mujoco.Renderer(model, high, wide)
    try:
        yield Animal(camera, light, stance(model), model, mujoco.MjData(model), renderer)
    finally:
        renderer.close()


def look(animal: Animal, pose: Pose) -> Sight:
    """What the camera sees of the animal in this pose."""
    take_pose(animal.model, animal.data, pose)
    numbers = _render_parts(animal)
    mask = numbers >= 0
    camera = animal.camera
    margin = (mask.shape[1] - camera.width * _FINE) // 2
    shown = mask[:, margin : margin + camera.width * _FINE]
    colour = _render_colour(animal)[:, margin : margin + camera.width * _FINE] * shown[..., None]
    size = (camera.width, camera.height)
    shade, centre = _shade(animal)
    return Sight(
        colour=np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_AREA), dtype=np.float32),
        cover=np.asarray(cv2.resize(shown.astype(np.float32), size, interpolation=cv2.INTER_AREA), dtype=np.float32),
        box=box_of(shown),
        inside=float(shown.sum() / max(int(mask.sum()), 1)),
        shade=shade,
        centre=centre,
        eyes=_eyes(animal, numbers[:, margin : margin + camera.width * _FINE]),
    )


def box_of(mask: NDArray[np.bool_]) -> Box | None:
    """The tightest box around a mask, as shares of the picture; None if it is (nearly) empty."""
    if mask.sum() < _LEAST_PIXELS:
        return None
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return (float(left / width), float(top / height), float((right - left) / width), float((bottom - top) / height))


def shadow_on_ground(sight: Sight, ground: NDArray[np.float64]) -> NDArray[np.float32]:
    """How much light the animal leaves to each pixel of the ground.

    Args:
        sight: the animal.
        ground: (h, w, 2) metres, the ground point under each pixel.

    Returns:
        (h, w) 0 (black) to 1 (untouched).
    """
    cells = ((ground - sight.centre) / _CELL + sight.shade.shape[0] / 2).astype(np.float32)
    dark = cv2.remap(sight.shade, cells[..., 0], cells[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(1 - dark, dtype=np.float32)


def _render_parts(animal: Animal) -> NDArray[np.int32]:
    """(h, w) -1 where nothing is, else the number of the geometry; the skin's is one more than the last."""
    animal.renderer.enable_segmentation_rendering()
    animal.renderer.update_scene(animal.data, CAMERA)
    parts = animal.renderer.render()
    animal.renderer.disable_segmentation_rendering()
    skin = parts[..., 1] == int(mujoco.mjtObj.mjOBJ_SKIN)
    return np.asarray(np.where(skin, animal.model.ngeom, parts[..., 0]), dtype=np.int32)


def _render_colour(animal: Animal) -> Picture:
    animal.renderer.update_scene(animal.data, CAMERA)
    for effect in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION, mujoco.mjtRndFlag.mjRND_SKYBOX):
        animal.renderer.scene.flags[effect] = 0
    return np.asarray(animal.renderer.render() / np.float32(255), dtype=np.float32)


def _shade(animal: Animal) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Every bone darkens the ground below it, down the sun's direction: the higher it is, the wider and fainter."""
    bodies = animal.data.xpos[1:]
    centre = (float(bodies[:, 0].mean()), float(bodies[:, 1].mean()))
    sun = np.array(animal.light.sun)
    fallen = bodies[:, :2] - bodies[:, 2:] * sun[:2] / sun[2] * (animal.light.reach is None)
    cells = (fallen - centre) / _CELL + _CELLS / 2
    spread = 0.035 + 0.22 * bodies[:, 2]
    x = np.arange(_CELLS)
    across = np.exp(-(((x - cells[:, :1]) * _CELL / spread[:, None]) ** 2) / 2)
    along = np.exp(-(((x - cells[:, 1:]) * _CELL / spread[:, None]) ** 2) / 2)
    weight = np.minimum(0.0015 / spread**2, 0.5)
    total = np.einsum("b,by,bx->yx", weight, along, across)
    return np.asarray(0.75 * (1 - np.exp(-0.9 * total)), dtype=np.float32), centre


def _eyes(animal: Animal, numbers: NDArray[np.int32]) -> tuple[tuple[float, float], ...]:
    found = []
    for side in "LR":
        mine = [animal.model.geom(name).id for name in sorted(_EYES) if name.endswith(side)]
        rows, columns = np.nonzero(np.isin(numbers, mine))
        if len(rows):
            found.append((float(columns.mean() + 0.5) / _FINE, float(rows.mean() + 0.5) / _FINE))
    return tuple(found)
