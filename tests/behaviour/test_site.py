from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.behaviour.classifier import Scene
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.evidence import evidence
from pipeline.behaviour.features import measure
from pipeline.behaviour.site import AT_TREE, tree_distance, with_site
from pipeline.tracking.looks import CELLS
from pipeline.values import Array, Looks, MarkedTree
from tests.behaviour.tracks import PICTURE, samples_of

CODES = ("travel", "spray", "rest", UNKNOWN)
T = np.arange(0, 4, 1 / 6)
SURE = np.tile([0.6, 0.2, 0.1, 0.1], (len(T), 1))
SOMEWHERE = MarkedTree()
WIDTH, LENGTH = PICTURE[0], 192  # pixels; an animal is a tenth of the picture long

beliefs = hnp.arrays(float, (len(T), len(CODES)), elements=st.floats(0.01, 1)).map(
    lambda weights: weights / weights.sum(axis=1, keepdims=True)
)


def scene(tree: MarkedTree | None, x: float | Array = 0.3, looks: Looks | None = None) -> Scene:
    """One animal that reaches from x to x + 0.1 of the picture's width."""
    middle = (np.broadcast_to(x, T.shape) + 0.05) * WIDTH
    samples = samples_of(T, np.column_stack([middle, np.full(len(T), 600.0)]), (LENGTH, 120), looks=looks)
    aspect = PICTURE[0] / PICTURE[1]
    return Scene((samples,), (measure(samples, aspect),), aspect, tree)


def odds_of_spraying(known: Array) -> Array:
    """How many times as likely, against travelling, as before anything was known of the place."""
    return np.asarray(known[:, 1] / known[:, 0] / (SURE[:, 1] / SURE[:, 0]))


class TestOdds:
    def test_at_a_marked_tree_marking_is_likelier(self) -> None:
        known = with_site(SURE, CODES, scene(SOMEWHERE), 0, 3.0)
        np.testing.assert_allclose(odds_of_spraying(known), 3)
        np.testing.assert_allclose(known.sum(axis=1), 1)

    def test_elsewhere_nothing_changes(self) -> None:
        np.testing.assert_array_equal(with_site(SURE, CODES, scene(None), 0, 3.0), SURE)

    def test_where_the_tree_stands_is_known_they_rise_only_beside_it(self) -> None:
        walks_up = scene(MarkedTree((0.7, 0.75)), x=np.linspace(0.2, 0.6, len(T)))
        known = with_site(SURE, CODES, walks_up, 0, 3.0)
        is_near = tree_distance(walks_up, 0) <= AT_TREE
        assert 0 < is_near.sum() < len(T)
        np.testing.assert_allclose(odds_of_spraying(known), np.where(is_near, 3, 1))

    @given(beliefs, st.sampled_from([None, SOMEWHERE, MarkedTree((0.5, 0.6)), MarkedTree((0.35, 0.4))]))
    def test_odds_of_one_change_nothing(self, beliefs: np.ndarray, tree: MarkedTree | None) -> None:
        np.testing.assert_allclose(with_site(beliefs, CODES, scene(tree), 0, 1.0), beliefs)


class TestDistance:
    @pytest.mark.parametrize(
        ("trunk", "lengths"), [((0.5, 0.6), 1), ((0.1, 0.15), 1.5), ((0.35, 0.36), 0), ((0.2, 0.6), 0)]
    )
    def test_it_is_from_edge_to_edge_in_body_lengths(self, trunk: tuple[float, float], lengths: float) -> None:
        np.testing.assert_allclose(tree_distance(scene(MarkedTree(trunk)), 0), lengths, atol=1e-9)

    @given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.01, 0.1))
    def test_a_scene_in_a_mirror_has_the_same(self, x: float, left: float, wide: float) -> None:
        here = tree_distance(scene(MarkedTree((left, left + wide)), x), 0)
        mirrored = tree_distance(scene(MarkedTree((1 - left - wide, 1 - left)), 0.9 - x), 0)
        np.testing.assert_allclose(here, mirrored, atol=1e-9)

    @pytest.mark.parametrize("tree", [None, SOMEWHERE])
    def test_of_a_tree_that_stands_nobody_knows_where_there_is_none(self, tree: MarkedTree | None) -> None:
        assert np.isnan(tree_distance(scene(tree), 0)).all()

    def test_it_is_measured_in_the_scene_if_the_camera_turns(self) -> None:
        before = scene(MarkedTree((0.5, 0.6)))
        (samples,) = before.samples
        turned = replace(
            samples, boxes=samples.boxes + np.array([0.1, 0, 0, 0]), drift=np.tile([0.1, 0.0], (len(T), 1))
        )
        np.testing.assert_allclose(tree_distance(replace(before, samples=(turned,)), 0), 1, atol=1e-9)


class TestEvidence:
    def said(self, trunk: tuple[float, float], raised: int | None = None) -> str:
        """`raised` is the column of the window in which something stands up."""
        silhouette = np.zeros((len(T), CELLS, CELLS))
        silhouette[:, CELLS // 2 :] = 0.8
        if raised is not None:
            silhouette[:, 1, raised] = 0.5
        cells = np.zeros((len(T), CELLS, CELLS))
        looks = Looks(silhouette, cells, np.stack([cells, cells], axis=3), np.zeros((len(T), 0), dtype=np.float16))
        return evidence(scene(MarkedTree(trunk), looks=looks), 0, {}, slice(0, len(T)), 0)

    def test_it_says_how_far_the_tree_was(self) -> None:
        assert "1.0 body lengths from the marked tree" in self.said((0.5, 0.6))
        assert "; at the marked tree" in self.said((0.38, 0.45))
        assert "tree" not in self.said((0.7, 0.8))

    def test_it_says_which_end_stood_upright_and_for_how_long(self) -> None:
        assert "the end towards it, tail or head, upright for 4.0 s" in self.said((0.5, 0.6), raised=5)
        assert "the end away from it, tail or head, upright for 4.0 s" in self.said((0.5, 0.6), raised=0)
        assert "the end towards it, tail or head, upright for 4.0 s" in self.said((0.1, 0.2), raised=0)

    def test_a_back_that_is_high_in_the_middle_is_no_upright_end(self) -> None:
        assert "upright" not in self.said((0.5, 0.6), raised=2)
        assert "upright" not in self.said((0.5, 0.6))
