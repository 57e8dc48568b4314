"""How what is said about an animal changes its record, how two records become one, and what its tracks say of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from pipeline.errors import RegistryError
from pipeline.individuals.animals import Individual, LifeStage, sex_in_code
from pipeline.individuals.decisions import Traits
from pipeline.values import PEOPLE

FIELDS_TO_FORGET = ("species", "sex", "born", "died", "mother", "stages")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Called:
    """What a track that shows an animal is called."""

    species: str  # by its code in the species list
    by_person: bool


def change(animal: Individual, said: Traits) -> Individual:
    """The animal's record once `said` holds; what is forgotten goes first.

    Raises:
        RegistryError: the sex contradicts the letter in the code, the stage has no day, it died before it was born,
            or something is to be forgotten that is not there.
    """
    animal = _forget(animal, said.forget)
    named = sex_in_code(animal.code)
    if said.sex is not None and named not in (None, said.sex):
        raise RegistryError(f"the code {animal.code!r} says {named}; to make it {said.sex}, rename it")
    if (said.stage is None) != (said.stage_from is None):
        raise RegistryError(f"say both a life stage and the day from which on {animal.code} was of it")
    changed = replace(
        animal,
        species=said.species or animal.species,
        species_said=True if said.species else animal.species_said,
        sex=said.sex or animal.sex,
        born=said.born or animal.born,
        died=said.died or animal.died,
        mother_id=animal.mother_id if said.mother_id is None else said.mother_id,
        names=_union(animal.names, said.names),
        marks=_union(animal.marks, said.marks),
        tags=_union(animal.tags, said.tags),
    )
    if said.stage is not None and said.stage_from is not None:
        changed = replace(changed, stages=_stages(animal.stages, ((said.stage_from, said.stage),)))
    if changed.born and changed.died and changed.died < changed.born:
        raise RegistryError(f"{animal.code} cannot have died on {changed.died}, before it was born on {changed.born}")
    return changed


def join(kept: Individual, absorbed: Individual) -> Individual:
    """The record of one animal out of two; where both say something, the kept one's word stands.

    Raises:
        RegistryError: they cannot be one animal, or the one to keep has no code of its own although the other has.
    """
    if kept.individual_id == absorbed.individual_id:
        raise RegistryError(f"{kept.code} cannot be merged with itself")
    if kept.provisional and not absorbed.provisional:
        raise RegistryError(f"{kept.code} has no code of its own; keep {absorbed.code} instead")
    _check_alike("sex", kept, absorbed)
    if kept.species_said and absorbed.species_said:  # what tracks are called may change, and unmakes no decision
        _check_alike("species", kept, absorbed)
    if absorbed.individual_id == kept.mother_id or kept.individual_id == absorbed.mother_id:
        raise RegistryError(f"of {kept.code} and {absorbed.code} one is the other's mother; correct that first")
    named = max(kept, absorbed, key=lambda one: (bool(one.species_said), one.species is not None))
    return replace(
        kept,
        species=named.species,
        species_said=named.species_said,
        sex=kept.sex or absorbed.sex,
        born=kept.born or absorbed.born,
        died=kept.died or absorbed.died,
        mother_id=absorbed.mother_id if kept.mother_id is None else kept.mother_id,
        names=_union(kept.names, absorbed.names),
        former_codes=_union(kept.former_codes, (absorbed.code, *absorbed.former_codes)),
        marks=_union(kept.marks, absorbed.marks),
        tags=_union(kept.tags, absorbed.tags),
        stages=_stages(absorbed.stages, kept.stages),
    )


def check_one_species(kept: Individual, absorbed: Individual) -> None:
    """Raise if the two, as they are called now, are of two species.

    Raises:
        RegistryError: they are.
    """
    _check_alike("species", kept, absorbed)


def name_by_tracks(animal: Individual, called: Sequence[Called]) -> Individual:
    """The animal with the species that most of its tracks are called, unless a person said it of the animal itself.

    Where as many tracks say one as another, people's words decide, then what it was entered as. Where they say nothing,
    it stays what it was entered as. An older entry does not tell who said so: only people's words about its tracks
    change it, lest a machine's word replaces a person's.
    """
    if animal.species_said:
        return animal
    if animal.species in PEOPLE:  # of old, one entered from a track on a person was
        animal = replace(animal, species=None)
    if animal.species is not None and animal.species_said is None:
        called = [one for one in called if one.by_person]
    if not called:
        return animal
    tracks = Counter(one.species for one in called)
    people = Counter(one.species for one in called if one.by_person)
    most = max(sorted(tracks), key=lambda code: (tracks[code], people[code], code == animal.species))
    return replace(animal, species=most)


def _check_alike(what: str, kept: Individual, absorbed: Individual) -> None:
    one, other = getattr(kept, what), getattr(absorbed, what)
    if one and other and one != other:
        raise RegistryError(
            f"{kept.code} is {one} and {absorbed.code} is {other}; correct the {what} of one of them first"
        )


def _forget(animal: Individual, what: tuple[str, ...]) -> Individual:
    for word in what:
        if word == "mother":
            animal = replace(animal, mother_id=None)
        elif word == "species":
            animal = replace(animal, species=None, species_said=None)
        elif word == "stages":
            animal = replace(animal, stages=())
        elif word in FIELDS_TO_FORGET:
            nothing: dict[str, Any] = {word: None}
            animal = replace(animal, **nothing)
        elif word in (*animal.names, *animal.marks, *animal.tags):
            animal = replace(
                animal,
                names=_without(animal.names, word),
                marks=_without(animal.marks, word),
                tags=_without(animal.tags, word),
            )
        else:
            raise RegistryError(
                f"{animal.code} has no name, mark or tag {word!r} to forget; "
                f"one of {', '.join(FIELDS_TO_FORGET)} can be forgotten too"
            )
    return animal


def _stages(
    earlier: tuple[tuple[date, LifeStage], ...], later: tuple[tuple[date, LifeStage], ...]
) -> tuple[tuple[date, LifeStage], ...]:
    return tuple(sorted((dict(earlier) | dict(later)).items()))


def _union(some: tuple[_Value, ...], more: tuple[_Value, ...]) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys((*some, *more)))


def _without(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    return tuple(one for one in words if one != word)
