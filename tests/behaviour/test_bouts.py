import itertools
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.behaviour.bouts import SWITCH_S, Stretch, decode_path, merge_short, name_also, name_bouts, runs
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.settings import BehaviourSettings
from pipeline.values import Array, Bout
from tests.behaviour.tracks import features_of

CODES = ("travel", "rest", UNKNOWN)
SETTINGS = BehaviourSettings(
    model="rules",
    ethogram="ethogram.yaml",
    min_bout_s=0.7,
    min_probability=0.4,
    min_lead=0.15,
    sure_from=0.6,
    also_from=0.25,
    marking_tree_odds=3,
)


def certain(*states: tuple[str, int], sure: float = 0.9) -> Array:
    """Probabilities of a sequence of behaviours, each for so many samples."""
    rows = []
    for code, count in states:
        row = [sure if code == other else (1 - sure) / (len(CODES) - 1) for other in CODES]
        rows += [row] * count
    return np.array(rows)


def bouts_of(
    probabilities: Array, t: Array | None = None, video_end_s: float = 1e9, settings: BehaviourSettings = SETTINGS
) -> list[Bout]:
    t = np.arange(len(probabilities)) / 6 if t is None else t
    return name_bouts(3, features_of(t), probabilities, CODES, settings, video_end_s, lambda inside, code: CODES[code])


@st.composite
def timelines(draw: st.DrawFn, most: int = 40) -> tuple[Array, Array]:
    """Rising times (n,) and probabilities (n, 3)."""
    gaps = np.array(draw(st.lists(st.floats(0.02, 3), min_size=1, max_size=most)))
    weights = draw(hnp.arrays(float, (len(gaps), len(CODES)), elements=st.floats(0.001, 1)))
    return np.cumsum(gaps), weights / weights.sum(axis=1, keepdims=True)


class TestTiling:
    @given(timelines(), st.floats(0, 3))
    def test_bouts_follow_each_other_without_gaps_from_half_a_step_before_the_first_sample_to_half_after_the_last(
        self, timeline: tuple[Array, Array], shortest_s: float
    ) -> None:
        t, probabilities = timeline
        bouts = bouts_of(probabilities, t, settings=SETTINGS.model_copy(update={"min_bout_s": shortest_s}))

        half = float(np.median(np.diff(t))) / 2 if len(t) > 1 else 0.0
        assert bouts[0].start_s == pytest.approx(max(t[0] - half, 0))
        assert bouts[-1].end_s == pytest.approx(t[-1] + half)
        for before, after in itertools.pairwise(bouts):
            assert before.end_s == after.start_s
            assert before.behaviour != after.behaviour
        if len(bouts) > 1:
            assert min(bout.end_s - bout.start_s for bout in bouts) >= shortest_s
        assert all(bout.track == 3 and bout.behaviour in CODES and 0 <= bout.probability <= 1 for bout in bouts)
        assert all(bout.evidence for bout in bouts)

    def test_a_change_falls_half_way_between_two_samples(self) -> None:
        first, second = bouts_of(certain(("travel", 12), ("rest", 12)))
        assert (first.behaviour, second.behaviour) == ("travel", "rest")
        assert first.end_s == second.start_s == pytest.approx(11.5 / 6)

    def test_the_first_and_the_last_do_not_reach_beyond_the_video(self) -> None:
        (bout,) = bouts_of(certain(("travel", 13)), video_end_s=2.02)
        assert (bout.start_s, bout.end_s) == (0, 2.02)

    @pytest.mark.parametrize("shortest_s", [0.0, 0.7])
    def test_a_blink_of_something_else_does_not_cut_a_bout(self, shortest_s: float) -> None:
        settings = SETTINGS.model_copy(update={"min_bout_s": shortest_s})
        (bout,) = bouts_of(certain(("travel", 12), ("rest", 1), ("travel", 12)), settings=settings)
        assert bout.behaviour == "travel"

    def test_a_track_of_a_single_sample_is_one_bout_without_a_name(self) -> None:
        (bout,) = bouts_of(certain(("travel", 1)))
        assert (bout.behaviour, bout.start_s, bout.end_s) == (UNKNOWN, 0, 0)


class TestNaming:
    def test_the_probability_is_the_mean_over_the_bout(self) -> None:
        (bout,) = bouts_of(np.vstack([certain(("rest", 6), sure=0.9), certain(("rest", 6), sure=0.7)]))
        assert bout.probability == pytest.approx(0.8)

    def test_what_is_not_sure_enough_is_unknown(self) -> None:
        (bout,) = bouts_of(np.tile([0.35, 0.33, 0.32], (12, 1)))
        assert bout.behaviour == UNKNOWN
        assert bout.probability == pytest.approx(0.65)  # that it is not what it most looks like

    def test_neighbours_that_both_became_unknown_are_one_bout(self) -> None:
        unsure = np.vstack([np.tile([0.38, 0.24, 0.38 - 1e-9], (30, 1)), np.tile([0.01, 0.39, 0.6], (30, 1))])
        assert [bout.behaviour for bout in bouts_of(unsure)] == [UNKNOWN]


class TestCensoring:
    @staticmethod
    def ends(start: float, end: float, video_end_s: float, rate_hz: float = 6) -> tuple[bool, bool]:
        t = np.arange(round(start * rate_hz), round(end * rate_hz) + 1) / rate_hz
        bouts = bouts_of(certain(("travel", len(t) // 2), ("rest", len(t) - len(t) // 2)), t, video_end_s)
        assert not bouts[0].censored_end
        assert not bouts[-1].censored_start
        return bouts[0].censored_start, bouts[-1].censored_end

    def test_it_is_whole_when_it_lies_inside_the_video(self) -> None:
        assert self.ends(2, 8, video_end_s=10) == (False, False)

    def test_the_start_of_the_video_cuts_it_off(self) -> None:
        assert self.ends(0, 8, video_end_s=10) == (True, False)

    def test_the_end_of_the_video_cuts_it_off(self) -> None:
        assert self.ends(2, 10, video_end_s=10) == (False, True)

    @example(fps=60, frames=1020)
    @given(fps=st.sampled_from([2, 10, 12, 15, 24, 25, 29.97, 30, 60]), frames=st.integers(120, 3000))
    def test_it_lasts_to_the_end_if_the_last_look_found_it_wherever_the_last_picture_falls(
        self, fps: float, frames: int
    ) -> None:
        """The last look comes up to one step before the last picture, which itself lasts one picture's time."""
        rate_hz = min(6.0, fps)
        looks = np.unique(np.ceil(np.arange(0, frames / fps, 1 / rate_hz) * fps - 1e-6)).clip(max=frames - 1) / fps
        looks = looks[-12:]
        bouts = bouts_of(certain(("travel", len(looks))), looks, video_end_s=frames / fps)
        assert bouts[-1].censored_end

    @given(st.integers(2, 30))
    def test_it_ended_before_the_end_if_two_looks_did_not_find_it(self, missed: int) -> None:
        assert self.ends(2, 8, video_end_s=8 + missed / 6) == (False, False)


class TestPath:
    @staticmethod
    def worth(states: tuple[int, ...], probabilities: Array, t: Array) -> float:
        """What a sequence gains by its probabilities, weighted by time, less what its switches cost."""
        gains = np.log(probabilities.clip(1e-3)) * np.gradient(t)[:, None]
        switches = sum(before != after for before, after in itertools.pairwise(states))
        return float(sum(gains[i, state] for i, state in enumerate(states)) + switches * SWITCH_S * np.log(1e-3) / 2)

    @settings(max_examples=60)
    @given(timelines(most=6).filter(lambda timeline: len(timeline[0]) > 1))
    def test_no_sequence_is_worth_more(self, timeline: tuple[Array, Array]) -> None:
        t, probabilities = timeline
        path = tuple(s.code for s in decode_path(probabilities, t) for _ in range(s.first, s.last + 1))

        every = itertools.product(range(len(CODES)), repeat=len(t))
        best = max(self.worth(states, probabilities, t) for states in every)
        assert self.worth(path, probabilities, t) == pytest.approx(best)

    @pytest.mark.parametrize("rate_hz", [4, 6, 25])
    def test_it_does_not_hang_on_the_sampling_rate(self, rate_hz: int) -> None:
        t = np.arange(0, 6, 1 / rate_hz)
        probabilities = np.where((t < 3)[:, None], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1])
        changes = [t[stretch.first] for stretch in decode_path(probabilities, t)]
        assert changes == pytest.approx([0, 3])


class TestStretches:
    @given(hnp.arrays(np.int64, st.integers(1, 50), elements=st.integers(0, 3)))
    def test_runs_give_back_the_states(self, states: np.ndarray) -> None:
        stretches = runs(states)
        assert np.concatenate([np.full(s.last - s.first + 1, s.code) for s in stretches]).tolist() == states.tolist()
        assert all(before.code != after.code for before, after in itertools.pairwise(stretches))

    def test_a_short_one_goes_to_the_neighbour_that_fits_it_better(self) -> None:
        edges = np.arange(13.0)
        stretches = [Stretch(0, 4, 0), Stretch(5, 5, 2), Stretch(6, 11, 1)]
        for fits, expected in ((0, [Stretch(0, 5, 0), Stretch(6, 11, 1)]), (1, [Stretch(0, 4, 0), Stretch(5, 11, 1)])):
            probabilities = np.full((12, 3), 0.1)
            probabilities[5, fits] = 0.5
            assert merge_short(stretches, edges, probabilities, np.full(3, 2.0)) == expected

    def test_a_behaviour_that_takes_longer_is_not_named_for_a_moment_but_where_it_is_cut_off(self) -> None:
        edges, probabilities = np.arange(13.0), np.full((12, 3), 1 / 3)
        shortest = np.array([1.0, 1.0, 4.0])
        middle = merge_short([Stretch(0, 4, 0), Stretch(5, 7, 2), Stretch(8, 11, 1)], edges, probabilities, shortest)
        last = merge_short([Stretch(0, 8, 0), Stretch(9, 11, 2)], edges, probabilities, shortest)
        assert {stretch.code for stretch in middle} == {0, 1}
        assert {stretch.code for stretch in last} == {0, 2}

    def test_alone_even_a_short_one_stays(self) -> None:
        assert merge_short([Stretch(0, 1, 2)], np.arange(3.0), np.ones((2, 3)), np.full(3, 10.0)) == [Stretch(0, 1, 2)]


class TestTossUp:
    """Two behaviours that are believed in alike."""

    CODES = ("play", "chase", "rub", UNKNOWN)
    T = np.arange(12) / 6

    def bout(self, row: list[float], at_once: Mapping[str, frozenset[str]] = MappingProxyType({})) -> Bout:
        beliefs = np.tile(row, (len(self.T), 1))
        (bout,) = name_bouts(
            1, features_of(self.T), beliefs, self.CODES, SETTINGS, 9, lambda inside, code: "seen", at_once=at_once
        )
        return bout

    def test_neither_is_named_and_the_evidence_says_between_which_two_it_lies(self) -> None:
        bout = self.bout([0.48, 0.42, 0.05, 0.05])
        assert bout.behaviour == UNKNOWN
        assert bout.probability == pytest.approx(0.52)
        assert bout.evidence == "between play (0.48) and chase (0.42); seen"

    def test_one_after_the_other_they_are_one_bout_that_says_both(self) -> None:
        t, codes = np.arange(24) / 6, ("play", "chase", "rub", "claw", UNKNOWN)
        beliefs = np.repeat([[0.48, 0.42, 0.01, 0.01, 0.08], [0.01, 0.01, 0.5, 0.4, 0.08]], 12, axis=0)
        (bout,) = name_bouts(1, features_of(t), beliefs, codes, SETTINGS, 9, lambda inside, code: codes[code])
        assert bout.evidence == "between play (0.48) and chase (0.42); between rub (0.50) and claw (0.40); unknown"
        assert bout.probability == pytest.approx(0.51, abs=0.001)
        assert (bout.start_s, bout.end_s) == pytest.approx((0, t[-1] + 1 / 12))

    def test_the_one_that_leads_is_named_however_much_belief_is_spread_over_others(self) -> None:
        bout = self.bout([0.44, 0.2, 0.2, 0.16])
        assert (bout.behaviour, bout.evidence) == ("play", "seen")

    def test_not_knowing_is_no_rival(self) -> None:
        assert self.bout([0.48, 0.05, 0.05, 0.42]).behaviour == "play"

    def test_what_may_go_on_at_the_same_time_is_no_rival(self) -> None:
        assert self.bout([0.45, 0.05, 0.4, 0.1]).behaviour == UNKNOWN
        assert self.bout([0.45, 0.05, 0.4, 0.1], {"play": frozenset({"rub"})}).behaviour == "play"

    @given(timelines(), st.floats(0, 1), st.floats(0, 1))
    def test_the_more_lead_is_asked_for_the_less_is_named(
        self, timeline: tuple[Array, Array], one: float, other: float
    ) -> None:
        t, probabilities = timeline
        shy, bold = (
            bouts_of(probabilities, t, settings=SETTINGS.model_copy(update={"min_lead": lead}))
            for lead in (max(one, other), min(one, other))
        )
        bold_names = {(bout.start_s, bout.end_s) for bout in bold if bout.behaviour != UNKNOWN}
        assert {(bout.start_s, bout.end_s) for bout in shy if bout.behaviour != UNKNOWN} <= bold_names


class TestAtOnce:
    """What else an animal does during a bout, where the ethogram lets the two go together."""

    CODES = ("camera_interaction", "rub", "travel", UNKNOWN)
    T = np.arange(12) / 6
    TOGETHER: ClassVar = {"camera_interaction": frozenset({"rub"}), "rub": frozenset({"camera_interaction"})}

    def also(self, row: list[float], least: float = 0.25) -> tuple[str, ...]:
        beliefs = np.tile(row, (len(self.T), 1))
        named = name_bouts(
            1, features_of(self.T), beliefs, self.CODES, SETTINGS, 9, lambda inside, code: "seen", at_once=self.TOGETHER
        )
        (bout,) = name_also(named, self.T, beliefs, self.CODES, self.TOGETHER, least)
        assert replace(bout, also=()) == named[0]
        return bout.also

    def test_a_belief_divided_between_two_that_go_together_names_both(self) -> None:
        assert self.also([0.5, 0.4, 0.05, 0.05]) == ("rub",)
        assert self.also([0.4, 0.5, 0.05, 0.05]) == ("camera_interaction",)

    def test_a_little_belief_names_nothing(self) -> None:
        assert self.also([0.7, 0.2, 0.05, 0.05]) == ()
        assert self.also([0.7, 0.2, 0.05, 0.05], least=0.19) == ("rub",)

    def test_what_does_not_go_with_it_is_doubt(self) -> None:
        assert self.also([0.5, 0.05, 0.4, 0.05]) == ()
        assert self.also([0.05, 0.05, 0.5, 0.4]) == ()

    def test_what_is_unknown_goes_with_nothing(self) -> None:
        assert self.also([0.3, 0.3, 0.0, 0.4]) == ()

    def test_only_the_bouts_own_time_counts(self) -> None:
        beliefs = np.repeat([[0.9, 0.1, 0.0, 0.0], [0.5, 0.4, 0.1, 0.0]], 12, axis=0)
        t = np.arange(24) / 6
        bouts = [Bout(1, "camera_interaction", a, b, 0.7, False, False, "seen") for a, b in ((0.0, 1.9), (1.9, 4.0))]
        assert [bout.also for bout in name_also(bouts, t, beliefs, self.CODES, self.TOGETHER, 0.25)] == [(), ("rub",)]
