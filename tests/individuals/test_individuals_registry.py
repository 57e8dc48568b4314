"""What each decision does, and what contradicts what is known."""

from datetime import date

import pytest

from pipeline.errors import NotFoundError, RegistryError
from pipeline.individuals.animals import Flank, Known, LifeStage, Sex
from pipeline.individuals.decisions import Link, Merge, Reject, Rename, SetTraits, Split, Traits
from tests.individuals.decided import LEFT, RIGHT, confirm, new, registry_of, seen

FEMALE, CUB = Traits(sex=Sex.FEMALE), {"stage": LifeStage.CUB, "stage_from": date(2025, 6, 1)}


def whose(registry):
    return {key: one.individual_id for key, one in registry.sightings.items()}


def test_two_records_of_one_animal_become_one_that_both_codes_find():
    registry = registry_of(
        new("Leo 45F", 1, LEFT, names=("Meamur",), tags=("mange",)),
        new(
            "unknown-1",
            2,
            RIGHT,
            marks=("torn ear",),
            tags=("mange", "wound"),
            stage=LifeStage.ADULT,
            stage_from=date(2025, 1, 1),
        ),
        new("Leo 61", mother_id=2),
        Merge(1, 2),
    )
    animal = registry.find("UNKNOWN-1")
    assert (animal.code, animal.sex, animal.names, animal.marks) == ("Leo 45F", Sex.FEMALE, ("Meamur",), ("torn ear",))
    assert (animal.tags, animal.former_codes) == (("mange", "wound"), ("unknown-1",))
    assert animal.stages == ((date(2025, 1, 1), LifeStage.ADULT),)
    assert whose(registry) == {"sighting-1": 1, "sighting-2": 1}
    assert registry.find("Leo 61").mother_id == 1
    assert registry.known(1) is Known.BOTH
    assert registry.present(2) is animal


def test_a_split_gives_some_sightings_to_a_new_animal_and_leaves_the_rest():
    registry = registry_of(
        new("Leo 45F", 1, species="leopard"), confirm(1, 2), confirm(1, 3), Split(1, ("sighting-2",), "unknown-1", True)
    )
    assert whose(registry) == {"sighting-1": 1, "sighting-2": 4, "sighting-3": 1}
    other = registry.find("unknown-1")
    assert (other.provisional, other.species, other.sex) == (True, "leopard", None)


def test_two_one_flank_animals_are_two_until_somebody_links_them():
    apart = (new("Leo 45F", 1, LEFT), new("unknown-1", 2, RIGHT))
    registry = registry_of(*apart)
    assert [registry.known(one) for one in registry.individuals] == [Known.LEFT_ONLY, Known.RIGHT_ONLY]
    registry = registry_of(*apart, Link(1, 2))
    assert [registry.known(one) for one in registry.individuals] == [Known.BOTH]


def test_a_rejection_bars_a_candidate_and_ends_a_confirmation():
    registry = registry_of(new("Leo 45F", 1), Reject(1, seen(1)), Reject(1, seen(2)))
    assert whose(registry) == {"sighting-1": None, "sighting-2": None}
    assert registry.rejections == {("sighting-1", 1), ("sighting-2", 1)}
    again = registry_of(new("Leo 45F", 1), Reject(1, seen(1)), confirm(1, 1))
    assert (whose(again), again.rejections) == ({"sighting-1": 1}, set())


def test_what_is_said_of_a_merged_record_holds_for_the_one_that_has_it():
    registry = registry_of(new("Leo 45F", 1), new("unknown-1", 2), Reject(2, seen(3)), Reject(2, seen(1)), Merge(1, 2))
    assert registry.rejections == {("sighting-3", 1)}


def test_renaming_a_provisional_animal_confirms_it_and_takes_the_sex_from_the_code():
    registry = registry_of(new("unknown-1", 1), Rename(1, "Leo 45F"), Rename(1, "Leo 45M"))
    animal = registry.find("unknown-1")
    assert (animal.code, animal.provisional, animal.sex) == ("Leo 45M", False, Sex.MALE)
    assert animal.former_codes == ("unknown-1", "Leo 45F")


def test_what_was_said_can_be_taken_back():
    said = Traits(sex=Sex.MALE, born=date(2024, 1, 1), names=("Valera",), tags=("mange", "wound"), **CUB)
    registry = registry_of(
        new("SL_15"), SetTraits(1, said), SetTraits(1, Traits(forget=("mange", "sex", "stages", "Valera")))
    )
    animal = registry.find("SL_15")
    assert (animal.sex, animal.stages, animal.names, animal.tags) == (None, (), (), ("wound",))
    assert animal.born == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("decisions", "why"),
    [
        ([new("Leo 45F"), new("leo 45f")], "is or was the code of Leo 45F"),
        ([new("Leo 45F"), Rename(1, "Leo 46F"), new("Leo 45F")], "is or was the code of Leo 46F"),
        ([new("Leo 45F"), Rename(1, "Leo 45F")], "has that code already"),
        ([new("Leo 45F"), Rename(1, "unknown-3")], "is kept for animals without"),
        ([new("Leo 45F", sex=Sex.MALE)], "the code 'Leo 45F' says female; to make it male, rename it"),
        ([new("Leo 45F"), Merge(1, 1)], "cannot be merged with itself"),
        ([new("unknown-1"), new("Leo 45F"), Merge(1, 2)], "keep Leo 45F instead"),
        ([new("Leo 45F"), new("Leo 7M"), Merge(1, 2)], "correct the sex of one of them first"),
        ([new("L1", species="leopard"), new("T1", species="tiger"), Merge(1, 2)], "correct the species"),
        ([new("Leo 45F"), new("Leo 61", mother_id=1), Merge(1, 2)], "one is the other's mother"),
        ([new("Leo 7M"), new("Leo 61", mother_id=1)], "Leo 7M is male and cannot be the mother of Leo 61"),
        ([new("Leo 7"), new("Leo 61", mother_id=1), Rename(1, "Leo 7M")], "cannot be the mother of Leo 61"),
        ([new("A"), new("B", mother_id=1), SetTraits(1, Traits(mother_id=2))], "among its own foremothers"),
        ([new("A"), new("B", mother_id=1), new("C", mother_id=2), Merge(1, 3)], "among its own foremothers"),
        ([new("A", 1, LEFT), new("B", 2, LEFT), Link(1, 2)], "known by left flank only and left flank only"),
        ([new("A", 1, LEFT), new("B", 2), Link(1, 2)], "known by left flank only and no flank"),
        ([new("A", 1, LEFT), new("B", 2, (Flank.LEFT, Flank.RIGHT)), Link(1, 2)], "both flanks"),
        ([new("A", 1), Split(1, ("sighting-1",), "B", False)], "takes some of the 1 sightings of A, not all"),
        ([new("A", 1), new("B", 2), Split(1, ("sighting-2",), "C", False)], "none of another animal's"),
        ([new("A", stage=LifeStage.CUB)], "the day from which on"),
        ([new("A", born=date(2025, 1, 1), died=date(2024, 1, 1))], "before it was born"),
        ([new("A"), SetTraits(1, Traits(forget=("mange",)))], "no name, mark or tag 'mange' to forget"),
        ([new("A"), new("B"), Merge(1, 2), confirm(2, 1)], "not in the registry any more"),
    ],
)
def test_what_contradicts_what_is_known_is_refused_with_what_to_do(decisions, why):
    registry_of(*decisions[:-1])
    with pytest.raises(RegistryError, match=why):
        registry_of(*decisions)


def test_nobody_bears_an_unknown_code():
    with pytest.raises(NotFoundError, match="no individual 'Bars'"):
        registry_of(new("Leo 45F")).find("Bars")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("leo45f", "Leo 45F"),
        ("Leo-45F", "Leo 45F"),
        ("Leo 15\u041c", "Leo 15M"),  # a Cyrillic letter that looks like M
        ("Leo 015M", "Leo 15M"),
        ("sl 15", "SL_15"),
        ("meamur", "Leo 15M"),
        ("Тайга", "Leo 45F"),
    ],
)
def test_an_animal_is_found_by_its_name_and_by_what_looks_like_its_code(written, found):
    park = registry_of(new("Leo 45F", names=("Тайга",)), new("Leo 15M", names=("Meamur",)), new("SL_15"))
    assert park.find(written).code == found


def test_who_is_misspelt_or_shares_a_name_is_asked_for():
    park = registry_of(new("Leo 45F", names=("Vesna",)), new("Leo 46F", names=("Vesna",)), new("L38"))
    for written, hint in (
        ("Leo 45E", r"Did you mean Leo 45F \(Vesna\)"),
        ("Vesna", r"Did you mean Leo 45F \(Vesna\) or Leo 46F \(Vesna\)\?"),
    ):
        with pytest.raises(NotFoundError, match=hint):
            park.find(written)
