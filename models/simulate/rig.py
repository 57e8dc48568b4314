"""The joint angles that put the animal's paws where a pose wants them."""

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
_ROUNDS = 40
_CLOSE = 1e-4  # radians; when no joint moves more, the legs have arrived
_PULL_TO_REST = 0.02  # how much a joint would rather stay as it stands, against a metre of paw error


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
    for name, angle in pose.joints.items():
        low, high = model.joint(name).range
        data.joint(name).qpos[0] = np.clip(angle, low, high)
    for leg in LEGS:
        part, side = leg.split("_")
        for name, angle in zip(_CHAINS[part], _EASY[part], strict=True):
            data.joint(name.format(side)).qpos[0] = angle
    for _ in range(_ROUNDS):
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        moved = [
            _bend_leg(model, data, leg, pose.paws[number], pose.flexion[number], pose.heading)
            for number, leg in enumerate(LEGS)
        ]
        if max(moved) < _CLOSE:
            break
    for number, leg in enumerate(LEGS):
        if pose.free[number] > 0:
            _let_go(data, leg, float(pose.free[number]), pose)
    if pose.thing is not None:
        data.mocap_pos[0] = pose.thing.place
        model.geom(THING).size[0] = pose.thing.radius
    mujoco.mj_forward(model, data)


def _bend_leg(
    model: mujoco.MjModel, data: mujoco.MjData, leg: str, target: Array, flexion: float, heading: float
) -> float:
    """One damped least-squares step of a leg's joints towards paw position and paw angle; returns the largest, radians.

    Minimises |J d - e|^2 + w |q + d - q_rest|^2: damped least squares, Buss, "Introduction to inverse
    kinematics with Jacobian transpose, pseudoinverse and damped least squares methods", 2004.
    """
    part, side = leg.split("_")
    joints = [model.joint(name.format(side)) for name in _CHAINS[part]]
    dofs = [int(joint.dofadr[0]) for joint in joints]
    places = [int(joint.qposadr[0]) for joint in joints]
    body = data.body(paw(leg))
    move, turn = np.zeros((3, model.nv)), np.zeros((3, model.nv))
    mujoco.mj_jacBody(model, data, move, turn, body.id)
    ahead, left = np.array([np.cos(heading), np.sin(heading), 0.0]), np.array([-np.sin(heading), np.cos(heading), 0.0])
    toes = body.xmat.reshape(3, 3)[:, 0]
    down = np.arctan2(-toes[2], toes @ ahead)
    wrong = target - body.xpos
    error = np.array([wrong @ ahead, wrong[2], _SIDEWAYS * (wrong @ left), 0.15 * (flexion - down)])
    jacobian = np.stack(
        [ahead @ move[:, dofs], move[2, dofs], _SIDEWAYS * (left @ move[:, dofs]), 0.15 * (left @ turn[:, dofs])]
    )
    angle = data.qpos[places]
    rest = np.array(_EASY[part])
    pull = _PULL_TO_REST**2 * np.eye(len(dofs))
    step = np.linalg.solve(jacobian.T @ jacobian + pull, jacobian.T @ error - pull @ (angle - rest))
    low, high = np.array([joint.range for joint in joints]).T
    bent = np.clip(angle + np.clip(step, -0.3, 0.3), low, np.minimum(high, _STRAIGHT[part]))
    data.qpos[places] = bent
    return float(np.abs(bent - angle).max())


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
