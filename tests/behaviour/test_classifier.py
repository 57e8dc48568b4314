import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.behaviour.classifier import hold_back, with_site
from pipeline.behaviour.ethogram import UNKNOWN
from tests.behaviour.tracks import features_of

CODES = ("travel", "spray", "rest", UNKNOWN)
T = np.arange(0, 4, 1 / 6)
SURE = np.tile([0.6, 0.2, 0.1, 0.1], (len(T), 1))

beliefs = hnp.arrays(float, (len(T), len(CODES)), elements=st.floats(0.01, 1)).map(
    lambda weights: weights / weights.sum(axis=1, keepdims=True)
)


class TestHoldingBack:
    def test_what_is_well_seen_is_believed(self) -> None:
        np.testing.assert_allclose(hold_back(SURE, CODES, features_of(T)), SURE)

    @pytest.mark.parametrize("hindrance", [{"visible": False}, {"edge": True}])
    def test_what_is_hardly_seen_is_more_unknown(self, hindrance: dict[str, bool]) -> None:
        held = hold_back(SURE, CODES, features_of(T, **hindrance))
        assert (held[:, 3] > SURE[:, 3]).all()
        assert (held[:, :3] < SURE[:, :3]).all()

    def test_a_moment_says_nothing(self) -> None:
        brief = T[:4]
        assert (hold_back(SURE[:4], CODES, features_of(brief)).argmax(axis=1) == 3).all()

    @given(beliefs, hnp.arrays(bool, len(T)), hnp.arrays(bool, len(T)))
    def test_beliefs_still_sum_to_1(self, beliefs: np.ndarray, visible: np.ndarray, edge: np.ndarray) -> None:
        held = hold_back(beliefs, CODES, features_of(T, visible=visible, edge=edge))
        np.testing.assert_allclose(held.sum(axis=1), 1)
        assert (held >= 0).all()


class TestSite:
    @pytest.mark.parametrize("tags", [("markingTree:true",), ("feeder:no", "markingTree"), ("markingTree: yes",)])
    def test_at_a_marking_tree_marking_is_likelier(self, tags: tuple[str, ...]) -> None:
        known = with_site(SURE, CODES, tags, 3.0)
        odds = known[:, 1] / known[:, 0]
        np.testing.assert_allclose(odds, 3 * SURE[:, 1] / SURE[:, 0])
        np.testing.assert_allclose(known.sum(axis=1), 1)

    @pytest.mark.parametrize("tags", [(), ("waterHole:true",), ("markingTree:false",)])
    def test_elsewhere_nothing_changes(self, tags: tuple[str, ...]) -> None:
        np.testing.assert_array_equal(with_site(SURE, CODES, tags, 3.0), SURE)

    @given(beliefs)
    def test_odds_of_one_change_nothing(self, beliefs: np.ndarray) -> None:
        np.testing.assert_allclose(with_site(beliefs, CODES, ("markingTree:true",), 1.0), beliefs)
