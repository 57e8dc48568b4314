from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.features import is_thing, may_be_a_stump, measure, stays_in_place
from pipeline.values import Array, Features, Kind, Samples, Track
from tests.behaviour.tracks import PICTURE, looks_of, samples_of

ASPECT = PICTURE[0] / PICTURE[1]
LENGTH = 400.0  # pixels of the animal's body in PICTURE
SIDEWAYS = (LENGTH, 0.6 * LENGTH)  # its box


def steady(rate_hz: float, seconds: float, speed: float, angle: float = 0.0) -> Features:
    """An animal that moves at `speed` body lengths a second through the middle of the picture."""
    t = np.arange(0, seconds + 1e-9, 1 / rate_hz)
    way = speed * LENGTH * (t - t.mean())
    centre = np.array(PICTURE) / 2 + way[:, None] * np.array([np.cos(angle), np.sin(angle)])
    return measure(samples_of(t, centre, SIDEWAYS), ASPECT)


def wandering(t: Array) -> Array:
    """A winding way through the picture, (n, 2) as shares of its width from its middle; slow against the smoothing."""
    return np.column_stack([0.15 * np.sin(0.9 * t), 0.04 * np.cos(1.3 * t)])


def wander(rate_hz: float = 6, picture: tuple[int, int] = PICTURE, mirrored: bool = False) -> Features:
    """The same scene filmed at another rate, in another resolution or with more sky above and ground below."""
    t = np.arange(0, 10, 1 / rate_hz)
    way = wandering(t) * picture[0] * (np.array([-1, 1]) if mirrored else 1)
    size = (0.2 * picture[0], 0.12 * picture[0])
    return measure(samples_of(t, np.array(picture) / 2 + way, size, picture), picture[0] / picture[1])


class TestSpeed:
    @given(st.floats(0, 3), st.floats(2, 25), st.floats(1, 4), st.floats(0, 2 * np.pi))
    def test_steady_motion_has_its_own_speed_from_the_first_sample_to_the_last(
        self, speed: float, rate_hz: float, seconds: float, angle: float
    ) -> None:
        features = steady(rate_hz, seconds, speed, angle)
        np.testing.assert_allclose(features.speed, speed, atol=1e-6)

    @given(st.lists(st.floats(0.03, 0.6), min_size=3, max_size=40), st.floats(0, 3))
    def test_it_does_not_matter_when_the_samples_come(self, gaps: list[float], speed: float) -> None:
        t = np.cumsum(gaps)
        centre = np.array([960.0, 540.0]) + np.column_stack([speed * LENGTH * (t - t.mean()), np.zeros(len(t))])
        features = measure(samples_of(t, centre, SIDEWAYS), ASPECT)
        np.testing.assert_allclose(features.speed, speed, atol=1e-6)

    @given(st.floats(0.3, 3))
    def test_twice_the_speed_is_twice_the_speed(self, speed: float) -> None:
        np.testing.assert_allclose(steady(6, 3, 2 * speed).speed, 2 * steady(6, 3, speed).speed)

    def test_the_trembling_of_a_box_is_smoothed_away(self) -> None:
        t = np.arange(0, 10, 1 / 6)
        trembling = np.random.default_rng(1).normal(0, 0.02 * LENGTH, (len(t), 2))
        features = measure(samples_of(t, np.array(PICTURE) / 2 + trembling, SIDEWAYS), ASPECT)
        raw = np.linalg.norm(np.diff(trembling, axis=0), axis=1) * 6 / LENGTH
        assert np.median(features.speed) < 0.4 * np.median(raw)

    def test_a_single_sample_has_no_speed(self) -> None:
        assert measure(samples_of(np.zeros(1), np.array([[900.0, 500.0]]), SIDEWAYS), ASPECT).speed.tolist() == [0]

    def test_growing_alone_is_no_motion(self) -> None:
        t = np.arange(0, 3, 1 / 6)
        samples = samples_of(t, np.tile([960.0, 540.0], (len(t), 1)), SIDEWAYS)
        grown = 1 + 0.2 * t[:, None]
        middle = samples.boxes[:, :2] + samples.boxes[:, 2:] / 2
        boxes = np.column_stack([middle - samples.boxes[:, 2:] * grown / 2, samples.boxes[:, 2:] * grown])
        np.testing.assert_allclose(measure(replace(samples, boxes=boxes), ASPECT).speed, 0, atol=1e-9)


class TestTheSameMotionGivesTheSameFeatures:
    @given(st.floats(0.1, 5))
    def test_at_another_resolution(self, scale: float) -> None:
        width, height = round(1920 * scale / 16) * 16, round(1920 * scale / 16) * 9
        self.are_alike(wander(picture=(width, height)), wander(picture=(1920, 1080)))

    @given(st.integers(700, 1900))
    def test_in_a_picture_of_another_shape(self, height: int) -> None:
        self.are_alike(wander(picture=(1920, height)), wander(picture=(1920, 1080)))

    def test_in_a_mirror(self) -> None:
        self.are_alike(wander(mirrored=True), wander())

    @pytest.mark.parametrize("rate_hz", [12, 24])
    def test_at_another_frame_rate(self, rate_hz: int) -> None:
        often, seldom = wander(rate_hz=rate_hz), wander(rate_hz=6)
        every = rate_hz // 6
        np.testing.assert_allclose(often.speed[::every], seldom.speed, atol=0.02)
        np.testing.assert_allclose(often.height[::every], seldom.height)

    @staticmethod
    def are_alike(some: Features, others: Features) -> None:
        for name in ("t", "speed", "stretch", "height", "body_length", "approach"):
            np.testing.assert_allclose(getattr(some, name), getattr(others, name), rtol=1e-6, atol=1e-9, err_msg=name)


class TestBody:
    def test_its_length_is_that_of_the_box_while_it_stands_sideways(self) -> None:
        t = np.arange(0, 4, 1 / 6)
        samples = samples_of(t, np.tile([960.0, 540.0], (len(t), 1)), SIDEWAYS)
        boxes = samples.boxes.copy()
        boxes[: len(t) // 2, 2] = 0.4 * LENGTH / PICTURE[0]  # seen from the front at first
        features = measure(replace(samples, boxes=boxes), ASPECT)
        assert features.body_length == pytest.approx(LENGTH / PICTURE[0])
        assert features.stretch[0] == pytest.approx(0.4 / 0.6)
        assert features.stretch[-1] == pytest.approx(1 / 0.6)
        assert features.height[-1] == pytest.approx(0.6)

    def test_boxes_cut_off_by_the_edge_do_not_count_for_its_length(self) -> None:
        t = np.arange(0, 4, 1 / 6)
        samples = samples_of(t, np.tile([960.0, 540.0], (len(t), 1)), SIDEWAYS)
        boxes = samples.boxes.copy()
        boxes[:10] = 0, 0.3, 0.6, 0.3
        features = measure(replace(samples, boxes=boxes), ASPECT)
        assert features.edge.tolist() == [True] * 10 + [False] * (len(t) - 10)
        assert features.body_length == pytest.approx(LENGTH / PICTURE[0])

    def test_if_all_are_cut_off_they_have_to_do(self) -> None:
        t = np.arange(0, 2, 1 / 6)
        samples = replace(
            samples_of(t, np.zeros((len(t), 2)), SIDEWAYS), boxes=np.tile([0, 0.3, 0.6, 0.3], (len(t), 1))
        )
        assert measure(samples, ASPECT).body_length == pytest.approx(0.6)


class TestVisible:
    def test_an_animal_too_small_to_tell_anything_is_not_visible(self) -> None:
        t = np.arange(0, 2, 1 / 6)
        centre = np.tile([960.0, 540.0], (len(t), 1))
        assert not measure(samples_of(t, centre, (30, 20)), ASPECT).visible.any()
        assert measure(samples_of(t, centre, (40, 24)), ASPECT).visible.all()

    def test_held_long_before_or_after_the_detector_saw_it_it_is_not(self) -> None:
        t = np.arange(0, 12, 0.25)
        seen = (t >= 4) & (t <= 6) & (t != 5)
        centre = np.tile([960.0, 540.0], (len(t), 1))
        visible = measure(samples_of(t, centre, SIDEWAYS, seen=seen), ASPECT).visible
        assert visible.tolist() == ((t >= 2.5) & (t <= 7.5)).tolist()

    def test_never_seen_never_visible(self) -> None:
        t = np.arange(0, 2, 0.25)
        centre = np.tile([960.0, 540.0], (len(t), 1))
        assert not measure(samples_of(t, centre, SIDEWAYS, seen=np.zeros(len(t), bool)), ASPECT).visible.any()


class TestStaying:
    T = np.arange(0, 5, 1 / 6)

    @given(st.floats(0.4, 3), st.floats(0, 2 * np.pi))
    def test_what_walks_goes_somewhere(self, speed: float, angle: float) -> None:
        way = speed * LENGTH * self.T[:, None] * np.array([np.cos(angle), np.sin(angle)])
        assert not stays_in_place(samples_of(self.T, np.array(PICTURE) / 2 + way, SIDEWAYS), ASPECT)

    @given(st.integers(0, 1000))
    def test_a_trembling_box_does_not(self, seed: int) -> None:
        trembling = np.random.default_rng(seed).normal(0, 0.08 * LENGTH, (len(self.T), 2))
        assert stays_in_place(samples_of(self.T, np.array(PICTURE) / 2 + trembling, SIDEWAYS), ASPECT)

    def test_a_single_picture_shows_no_way(self) -> None:
        assert stays_in_place(samples_of(self.T[:1], np.array([[960.0, 540.0]]), SIDEWAYS), ASPECT)


class TestThings:
    T = np.arange(0, 5, 1 / 6)

    def track(self, change: Array, speed: float = 0.0) -> Samples:
        """A track whose window changes so at each look."""
        way = np.array(PICTURE) / 2 + speed * LENGTH * self.T[:, None] * np.array([1.0, 0.0])
        return samples_of(self.T, way, SIDEWAYS, looks=looks_of(change))

    def test_a_stump_is_one_though_something_passes_before_it(self) -> None:
        assert is_thing(self.track(np.where(self.T < 1, 0.3, 0.0)), ASPECT)

    @pytest.mark.parametrize(("change", "speed"), [(0.01, 0.0), (0.0, 0.5), (np.nan, 0.0)])
    def test_what_moves_goes_or_may_do_so_is_none(self, change: float, speed: float) -> None:
        assert not is_thing(self.track(np.full(len(self.T), change), speed), ASPECT)

    def test_of_boxes_alone_nobody_can_tell(self) -> None:
        assert not is_thing(samples_of(self.T, np.tile([960.0, 540.0], (len(self.T), 1)), SIDEWAYS), ASPECT)

    @pytest.mark.parametrize(
        ("kind", "probability", "change", "speed", "may_be"),
        [
            (Kind.ANIMAL, 0.8, 0.0, 0.0, True),
            (Kind.ANIMAL, 0.95, 0.0, 0.0, False),  # sleeps
            (Kind.ANIMAL, 0.8, 0.01, 0.0, False),  # breathes, or its ears twitch
            (Kind.ANIMAL, 0.8, 0.0, 0.5, False),
            (Kind.UNKNOWN, 0.6, 0.01, 0.0, True),  # leaves in the wind that may be a person
            (Kind.UNKNOWN, 0.6, 0.01, 0.5, False),
        ],
    )
    def test_what_never_moves_and_is_not_surely_an_animal_may_be_a_stump(
        self, kind: Kind, probability: float, change: float, speed: float, may_be: bool
    ) -> None:
        samples = self.track(np.full(len(self.T), change), speed)
        n = len(self.T)
        track = Track(1, kind, probability, np.arange(n), self.T, samples.boxes, samples.seen, np.full(n, 0.5))
        assert may_be_a_stump(track, samples, ASPECT) == may_be
