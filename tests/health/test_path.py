"""How straight an animal goes, its halts and its stumbles, on ways that are drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.features import measure
from pipeline.health.observed import Observed
from pipeline.health.path import dips, stops, stumbles, tortuosity
from pipeline.health.walk import walk_of
from pipeline.values import Array, Bout
from tests.behaviour.tracks import features_of, samples_of
from tests.health.walkers import Walker, line_of

T = np.arange(0, 12, 1 / 6)
SIZE = (300, 150)  # pixels of 1920 x 1080


def on_its_way(places: Array, *behaviours: str) -> Observed:
    """An animal whose box's middle is at (n, 2) pixels, and travels unless said otherwise."""
    samples = samples_of(T, places, SIZE)
    bouts = [Bout(1, behaviour, 0, 20, 0.9, False, False, "") for behaviour in behaviours or ("travel",)]
    return Observed(1, samples, measure(samples, 16 / 9), bouts, 16 / 9)


def circle(turns: float) -> Array:
    angle = 2 * np.pi * turns * T / T[-1]
    return np.array([960.0, 540.0]) + 300 * np.stack([np.cos(angle), np.sin(angle)], axis=1)


class TestTortuosity:
    @given(st.floats(-0.5, 0.5), st.floats(60, 110))
    def test_a_straight_way_has_none(self, slant: float, speed: float) -> None:
        way = (T - 6)[:, None] * speed * np.array([1.0, slant])
        assert tortuosity(on_its_way(np.array([960.0, 540.0]) + way)).value == pytest.approx(0, abs=0.01)

    def test_half_a_circle_is_as_arithmetic_has_it(self) -> None:
        assert tortuosity(on_its_way(circle(0.5))).value == pytest.approx(1 - 2 / np.pi, abs=0.03)

    def test_a_whole_circle_leads_nowhere(self) -> None:
        assert tortuosity(on_its_way(circle(1.0))).value == pytest.approx(1, abs=0.05)

    def test_a_short_way_says_nothing(self) -> None:
        places = np.array([960.0, 540.0]) + T[:, None] * np.array([30.0, 0.0])
        assert tortuosity(on_its_way(places)).not_assessable.endswith("of its way are in view; 2 are needed")

    def test_what_does_not_travel_has_no_way(self) -> None:
        assert tortuosity(on_its_way(circle(1.0), "play")).not_assessable == "it did not travel in this sighting"


class TestStops:
    @pytest.mark.parametrize(
        ("halts", "count"), [((), 0), (((3, 5),), 1), (((2, 4), (7, 8)), 2), (((0, 2),), 0), (((3, 3.2),), 0)]
    )
    def test_a_halt_counts_if_it_went_before_and_goes_on(
        self, halts: tuple[tuple[float, float], ...], count: int
    ) -> None:
        speed = np.full(len(T), 0.8)
        for start, end in halts:
            speed[(start <= T) & (end >= T)] = 0.0
        observed = Observed(
            1,
            samples_of(T, circle(0.1), SIZE),
            features_of(T, speed),
            [Bout(1, "travel", 0, 20, 1, False, False, "")],
            2,
        )
        found = stops(observed)
        assert (found.value, found.rests_on_s) == (count, pytest.approx(T[-1], abs=0.2))

    def test_two_seconds_of_travel_are_too_few(self) -> None:
        observed = Observed(
            1,
            samples_of(T, circle(0.1), SIZE),
            features_of(T, 0.8),
            [Bout(1, "travel", 0, 2, 1, False, False, "")],
            2,
        )
        assert stops(observed).not_assessable.endswith("of its way are in view; 3 s are needed")


class TestStumbles:
    def test_a_steady_walk_has_none(self) -> None:
        assert stumbles(1, walk_of(Walker().observed())).value == 0

    def test_a_short_walk_says_nothing(self) -> None:
        assert stumbles(1, walk_of(Walker(seconds=2).observed())).value is None

    @pytest.mark.parametrize("rate", [10, 25])
    def test_a_dip_lasts_as_long_as_the_line_is_down(self, rate: int) -> None:
        t = np.arange(0, 6, 1 / rate)
        assert dips(t, line_of(t, (2, 0.4), (4, 0.2)), 0.12) == [
            pytest.approx(0.4, abs=1 / rate),
            pytest.approx(0.2, abs=1 / rate),
        ]

    def test_a_shallow_dip_and_one_that_goes_on_do_not_count(self) -> None:
        t = np.arange(0, 6, 0.05)
        assert dips(t, line_of(t, (2, 0.4), depth=0.1), 0.12) == []
        assert dips(t, line_of(t, (5.8, 1.0)), 0.12) == []

    def test_what_is_not_known_is_passed_over(self) -> None:
        t = np.arange(0, 6, 0.05)
        line = line_of(t, (2, 0.4))
        line[::7] = np.nan
        assert len(dips(t, line, 0.12)) == 1
