from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.classifier import Scene
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.evidence import evidence
from pipeline.behaviour.features import measure
from pipeline.behaviour.together import BY_THE_OTHERS, CHASE_ODDS, GROOMS_ODDS, SUREST, Together
from pipeline.values import Array
from tests.behaviour.tracks import PICTURE, samples_of

ASPECT = PICTURE[0] / PICTURE[1]
T = np.arange(0, 2, 1 / 6)
CODES = ("travel", "play", "chase", UNKNOWN)
SIZE = (120, 80)  # pixels: of each of two animals that run from left to right
FAR_AWAY = 1300  # pixels: more than six body lengths


@dataclass(frozen=True, eq=False)
class Says:
    """A classifier with the same belief in each behaviour at every sample: a row for each animal."""

    beliefs: tuple[tuple[float, ...], ...]
    codes: tuple[str, ...] = CODES
    shortest_s: Mapping[str, float] = None  # type: ignore[assignment]

    def __call__(self, scene: Scene, number: int) -> Array:
        return np.tile(np.array(self.beliefs[number]), (len(scene.samples[number].t), 1))

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        return {}


def running(*starts: tuple[float, float]) -> Scene:
    """Animals that run across, each seen from some second on at some distance behind the picture's left edge."""
    samples = []
    for start_s, left in starts:
        t = T[start_s - 1e-6 <= T]
        samples.append(samples_of(t, np.column_stack([left + 200 * t, np.full(len(t), 600.0)]), SIZE))
    return Scene(tuple(samples), tuple(measure(one, ASPECT) for one in samples), ASPECT)


TWO = running((0, 400), (0, 100))
SURE_OF_THE_CHASE, RATHER_PLAY = (0.0, 0.05, 0.9, 0.05), (0.1, 0.5, 0.3, 0.1)
SURE_OF_PLAY = (0.0, 0.95, 0.02, 0.03)


def likeliest(classify: Together, scene: Scene, number: int) -> set[str]:
    return {classify.codes[code] for code in classify(scene, number).argmax(axis=1)}


@pytest.mark.parametrize("number", [0, 1])
def test_of_two_that_run_together_the_surer_one_decides(number: int) -> None:
    assert likeliest(Together(Says((SURE_OF_THE_CHASE, RATHER_PLAY))), TWO, number) == {"chase"}
    assert likeliest(Together(Says((SURE_OF_PLAY, RATHER_PLAY))), TWO, number) == {"play"}


def test_two_that_surely_play_are_left_at_it() -> None:
    found = Together(Says((SURE_OF_PLAY, SURE_OF_PLAY)))(TWO, 0)
    assert found[:, CODES.index("play")].min() > 0.9


def test_in_doubt_it_is_a_chase() -> None:
    undecided = (0.0, 0.52, 0.48, 0.0)
    found = Together(Says((undecided, undecided)))(TWO, 0)
    assert (found.argmax(axis=1) == CODES.index("chase")).all()
    np.testing.assert_allclose(found[:, CODES.index("chase")], 0.48 * CHASE_ODDS / (0.52 + 0.48 * CHASE_ODDS))


def test_an_animal_alone_is_judged_by_itself() -> None:
    says = Says((RATHER_PLAY, SURE_OF_THE_CHASE))
    for alone in (running((0, 400)), running((0, 100), (0, 100 + FAR_AWAY))):
        np.testing.assert_array_equal(Together(says)(alone, 0), says(alone, 0))


def test_another_counts_from_when_it_is_there() -> None:
    scene = running((0, 400), (1.0, 100))
    found = Together(Says((RATHER_PLAY, SURE_OF_THE_CHASE)))(scene, 0)[:, CODES.index("chase")]
    np.testing.assert_allclose(found[T < 0.8], 0.3)
    assert (found[T > 1.0] > 0.4).all()


OF_TWO = ("travel", "family_travel", "mating", "groom_other", "feed", "rest", UNKNOWN)
TOUCHING = running((0, 400), (0, 330))


def of_two(**beliefs: float) -> tuple[float, ...]:
    """A belief in each of `OF_TWO`, what is left in `unknown`."""
    return (*(beliefs.get(code, 0.0) for code in OF_TWO[:-1]), 1 - sum(beliefs.values()))


def told_of(scene: Scene, number: int, *beliefs: tuple[float, ...]) -> set[str]:
    return likeliest(Together(Says(beliefs, OF_TWO)), scene, number)


def test_one_that_walks_with_a_family_belongs_to_it() -> None:
    family, rather_alone = of_two(travel=0.1, family_travel=0.8), of_two(travel=0.5, family_travel=0.4)
    assert told_of(TWO, 1, family, rather_alone) == {"family_travel"}
    assert told_of(TWO, 1, of_two(rest=1.0), rather_alone) == {"travel"}
    assert told_of(TWO, 0, rather_alone, rather_alone) == {"travel"}


def test_two_that_touch_mate_both_or_neither() -> None:
    sure, doubtful = of_two(mating=0.95, rest=0.05), of_two(mating=0.3, rest=0.6)
    assert told_of(TOUCHING, 1, sure, doubtful) == {"mating"}
    rolls_over, has_stepped_back = of_two(mating=0.8, rest=0.2), of_two(mating=0.05, travel=0.95)
    assert told_of(TOUCHING, 0, rolls_over, has_stepped_back) == {"rest"}


def test_what_cannot_be_is_not_believed_because_of_another() -> None:
    sure, cannot = of_two(mating=0.99), of_two(rest=1.0)
    found = Together(Says((cannot, sure), OF_TWO))(TOUCHING, 0)
    np.testing.assert_array_equal(found[:, OF_TWO.index("mating")], 0)


def test_whether_one_mates_says_nothing_of_those_that_it_does_not_touch() -> None:
    doubtful = of_two(mating=0.3, rest=0.6)
    assert told_of(TWO, 1, of_two(mating=0.95, rest=0.05), doubtful) == {"rest"}


def test_a_head_that_is_lowered_on_one_at_rest_grooms_it() -> None:
    lowers_its_head = of_two(groom_other=0.4, feed=0.5)
    assert told_of(TOUCHING, 0, lowers_its_head, of_two(rest=1.0)) == {"groom_other"}
    assert told_of(TOUCHING, 0, lowers_its_head, of_two(feed=1.0)) == {"feed"}, "both eat"
    assert told_of(TWO, 0, lowers_its_head, of_two(rest=1.0)) == {"feed"}, "out of reach"


def test_grooming_counts_so_many_times_against_feeding_on_one_that_surely_rests() -> None:
    found = Together(Says((of_two(groom_other=0.2, feed=0.6), of_two(rest=1.0)), OF_TWO))(TOUCHING, 0)
    expected = 0.8 * 0.2 * GROOMS_ODDS / (0.2 * GROOMS_ODDS + 0.6)
    np.testing.assert_allclose(found[:, OF_TWO.index("groom_other")], expected)


def test_a_classifier_that_knows_no_play_is_asked_alone() -> None:
    says = Says(((0.5, 0.5), (0.5, 0.5)), ("chase", UNKNOWN))
    np.testing.assert_array_equal(Together(says)(TWO, 0), says(TWO, 0))


beliefs = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda row: sum(row) > 0)


@given(beliefs, beliefs)
def test_only_what_is_believed_of_play_and_of_a_chase_is_shared_out_anew(one: list[float], other: list[float]) -> None:
    rows = tuple(tuple(np.array(row) / sum(row)) for row in (one, other))
    says = Says(rows)
    before, after = says(TWO, 0), Together(says)(TWO, 0)
    np.testing.assert_allclose(after.sum(axis=1), 1)
    assert (after >= 0).all()
    np.testing.assert_allclose(after[:, [0, 3]], before[:, [0, 3]])


of_all = st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda row: sum(row) > 0)


@given(of_all, of_all)
def test_beliefs_stay_beliefs_and_two_that_touch_mate_equally_likely(one: list[float], other: list[float]) -> None:
    says = Says(tuple(tuple(np.array(row) / sum(row)) for row in (one, other)), OF_TWO)
    first, second = (Together(says)(TOUCHING, number) for number in (0, 1))
    for found in (first, second):
        np.testing.assert_allclose(found.sum(axis=1), 1)
        assert (found >= 0).all()
    place = OF_TWO.index("mating")
    if all(1e-6 < row[place] < SUREST for row in says.beliefs):
        np.testing.assert_allclose(first[:, place], second[:, place])


def test_a_bout_says_that_the_animal_beside_it_spoke_for_it() -> None:
    grounds = Together(Says((SURE_OF_THE_CHASE, RATHER_PLAY))).grounds(TWO, 1)
    said = evidence(TWO, 1, grounds, slice(0, len(T)), CODES.index("chase"))
    assert "what the animals near it seemed to do spoke most for it" in said
    assert grounds[BY_THE_OTHERS].shape == (len(T), len(CODES))
