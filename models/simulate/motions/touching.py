"""Where one animal's mouth comes to another's body, and how far the rest of the two stays apart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from models.simulate.act import Individual
from models.simulate.neck import MOUTH, place_of
from models.simulate.performance import Performance
from models.simulate.pose import Pose
from models.simulate.posture import Posture, always, head
from models.simulate.species import size_of
from models.simulate.strides import WALK, Stay, path_through, plan

Array = NDArray[np.float64]

# Spots of the skin on an animal's left: a bone, and a place seen from it in metres at size 1, measured on the rig.
SPOTS: Mapping[str, tuple[str, tuple[float, float, float]]] = {
    "cheek": ("skull", (0.0, 0.055, 0.02)),
    "crown": ("skull", (-0.015, 0.03, 0.048)),
    "neck": ("C_3", (-0.02, 0.085, 0.04)),
    "shoulder": ("torso", (0.08, 0.10, 0.13)),
    "flank": ("torso", (-0.22, 0.10, 0.11)),
}
_AXIS = tuple((ahead, 0.0, 0.02) for ahead in (0.12, 0.0, -0.12, -0.24, -0.36, -0.48))  # of the trunk, metres at size 1
_TRUNK, _PAW, _SKULL = 0.11, 0.03, 0.06  # metres at size 1, half as wide as each is
_OFF = 0.015  # metres at size 1 that the mouth keeps from the skin between strokes
_LEAST, _MOST = -0.7, 2.2  # radians that a neck is lowered


@dataclass(frozen=True, slots=True)
class Body:
    """An animal in a posture at a place."""

    individual: Individual
    posture: Posture
    place: tuple[float, float, float] = (0.0, 0.0, 0.0)  # x, y in metres and heading in radians
    on_paws: bool = True  # and not on its side

    def pose(self, neck: Posture | None = None) -> Pose:
        """How it is there, with its neck moved too."""
        x, y, heading = self.place
        path = path_through([(x, y), (x + float(np.cos(heading)), y + float(np.sin(heading)))])
        course = plan(path, WALK, size_of(self.individual), [Stay(1.0)])
        posture = self.posture if neck is None else self.posture + neck
        return Performance(self.individual, [course], [always(posture)])(0.0)


def spot_of(body: Body, spot: str, side: int) -> Array:
    """(3,) metres: where a spot of SPOTS is, on the left (1) or the right (-1)."""
    bone, (ahead, left, up) = SPOTS[spot]
    return place_of(body.pose(), body.individual, (bone, (ahead, side * left, up)))


def lowered_to(body: Body, height: float, aside: Posture) -> tuple[Posture, Array] | None:
    """The neck that brings the mouth to a height, turned aside already, and where the mouth is then.

    Args:
        body: at any place.
        height: metres above the ground.
        aside: how the head is turned and tilted.

    Returns:
        None if the neck does not bring it there.
    """
    pose = body.pose()

    def over(down: float) -> float:
        return float(_mouth(pose, body.individual, aside + head(down=down))[2]) - height

    downs = np.linspace(_LEAST, _MOST, 8)
    heights = [over(float(down)) for down in downs]
    for number, (above, below) in enumerate(pairwise(heights)):
        if above > 0 >= below:
            down = float(brentq(over, downs[number], downs[number + 1], xtol=1e-3))
            neck = aside + head(down=down)
            return neck, _mouth(pose, body.individual, neck)
    return None


def _mouth(pose: Pose, individual: Individual, neck: Posture) -> Array:
    joints = dict(pose.joints)
    for joint, angle in neck.joints.items():
        joints[joint] = joints.get(joint, 0.0) + angle
    return place_of(replace(pose, joints=joints), individual, MOUTH)


def beside(
    licker: Body, other: Body, spot: str, side: int, bearing: float, aside: Posture
) -> tuple[Body, Posture] | None:
    """One animal put where its mouth is at a spot of another, and the neck with which it is.

    Args:
        licker: wherever it is.
        other: where it shall stay.
        spot: one of SPOTS.
        side: of the other, left (1) or right (-1).
        bearing: radians counter-clockwise from above, from the spot to where the licker comes from.
        aside: how the licker's head is turned and tilted.
    """
    target = spot_of(other, spot, side)
    size = size_of(licker.individual)
    found = lowered_to(replace(licker, place=(0.0, 0.0, 0.0)), float(target[2]) + 0.5 * _OFF * size, aside)
    if found is None:
        return None
    neck, mouth = found
    away = np.array([np.cos(bearing), np.sin(bearing)])
    heading = bearing + np.pi - float(np.arctan2(mouth[1], mouth[0]))
    x, y = target[:2] + (float(np.hypot(mouth[0], mouth[1])) + _OFF * size) * away
    return replace(licker, place=(float(x), float(y), heading)), neck


def apart(licker: Body, neck: Posture, other: Body) -> float:
    """Metres between two animals on the ground plan; negative if they are in one another.

    The licker's head is above or beside the other, so its metres to the other's trunk and head count in space.
    """
    mine, its = _plan(licker), _plan(other)
    size, its_size = size_of(licker.individual), size_of(other.individual)
    between = np.linalg.norm(mine[0][:, None] - its[0][None], axis=2) - mine[1][:, None] - its[1][None]
    skull = place_of(licker.pose(neck), licker.individual, ("skull", (0.0, 0.0, 0.0)))
    pose = other.pose()
    bones = [place_of(pose, other.individual, ("torso", one)) for one in _AXIS]
    over = np.linalg.norm(np.array(bones) - skull, axis=1).min() - _TRUNK * its_size - _SKULL * size
    its_skull = place_of(pose, other.individual, ("skull", (0.0, 0.0, 0.0)))
    heads = float(np.linalg.norm(its_skull - skull)) - _SKULL * (its_size + size)
    return float(min(between.min(), over, heads))


def _plan(body: Body) -> tuple[Array, Array]:
    """(n, 2) metres on the ground of the trunk, the head and the paws, and (n,) half their widths."""
    pose, size = body.pose(), size_of(body.individual)
    places = [place_of(pose, body.individual, ("torso", one))[:2] for one in _AXIS]
    places.append(place_of(pose, body.individual, ("skull", (0.0, 0.0, 0.0)))[:2])
    widths = [_TRUNK * body.individual.girth] * len(_AXIS) + [_SKULL]
    if body.on_paws:
        places += list(pose.paws[:, :2])
        widths += [_PAW] * 4
    return np.array(places), size * np.array(widths)
