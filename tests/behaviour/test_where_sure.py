from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.classifier import Scene
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.evidence import evidence
from pipeline.behaviour.features import measure
from pipeline.behaviour.rules import Rules
from pipeline.behaviour.together import Together
from pipeline.behaviour.where_sure import BY_RULES, WhereSure, as_used
from pipeline.values import Array
from tests.behaviour.tracks import PICTURE, samples_of

ASPECT = PICTURE[0] / PICTURE[1]
T = np.arange(0, 12, 1 / 6)
CODES = ("play", *Rules.codes)


@dataclass(frozen=True, eq=False)
class SaysPlay:
    """A network that believes in play, or another, so much at each sample, and in `unknown` for the rest."""

    belief: Array
    codes: tuple[str, ...] = CODES
    shortest_s: Mapping[str, float] = None  # type: ignore[assignment]
    says: str = "play"
    looks_familiar: float = 0.0
    asked: list[int] = field(default_factory=list)

    def familiar(self, scene: Scene, number: int) -> float:
        self.asked.append(number)
        return self.looks_familiar

    def __call__(self, scene: Scene, number: int) -> Array:
        said = np.zeros((len(self.belief), len(self.codes)))
        said[:, self.codes.index(self.says)] = self.belief
        said[:, self.codes.index(UNKNOWN)] = 1 - self.belief
        return said

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        return {"motion": 0.5 * self(scene, number)}


@pytest.fixture(scope="module")
def walking() -> Scene:
    samples = samples_of(T, np.column_stack([300 + 120 * T, np.full(len(T), 600.0)]), (200, 130))
    return Scene((samples,), (measure(samples, ASPECT),), ASPECT)


def named(classify: WhereSure, scene: Scene) -> list[str]:
    return [classify.codes[code] for code in classify(scene, 0).argmax(axis=1)]


def test_a_sure_network_is_believed(walking: Scene) -> None:
    assert set(named(WhereSure(SaysPlay(np.full(len(T), 0.95)), 0.5), walking)) == {"play"}


def test_of_an_animal_that_looks_familiar_the_network_is_always_believed(walking: Scene) -> None:
    network = SaysPlay(np.full(len(T), 0.5), looks_familiar=1.0)
    np.testing.assert_allclose(WhereSure(network, 0.9)(walking, 0), network(walking, 0))


def test_where_it_is_not_sure_of_a_stranger_the_rules_speak(walking: Scene) -> None:
    classify = WhereSure(SaysPlay(np.full(len(T), 0.5)), 0.7)
    assert set(named(classify, walking)) == {"travel"}
    travel = classify(walking, 0)[:, CODES.index("travel")]
    np.testing.assert_allclose(travel, Rules()(walking, 0)[:, Rules.codes.index("travel")], atol=0.03)


def test_an_animal_is_judged_once_for_its_name_and_its_grounds(walking: Scene) -> None:
    network = SaysPlay(np.full(len(T), 0.5))
    classify = WhereSure(network, 0.7)
    classify(walking, 0)
    classify.grounds(walking, 0)
    assert network.asked == [0]


def test_a_network_that_is_sure_not_to_know_is_believed_too(walking: Scene) -> None:
    assert set(named(WhereSure(SaysPlay(np.zeros(len(T))), 0.6), walking)) == {UNKNOWN}


def test_one_takes_over_from_the_other_where_the_network_becomes_sure(walking: Scene) -> None:
    said = named(WhereSure(SaysPlay(np.where(T < 6, 0.5, 0.95)), 0.5), walking)
    changes = [T[i] for i in range(1, len(T)) if said[i] != said[i - 1]]
    assert (said[0], said[-1]) == ("travel", "play")
    assert changes == pytest.approx([6], abs=0.5)


@pytest.mark.parametrize(
    ("says", "belief", "believed"), [("rest", 0.7, True), ("play", 0.7, False), ("play", 0.95, True)]
)
def test_that_a_stranger_plays_takes_more_belief_than_what_all_animals_do(
    walking: Scene, says: str, belief: float, believed: bool
) -> None:
    classify = WhereSure(SaysPlay(np.full(len(T), belief), says=says), 0.5)
    assert (says in named(classify, walking)) == believed


@given(st.lists(st.floats(0, 1), min_size=len(T), max_size=len(T)), st.floats(0, 1))
def test_probabilities_of_a_sample_sum_to_1(walking: Scene, belief: list[float], sure_from: float) -> None:
    found = WhereSure(SaysPlay(np.array(belief)), sure_from)(walking, 0)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found >= 0).all()


def test_a_bout_says_whether_the_rules_named_it(walking: Scene) -> None:
    for belief, code, told in ((0.5, "travel", True), (0.95, "play", False)):
        grounds = WhereSure(SaysPlay(np.full(len(T), belief)), 0.5).grounds(walking, 0)
        said = evidence(walking, 0, grounds, slice(0, len(T)), CODES.index(code))
        assert ("the rules" in said) == told
        assert ("how it moved spoke most" in said) != told
        assert grounds[BY_RULES].shape == (len(T), len(CODES))


def test_a_park_may_want_the_network_alone() -> None:
    network = SaysPlay(np.full(len(T), 0.4))
    assert as_used(network, 0.0) == Together(network)
    assert as_used(network, 0.6) == Together(WhereSure(network, 0.6))


def test_a_network_that_does_not_know_what_the_rules_know_is_used_alone() -> None:
    network = SaysPlay(np.full(len(T), 0.4), ("play", UNKNOWN))
    assert as_used(network, 0.6) == Together(network)
