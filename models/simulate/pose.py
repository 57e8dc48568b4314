"""One posture of the animal, in terms that a gait can think in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEGS = ("hind_L", "hind_R", "fore_L", "fore_R")


@dataclass(frozen=True, slots=True)
class Thing:
    """A ball that an animal plays with."""

    place: tuple[float, float, float]  # metres
    radius: float  # metres


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the trunk is, where each paw stands, and the joints that no paw decides."""

    position: tuple[float, float, float]  # the trunk's centre, metres
    heading: float  # radians, counter-clockwise from above; 0 faces +x
    pitch: float  # radians, nose up
    roll: float  # radians, left side up
    paws: Array  # (4, 3) metres, in the order of LEGS
    flexion: Array  # (4,) radians that a paw points down
    joints: Mapping[str, float]  # radians
    free: Array = field(
        default_factory=lambda: np.zeros(4)
    )  # (4,) 0..1: 0 reaches for its paw's place, 1 hangs in `joints`
    thing: Thing | None = None  # what it plays with; drawn with the animal, no part of its box


@dataclass(frozen=True, slots=True)
class Stance:
    """The animal standing square at the origin, facing +x: what every pose is measured from."""

    trunk: Array  # (3,)
    paws: Array  # (4, 3)
