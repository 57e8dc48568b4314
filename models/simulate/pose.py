"""One posture of the animal, in terms that a gait can think in."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEGS = ("hind_L", "hind_R", "fore_L", "fore_R")


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


@dataclass(frozen=True, slots=True)
class Stance:
    """The animal standing square at the origin, facing +x: what every pose is measured from."""

    trunk: Array  # (3,)
    paws: Array  # (4, 3)
