"""Going somewhere: a walk or trot through the picture, alone or with cubs behind."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.simulate.act import Individual, Part, Stage, Stretch
from models.simulate.motions.staging import (
    Draft,
    adult,
    chance,
    crossing,
    cub,
    depth,
    either_side,
    finish,
    head_on,
    passer_by,
)
from models.simulate.performance import Performance
from models.simulate.posture import Posture, Postures, always, head, held
from models.simulate.species import size_of
from models.simulate.strides import TROT, WALK, Gait, Go, Path, lame, plan, stride_rate

HEAD_ON = 0.2  # share of the performances that lead along the line of sight, as where a trap looks along a trail


def perform(behaviour: str, seed: int, seconds: float, stage: Stage, cast: tuple[Individual, ...]) -> tuple[Part, ...]:
    """See `models.simulate.act.act`."""
    random = chance(behaviour, seed)
    if behaviour == "family_travel":
        return _family(random, seed, seconds, stage, cast)
    return _travel(random, passer_by(behaviour, seed, random, cast), seed, seconds, stage, cast)


def _travel(
    random: np.random.Generator, one: Individual, seed: int, seconds: float, stage: Stage, cast: Sequence[Individual]
) -> tuple[Part, ...]:
    limps, limp, leg = random.random() < 0.15, float(random.uniform(0.12, 0.35)), int(random.integers(4))
    if not cast and limps:
        one = replace(one, limp=limp, lame_leg=("hind_L", "hind_R", "fore_L", "fore_R")[leg])
    trots = random.random() < 0.25 and one.limp == 0
    gait = TROT if trots else WALK
    speed = float((random.uniform(1.4, 2.1) if trots else random.uniform(0.55, 1.0)) * size_of(one) ** 0.5)
    side, y = either_side(random), depth(random, stage, size_of(one))
    path = crossing(random, stage, side, y, size_of(one))
    looks = _glances(random, path.length / speed)
    if one.species == "deer":
        looks.append(always(head(down=-0.35)))  # carried higher than a cat's
    offset = _offset(random, path.length / speed, seconds)
    if (straight := _head_on("travel", seed, stage, seconds * speed)) is not None:
        path, offset = straight, 0.0
    draft = _going(one, path, gait, speed, 0.0, looks, "trot" if trots else "walk")
    return finish([draft], seconds, offset)


def _family(
    random: np.random.Generator, seed: int, seconds: float, stage: Stage, cast: Sequence[Individual]
) -> tuple[Part, ...]:
    mother = adult(random, cast)
    side, y = either_side(random), depth(random, stage, size_of(mother)) + 0.2
    speed = float(random.uniform(0.5, 0.85) * size_of(mother) ** 0.5)
    path, aside_of_it = crossing(random, stage, side, y, size_of(mother)), np.array([0.0, 1.0, 0.0])
    straight = _head_on("family_travel", seed, stage, seconds * speed)
    if straight is not None:
        path, aside_of_it = straight, np.array([1.0, 0.0, 0.0])
    drafts = [_going(mother, path, WALK, speed, 0.0, _glances(random, path.length / speed), "walk", "adult")]
    behind = 0.0
    for number in range(max(int(random.integers(1, 4)), len(cast) - 1)):
        young = cub(random, cast, number + 1, mother.species)
        behind += float(random.uniform(0.7, 1.3)) * (size_of(mother) if number == 0 else 1.0)
        aside = float(random.uniform(-0.3, 0.3))
        own = Path(path.distance, path.places + aside * aside_of_it)
        drafts.append(
            _going(young, own, WALK, speed, -behind, _glances(random, path.length / speed), "walk", "follower")
        )
    family = [replace(draft, stretches=_as_family(draft)) for draft in drafts]
    offset = _offset(random, (path.length + behind) / speed, seconds)
    return finish(family, seconds, 0.0 if straight is not None else offset)


def _head_on(behaviour: str, seed: int, stage: Stage, metres: float) -> Path | None:
    """A path along the line of sight, for the seeds that have one: drawn apart, so that the others' scenes stay."""
    random = chance(f"straight {behaviour}", seed)
    return head_on(random, stage, metres) if random.random() < HEAD_ON else None


def _going(
    one: Individual,
    path: Path,
    gait: Gait,
    speed: float,
    begin: float,
    looks: Sequence[Postures],
    form: str,
    role: str | None = None,
) -> Draft:
    size = size_of(one)
    course = plan(
        path, lame(gait, one), size, [Go(path.length - begin, speed)], begin=begin, moving_in=True, moving_out=True
    )
    sub = form if one.limp == 0 else f"{form}, lame"
    return Draft(
        Performance(one, [course], looks),
        (Stretch("travel", sub, 0.0, course.stops[-1], role),),
        stride_hz=stride_rate(gait, speed, size),
        leaves=course.stops[-1] + 1.0,
    )


def _as_family(draft: Draft) -> tuple[Stretch, ...]:
    return tuple(replace(stretch, behaviour="family_travel") for stretch in draft.stretches)


def _glances(random: np.random.Generator, seconds: float) -> list[Postures]:
    """A carriage of its own, and now and then a look to one side."""
    carriage = Posture() + head(down=float(random.uniform(-0.45, 0.2)))
    looks: list[Postures] = [lambda second: carriage]
    now = float(random.uniform(0.5, 3.0))
    while now < seconds - 1.5:
        lasts = float(random.uniform(0.9, 1.8))
        turn = float(random.uniform(0.4, 0.9)) * either_side(random)
        looks.append(held(head(turn=turn, down=-0.1), now, now + lasts))
        now += lasts + float(random.uniform(1.5, 5.0))
    return looks


def _offset(random: np.random.Generator, lasts: float, seconds: float) -> float:
    """An offset at which the animals are in the picture for as much of the scene as they can be."""
    return float(random.uniform(0.3, 0.7)) * max(lasts - seconds, 0.0)
