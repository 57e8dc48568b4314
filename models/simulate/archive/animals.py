"""The animals of the made-up park, what a person could know of each, and what befalls some of them.

All numbers are choices of this project, so that an archive of a park's size comes out; none is measured.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from pipeline.individuals.animals import LifeStage, Sex

FEMALES, MALES, UNKNOWN_SEX, ADOLESCENTS, PROVISIONAL, ONE_FLANK = 13, 9, 3, 4, 2, 1
LITTERS = (2, 2, 3, 1)  # cubs each; together with the above 40 animals
LEAVING = 2
LOST_CUBS = 2
SIGHTINGS_A_YEAR = 40.0  # median of an adult
LIMP_FADES = timedelta(days=150)
DISTEMPER_ENDS = timedelta(days=60)


class Trouble(StrEnum):
    """What may befall an animal."""

    LIMP = "limp"
    THINNING = "thinning"
    DISTEMPER = "distemper pattern"


@dataclass(frozen=True, slots=True)
class Habit:
    """What is an animal's own, each on the scale that it is drawn on."""

    speed: float  # log body lengths a second
    stride: float  # log Hz
    asymmetry: float  # 0..1
    bob: float  # root of a share
    girth: float  # log ratio
    near_people: float  # how readily it goes where people go, 0..1
    day_share: float  # of its sightings by daylight, 0..1


@dataclass(frozen=True, slots=True)
class Animal:
    """One animal, and what a person can know of it."""

    number: int
    code: str | None  # None: nobody ever gave it a code
    second_code: str | None  # of its other flank, where nobody has linked the two
    sex: Sex
    sex_known: bool
    born: date
    stage: LifeStage  # on the first day
    mother: int | None
    sightings_a_year: float
    habit: Habit
    here_from: date
    here_until: date | None  # it died or left after this day
    trouble: Trouble | None = None
    onset: date | None = None
    cubs_seen: float = 0.75  # for a cub: how often it is in the picture when its mother is


@dataclass(frozen=True, slots=True)
class Cast:
    """Every animal of the park."""

    first_day: date
    last_day: date
    animals: tuple[Animal, ...]

    def cubs_of(self, mother: int) -> tuple[Animal, ...]:
        """The young of an animal."""
        return tuple(one for one in self.animals if one.mother == mother)


def draw_cast(draw: np.random.Generator, first_day: date, days: int) -> Cast:
    """Forty animals; three adults with trouble, two that leave, two cubs that die.

    Args:
        draw: where chance comes from.
        first_day: of the archive.
        days: how long it is.
    """
    last = first_day + timedelta(days=days - 1)
    adults = [
        *(_adult(draw, number, Sex.FEMALE, first_day) for number in range(FEMALES)),
        *(_adult(draw, number, Sex.MALE, first_day) for number in range(FEMALES, FEMALES + MALES)),
    ]
    for number in range(len(adults), len(adults) + UNKNOWN_SEX):
        adults.append(_adult(draw, number, _any_sex(draw), first_day, sex_known=False))
    for number in range(len(adults), len(adults) + ONE_FLANK):
        adults.append(_adult(draw, number, Sex.MALE, first_day, two_codes=True))
    for number in range(len(adults), len(adults) + PROVISIONAL):
        adults.append(_adult(draw, number, _any_sex(draw), first_day, sex_known=False, coded=False))
    animals = [*adults, *_adolescents(draw, len(adults), first_day)]
    animals += _cubs(draw, len(animals), first_day, days)
    return Cast(first_day, last, tuple(_befallen(draw, animals, first_day, days)))


def _any_sex(draw: np.random.Generator) -> Sex:
    return Sex.FEMALE if draw.random() < 0.5 else Sex.MALE


def _habit(draw: np.random.Generator) -> Habit:
    return Habit(
        speed=draw.normal(np.log(0.8), 0.12),
        stride=draw.normal(np.log(0.95), 0.06),
        asymmetry=draw.uniform(0.02, 0.06),
        bob=draw.normal(0.5, 0.05),
        girth=draw.normal(np.log(0.42), 0.06),
        near_people=draw.uniform(0.05, 0.4),
        day_share=draw.uniform(0.15, 0.4),
    )


def _adult(
    draw: np.random.Generator,
    number: int,
    sex: Sex,
    first_day: date,
    *,
    sex_known: bool = True,
    coded: bool = True,
    two_codes: bool = False,
) -> Animal:
    letter = ("F" if sex is Sex.FEMALE else "M") if sex_known else ""
    code = f"Leo {number + 1}{letter}" if coded else None
    return Animal(
        number=number,
        code=code,
        second_code=f"Leo {number + 101}{letter}" if two_codes else None,
        sex=sex,
        sex_known=sex_known,
        born=first_day - timedelta(days=int(draw.integers(4 * 365, 10 * 365))),
        stage=LifeStage.ADULT,
        mother=None,
        sightings_a_year=float(SIGHTINGS_A_YEAR * np.exp(draw.normal(0, 0.45))),
        habit=_habit(draw),
        here_from=first_day,
        here_until=None,
    )


def _adolescents(draw: np.random.Generator, start: int, first_day: date) -> list[Animal]:
    found = []
    for number in range(start, start + ADOLESCENTS):
        sex = _any_sex(draw)
        one = _adult(draw, number, sex, first_day)
        born = first_day - timedelta(days=int(draw.integers(400, 600)))
        found.append(replace(one, born=born, stage=LifeStage.ADOLESCENT))
    return found


def _cubs(draw: np.random.Generator, start: int, first_day: date, days: int) -> list[Animal]:
    """Litters of the first females, born between two months and one year after the first day."""
    found: list[Animal] = []
    for mother, size in enumerate(LITTERS):
        born = first_day + timedelta(days=int(draw.integers(60, 365)))
        for _ in range(size):
            one = _adult(draw, start + len(found), _any_sex(draw), first_day, sex_known=False)
            # A cub is in front of a camera from about ten weeks on, with its mother; alone hardly ever.
            found.append(
                replace(
                    one,
                    born=born,
                    stage=LifeStage.CUB,
                    mother=mother,
                    here_from=born + timedelta(days=75),
                    sightings_a_year=2.0,
                )
            )
    return found


def _befallen(draw: np.random.Generator, animals: list[Animal], first_day: date, days: int) -> list[Animal]:
    coded = [
        one.number
        for one in animals
        if one.stage is LifeStage.ADULT and one.code and not one.second_code and one.number >= len(LITTERS)
    ]
    chosen = draw.choice(coded, size=len(Trouble) + LEAVING, replace=False).tolist()
    for trouble, number in zip(Trouble, chosen, strict=False):
        onset = first_day + timedelta(days=int(draw.integers(int(0.45 * days), int(0.85 * days))))
        gone = onset + DISTEMPER_ENDS if trouble is Trouble.DISTEMPER else None
        animals[number] = replace(animals[number], trouble=trouble, onset=onset, here_until=gone)
    for number in chosen[len(Trouble) :]:
        gone = first_day + timedelta(days=int(draw.integers(int(0.5 * days), int(0.7 * days))))
        animals[number] = replace(animals[number], here_until=gone)
    cubs = [one.number for one in animals if one.stage is LifeStage.CUB]
    for number in draw.choice(cubs, size=LOST_CUBS, replace=False).tolist():
        gone = animals[number].here_from + timedelta(days=int(draw.integers(60, 150)))
        animals[number] = replace(animals[number], here_until=gone)
    return animals
