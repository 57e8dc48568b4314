"""Head down in one place: feeding and drinking; and investigating a spot with the nose.

Cats feed on what they killed; `grazing` knows what deer do.
"""

from dataclasses import replace

import numpy as np

from models.simulate.act import Contact, Individual, Part, Stage, Stretch
from models.simulate.motions.grazing import graze
from models.simulate.motions.staging import (
    Draft,
    adult,
    breath,
    chance,
    deer,
    depth,
    either_side,
    finish,
    heading,
    is_deer,
    short_path,
    straight,
    window,
)
from models.simulate.performance import Performance
from models.simulate.posture import (
    LYING,
    Posture,
    Postures,
    always,
    back,
    fore,
    head,
    held,
    jaw,
    on_its_side,
    rhythm,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of
from models.simulate.strides import WALK, Go, Stay, Step, plan, stride_rate

NOSE_DOWN = together(Posture(up=-0.06, pitch=-0.14), fore(ahead=0.07), head(down=0.85, nod=-0.15))
SNIFFING = together(
    Posture(up=-0.05, pitch=-0.14), fore(ahead=0.07), head(down=1.0, nod=-0.35), tail(root=0.3, tip=0.2)
)
_REACH = 0.52  # metres at size 1 from the trunk's centre ahead to the mouth when it feeds


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    if is_deer(behaviour, seed, cast):
        return graze(seed, seconds, stage)
    if behaviour == "feed":
        return _feed(random, seconds, stage, cast)
    return _investigate(random, seconds, stage, cast)


def _feed(random: np.random.Generator, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    cat = adult(random, cast)
    size, side = size_of(cat), either_side(random)
    y = depth(random, stage, size)
    x = -side * (0.45 * size + float(random.uniform(-0.15, 0.15)))
    turned = float(random.uniform(-0.7, 0.7))
    course = plan(short_path(x, y, side, turned), WALK, size, [Stay(seconds)])
    drinks, lies = random.random() < 0.2, random.random() < 0.4
    if drinks:
        lap = rhythm(together(head(nod=0.07), jaw(0.15)), float(random.uniform(2.6, 3.2)), -1.0, seconds + 1)
        drinking = together(Posture(up=-0.12, pitch=-0.22), fore(ahead=0.12), head(down=0.75, nod=-0.2))
        postures: list[Postures] = [always(drinking), lap, *_pauses(random, seconds)]
        draft = Draft(Performance(cat, [course], [breath(cat), *postures]), (Stretch("feed", "laps", 0.0, seconds),))
        return finish([draft], seconds, 0.0)
    body = together(LYING, tail(left=1.2), head(down=1.5, nod=-0.4)) if lies else NOSE_DOWN
    postures = [always(body), *_tearing(random, seconds), *_pauses(random, seconds)]
    form = "tears, lying" if lies else "tears, standing"
    eater = Draft(
        Performance(cat, [course], [breath(cat), *postures]),
        (Stretch("feed", form, 0.0, seconds),),
        (Contact("carcass", "head", 0.0, seconds),),
    )
    return finish([eater, _carcass(random, cast, *_before(x, y, side, turned, size), side, seconds)], seconds, 0.0)


def _before(x: float, y: float, side: int, turned: float, size: float) -> tuple[float, float]:
    """The ground point at the mouth of an eater at x, y, turned away from the camera."""
    return x + side * _REACH * size * float(np.cos(turned)), y + 0.08 + _REACH * size * float(np.sin(turned))


def _carcass(
    random: np.random.Generator, cast: tuple[Individual, ...], x: float, y: float, side: int, seconds: float
) -> Draft:
    """A dead deer on its side, its belly before the eater."""
    prey = deer(random, cast, 1)
    if len(cast) < 2:
        prey = replace(prey, size=0.82 * prey.size)
    size = size_of(prey)
    course = plan(
        short_path(x + side * 0.2 * size, y, side, float(random.uniform(-0.5, 0.25))), WALK, size, [Stay(seconds)]
    )
    flat = together(on_its_side(-side), Posture(up=-0.12), head(down=-0.3))
    still = Performance(prey, [course], [always(flat)], tail_hz=0.0)
    return Draft(still, (Stretch("unknown", "dead", 0.0, seconds, "carcass"),))


def _tearing(random: np.random.Generator, seconds: float) -> list[Postures]:
    """Chewing all along, and now and then a tug: the head jerks up and back, the trunk leans away."""
    found = [rhythm(together(jaw(0.25), head(down=0.05)), float(random.uniform(1.6, 2.1)), -1.0, seconds + 1)]
    now = float(random.uniform(0.2, 1.0))
    pull = float(random.uniform(0.7, 1.4))
    aside = head(turn=0.25 * either_side(random), tilt=0.2)
    tug = together(Posture(ahead=-0.06, up=0.02, pitch=0.03), head(down=-0.42, nod=0.2), back(arch=0.12), aside).times(
        pull
    )
    while now < seconds:
        for _ in range(int(random.integers(2, 4))):
            found.append(held(tug, now, now + 0.5, fade=0.22))
            now += 0.55
        now += float(random.uniform(0.8, 1.8))
    return found


def _pauses(random: np.random.Generator, seconds: float) -> list[Postures]:
    """Lifts its head and looks, once if there is time."""
    if seconds < 5 or random.random() < 0.4:
        return []
    start = float(random.uniform(0.35, 0.65)) * seconds
    return [held(head(down=-0.9, turn=float(random.uniform(-0.6, 0.6)), nod=0.2), start, start + 1.5, fade=0.4)]


def _investigate(
    random: np.random.Generator, seconds: float, stage: Stage, cast: tuple[Individual, ...]
) -> tuple[Part, ...]:
    """Walks up, sniffs the ground or a trunk, some steps on, sniffs again, and perhaps lifts its head and gapes."""
    cat = adult(random, cast)
    size, side = size_of(cat), either_side(random)
    speed = float(random.uniform(0.5, 0.75)) * size**0.5
    at_trunk = bool(stage.trunks) and random.random() < 0.4
    if at_trunk:
        trunk = stage.trunks[0]
        turned = float(random.uniform(-0.2, 0.9))
        away = trunk.radius + 0.47 * size  # from the trunk's middle to the animal's, nose at the bark
        way = side * float(np.cos(turned)), float(np.sin(turned))
        path = straight(trunk.x - away * way[0], trunk.y - away * way[1], side, turned, 1.2 * size)
        again = float(random.uniform(0.8, 1.6))
        steps: list[Step] = [Go(1.2 * size, speed), Stay(float(random.uniform(0.5, 0.7)) * seconds), Stay(again)]
    else:
        y = depth(random, stage, size)
        x = -side * float(random.uniform(0.2, 0.7)) * size
        path = straight(x, y, side, heading(random), 1.2 * size)
        sniffs, again = float(random.uniform(0.35, 0.55)) * seconds, float(random.uniform(0.2, 0.3)) * seconds
        steps = [Go(1.2 * size, speed), Stay(sniffs), Go(float(random.uniform(0.16, 0.5)) * size, 0.3), Stay(again)]
    gapes_for = float(random.uniform(1.0, 2.5))
    steps += [Stay(gapes_for), Stay(3.0)]
    course = plan(path, WALK, size, steps, moving_in=True)
    arrives, stops, gapes = course.stops[0], course.stops[-3], course.stops[-2]
    draft = Draft(
        Performance(cat, [course], _sniffing(random, at_trunk, arrives, stops, gapes)),
        (
            Stretch("travel", "walk", 0.0, arrives),
            Stretch("investigate", "sniffs a trunk" if at_trunk else "sniffs the ground", arrives, stops),
            Stretch("investigate", "gapes", stops, gapes + 3.0),
        ),
        (Contact("trunk" if at_trunk else "ground", "head", arrives, stops),),
        stride_hz=stride_rate(WALK, speed, size),
    )
    return finish([draft], seconds, window(random, seconds, max(arrives - 0.8, 0.0), gapes))


def _sniffing(
    random: np.random.Generator, at_trunk: bool, arrives: float, stops: float, gapes: float
) -> list[Postures]:
    """The nose sweeps over the ground, or up and down the bark; then the head rises, the mouth half open."""
    gape = together(head(down=-0.55, nod=-0.1), jaw(0.5))
    low = (
        together(SNIFFING, head(nod=0.1)) if not at_trunk else together(Posture(ahead=0.05), head(down=-0.3, nod=-0.25))
    )
    body = timeline(
        [(arrives - 0.7, Posture()), (arrives + 0.1, low), (stops, low), (stops + 0.6, gape), (gapes, gape)]
    )
    widest = float(random.uniform(0.3, 0.6))
    over = head(down=0.4, turn=0.12) if at_trunk else head(turn=widest, down=0.06)
    sweep = rhythm(over, float(random.uniform(0.3, 0.6)), arrives, stops)
    sniff = rhythm(head(nod=0.05), float(random.uniform(2.2, 3.0)), arrives, stops)
    lean = rhythm(Posture(ahead=0.03, up=-0.01), 0.25, arrives, stops)
    return [body, sweep, sniff, lean]
