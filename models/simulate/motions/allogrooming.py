"""Licking another's head or body; the other keeps still, and sometimes licks back."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.simulate.act import Contact, Individual, Part, Stage, Stretch
from models.simulate.motions.grooming import bouts
from models.simulate.motions.staging import (
    Draft,
    adult,
    breath,
    chance,
    cub,
    depth,
    either_side,
    finish,
    heading,
    straight,
)
from models.simulate.motions.touching import Body, apart, beside, lowered_to, spot_of
from models.simulate.performance import Performance
from models.simulate.posture import (
    LYING,
    SITTING,
    STANDING,
    Posture,
    Postures,
    always,
    during,
    fore,
    head,
    held,
    on_its_side,
    rear_up,
    settling,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of
from models.simulate.strides import WALK, Course, Go, Stay, plan, stride_rate

_COMES, _LEAVES, _LICKS_BACK = 0.22, 0.22, 0.75  # chances; the last of those in which both can reach
_TRIES, _TRIES_A_FORM = 480, 24
_CLOSE = -0.02  # metres that two may be in one another: fur yields
_SETTLES = {"lies": 1.8, "lies on its side": 2.0, "sits": 1.4, "stands": 0.5}  # seconds
_NAMES = {"lies": "lying", "lies on its side": "lying on its side", "sits": "sitting", "stands": "standing"}
_YOUNG = 0.75  # size, below which one is a cub
_HEAD_UP = head(down=-0.7, nod=0.2)  # of one that walks up to another


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two that are in contact: where they are, and how the one brings its mouth to the other."""

    licker: Body
    form: str
    other: Body
    its_form: str
    spot: str
    neck: Posture
    back: Posture | None  # the other's neck when it licks back, where that can be


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    licker, other = _who(random, cast)
    pair = _placed(random, stage, _meeting(random, licker, other))
    drawn = random.random() if seconds >= 4 else 1.0
    if drawn < _COMES and _has_way(pair, pair.licker, -1):
        return _coming(random, seconds, pair)
    if _COMES <= drawn < _COMES + _LEAVES and _has_way(pair, pair.other, 1):
        return _leaving(random, seconds, pair)
    return _staying(random, seconds, pair)


def _who(random: np.random.Generator, cast: tuple[Individual, ...]) -> tuple[Individual, Individual]:
    """A mother and a cub, two adults or two cubs, of one species."""
    drawn = random.random()
    first, second = adult(random, (), 0), adult(random, (), 1)
    species = cast[0].species if cast else first.species
    first, second = (replace(one, species=species, name=f"{species} {n}") for n, one in ((1, first), (2, second)))
    young = [replace(cub(random, (), number, species), size=float(random.uniform(0.4, 0.7))) for number in (1, 2)]
    if drawn < 0.4:
        pair = first, young[0]
    elif drawn < 0.48:
        pair = young[0], first
    elif drawn < 0.8:
        pair = first, second
    else:
        pair = young[0], replace(young[1], size=young[0].size * float(random.uniform(0.92, 1.08)))
    return cast[0] if cast else pair[0], cast[1] if len(cast) > 1 else pair[1]


def _meeting(random: np.random.Generator, licker: Individual, other: Individual) -> _Pair:
    """The first of some ways to meet in which the mouth reaches and the bodies are beside one another."""
    best: tuple[float, _Pair] | None = None
    for number in range(_TRIES):
        if number % _TRIES_A_FORM == 0:
            its_form = str(random.choice(["lies", "lies on its side", "sits"], p=(0.45, 0.3, 0.25)))
            form = str(random.choice(["sits", "stands", "lies"], p=(0.4, 0.25, 0.35)))
        pair = _try(random, (licker, form), (other, its_form))
        if pair is None:
            continue
        room = apart(pair.licker, pair.neck, pair.other)
        if room > _CLOSE * size_of(other):
            return replace(pair, back=_licks_back(random, pair))
        if best is None or room > best[0]:
            best = room, pair
    if best is None:
        raise RuntimeError(f"{licker.name} finds no way to {other.name}; their sizes are too far apart")
    return best[1]


def _try(random: np.random.Generator, licks: tuple[Individual, str], stays: tuple[Individual, str]) -> _Pair | None:
    """One way to meet, of two individuals each in a form; None if the mouth does not reach."""
    (licker, form), (other, its_form) = licks, stays
    side = either_side(random)
    spot = str(random.choice(["cheek", "crown", "neck", "shoulder", "flank"], p=(0.25, 0.2, 0.25, 0.15, 0.15)))
    turned = float(random.uniform(-0.9, 0.9) if form == "lies" else random.uniform(-0.45, 0.45))
    aside = head(turn=turned, tilt=float(random.uniform(-0.25, 0.25)), nod=float(random.uniform(-0.25, 0.05)))
    bearing = side * float(random.uniform(0.8, 2.2) if spot in ("shoulder", "flank") else random.uniform(0.4, 1.9))
    still = Body(other, _its_posture(random, its_form, side), on_paws=its_form != "lies on its side")
    if its_form == "lies on its side":  # with its back to the licker; the upper flank is the other one's
        side = -side
    met = beside(Body(licker, _body(random, form)), still, spot, side, bearing, aside)
    return None if met is None else _Pair(met[0], form, still, its_form, spot, met[1], None)


def _body(random: np.random.Generator, form: str) -> Posture:
    """Of the one that licks; it bends down to what is low."""
    way = either_side(random)
    if form == "sits":
        by = float(random.uniform(0.0, 0.6))
        return together(SITTING, _bent(SITTING.pitch, by), tail(root=0.1 - by, left=1.9 * way))
    if form == "stands":
        return together(STANDING, _bent(0.0, float(random.uniform(0.0, 0.22))), tail(root=0.1))
    return together(LYING, fore(ahead=-0.05), tail(root=0.05, left=1.3 * way))


def _bent(pitch: float, by: float) -> Posture:
    """The chest of a trunk that is pitched lowered by some radians, about the hips."""
    return rear_up(pitch - by) + rear_up(pitch).times(-1)


def _its_posture(random: np.random.Generator, form: str, side: int) -> Posture:
    """Of the one that is licked, from a side; it offers its head."""
    way = either_side(random)
    offers = head(
        turn=-side * float(random.uniform(0.0, 0.4)),
        tilt=side * float(random.uniform(-0.1, 0.3)),
        down=float(random.uniform(0.0, 0.45)),
    )
    if form == "lies on its side":
        return on_its_side(-side, float(random.uniform(0.0, 0.5)))
    if form == "sits":
        return together(SITTING, tail(root=0.1, left=1.9 * way), offers.times(0.7))
    return together(LYING, tail(root=0.05, left=float(random.uniform(0.8, 1.8)) * way), offers)


def _licks_back(random: np.random.Generator, pair: _Pair) -> Posture | None:
    """The neck with which the other reaches the licker's head or neck from where it is, if it does."""
    if random.random() >= _LICKS_BACK or pair.its_form == "lies on its side":
        return None
    size = size_of(pair.other.individual)
    for spot in ("cheek", "neck", "shoulder"):
        for side in (1, -1):
            target = spot_of(pair.licker, spot, side)
            if np.linalg.norm(target[:2] - pair.other.place[:2]) > 0.5 * size:
                continue
            for turn in np.linspace(-1.8, 1.8, 10):
                found = lowered_to(pair.other, float(target[2]), head(turn=float(turn), nod=-0.1))
                if found is not None and np.linalg.norm(found[1] - target) < 0.07 * size:
                    return found[0]
    return None


def _placed(random: np.random.Generator, stage: Stage, pair: _Pair) -> _Pair:
    """The two turned about, so that most are seen beside one another, and brought before the camera."""
    size = max(size_of(body.individual) for body in (pair.licker, pair.other))
    middles = [_middle(body) for body in (pair.licker, pair.other)]
    line = float(np.arctan2(*(middles[1] - middles[0])[::-1]))
    side, angle = either_side(random), heading(random) - line
    angle = angle if side > 0 else np.pi + angle
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    spread = 0.5 * abs(float((turn @ (middles[1] - middles[0]))[1]))
    away = depth(random, stage, size) + 0.7 * spread
    least = min(body.individual.size for body in (pair.licker, pair.other))
    if least < _YOUNG:  # where cubs are large enough to be seen, and not behind the nearest grass
        nearest = (stage.closest + stage.nearest) / 2 if size < _YOUNG else max(stage.nearest, 2.5 * size)
        away = nearest + spread + float(random.uniform(0.0, 0.8))
    across = float(random.uniform(-0.2, 0.2)) * stage.camera.half_width(away)
    moved = np.array([across, away]) - turn @ ((middles[0] + middles[1]) / 2)

    def brought(body: Body) -> Body:
        x, y = turn @ body.place[:2] + moved
        return replace(body, place=(float(x), float(y), body.place[2] + angle))

    return replace(pair, licker=brought(pair.licker), other=brought(pair.other))


def _middle(body: Body) -> NDArray[np.float64]:
    """(2,) metres: the ground under the middle of the trunk."""
    x, y, h = body.place
    return np.array([x, y]) - 0.2 * size_of(body.individual) * np.array([np.cos(h), np.sin(h)])


def _has_way(pair: _Pair, walks: Body, way: int) -> bool:
    """Whether one of the two can walk up to its place from behind (-1), or off ahead (1), clear of the other."""
    x, y, h = walks.place
    for metres in (0.0, 0.25, 0.5, 0.8, 1.2):
        there = (x + way * metres * float(np.cos(h)), y + way * metres * float(np.sin(h)), h)
        up = replace(walks, posture=_HEAD_UP, place=there, on_paws=True)
        licker, other = (up, pair.other) if walks is pair.licker else (pair.licker, up)
        if apart(licker, STANDING, other) < _CLOSE:
            return False
    return True


def _staying(random: np.random.Generator, seconds: float, pair: _Pair) -> tuple[Part, ...]:
    """Both are there all the time; where the other licks back, it does so from some moment on."""
    turns = float(random.uniform(0.4, 0.6)) * seconds
    swaps = pair.back is not None and seconds >= 4
    ends = turns - 0.3 if swaps else seconds + 2
    postures = [always(pair.licker.posture), *_licks(random, pair.neck, -2.0, ends)]
    others = [always(pair.other.posture), during(_looks(random, pair, seconds), -2.0, ends)]
    stretches = [_licking(pair, 0.0, turns if swaps else seconds)]
    its_stretches = [_licked(pair.its_form, 0.0, turns if swaps else seconds)]
    if swaps and pair.back is not None:
        others += _licks(random, pair.back, turns, seconds + 2)
        stretches.append(_licked(pair.form, turns, seconds))
        its_stretches.append(_licking(pair, turns, seconds, back=True))
    courses = [_standing(body, seconds) for body in (pair.licker, pair.other)]
    drafts = [
        _draft(pair.licker, courses[0], postures, stretches, pair.other),
        _draft(pair.other, courses[1], others, its_stretches, pair.licker),
    ]
    return finish(drafts, seconds, 0.0)


def _coming(random: np.random.Generator, seconds: float, pair: _Pair) -> tuple[Part, ...]:
    """The one walks up to the other, settles beside it, and then licks it."""
    size, settles = size_of(pair.licker.individual), 0.0 if pair.form == "stands" else _SETTLES[pair.form]
    speed = float(random.uniform(0.55, 0.75)) * size**0.5
    comes = 1.6 * size**0.5
    x, y, h = pair.licker.place
    course = plan(straight(x, y, 1, h, comes), WALK, size, [Go(comes, speed), Stay(2 * seconds)], moving_in=True)
    arrives, ends = course.stops
    settled = arrives + settles
    offset = max(arrives - float(random.uniform(0.05, 0.35)) * seconds, 0.0)
    stretches = [Stretch("travel", "walk", 0.0, arrives)]
    if settles:
        stretches.append(Stretch("rest", "settles down", arrives, settled))
    stretches.append(_licking(pair, settled, ends))
    postures = [settling(pair.licker.posture, arrives, arrives + _SETTLES[pair.form])]
    postures.append(held(_HEAD_UP, arrives - 1.0, settled + 0.5, fade=0.45))
    postures += _licks(random, pair.neck, settled, ends)
    others = [always(pair.other.posture), _looks(random, pair, offset + seconds)]
    drafts = [
        _draft(pair.licker, course, postures, stretches, pair.other, stride_rate(WALK, speed, size)),
        _draft(pair.other, _standing(pair.other, ends), others, [_licked(pair.its_form, 0.0, ends)], pair.licker),
    ]
    return finish(drafts, seconds, offset)


def _leaving(random: np.random.Generator, seconds: float, pair: _Pair) -> tuple[Part, ...]:
    """The other has enough: it gets up and walks off, and the one raises its head."""
    size, settles = size_of(pair.other.individual), _SETTLES[pair.its_form]
    speed = float(random.uniform(0.55, 0.75)) * size**0.5
    rises = float(random.uniform(0.45, 0.65)) * seconds
    goes = rises + settles
    x, y, h = pair.other.place
    path = straight(x, y, 1, h, 1.3)
    course = plan(path, WALK, size, [Stay(goes), Go(2.6, speed)], begin=1.3, moving_out=True)
    ends = course.stops[1]
    watches = "vigilance" if pair.form != "lies" else "rest"
    stretches = [_licking(pair, 0.0, rises), Stretch(watches, f"{_NAMES[pair.form]}, head up", rises, ends)]
    postures = [always(pair.licker.posture), *_licks(random, pair.neck, -2.0, rises)]
    postures.append(held(_HEAD_UP if pair.form == "stands" else head(down=-0.3), rises, ends + 5))
    its_stretches = [
        _licked(pair.its_form, 0.0, rises),
        Stretch("rest", "gets up", rises, goes),
        Stretch("travel", "walk", goes, ends),
    ]
    others = [settling(pair.other.posture, goes, rises), during(_looks(random, pair, seconds), -2.0, rises)]
    drafts = [
        _draft(pair.licker, _standing(pair.licker, ends), postures, stretches, pair.other),
        _draft(pair.other, course, others, its_stretches, pair.licker, stride_rate(WALK, speed, size)),
    ]
    return finish(drafts, seconds, 0.0)


def _licks(random: np.random.Generator, neck: Posture, start: float, end: float) -> list[Postures]:
    """Strokes of the head at the other's body, in bouts; in between the head rises."""
    stroke = head(down=0.13, turn=float(random.uniform(-0.08, 0.08)), nod=0.14)
    rise = head(down=-0.45, turn=float(random.uniform(-0.15, 0.15)), nod=0.15)
    hertz, strength = float(random.uniform(1.2, 2.6)), float(random.uniform(0.8, 1.2))
    return bouts(random, (start, end), (neck, stroke.times(strength), rise), hertz)


def _looks(random: np.random.Generator, pair: _Pair, seconds: float) -> Postures:
    """Small, slow movements of the head of the one that is licked; it holds still where it is licked on the head."""
    widest = 0.06 if pair.spot in ("cheek", "crown", "neck") or pair.its_form == "lies on its side" else 0.25
    keys = [(-3.0, STANDING)]
    now = float(random.uniform(0.0, 2.0))
    while now < seconds:
        there = head(turn=float(random.uniform(-widest, widest)), down=float(random.uniform(-0.05, 0.05)))
        keys += [(now, keys[-1][1]), (now + float(random.uniform(0.5, 0.9)), there)]
        now += float(random.uniform(1.5, 4.0))
    return timeline(keys)


def _licking(pair: _Pair, start: float, end: float, back: bool = False) -> Stretch:
    form = pair.its_form if back else pair.form
    part = "head" if back or pair.spot in ("cheek", "crown") else pair.spot
    return Stretch("groom_other", f"{_NAMES[form]}, licks the other's {part}", start, end, "groomer")


def _licked(form: str, start: float, end: float) -> Stretch:
    behaviour = "rest" if form.startswith("lies") else "vigilance"
    return Stretch(behaviour, f"{_NAMES[form]}, is licked", start, end, "groomed")


def _standing(body: Body, seconds: float) -> Course:
    x, y, h = body.place
    return plan(straight(x, y, 1, h, 1.3), WALK, size_of(body.individual), [Stay(seconds)], begin=1.3)


def _draft(
    body: Body,
    course: Course,
    postures: list[Postures],
    stretches: list[Stretch],
    other: Body,
    stride_hz: float | None = None,
) -> Draft:
    contacts = tuple(
        Contact(other.individual.name, "head", one.start_s, one.end_s)
        for one in stretches
        if one.behaviour == "groom_other"
    )
    swings = 0.12 if stretches[0].behaviour == "rest" else 0.3
    performance = Performance(body.individual, [course], [breath(body.individual), *postures], tail_hz=swings)
    return Draft(performance, tuple(stretches), contacts, stride_hz)
