"""Undoing any sequence of decisions restores the registry exactly."""

from copy import deepcopy
from datetime import date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pipeline.errors import RegistryError
from pipeline.individuals.animals import Flank, LifeStage, Sex
from pipeline.individuals.decisions import Link, Merge, Reject, Rename, SetTraits, Split, Tag, Traits, Undo, in_force
from pipeline.individuals.registry import Registry, add, last_to_undo, next_provisional_code, replay
from tests.individuals.decided import LEFT, RIGHT, confirm, decided, new, registry_of, seen

places = st.integers(1, 8)
flanks = st.sampled_from([(), LEFT, RIGHT, (Flank.LEFT, Flank.RIGHT)])
traits = st.builds(
    Traits,
    sex=st.sampled_from([None, *Sex]),
    names=st.sampled_from([(), ("Meamur",), ("Valera",)]),
    tags=st.sampled_from([(), ("mange",), ("kinked tail", "wound")]),
    born=st.sampled_from([None, date(2024, 7, 1)]),
    stage=st.just(LifeStage.ADULT),
    stage_from=st.dates(date(2024, 1, 1), date(2025, 1, 1)),
)


class Deciding(RuleBasedStateMachine):
    """People decide as they like; what is refused must change nothing, and what is undone must be gone."""

    @initialize()
    def begin(self):
        self.log = []
        self.registry = Registry()
        self.owner = {}  # told apart by hand: whose each sighting is
        self.tags = {}  # and what was seen on the animal there
        self.before = []  # what there was before each decision in force: registry, owners, tags

    def decide(self, decision):
        snapshot = deepcopy((self.registry, self.owner, self.tags))
        try:
            self.registry = add(self.log, decided(self.log, decision))
        except RegistryError:
            assert replay(self.log) == snapshot[0]
            return None
        self.log.append(decided(self.log, decision))
        self.before.append(snapshot)
        return self.log[-1].number

    def animals(self):
        return st.sampled_from(sorted(self.registry.individuals))

    @rule(place=places, flank=flanks, provisional=st.booleans(), said=traits)
    def enter(self, place, flank, provisional, said):
        code = next_provisional_code(self.log) if provisional else f"Leo {len(self.log)}"
        number = self.decide(new(code, place, flank))
        self.owner[f"sighting-{place}"] = number
        self.decide(SetTraits(number, said))

    @precondition(lambda self: self.registry.individuals)
    @rule(place=places, flank=flanks, data=st.data())
    def recognise(self, place, flank, data):
        animal = data.draw(self.animals())
        self.decide(confirm(animal, place, flank))
        self.owner[f"sighting-{place}"] = animal

    @precondition(lambda self: self.registry.individuals)
    @rule(place=places, data=st.data())
    def refuse(self, place, data):
        animal = data.draw(self.animals())
        self.decide(Reject(animal, seen(place)))
        if self.owner.get(f"sighting-{place}") in (None, animal):
            self.owner[f"sighting-{place}"] = None

    @precondition(lambda self: len(self.registry.individuals) > 1)
    @rule(kind=st.sampled_from([Merge, Link]), data=st.data())
    def join(self, kind, data):
        kept, absorbed = data.draw(self.animals()), data.draw(self.animals())
        if self.decide(kind(kept, absorbed)):
            self.owner = {place: kept if one == absorbed else one for place, one in self.owner.items()}

    @precondition(lambda self: self.registry.individuals)
    @rule(data=st.data())
    def part(self, data):
        animal = data.draw(self.animals())
        own = [place for place, one in self.owner.items() if one == animal]
        some = data.draw(st.lists(st.sampled_from(own), unique=True)) if own else []
        number = self.decide(Split(animal, tuple(some), next_provisional_code(self.log), True))
        assert (number is not None) == (0 < len(some) < len(own))
        if number:
            self.owner |= dict.fromkeys(some, number)

    @precondition(lambda self: self.registry.individuals)
    @rule(data=st.data(), said=traits, code=st.sampled_from(["Leo 45F", "Leo 7M", "SL_15"]))
    def describe(self, data, said, code):
        self.decide(SetTraits(data.draw(self.animals()), said))
        self.decide(Rename(data.draw(self.animals()), code))

    @rule(place=places, tags=st.sampled_from([("mange",), ("kinked tail", "wound")]), forget=st.booleans())
    def see_a_wound(self, place, tags, forget):
        there = self.tags.get(f"sighting-{place}", [])
        forgotten = tags[:1] if forget else ()
        if self.decide(Tag(seen(place), tags, forgotten)) is None:
            assert set(forgotten) - set(there)
            return
        self.owner.setdefault(f"sighting-{place}", None)
        kept = [one for one in there if one not in forgotten]
        self.tags[f"sighting-{place}"] = list(dict.fromkeys([*kept, *tags]))

    @precondition(lambda self: self.before)
    @rule()
    def undo_the_last(self):
        number = last_to_undo(self.log)
        undoing = decided(self.log, Undo(number))
        self.registry = add(self.log, undoing)
        self.log.append(undoing)
        wanted, self.owner, self.tags = self.before.pop()
        assert self.registry == wanted

    @precondition(lambda self: self.before)
    @rule()
    def undo_and_think_better_of_it(self):
        there = deepcopy(self.registry)
        for number in (last_to_undo(self.log), len(self.log) + 1):
            undoing = decided(self.log, Undo(number))
            self.registry = add(self.log, undoing)
            self.log.append(undoing)
        assert self.registry == there

    @precondition(lambda self: self.before)
    @rule(data=st.data())
    def undo_one_in_the_middle(self, data):
        """The rest must come to what it would have come to alone; or it rests on that one, and nothing changes."""
        number = data.draw(st.sampled_from([one.number for one in in_force(self.log)]))
        rest = [one for one in in_force(self.log) if one.number != number]
        try:
            alone = replay(rest)
        except RegistryError:
            with pytest.raises(RegistryError, match="undo that first"):
                add(self.log, decided(self.log, Undo(number)))
        else:
            assert add(self.log, decided(self.log, Undo(number))) == alone

    @invariant()
    def every_sighting_is_whose_it_should_be(self):
        assert {key: one.individual_id for key, one in self.registry.sightings.items()} == self.owner
        assert {one for one in self.owner.values() if one} <= set(self.registry.individuals)

    @invariant()
    def every_sighting_has_the_tags_that_people_gave_it(self):
        found = {key: list(one.tags) for key, one in self.registry.sightings.items() if one.tags}
        assert found == {key: tags for key, tags in self.tags.items() if tags}

    @invariant()
    def every_code_means_one_animal(self):
        codes = [one.casefold() for a in self.registry.individuals.values() for one in (a.code, *a.former_codes)]
        assert len(codes) == len(set(codes))

    @invariant()
    def nobody_is_whom_it_is_said_not_to_be(self):
        assert not any(self.owner[place] == animal for place, animal in self.registry.rejections)

    def teardown(self):
        if hasattr(self, "log"):
            while self.before:
                self.undo_the_last()
            assert self.registry == Registry()


Deciding.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
test_any_sequence_of_decisions_can_be_undone = Deciding.TestCase


def test_what_a_later_decision_rests_on_is_not_undone_before_it():
    log = []
    for one in (new("Leo 45F", 1), new("Leo 7M", 2), confirm(1, 3)):
        log.append(decided(log, one))
    with pytest.raises(RegistryError, match=r"decision 1 cannot be undone yet: decision 3 .* undo that first"):
        add(log, decided(log, Undo(1)))
    assert list(add(log, decided(log, Undo(2))).individuals) == [1]


@pytest.mark.parametrize(("number", "why"), [(9, "no decision 9"), (1, "undone already")])
def test_only_what_is_in_force_can_be_undone(number, why):
    log = [decided([], new("Leo 45F"))]
    log.append(decided(log, Undo(1)))
    with pytest.raises(RegistryError, match=why):
        add(log, decided(log, Undo(number)))
    with pytest.raises(RegistryError, match="no decision to undo"):
        last_to_undo(log)


def test_a_provisional_number_is_never_given_twice():
    log = [decided([], new("unknown-1", 1))]
    log.append(decided(log, Undo(1)))
    assert next_provisional_code(log) == "unknown-2"
    assert registry_of(new("unknown-7"), Rename(1, "Leo 45F")).find("unknown-7").code == "Leo 45F"
