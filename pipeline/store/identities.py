"""People's decisions about individuals: appended to the log, never changed, and what they come to kept in tables.

`pipeline.individuals.registry` says what decisions mean; this module alone makes them. A machine's candidates are in
`views.py` and decide nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from pipeline.errors import RegistryError
from pipeline.individuals.animals import Flank
from pipeline.individuals.decisions import (
    Confirm,
    Decided,
    Decision,
    Link,
    Merge,
    New,
    Reject,
    Rename,
    SetTraits,
    Split,
    Tag,
    Traits,
    Undo,
)
from pipeline.individuals.plausible import check_sex_kept, check_traits, check_unlike, check_words
from pipeline.individuals.registry import Registry, add, add_all, last_to_undo, next_provisional_code, replay
from pipeline.individuals.traits import check_one_species, name_by_tracks
from pipeline.store.decisions import read_decisions, write_decision
from pipeline.store.open import Store
from pipeline.store.registry_tables import write_registry
from pipeline.store.sightings import (
    seen_on,
    sighting_named,
    sighting_of,
    species_by_tracks,
    species_of,
)
from pipeline.values import BLANK, NO_ANIMALS


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, when, and what is worth keeping with it."""

    who: str
    note: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))  # aware

    def __post_init__(self) -> None:
        if not self.who:
            raise ValueError("a decision needs the name of the person who makes it")
        if self.at.tzinfo is None:
            raise ValueError(f"the decision's time {self.at.isoformat()} has no time zone")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the registry says while a decision is being made; nobody else can decide meanwhile."""

    connection: Connection
    log: list[Decided]
    registry: Registry

    def decide(self, decision: Decision, by: By) -> Decided:
        decided = Decided(len(self.log) + 1, by.who, by.at, by.note, decision)
        after = add(self.log, decided)
        write_decision(self.connection, decided)
        write_registry(self.connection, after)
        return decided

    def ids_of_one(self, kept: str, absorbed: str) -> tuple[int, int]:
        """Ids of two records that are to become one, if they are not called two species now."""
        find = registry_in(self.connection).find
        check_one_species(find(kept), find(absorbed))
        return find(kept).individual_id, find(absorbed).individual_id


def new(
    store: Store,
    by: By,
    *,
    track_id: str | None = None,
    code: str | None = None,
    traits: Traits | None = None,
    mother: str | None = None,
    flanks: tuple[Flank, ...] | None = None,
) -> Decided:
    """Enter an animal into the registry.

    Args:
        store: the archive.
        by: who decides.
        track_id: the track that shows it; None for an animal of an older list.
        code: its own code; None for a provisional one such as "unknown-7".
        traits: what is known of it; unless they name its species, it follows its tracks'.
        mother: its mother's code.
        flanks: as for `seen_on`.

    Raises:
        NotFoundError: no such track or mother.
        RegistryError: the code is taken or no code or looks like another, the traits contradict it or cannot be, or the
            track shows a person or a vehicle and they do not name a species.
    """
    with _desk(store) as desk:
        traits = _with_mother(desk.registry, traits or Traits(), mother)
        check_traits(traits, by.at)
        if code is not None:
            check_unlike(desk.registry, code)
        said = traits.species is not None
        if not said and track_id is not None:
            species = _animal_on(desk.connection, track_id, "say of which species with --species")
            traits = replace(traits, species=species)
        seen = None if track_id is None else seen_on(desk.connection, track_id, None, flanks)
        name = next_provisional_code(desk.log) if code is None else code
        return desk.decide(New(name, code is None, seen, traits, said), by)


def confirm(store: Store, track_id: str, code: str, by: By, *, flanks: tuple[Flank, ...] | None = None) -> Decided:
    """Keep that this track shows that animal; an earlier word about the same track gives way, and stays in the log.

    Raises:
        NotFoundError: no such track or animal.
        RegistryError: the track shows a person or a vehicle.
    """
    with _desk(store) as desk:
        animal = desk.registry.find(code)
        _check_shows_animal(desk.connection, track_id)
        seen = seen_on(desk.connection, track_id, animal.individual_id, flanks)
        return desk.decide(Confirm(animal.individual_id, seen), by)


def confirm_all(store: Store, recognised: Sequence[tuple[str, str, tuple[Flank, ...] | None]], by: By) -> list[Decided]:
    """Keep who many tracks show, as from an older list: all of it or nothing, each as a decision of its own.

    Args:
        store: the archive.
        recognised: track, code of the animal, and flanks as for `seen_on`.
        by: who decides.

    Raises:
        NotFoundError: no such track or animal.
        RegistryError: a track shows a person or a vehicle.
    """
    with _desk(store) as desk:
        made: list[Decided] = []
        for track_id, code, flanks in recognised:
            key = desk.registry.find(code).individual_id
            _check_shows_animal(desk.connection, track_id)
            seen = seen_on(desk.connection, track_id, key, flanks)
            made.append(Decided(len(desk.log) + len(made) + 1, by.who, by.at, by.note, Confirm(key, seen)))
        add_all(desk.registry, made)
        for one in made:
            write_decision(desk.connection, one)
        write_registry(desk.connection, desk.registry)
        return made


def reject(store: Store, track_id: str, code: str, by: By) -> Decided:
    """Keep that this track does not show that animal, so that it is not proposed again; a confirmation falls.

    Raises:
        NotFoundError: no such track or animal.
    """
    with _desk(store) as desk:
        animal = desk.registry.find(code)
        seen = seen_on(desk.connection, track_id, animal.individual_id, rejecting=True)
        earlier = desk.registry.sightings.get(seen.sighting_id)
        return desk.decide(Reject(animal.individual_id, seen if earlier is None else earlier.seen), by)


def merge(store: Store, kept: str, absorbed: str, by: By) -> Decided:
    """Make one record of two of the same animal; the absorbed code stays as a former code.

    Raises:
        NotFoundError: no such animal.
        RegistryError: they cannot be one animal.
    """
    with _desk(store) as desk:
        return desk.decide(Merge(*desk.ids_of_one(kept, absorbed)), by)


def link(store: Store, kept: str, absorbed: str, by: By) -> Decided:
    """Make one record of a left-flank and a right-flank one.

    Raises:
        NotFoundError: no such animal.
        RegistryError: they are not known by one flank each, or cannot be one animal.
    """
    with _desk(store) as desk:
        return desk.decide(Link(*desk.ids_of_one(kept, absorbed)), by)


def split(store: Store, code: str, sightings: Sequence[str], by: By, *, into: str | None = None) -> Decided:
    """Give some sightings of an animal to a new one.

    Args:
        store: the archive.
        code: the animal that the sightings are under.
        sightings: their ids, or the tracks that they are about.
        by: who decides.
        into: the new animal's code; None for a provisional one.

    Raises:
        NotFoundError: no such animal or sighting.
        RegistryError: they are all of its sightings, or another animal's, or the code is taken.
    """
    with _desk(store) as desk:
        animal = desk.registry.find(code)
        ids = tuple(dict.fromkeys(sighting_named(desk.connection, one) for one in sightings))
        if into is not None:
            check_unlike(desk.registry, into)
        name = next_provisional_code(desk.log) if into is None else into
        return desk.decide(Split(animal.individual_id, ids, name, into is None), by)


def rename(store: Store, code: str, to: str, by: By) -> Decided:
    """Give an animal another code; a provisional one is thereby confirmed, and the old code still finds it.

    Raises:
        NotFoundError: no such animal.
        RegistryError: the code is taken or no code.
    """
    with _desk(store) as desk:
        key = desk.registry.find(code).individual_id
        check_unlike(desk.registry, to, but=key)
        return desk.decide(Rename(key, to), by)


def set_traits(store: Store, code: str, traits: Traits, by: By, *, mother: str | None = None) -> Decided:
    """Keep what a person says about an animal.

    Raises:
        NotFoundError: no such animal or mother.
        RegistryError: it contradicts what is known.
    """
    with _desk(store) as desk:
        animal = desk.registry.find(code)
        check_traits(traits, by.at)
        check_sex_kept(animal, traits)
        return desk.decide(SetTraits(animal.individual_id, _with_mother(desk.registry, traits, mother)), by)


def tag(store: Store, track_id: str, tags: Sequence[str], by: By, *, forget: Sequence[str] = ()) -> Decided:
    """Keep what a person saw on the animal of a track, whoever it is; it stays with the sighting.

    Raises:
        NotFoundError: no such track.
        RegistryError: something is to be forgotten that is not there.
    """
    with _desk(store) as desk:
        check_words(*tags)
        tied = sighting_of(desk.connection, track_id)
        seen = seen_on(desk.connection, track_id, None) if tied is None else desk.registry.sightings[tied].seen
        return desk.decide(Tag(seen, tuple(tags), tuple(forget)), by)


def undo(store: Store, by: By, number: int | None = None) -> Decided:
    """Take a decision back, the last one that still holds by default: the registry is exactly as if it had not been.

    Raises:
        RegistryError: it is not in force, or a later decision rests on it.
    """
    with _desk(store) as desk:
        return desk.decide(Undo(last_to_undo(desk.log) if number is None else number), by)


def read_log(store: Store) -> list[Decided]:
    """Every decision ever, undone ones too, in order."""
    with store.reading() as connection:
        return read_decisions(connection)


def read_registry(store: Store) -> Registry:
    """The registry as it stands, each animal of the species that its tracks are called, unless a person named it."""
    with store.reading() as connection:
        return registry_in(connection)


def registry_in(connection: Connection) -> Registry:
    """As `read_registry`, inside a transaction of the caller's."""
    registry, called = replay(read_decisions(connection)), species_by_tracks(connection)
    registry.individuals = {key: name_by_tracks(one, called.get(key, ())) for key, one in registry.individuals.items()}
    return registry


@contextmanager
def _desk(store: Store) -> Iterator[_Desk]:
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            connection.execute(text("LOCK TABLE individual_decision IN EXCLUSIVE MODE"))
        log = read_decisions(connection)
        yield _Desk(connection, log, replay(log))


def _animal_on(connection: Connection, track_id: str, advice: str) -> str | None:
    """The species of a track, None if unknown; refused with advice for one that is an animal all the same."""
    species = species_of(connection, track_id)
    if species in NO_ANIMALS:
        shown = "nothing alive" if species == BLANK else f"a {species}, not an animal"
        raise RegistryError(f"track {track_id} shows {shown}; if it is one, {advice}")
    return species


def _check_shows_animal(connection: Connection, track_id: str) -> None:
    _animal_on(connection, track_id, f"say so first: `ethotrap label {track_id} --species` with its species")


def _with_mother(registry: Registry, traits: Traits, mother: str | None) -> Traits:
    return traits if mother is None else replace(traits, mother_id=registry.find(mother).individual_id)
