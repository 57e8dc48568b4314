"""The proportions by which the rig becomes one species or another. Chosen by eye, from photographs."""

from dataclasses import dataclass

import numpy as np

from models.simulate.act import Individual, Species
from models.simulate.pose import Stance


@dataclass(frozen=True, slots=True)
class Shape:
    """How a species differs from the rig, a hound 0.55 m high at the shoulder."""

    size: float  # of the whole, after all else
    legs: float  # factors of length
    loins: float
    neck: float
    tail: float
    muzzle: float
    ears: float  # factor of height
    thicker_tail: float  # metres that the skin moves outward
    thicker_shanks: float
    thicker_thighs: float
    thicker_trunk: float
    thicker_neck: float


SHAPES: dict[Species, Shape] = {
    "leopard": Shape(1.0, 0.80, 1.14, 0.85, 1.5, 0.50, 0.36, 0.022, 0.016, 0.026, 0.034, 0.042),
    "tiger": Shape(1.3, 0.84, 1.13, 0.88, 1.3, 0.55, 0.35, 0.018, 0.020, 0.028, 0.036, 0.042),
    "deer": Shape(1.2, 1.22, 1.0, 1.3, 0.3, 1.0, 1.25, 0.012, 0.0, 0.006, 0.016, 0.004),
}

# Metres at size 1, measured on the reshaped rig: the trunk's height, how far behind it the hind paws and before it the
# fore paws stand, how far they stand apart.
_STANDS: dict[Species, tuple[float, float, float, float, float]] = {
    "leopard": (0.338, -0.590, 0.133, 0.074, 0.053),
    "tiger": (0.354, -0.595, 0.132, 0.075, 0.053),
    "deer": (0.506, -0.632, 0.122, 0.088, 0.053),
}
_PAW_HEIGHT = 0.034  # metres at size 1, of a paw's joint above the ground


def size_of(individual: Individual) -> float:
    """How many times as large as the rig it is."""
    return SHAPES[individual.species].size * individual.size


def stands(individual: Individual) -> Stance:
    """How an individual stands square, without loading its body."""
    height, behind, before, wide, narrow = _STANDS[individual.species]
    paws = [[behind, wide, _PAW_HEIGHT], [behind, -wide, _PAW_HEIGHT]]
    paws += [[before, narrow, _PAW_HEIGHT], [before, -narrow, _PAW_HEIGHT]]
    size = size_of(individual)
    return Stance(trunk=size * np.array([0.0, 0.0, height]), paws=size * np.array(paws))
