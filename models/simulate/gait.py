"""How the animal moves: a walk whose paws do not slide, a stop, and sitting down.

The walk is a lateral sequence: hind left, fore left, hind right, fore right, a quarter of a stride apart. Each paw is
on the ground for 0.65 of the stride, as in walking cats and dogs (Hildebrand, "The quadrupedal gaits of vertebrates",
BioScience, 1989).
Stride length and stride rate both fall with the square root of speed, so a slowing animal takes shorter, slower steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.simulate.pose import Pose, Stance

Array = NDArray[np.float64]
_Share = TypeVar("_Share", float, Array)

CRUISE = 0.8  # metres a second, the speed at which a stride has its full length
STRIDE = 0.68  # metres at that speed
DUTY = 0.65
_START = np.array([0.0, 0.5, 0.25, 0.75])  # share of a stride by which each leg (order of LEGS) is ahead
_UNDER = np.array([0.12, 0.12, -0.01, -0.01])  # metres that each paw stands ahead of where the rig has it
_LIFT = np.array([0.055, 0.055, 0.07, 0.07])  # metres that a paw is raised
_CARRIAGE = {"C_7": 0.62, "C_5": 0.42, "C_3": 0.15, "C_1": -0.12}  # radians that lower the neck to the back's height
_STEP = 1 / 120  # seconds between the points of a planned walk


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk along a straight line, planned ahead."""

    t: Array  # (n,) seconds
    distance: Array  # (n,) metres from the start
    phase: Array  # (n,) strides made
    vigour: Array  # (n,) 0 at a stand, 1 at cruising speed


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line on the ground."""

    x: float  # metres, where the trunk's centre is at the start
    y: float
    heading: float  # radians, 0 walks to the right


def plan_walk(speeds: Sequence[tuple[float, float]]) -> Walk:
    """Integrates speed into distance and strides.

    Args:
        speeds: (second, metres a second) points, linear in between; the first and last speeds hold before and after.
    """
    times, values = np.array(speeds).T
    t = np.arange(0, times[-1] + 30, _STEP)
    speed = np.interp(t, times, values)
    vigour = np.sqrt(speed / CRUISE)
    rate = CRUISE / STRIDE * vigour
    return Walk(t, np.cumsum(speed) * _STEP, np.cumsum(rate) * _STEP, vigour)


def walking(walk: Walk, line: Line, stand: Stance, second: float) -> Pose:
    """The pose at `second` of a walk along a line."""
    distance, phase, vigour = (float(np.interp(second, walk.t, v)) for v in (walk.distance, walk.phase, walk.vigour))
    ahead, lift, flexion = _steps(phase, vigour)
    offsets = stand.paws - stand.trunk
    offsets[:, 0] += ahead + _UNDER
    offsets[:, 2] += lift
    swing = 2 * np.pi * phase
    bob = vigour * 0.008 * np.cos(2 * swing)
    trunk = _along(line, distance, np.array([[0.0, 0.0, stand.trunk[2] - 0.035 + bob]]))[0]
    offsets[:, 2] += stand.trunk[2]
    return Pose(
        position=(float(trunk[0]), float(trunk[1]), float(trunk[2])),
        heading=line.heading + vigour * 0.03 * np.sin(swing),
        pitch=-0.02 + vigour * 0.015 * np.sin(2 * swing),
        roll=vigour * 0.03 * np.sin(swing + 0.8),
        paws=_along(line, distance, offsets),
        flexion=flexion,
        joints=_neck(0.04 * vigour * np.sin(2 * swing + 1.0), 0.0)
        | _spine(0.10 * vigour * np.sin(swing), 0.0)
        | _tail(second, root=-0.1, curl=0.05, swish=0.06),
    )


def sitting_down(stood: Pose, share: float, second: float, gaze: float) -> Pose:
    """The pose `share` (0..1) of the way from standing to sitting: hind paws step under, the rump goes down.

    Args:
        stood: the pose from which it sits down.
        share: 0 stands, 1 sits.
        second: for the breath and the tail.
        gaze: radians that the head is turned to its left.
    """
    forward = np.array([np.cos(stood.heading), np.sin(stood.heading), 0.0])
    paws = stood.paws.copy()
    flexion = stood.flexion.copy()
    for leg, (start, end) in enumerate(((0.05, 0.45), (0.4, 0.8))):
        step = float(np.clip((share - start) / (end - start), 0, 1))
        paws[leg] += 0.22 * _ease(step) * forward + (0, 0, 0.04 * np.sin(np.pi * step))
        flexion[leg] += 0.3 * np.sin(np.pi * step)
    lower = _ease(float(np.clip((share - 0.15) / 0.85, 0, 1)))
    breath = 0.004 * lower * np.sin(2 * np.pi * 0.35 * second)
    shift = 0.02 * lower * forward + (0, 0, -0.01 * lower + breath)
    x, y, z = np.array(stood.position) + shift
    return Pose(
        position=(float(x), float(y), float(z)),
        heading=stood.heading,
        pitch=stood.pitch + 0.64 * lower,
        roll=stood.roll,
        paws=paws,
        flexion=flexion,
        joints=_neck(0.0, gaze, raised=1 + 0.05 * lower)
        | _spine(0.0, -0.12 * lower)
        | _tail(
            second, root=-0.1 + 0.36 * lower, curl=0.05 - 0.01 * lower, swish=0.06 * (1 - lower), wrap=0.25 * lower
        ),
    )


def _steps(phase: float, vigour: float) -> tuple[Array, Array, Array]:
    """How far each paw is ahead of where it stands, how high, and how far it points down: (4,) each."""
    place = (phase + _START) % 1.0
    swing = ((place - DUTY) / (1 - DUTY)).clip(0, 1)
    reach = DUTY * STRIDE * vigour
    ahead = np.where(place < DUTY, reach * (0.5 - place / DUTY), reach * (_ease(swing) - 0.5))
    lift = vigour * _LIFT * np.sin(np.pi * swing) ** 1.5
    pushing = ((place - 0.5) / (DUTY - 0.5)).clip(0, 1) * (1 - swing) ** 2
    flexion = vigour * (0.55 * pushing + 0.5 * np.sin(np.pi * swing) * (1 - swing))
    return ahead, lift, flexion


def _along(line: Line, distance: float, offsets: Array) -> Array:
    """World places of points given relative to a trunk that has gone `distance` metres along the line."""
    cos, sin = np.cos(line.heading), np.sin(line.heading)
    x = offsets[:, 0] + distance
    return np.stack(
        [line.x + cos * x - sin * offsets[:, 1], line.y + sin * x + cos * offsets[:, 1], offsets[:, 2]], axis=1
    )


def _neck(nod: float, turn: float, raised: float = 1.0) -> dict[str, float]:
    joints = {f"{vertebra}_extend": raised * angle for vertebra, angle in _CARRIAGE.items()}
    joints |= {f"{vertebra}_bend": turn / 4 for vertebra in _CARRIAGE}
    return joints | {"C_7_extend": joints["C_7_extend"] + nod, "atlas": 0.1 - nod, "mandible": -0.2}


def _spine(bend: float, arch: float) -> dict[str, float]:
    return {f"L_{number}_bend": bend / 4 for number in (1, 3, 5, 7)} | {
        f"L_{number}_extend": arch for number in (1, 3, 5, 7)
    }


def _tail(second: float, root: float, curl: float, swish: float, wrap: float = 0.0) -> dict[str, float]:
    """A tail raised by `root` a joint at its base and by up to twice `curl` at its tip, bent to the left by `wrap`.

    It swings by `swish` in a wave that runs down it. All in radians a joint.
    """
    joints = {}
    for number in range(1, 22):
        if number % 2:
            joints[f"Ca_{number}_extend"] = root if number < 8 else curl * (number - 8) / 6
        else:
            joints[f"Ca_{number}_bend"] = wrap * (number > 5) + swish * np.sin(2 * np.pi * 0.45 * second - number / 5)
    return joints


def _ease(share: _Share) -> _Share:
    """0 to 1 without a jerk at either end."""
    return share * share * (3 - 2 * share)
