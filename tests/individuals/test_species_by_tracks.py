"""An animal's species: what a person says of it, else what the tracks are called that show it."""

import pytest
from sqlalchemy import select, update

from pipeline.errors import RegistryError
from pipeline.individuals.animals import Individual
from pipeline.individuals.decisions import Merge, SetTraits, Split, Traits
from pipeline.individuals.proposing import Match
from pipeline.individuals.traits import Called, name_by_tracks
from pipeline.store import identities
from pipeline.store.identities import By, read_registry
from pipeline.store.labels import Word, label_found, withdraw_label
from pipeline.store.open import open_store
from pipeline.store.schema import individual_decision
from pipeline.store.views import keep_candidates
from pipeline.values import Kind
from tests.individuals.decided import confirm, new, registry_of
from tests.store.archive_samples import animal, doing, footage, found, stored

ANNA = By("anna")
LEOPARD, TIGER = Called("leopard", by_person=False), Called("tiger", by_person=False)
SAID_TIGER = Called("tiger", by_person=True)


class Archive:
    """Films animals, one a video, each called what the test wants."""

    def __init__(self, folder):
        self.store = open_store(folder)
        self.videos = {}

    def film(self, called, kind=Kind.ANIMAL):
        """A new track."""
        video = found(footage(f"/card/{len(self.videos)}.MP4"), [animal(1, species=called, kind=kind)], [doing("rest")])
        stored(self.store, video)
        track = f"{video.footage.media_id}.1"
        self.videos[track] = video
        return track

    def label(self, track, species):
        return label_found(self.store, f"{track}.1", Word("anna", species=species)).label_id

    def species(self, code):
        return read_registry(self.store).find(code).species


@pytest.fixture
def park(tmp_path):
    return Archive(tmp_path)


def test_an_animal_entered_while_its_track_was_unknown_is_of_the_species_that_a_person_names(park):
    track = park.film("unknown")
    identities.new(park.store, ANNA, code="Leo 9M", track_id=track)
    assert park.species("Leo 9M") is None
    said = park.label(track, "leopard")
    assert park.species("Leo 9M") == "leopard"
    withdraw_label(park.store, said, who="anna")
    assert park.species("Leo 9M") is None


def test_a_label_on_its_track_changes_the_species_that_it_was_entered_with(park):
    track = park.film("leopard")
    identities.new(park.store, ANNA, code="Leo 9M", track_id=track)
    park.label(track, "tiger")
    assert park.species("Leo 9M") == "tiger"


def test_most_of_its_tracks_decide_unknown_ones_and_people_left_out_and_undoing_takes_a_vote_back(park):
    identities.new(park.store, ANNA, code="Leo 9M", track_id=park.film("leopard"))
    identities.confirm(park.store, park.film("tiger"), "Leo 9M", ANNA)
    for said in (None, None, "person"):
        track = park.film("unknown")
        identities.confirm(park.store, track, "Leo 9M", ANNA)
        if said is not None:
            park.label(track, said)
    assert park.species("Leo 9M") == "leopard"
    identities.confirm(park.store, park.film("tiger"), "Leo 9M", ANNA)
    assert park.species("Leo 9M") == "tiger"
    identities.undo(park.store, ANNA)
    assert park.species("Leo 9M") == "leopard"


def test_what_a_person_said_of_the_animal_stays_until_it_is_forgotten(park):
    track = park.film("leopard")
    identities.new(park.store, ANNA, code="Leo 9M", track_id=track, traits=Traits(species="leopard"))
    park.label(track, "tiger")
    assert park.species("Leo 9M") == "leopard"
    identities.set_traits(park.store, "Leo 9M", Traits(forget=("species",)), ANNA)
    assert park.species("Leo 9M") == "tiger"
    identities.set_traits(park.store, "Leo 9M", Traits(species="lynx"), ANNA)
    assert park.species("Leo 9M") == "lynx"


def test_an_animal_that_a_new_analysis_misses_keeps_the_species_of_its_first_track(park):
    track = park.film("leopard")
    identities.new(park.store, ANNA, code="Leo 9M", track_id=track)
    stored(park.store, found(park.videos[track].footage))
    assert park.species("Leo 9M") == "leopard"


def as_before_it_was_kept_who_named_the_species(store):
    """Make every decision look as older versions wrote it."""
    with store.writing() as connection:
        for row in connection.execute(select(individual_decision)).all():
            details = {name: value for name, value in row.details.items() if name != "species_said"}
            same = individual_decision.c.number == row.number
            connection.execute(update(individual_decision).where(same).values(details=details))


def test_older_entries_follow_peoples_labels_but_no_machine_overrules_what_a_person_may_have_said(park):
    named, plain, unknown = (park.film(called) for called in ("tiger", "leopard", "unknown"))
    identities.new(park.store, ANNA, code="Leo 1", track_id=named, traits=Traits(species="leopard"))
    identities.new(park.store, ANNA, code="Leo 2", track_id=plain)
    identities.new(park.store, ANNA, code="Leo 3", track_id=unknown)
    identities.new(park.store, ANNA, code="Leo 4", traits=Traits(species="leopard"))
    identities.confirm(park.store, park.film("leopard"), "Leo 3", ANNA)
    as_before_it_was_kept_who_named_the_species(park.store)
    park.label(plain, "tiger")
    labelled = park.film("leopard")
    park.label(labelled, "tiger")
    identities.confirm(park.store, labelled, "Leo 4", ANNA)  # an older list's animal: only a person can have said it
    assert [park.species(f"Leo {number}") for number in (1, 2, 3, 4)] == ["leopard", "tiger", "leopard", "leopard"]


def test_no_animal_is_entered_from_a_person_unless_somebody_says_what_animal_it_is(park):
    walker, car = park.film("person", Kind.PERSON), park.film("vehicle", Kind.VEHICLE)
    for track, what in ((walker, "a person"), (car, "a vehicle")):
        with pytest.raises(RegistryError, match=rf"shows {what}, not an animal; .* --species"):
            identities.new(park.store, ANNA, track_id=track)
    assert read_registry(park.store).individuals == {}
    identities.new(park.store, ANNA, code="Leo 9M", track_id=walker, traits=Traits(species="leopard"))
    assert park.species("Leo 9M") == "leopard"
    with pytest.raises(RegistryError, match=r"shows a vehicle, not an animal; .*ethotrap label"):
        identities.confirm(park.store, car, "Leo 9M", ANNA)
    park.label(car, "leopard")
    identities.confirm(park.store, car, "Leo 9M", ANNA)


def test_what_people_call_blank_is_no_animal_and_gives_none_its_species(park):
    stump, cat = park.film("leopard"), park.film("leopard")
    park.label(stump, "blank")
    with pytest.raises(RegistryError, match="shows nothing alive"):
        identities.new(park.store, ANNA, track_id=stump)
    identities.new(park.store, ANNA, code="Leo 9M", track_id=cat)
    with pytest.raises(RegistryError, match=r"shows nothing alive; .*ethotrap label"):
        identities.confirm(park.store, stump, "Leo 9M", ANNA)
    park.label(cat, "blank")
    assert park.species("Leo 9M") == "leopard"


def test_two_records_are_merged_by_what_they_are_called_now_and_stay_so(park):
    first, second = park.film("leopard"), park.film("tiger")
    identities.new(park.store, ANNA, code="A", track_id=first)
    identities.new(park.store, ANNA, code="B", track_id=second)
    with pytest.raises(RegistryError, match="A is leopard and B is tiger; correct the species of one of them first"):
        identities.merge(park.store, "A", "B", ANNA)
    said = park.label(second, "leopard")
    identities.merge(park.store, "A", "B", ANNA)
    withdraw_label(park.store, said, who="anna")
    assert list(read_registry(park.store).individuals) == [1]


def test_an_animal_that_is_called_otherwise_now_is_a_candidate_for_its_own_kind(park):
    known, other = park.film("leopard"), park.film("tiger")
    identities.new(park.store, ANNA, code="Leo 9M", track_id=known)
    match = Match(1, 5.0)
    assert keep_candidates(park.store, {other: [match]}) == {other: []}
    park.label(known, "tiger")
    assert keep_candidates(park.store, {other: [match]}) == {other: [match]}


@pytest.mark.parametrize(
    ("called", "species"),
    [
        ((), "leopard"),
        ((TIGER,), "tiger"),
        ((Called("deer", by_person=False), LEOPARD), "leopard"),
        ((LEOPARD, SAID_TIGER), "tiger"),
        ((LEOPARD, LEOPARD, SAID_TIGER), "leopard"),
        ((Called("lynx", by_person=False), TIGER), "lynx"),
    ],
    ids=["none", "one", "as-entered", "a-person's", "most", "by-the-alphabet"],
)
def test_where_tracks_disagree_most_decide_then_people_then_what_it_was_entered_as(called, species):
    entered = Individual(1, "Leo 9M", False, species="leopard", species_said=False)
    assert name_by_tracks(entered, called).species == species
    assert name_by_tracks(entered, called[::-1]).species == species


def test_an_animal_once_entered_as_a_person_has_no_species_until_a_track_gives_one():
    entered = Individual(1, "Leo 9M", False, species="person")
    assert name_by_tracks(entered, ()).species is None
    assert name_by_tracks(entered, (LEOPARD,)).species == "leopard"


def test_a_record_made_of_two_is_of_the_species_that_a_person_said():
    said = SetTraits(2, Traits(species="tiger"))
    merged = registry_of(new("A", 1, species="leopard"), new("B", 2), said, Merge(1, 2)).individuals[1]
    assert (merged.species, merged.species_said) == ("tiger", True)


def test_what_a_person_said_goes_with_both_parts_of_a_split():
    said = SetTraits(1, Traits(species="tiger"))
    registry = registry_of(new("A", 1), confirm(1, 2), said, Split(1, ("sighting-2",), "B", False))
    assert [one.species_said for one in registry.individuals.values()] == [True, True]
