"""Gaits, and a course over the ground whose paws stay where they were put down.

A paw is planted where the trunk's path will be in the middle of the paw's stance, and swings from one such place to the
next. So nothing slides, however the path curves and however the speed changes.

Footfalls: the walk is a lateral sequence on the ground for 0.65 of a stride, the trot moves diagonal pairs, the rotary
gallop is the cheetah's and other cats' (Hildebrand, "The quadrupedal gaits of vertebrates", BioScience, 1989). Stride
length and stride rate both grow with the square root of speed. Speeds and strides were chosen for an animal of 0.55 m
at the shoulder; with size, length grows in proportion and speed with the square root (Froude's law).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from models.simulate.act import Individual
from models.simulate.pose import LEGS

Array = NDArray[np.float64]

_STEP = 1 / 120  # seconds between the points of a plan
_AROUND = 3.0  # seconds that a plan goes on before its start and after its end
_RAMP = 0.5  # seconds to get going or to stop
_GRAIN = 0.01  # metres between the points of a path


@dataclass(frozen=True, slots=True)
class Gait:
    """How the legs take turns at one kind of movement, for an animal of size 1."""

    speed: float  # metres a second at which strides have their full length
    stride: float  # metres, then
    duty: tuple[float, float, float, float]  # share of a stride that each leg is on the ground, order of pose.LEGS
    ahead: tuple[float, float, float, float]  # share of a stride by which each leg is ahead of the left hind
    lift: float  # metres that a paw is raised
    sink: float  # metres that the trunk is carried lower than at a stand
    bob: float  # metres that the trunk goes up and down
    surge: float  # radians that the loins flex and stretch; only in a gallop


WALK = Gait(0.8, 0.68, (0.65,) * 4, (0.0, 0.5, 0.25, 0.75), 0.06, 0.0, 0.008, 0.0)
STALK = Gait(0.32, 0.48, (0.72,) * 4, (0.0, 0.5, 0.25, 0.75), 0.05, 0.0, 0.004, 0.0)
TROT = Gait(1.8, 0.98, (0.46,) * 4, (0.0, 0.5, 0.5, 0.0), 0.08, 0.01, 0.016, 0.0)
GALLOP = Gait(4.0, 1.65, (0.28,) * 4, (0.0, 0.90, 0.43, 0.55), 0.09, 0.04, 0.03, 0.5)


@dataclass(frozen=True, slots=True)
class Path:
    """A smooth line on the ground, straight before its start and after its end."""

    distance: Array  # (n,) metres along it
    places: Array  # (n, 3) x, y in metres and heading in radians

    @property
    def length(self) -> float:
        """Metres from start to end."""
        return float(self.distance[-1])

    def at(self, distance: float | Array) -> Array:
        """(..., 3) x, y and heading at a distance, which may lie before the start or after the end."""
        distance = np.asarray(distance)
        place = np.stack([np.interp(distance, self.distance, column) for column in self.places.T], axis=-1)
        beyond = distance - distance.clip(0, self.length)
        place[..., 0] += beyond * np.cos(place[..., 2])
        place[..., 1] += beyond * np.sin(place[..., 2])
        return np.asarray(place)


@dataclass(frozen=True, slots=True)
class Go:
    """Moves on for some metres."""

    metres: float
    speed: float  # metres a second


@dataclass(frozen=True, slots=True)
class Stay:
    """Stands for some seconds."""

    seconds: float


Step = Go | Stay


@dataclass(frozen=True, slots=True)
class Footing:
    """Where a course is at one moment."""

    place: Array  # (3,) x, y in metres and heading in radians, of the trunk's centre
    bend: float  # 1 / metres, the path's curvature, positive to the left
    paws: Array  # (4, 3) metres, in the world, above the height at which a paw stands
    flexion: Array  # (4,) radians
    phase: float  # strides made
    vigour: float  # 0 at a stand, 1 at the gait's speed


@dataclass(frozen=True, slots=True)
class Course:
    """One gait along a path, planned ahead."""

    path: Path
    gait: Gait
    size: float
    begins: float  # second at which its first step begins
    t: Array  # (n,) seconds, increasing
    gone: Array  # (n,) metres along the path
    phase: Array  # (n,) strides made
    vigour: Array  # (n,) 0 at a stand, 1 at the gait's speed
    stops: tuple[float, ...]  # seconds at which each step of the plan ends

    def at(self, second: float, rest: Array) -> Footing:
        """Where it is at a second.

        Args:
            second: of the plan.
            rest: (4, 2) metres ahead and left of the trunk's centre where each paw stands.
        """
        gone, phase, vigour = (float(np.interp(second, self.t, v)) for v in (self.gone, self.phase, self.vigour))
        place = self.path.at(gone)
        before, after = self.path.at(gone - 0.1), self.path.at(gone + 0.1)
        paws, flexion = np.zeros((4, 3)), np.zeros(4)
        for leg in range(len(LEGS)):
            paws[leg], flexion[leg] = self._paw(leg, phase, vigour, rest[leg])
        return Footing(place, float(after[2] - before[2]) / 0.2, paws, flexion, phase, vigour)

    def _paw(self, leg: int, phase: float, vigour: float, rest: Array) -> tuple[Array, float]:
        duty = self.gait.duty[leg]
        number, share = divmod(phase + self.gait.ahead[leg], 1.0)
        here = self._planted(number + duty / 2 - self.gait.ahead[leg], rest)
        if share < duty:
            pushing = max(0.0, (share / duty - 0.75) / 0.25)
            return np.array([*here, 0.0]), 0.5 * min(vigour, 1) * pushing
        there = self._planted(number + 1 + duty / 2 - self.gait.ahead[leg], rest)
        swing = (share - duty) / (1 - duty)
        way = swing * swing * (3 - 2 * swing)
        raised = vigour * self.size * self.gait.lift * np.sin(np.pi * swing) ** 1.5
        flexed = min(vigour, 1) * (0.5 * (1 - swing) ** 2 + 0.5 * np.sin(np.pi * swing) * (1 - swing))
        return np.array([*(here + way * (there - here)), raised]), float(flexed)

    def _planted(self, phase: float, rest: Array) -> Array:
        x, y, heading = self.path.at(float(np.interp(phase, self.phase, self.gone)))
        cos, sin = np.cos(heading), np.sin(heading)
        return np.array([x + cos * rest[0] - sin * rest[1], y + sin * rest[0] + cos * rest[1]])


def path_through(points: Sequence[tuple[float, float]]) -> Path:
    """A smooth path through at least two ground points, in metres."""
    corners = np.array(points, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    curve = CubicSpline(along, corners, bc_type="natural")
    steps = np.linspace(0, along[-1], max(int(along[-1] / _GRAIN), 2))
    places, ways = curve(steps), curve(steps, 1)
    distance = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
    heading = np.unwrap(np.arctan2(ways[:, 1], ways[:, 0]))
    return Path(distance, np.column_stack([places, heading]))


def turned_about(path: Path, place: tuple[float, float], angle: float) -> Path:
    """The path turned counter-clockwise about a ground point, by radians."""
    cos, sin = np.cos(angle), np.sin(angle)
    offset = path.places[:, :2] - place
    moved = np.column_stack([cos * offset[:, 0] - sin * offset[:, 1], sin * offset[:, 0] + cos * offset[:, 1]]) + place
    return Path(path.distance, np.column_stack([moved, path.places[:, 2] + angle]))


def lame(gait: Gait, individual: Individual) -> Gait:
    """The gait of an individual that spares one leg.

    With limp a the lame leg is on the ground for (1 - a) of its usual time and the leg beside it for (1 + a), and the
    steps of the two follow one another after (1 - a) / 2 and (1 + a) / 2 of a stride where they were half a stride
    apart. So |a - b| / (a + b), of stance times and of step intervals, is the limp.
    """
    leg = LEGS.index(individual.lame_leg)
    partner = leg ^ 1
    duty, ahead = np.array(gait.duty), np.array(gait.ahead)
    duty[leg] *= 1 - individual.limp
    duty[partner] *= 1 + individual.limp
    ahead[leg] += individual.limp / 2
    return replace(gait, duty=_four(duty), ahead=_four(ahead))


def _four(values: Array) -> tuple[float, float, float, float]:
    a, b, c, d = (float(value) for value in values)
    return a, b, c, d


def stride_rate(gait: Gait, speed: float, size: float) -> float:
    """Strides a second at a speed in metres a second, of an animal of a size."""
    return gait.speed / gait.stride / float(np.sqrt(size)) * float(np.sqrt(speed / (gait.speed * np.sqrt(size))))


def plan(
    path: Path,
    gait: Gait,
    size: float,
    steps: Sequence[Step],
    *,
    start: float = 0.0,
    begin: float = 0.0,
    moving_in: bool = False,
    moving_out: bool = False,
) -> Course:
    """Integrates steps into distances and strides.

    Args:
        path: where it goes.
        gait: how.
        size: the animal's, a hound's being 1.
        steps: moves and stays, one after the other.
        start: second at which the first step begins.
        begin: metres along the path at which it begins.
        moving_in: whether it was moving before the first step, at that step's speed.
        moving_out: whether it goes on after the last step.
    """
    keys, stops = _speeds(steps, start, moving_in, moving_out)
    seconds, speeds = np.array(keys).T
    t = np.arange(start - _AROUND, stops[-1] + _AROUND, _STEP)
    speed = np.interp(t, seconds, speeds)
    vigour = np.sqrt(speed / (gait.speed * np.sqrt(size)))
    rate = gait.speed / gait.stride / np.sqrt(size) * vigour
    gone, phase = np.cumsum(speed) * _STEP, np.cumsum(rate) * _STEP
    gone += begin - np.interp(start, t, gone)
    return Course(path, gait, size, start, t, gone, phase, vigour, tuple(stops))


def _speeds(
    steps: Sequence[Step], start: float, moving_in: bool, moving_out: bool
) -> tuple[list[tuple[float, float]], list[float]]:
    """(second, speed) points, linear in between, and the second at which each step ends."""
    now, keys, stops = start, [], []
    for number, step in enumerate(steps):
        if isinstance(step, Stay):
            keys += [(now, 0.0), (now + step.seconds, 0.0)]
            now += step.seconds
        else:
            rises = not (number == 0 and moving_in)
            falls = not (number == len(steps) - 1 and moving_out)
            ramp = min(_RAMP, step.metres / step.speed)
            lasts = step.metres / step.speed + ramp / 2 * (rises + falls)
            keys += [(now, 0.0 if rises else step.speed), (now + ramp * rises, step.speed)]
            keys += [(now + lasts - ramp * falls, step.speed), (now + lasts, 0.0 if falls else step.speed)]
            now += lasts
        stops.append(now)
    return keys, stops
