"""Head down in one place: feeding and drinking; and investigating a spot with the nose."""

import numpy as np

from models.simulate.act import Contact, Individual, Part, Stage, Stretch
from models.simulate.motions.resting import LYING, on_its_side
from models.simulate.motions.staging import (
    Draft,
    adult,
    breath,
    chance,
    deer,
    depth,
    either_side,
    finish,
    short_path,
    window,
)
from models.simulate.performance import Performance
from models.simulate.posture import (
    Posture,
    Postures,
    back,
    fore,
    head,
    held,
    jaw,
    rhythm,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of
from models.simulate.strides import WALK, Go, Stay, Step, path_through, plan, stride_rate

NOSE_DOWN = together(Posture(up=-0.06, pitch=-0.14), fore(ahead=0.07), head(down=0.85, nod=-0.15))
SNIFFING = together(
    Posture(up=-0.03, pitch=-0.08), fore(ahead=0.03), head(down=0.75, nod=-0.2), tail(root=0.3, tip=0.2)
)
_REACH = 0.52  # metres at size 1 from the trunk's centre ahead to the mouth when it feeds


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    if behaviour == "feed":
        return _feed(random, seconds, stage, cast)
    return _investigate(random, seconds, stage, cast)


def _feed(random: np.random.Generator, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    cat = adult(random, cast)
    size, side = size_of(cat), either_side(random)
    y = depth(random, stage, size)
    x = -side * (0.45 * size + float(random.uniform(-0.15, 0.15)))
    course = plan(short_path(x, y, side), WALK, size, [Stay(seconds)])
    drinks, lies = random.random() < 0.3, random.random() < 0.4
    if drinks:
        lap = rhythm(together(head(nod=0.07), jaw(0.15)), float(random.uniform(2.6, 3.2)), -1.0, seconds + 1)
        drinking = together(Posture(up=-0.12, pitch=-0.22), fore(ahead=0.12), head(down=0.75, nod=-0.2))
        postures: list[Postures] = [_always(drinking), lap, *_pauses(random, seconds)]
        draft = Draft(Performance(cat, [course], [breath(cat), *postures]), (Stretch("feed", "laps", 0.0, seconds),))
        return finish([draft], seconds, 0.0)
    body = together(LYING, head(down=0.75, nod=-0.1)) if lies else NOSE_DOWN
    postures = [_always(body), *_tearing(random, seconds), *_pauses(random, seconds)]
    form = "tears, lying" if lies else "tears, standing"
    eater = Draft(
        Performance(cat, [course], [breath(cat), *postures]),
        (Stretch("feed", form, 0.0, seconds),),
        (Contact("carcass", "head", 0.0, seconds),),
    )
    return finish([eater, _carcass(random, cast, x + side * _REACH * size, y + 0.12, side, seconds)], seconds, 0.0)


def _carcass(
    random: np.random.Generator, cast: tuple[Individual, ...], x: float, y: float, side: int, seconds: float
) -> Draft:
    """A dead deer on its side, its belly before the eater."""
    prey = deer(random, cast, 1)
    size = size_of(prey)
    course = plan(
        short_path(x + side * 0.42 * size, y, side, float(random.uniform(-0.3, 0.1))), WALK, size, [Stay(seconds)]
    )
    flat = together(on_its_side(-side), Posture(up=-0.12), head(down=-0.3))
    still = Performance(prey, [course], [_always(flat)], tail_hz=0.0)
    return Draft(still, (Stretch("unknown", "dead", 0.0, seconds, "carcass"),))


def _tearing(random: np.random.Generator, seconds: float) -> list[Postures]:
    """Chewing all along, and now and then a tug: the head jerks up and back, the trunk leans away."""
    found = [rhythm(together(jaw(0.25), head(down=0.05)), float(random.uniform(1.6, 2.1)), -1.0, seconds + 1)]
    now = float(random.uniform(0.2, 1.0))
    tug = together(Posture(ahead=-0.035, up=0.01), head(down=-0.3, nod=0.15), back(arch=0.08))
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
    """Walks up, lowers its nose to a spot, sweeps it, a step, sweeps again, and perhaps lifts its head and gapes."""
    cat = adult(random, cast)
    size, side = size_of(cat), either_side(random)
    y = depth(random, stage, size)
    x = -side * float(random.uniform(0.4, 0.7)) * size
    path = path_through([(x - side * 1.2 * size, y), (x, y + 0.03), (x + side * 2.0, y)])
    speed = 0.6 * size**0.5
    sniffs, again = float(random.uniform(0.45, 0.6)) * seconds, float(random.uniform(0.2, 0.3)) * seconds
    steps: list[Step] = [Go(1.2 * size, speed), Stay(sniffs), Go(0.16 * size, 0.25), Stay(again), Stay(2.5), Stay(3.0)]
    course = plan(path, WALK, size, steps, moving_in=True)
    arrives, _, _, stops, gapes, _ = course.stops
    gape = together(head(down=-0.55, nod=-0.1), jaw(0.5))
    body = timeline(
        [(arrives - 0.7, Posture()), (arrives + 0.1, SNIFFING), (stops, SNIFFING), (stops + 0.6, gape), (gapes, gape)]
    )
    sweep = rhythm(head(turn=0.35, down=0.06), float(random.uniform(0.5, 0.7)), arrives, stops)
    sniff = rhythm(head(nod=0.04), 2.5, arrives, stops)
    draft = Draft(
        Performance(cat, [course], [body, sweep, sniff]),
        (
            Stretch("travel", "walk", 0.0, arrives),
            Stretch("investigate", "sniffs the ground", arrives, stops),
            Stretch("investigate", "gapes", stops, gapes + 3.0),
        ),
        (Contact("ground", "head", arrives, stops),),
        stride_hz=stride_rate(WALK, speed, size),
    )
    return finish([draft], seconds, window(random, seconds, max(arrives - 0.8, 0.0), gapes))


def _always(posture: Posture) -> Postures:
    return lambda second: posture
