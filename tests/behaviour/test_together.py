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
from pipeline.behaviour.together import BY_THE_OTHERS, CHASE_ODDS, Together
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
    return {CODES[code] for code in classify(scene, number).argmax(axis=1)}


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


def test_a_bout_says_that_the_animal_beside_it_spoke_for_it() -> None:
    grounds = Together(Says((SURE_OF_THE_CHASE, RATHER_PLAY))).grounds(TWO, 1)
    said = evidence(TWO, 1, grounds, slice(0, len(T)), CODES.index("chase"))
    assert "what the animals near it seemed to do spoke most for it" in said
    assert grounds[BY_THE_OTHERS].shape == (len(T), len(CODES))
