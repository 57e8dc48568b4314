"""A performance: a course over the ground, and postures on top of it, as poses in the world."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.simulate.act import Individual
from models.simulate.pose import LEGS, Pose, Thing
from models.simulate.posture import Posture, Postures, back, ease, head, jaw, tail, together
from models.simulate.species import size_of, stands
from models.simulate.strides import Course, Footing

Array = NDArray[np.float64]

_UNDER = np.array([0.12, 0.12, -0.01, -0.01])  # metres that each paw stands ahead of where the rig has it
_SINK = 0.03  # metres that a standing animal's joints bend
_LEAD = 0.36  # metres over which a bend in the path bends the loins
_SWITCH = 0.25  # seconds that one course takes to give way to the next
_NECK = {"C_7_extend": 0.78, "C_5_extend": 0.48, "C_3_extend": 0.05, "C_1_extend": -0.31}  # radians: low, level head
_CARRIAGE = together(Posture(joints=_NECK), head(nod=-0.1), jaw(-0.2), tail(root=-0.35, tip=0.3))
_HALT_NOD = 0.22  # radians by which the head rises on a lame foreleg for each 0.1 of limp


@dataclass(frozen=True, slots=True)
class Performance:
    """One individual's movement."""

    individual: Individual
    courses: Sequence[Course]  # each begins at a stand where the one before it ended
    postures: Sequence[Postures] = ()  # all of them at once, on top of standing or walking
    tail_hz: float = 0.45  # how often the tail swings
    thing: Callable[[float], Thing] | None = None

    def __call__(self, second: float) -> Pose:
        """The pose at a second."""
        rest = self._rest()
        number = max((n for n, course in enumerate(self.courses) if n == 0 or course.begins <= second))
        course = self.courses[number]
        footing = course.at(second, rest[:, :2])
        share = ease((second - course.begins) / _SWITCH)
        if number and share < 1:
            before = self.courses[number - 1].at(second, rest[:, :2])
            footing = _between(before, footing, share)
        posture = together(_carriage(course, footing, self.individual), *(at(second) for at in self.postures))
        swing = tail(left=0.5 * np.sin(2 * np.pi * self.tail_hz * second) * (0.4 + 0.6 * min(footing.vigour, 1)))
        thing = None if self.thing is None else self.thing(second)
        return self._placed(footing, posture + swing, thing)

    def _rest(self) -> Array:
        """(4, 3) metres from the ground point under the trunk's centre to where each paw stands."""
        stance = stands(self.individual)
        rest = stance.paws.copy()
        rest[:, 0] += _UNDER * size_of(self.individual)
        return rest

    def _placed(self, footing: Footing, posture: Posture, thing: Thing | None) -> Pose:
        size = size_of(self.individual)
        x, y, heading = footing.place
        cos, sin = np.cos(heading), np.sin(heading)
        paws = footing.paws.copy()
        paws[:, 2] += self._rest()[:, 2]
        moved = size * posture.paws
        paws += np.column_stack(
            [cos * moved[:, 0] - sin * moved[:, 1], sin * moved[:, 0] + cos * moved[:, 1], moved[:, 2]]
        )
        ahead, left = size * posture.ahead, size * posture.left
        return Pose(
            position=(
                float(x + cos * ahead - sin * left),
                float(y + sin * ahead + cos * left),
                float(stands(self.individual).trunk[2] + size * (posture.up - _SINK)),
            ),
            heading=float(heading + posture.turn),
            pitch=posture.pitch,
            roll=posture.roll,
            paws=paws,
            flexion=footing.flexion + posture.flexion,
            joints=posture.joints,
            free=posture.free.clip(0, 1),
            thing=thing,
        )


def _same_turn(angle: float, other: float) -> float:
    """`other`, whole turns away from where it is nearest to `angle`."""
    return other + 2 * np.pi * round((angle - other) / (2 * np.pi))


def _between(before: Footing, after: Footing, share: float) -> Footing:
    def mix(a: Array, b: Array) -> Array:
        return np.asarray(a + share * (b - a))

    place = after.place.copy()
    place[2] = _same_turn(before.place[2], after.place[2])
    return Footing(
        mix(before.place, place),
        before.bend + share * (after.bend - before.bend),
        mix(before.paws, after.paws),
        mix(before.flexion, after.flexion),
        after.phase,
        after.vigour,
    )


def _carriage(course: Course, footing: Footing, individual: Individual) -> Posture:
    """How the trunk, the neck and the loins go along with the legs."""
    gait, swing, vigour = course.gait, 2 * np.pi * footing.phase, min(footing.vigour, 1.3)
    sway = 1.0 if gait.surge == 0 else 0.0
    stretch = float(np.cos(swing - 2 * np.pi * 0.40))
    trunk = Posture(
        up=vigour * gait.bob * float(np.cos((1 + sway) * swing + 0.4)) - gait.sink * min(1.0, 3 * vigour),
        turn=0.03 * vigour * sway * float(np.sin(swing)),
        pitch=-0.02
        + vigour
        * (0.012 * sway * float(np.sin(2 * swing)) + 0.11 * (1 - sway) * float(np.cos(swing - 2 * np.pi * 0.25))),
        roll=0.025 * vigour * sway * float(np.sin(swing + 0.8)),
    )
    bend = _LEAD * footing.bend * course.size + 0.10 * vigour * sway * float(np.sin(swing))
    loins = back(arch=-gait.surge * vigour * stretch, bend=bend)
    nod = head(down=-0.10 * (1 - sway) * vigour + 0.04 * vigour * float(np.sin(2 * swing + 1.0)))
    return together(_CARRIAGE, trunk, loins, nod, _halting(course, footing, individual))


def _halting(course: Course, footing: Footing, individual: Individual) -> Posture:
    """The head rises while a lame foreleg bears weight; with a lame hind leg the rump does."""
    if individual.limp == 0:
        return Posture()
    leg = LEGS.index(individual.lame_leg)
    middle = course.gait.duty[leg] / 2 - course.gait.ahead[leg]
    rise = float(np.cos(2 * np.pi * (footing.phase - middle))) * min(footing.vigour, 1) * individual.limp
    if leg >= 2:
        return head(down=-_HALT_NOD * 10 * rise * 0.4) + Posture(up=0.06 * rise, pitch=0.12 * rise)
    return Posture(pitch=-0.15 * rise)
