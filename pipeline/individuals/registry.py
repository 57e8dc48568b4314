"""The registry of known individuals: what people's decisions, taken in order, say. No database, no machine's word.

A decision that contradicts what is known is refused with the reason. To undo one is to take the others without it, so
whatever it did is gone exactly; it is refused where a later decision rests on it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from pipeline.errors import NotFoundError, RegistryError
from pipeline.individuals.animals import (
    Flank,
    Individual,
    Known,
    Seen,
    Sex,
    Sighting,
    alike,
    check_code,
    provisional_number,
    sex_in_code,
)
from pipeline.individuals.decisions import (
    Confirm,
    Decided,
    Link,
    Merge,
    New,
    Reject,
    Rename,
    SetTraits,
    Split,
    Tag,
    Undo,
    in_force,
    standing,
)
from pipeline.individuals.traits import change, join


@dataclass(slots=True)
class Registry:
    """Every animal, every sighting, and who a sighting is not. Filled by `replay`; readers leave it as it is."""

    individuals: dict[int, Individual] = field(default_factory=dict)
    sightings: dict[str, Sighting] = field(default_factory=dict)
    rejections: set[tuple[str, int]] = field(default_factory=set)  # sighting, individual
    merged_into: dict[int, int] = field(default_factory=dict)  # a record that is no more, and the one that has it

    def find(self, code: str) -> Individual:
        """The animal that bears this code, or bore it, or a merged record that did; else the only one of this name.

        Case does not matter; where no code is the same, neither do blanks, hyphens and look-alike letters.

        Raises:
            NotFoundError: nobody bears it, or several bear the name; the message says which are near it.
        """
        wanted = code.strip().casefold()
        animals = list(self.individuals.values())
        for animal in animals:
            if wanted in (one.casefold() for one in _codes(animal)):
                return animal
        found = [one for one in animals if alike(wanted) in map(alike, _codes(one))]
        found = found or [one for one in animals if alike(wanted) in map(alike, one.names)]
        if len(found) == 1:
            return found[0]
        near = found or self._near(wanted)
        hint = f" Did you mean {' or '.join(map(_called, near))}?" if near else ""
        raise NotFoundError(f"no individual {code!r} in this archive.{hint} `ethotrap individuals list` shows them")

    def _near(self, wanted: str) -> list[Individual]:
        """Animals with a code or a name that is spelt nearly so, the nearest first."""
        spelt: dict[str, Individual] = {}
        for animal in self.individuals.values():
            for word in (*_codes(animal), *animal.names):
                spelt.setdefault(word.casefold(), animal)
        found = {spelt[word].individual_id: spelt[word] for word in get_close_matches(wanted, spelt, cutoff=0.7)}
        return list(found.values())

    def present(self, individual_id: int) -> Individual | None:
        """The animal of this id today: itself, the record that it was merged into, or None if it is undone."""
        while individual_id in self.merged_into:
            individual_id = self.merged_into[individual_id]
        return self.individuals.get(individual_id)

    def sightings_of(self, individual_id: int) -> list[Sighting]:
        """Every sighting of an animal, by video and start."""
        own = [one for one in self.sightings.values() if one.individual_id == individual_id]
        return sorted(own, key=lambda one: (one.seen.media, one.seen.start_s, one.seen.sighting_id))

    def known(self, individual_id: int) -> Known:
        """From which flanks people have known the animal so far."""
        flanks = {flank for one in self.sightings_of(individual_id) for flank in one.seen.flanks}
        if {Flank.LEFT, Flank.RIGHT} <= flanks:
            return Known.BOTH
        if Flank.LEFT in flanks:
            return Known.LEFT_ONLY
        return Known.RIGHT_ONLY if Flank.RIGHT in flanks else Known.NEITHER


def replay(log: Iterable[Decided]) -> Registry:
    """The registry after every decision in force.

    Raises:
        RegistryError: one contradicts what the ones before it made; the message names it.
    """
    registry = Registry()
    for decided in in_force(log):
        try:
            _RULES[type(decided.decision)](registry, decided, decided.decision)
        except (RegistryError, NotFoundError) as error:
            raise RegistryError(f"decision {decided.number} cannot stand: {error}") from error
    return registry


def add(log: list[Decided], new: Decided) -> Registry:
    """The registry once `new` follows the log.

    Raises:
        RegistryError: it contradicts what is known, or undoes what is not in force or what a later decision rests on.
    """
    if isinstance(new.decision, Undo):
        _check_undo(log, new.decision.number)
        try:
            return replay([*log, new])
        except RegistryError as error:
            raise RegistryError(f"decision {new.decision.number} cannot be undone yet: {error}; undo that first") from (
                error
            )
    registry = replay(log)
    _RULES[type(new.decision)](registry, new, new.decision)
    return registry


def add_all(registry: Registry, new: Iterable[Decided]) -> None:
    """Let a registry have many decisions after one another, none of them an undoing, without replaying what it has.

    Raises:
        RegistryError: one contradicts what is known; the registry is then of no use any more.
    """
    for one in new:
        if isinstance(one.decision, Undo):
            raise RegistryError("an undoing is taken by itself")
        _RULES[type(one.decision)](registry, one, one.decision)


def last_to_undo(log: Iterable[Decided]) -> int:
    """Number of the last decision that still holds.

    Raises:
        RegistryError: there is none.
    """
    holding = in_force(log)
    if not holding:
        raise RegistryError("there is no decision to undo")
    return holding[-1].number


def next_provisional_code(log: Iterable[Decided]) -> str:
    """A code such as "unknown-7" that no animal has ever had, also none whose making was undone."""
    made = [one.decision for one in log if isinstance(one.decision, New | Split)]
    return f"unknown-{1 + max((provisional_number(one.code) for one in made), default=0)}"


def _codes(animal: Individual) -> tuple[str, ...]:
    return (animal.code, *animal.former_codes)


def _called(animal: Individual) -> str:
    return f"{animal.code} ({', '.join(animal.names)})" if animal.names else animal.code


def _check_undo(log: Iterable[Decided], number: int) -> None:
    undone = {one.decision.number for one in standing(log) if isinstance(one.decision, Undo)}
    if number not in {one.number for one in log}:
        raise RegistryError(f"there is no decision {number}; `ethotrap individuals log` lists them")
    if number in undone:
        raise RegistryError(f"decision {number} is undone already; undo that undoing to have it back")


def _individual(registry: Registry, individual_id: int) -> Individual:
    if individual_id not in registry.individuals:
        raise RegistryError("the animal that it is about is not in the registry any more")
    return registry.individuals[individual_id]


def _check_free(registry: Registry, code: str, *, but: int | None = None) -> None:
    for animal in registry.individuals.values():
        taken = {one.casefold() for one in _codes(animal)}
        if animal.individual_id != but and code.casefold() in taken:
            raise RegistryError(f"{code!r} is or was the code of {animal.code}; choose another, or merge the two")


def _enter(registry: Registry, decided: Decided, code: str, provisional: bool) -> Individual:
    if not provisional:
        check_code(code)
    _check_free(registry, code)
    animal = Individual(decided.number, code, provisional, sex=sex_in_code(code))
    registry.individuals[animal.individual_id] = animal
    return animal


def _see(registry: Registry, decided: Decided, seen: Seen, individual_id: int | None) -> None:
    before = registry.sightings.get(seen.sighting_id)
    tags = () if before is None else before.tags
    registry.sightings[seen.sighting_id] = Sighting(seen, individual_id, decided.who, decided.at, decided.number, tags)
    if individual_id is not None:
        registry.rejections.discard((seen.sighting_id, individual_id))


def _new(registry: Registry, decided: Decided, new: New) -> None:
    animal = _enter(registry, decided, new.code, new.provisional)
    _set(registry, decided, SetTraits(animal.individual_id, new.traits))
    if new.seen is None:
        return
    _see(registry, decided, new.seen, animal.individual_id)
    if new.traits.species is not None:
        entered = registry.individuals[animal.individual_id]
        registry.individuals[animal.individual_id] = replace(entered, species_said=new.species_said)


def _confirm(registry: Registry, decided: Decided, confirm: Confirm) -> None:
    _see(registry, decided, confirm.seen, _individual(registry, confirm.individual_id).individual_id)


def _reject(registry: Registry, decided: Decided, reject: Reject) -> None:
    animal = _individual(registry, reject.individual_id)
    before = registry.sightings.get(reject.seen.sighting_id)
    if before is None or before.individual_id == animal.individual_id:
        _see(registry, decided, reject.seen, None)
    registry.rejections.add((reject.seen.sighting_id, animal.individual_id))


def _merge(registry: Registry, decided: Decided, merge: Merge | Link) -> None:
    kept, absorbed = _individual(registry, merge.kept_id), _individual(registry, merge.absorbed_id)
    registry.individuals[kept.individual_id] = join(kept, absorbed)
    del registry.individuals[absorbed.individual_id]
    registry.merged_into[absorbed.individual_id] = kept.individual_id
    for key, one in registry.sightings.items():
        if one.individual_id == absorbed.individual_id:
            registry.sightings[key] = replace(one, individual_id=kept.individual_id)
    registry.rejections = {
        (sighting, kept.individual_id if individual == absorbed.individual_id else individual)
        for sighting, individual in registry.rejections
    }
    for one in registry.sightings_of(kept.individual_id):
        registry.rejections.discard((one.seen.sighting_id, kept.individual_id))
    for child in tuple(registry.individuals.values()):
        if child.mother_id == absorbed.individual_id:
            registry.individuals[child.individual_id] = replace(child, mother_id=kept.individual_id)
    _check_family(registry, kept.individual_id)


def _link(registry: Registry, decided: Decided, link: Link) -> None:
    sides = [registry.known(_individual(registry, one).individual_id) for one in (link.kept_id, link.absorbed_id)]
    if set(sides) != {Known.LEFT_ONLY, Known.RIGHT_ONLY}:
        raise RegistryError(
            "to link flanks, one animal must be known by its left flank only and the other by its right flank only; "
            f"these are known by {sides[0]} and {sides[1]}. For two records of one animal use merge"
        )
    _merge(registry, decided, link)


def _split(registry: Registry, decided: Decided, split: Split) -> None:
    source = _individual(registry, split.individual_id)
    own = {one.seen.sighting_id for one in registry.sightings_of(source.individual_id)}
    if not split.sighting_ids or not set(split.sighting_ids) < own:
        raise RegistryError(
            f"a split takes some of the {len(own)} sightings of {source.code}, not all, and none of another animal's"
        )
    animal = _enter(registry, decided, split.code, split.provisional)
    registry.individuals[animal.individual_id] = replace(
        animal, species=source.species, species_said=source.species_said
    )
    for key in split.sighting_ids:
        _see(registry, decided, registry.sightings[key].seen, animal.individual_id)


def _rename(registry: Registry, decided: Decided, rename: Rename) -> None:
    animal = _individual(registry, rename.individual_id)
    check_code(rename.code)
    if rename.code == animal.code:
        raise RegistryError(f"{animal.code} has that code already")
    _check_free(registry, rename.code, but=animal.individual_id)
    former = tuple(one for one in (*animal.former_codes, animal.code) if one.casefold() != rename.code.casefold())
    registry.individuals[animal.individual_id] = replace(
        animal, code=rename.code, provisional=False, former_codes=former, sex=sex_in_code(rename.code) or animal.sex
    )
    _check_family(registry, animal.individual_id)


def _set(registry: Registry, decided: Decided, said: SetTraits) -> None:
    animal = _individual(registry, said.individual_id)
    registry.individuals[animal.individual_id] = change(animal, said.traits)
    if said.traits.mother_id is not None:
        mother = _individual(registry, said.traits.mother_id)
        if mother.sex is Sex.MALE:
            raise RegistryError(f"{mother.code} is male and cannot be the mother of {animal.code}")
    _check_family(registry, animal.individual_id)


def _tag(registry: Registry, decided: Decided, tag: Tag) -> None:
    key = tag.seen.sighting_id
    if key not in registry.sightings:
        _see(registry, decided, tag.seen, None)
    sighting = registry.sightings[key]
    for word in tag.forget:
        if word not in sighting.tags:
            raise RegistryError(
                f"the sighting has no tag {word!r} to forget; it has {', '.join(sighting.tags) or 'none'}"
            )
    kept = tuple(one for one in sighting.tags if one not in tag.forget)
    registry.sightings[key] = replace(sighting, tags=tuple(dict.fromkeys((*kept, *tag.tags))))


def _check_family(registry: Registry, individual_id: int) -> None:
    animal = registry.individuals[individual_id]
    if animal.sex is Sex.MALE:
        for child in registry.individuals.values():
            if child.mother_id == individual_id:
                raise RegistryError(f"{animal.code} is male and cannot be the mother of {child.code}")
    above = animal.mother_id
    while above is not None:
        if above == individual_id:
            raise RegistryError(f"{animal.code} cannot be among its own foremothers")
        above = _individual(registry, above).mother_id


_RULES: dict[type, Callable[[Registry, Decided, Any], None]] = {
    New: _new,
    Confirm: _confirm,
    Reject: _reject,
    Merge: _merge,
    Link: _link,
    Split: _split,
    Rename: _rename,
    SetTraits: _set,
    Tag: _tag,
}
