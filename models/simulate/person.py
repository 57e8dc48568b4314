"""A person-shaped figure that walks past: capsules on hinges, clothed in flat colours.

Segment lengths are shares of stature after Winter, "Biomechanics and Motor Control of Human Movement", 4th edition,
2009, figure 4.1, rounded.
"""

from dataclasses import dataclass
from xml.etree import ElementTree

import mujoco
import numpy as np

from models.simulate.camera import Camera

_SHANK, _THIGH, _TRUNK, _UPPER_ARM, _FOREARM = 0.285, 0.245, 0.29, 0.19, 0.16
_CLOTHES = ((0.20, 0.24, 0.17), (0.30, 0.20, 0.13), (0.55, 0.16, 0.12), (0.16, 0.19, 0.30), (0.40, 0.38, 0.33))
_SKIN = (0.72, 0.54, 0.43)


@dataclass(frozen=True, slots=True)
class Walker:
    """How one person walks past."""

    stature: float  # metres
    speed: float  # metres a second
    depth: float  # metres from the camera
    to_right: bool
    start: float  # metres left or right of the middle, where the walk begins
    clothes: tuple[tuple[float, float, float], tuple[float, float, float]]  # jacket and trousers, RGB 0..1


def draw_walker(seed: int, camera: Camera, depth: float) -> Walker:
    """A person by chance, who is about to enter the picture."""
    random = np.random.default_rng([seed, 5])
    picks = random.choice(len(_CLOTHES), 2)
    to_right = bool(random.random() < 0.5)
    start = camera.half_width(depth) * random.uniform(0.5, 0.9)
    return Walker(
        stature=random.uniform(1.58, 1.86),
        speed=random.uniform(0.9, 1.4),
        depth=depth,
        to_right=to_right,
        start=-start if to_right else start,
        clothes=(_CLOTHES[picks[0]], _CLOTHES[picks[1]]),
    )


def load_walker(walker: Walker, camera_xml: dict[str, str], pixels_wide: int, pixels_high: int) -> mujoco.MjModel:
    """The figure alone, seen by the trap's camera.

    Args:
        walker: whose stature and clothes it takes.
        camera_xml: the attributes of the camera's element.
        pixels_wide: the largest picture that will be rendered.
        pixels_high: likewise.
    """
    root = ElementTree.Element("mujoco")
    visual = ElementTree.SubElement(root, "visual")
    ElementTree.SubElement(visual, "global", {"offwidth": str(pixels_wide), "offheight": str(pixels_high)})
    world = ElementTree.SubElement(root, "worldbody")
    ElementTree.SubElement(world, "camera", camera_xml)
    ElementTree.SubElement(world, "light", {"name": "sun", "directional": "true", "castshadow": "false"})
    _build(world, walker)
    return mujoco.MjModel.from_xml_string(ElementTree.tostring(root, encoding="unicode"))


def stride(model: mujoco.MjModel, data: mujoco.MjData, walker: Walker, second: float) -> None:
    """Bends `data` into the step that the walker takes at `second`."""
    ahead = walker.start + (1 if walker.to_right else -1) * walker.speed * second
    rate = walker.speed / (0.8 * walker.stature)
    phase = 2 * np.pi * rate * second
    data.qpos[:] = 0
    data.qpos[:3] = (ahead, walker.depth, (_SHANK + _THIGH - 0.012 + 0.008 * np.cos(2 * phase)) * walker.stature)
    heading = 0.0 if walker.to_right else np.pi
    data.qpos[3:7] = (np.cos(heading / 2), 0, 0, np.sin(heading / 2))
    for side, lead in (("L", 0.0), ("R", np.pi)):
        swing = np.sin(phase + lead)
        data.joint(f"hip_{side}").qpos[0] = -0.42 * swing - 0.08
        data.joint(f"knee_{side}").qpos[0] = 0.12 + 0.75 * max(0.0, np.cos(phase + lead)) ** 1.5
        data.joint(f"shoulder_{side}").qpos[0] = 0.38 * swing
        data.joint(f"elbow_{side}").qpos[0] = -0.35 - 0.15 * swing
    mujoco.mj_forward(model, data)


def _build(world: ElementTree.Element, walker: Walker) -> None:
    tall, (jacket, trousers) = walker.stature, walker.clothes
    hips = ElementTree.SubElement(world, "body", {"name": "hips"})
    ElementTree.SubElement(hips, "freejoint")
    _capsule(hips, (0, -0.045 * tall, 0.02), (0, 0.045 * tall, 0.02), 0.065 * tall, trousers)
    _capsule(hips, (0, 0, 0.07 * tall), (0.01, 0, (_TRUNK - 0.075) * tall), 0.082 * tall, jacket)
    _capsule(hips, (0, -0.07 * tall, 0.265 * tall), (0, 0.07 * tall, 0.265 * tall), 0.045 * tall, jacket)
    _capsule(hips, (0.005, 0, _TRUNK * tall), (0.02, 0, 0.35 * tall), 0.028 * tall, _SKIN)
    _capsule(hips, (0.025, 0, 0.375 * tall), (0.03, 0, 0.415 * tall), 0.049 * tall, _SKIN)
    _capsule(hips, (0.015, 0, 0.41 * tall), (0.005, 0, 0.425 * tall), 0.052 * tall, (0.16, 0.13, 0.10))
    for side, sign in (("L", 1), ("R", -1)):
        thigh = _limb(hips, f"hip_{side}", (0, sign * 0.052 * tall, 0))
        _capsule(thigh, (0, 0, 0), (0, 0, -_THIGH * tall), 0.045 * tall, trousers)
        shank = _limb(thigh, f"knee_{side}", (0, 0, -_THIGH * tall))
        _capsule(shank, (0, 0, 0), (0, 0, -(_SHANK - 0.03) * tall), 0.033 * tall, trousers)
        foot = -(_SHANK - 0.02) * tall
        _capsule(shank, (-0.01, 0, foot), (0.11 * tall, 0, foot), 0.022 * tall, (0.12, 0.10, 0.08))
        arm = _limb(hips, f"shoulder_{side}", (0, sign * 0.115 * tall, 0.27 * tall))
        _capsule(arm, (0, 0, 0), (0, 0, -_UPPER_ARM * tall), 0.030 * tall, jacket)
        forearm = _limb(arm, f"elbow_{side}", (0, 0, -_UPPER_ARM * tall))
        _capsule(forearm, (0, 0, 0), (0, 0, -_FOREARM * tall), 0.025 * tall, jacket)
        _capsule(forearm, (0, 0, -_FOREARM * tall), (0.01, 0, -(_FOREARM + 0.05) * tall), 0.024 * tall, _SKIN)


def _limb(parent: ElementTree.Element, name: str, place: tuple[float, float, float]) -> ElementTree.Element:
    body = ElementTree.SubElement(parent, "body", {"name": name, "pos": " ".join(map(str, place))})
    ElementTree.SubElement(body, "joint", {"name": name, "type": "hinge", "axis": "0 1 0"})
    return body


def _capsule(
    body: ElementTree.Element,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    radius: float,
    colour: tuple[float, float, float],
) -> None:
    attributes = {
        "type": "capsule",
        "fromto": " ".join(map(str, (*start, *end))),
        "size": str(radius),
        "rgba": " ".join(map(str, (*colour, 1))),
    }
    ElementTree.SubElement(body, "geom", attributes)
