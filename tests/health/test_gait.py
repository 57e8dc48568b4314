"""Strides, limps and girth of drawn walkers whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.health.gait import LEAST_RATE_HZ, gait
from pipeline.health.girth import girth_length
from pipeline.health.stride import USUAL_LENGTH, harmonics, self_likeness, usual_length
from pipeline.health.walk import walk_of
from pipeline.values import Bout, Indicator
from tests.health.walkers import Walker

FEW = settings(max_examples=10, deadline=None)


def of(walker: Walker) -> dict[str, Indicator]:
    observed = walker.observed()
    walk = walk_of(observed)
    return {one.name: one for one in (*gait(1, walk), girth_length(1, walk))}


def value(walker: Walker, name: str) -> float:
    one = of(walker)[name]
    assert one.value is not None, one.not_assessable
    return one.value


class TestStrideFrequency:
    @FEW
    @given(
        st.floats(0.9, 2.2),
        st.floats(0.88, 1.2),
        st.floats(10, 16),
        st.floats(0, 0.3),
        st.sampled_from(["fore", "hind"]),
    )
    def test_strides_are_counted_at_any_rate_of_pictures_and_with_any_limp(
        self, hz: float, of_usual: float, pictures_a_stride: float, asymmetry: float, pair: str
    ) -> None:
        fps = max(hz * pictures_a_stride, 10.5)
        stride = (of_usual * USUAL_LENGTH) ** 2 * hz  # so long that it is `of_usual` of the usual one at its speed
        walker = Walker(hz=hz, stride=stride, fps=fps, asymmetry=asymmetry, pair=pair, seconds=4.5, tall=0.05)
        assert value(walker, "stride_frequency") == pytest.approx(hz, rel=0.05)

    def test_the_usual_stride_grows_with_speed_as_published_lengths_do(self) -> None:
        hips = 0.6  # metres
        for froude in (0.05, 0.1, 0.2, 0.3, 0.5):
            speed = np.sqrt(froude * 9.81 / hips)  # heights a second
            assert usual_length(speed) == pytest.approx(2.4 * froude**0.34, rel=0.16)

    def test_a_sound_walk_is_not_taken_for_one_of_half_the_stride(self) -> None:
        observed = Walker(hz=1.0).observed()
        walk = walk_of(observed)
        assert not isinstance(walk, str)
        lags, likeness = self_likeness(walk.t, walk.of("legs"))
        half = likeness[np.abs(lags - 0.5).argmin()]
        assert half > 0.5, "left and right legs look alike"
        assert gait(1, walk)[0].value == pytest.approx(1.0, rel=0.03)

    def test_it_says_how_many_strides_it_rests_on(self) -> None:
        one = of(Walker(hz=1.0, seconds=4.5))["stride_frequency"]
        assert (one.steps, one.rests_on_s) == (4, pytest.approx(4.45, abs=0.1))

    def test_two_strides_are_too_few(self) -> None:
        one = of(Walker(hz=1.0, seconds=2.6))["stride_frequency"]
        assert one.value is None
        assert one.not_assessable.endswith("strides are whole in the picture; 3 are needed")

    def test_an_animal_that_glides_has_no_stride(self) -> None:
        one = of(replace(Walker(), hz=1e-6, stride=1.6 / 1e-6))["stride_frequency"]
        assert one.not_assessable == "no regular stride can be made out"


class TestAsymmetry:
    @FEW
    @given(st.floats(0.9, 1.8), st.floats(15, 25), st.sampled_from(["fore", "hind"]))
    def test_a_limp_of_015_stands_out_from_a_sound_walk(self, hz: float, fps: float, pair: str) -> None:
        sound = value(Walker(hz=hz, fps=fps, pair=pair), "gait_asymmetry")
        lame = value(Walker(hz=hz, fps=fps, pair=pair, asymmetry=0.15), "gait_asymmetry")
        assert sound < 0.05
        assert lame == pytest.approx(0.15, abs=0.06)

    def test_it_rises_with_the_limp(self) -> None:
        found = [value(Walker(asymmetry=limp), "gait_asymmetry") for limp in (0.0, 0.1, 0.2, 0.3, 0.4)]
        assert found == sorted(found)

    def test_it_counts_the_steps_of_one_pair_of_legs(self) -> None:
        assert of(Walker(hz=1.0, seconds=4.5))["gait_asymmetry"].steps == 8

    def test_a_walk_aslant_is_not_judged(self) -> None:
        one = of(Walker(nears=0.2))["gait_asymmetry"]
        assert "degrees aslant" in one.not_assessable


class TestAnyView:
    @FEW
    @given(st.floats(0.9, 1.8), st.floats(0, 0.3), st.floats(0.25, 0.5))
    def test_the_direction_makes_no_difference(self, hz: float, asymmetry: float, girth: float) -> None:
        walker = Walker(hz=hz, asymmetry=asymmetry, girth=girth)
        there, back = of(walker), of(replace(walker, goes_left=True))
        for name in there:
            assert there[name].value == pytest.approx(back[name].value, rel=0.05, abs=0.02), name

    @FEW
    @given(st.floats(0.08, 0.28))
    def test_the_size_in_the_picture_makes_no_difference(self, tall: float) -> None:
        near, far = of(Walker(asymmetry=0.2, seconds=3)), of(Walker(asymmetry=0.2, seconds=3, tall=tall))
        for name in near:
            assert near[name].value == pytest.approx(far[name].value, rel=0.05, abs=0.04), name

    @FEW
    @given(st.floats(3, 9.5), st.floats(0.5, 2.2), st.floats(0, 0.4))
    def test_nothing_about_steps_is_claimed_below_ten_pictures_a_second(
        self, fps: float, hz: float, asymmetry: float
    ) -> None:
        found = of(Walker(hz=hz, fps=fps, asymmetry=asymmetry, seconds=6.0))
        for name in ("stride_frequency", "gait_asymmetry", "head_bob", "back_bob"):
            assert found[name].value is None
            assert found[name].not_assessable

    def test_too_few_pictures_are_named_as_the_reason(self) -> None:
        one = of(Walker(fps=8))["stride_frequency"]
        assert one.not_assessable == f"8.0 pictures a second are too few; {LEAST_RATE_HZ:.0f} are needed"


class TestGirth:
    def test_thin_to_fat_are_ranked(self) -> None:
        girths = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
        found = [value(Walker(girth=girth), "girth_length") for girth in girths]
        assert found == sorted(found)
        assert found[-1] > 1.5 * found[0]

    def test_a_walk_aslant_shows_no_girth(self) -> None:
        assert "degrees aslant" in of(Walker(nears=0.2))["girth_length"].not_assessable


class TestNoWalk:
    def test_an_animal_that_plays_does_not_walk(self) -> None:
        played = Bout(1, "play", 0, 10, 0.9, False, False, "")
        assert walk_of(Walker().observed(played)) == "it did not travel in this sighting"

    def test_travel_is_what_counts_of_a_sighting(self) -> None:
        bouts = [Bout(1, "travel", 0, 2, 0.9, False, False, ""), Bout(1, "groom", 2, 10, 0.9, False, False, "")]
        walk = walk_of(Walker().observed(*bouts))
        assert not isinstance(walk, str)
        assert walk.t[-1] <= 2

    def test_without_outlines_there_is_no_walk(self) -> None:
        assert walk_of(replace(Walker().observed(), outlines=None)) == (
            "it did not move where its outline could be told from the scene"
        )

    def test_an_animal_cut_by_the_edge_is_not_whole(self) -> None:
        observed = Walker(tall=0.9, seconds=2).observed()
        assert walk_of(observed) == "it was never whole in the picture while it travelled"


@FEW
@given(st.floats(0.6, 2.0), st.floats(0, 1), st.floats(0, 1), st.floats(-2, 2))
def test_harmonics_are_told_apart_from_one_another_and_from_drift(
    hz: float, once: float, twice: float, drift: float
) -> None:
    t = np.arange(0, 4, 1 / 25)
    series = once * np.sin(2 * np.pi * hz * t + 0.4) + twice * np.cos(4 * np.pi * hz * t) + drift * t
    assert harmonics(t, series, hz) == pytest.approx([once, twice], abs=0.02)
