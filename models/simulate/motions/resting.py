"""Staying in one place: lying, sitting and looking about; `grooming` knows what it does to itself there."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.simulate.act import Individual, Part, Stage, Stretch
from models.simulate.motions import grooming
from models.simulate.motions.staging import (
    Draft,
    breath,
    chance,
    depth,
    either_side,
    finish,
    heading,
    passer_by,
    straight,
)
from models.simulate.performance import Performance
from models.simulate.posture import (
    LYING,
    SITTING,
    STANDING,
    Posture,
    Postures,
    always,
    back,
    during,
    fore,
    head,
    held,
    lying_legs,
    on_its_side,
    settling,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of
from models.simulate.strides import WALK, Course, Go, Stay, plan, stride_rate

ALERT = together(head(down=-0.75, nod=0.25), tail(root=0.1))
_COMES, _LEAVES = 0.2, 0.2  # chance that it walks up and settles within the scene, or gets up and walks off


@dataclass(frozen=True, slots=True)
class Pastime:
    """What an animal does in one place."""

    form: str
    body: Posture  # in which it stays
    doing: Callable[[float, float], list[Postures]]  # from one second to another, on top of the body
    settles: float  # seconds to take up the body


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    one = passer_by(behaviour, seed, random, cast)
    size, side = size_of(one), either_side(random)
    y = depth(random, stage, size)
    x = side * -0.25 * size + float(random.uniform(-0.3, 0.3)) * stage.camera.half_width(y)
    turned = heading(random)
    pastime = {"rest": _rest, "vigilance": _watch, "groom": _groom}[behaviour](random, seconds, -side)
    if behaviour == "vigilance" and one.species == "deer":  # which does not sit
        pastime = replace(pastime, form="standing, looking about", body=ALERT, settles=0.5)
    drawn = random.random() if seconds >= 4 else 1.0
    path = straight(x, y, side, turned, 1.3)
    speed = float(random.uniform(0.55, 0.75)) * size**0.5
    if drawn < _COMES:
        course = plan(path, WALK, size, [Go(1.3, speed), Stay(2 * seconds)], moving_in=True)
        stretches, postures = _coming(behaviour, pastime, course)
        offset = max(course.stops[0] - float(random.uniform(0.05, 0.35)) * seconds, 0.0)
    elif drawn < _COMES + _LEAVES:
        stays = float(random.uniform(0.6, 0.85)) * seconds
        course = plan(path, WALK, size, [Stay(stays), Go(2.6, speed)], begin=1.3, moving_out=True)
        stretches, postures = _leaving(behaviour, pastime, course)
        offset = 0.0
    else:
        course, offset = plan(path, WALK, size, [Stay(seconds)], begin=1.3), 0.0
        stretches = (Stretch(behaviour, pastime.form, 0.0, seconds),)
        postures = [always(pastime.body), *pastime.doing(-2.0, seconds + 2)]
    swings = 0.12 if behaviour == "rest" else 0.3
    walks = stride_rate(WALK, speed, size) if drawn < _COMES + _LEAVES else None
    performance = Performance(one, [course], [breath(one), *postures], tail_hz=swings)
    return finish([Draft(performance, stretches, stride_hz=walks)], seconds, offset)


def _coming(behaviour: str, pastime: Pastime, course: Course) -> tuple[tuple[Stretch, ...], list[Postures]]:
    """Walks up, settles, and only then does what it does."""
    arrives, ends = course.stops
    settled = arrives + pastime.settles
    stretches = [Stretch("travel", "walk", 0.0, arrives)]
    if behaviour != "vigilance":
        stretches.append(Stretch("rest", "settles down", arrives, settled))
        stretches.append(Stretch(behaviour, pastime.form, settled, ends))
    else:
        stretches.append(Stretch(behaviour, pastime.form, arrives, ends))
    return tuple(stretches), [settling(pastime.body, arrives, settled), *pastime.doing(settled, ends)]


def _leaving(behaviour: str, pastime: Pastime, course: Course) -> tuple[tuple[Stretch, ...], list[Postures]]:
    """Does what it does, stands up and walks off."""
    goes, ends = course.stops
    rises = goes - pastime.settles
    stretches = [Stretch(behaviour, pastime.form, 0.0, goes if behaviour == "vigilance" else rises)]
    if behaviour != "vigilance":
        stretches.append(Stretch("rest", "gets up", rises, goes))
    stretches.append(Stretch("travel", "walk", goes, ends))
    return tuple(stretches), [settling(pastime.body, goes, rises), *pastime.doing(-2.0, rises)]


def _rest(random: np.random.Generator, seconds: float, camera: int) -> Pastime:
    """`camera` is the side, left (1) or right (-1), on which the animal has the camera."""
    form = str(random.choice(["head up", "chin down", "hip", "side", "curled", "sitting"], p=_REST_FORMS))
    way = either_side(random)
    drowsy = float(random.uniform(0.0, 0.2))

    def looking(start: float, end: float) -> list[Postures]:
        if form in ("chin down", "sitting"):
            return [during(_flicks(random, seconds), start, end)]
        return [
            during(_looks(random, end, (2.0, 5.0), 0.3 if form == "curled" else 0.7), start, end),
            during(_flicks(random, seconds), start, end),
        ]

    def sleeping(start: float, end: float) -> list[Postures]:
        lifted = float(random.uniform(0.2, 0.6)) * seconds
        if random.random() > 0.6 or end - lifted < 2.5 or lifted < start:
            return [during(_flicks(random, seconds), start, end)]
        lift = head(tilt=-0.5 * belly, turn=-0.9 * belly, down=-0.2)
        return [held(lift, lifted, min(lifted + float(random.uniform(1.5, 3.0)), end), fade=0.5)]

    if form == "sitting":
        dozing = head(down=0.5 + drowsy, nod=-0.2)  # one that sits up and looks about is watchful
        return Pastime("sitting, dozing", SITTING + tail(left=1.9 * way) + dozing, looking, 1.4)
    if form in ("side", "curled"):
        belly = camera if random.random() < 0.7 else -camera
        curl = float(random.uniform(0.7, 1.1)) if form == "curled" else float(random.uniform(0.0, 0.35))
        name = "lying curled up" if form == "curled" else "lying on its side"
        return Pastime(name, on_its_side(belly, curl), sleeping, 2.0)
    body = LYING + tail(left=float(random.uniform(0.8, 1.8)) * way)
    if form == "chin down":
        down = together(head(down=0.85, nod=-0.5), fore(ahead=0.03), Posture(up=-0.015))
        return Pastime("lying, chin on its paws", body + down, looking, 1.8)
    if form == "hip":
        slack = float(random.uniform(0.25, 0.5)) * way
        body = together(
            body,
            Posture(pitch=0.06, roll=slack),
            lying_legs(),
            back(bend=0.3 * way),
            head(tilt=-slack),
            tail(root=0.35, tip=0.1),
        )
        return Pastime("lying on one hip", body + head(down=drowsy), looking, 1.8)
    return Pastime("lying, head up", body + head(down=drowsy), looking, 1.8)


_REST_FORMS = (0.28, 0.14, 0.16, 0.16, 0.08, 0.18)


def _watch(random: np.random.Generator, seconds: float, camera: int) -> Pastime:
    sits = random.random() < 0.4
    widest = float(random.uniform(0.9, 1.5))
    body = SITTING + tail(left=1.9 * either_side(random)) + head(down=-0.15) if sits else ALERT

    def scanning(start: float, end: float) -> list[Postures]:
        return [during(_looks(random, end, (0.6, 1.8), widest), start, end)]

    return Pastime(f"{'sitting' if sits else 'standing'}, looking about", body, scanning, 1.4 if sits else 0.5)


def _groom(random: np.random.Generator, seconds: float, camera: int) -> Pastime:
    lies = random.random() < 0.25
    way = camera if random.random() < 0.75 else -camera
    body = (LYING if lies else SITTING) + tail(left=(1.3 if lies else 1.9) * way)
    form, licking = grooming.licks(random, way, lies)
    return Pastime(form, body, licking, 1.8 if lies else 1.4)


def _looks(random: np.random.Generator, seconds: float, pause: tuple[float, float], widest: float) -> Postures:
    """Quick turns of the head, held for a while."""
    keys: list[tuple[float, Posture]] = [(-3.0, head(turn=float(random.uniform(-widest, widest))))]
    now = float(random.uniform(0.0, pause[0]))
    while now < seconds:
        there = head(turn=float(random.uniform(-widest, widest)), down=float(random.uniform(-0.12, 0.15)))
        turns = float(random.uniform(0.3, 0.55))
        keys += [(now, keys[-1][1]), (now + turns, there)]
        now += turns + float(random.uniform(*pause))
    return timeline(keys)


def _flicks(random: np.random.Generator, seconds: float) -> Postures:
    """One flick of the tail's tip."""
    start = float(random.uniform(0.1, 0.8)) * seconds
    return held(tail(tip=0.3, left=-0.5) if random.random() < 0.6 else STANDING, start, start + 0.9, fade=0.3)
