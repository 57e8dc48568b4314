"""Mating: the male stands over the female, who lies crouched; then he steps back and she rolls over."""

from dataclasses import dataclass, replace

import numpy as np

from models.simulate.act import Contact, Individual, Part, Stage, Stretch
from models.simulate.motions.staging import Draft, adult, breath, chance, depth, either_side, finish, heading, straight
from models.simulate.performance import Performance
from models.simulate.posture import (
    LYING,
    SITTING,
    Posture,
    Postures,
    back,
    head,
    held,
    hind,
    jaw,
    on_its_back,
    rhythm,
    settling,
    tail,
    timeline,
    together,
)
from models.simulate.species import size_of
from models.simulate.strides import WALK, Go, Stay, plan, stride_rate

_COMES, _LEAVES = 0.3, 0.35  # chances that he walks up within the scene, or steps back within it
_LASTS = (5.0, 15.0)  # seconds that a mount lasts
_BEHIND = 0.17  # metres at size 1 from her trunk's centre back to his
_BACK_OFF = 0.66  # metres at size 1 that he stands farther behind before and after
_MOUNTS = 1.5  # seconds to mount, and to step back
_OFF = 0.4  # seconds of stepping back after which he is no more over her
_ROLLS = 1.1  # seconds in which she turns onto her back

CROUCHED = together(LYING, head(down=0.5, nod=-0.1), tail(root=0.1))


def _ahead(metres: float, fore_apart: float, hind_apart: float) -> Posture:
    """Trunk and paws that much farther ahead, the paws to either side that much farther apart."""
    sides = np.array([hind_apart, -hind_apart, fore_apart, -fore_apart])
    return Posture(ahead=metres, paws=np.column_stack([np.full(4, metres), sides, np.zeros(4)]))


# Half way up to her with the fore paws to either side of her already, and from there over her.
_NEAR = together(_ahead(0.5 * _BACK_OFF, 0.09, 0.0), head(down=-0.2))
_OVER = together(
    _ahead(0.5 * _BACK_OFF, 0.06, 0.07),
    Posture(up=0.07, pitch=0.16),
    hind(ahead=0.12),
    back(arch=0.35),
    head(down=0.45),
    tail(root=0.42, tip=0.6),
)


@dataclass(frozen=True, slots=True)
class _Times:
    """When what happens, in seconds of the performance's own clock."""

    arrives: float  # he, behind her
    mounted: float
    ends: float
    apart: float  # he has stepped back


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    male, female = _who(random, cast)
    size, her_size = size_of(male), size_of(female)
    comes, speed = 1.5 * size**0.5, float(random.uniform(0.5, 0.7)) * size**0.5
    drawn = random.random() if seconds >= 4 else 1.0
    lasts = float(random.uniform(*_LASTS))
    if drawn >= _COMES + _LEAVES:
        lasts = max(lasts, seconds)
    x, y, turned = _place(random, stage, size)
    behind = _BEHIND * her_size + _BACK_OFF * size
    way = np.array([np.cos(turned), np.sin(turned)])
    his = straight(float(x - behind * way[0]), float(y - behind * way[1]), 1, turned, comes)
    course = plan(his, WALK, size, [Go(comes, speed), Stay(lasts + 30)], moving_in=True)
    arrives = course.stops[0]
    times = _Times(arrives, arrives + _MOUNTS, arrives + _MOUNTS + lasts, arrives + 2 * _MOUNTS + lasts)
    hers = plan(straight(x, y, 1, turned, 1.0), WALK, her_size, [Stay(times.apart + 30)], begin=1.0)
    above = Performance(male, [course], [breath(male), *_male(random, times)], tail_hz=0.3)
    below = Performance(female, [hers], [breath(female), *_female(random, times)], tail_hz=0.2)
    his_acts = _stretches(times, "male", "mounted", ("travel", "walk"), ("vigilance", "steps back and watches"))
    crouched = "lying crouched"
    her_acts = _stretches(times, "female", crouched, ("rest", crouched), ("rest", "rolls over after mating"))
    walks = stride_rate(WALK, speed, size) if drawn < _COMES else None
    drafts = [
        Draft(above, his_acts, _contact(female, times), walks),
        Draft(below, her_acts, _contact(male, times)),
    ]
    return finish(drafts, seconds, _begins(random, drawn, seconds, times))


def _begins(random: np.random.Generator, drawn: float, seconds: float, times: _Times) -> float:
    """Second at which the scene begins: he comes, or steps back, within it, or neither."""
    if drawn < _COMES:
        return max(times.arrives - float(random.uniform(0.1, 0.35)) * seconds, 0.0)
    if drawn < _COMES + _LEAVES:
        return max(times.ends - float(random.uniform(0.3, 0.65)) * seconds, times.mounted)
    return float(random.uniform(times.mounted, max(times.ends - seconds, times.mounted)))


def _who(random: np.random.Generator, cast: tuple[Individual, ...]) -> tuple[Individual, Individual]:
    """A male and a smaller female of his species."""
    male, female = adult(random, (), 0), adult(random, (), 1)
    species = cast[0].species if cast else male.species
    male = replace(male, size=float(random.uniform(1.0, 1.1)))
    size = float(random.uniform(0.88, 0.97)) * male.size
    female = replace(female, species=species, name=f"{species} 2", size=size)
    return cast[0] if cast else male, cast[1] if len(cast) > 1 else female


def _place(random: np.random.Generator, stage: Stage, size: float) -> tuple[float, float, float]:
    """x, y in metres and heading in radians of the female; both are in the picture."""
    side, turned = either_side(random), heading(random)
    turned = turned if side > 0 else np.pi - turned
    y = depth(random, stage, size)
    middle = 0.4 * size  # metres from her trunk's centre back to the middle of the two
    x = middle * float(np.cos(turned)) + float(random.uniform(-0.2, 0.2)) * stage.camera.half_width(y)
    ahead = size * float(np.sin(turned))  # where he stands behind her, nearer to the camera, she is farther away
    return x, y + max(ahead, -0.3), turned


def _male(random: np.random.Generator, times: _Times) -> list[Postures]:
    """Mounts step by step, thrusts with the hind body, his head at her nape, and steps back."""
    hertz = float(random.uniform(2.0, 4.0))
    half = 0.5 * _MOUNTS
    thrust = together(Posture(ahead=0.014, pitch=-0.02), back(arch=0.16), tail(root=0.08))
    bite = together(head(down=float(random.uniform(0.0, 0.2)), turn=float(random.uniform(-0.15, 0.15))), jaw(0.15))
    found = [
        _between(_NEAR, (times.arrives, times.arrives + half), (times.ends + half, times.apart)),
        _between(_OVER, (times.arrives + half, times.mounted), (times.ends, times.ends + half)),
        held(bite, times.mounted, times.ends, fade=0.5),
    ]
    now = times.mounted + float(random.uniform(0.2, 0.5))
    while now < times.ends - 0.6:
        lasts = min(float(random.uniform(2.0, 5.0)), times.ends - 0.1 - now)
        found.append(rhythm(thrust, hertz, now, now + lasts))
        now += lasts + float(random.uniform(0.2, 0.7))
    after = together(SITTING, tail(root=0.1, left=1.9 * either_side(random)))
    if random.random() < 0.5:
        found.append(settling(after, times.apart + 0.3, times.apart + 1.9))
    looks = head(turn=float(random.uniform(-0.8, 0.8)), down=-0.4)
    return [*found, held(looks, times.apart + 0.2, times.apart + 25.0)]


def _between(posture: Posture, takes: tuple[float, float], leaves: tuple[float, float]) -> Postures:
    """A posture taken up and left again paw by paw, each in its span of seconds."""
    up, down = settling(posture, *takes), settling(posture, leaves[1], leaves[0])
    return lambda second: up(second) if second < (takes[1] + leaves[0]) / 2 else down(second)


def _female(random: np.random.Generator, times: _Times) -> list[Postures]:
    """Lies crouched, rocked by him; then she rolls on her back, from one side to the other."""
    way = either_side(random)
    over = together(on_its_back(way), head(down=0.2), tail(root=0.4, tip=0.1))
    rolls = times.apart + float(random.uniform(0.0, 0.3))
    body = timeline([(rolls, CROUCHED + tail(left=1.2 * way)), (rolls + _ROLLS, over)])
    snarls = together(head(down=-0.15, turn=0.35 * way), jaw(0.3))
    return [
        body,
        held(snarls, times.ends - 0.4, times.ends + 1.0),
        rhythm(together(Posture(roll=0.35), head(turn=0.3)), 0.55, rolls + _ROLLS, rolls + 30.0),
    ]


def _stretches(
    times: _Times, role: str, form: str, before: tuple[str, str], after: tuple[str, str]
) -> tuple[Stretch, ...]:
    """What one of the two does: behaviour and form before and after, and mating in between."""
    off = times.ends + _OFF
    return (
        Stretch(*before, 0.0, times.arrives),
        Stretch("mating", form, times.arrives, off, role),
        Stretch(*after, off, times.apart + 30.0),
    )


def _contact(other: Individual, times: _Times) -> tuple[Contact, ...]:
    return (Contact(other.name, "body", times.arrives, times.ends + _OFF),)
