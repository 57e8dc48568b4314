"""Where an animal's neck, head and mouth are in a pose, without loading its body.

The vertebrae's places, hinges and ranges are those of the rig (`models.simulate.body`), in metres at size 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.simulate.act import Individual
from models.simulate.pose import Pose
from models.simulate.species import SHAPES, size_of

Array = NDArray[np.float64]

_EXTEND, _BEND, _TWIST, _NOD = (-0.3054, 1.069), (-0.6109, 0.6109), (-0.4072, 0.4072), (-0.2618, 0.5236)  # radians
_DOWN = (0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Bone:
    """A bone, the hinge between it and the one before, and what turns about that."""

    place: tuple[float, float, float]  # from the bone before
    hinge: tuple[float, float, float]  # from the bone itself
    turns: tuple[tuple[str, tuple[float, float, float], tuple[float, float]], ...]  # joint, its axis, its range
    stretches: bool = True  # with the species' neck


_CHAIN: Mapping[str, _Bone] = {
    "C_7": _Bone(
        (0.1433, 0, 0.0869),
        (-0.0157, 0, -0.0016),
        (("C_7_extend", _DOWN, _EXTEND), ("C_7_bend", (-0.1027, 0, 0.9947), _BEND)),
        stretches=False,
    ),
    "C_6": _Bone((0.0182, 0, 0.0093), (-0.0139, 0, -0.0071), (("C_6_twist", (0.8896, 0, 0.4568), _TWIST),)),
    "C_5": _Bone(
        (0.0134, 0, 0.0255),
        (-0.0075, 0, -0.0143),
        (("C_5_extend", _DOWN, _EXTEND), ("C_5_bend", (-0.886, 0, 0.4636), _BEND)),
    ),
    "C_4": _Bone((0.0109, 0, 0.0344), (-0.0051, 0, -0.016), (("C_4_twist", (0.3019, 0, 0.9533), _TWIST),)),
    "C_3": _Bone(
        (0.0063, 0, 0.0361),
        (-0.0028, 0, -0.0163),
        (("C_3_extend", _DOWN, _EXTEND), ("C_3_bend", (-0.9853, 0, 0.1708), _BEND)),
    ),
    "C_2": _Bone((0.0076, 0, 0.037), (-0.0048, 0, -0.0235), (("C_2_twist", (0.201, 0, 0.9796), _TWIST),)),
    "C_1": _Bone(
        (0.0231, 0, 0.0322),
        (-0.0115, 0, -0.016),
        (("C_1_extend", _DOWN, _EXTEND), ("C_1_bend", (-0.8119, 0, 0.5837), _BEND)),
    ),
    "skull": _Bone((0.0779, 0, 0.0178), (-0.0625, 0, 0), (("atlas", (0, -1, 0), _NOD),), stretches=False),
}
MOUTH = ("skull", (0.095, 0.0, -0.035))  # a bone, and a place on the skin seen from it


def place_of(pose: Pose, individual: Individual, spot: tuple[str, tuple[float, float, float]]) -> Array:
    """(3,) metres: where a spot of the trunk, the neck or the head is in a pose.

    Args:
        pose: of the individual.
        individual: whose size and neck count.
        spot: a bone, `torso`, `C_7` to `C_1` or `skull`, and a place seen from it, metres at size 1.
    """
    bone, offset = spot
    size, stretch = size_of(individual), SHAPES[individual.species].neck
    turned = _turn((0, 0, 1), pose.heading) @ _turn((0, -1, 0), pose.pitch) @ _turn((1, 0, 0), pose.roll)
    place = np.array(pose.position, dtype=np.float64)
    if bone != "torso":
        for name, link in _CHAIN.items():
            place = place + turned @ (np.array(link.place) * (size * (stretch if link.stretches else 1.0)))
            for joint, axis, (least, most) in link.turns:
                hinge = place + size * turned @ np.array(link.hinge)
                turned = turned @ _turn(axis, min(max(pose.joints.get(joint, 0.0), least), most))
                place = hinge - size * turned @ np.array(link.hinge)
            if name == bone:
                break
    return np.asarray(place + size * turned @ np.array(offset))


def _turn(axis: tuple[float, float, float], angle: float) -> Array:
    """(3, 3) the rotation about a unit axis by radians (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
