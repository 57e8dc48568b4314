"""Single pictures of chosen individuals from many traps, cheap enough to measure recognition on: body and light alone.

There is no glade behind the animal and no grass before it. The
true silhouette comes with each picture, so that what is measured is the comparison of coats and not the cutting out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from models.simulate.act import Individual, act
from models.simulate.body import CAMERA
from models.simulate.camera import Camera, moved_px
from models.simulate.cast import Figure, bring_part, light_up, look_at
from models.simulate.coat_set import ViewOrder
from models.simulate.glade import smooth_noise
from models.simulate.light import Light, at_distance, draw_light, expose
from models.simulate.pose import Pose
from models.simulate.rig import take_pose
from models.simulate.station import set_up, stage_of

WIDTH, HEIGHT = 640, 360  # pixels, of the camera; its pictures are taken at twice that, as the body is rendered
_SECONDS = 9.0  # of the walk from which a moment is taken
_SHUTTER_S = {False: 0.008, True: 0.03}  # by whether it is infrared
_BACKDROP = 0.3  # grey behind the animal
_TRIES = 60


@dataclass(frozen=True, slots=True, eq=False)
class CoatView:
    """One picture of one individual."""

    individual: Individual
    order: ViewOrder
    flank: str  # left, right, front or rear, as it is really seen
    picture: NDArray[np.uint8]  # (h, w, 3) blue, green, red
    mask: NDArray[np.bool_]  # (h, w) the animal
    to_right: float  # metres a second that it moves to the picture's right


def photograph(individual: Individual, orders: Sequence[ViewOrder]) -> Iterator[CoatView]:
    """Pictures of one individual, one for each order; its body is loaded and painted once.

    Yields:
        Pictures of twice WIDTH by HEIGHT pixels.

    Raises:
        LookupError: no walk of the order's motion seed shows the wanted flank.
    """
    first = set_up(orders[0].camera_seed, WIDTH, HEIGHT)
    light = draw_light(orders[0].infrared, orders[0].motion_seed)
    part = act("travel", orders[0].motion_seed, _SECONDS, stage_of(first, marked=False), (individual,))[0]
    with bring_part(first.camera, light, part, shaded=True) as player:
        for order in orders:
            camera = set_up(order.camera_seed, WIDTH, HEIGHT).camera
            light = draw_light(order.infrared, order.motion_seed)
            before, after = _moment(individual, order)
            _hang(player.model, camera)
            light_up(player.model, light)
            standing = replace(player, place=partial(_place, player.model, player.data, before))
            figure = look_at(camera, light, standing, 0.0, shaded=True)
            if figure is None or figure.colour is None:
                raise LookupError(f"{individual.name} is out of the picture in {order}")
            speed = (after.position[0] - before.position[0]) / _SHUTTER_S[order.infrared]
            blur = _smear_px(camera, before, after) * figure.fine
            yield CoatView(individual, order, figure.flank, _develop(order, light, figure, blur), figure.mask, speed)


def _moment(individual: Individual, order: ViewOrder) -> tuple[Pose, Pose]:
    """Poses when the shutter opens and closes: well inside the picture, the wanted flank to the camera."""
    station = set_up(order.camera_seed, WIDTH, HEIGHT)
    random = np.random.default_rng([order.motion_seed, 11])
    for attempt in range(_TRIES):
        seed = order.motion_seed + attempt
        poses = act("travel", seed, _SECONDS, stage_of(station, marked=False), (individual,))[0].poses
        for second in random.permutation(np.arange(1.0, _SECONDS, 0.37)):
            pose, later = poses(float(second)), poses(float(second) + _SHUTTER_S[order.infrared])
            if pose is None or later is None:
                continue
            x, y, _ = pose.position
            shows = "left" if np.cos(pose.heading) < 0 else "right"
            if shows == order.flank and y > 0 and abs(x) < 0.45 * station.camera.half_width(y):
                return _turned(pose, order.turn), _turned(later, order.turn)
    raise LookupError(f"no walk shows the {order.flank} flank well inside the picture: {order}")


def _turned(pose: Pose, angle: float) -> Pose:
    """The pose turned on the spot, counter-clockwise from above."""
    around = np.array([*pose.position[:2], 0.0])
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return replace(pose, heading=pose.heading + angle, paws=(pose.paws - around) @ turn.T + around)


def _place(model: mujoco.MjModel, data: mujoco.MjData, pose: Pose, _second: float) -> bool:
    take_pose(model, data, pose)
    return True


def _hang(model: mujoco.MjModel, camera: Camera) -> None:
    """Moves the model's camera to where another trap hangs."""
    lens = model.camera(CAMERA)
    lens.pos[:] = (0.0, 0.0, camera.elevation)
    lens.fovy[:] = np.degrees(camera.view)
    rotation = np.array(
        [
            [1.0, 0.0, 0.0],
            [0.0, np.sin(camera.tilt), -np.cos(camera.tilt)],
            [0.0, np.cos(camera.tilt), np.sin(camera.tilt)],
        ]
    )
    mujoco.mju_mat2Quat(lens.quat, rotation.ravel())


def _smear_px(camera: Camera, before: Pose, after: Pose) -> float:
    """Pixels that the trunk moves sideways while the shutter is open."""
    return abs(moved_px(camera, np.array([before.position]), np.array([after.position]))[0])


def _develop(order: ViewOrder, light: Light, figure: Figure, blur: float) -> NDArray[np.uint8]:
    """What the sensor records of the body before a grey backdrop: flecks of sun, motion, lens, noise, JPEG."""
    random = np.random.default_rng([order.motion_seed, 12])
    height, width = figure.mask.shape
    flecks = 1 + 0.5 * light.dapple * ((smooth_noise(height, width, 90, random) - 0.2).clip(0, 1.2) - 0.3)
    backdrop = at_distance(light, np.full((height, width, 3), _BACKDROP, np.float32), 5.0)
    body = np.zeros_like(backdrop) if figure.colour is None else figure.colour * flecks[..., None]
    scene = np.where(figure.mask[..., None], body, backdrop).astype(np.float32)
    length = max(round(blur), 1)
    smeared = cv2.filter2D(scene, -1, np.full((1, length), 1 / length, np.float32))
    recorded = expose(light, np.asarray(smeared, np.float32), random)
    return np.asarray(recorded[..., ::-1], np.uint8)
