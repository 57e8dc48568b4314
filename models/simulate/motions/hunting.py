"""Hunting: a chase through the picture, and a stalk that ends in a pounce."""

from collections.abc import Sequence

import numpy as np

from models.simulate.act import Individual, Part, Stage, Stretch
from models.simulate.motions.staging import (
    Draft,
    adult,
    chance,
    deer,
    depth,
    either_side,
    finish,
    window,
)
from models.simulate.performance import Performance
from models.simulate.posture import (
    Posture,
    Postures,
    always,
    fore,
    head,
    held,
    hind,
    rear_up,
    rhythm,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of
from models.simulate.strides import GALLOP, STALK, Go, Path, Stay, path_through, plan, stride_rate, turned_about

LOW = together(Posture(up=-0.14), head(down=0.12, nod=-0.25), tail(root=0.1))
CROUCH = together(Posture(up=-0.17, pitch=-0.03), head(down=0.1, nod=-0.2), tail(root=0.25, tip=0.1))
_HALF_CIRCLE = np.linspace(np.pi / 2, -np.pi / 2, 6)
LANDED = together(Posture(up=-0.10, pitch=-0.12), fore(ahead=0.10), head(down=0.75), tail(root=0.5, tip=0.3))


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    if behaviour == "chase":
        return _chase(random, seconds, stage, cast)
    return _stalk(random, seconds, stage, cast)


def _chase(random: np.random.Generator, seconds: float, stage: Stage, cast: Sequence[Individual]) -> tuple[Part, ...]:
    cat, prey = adult(random, cast), deer(random, cast, 1)
    speed = float(random.uniform(3.3, 4.8))
    gap = float(random.uniform(1.5, 1.9)) * size_of(cat)
    path = _run_through(random, stage, seconds, gap)
    drafts = []
    for one, begin, role in ((cat, 0.0, "chaser"), (prey, gap, "chased")):
        course = plan(
            path,
            GALLOP,
            size_of(one),
            [Go(path.length + 2 - begin, speed)],
            begin=begin,
            moving_in=True,
            moving_out=True,
        )
        carriage = together(head(down=-0.25), tail(root=0.45, tip=0.2)) if role == "chaser" else head(down=-0.9)
        drafts.append(
            Draft(
                Performance(one, [course], [always(carriage)], tail_hz=1.3),
                (Stretch("chase", "gallop", 0.0, course.stops[-1], role),),
                stride_hz=stride_rate(GALLOP, speed, size_of(one)),
                leaves=course.stops[-1] + 0.5,
            )
        )
    slack = max((path.length + 1.5) / speed - seconds, 0.0)
    return finish(drafts, seconds, float(random.uniform(0.2, 0.8)) * slack)


def _run_through(random: np.random.Generator, stage: Stage, seconds: float, gap: float) -> Path:
    """In from one side; out on the other, or, if there is time, round a wide bend and out where they came from."""
    side = either_side(random)
    near = stage.nearest + 0.4
    far = max(stage.farthest + 0.6, near + float(random.uniform(2.4, 3.0)))
    edge_near, edge_far = stage.camera.half_width(near), stage.camera.half_width(far)
    if seconds < 3.5:
        y = depth(random, stage) + 0.6
        edge = stage.camera.half_width(y)
        return path_through([(-side * (edge + 1.2 + gap), y + 0.3), (0.0, y), (side * (edge + 1.2), y - 0.1)])
    radius, middle = (far - near) / 2, (far + near) / 2
    turns = side * float(random.uniform(0.1, 0.45)) * edge_near
    bend = [(turns + side * radius * float(np.cos(a)), middle + radius * float(np.sin(a))) for a in _HALF_CIRCLE]
    return path_through(
        [
            (-side * (edge_far + 1.2 + gap), far),
            (turns - side * 1.4, far),
            *bend,
            (turns - side * 1.4, near),
            (-side * (edge_near + 1.4), near),
        ]
    )


def _stalk(random: np.random.Generator, seconds: float, stage: Stage, cast: Sequence[Individual]) -> tuple[Part, ...]:
    cat = adult(random, cast)
    size, side = size_of(cat), either_side(random)
    y = depth(random, stage, size)
    edge = stage.camera.half_width(y)
    creep = float(random.uniform(0.2, 0.36)) * size**0.5
    first, second = float(random.uniform(0.45, 0.65)), float(random.uniform(0.3, 0.5))
    freeze, aim = float(random.uniform(0.7, 2.0)), float(random.uniform(0.9, 1.8))
    leap = float(random.uniform(1.3, 1.6)) * size
    start = -side * min(0.75 * edge, (first + second + leap) / 2 + 0.2)
    path = path_through([(start, y), (start + side * 1.5, y + 0.08), (start + side * 4.0, y)])
    path = turned_about(path, (0.0, y), float(random.uniform(-0.8, 0.8)))
    creeping = plan(path, STALK, size, [Go(first, creep), Stay(freeze), Go(second, creep), Stay(aim)], moving_in=True)
    crouched, takes_off = creeping.stops[2], creeping.stops[3]
    rush = plan(path, GALLOP, size, [Go(leap, 3.6 * size**0.5), Stay(3.0)], start=takes_off, begin=first + second)
    lands = rush.stops[0]
    draft = Draft(
        Performance(cat, [creeping, rush], _creep_and_pounce(creeping.stops[0], crouched, takes_off, lands)),
        (
            Stretch("stalk", "creep", 0.0, creeping.stops[0]),
            Stretch("stalk", "freeze", creeping.stops[0], creeping.stops[1]),
            Stretch("stalk", "creep", creeping.stops[1], crouched),
            Stretch("stalk", "aim", crouched, takes_off),
            Stretch("chase", "pounce", takes_off, lands + 0.3),
            Stretch("investigate", "noses for what it pounced on", lands + 0.3, lands + 3.0),
        ),
        stride_hz=stride_rate(STALK, creep, size),
    )
    return finish([draft], seconds, window(random, seconds, 0.0, min(lands + 1.2, seconds + 2.0)))


def _creep_and_pounce(frozen: float, crouched: float, takes_off: float, lands: float) -> list[Postures]:
    """Low all the way, lower to aim, a wiggle of the rump, then a leap with the fore paws out in front."""
    top = (takes_off + lands) / 2
    leap = together(
        Posture(up=0.20), rear_up(0.25), fore(ahead=0.16, up=0.42), hind(ahead=-0.05, up=0.16), tail(0.7, 0.3)
    )
    body = timeline(
        [
            (-1.0, LOW),
            (crouched - 0.3, LOW),
            (crouched + 0.2, CROUCH),
            (takes_off - 0.05, CROUCH),
            (top, leap),
            (lands, LANDED),
        ]
    )
    wiggle = rhythm(Posture(turn=0.07, roll=0.03), 2.6, crouched + 0.3, takes_off)
    paddle = rhythm(fore(up=0.05, only=0), 3.0, lands + 0.3, lands + 1.6)
    twitch = rhythm(tail(left=0.5), 1.4, frozen, takes_off)
    bite = held(head(down=0.25), lands + 0.2, lands + 3.0)
    return [body, wiggle, twitch, paddle, bite]
