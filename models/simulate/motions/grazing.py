"""Deer that nobody hunts: they graze, browse, step on, and lift their heads, alone or two together."""

from dataclasses import dataclass

import numpy as np

from models.simulate.act import Individual, Part, Stage, Stretch
from models.simulate.motions.staging import Draft, breath, chance, deer, depth, either_side, finish, heading, straight
from models.simulate.performance import Performance
from models.simulate.posture import Posture, Postures, fore, head, jaw, rhythm, timeline, together
from models.simulate.species import size_of
from models.simulate.strides import WALK, Go, Stay, Step, plan

_HEAD_UP = head(down=-0.75, nod=0.15)  # looks about
_AT_THE_GROUND = together(
    Posture(up=-0.08, pitch=-0.22, joints={"C_7_extend": 0.6, "C_5_extend": -0.1, "C_1_extend": 0.1, "atlas": -0.2}),
    fore(ahead=0.15, only=0),
    fore(ahead=0.04, only=1),
)
_LIFTS = 0.6  # seconds in which the head goes up or down
_SHARE_OF_BROWSERS = 0.35
_SHARE_OF_PAIRS = 0.4


def graze(seed: int, seconds: float, stage: Stage) -> tuple[Part, ...]:
    """One deer or two that feed; the arguments are those of `models.simulate.act.act`."""
    random = chance("graze", seed)
    first = deer(random, (), 0)
    y = depth(random, stage, size_of(first))
    x = float(random.uniform(-0.45, 0.45)) * stage.camera.half_width(y)
    drafts = [_feeding(random, first, x, y, seconds)]
    if random.random() < _SHARE_OF_PAIRS:
        second = deer(random, (), 1)
        aside = -np.sign(x) * float(random.uniform(1.1, 1.8)) * size_of(second)
        drafts.append(_feeding(random, second, x + aside, y + float(random.uniform(0.3, 1.2)), seconds))
    return finish(drafts, seconds, 0.0)


def _feeding(random: np.random.Generator, one: Individual, x: float, y: float, seconds: float) -> Draft:
    """Bites, between steps of a hand's breadth or two; the head goes up now and then, for a glance or for longer."""
    size, browses = size_of(one), random.random() < _SHARE_OF_BROWSERS
    path = straight(x, y, either_side(random), heading(random), 1.0)
    course = plan(path, WALK, size, _steps(random, size, seconds), begin=float(random.uniform(0.6, 1.0)))
    low = head(down=float(random.uniform(-0.35, 0.7))) if browses else _AT_THE_GROUND
    watches = _watching(random, seconds)
    keys, stretches, now = [(-1.0, low)], [], 0.0
    for watch in watches:
        keys += [(watch.start - _LIFTS, low), (watch.start, watch.posture)]
        keys += [(watch.end - _LIFTS, watch.posture), (watch.end, low)]
        if watch.end - watch.start > 1.5 and watch.end < seconds:
            stretches += [Stretch("feed", _form(browses), now, watch.start - _LIFTS / 2)]
            stretches += [Stretch("vigilance", "head up", watch.start - _LIFTS / 2, watch.end - _LIFTS / 2)]
            now = watch.end - _LIFTS / 2
    stretches.append(Stretch("feed", _form(browses), now, seconds))
    bites = _bites(random, browses, seconds)
    return Draft(Performance(one, [course], [breath(one), timeline(keys), *bites], tail_hz=1.2), tuple(stretches))


def _form(browses: bool) -> str:
    return "browses" if browses else "grazes"


def _steps(random: np.random.Generator, size: float, seconds: float) -> list[Step]:
    steps: list[Step] = []
    lasts = 0.0
    while lasts < seconds + 1:
        stays, metres = float(random.uniform(1.2, 4.5)), float(random.uniform(0.12, 0.45)) * size
        steps += [Stay(stays), Go(metres, 0.3 * size**0.5)]
        lasts += stays + metres / 0.3
    return steps


@dataclass(frozen=True, slots=True)
class _Watch:
    start: float  # second from which the head is up
    end: float  # second at which it is down again
    posture: Posture


def _watching(random: np.random.Generator, seconds: float) -> list[_Watch]:
    """When it lifts its head: hardly ever twice in a scene."""
    found = []
    now = float(random.uniform(0.8, 7.0))
    while now < seconds - 1.2:
        lasts = float(random.uniform(1.2, 3.2)) + _LIFTS
        found.append(_Watch(now, now + lasts, _HEAD_UP + head(turn=float(random.uniform(-0.8, 0.8)))))
        now += lasts + float(random.uniform(2.0, 6.0))
    return found


def _bites(random: np.random.Generator, browses: bool, seconds: float) -> list[Postures]:
    """Nips at grass with small jerks of the head, which sweeps from side to side; leaves are plucked more slowly."""
    chews = rhythm(together(jaw(0.2), head(nod=0.03)), float(random.uniform(1.2, 1.9)), -1.0, seconds + 1)
    hertz = float(random.uniform(0.5, 0.9) if browses else random.uniform(0.9, 1.5))
    nip = together(head(down=-0.10, nod=0.10), Posture(ahead=-0.01))
    sweep = rhythm(head(turn=float(random.uniform(0.15, 0.5))), float(random.uniform(0.12, 0.3)), -1.0, seconds + 1)
    return [chews, rhythm(nip, hertz, -1.0, seconds + 1), sweep]
