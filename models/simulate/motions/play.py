"""Play: a cub alone with something that rolls, and two cubs that chase and wrestle and change roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.simulate.act import Contact, Individual, Part, Stage, Stretch
from models.simulate.motions.hunting import CROUCH
from models.simulate.motions.staging import Draft, chance, cub, either_side, finish
from models.simulate.performance import Performance
from models.simulate.pose import Thing
from models.simulate.posture import (
    Posture,
    Postures,
    ease,
    fore,
    head,
    held,
    hind,
    kick,
    on_its_back,
    rear_up,
    rhythm,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of, stands
from models.simulate.strides import GALLOP, WALK, Course, Go, Path, Stay, path_through, plan

_GAP = 0.62  # metres at size 1 between the centres of two that wrestle
_APART = 0.2  # metres at size 1 that one of them backs off to spar
_CHASE_GAP = 1.25  # metres at size 1 between chaser and chased


@dataclass(frozen=True, slots=True)
class ToyPlaces:
    """Where the thing lies: before the paws of each pounce; rolls on after it was batted."""

    spots: tuple[tuple[float, float, float], ...]  # second of the spring, second of landing, metres along the path
    path: Path
    radius: float  # metres
    hertz: float  # how often it wobbles

    def __call__(self, second: float) -> Thing:
        """The thing at a second."""
        along = self.spots[0][2]
        for (_, lands, here), (springs, _, there) in pairwise(self.spots):
            if second > lands:
                along = here + (there - here) * ease((second - lands - 0.4) / max(springs - lands - 0.8, 0.1))
        x, y, _ = self.path.at(along)
        wobble = 0.03 * np.sin(2 * np.pi * self.hertz * second)
        return Thing((float(x + wobble), float(y), self.radius), self.radius)


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    alone = random.random() < 0.35
    if len(cast) == 1 or (not cast and alone):
        return _alone(random, seconds, stage, cast)
    return _two(random, seconds, stage, cast)


def _alone(random: np.random.Generator, seconds: float, stage: Stage, cast: Sequence[Individual]) -> tuple[Part, ...]:
    """Crouches, pounces on the thing, bats it about, rolls on its back with it."""
    one = cub(random, cast, 0, "leopard")
    size, side = size_of(one), either_side(random)
    y = stage.closest + float(random.uniform(0.0, 0.4))
    path = path_through([(-side * 0.8 * size, y), (side * 0.6 * size, y + 0.05), (side * 3.0 * size, y)])
    aims, bats, rolls = (float(random.uniform(*span)) for span in ((0.7, 1.2), (1.8, 2.8), (1.8, 2.6)))
    leap = 0.75 * size
    courses: list[Course] = []
    postures: list[Postures] = []
    now, gone = -float(random.uniform(0.0, 0.8)), 0.0
    while now < seconds and gone + leap < path.length:
        courses.append(plan(path, WALK, size, [Stay(aims)], start=now, begin=gone))
        pounce = plan(path, GALLOP, size, [Go(leap, 2.6 * size**0.5), Stay(bats + rolls)], start=now + aims, begin=gone)
        courses.append(pounce)
        lands = pounce.stops[0]
        postures += _play_round(random, now, now + aims, lands, lands + bats, pounce.stops[1])
        now, gone = pounce.stops[1], gone + leap
    place = _toy_places(courses, path, side, size, random)
    draft = Draft(
        Performance(one, courses, postures, tail_hz=1.1, thing=place),
        (Stretch("play", "alone with an object", 0.0, seconds),),
        tuple(Contact("object", "fore paws", max(c.stops[0], 0.0), c.stops[1]) for c in courses if len(c.stops) == 2),
    )
    return finish([draft], seconds, 0.0)


def _play_round(
    random: np.random.Generator, starts: float, springs: float, lands: float, rolls: float, ends: float
) -> list[Postures]:
    flying = together(Posture(up=0.2), rear_up(0.35), fore(ahead=0.15, up=0.45), hind(up=0.14), tail(0.9, 0.4))
    over = together(Posture(up=-0.06, pitch=-0.12), fore(ahead=0.1), head(down=0.4), tail(root=0.6, tip=0.5))
    way = either_side(random)
    body = timeline(
        [
            (starts, Posture()),
            (starts + 0.25, CROUCH),
            (springs, CROUCH),
            ((springs + lands) / 2, flying),
            (lands + 0.1, over),
            (rolls - 0.3, over),
            (rolls + 0.1, Posture()),
        ]
    )
    wiggle = rhythm(Posture(turn=0.09, roll=0.04), 3.0, starts + 0.2, springs)
    bat = rhythm(fore(ahead=0.12, up=0.16, only=int(random.integers(2))), 2.2, lands + 0.2, rolls - 0.2)
    return [body, wiggle, bat, *_tumble(way, rolls - 0.1, ends), *_kicks(rolls + 0.5, ends - 0.6)]


def _tumble(way: int, start: float, end: float) -> list[Postures]:
    """Rolls over onto its back and, before `end`, onto its feet again; the legs leave the ground first."""
    back = together(on_its_back(way), head(down=0.5), tail(root=0.5, tip=0.2))
    lifted = Posture(joints=back.joints, free=back.free)
    rolled = Posture(up=back.up, roll=back.roll)
    return [held(lifted, start, end, fade=0.3), held(rolled, start + 0.05, end - 0.05, fade=0.6)]


def _kicks(start: float, end: float) -> list[Postures]:
    kicks = [
        rhythm(kick(f"fore_{side}", 0.35, 0.45), 2.3, start, end, phase=phase)
        for side, phase in (("L", 0.0), ("R", 0.5))
    ]
    kicks += [
        rhythm(kick(f"hind_{side}", 0.4, 0.5), 2.9, start, end, phase=phase) for side, phase in (("L", 0.1), ("R", 0.6))
    ]
    return [*kicks, rhythm(Posture(roll=0.25, turn=0.15), 0.8, start, end), rhythm(head(down=0.3), 1.3, start, end)]


def _toy_places(
    courses: Sequence[Course], path: Path, side: int, size: float, random: np.random.Generator
) -> ToyPlaces:
    pounces = [course for course in courses if len(course.stops) == 2]
    radius = 0.11 * size
    spots = [(course.begins, course.stops[0], float(course.gone[-1]) + 0.42 * size) for course in pounces]
    return ToyPlaces(tuple(spots), path, radius, float(random.uniform(0.9, 1.5)))


def _two(random: np.random.Generator, seconds: float, stage: Stage, cast: Sequence[Individual]) -> tuple[Part, ...]:
    """One chases the other across, they wrestle, the other chases back, and so on to the end of the scene."""
    pair = [cub(random, cast, number, "leopard") for number in (0, 1)]
    size = float(np.mean([size_of(one) for one in pair]))
    y = stage.closest + float(random.uniform(0.0, 0.4))
    half = 0.55 * stage.camera.half_width(y)
    way, chaser = either_side(random), int(random.integers(2))
    acts: list[_Half] = [_Half(one) for one in pair]
    contacts: list[tuple[float, float]] = []
    now, centre = -float(random.uniform(0.0, 1.2)), -way * half
    while now < seconds:
        ends = _chase_across(random, acts, chaser, way, (centre, way * half), (y, size), now)
        lasts = float(random.uniform(2.0, 3.0))
        _wrestle(random, acts, chaser, way, ends, ends + lasts)
        contacts.append((ends, ends + lasts))
        now, centre = ends + lasts, way * half
        way, chaser = -way, 1 - chaser
    return finish([_half_draft(acts, number, contacts, seconds) for number in (0, 1)], seconds, 0.0)


class _Half:
    """What one of the two has been given to do so far."""

    def __init__(self, one: Individual) -> None:
        self.one = one
        self.courses: list[Course] = []
        self.postures: list[Postures] = []
        self.stretches: list[Stretch] = []


def _chase_across(
    random: np.random.Generator,
    acts: Sequence[_Half],
    chaser: int,
    way: int,
    span: tuple[float, float],
    scale: tuple[float, float],
    now: float,
) -> float:
    """Both run from one end of the span to the other, round a bend; returns when they meet."""
    (start, end), (y, size) = span, scale
    speed = float(random.uniform(1.7, 2.1))
    bulge = float(random.uniform(0.15, 0.4)) * (1 if random.random() < 0.5 else -1)
    stops = []
    for number, act in enumerate(acts):
        leads = number != chaser
        lead = _CHASE_GAP * size if leads else 0.0
        meet = end if leads else end - way * _GAP * size
        if act.courses:
            x0, y0, heading = act.courses[-1].path.at(float(act.courses[-1].gone[-1]))
            path = _turn_about((float(x0), float(y0), float(heading)), (float(meet), y), way, size, bulge, leads)
            begin = 0.0
        else:
            first = start - way * (0.3 if not leads else 0.0)
            path = path_through([(first, y), ((first + meet) / 2, y + bulge), (meet, y), (meet + way * 0.3, y)])
            begin = lead * 0.5
        metres = _length_to(path, float(meet)) - begin
        stops.append((act, path, begin, metres))
    for act, path, begin, metres in stops:
        course = plan(path, GALLOP, size_of(act.one), [Go(metres, speed), Stay(12.0)], start=now, begin=begin)
        act.courses.append(course)
    meets = max(act.courses[-1].stops[0] for act in acts)
    for number, act in enumerate(acts):
        role = "chaser" if number == chaser else "chased"
        act.stretches.append(Stretch("play", "chase", now, meets, role))
        act.postures.append(held(together(head(down=-0.3), tail(root=1.3, tip=0.5)), now, meets, fade=0.4))
    return meets


def _turn_about(
    start: tuple[float, float, float], end: tuple[float, float], way: int, size: float, bulge: float, leads: bool
) -> Path:
    """From a place and heading round a bend, away from the camera, to an end on the other side; the leader cuts in."""
    place, heading = np.array(start[:2]), start[2]
    ahead = np.array([np.cos(heading), np.sin(heading)])
    inward = np.array([-np.sin(heading), np.cos(heading)])
    inward *= 1 if inward[1] > 0 else -1
    radius = (0.65 if leads else 0.95) * size
    bend = [
        tuple(place + radius * ((0.5 + np.sin(angle)) * ahead + (1 - np.cos(angle)) * inward))
        for angle in np.linspace(0, np.pi, 6)
    ]
    middle = ((bend[-1][0] + end[0]) / 2, (bend[-1][1] + end[1]) / 2 + 0.3 * bulge)
    return path_through([(start[0], start[1]), *bend, middle, end, (end[0] + way * 0.3, end[1])])


def _length_to(path: Path, x: float) -> float:
    """Metres along the path to the last point at which it is at x."""
    return float(path.distance[np.abs(path.places[:, 0] - x).argmin()])


def _wrestle(
    random: np.random.Generator, acts: Sequence[_Half], chaser: int, way: int, start: float, end: float
) -> None:
    """They rear up at one another and spar; then the chaser stands over the other, which lies on its back and kicks."""
    top, bottom = acts[chaser], acts[1 - chaser]
    falls = start + float(random.uniform(0.35, 0.6)) * (end - start)
    bottom.postures.append(held(_turned_about(bottom.one), start - 0.25, end + 0.15, fade=0.4))
    for act, hertz in ((top, 2.4), (bottom, 2.1)):
        act.postures += _spar(hertz, start, falls + 0.2)
    over = together(
        Posture(ahead=0.3, up=0.05, pitch=0.15),
        fore(ahead=0.36, up=0.14),
        hind(ahead=0.24),
        head(down=0.35),
        tail(root=0.5, tip=0.5),
    )
    top.postures += [
        held(over, falls - 0.2, end, fade=0.4),
        rhythm(fore(up=0.12, ahead=0.06, only=0), 2.4, falls, end),
        rhythm(fore(up=0.12, ahead=0.06, only=1), 2.4, falls, end, phase=0.5),
        rhythm(together(head(down=0.25, turn=0.2), Posture(up=0.02, pitch=0.06)), 1.7, falls, end),
    ]
    bottom.postures += _tumble(either_side(random), falls - 0.15, end)
    bottom.postures += _kicks(falls + 0.5, end - 0.6)
    for act, role in ((top, "top"), (bottom, "bottom")):
        act.stretches.append(Stretch("play", "spar", start, falls))
        act.stretches.append(Stretch("play", "wrestle", falls, end, role))


def _turned_about(one: Individual) -> Posture:
    """Faces the other way on the spot, a little farther off."""
    under = stands(one).paws / size_of(one)
    paws = np.column_stack([-2 * under[:, 0] - 0.1, -2 * under[:, 1], np.zeros(4)])
    return Posture(ahead=_APART, turn=np.pi, paws=paws + np.array([_APART, 0.0, 0.0]))


def _spar(hertz: float, start: float, end: float) -> list[Postures]:
    """Sits up on its haunches and boxes with both fore paws."""
    up = together(
        rear_up(0.75), hind(ahead=0.08), fore(ahead=-0.02, up=0.5), head(down=0.25), tail(root=0.85, tip=0.15)
    )
    boxes = [rhythm(fore(ahead=0.14, up=0.1, only=paw), hertz, start, end, phase=0.5 * paw) for paw in (0, 1)]
    return [held(up, start - 0.1, end, fade=0.35), *boxes, rhythm(Posture(pitch=0.12, turn=0.1), 1.3, start, end)]


def _half_draft(acts: Sequence[_Half], number: int, contacts: Sequence[tuple[float, float]], seconds: float) -> Draft:
    act, other = acts[number], acts[1 - number]
    return Draft(
        Performance(act.one, act.courses, act.postures, tail_hz=1.1),
        tuple(stretch for stretch in act.stretches if stretch.start_s < seconds),
        tuple(Contact(other.one.name, "body", max(start, 0.0), end) for start, end in contacts if start < seconds),
    )
