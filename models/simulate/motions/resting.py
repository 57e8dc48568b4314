"""Staying in one place: lying, sitting, looking about, and grooming."""

import numpy as np

from models.simulate.act import Individual, Part, Stage, Stretch
from models.simulate.motions.staging import Draft, adult, breath, chance, depth, either_side, finish, short_path
from models.simulate.performance import Performance
from models.simulate.posture import (
    STANDING,
    Posture,
    Postures,
    back,
    dangling,
    fore,
    head,
    held,
    hind,
    jaw,
    rhythm,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of
from models.simulate.strides import WALK, Stay, plan

LYING = together(Posture(up=-0.22, pitch=0.04), fore(ahead=0.22), hind(ahead=0.24), tail(root=0.85, tip=-0.3, left=1.0))
SITTING = together(
    Posture(ahead=0.02, up=-0.03, pitch=0.75),
    hind(ahead=0.27),
    back(arch=0.3),
    head(down=-0.3, nod=0.35),
    tail(root=1.6, tip=0.85, left=2.0),
)
ALERT = head(down=-0.75, nod=0.25)


def on_its_side(belly: int) -> Posture:
    """Stretched out on one side; the belly faces its left (1) or its right (-1)."""
    return together(
        Posture(up=-0.26, roll=1.45 * belly),
        dangling(hip=-0.15, knee=-0.35, shoulder=0.0, elbow=-0.25, wrist=-0.25),
        head(down=-0.2, tilt=-0.3 * belly),
        tail(root=0.3, tip=-0.2),
    )


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    one = adult(random, cast)
    side, y = either_side(random), depth(random, stage, size_of(one))
    x = side * -0.25 * size_of(one) + float(random.uniform(-0.3, 0.3)) * stage.camera.half_width(y)
    path = short_path(x, y, side, float(random.uniform(-0.3, 0.3)))
    course = plan(path, WALK, size_of(one), [Stay(seconds)])
    doing = {"rest": _rest, "vigilance": _watch, "groom": _groom}[behaviour]
    form, postures = doing(random, seconds, -side)
    swings = 0.12 if behaviour == "rest" else 0.3
    performance = Performance(one, [course], [breath(one), *postures], tail_hz=swings)
    return finish([Draft(performance, (Stretch(behaviour, form, 0.0, seconds),))], seconds, 0.0)


def _rest(random: np.random.Generator, seconds: float, camera: int) -> tuple[str, list[Postures]]:
    """`camera` is the side, left (1) or right (-1), on which the animal has the camera."""
    form = ("lying", "lying on its side", "sitting")[int(random.choice(3, p=(0.45, 0.3, 0.25)))]
    if form == "lying on its side":
        lifted = float(random.uniform(0.2, 0.6)) * seconds
        sleeping = [_always(on_its_side(camera))]
        if random.random() < 0.5 and seconds - lifted > 2:
            sleeping.append(held(head(tilt=0.4 * camera, turn=-0.7 * camera), lifted, lifted + 1.8, fade=0.6))
        return form, sleeping
    body = LYING if form == "lying" else SITTING
    drowsy = head(down=float(random.uniform(0.0, 0.5)) if form == "lying" else 0.0)
    looks = _looks(random, seconds, pause=(2.5, 5.0), widest=0.6)
    return form, [_always(body + drowsy), looks, _flicks(random, seconds)]


def _watch(random: np.random.Generator, seconds: float, camera: int) -> tuple[str, list[Postures]]:
    form = ("standing", "sitting")[int(random.random() < 0.4)]
    body = SITTING if form == "sitting" else together(ALERT, tail(root=0.1))
    return f"{form}, looking about", [_always(body), _looks(random, seconds, pause=(0.7, 1.6), widest=1.3)]


def _groom(random: np.random.Generator, seconds: float, camera: int) -> tuple[str, list[Postures]]:
    """Bouts of licking at 2 to 2.6 Hz, with short pauses in which the head rises."""
    hertz = float(random.uniform(2.0, 2.6))
    if random.random() < 0.5:
        paw = int(random.integers(2))
        raised = together(SITTING, fore(ahead=0.15, up=0.40, flexion=1.3, only=paw), head(down=1.25, nod=0.15))
        lick = together(head(down=0.13, nod=0.05), fore(up=-0.012, only=paw))
        return "licks a fore paw", [_always(raised), *_bouts(random, seconds, lick, hertz, head(down=-0.8))]
    reached = together(
        SITTING, back(bend=0.9 * camera), head(down=1.2, turn=2.3 * camera, nod=0.2), fore(ahead=-0.03), tail(tip=0.9)
    )
    lick = together(head(down=0.16, turn=-0.12 * camera), back(bend=0.04 * camera))
    rise = head(down=-0.9, turn=-0.9 * camera)
    return "licks its flank", [_always(reached), *_bouts(random, seconds, lick, hertz, rise)]


def _bouts(
    random: np.random.Generator, seconds: float, stroke: Posture, hertz: float, pause: Posture
) -> list[Postures]:
    """Strokes in bouts of some seconds; between bouts the pausing posture."""
    found: list[Postures] = []
    now = -float(random.uniform(0.0, 2.0))
    while now < seconds:
        lasts, rests = float(random.uniform(2.2, 4.0)), float(random.uniform(0.7, 1.2))
        found.append(rhythm(together(stroke, jaw(0.12)), hertz, now, now + lasts))
        found.append(held(pause, now + lasts, now + lasts + rests, fade=0.3))
        now += lasts + rests
    return found


def _looks(random: np.random.Generator, seconds: float, pause: tuple[float, float], widest: float) -> Postures:
    """Quick turns of the head, held for a while."""
    keys: list[tuple[float, Posture]] = [(-1.0, head(turn=float(random.uniform(-widest, widest))))]
    now = float(random.uniform(0.0, pause[0]))
    while now < seconds:
        there = head(turn=float(random.uniform(-widest, widest)), down=float(random.uniform(-0.12, 0.12)))
        keys += [(now, keys[-1][1]), (now + 0.35, there)]
        now += 0.35 + float(random.uniform(*pause))
    return timeline(keys)


def _flicks(random: np.random.Generator, seconds: float) -> Postures:
    """One flick of the tail's tip."""
    start = float(random.uniform(0.1, 0.8)) * seconds
    return held(tail(tip=0.3, left=-0.5) if random.random() < 0.6 else STANDING, start, start + 0.9, fade=0.3)


def _always(posture: Posture) -> Postures:
    return lambda second: posture
