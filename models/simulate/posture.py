"""Postures that add up: a standing animal, plus a lowered head, plus a raised tail, plus half a crouch.

Everything is measured from the animal standing square, in its own frame (ahead, to its left, up) and in metres of an
animal of size 1; `models.simulate.performance` scales and places the sum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HIPS = 0.44  # metres from the trunk's centre back to the hips
NECK_JOINTS = ("C_7", "C_5", "C_3", "C_1")
LOIN_JOINTS = ("L_1", "L_3", "L_5", "L_7")
TAIL_JOINTS = 21
_HIND, _FORE = (0, 1), (2, 3)  # places in pose.LEGS
_ON_ITS_BACK = 2.9  # radians of roll


@dataclass(frozen=True, slots=True)
class Posture:
    """A difference from standing square."""

    ahead: float = 0.0  # metres that the trunk's centre moves
    left: float = 0.0
    up: float = 0.0
    turn: float = 0.0  # radians, to its left
    pitch: float = 0.0  # radians, nose up
    roll: float = 0.0  # radians, left side up
    paws: Array = field(default_factory=lambda: np.zeros((4, 3)))  # metres that each paw moves, order of pose.LEGS
    flexion: Array = field(default_factory=lambda: np.zeros(4))  # radians that each paw points down
    joints: Mapping[str, float] = field(default_factory=dict)  # radians
    free: Array = field(default_factory=lambda: np.zeros(4))  # 0..1, by which legs leave their paws' places

    def __add__(self, other: "Posture") -> "Posture":
        """Both differences at once."""
        return together(self, other)

    def times(self, share: float) -> "Posture":
        """`share` of the difference; negative is the opposite."""
        return Posture(
            self.ahead * share,
            self.left * share,
            self.up * share,
            self.turn * share,
            self.pitch * share,
            self.roll * share,
            self.paws * share,
            self.flexion * share,
            {name: angle * share for name, angle in self.joints.items()},
            self.free * share,
        )


_NUMBERS = ("ahead", "left", "up", "turn", "pitch", "roll")
STANDING = Posture()
Postures = Callable[[float], Posture]  # a posture for every second


def together(*postures: Posture) -> Posture:
    """All of the postures at once, summed in their order; a pose is of some thirty, so no pair makes a posture."""
    numbers = dict.fromkeys(_NUMBERS, 0.0)
    joints: dict[str, float] = {}
    paws, flexion, free = np.zeros((4, 3)), np.zeros(4), np.zeros(4)
    for posture in postures:
        if posture is STANDING:  # most are, at any moment
            continue
        for name in _NUMBERS:
            numbers[name] += getattr(posture, name)
        for joint, angle in posture.joints.items():
            joints[joint] = joints.get(joint, 0.0) + angle
        paws += posture.paws
        flexion += posture.flexion
        free += posture.free
    return Posture(
        paws=paws, flexion=flexion, joints={name: joints[name] for name in sorted(joints)}, free=free, **numbers
    )


def ease(share: float) -> float:
    """0 to 1 without a jerk at either end; clamped."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def timeline(keys: Sequence[tuple[float, Posture]]) -> Postures:
    """Postures at given seconds, in order, and eased ways between them; the first and last hold before and after."""
    seconds = [second for second, _ in keys]

    def at(second: float) -> Posture:
        after = int(np.searchsorted(seconds, second, side="right"))
        if after == 0:
            return keys[0][1]
        if after == len(keys):
            return keys[-1][1]
        (start, here), (end, there) = keys[after - 1], keys[after]
        share = ease((second - start) / (end - start))
        return here.times(1 - share) + there.times(share)

    return at


def held(posture: Posture, start: float, end: float, fade: float = 0.5) -> Postures:
    """Taken up by `fade` seconds after `start`, left again from `fade` seconds before `end`."""
    fade = min(fade, (end - start) / 2)
    return timeline([(start, STANDING), (start + fade, posture), (end - fade, posture), (end, STANDING)])


def during(postures: Postures, start: float, end: float, fade: float = 0.4) -> Postures:
    """What `postures` say, from `start` to `end` alone, taken up and left in `fade` seconds."""

    def at(second: float) -> Posture:
        strength = ease((second - start) / fade) * ease((end - second) / fade)
        return postures(second).times(strength) if strength > 0 else STANDING

    return at


def always(posture: Posture) -> Postures:
    """The same posture all the time."""
    return lambda second: posture


def settling(posture: Posture, start: float, end: float) -> Postures:
    """From standing into a posture as a cat sits or lies down: paw after paw is lifted and set, the trunk follows.

    With `end` before `start`, the way back: it has the posture until `end` and stands at `start`.
    """
    stepping = ((0.05, 0.40), (0.30, 0.65), (0.50, 0.80), (0.65, 0.95))  # share of the time in which each paw steps

    def at(second: float) -> Posture:
        share = (second - start) / (end - start)
        if share >= 1:
            return posture
        if share <= 0:
            return STANDING
        paws, lowered = np.zeros((4, 3)), ease((share - 0.1) / 0.9)
        for leg, (first, last) in enumerate(stepping):
            step = min(max((share - first) / (last - first), 0.0), 1.0)
            steps = float(np.linalg.norm(posture.paws[leg])) > 0.01
            paws[leg] = ease(step) * posture.paws[leg] + (0, 0, 0.04 * steps * np.sin(np.pi * step))
        return replace(posture.times(lowered), paws=paws)

    return at


def rhythm(posture: Posture, hertz: float, start: float, end: float, phase: float = 0.0, fade: float = 0.3) -> Postures:
    """To and fro `hertz` times a second, from `start` to `end`, growing and dying away in `fade` seconds."""

    def at(second: float) -> Posture:
        if not start < second < end:
            return STANDING
        strength = ease((second - start) / fade) * ease((end - second) / fade)
        return posture.times(strength * float(np.sin(2 * np.pi * (hertz * (second - start) + phase))))

    return at


def head(down: float = 0.0, turn: float = 0.0, tilt: float = 0.0, nod: float = 0.0) -> Posture:
    """The neck lowered by `down`, turned left by `turn` and twisted by `tilt`, the nose dropped by `nod`; radians."""
    joints = {f"{joint}_extend": down * share for joint, share in zip(NECK_JOINTS, (0.4, 0.3, 0.2, 0.1), strict=True)}
    joints |= {f"{joint}_bend": turn / 4 for joint in NECK_JOINTS}
    joints |= {f"C_{number}_twist": tilt / 3 for number in (6, 4, 2)}
    return Posture(joints=joints | {"atlas": nod})


def jaw(opened: float) -> Posture:
    """The mouth opened by `opened` radians, up to about 0.5."""
    return Posture(joints={"mandible": opened})


def back(arch: float = 0.0, bend: float = 0.0) -> Posture:
    """The loins rounded upward by `arch` and bent to the left by `bend`; radians over their whole length."""
    joints = {f"{joint}_extend": -arch / 4 for joint in LOIN_JOINTS}
    return Posture(joints=joints | {f"{joint}_bend": bend / 4 for joint in LOIN_JOINTS})


def tail(root: float = 0.0, tip: float = 0.0, left: float = 0.0) -> Posture:
    """The tail raised by `root` radians over its first third and by `tip` over the rest, and swung to its left."""
    joints: dict[str, float] = {}
    for number in range(1, TAIL_JOINTS + 1, 2):
        joints[f"Ca_{number}_extend"] = root / 4 if number < 8 else tip / 7
    for number in range(2, TAIL_JOINTS, 2):
        joints[f"Ca_{number}_bend"] = left / 10
    return Posture(joints=joints)


def hind(ahead: float = 0.0, up: float = 0.0, flexion: float = 0.0, only: int | None = None) -> Posture:
    """Both hind paws moved, or only the left (0) or the right (1)."""
    return _paws([_HIND[only]] if only is not None else _HIND, ahead, up, flexion)


def fore(ahead: float = 0.0, up: float = 0.0, flexion: float = 0.0, only: int | None = None) -> Posture:
    """Both fore paws moved, or only the left (0) or the right (1)."""
    return _paws([_FORE[only]] if only is not None else _FORE, ahead, up, flexion)


def dangling(hip: float, knee: float, shoulder: float, elbow: float, wrist: float = -0.6) -> Posture:
    """All four legs off the ground, in these joint angles; positive hip and shoulder angles reach backward."""
    joints: dict[str, float] = {}
    for side in "LR":
        joints |= {f"hip_{side}_extend": hip, f"knee_{side}": knee, f"ankle_{side}": 0.7 * knee}
        joints |= {f"shoulder_{side}_extend": shoulder, f"elbow_{side}": elbow, f"wrist_{side}": wrist}
    return Posture(joints=joints, free=np.ones(4))


def free_leg(leg: str, hip: float, knee: float, ankle: float, abduct: float, freed: float = 1.0) -> Posture:
    """One hind leg off the ground in these joint angles, in radians; `leg` is `hind_L` or `hind_R`."""
    side = leg[-1]
    angles = {f"hip_{side}_extend": hip, f"knee_{side}": knee, f"ankle_{side}": ankle, f"hip_{side}_abduct": abduct}
    return Posture(joints=angles, free=freed * np.array([float(leg == one) for one in ("hind_L", "hind_R", "", "")]))


def lying_legs() -> Posture:
    """Both hind legs folded and fallen to the side, of an animal that lies on one hip."""
    both = (free_leg(leg, hip=-2.0, knee=-2.0, ankle=-1.2, abduct=0.4) for leg in ("hind_L", "hind_R"))
    return together(*both)


def on_its_back(way: int) -> Posture:
    """On its back, all paws in the air, rolled over its right (1) or its left (-1) side."""
    return together(Posture(up=-0.17, roll=_ON_ITS_BACK * way), dangling(hip=-0.7, knee=-0.9, shoulder=0.1, elbow=-0.9))


def on_its_side(belly: int, curl: float = 0.1) -> Posture:
    """Lying on one side, legs unevenly bent.

    Args:
        belly: the belly faces the animal's left (1) or its right (-1).
        curl: 0 stretched out, 1 rolled up with the head towards the hind paws.
    """
    joints: dict[str, float] = {}
    for side, upper in (("L", belly), ("R", -belly)):
        apart = 0.25 * upper
        joints |= {f"hip_{side}_extend": -0.5 - curl + apart, f"knee_{side}": -0.6 - 0.7 * curl}
        joints |= {f"ankle_{side}": -0.5 - 0.5 * curl, f"shoulder_{side}_extend": -0.2 + 0.8 * apart}
        joints |= {f"elbow_{side}": -0.6 - 0.6 * curl - apart, f"wrist_{side}": -0.5}
    return together(
        Posture(up=-0.25, roll=1.4 * belly, joints=joints, free=np.ones(4)),
        back(arch=0.3 + curl),
        head(down=-0.3 + 0.8 * curl, tilt=-0.3 * belly),
        tail(root=0.3, tip=-0.2 - 0.8 * curl),
    )


def kick(leg: str, thigh: float, shank: float) -> Posture:
    """One dangling leg moved at its upper and its lower joint, by radians; `leg` is one of pose.LEGS."""
    part, side = leg.split("_")
    if part == "hind":
        return Posture(joints={f"hip_{side}_extend": thigh, f"knee_{side}": shank, f"ankle_{side}": 0.5 * shank})
    return Posture(joints={f"shoulder_{side}_extend": thigh, f"elbow_{side}": shank})


def rear_up(angle: float) -> Posture:
    """Raises the trunk by `angle` radians about the hips, which stay where they are."""
    return Posture(ahead=HIPS * (float(np.cos(angle)) - 1), up=HIPS * float(np.sin(angle)), pitch=angle)


def _paws(which: Sequence[int], ahead: float, up: float, flexion: float) -> Posture:
    paws, flexions = np.zeros((4, 3)), np.zeros(4)
    paws[list(which)] = (ahead, 0.0, up)
    flexions[list(which)] = flexion
    return Posture(paws=paws, flexion=flexions)


# Sitting as cats do, upright on folded hind legs; lying on the belly with the head up. A tail to one side is added.
SITTING = together(
    Posture(ahead=-0.10, up=0.05, pitch=0.92),
    hind(ahead=0.24),
    fore(ahead=-0.23),
    back(arch=0.05),
    head(down=-0.1, nod=0.45),
    tail(root=1.2, tip=0.0),
)
LYING = together(
    Posture(up=-0.20, pitch=0.05),
    fore(ahead=0.22),
    hind(ahead=0.24),
    head(down=-0.75, nod=0.3),
    tail(root=0.25, tip=0.3),
)
