"""How old an animal was on a day, from its birth or from what people saw; and the words of Camtrap DP for it.

Months after Jhala & Sadhu's stages for tigers: a cub is under 12 months old, an adolescent under 36.
"""

from datetime import date

from pipeline.individuals.animals import Individual, LifeStage

CUB_MONTHS = 12
ADOLESCENT_MONTHS = 36

_AGES = (LifeStage.CUB, LifeStage.ADOLESCENT, LifeStage.ADULT)

CAMTRAP_WORDS = {LifeStage.CUB: "juvenile", LifeStage.ADOLESCENT: "subadult", LifeStage.ADULT: "adult"}


def stage_on(animal: Individual, day: date) -> LifeStage | None:
    """The animal's stage on `day`; None if nobody can tell.

    What a person saw last before that day counts, aged by the time since and by the day of birth: nobody stays a cub
    because nobody looked again. Before the first word, a cub was a cub as well.
    """
    said = [stage for since, stage in animal.stages if since <= day]
    old = None if animal.born is None or day < animal.born else _by_age(months_between(animal.born, day))
    if said:
        return max((_aged(animal, said[-1], day), old or said[-1]), key=_AGES.index)
    if old is not None:
        return old
    return LifeStage.CUB if animal.stages and animal.stages[0][1] is LifeStage.CUB and animal.born is None else None


def birth_year(animal: Individual) -> int | None:
    """The year in which it was born, or else was first known as a cub; None if neither is known."""
    if animal.born is not None:
        return animal.born.year
    return next((since.year for since, stage in animal.stages if stage is LifeStage.CUB), None)


def months_between(start: date, end: date) -> int:
    """Whole months from `start` to `end`, as birthdays count them."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _aged(animal: Individual, stage: LifeStage, day: date) -> LifeStage:
    """The stage as it was seen, or the one that the animal has surely reached by `day`."""
    passed = months_between(next(since for since, said in animal.stages if said is stage), day)
    if stage is LifeStage.CUB:
        return _by_age(passed)  # it was at least newborn
    if stage is LifeStage.ADOLESCENT and passed < ADOLESCENT_MONTHS - CUB_MONTHS:
        return LifeStage.ADOLESCENT
    return LifeStage.ADULT


def _by_age(months: int) -> LifeStage:
    if months < CUB_MONTHS:
        return LifeStage.CUB
    return LifeStage.ADOLESCENT if months < ADOLESCENT_MONTHS else LifeStage.ADULT
