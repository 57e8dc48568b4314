"""The census: which known animals were seen in a period, by age and sex, with what is uncertain kept apart.

Cubs are never counted as independent animals: they are listed with their mother. Animals without a code of their own,
and adults known by one flank only, stand apart, since one animal may be in the books twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.individuals.animals import Individual, Known, LifeStage, Sex
from pipeline.individuals.effort import Effort
from pipeline.individuals.life_stage import birth_year, months_between, stage_on
from pipeline.individuals.registry import Registry

ONE_FLANK = (Known.LEFT_ONLY, Known.RIGHT_ONLY)

_MAY_BE_ONE: tuple[tuple[Sex | None, Sex | None], ...] = (
    *((sex, sex) for sex in Sex),
    *((sex, None) for sex in Sex),
    *((None, sex) for sex in Sex),
    (None, None),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """One animal in a census."""

    code: str
    names: tuple[str, ...]
    sex: Sex | None
    stage: LifeStage | None  # on the day when it was first seen in the period
    mother: str | None
    known_by: Known
    new: bool  # no dated sighting of it is older than the period
    sightings: int  # dated ones in the period
    first_seen: date | None  # ever
    last_seen: date | None  # up to the end of the period


@dataclass(frozen=True, slots=True)
class Litter:
    """Cubs of one mother and one year."""

    mother: str | None  # None: cubs of one year whose mothers nobody named, which need not be of one litter
    born: int | None  # year
    cubs: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Census:
    """Who was seen from `first_day` to `last_day`, both included."""

    first_day: date
    last_day: date
    adults: tuple[Counted, ...]
    adolescents: tuple[Counted, ...]
    unknown_age: tuple[Counted, ...]
    litters: tuple[Litter, ...]
    one_flank: tuple[Counted, ...]  # not cubs
    provisional: tuple[Counted, ...]
    not_seen_months: int
    not_seen: tuple[Counted, ...]  # for so many months up to the end of the period, and not known to be dead
    died: tuple[Counted, ...]  # in the period
    undated_sightings: int  # which could not be counted
    unknown_species: tuple[str, ...]  # codes of those seen in the period and left out, as one species was asked for
    effort: Effort

    @property
    def by_sex(self) -> dict[str, int]:
        """Number of adults known by both flanks, female, male and of unknown sex."""
        found = Counter(one.sex.value if one.sex else "unknown" for one in self.adults)
        return {sex: found[sex] for sex in ("female", "male", "unknown")}

    @property
    def new(self) -> tuple[str, ...]:
        """Codes of the animals with a code of their own that are new in this period, cubs among them."""
        cubs = [cub for litter in self.litters for cub in litter.cubs]
        everyone = (*self.adults, *self.adolescents, *self.unknown_age, *cubs, *self.one_flank)
        return tuple(one.code for one in everyone if one.new)

    @property
    def adults_at_least(self) -> int:
        """Fewest adults: as many left flanks as sexes allow are of the animals that right flanks are of."""
        return self.adults_at_most - _pairs(*(self._one_flank_adults(side) for side in ONE_FLANK))

    @property
    def adults_at_most(self) -> int:
        """Most adults: every one-flank record is an animal of its own."""
        return len(self.adults) + sum(len(self._one_flank_adults(side)) for side in ONE_FLANK)

    def _one_flank_adults(self, side: Known) -> list[Sex | None]:
        return [one.sex for one in self.one_flank if one.known_by is side and one.stage is LifeStage.ADULT]


def take_census(
    registry: Registry,
    days: Mapping[int, Sequence[date | None]],
    first_day: date,
    last_day: date,
    effort: Effort,
    species: str | None = None,
    not_seen_months: int = 12,
) -> Census:
    """Count who was seen in a period. No sighting after it matters.

    Args:
        registry: as it stands.
        days: for each animal's id, the day of each of its sightings, None for an undated one.
        first_day: of the period.
        last_day: of the period, included.
        effort: of the traps in the period.
        species: only animals of this species, and beside them the codes of those of an unknown one; None for all.
        not_seen_months: from how many months on an animal counts as not seen.
    """
    counted: dict[str, list[Counted]] = {
        name: [] for name in ("adults", "adolescents", "unknown_age", "one_flank", "provisional")
    }
    litters: dict[tuple[str | None, int | None], list[Counted]] = {}
    not_seen, died, undated, nameless = [], [], 0, []
    for animal in registry.individuals.values():
        known = sorted(day for day in days.get(animal.individual_id, ()) if day is not None and day <= last_day)
        inside = [day for day in known if day >= first_day]
        if species not in (None, animal.species):
            if animal.species is None and inside:
                nameless.append(animal.code)
            continue
        undated += sum(day is None for day in days.get(animal.individual_id, ()))
        one = _counted(registry, animal, known, inside)
        if inside:
            if one.stage is LifeStage.CUB and not animal.provisional:
                litters.setdefault((one.mother, birth_year(animal)), []).append(one)
            else:
                counted[_part(one, animal)].append(one)
        if animal.died is not None and first_day <= animal.died <= last_day:
            died.append(one)
        elif _is_missing(animal, days, known, last_day, not_seen_months):
            not_seen.append(one)
    return Census(
        first_day=first_day,
        last_day=last_day,
        litters=tuple(Litter(mother, born, tuple(cubs)) for (mother, born), cubs in litters.items()),
        not_seen_months=not_seen_months,
        not_seen=tuple(not_seen),
        died=tuple(died),
        undated_sightings=undated,
        unknown_species=tuple(nameless),
        effort=effort,
        **{name: tuple(found) for name, found in counted.items()},
    )


def _counted(registry: Registry, animal: Individual, known: Sequence[date], inside: Sequence[date]) -> Counted:
    mother = None if animal.mother_id is None else registry.individuals[animal.mother_id].code
    return Counted(
        code=animal.code,
        names=animal.names,
        sex=animal.sex,
        stage=stage_on(animal, (inside or known)[0]) if known else None,
        mother=mother,
        known_by=registry.known(animal.individual_id),
        new=bool(inside) and known[0] == inside[0],
        sightings=len(inside),
        first_seen=known[0] if known else None,
        last_seen=known[-1] if known else None,
    )


def _part(one: Counted, animal: Individual) -> str:
    if animal.provisional:
        return "provisional"
    if one.known_by in ONE_FLANK:
        return "one_flank"
    if one.stage is None:
        return "unknown_age"
    return "adults" if one.stage is LifeStage.ADULT else "adolescents"


def _is_missing(
    animal: Individual, days: Mapping[int, Sequence[date | None]], known: Sequence[date], last_day: date, months: int
) -> bool:
    if animal.provisional or (animal.died is not None and animal.died <= last_day):
        return False
    if known:
        return months_between(known[-1], last_day) >= months
    return not any(days.get(animal.individual_id, ()))  # only seen later: nothing can be missed yet


def _pairs(left: Sequence[Sex | None], right: Sequence[Sex | None]) -> int:
    """The most pairs of a left and a right flank that could be one animal: of the same sex, or of an unknown one."""
    some, others = Counter(left), Counter(right)
    pairs = 0
    for mine, theirs in _MAY_BE_ONE:  # the pickiest first, so that none takes another's only partner
        number = min(some[mine], others[theirs])
        some[mine] -= number
        others[theirs] -= number
        pairs += number
    return pairs
