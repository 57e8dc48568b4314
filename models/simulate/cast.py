"""Everybody in a scene as the trap sees them: who is in front of whom, in colour or as outlines alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from models.simulate.act import Part
from models.simulate.annotation import Joint
from models.simulate.body import CAMERA, THING, load_body, read_skin
from models.simulate.camera import Camera, along_axis, project
from models.simulate.coat import coat
from models.simulate.lens import Lens, aim, open_lens, take_colour_and_depth, take_depth, take_geom
from models.simulate.light import Light, Picture, at_distance
from models.simulate.person import Walker, load_walker, stride
from models.simulate.plants import Window
from models.simulate.pose import Pose
from models.simulate.rig import take_pose
from models.simulate.silhouette import Box, box_of
from models.simulate.species import SHAPES

FINE = 2  # shaded pictures are rendered this much larger, then reduced: smooth edges
_WIDE = 1.75  # rendered this much wider, so that an animal half out of the picture is still whole
_NOTHING = 40.0  # metres; what lies farther is no part of a figure
_REACH = 2.3  # metres from an adult leopard's trunk to the tip of its tail, and some
_COAT_SIDE = 512  # pixels of a painted coat; the picture is too small to show more
_INSIDE_BODY = 0.14  # metres that a joint may lie below the skin and still count as seen
_EVERYWHERE: Window = (slice(None), slice(None))
_NOWHERE: Window = (slice(0, 0), slice(0, 0))
_DOWNWARD = -10.0  # metres; a thing below this height is not in the scene

# The points of the body that the truth follows, and the bones that they sit on.
JOINTS: Mapping[str, str] = {
    "head": "skull",
    "neck": "C_7",
    "shoulders": "torso",
    "hips": "pelvis",
    "tail_root": "Ca_1",
    "tail_middle": "Ca_10",
    "tail_tip": "Ca_21",
    **{f"{point}_{side}": f"{bone}_{side}"
       for side in "LR"
       for point, bone in (("elbow", "lower_arm"), ("fore_paw", "finger"), ("knee", "lower_leg"), ("hind_paw", "toe"))},
}  # fmt: skip
PERSON_JOINTS: Mapping[str, str] = {
    "hips": "hips",
    **{f"{point}_{side}": f"{point}_{side}" for side in "LR" for point in ("shoulder", "elbow", "hip", "knee")},
}


@dataclass(frozen=True, slots=True)
class Player:
    """One animal or person before the camera, ready to be posed."""

    place: Callable[[float], bool]  # bends `data` into the pose of a second; False if nobody is there
    model: mujoco.MjModel
    data: mujoco.MjData
    lens: Lens
    fine: int  # pixels of its renderings for one of the picture's
    joints: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """One player in one frame, as if nobody else were there."""

    mask: NDArray[np.bool_]  # (h, w) its own body, at `fine` times the picture's size
    depth: NDArray[np.float32]  # (h, w) metres along the lens's axis, likewise, a thing it plays with included
    fine: int
    colour: Picture | None  # (h, w, 3) likewise; None in renderings without shading
    box: Box | None  # x, y, w, h as shares of the picture, cut at its edges
    inside: float  # 0..1, share of its pixels that lie inside the picture
    pixels: float  # of the picture, that it would cover if the picture were wide enough
    bones: NDArray[np.float64]  # (n, 3) metres
    joints: Mapping[str, Joint]
    flank: str  # left, right, front or rear: the side that it shows
    eyes: tuple[tuple[float, float], ...]  # pixels of the picture, those that face the camera
    where: Window = _EVERYWHERE  # of the fine pixels; outside, nothing of it is seen


@contextmanager
def bring_part(camera: Camera, light: Light, part: Part, shaded: bool) -> Iterator[Player]:
    """One animal of a scene, for as long as the block lasts (it holds a rendering context).

    Args:
        camera: through which it is seen.
        light: in which it stands.
        part: who it is and what it does.
        shaded: whether its colours will be asked for.
    """
    fine, wide, high = _size(camera, shaded)
    model = load_body(camera, part.individual, wide, high, coated=shaded)
    if shaded:
        _paint(model, part)
        light_up(model, light)
    data = mujoco.MjData(model)
    reach = _REACH * SHAPES[part.individual.species].size * part.individual.size

    def place(second: float) -> bool:
        pose = part.poses(second)
        if pose is None or _is_out_of_sight(camera, pose, reach):
            return False
        take_pose(model, data, pose)
        return True

    with open_lens(model, wide, high) as lens:
        yield Player(place, model, data, lens, fine, JOINTS)


@contextmanager
def bring_walker(camera: Camera, light: Light, walker: Walker, shaded: bool) -> Iterator[Player]:
    """A person who walks past, likewise."""
    fine, wide, high = _size(camera, shaded)
    up = (0.0, np.sin(camera.tilt), np.cos(camera.tilt))
    attributes = {"name": CAMERA, "pos": f"0 0 {camera.elevation}", "fovy": str(np.degrees(camera.view))}
    model = load_walker(walker, attributes | {"xyaxes": "1 0 0 " + " ".join(map(str, up))}, wide, high)
    light_up(model, light)
    data = mujoco.MjData(model)

    def place(second: float) -> bool:
        stride(model, data, walker, second)
        return True

    with open_lens(model, wide, high) as lens:
        yield Player(place, model, data, lens, fine, PERSON_JOINTS)


def look_at(camera: Camera, light: Light, player: Player, second: float, shaded: bool) -> Figure | None:
    """What the camera would see of a player if it were alone; None while it is away."""
    if not player.place(second):
        return None
    fine = player.fine
    size = camera.height * fine, camera.width * fine
    shown = np.zeros(size, dtype=np.bool_)
    depth = np.full(size, np.inf, dtype=np.float32)
    colour = np.zeros((*size, 3), dtype=np.float32) if shaded else None
    whole, where = 0, _NOWHERE
    window = aim(player.lens, player.data)
    if window is not None:
        seen, deep = take_colour_and_depth(player.lens, window) if shaded else (None, take_depth(player.lens, window))
        solid = deep < _NOTHING
        mask = solid & ~take_geom(player.lens, window, THING) if _has_thing(player) else solid
        whole = int(mask.sum())
        where, part = _in_picture(window, (player.lens.wide - size[1]) // 2, size[1])
        shown[where] = mask[part]
        depth[where] = np.where(solid[part], deep[part], np.inf)
        if colour is not None and seen is not None:
            colour[where] = _lit(light, seen[part], deep[part], solid[part])
    inside = int(shown[where].sum()) / max(whole, 1)
    return Figure(
        mask=shown,
        depth=depth,
        fine=player.fine,
        colour=colour,
        box=box_of(shown),
        inside=inside,
        pixels=whole / player.fine**2,
        bones=np.array(player.data.xpos[1:]),
        joints=_joints(camera, player, depth),
        flank=_flank(camera, player),
        eyes=_eyes(camera, player, depth),
        where=where,
    )


def nearest_owner(figures: Sequence[Figure]) -> NDArray[np.int8]:
    """(h, w) which of the figures is in front in each fine pixel; -1 where there is none."""
    owner = np.full(figures[0].depth.shape, -1, dtype=np.int8)
    nearest = np.full(figures[0].depth.shape, np.inf, dtype=np.float32)
    for number, figure in enumerate(figures):
        where = figure.where
        nearer = figure.depth[where] < nearest[where]
        owner[where][nearer] = number
        np.minimum(nearest[where], figure.depth[where], out=nearest[where])
    return owner


def _size(camera: Camera, shaded: bool) -> tuple[int, int, int]:
    fine = FINE if shaded else 1
    return fine, int(camera.width * _WIDE) // 2 * 2 * fine, camera.height * fine


def _is_out_of_sight(camera: Camera, pose: Pose, reach: float) -> bool:
    """Whether an animal is so far to one side that no part of it, `reach` metres long, can be in the picture."""
    x, y, _ = pose.position
    return y > 0 and abs(x) > camera.half_width(y) + reach


def _paint(model: mujoco.MjModel, part: Part) -> None:
    """The individual's coat, at the size that a small picture needs: painting costs by the texel."""
    texture = model.texture("skin")
    height, width = int(texture.height[0]), int(texture.width[0])
    size = SHAPES[part.individual.species].size * part.individual.size
    individual = part.individual
    picture = coat(read_skin(model, size), _COAT_SIDE, _COAT_SIDE, individual.species, individual.coat)
    texels = cv2.resize((picture * 255).round().astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    first = int(model.tex_adr[texture.id])
    model.tex_data[first : first + height * width * 3] = texels.ravel()


def light_up(model: mujoco.MjModel, light: Light) -> None:
    """Lights a body as a scene is lit."""
    model.light("sun").dir[:] = np.array(light.sun) / np.linalg.norm(light.sun)
    model.light("sun").diffuse[:] = light.direct
    model.light("sun").specular[:] = 0.05
    model.vis.headlight.ambient[:] = light.ambient
    model.vis.headlight.diffuse[:] = 0.12
    model.vis.headlight.specular[:] = 0.0


def _has_thing(player: Player) -> bool:
    """Whether the thing that an animal plays with or feeds on is in the scene."""
    return player.joints is JOINTS and bool(player.data.body(THING).xpos[2] > _DOWNWARD)


def _in_picture(window: Window, margin: int, width: int) -> tuple[Window, Window]:
    """Where a window of the wider rendering lies in the picture, and which part of the window that is.

    Args:
        window: rows and columns of the rendering.
        margin: columns of the rendering on either side of the picture.
        width: columns of the picture.
    """
    rows, columns = window
    first = min(max(columns.start - margin, 0), width)
    last = max(min(columns.stop - margin, width), first)
    start = first + margin - columns.start
    return (rows, slice(first, last)), (slice(None), slice(start, start + last - first))


def _lit(light: Light, colour: NDArray[np.uint8], depth: NDArray[np.float32], solid: NDArray[np.bool_]) -> Picture:
    """The colours as they look from where each pixel is, black where nothing is."""
    shares = np.asarray(colour * solid[..., None] / np.float32(255), dtype=np.float32)
    metres = np.where(solid, depth, 1.0).astype(np.float64)
    return np.asarray(at_distance(light, shares, metres) * solid[..., None], dtype=np.float32)


def _joints(camera: Camera, player: Player, depth: NDArray[np.float32]) -> dict[str, Joint]:
    bones = np.array([player.data.body(bone).xpos for bone in player.joints.values()])
    found: dict[str, Joint] = {}
    for name, (x, y), away in zip(player.joints, project(camera, bones), along_axis(camera, bones), strict=True):
        seen = 0
        if away > 0 and 0 <= x < camera.width and 0 <= y < camera.height:
            front = depth[int(y * player.fine), int(x * player.fine)]
            seen = 2 if front < np.inf and away - front < _INSIDE_BODY else 1
        found[name] = (round(x / camera.width, 4), round(y / camera.height, 4), seen)
    return found


def _flank(camera: Camera, player: Player) -> str:
    trunk = player.data.body("torso" if player.joints is JOINTS else "hips")
    to_camera = np.array([0, 0, camera.elevation]) - trunk.xpos
    ahead, left = trunk.xmat.reshape(3, 3).T[:2] @ (to_camera / np.linalg.norm(to_camera))
    if abs(left) >= abs(ahead):
        return "left" if left > 0 else "right"
    return "front" if ahead > 0 else "rear"


def _eyes(camera: Camera, player: Player, depth: NDArray[np.float32]) -> tuple[tuple[float, float], ...]:
    if player.joints is not JOINTS:
        return ()
    places = np.array([player.data.geom(f"eye_{side}").xpos for side in "LR"])
    found = []
    for (x, y), away in zip(project(camera, places), along_axis(camera, places), strict=True):
        is_inside = away > 0 and 0 <= x < camera.width and 0 <= y < camera.height
        if is_inside and away - depth[int(y * player.fine), int(x * player.fine)] < 0.03:
            found.append((float(x), float(y)))
    return tuple(found)
