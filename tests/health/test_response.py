"""What an animal does about the camera and people, and whether it plays."""

import numpy as np
import pytest

from pipeline.behaviour.features import measure
from pipeline.health.observed import Observed
from pipeline.health.response import camera_response, people_response, play_seen
from pipeline.values import Array, Bout, Samples
from tests.behaviour.tracks import features_of, samples_of

T = np.arange(0, 10 + 1e-9, 0.25)
MIDDLE = np.tile([960.0, 540.0], (len(T), 1))


def bout(behaviour: str, start_s: float, end_s: float) -> Bout:
    return Bout(1, behaviour, start_s, end_s, 0.8, False, False, "")


def observed(*bouts: Bout, **features: Array | float) -> Observed:
    return Observed(1, samples_of(T, MIDDLE, (400, 200)), features_of(T, **features), bouts, 16 / 9)


class TestCamera:
    def test_it_is_the_share_of_time_that_it_deals_with_the_camera(self) -> None:
        found = camera_response(observed(bout("travel", 0, 6), bout("camera_interaction", 6, 10), speed=0.5))
        assert found.value == pytest.approx(0.4, abs=0.03)
        assert found.rests_on_s == pytest.approx(10)

    def test_staying_end_on_before_it_counts_too(self) -> None:
        narrow = np.where(T < 5, 0.7, 1.6)
        assert camera_response(observed(stretch=narrow)).value == pytest.approx(0.5, abs=0.03)
        assert camera_response(observed(stretch=narrow, speed=0.5)).value == 0
        assert camera_response(observed(stretch=narrow, approach=-0.5)).value == 0, "it walks away"

    def test_a_glimpse_says_nothing(self) -> None:
        assert camera_response(observed(visible=T < 1)).not_assessable.endswith("3 s are needed")


class TestPeople:
    @staticmethod
    def beside(person: Samples | None, away: float) -> Observed:
        """An animal of 400 pixels that goes so many body lengths a second to the right."""
        samples = samples_of(T, MIDDLE + np.stack([(T - 5) * away * 400, 0 * T], axis=1), (400, 200))
        return Observed(1, samples, measure(samples, 16 / 9), (), 16 / 9, people=() if person is None else (person,))

    @staticmethod
    def person(t: Array = T) -> Samples:
        return samples_of(t, np.tile([100.0, 540.0], (len(t), 1)), (80, 240))

    @pytest.mark.parametrize("away", [-0.1, 0.0, 0.15])
    def test_it_is_how_fast_they_part(self, away: float) -> None:
        assert people_response(self.beside(self.person(), away)).value == pytest.approx(away, abs=0.01)

    def test_without_people_there_is_none(self) -> None:
        found = people_response(self.beside(None, 0.1))
        assert found.not_assessable == "no person and no vehicle was followed in this video"

    def test_a_person_who_came_at_another_time_says_nothing(self) -> None:
        found = people_response(self.beside(self.person(np.arange(20, 25, 0.25)), 0.1))
        assert found.not_assessable.startswith("it and a person were in view together for only 0.0 s")


class TestPlay:
    def test_it_is_the_seconds_of_play(self) -> None:
        found = play_seen(observed(bout("play", 0, 4), bout("rest", 4, 8), bout("unknown", 8, 10)))
        assert (found.value, found.rests_on_s) == (4, 8)

    def test_none_seen_in_long_enough_is_a_nought(self) -> None:
        assert play_seen(observed(bout("rest", 0, 8))).value == 0

    def test_too_little_with_a_name_says_nothing(self) -> None:
        assert play_seen(observed(bout("play", 0, 2))).value is None
