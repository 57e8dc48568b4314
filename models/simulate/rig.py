"""The joint angles that put the animal's paws where a pose wants them."""

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import mujoco
import numpy as np
from numpy.typing import NDArray

from models.simulate.body import THING
from models.simulate.pose import LEGS, Pose, Stance

Array = NDArray[np.float64]

_CHAINS = {
    "hind": ("hip_{}_extend", "knee_{}", "ankle_{}", "toe_{}", "hip_{}_abduct"),
    "fore": ("scapula_{}_extend", "shoulder_{}_extend", "elbow_{}", "wrist_{}", "finger_{}", "scapula_{}_abduct"),
}
_PAWS = {"hind": "toe_{}", "fore": "finger_{}"}
# Where a leg's joints would rather be, and start from: bent the way a leg folds, so that a raised paw folds it further
# and never turns an elbow inside out. Radians, in the order of _CHAINS.
_EASY = {"hind": (0.0, -0.25, 0.0, 0.0, 0.0), "fore": (0.0, 0.25, -0.45, 0.0, 0.0, 0.0)}
_STRAIGHT = {
    "hind": (9.0, 0.1, 9.0, 9.0, 0.3),
    "fore": (9.0, 9.0, 0.15, 9.0, 9.0, 9.0),
}  # radians, no joint goes beyond
_SIDEWAYS = 0.5  # how much a paw's error to its side counts against one ahead or above
_ROUNDS = 18
_LONGEST_STEP = 0.4  # radians that a joint moves in one round at most
_FREE_ROUNDS = 4
_SHORTER = 0.7  # factor of each later round's steps: legs at their limits would else swing to and fro
_PAW_ANGLE = 0.15  # metres of paw error that a radian between sole and ground counts as
_CLOSE = 1e-3  # radians; when no joint moves more, the legs have arrived
_PULL_TO_REST = 0.02  # how much a joint would rather stay as it stands, against a metre of paw error
_DAMPING = _PULL_TO_REST**2
_NEXT, _AFTER = [1, 2, 0], [2, 0, 1]  # axes
_LONGEST = max(len(chain) for chain in _CHAINS.values())


@dataclass(frozen=True, slots=True)
class _Legs:
    """Where a model keeps its four legs' joints, in the order of LEGS; a shorter chain is filled up with its last."""

    joints: NDArray[np.int64]  # (4, n) numbers of the joints
    places: NDArray[np.int64]  # (4, n) where their angles lie in `qpos`
    columns: NDArray[np.int64]  # (4, n) a joint's own column here, the last joint's where that only fills up
    rest: Array  # (4, n) radians, where they would rather be
    low: Array  # (4, n) radians
    high: Array  # (4, n) radians
    paws: NDArray[np.int64]  # (4,) numbers of the bodies at their ends
    ranges: Mapping[str, tuple[int, float, float]]  # of every joint: its place in `qpos`, least and most radians


# A model keeps its joints' places and ranges, so they are looked up once.
_known: WeakKeyDictionary[mujoco.MjModel, _Legs] = WeakKeyDictionary()


def stance(model: mujoco.MjModel) -> Stance:
    """How the animal stands when no joint is bent."""
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    return Stance(trunk=np.array(data.qpos[:3]), paws=np.array([data.body(paw(leg)).xpos for leg in LEGS]))


def paw(leg: str) -> str:
    """The body that touches the ground at the end of a leg."""
    part, side = leg.split("_")
    return _PAWS[part].format(side)


def take_pose(model: mujoco.MjModel, data: mujoco.MjData, pose: Pose) -> None:
    """Bends `data` into the pose. The result depends on the pose alone, not on what went before.

    Paws that are out of reach come as close as the joints' ranges allow.
    """
    mujoco.mj_resetData(model, data)
    data.qpos[:3] = pose.position
    data.qpos[3:7] = _attitude(pose)
    legs = _legs(model)
    for name, angle in pose.joints.items():
        place, low, high = legs.ranges[name]
        data.qpos[place] = min(max(angle, low), high)
    angles = legs.rest.copy()
    for number in range(_ROUNDS if pose.free.min() < 1 else 0):
        data.qpos[legs.places] = angles
        mujoco.mj_kinematics(model, data)
        bent = _bend(data, legs, angles, pose, _LONGEST_STEP * _SHORTER ** max(number - _FREE_ROUNDS, 0))
        moved = np.abs(bent - angles).max()
        angles = bent
        if moved < _CLOSE:
            break
    data.qpos[legs.places] = angles
    for number, leg in enumerate(LEGS):
        if pose.free[number] > 0:
            _let_go(data, leg, float(pose.free[number]), pose)
    if pose.thing is not None:
        data.mocap_pos[0] = pose.thing.place
        model.geom(THING).size[0] = pose.thing.radius
    mujoco.mj_kinematics(model, data)
    mujoco.mj_camlight(model, data)


def _legs(model: mujoco.MjModel) -> _Legs:
    known = _known.get(model)
    if known is None:
        known = _known[model] = _find_legs(model)
    return known


def _find_legs(model: mujoco.MjModel) -> _Legs:
    chains, rest, straight = [], [], []
    for leg in LEGS:
        part, side = leg.split("_")
        filling = _LONGEST - len(_CHAINS[part])
        chains.append([model.joint(name.format(side)) for name in (*_CHAINS[part], *_CHAINS[part][-1:] * filling)])
        rest.append(_EASY[part] + _EASY[part][-1:] * filling)
        straight.append(_STRAIGHT[part] + _STRAIGHT[part][-1:] * filling)
    ranges = np.array([[joint.range for joint in chain] for chain in chains])
    return _Legs(
        joints=np.array([[joint.id for joint in chain] for chain in chains]),
        places=np.array([[joint.qposadr[0] for joint in chain] for chain in chains]),
        columns=np.array([np.minimum(np.arange(_LONGEST), len(_CHAINS[leg.split("_")[0]]) - 1) for leg in LEGS]),
        rest=np.array(rest),
        low=ranges[..., 0],
        high=np.minimum(ranges[..., 1], straight),
        paws=np.array([model.body(paw(leg)).id for leg in LEGS]),
        ranges={
            model.joint(number).name: (int(place), float(low), float(high))
            for number, (place, (low, high)) in enumerate(zip(model.jnt_qposadr, model.jnt_range, strict=True))
        },
    )


def _bend(data: mujoco.MjData, legs: _Legs, angles: Array, pose: Pose, longest: float) -> Array:
    """(4, n) radians: one damped least-squares step of every leg's joints towards paw position and paw angle.

    Minimises |J d - e|^2 + w |q + d - q_rest|^2: damped least squares, Buss, "Introduction to inverse
    kinematics with Jacobian transpose, pseudoinverse and damped least squares methods", 2004. A hinge moves a point
    by the cross product of its axis and the point's place, seen from the hinge, and turns it about its axis.
    """
    sine, cosine = np.sin(pose.heading), np.cos(pose.heading)
    turns = data.xaxis[legs.joints] * (legs.columns == np.arange(_LONGEST))[..., None]  # (4, n, 3)
    places = data.xpos[legs.paws]  # (4, 3)
    arms = places[:, None] - data.xanchor[legs.joints]
    moves = turns[..., _NEXT] * arms[..., _AFTER] - turns[..., _AFTER] * arms[..., _NEXT]  # their cross product
    toes = data.xmat[legs.paws][:, ::3]  # (4, 3), the first column of each matrix
    down = np.arctan2(-toes[:, 2], cosine * toes[:, 0] + sine * toes[:, 1])
    # Of each vector: ahead, up, to the left.
    wrong = pose.paws - places
    error = np.empty((4, 4))
    error[:, 0] = cosine * wrong[:, 0] + sine * wrong[:, 1]
    error[:, 1] = wrong[:, 2]
    error[:, 2] = _SIDEWAYS * (cosine * wrong[:, 1] - sine * wrong[:, 0])
    error[:, 3] = _PAW_ANGLE * (pose.flexion - down)
    jacobian = np.empty((4, 4, _LONGEST))
    jacobian[:, 0] = cosine * moves[..., 0] + sine * moves[..., 1]
    jacobian[:, 1] = moves[..., 2]
    jacobian[:, 2] = _SIDEWAYS * (cosine * moves[..., 1] - sine * moves[..., 0])
    jacobian[:, 3] = _PAW_ANGLE * (cosine * turns[..., 1] - sine * turns[..., 0])
    transposed = jacobian.transpose(0, 2, 1)
    push = (transposed @ error[..., None])[..., 0] - _DAMPING * (angles - legs.rest)
    step = np.linalg.solve(transposed @ jacobian + _DAMPING * np.eye(_LONGEST), push[..., None])[..., 0]
    bent = np.minimum(np.maximum(angles + np.minimum(np.maximum(step, -longest), longest), legs.low), legs.high)
    return np.take_along_axis(bent, legs.columns, axis=1)


def _let_go(data: mujoco.MjData, leg: str, free: float, pose: Pose) -> None:
    """Moves a leg by the share `free` from where its paw was wanted to the joint angles that the pose names."""
    part, side = leg.split("_")
    for pattern, easy in zip(_CHAINS[part], _EASY[part], strict=True):
        name = pattern.format(side)
        data.joint(name).qpos[0] += free * (pose.joints.get(name, easy) - data.joint(name).qpos[0])


def _attitude(pose: Pose) -> Array:
    """The trunk's quaternion: heading, then pitch, then roll."""
    result = np.array([1.0, 0.0, 0.0, 0.0])
    for axis, angle in (((0, 0, 1), pose.heading), ((0, -1, 0), pose.pitch), ((1, 0, 0), pose.roll)):
        turn, product = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, np.array(axis, dtype=np.float64), angle)
        mujoco.mju_mulQuat(product, result, turn)
        result = product
    return result
