import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.ethogram import load_ethogram
from pipeline.health.indicators import INACTIVE, active_share, indicators, travel_speed, visible_time
from pipeline.health.observed import Observed
from pipeline.settings import find_config
from pipeline.values import Bout
from tests.behaviour.tracks import features_of, samples_of

T = np.arange(0, 10 + 1e-9, 0.25)
MIDDLE = np.tile([960.0, 540.0], (len(T), 1))


def bout(behaviour: str, start_s: float, end_s: float) -> Bout:
    return Bout(1, behaviour, start_s, end_s, 0.8, False, False, "")


class TestTravelSpeed:
    def test_it_is_the_median_speed_while_travelling_in_full_view(self) -> None:
        speed = np.select([T < 4, T < 6, T < 7], [0.0, 0.8, 1.0], 5.0)
        found = travel_speed(1, features_of(T, speed), [bout("rest", 0, 4), bout("travel", 4, 7), bout("chase", 7, 10)])

        assert (found.name, found.unit, found.not_assessable) == ("travel_speed", "body lengths/s", "")
        assert found.value == pytest.approx(0.8)
        assert found.rests_on_s == pytest.approx(3, abs=0.25)

    @pytest.mark.parametrize("hidden", [{"visible": T < 4}, {"edge": T >= 4}, {"stretch": np.where(T < 4, 1.5, 0.9)}])
    def test_samples_that_say_nothing_of_speed_do_not_count(self, hidden: dict[str, np.ndarray]) -> None:
        speed = np.where(T < 4, 0.5, 2.0)
        found = travel_speed(1, features_of(T, speed, **hidden), [bout("travel", 0, 10)])
        assert found.value == pytest.approx(0.5)
        assert found.rests_on_s == pytest.approx(4, abs=0.25)

    def test_not_assessable_because_it_did_not_travel(self) -> None:
        found = travel_speed(1, features_of(T, 0.8), [bout("rest", 0, 10)])
        assert (found.value, found.rests_on_s) == (None, 0)
        assert found.not_assessable == "it did not travel in this sighting"

    def test_not_assessable_because_too_little_of_it_was_seen_from_the_side(self) -> None:
        found = travel_speed(1, features_of(T, 0.8, stretch=np.where(T < 1, 1.5, 0.9)), [bout("travel", 0, 10)])
        assert found.value is None
        assert found.rests_on_s == pytest.approx(0.875)
        assert found.not_assessable == (
            "only 0.9 s of travel seen whole and from the side, of 10.0 s; 1.5 s are needed"
        )


class TestActiveShare:
    def test_it_is_the_active_part_of_the_time_that_has_a_name(self) -> None:
        found = active_share(
            1, [bout("travel", 0, 3), bout("rest", 3, 9), bout("feed", 9, 12), bout("unknown", 12, 40)]
        )
        assert (found.name, found.unit, found.not_assessable) == ("active_share", "share of named time", "")
        assert found.value == pytest.approx(6 / 12)
        assert found.rests_on_s == pytest.approx(12)

    def test_not_assessable_because_too_little_has_a_name(self) -> None:
        found = active_share(1, [bout("travel", 0, 2), bout("unknown", 2, 60)])
        assert found.value is None
        assert found.rests_on_s == pytest.approx(2)
        assert found.not_assessable == "only 2.0 s have a named behaviour; 3.0 s are needed"

    def test_without_a_bout_it_is_not_assessable(self) -> None:
        assert active_share(1, []).not_assessable == "only 0.0 s have a named behaviour; 3.0 s are needed"

    @given(
        st.lists(
            st.tuples(st.sampled_from(["travel", "rest", "vigilance", "play", "unknown"]), st.floats(0, 20)), max_size=8
        )
    )
    def test_it_is_a_share_or_says_why_not(self, parts: list[tuple[str, float]]) -> None:
        ends = np.cumsum([0.0, *(length for _, length in parts)])
        found = active_share(1, [bout(name, *ends[i : i + 2]) for i, (name, _) in enumerate(parts)])
        assert (found.value is None) == bool(found.not_assessable)
        assert found.value is None or 0 <= found.value <= 1 + 1e-9

    @pytest.mark.parametrize("behaviour", ["spray", "scrape", "rub", "claw", "mating", "groom_other", "wallow"])
    def test_marking_mating_and_what_a_park_adds_are_active(self, behaviour: str) -> None:
        assert active_share(1, [bout(behaviour, 0, 3), bout("vigilance", 3, 4)]).value == pytest.approx(3 / 4)

    def test_what_counts_as_inactive_is_in_the_ethogram(self) -> None:
        assert set(load_ethogram(find_config("ethogram.yaml")).codes()) >= INACTIVE


class TestVisibleTime:
    def test_always_in_view_is_as_long_as_the_track(self) -> None:
        assert visible_time(1, features_of(T)).value == pytest.approx(10)

    def test_it_counts_the_time_in_view(self) -> None:
        found = visible_time(1, features_of(T, visible=(T >= 2) & (T < 5)))
        assert (found.name, found.unit) == ("visible_time", "s")
        assert found.value == found.rests_on_s == pytest.approx(3)

    @given(st.lists(st.floats(0.02, 5), min_size=1, max_size=30))
    def test_it_does_not_matter_when_the_samples_come(self, gaps: list[float]) -> None:
        t = np.cumsum(gaps)
        assert visible_time(1, features_of(t)).value == pytest.approx(t[-1] - t[0])

    def test_a_single_sample_takes_no_time(self) -> None:
        assert visible_time(1, features_of(np.zeros(1))).value == 0


def test_a_sighting_has_all_of_them_or_says_why_not() -> None:
    found = indicators(
        Observed(4, samples_of(T, MIDDLE, (400, 200)), features_of(T, 0.8), [bout("travel", 0, 10)], 16 / 9)
    )
    assert [one.name for one in found] == [
        "travel_speed",
        "stride_frequency",
        "gait_asymmetry",
        "head_bob",
        "back_bob",
        "stumbles",
        "stops",
        "tortuosity",
        "girth_length",
        "active_share",
        "play_seen",
        "camera_response",
        "people_response",
        "visible_time",
    ]
    assert {one.track for one in found} == {4}
    assert all((one.value is None) == bool(one.not_assessable) for one in found)


def test_every_indicator_says_what_its_pictures_were_like() -> None:
    samples = samples_of(T, MIDDLE, (400, 200), sharpness=np.where(T < 4, 0.2, 0.6))
    features = features_of(T, visible=T < 5)
    found = indicators(Observed(1, samples, features, [], 16 / 9, infrared=True))
    assert {(one.sharpness, one.infrared) for one in found} == {(0.6, True)}
    assert [one.visible_share for one in found] == [pytest.approx(0.5, abs=0.02)] * len(found)
