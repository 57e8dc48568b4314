"""Along the line of sight: animals seen from the front whose depth in the scene is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.depth import SHOULDER, VIEW, approach, distance, over_ground, stop_before_the_camera
from pipeline.behaviour.features import measure, stays_in_place
from pipeline.values import Array, Samples
from tests.behaviour.tracks import PICTURE, features_of, samples_of

ASPECT = PICTURE[0] / PICTURE[1]
FOCAL = 0.5 / ASPECT / np.tan(VIEW / 2)  # picture's widths


def head_on(t: Array, depths: Array, width: float = 0.3, aside: float = 0.2, camera: float = 0.5) -> Samples:
    """An animal seen from the front, all in its body lengths: how deep in the scene it is, how wide, how far aside.

    `camera` is how high that hangs, at half of the picture's height.
    """
    scale = (FOCAL / depths)[:, None] * np.array([1.0, ASPECT])  # of a body length, in shares of the picture
    feet = np.array([0.5, 0.5]) + scale * np.array([aside, camera])
    size = scale * np.array([width, SHOULDER])
    boxes = np.column_stack([feet - size * np.array([0.5, 1.0]), size])
    return replace(samples_of(t, np.zeros((len(t), 2)), (400, 240)), boxes=boxes)


class TestApproach:
    T = np.arange(0, 6, 1 / 6)

    @given(st.floats(0.3, 1.2), st.floats(2, 25), st.floats(3, 5), st.sampled_from([-1, 1]))
    def test_steady_walking_along_the_line_of_sight_has_its_own_speed(
        self, speed: float, rate_hz: float, nearest: float, sign: int
    ) -> None:
        t = np.arange(0, 4, 1 / rate_hz)
        depths = nearest + speed * t
        found = approach(head_on(t, depths[::-1] if sign > 0 else depths), ASPECT)
        np.testing.assert_allclose(found, sign * speed, rtol=0.3)
        assert np.median(found) == pytest.approx(sign * speed, rel=0.1)

    def test_a_walk_across_the_picture_is_none(self) -> None:
        way = np.column_stack([0.8 * 300 * self.T, np.full(len(self.T), 540.0)])
        features = measure(samples_of(self.T, way, (300, 180)), ASPECT)
        assert (features.approach == 0).all()
        np.testing.assert_allclose(over_ground(features), 0.8, atol=1e-6)

    def test_a_walk_aslant_is_told_by_both_parts(self) -> None:
        depths = 6 - 0.5 * self.T
        features = measure(head_on(self.T, depths, width=0.8, aside=0.0), ASPECT)
        features = replace(features, speed=np.full(len(self.T), 0.5))
        np.testing.assert_allclose(np.median(over_ground(features)), np.hypot(0.5, 0.5), rtol=0.1)

    @pytest.mark.parametrize("shape", ["rears", "lies down", "turns about", "raises its tail", "comes on stilts"])
    def test_what_changes_its_shape_stays_where_it_is(self, shape: str) -> None:
        t, change = self.T, np.clip((self.T - 2) / 2, 0, 1)  # from 0 to 1 within two seconds
        samples = head_on(t, np.full(len(t), 4.0))
        boxes = samples.boxes.copy()
        wider, higher = {
            "rears": (1 - 0.3 * change, 1 + change),
            "lies down": (1 + 0.5 * change, 1 - 0.4 * change),
            "turns about": (1 + 2 * change, np.ones(len(t))),
            "raises its tail": (np.ones(len(t)), 1 + 0.5 * change),
            "comes on stilts": (1 + 0.5 * change, 1 + 0.5 * change),  # the feet where they were
        }[shape]
        feet, size = boxes[:, :2] + boxes[:, 2:] * [0.5, 1], boxes[:, 2:] * np.column_stack([wider, higher])
        boxes = np.column_stack([feet - size * [0.5, 1], size])
        assert (approach(replace(samples, boxes=boxes), ASPECT) == 0).all()

    @given(st.integers(0, 1000))
    def test_a_trembling_box_is_none(self, seed: int) -> None:
        samples = head_on(self.T, np.full(len(self.T), 4.0))
        trembling = 1 + np.random.default_rng(seed).normal(0, 0.05, (len(self.T), 4))
        found = approach(replace(samples, boxes=samples.boxes * trembling), ASPECT)
        assert (np.abs(found) >= 0.2).mean() < 0.25

    def test_a_box_that_jumps_from_one_animal_to_a_nearer_one_is_none(self) -> None:
        depths = np.where(self.T < 3, 6.0, 4.0)
        assert (approach(head_on(self.T, depths), ASPECT) == 0).all()

    def test_before_a_camera_that_turns_nobody_can_tell(self) -> None:
        samples = head_on(self.T, 6 - 0.5 * self.T)
        assert (np.abs(approach(samples, ASPECT)) > 0.3).all()
        assert (approach(replace(samples, drift=np.zeros((len(self.T), 2))), ASPECT) == 0).all()

    @pytest.mark.parametrize("n", [1, 2, 9])
    def test_within_less_than_two_seconds_nobody_can_tell(self, n: int) -> None:
        assert approach(head_on(self.T[:n], 6 - 0.5 * self.T[:n]), ASPECT).tolist() == [0] * n

    def test_one_that_comes_straight_on_goes_somewhere(self) -> None:
        assert not stays_in_place(head_on(self.T, 6 - 0.5 * self.T, aside=0.0), ASPECT)
        assert stays_in_place(head_on(self.T, np.full(len(self.T), 6.0), aside=0.0), ASPECT)

    @pytest.mark.parametrize("every", [2, 3])
    def test_it_hardly_depends_on_the_frame_rate(self, every: int) -> None:
        t = np.arange(0, 5, 1 / 6)
        often = approach(head_on(t, 6 - 0.5 * t), ASPECT)
        seldom = approach(head_on(t[::every], 6 - 0.5 * t[::every]), ASPECT)
        np.testing.assert_allclose(seldom, often[::every], rtol=0.1)


class TestDistance:
    @given(st.floats(1, 20), st.floats(0.2, 1))
    def test_it_is_in_body_lengths_from_the_front_and_from_the_side(self, depth: float, width: float) -> None:
        there = head_on(np.zeros(1), np.array([depth]), width=width)
        assert distance(there.boxes, ASPECT)[0] == pytest.approx(depth)

    @pytest.mark.parametrize(("depth", "speed", "stops"), [(1.2, 0.0, 1), (1.2, 0.5, 0), (6.0, 0.0, 0), (1.2, 0.1, 1)])
    def test_who_stays_right_before_the_camera_stops_there(self, depth: float, speed: float, stops: float) -> None:
        t = np.arange(0, 3, 1 / 6)
        there = head_on(t, np.full(len(t), depth))
        assert stop_before_the_camera(there.boxes, features_of(t, speed), ASPECT) == stops

    @pytest.mark.parametrize(
        ("seen_s", "there_s", "stops"), [(5, 0.4, 0), (5, 1.25, 0.5), (5, 2.5, 1), (2, 0.625, 0.5), (2, 1.5, 1)]
    )
    def test_a_shorter_stop_counts_for_less_unless_it_is_most_of_what_is_seen(
        self, seen_s: float, there_s: float, stops: float
    ) -> None:
        t = np.arange(0, seen_s, 1 / 30)
        there = head_on(t, np.where(t < there_s, 1.2, 6.0))
        assert stop_before_the_camera(there.boxes, features_of(t), ASPECT) == pytest.approx(stops, abs=0.05)

    def test_one_glimpse_is_no_stop(self) -> None:
        there = head_on(np.zeros(1), np.array([1.2]))
        assert stop_before_the_camera(there.boxes, features_of(np.zeros(1)), ASPECT) == 0
