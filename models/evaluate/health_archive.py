"""Flags and census on made-up archives of two years, whose truth is known.

For each archive: which of the animals with trouble get a flag, with which of their sightings after the onset; how many
flags of others there are in an animal-year; how long it takes until an animal that is gone is missed; and whether the
census of the archive's database counts what was there.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from models.simulate.archive.animals import Animal, Trouble
from models.simulate.archive.histories import known_park
from models.simulate.archive.sightings import Filmed
from models.simulate.archive.writing import MadePark, codes_of, is_kept, make_park, write_park
from pipeline.footage.clock import parse_zone
from pipeline.health import absence, cubs
from pipeline.health.assess import Assessed, assess
from pipeline.health.flags import Flag
from pipeline.individuals.animals import LifeStage, Sex
from pipeline.individuals.census import Census
from pipeline.individuals.life_stage import ADOLESCENT_MONTHS, CUB_MONTHS, months_between
from pipeline.store.counting import census as take_census
from pipeline.store.flag_words import read_health
from pipeline.store.open import Store, open_store

SOON = 4  # sightings after the onset within which a flag is wanted
MISSING = (absence.RULE, cubs.RULE)
SPEAKS = {
    Trouble.LIMP: {"gait", "gait_asymmetry", "head_bob", "back_bob", "travel_speed", "stride_frequency"},
    Trouble.THINNING: {"girth_length", "travel_speed", "gait"},
    Trouble.DISTEMPER: {"distemper_pattern", "tortuosity", "girth_length", "travel_speed", "gait"},
}


@dataclass(frozen=True, slots=True)
class Told:
    """One animal with trouble, and what came of it."""

    seed: int
    code: str
    trouble: Trouble
    sightings_before: int
    sightings_after: int  # dated ones, from the onset on
    flagged_at: int | None  # the number of the sighting after the onset with which the first flag came
    rule: str | None


@dataclass(frozen=True, slots=True)
class Gone:
    """One animal that is gone, and after how many days it was missed; None: never, or not assessable."""

    seed: int
    code: str
    cub: bool
    captures: int
    days: int | None


@dataclass(frozen=True, slots=True)
class Scores:
    """What one archive came to."""

    seed: int
    told: tuple[Told, ...]
    gone: tuple[Gone, ...]
    false: tuple[Flag, ...]
    animal_years: float


def score(made: MadePark, assessed: Sequence[Assessed]) -> Scores:
    """Set the flags of an archive beside its truth."""
    animals = {animal.code: animal for animal in made.cast.animals if animal.code}
    told, gone, false, years = [], [], list[Flag](), 0.0
    for one in assessed:
        animal = animals.get(one.history.animal.code)
        visits = one.history.visits
        years += (visits[-1].day - visits[0].day).days / 365.25 if visits else 0.0
        right: list[Flag] = []
        for flag in one.flags:
            (right if animal is not None and _is_right(flag, animal) else false).append(flag)
        if animal is not None and animal.trouble is not None and animal.onset is not None:
            told.append(_told(made.seed, animal, animal.trouble, animal.onset, one, right))
        elif animal is not None and animal.here_until is not None:
            gone.append(_gone(made.seed, animal, animal.here_until, one, right))
    return Scores(made.seed, tuple(told), tuple(gone), tuple(false), years)


def _is_right(flag: Flag, animal: Animal) -> bool:
    """Whether a flag says what is so: trouble since its onset, or an animal that is gone."""
    day = flag.raised.date()
    if flag.rule in MISSING:
        return animal.here_until is not None and day > animal.here_until
    return (
        animal.onset is not None
        and animal.trouble is not None
        and (day >= animal.onset and flag.rule in SPEAKS[animal.trouble])
    )


def _told(seed: int, animal: Animal, trouble: Trouble, onset: date, one: Assessed, right: Sequence[Flag]) -> Told:
    days = [visit.day for visit in one.history.visits]
    first = min((flag for flag in right if flag.rule not in MISSING), key=lambda flag: flag.raised, default=None)
    return Told(
        seed=seed,
        code=animal.code or "",
        trouble=trouble,
        sightings_before=sum(day < onset for day in days),
        sightings_after=sum(day >= onset for day in days),
        flagged_at=None if first is None else sum(onset <= day <= first.raised.date() for day in days),
        rule=None if first is None else first.rule,
    )


def _gone(seed: int, animal: Animal, until: date, one: Assessed, right: Sequence[Flag]) -> Gone:
    first = min((flag.raised.date() for flag in right if flag.rule in MISSING), default=None)
    days = None if first is None else (first - until).days
    return Gone(seed, animal.code or "", animal.stage is LifeStage.CUB, len(one.history.visits), days)


@dataclass(frozen=True, slots=True)
class Counts:
    """A census and what was there to be counted."""

    what: str
    counted: int
    truth: int


def count(made: MadePark, found: Census) -> list[Counts]:
    """Each number of the census of the whole archive beside the truth: animals that a person recognised in it.

    Args:
        made: the truth.
        found: the census from the archive's first to its last day.
    """
    seen: dict[tuple[int, str | None], list[date]] = {}
    for filmed in made.filmed:
        for shown in filmed.shown:
            animal = made.cast.animals[shown.animal]
            if filmed.dated and _day(filmed) <= made.cast.last_day and is_kept(shown, animal):
                seen.setdefault((animal.number, codes_of(animal, shown.flanks)), []).append(_day(filmed))
    coded = [(made.cast.animals[number], min(days)) for (number, code), days in seen.items() if code is not None]
    stages = [(one, _stage(one, first)) for one, first in coded]
    cubs_ = [one for one, stage in stages if stage is LifeStage.CUB]
    grown = [(one, stage) for one, stage in stages if stage is not LifeStage.CUB]
    linked = [(one, stage) for one, stage in grown if one.second_code is None and _both_flanks(made, one)]
    adults = [one for one, stage in linked if stage is LifeStage.ADULT]
    by_sex = Counter(one.sex.value if one.sex_known else "unknown" for one in adults)
    return [
        *(Counts(f"adults, {sex}", found.by_sex[sex], by_sex[sex]) for sex in (*map(str, Sex), "unknown")),
        Counts("adolescents", len(found.adolescents), len(linked) - len(adults)),
        Counts("cubs", sum(len(one.cubs) for one in found.litters), len(cubs_)),
        Counts("litters", len(found.litters), len({one.mother for one in cubs_})),
        Counts("records of one flank", len(found.one_flank), len(grown) - len(linked)),
        Counts("provisional", len(found.provisional), sum(code is None for _, code in seen)),
        Counts("sightings, dated", _sightings(found), sum(map(len, seen.values()))),
    ]


def _stage(animal: Animal, day: date) -> LifeStage:
    """How old it was when it was first recognised: by its birth where it was young when the archive began."""
    if animal.stage is LifeStage.ADULT:
        return animal.stage
    months = months_between(animal.born, day)
    if months < CUB_MONTHS:
        return LifeStage.CUB
    return LifeStage.ADOLESCENT if months < ADOLESCENT_MONTHS else LifeStage.ADULT


def _day(filmed: Filmed) -> date:
    return filmed.at.astimezone(parse_zone(filmed.deployment.zone)).date()


def _both_flanks(made: MadePark, animal: Animal) -> bool:
    shown = {
        flank
        for filmed in made.filmed
        for one in filmed.shown
        if one.animal == animal.number and is_kept(one, animal)
        for flank in one.flanks
    }
    return len(shown) > 1


def _sightings(found: Census) -> int:
    cubs_ = [cub for litter in found.litters for cub in litter.cubs]
    everyone = (*found.adults, *found.adolescents, *found.unknown_age, *cubs_, *found.one_flank, *found.provisional)
    return sum(one.sightings for one in everyone)


def census_of(made: MadePark, store: Store) -> Census:
    """The census of the archive from its first to its last day, from its database."""
    deployments = [one for station in made.stations for one in station.deployments]
    return take_census(store, [(made.cast.first_day, made.cast.last_day)], deployments=deployments)[0]


def lines(scores: Sequence[Scores]) -> Iterator[str]:
    """The table of flags, as Markdown."""
    yield "| trouble | animals | flagged | within 4 sightings | sightings to the flag, median | first rule |"
    yield "|---|---|---|---|---|---|"
    for trouble in Trouble:
        told = [one for each in scores for one in each.told if one.trouble is trouble]
        flagged = [one.flagged_at for one in told if one.flagged_at is not None]
        rules = Counter(one.rule for one in told if one.rule)
        yield (
            f"| {trouble} | {len(told)} | {len(flagged)} | {sum(at <= SOON for at in flagged)} |"
            f" {median(flagged) if flagged else ''} | {', '.join(f'{name} {n}' for name, n in rules.most_common())} |"
        )
    yield ""
    years = sum(each.animal_years for each in scores)
    false = Counter(flag.rule for each in scores for flag in each.false)
    yield f"False flags: {false.total()} in {years:.0f} animal-years, {false.total() / years:.3f} a year; " + ", ".join(
        f"{name} {number}" for name, number in false.most_common()
    )
    yield f"By archive: {', '.join(f'{len(each.false) / each.animal_years:.3f}' for each in scores)}"
    for what, cub in (("Animals that left or died", False), ("Cubs that died", True)):
        gone = [one for each in scores for one in each.gone if one.cub is cub]
        days = [one.days for one in gone if one.days is not None]
        middle = f", after a median of {median(days):.0f} days" if days else ""
        yield f"{what}: {len(gone)}, missed {len(days)}{middle}"


def main(arguments: Sequence[str]) -> int:
    """Measure archives of seeds 1 to N (10 by default); the first one through a database, with its census."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluate.health_archive", description=main.__doc__)
    parser.add_argument("archives", metavar="N", type=int, nargs="?", default=10)
    scores = []
    for seed in range(1, parser.parse_args(arguments).archives + 1):
        made = make_park(seed)
        scores.append(score(made, list(assess(known_park(made)).values())))
    sys.stdout.write("\n".join(lines(scores)) + "\n\n")
    for each in scores:
        for one in each.told:
            sys.stdout.write(
                f"seed {one.seed}: {one.code} {one.trouble}, {one.sightings_before} sightings before,"
                f" {one.sightings_after} after, flagged at {one.flagged_at} by {one.rule}\n"
            )
    with TemporaryDirectory() as folder:
        made = make_park(1)
        store = open_store(Path(folder))
        write_park(made, store)
        deployments = [one for station in made.stations for one in station.deployments]
        again = score(made, list(read_health(store, deployments=deployments).animals.values()))
        same = [(one.code, one.flagged_at, one.rule) for one in again.told]
        sys.stdout.write(f"\nFrom the database, seed 1: {len(again.false)} false flags, {same}\n\n")
        found = census_of(made, store)
        for row in count(made, found):
            sys.stdout.write(f"| {row.what} | {row.counted} | {row.truth} |\n")
        sys.stdout.write(
            f"adults at least {found.adults_at_least}, at most {found.adults_at_most};"
            f" undated sightings {found.undated_sightings}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
