"""Arithmetic that can be done by hand: what each metric says of bouts whose answer is known."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluate.behaviour import EMPTY, NO_TRACK, Conditions, PredictedBout, Scores, TrueBout, score, score_by
from models.evaluate.behaviour.timeline import flattened, joined_true, pieces, union
from models.evaluate.behaviour.values import frame_rate_band
from pipeline.behaviour.ethogram import UNKNOWN


def true(behaviour, start, end, video="v", subject="a", **fields):
    return TrueBout(video, subject, tuple(behaviour.split("|")), start, end, **fields)


def said(behaviour, start, end, probability=0.8, video="v", subject="a"):
    return PredictedBout(video, subject, behaviour, start, end, probability)


def of_class(scores: Scores, behaviour):
    return next(one for one in scores.classes if one.behaviour == behaviour)


def cell(scores: Scores, row, column):
    return scores.confusion.seconds[scores.confusion.rows.index(row)][scores.confusion.columns.index(column)]


class TestSeconds:
    """10 s of travel of which 6 are named so, 2 called rest, 1 unknown, 1 without a track; then 10 s of rest."""

    TRUE = (true("travel", 0, 10), true("rest", 10, 20))
    SAID = (said("travel", 0, 6), said("rest", 6, 8), said(UNKNOWN, 8, 9), said("rest", 10, 20))

    @pytest.fixture
    def scores(self) -> Scores:
        return score(self.TRUE, self.SAID)

    def test_each_behaviour_has_precision_recall_and_f1(self, scores: Scores) -> None:
        travel, rest = of_class(scores, "travel"), of_class(scores, "rest")
        assert (travel.precision.value, travel.recall.value) == pytest.approx((1.0, 0.6))
        assert travel.f1.value == pytest.approx(2 * 0.6 / 1.6)
        assert (rest.precision.value, rest.recall.value) == pytest.approx((10 / 12, 1.0))
        assert (travel.seconds, travel.named_s, travel.bouts) == (10, 6, 1)
        assert (rest.seconds, rest.named_s, rest.bouts) == (10, 12, 1)

    def test_the_macro_is_their_mean(self, scores: Scores) -> None:
        f1s = [one.f1.value for one in scores.classes]
        assert scores.macro_f1.value == pytest.approx(sum(f1s) / 2)
        assert scores.macro_precision.value == pytest.approx((1 + 10 / 12) / 2)
        assert scores.macro_recall.value == pytest.approx(0.8)
        assert scores.right.value == pytest.approx(0.8)

    def test_what_is_not_named_is_said(self, scores: Scores) -> None:
        assert scores.unknown_share == pytest.approx(1 / 20)
        assert scores.no_track_share == pytest.approx(1 / 20)

    def test_the_confusion_is_in_seconds(self, scores: Scores) -> None:
        assert cell(scores, "travel", "travel") == 6
        assert cell(scores, "travel", "rest") == 2
        assert cell(scores, "travel", UNKNOWN) == 1
        assert cell(scores, "travel", NO_TRACK) == 1
        assert cell(scores, "rest", "rest") == 10
        assert sum(map(sum, scores.confusion.seconds)) == scores.seconds == 20

    def test_one_video_gives_no_interval(self, scores: Scores) -> None:
        assert scores.macro_f1.low is None
        assert scores.macro_f1.high is None

    def test_abstaining_costs_recall_and_no_precision(self) -> None:
        scores = score([true("travel", 0, 10)], [said("travel", 0, 4), said(UNKNOWN, 4, 10)])
        assert of_class(scores, "travel").precision.value == 1
        assert of_class(scores, "travel").recall.value == pytest.approx(0.4)
        assert scores.unknown_share == pytest.approx(0.6)

    def test_a_behaviour_that_never_happens_costs_its_own_precision_and_stays_out_of_the_macro(self) -> None:
        scores = score([true("travel", 0, 10)], [said("travel", 0, 8), said("chase", 8, 10)])
        assert of_class(scores, "chase").precision.value == 0
        assert of_class(scores, "chase").recall.value is None
        assert of_class(scores, "chase").f1.value == 0
        assert scores.macro_f1.value == of_class(scores, "travel").f1.value

    def test_a_behaviour_that_nobody_named_has_no_precision(self) -> None:
        rest = of_class(score([true("rest", 0, 5)], [said("travel", 0, 5)]), "rest")
        assert (rest.precision.value, rest.recall.value, rest.f1.value) == (None, 0, 0)

    def test_time_without_labels_does_not_count(self) -> None:
        scores = score([true("travel", 5, 10)], [said("rest", 0, 5), said("travel", 5, 10), said("chase", 10, 30)])
        assert scores.right.value == 1
        assert [one.behaviour for one in scores.classes] == ["travel"]

    def test_time_of_which_nobody_can_tell_is_left_out_and_told(self) -> None:
        scores = score([true("travel", 0, 4), true(UNKNOWN, 4, 9)], [said("travel", 0, 4), said("rest", 4, 9)])
        assert scores.right.value == 1
        assert (scores.seconds, scores.untold_s, scores.bouts) == (4, 5, 1)
        assert scores.segments[0].precision == 1

    def test_a_name_where_nobody_is_costs_precision(self) -> None:
        scores = score([true("travel", 0, 4), true(EMPTY, 4, 10)], [said("travel", 0, 6)])
        assert of_class(scores, "travel").precision.value == pytest.approx(4 / 6)
        assert (scores.seconds, scores.empty_s, scores.false_s) == (4, 6, 2)
        assert cell(scores, EMPTY, "travel") == 2

    def test_any_of_several_true_behaviours_is_right(self) -> None:
        scores = score([true("investigate|groom", 0, 4)], [said("groom", 0, 1), said("rest", 1, 4)])
        assert scores.right.value == pytest.approx(0.25)
        assert of_class(scores, "groom").recall.value == 1
        assert cell(scores, "investigate", "rest") == 3

    def test_behaviours_labelled_at_once_are_all_right(self) -> None:
        scores = score([true("travel", 0, 4), true("carry", 2, 4)], [said("travel", 0, 3), said("carry", 3, 4)])
        assert scores.right.value == 1

    def test_where_two_tracks_follow_one_animal_a_name_comes_before_unknown_and_the_surer_first(self) -> None:
        scores = score(
            [true("travel", 0, 4)], [said("travel", 0, 4, 0.6), said("rest", 1, 2, 0.9), said(UNKNOWN, 0, 4, 1)]
        )
        assert scores.right.value == pytest.approx(0.75)

    def test_subjects_are_kept_apart(self) -> None:
        scores = score(
            [true("travel", 0, 4), true("rest", 0, 4, subject="b"), true("rest", 0, 4, video="w")],
            [said("travel", 0, 4, subject="b"), said("rest", 0, 4, video="w"), said("rest", 0, 4, subject="c")],
        )
        assert (scores.videos, scores.subjects) == (2, 3)
        assert scores.right.value == pytest.approx(1 / 3)
        assert scores.no_track_share == pytest.approx(1 / 3)

    def test_without_labels_there_is_nothing_to_say(self) -> None:
        with pytest.raises(ValueError, match="no true bout"):
            score([], [said("travel", 0, 1)])
        with pytest.raises(ValueError, match="must end after its start"):
            true("travel", 1, 1)


class TestBouts:
    def test_f1_at_an_overlap_counts_bouts_that_overlap_enough(self) -> None:
        """Travel overlaps by 6 of 10 s, rest by 2 of 10 s, and one short chase is invented."""
        scores = score(
            [true("travel", 0, 10), true("rest", 10, 20), true("feed", 20, 30)],
            [said("travel", 0, 6), said("chase", 7, 8), said("rest", 18, 20)],
        )
        at = {one.overlap: one for one in scores.segments}
        assert at[0.1].f1.value == pytest.approx(2 * 2 / (3 + 3))
        assert at[0.25].f1.value == pytest.approx(2 * 1 / 6)
        assert at[0.5].f1.value == pytest.approx(2 * 1 / 6)
        assert (at[0.1].precision, at[0.1].recall) == pytest.approx((2 / 3, 2 / 3))

    def test_a_bout_cut_in_two_is_found_once_and_the_rest_is_too_many(self) -> None:
        scores = score([true("travel", 0, 10)], [said("travel", 0, 6), said(UNKNOWN, 6, 7), said("travel", 7, 10)])
        assert scores.segments[0].precision == 0.5
        assert scores.segments[0].recall == 1

    def test_unknown_is_no_bout(self) -> None:
        scores = score([true("travel", 0, 10)], [said(UNKNOWN, 0, 10)])
        assert scores.segments[0].precision is None
        assert scores.segments[0].f1.value == 0

    def test_starts_and_ends_are_compared_with_the_whole_predicted_bout(self) -> None:
        scores = score(
            [true("travel", 2, 10), true("rest", 10, 20, video="w")],
            [said("travel", 1.5, 11), said("rest", 11, 19.5, video="w")],
        )
        assert scores.start_error.bouts == scores.end_error.bouts == 2
        assert scores.start_error.median_s == pytest.approx((0.5 + 1) / 2)
        assert scores.start_error.p90_s == pytest.approx(0.5 + 0.9 * 0.5)
        assert scores.start_error.bias_s == pytest.approx((-0.5 + 1) / 2)
        assert scores.end_error.median_s == pytest.approx(0.75)

    def test_edges_that_the_video_or_ignorance_cuts_off_are_left_out(self) -> None:
        bouts = [true("travel", 0, 5, censored_start=True), true(UNKNOWN, 5, 8), true("rest", 8, 10)]
        scores = score(bouts, [said("travel", 1, 4), said("rest", 8.5, 9)])
        assert scores.start_error.bouts == 0
        assert scores.start_error.median_s is None
        assert scores.end_error.bouts == 1
        assert scores.end_error.median_s == pytest.approx(1)

    def test_labels_of_one_behaviour_that_touch_are_one_bout(self) -> None:
        joined = joined_true([true("rest", 5, 9, censored_end=True), true("rest", 0, 5), true("travel", 9, 10)])
        assert joined == [true("rest", 0, 9, censored_end=True), true("travel", 9, 10)]

    def test_predicted_bouts_become_one_line_without_overlaps(self) -> None:
        flat = flattened([said("travel", 0, 4, 0.5), said("travel", 4, 6, 0.8), said("rest", 5, 8, 0.9)])
        assert [(one.behaviour, one.start_s, one.end_s) for one in flat] == [("travel", 0, 5), ("rest", 5, 8)]
        assert flat[0].probability == pytest.approx((4 * 0.5 + 0.8) / 5)


class TestTrust:
    def test_the_calibration_error_is_the_gap_weighted_by_time(self) -> None:
        """6 s said with 0.9 of which 3 are right, 4 s said with 0.2 and wrong: (6 * 0.4 + 4 * 0.2) / 10."""
        scores = score(
            [true("travel", 0, 3), true("rest", 3, 10)], [said("travel", 0, 6, 0.9), said("feed", 6, 10, 0.2)]
        )
        assert scores.calibration.error == pytest.approx(0.32)
        assert [one.seconds for one in scores.calibration.bins] == [0, 0, 4, 0, 0, 0, 0, 0, 0, 6]
        assert scores.calibration.bins[9].right == pytest.approx(0.5)
        assert scores.calibration.bins[9].probability == pytest.approx(0.9)

    def test_what_is_unnamed_or_has_no_probability_says_nothing(self) -> None:
        scores = score([true("travel", 0, 9)], [said(UNKNOWN, 0, 4, 0.9), said("travel", 4, 9, None)])
        assert scores.calibration.error is None

    def test_a_name_where_nobody_is_is_wrong(self) -> None:
        scores = score([true(EMPTY, 0, 4)], [said("travel", 0, 4, 1.0)])
        assert scores.calibration.error == pytest.approx(1)
        assert scores.macro_f1.value is None

    def test_risk_falls_as_less_is_named(self) -> None:
        scores = score(
            [true("travel", 0, 10)], [said("travel", 0, 5, 0.9), said("rest", 5, 7, 0.5), said(UNKNOWN, 7, 10, 0.5)]
        )
        at = {point.threshold: point for point in scores.risk}
        assert (at[0.0].named, at[0.0].error) == pytest.approx((0.7, 2 / 7))
        assert (at[0.5].named, at[0.5].error) == pytest.approx((0.7, 2 / 7))
        assert (at[0.55].named, at[0.55].error) == pytest.approx((0.5, 0))
        assert (at[0.95].named, at[0.95].error) == (0, None)


class TestIntervals:
    VIDEOS = tuple(f"v{i}" for i in range(20))

    def test_videos_that_differ_give_a_width_and_the_same_seed_the_same_width(self) -> None:
        bouts = [true("travel", 0, 10, video=video) for video in self.VIDEOS]
        half = [said("travel", 0, 10, video=video) for video in self.VIDEOS[:10]]
        scores = score(bouts, half, seed=3)
        recall = of_class(scores, "travel").recall
        assert recall.value == pytest.approx(0.5)
        # 20 draws of a coin: the standard error is sqrt(0.25 / 20) = 0.11, 1.96 of them are 0.22
        assert recall.low == pytest.approx(0.28, abs=0.08)
        assert recall.high == pytest.approx(0.72, abs=0.08)
        assert score(bouts, half, seed=3) == scores

    def test_videos_that_do_not_differ_give_none(self) -> None:
        bouts = [true("travel", 0, 10, video=video) for video in self.VIDEOS]
        scores = score(bouts, [said("travel", 0, 5, video=video) for video in self.VIDEOS])
        assert scores.right.low == scores.right.high == pytest.approx(0.5)
        assert scores.segments[2].f1.low == 1


class TestConditions:
    def test_each_condition_that_is_known_is_scored_apart(self) -> None:
        bouts = [true("travel", 0, 4), true("travel", 0, 4, video="w"), true("travel", 0, 4, video="x")]
        predicted = [said("travel", 0, 4), said("travel", 0, 1, video="w")]
        known = {"v": Conditions("day", "below 5 pictures/s"), "w": Conditions("infrared")}
        found = score_by(bouts, predicted, known)
        assert list(found["light"]) == ["day", "infrared"]
        assert found["light"]["day"].right.value == 1
        assert found["light"]["infrared"].right.value == 0.25
        assert list(found["frame_rate"]) == ["below 5 pictures/s"]
        assert found["camera"] == {}

    @pytest.mark.parametrize(
        ("rate", "band"),
        [(None, ""), (0, ""), (2, "below 5 pictures/s"), (5, "5 to 15 pictures/s"), (29.97, "25 pictures/s and more")],
    )
    def test_frame_rates_are_grouped(self, rate: float | None, band: str) -> None:
        assert frame_rate_band(rate) == band


codes = st.sampled_from(["travel", "rest", "play", "groom"])
tenths = st.integers(0, 200).map(lambda n: n / 10)


@st.composite
def labelled(draw, behaviours=codes):
    """True bouts of some subjects, overlapping or not."""
    spans = st.tuples(tenths, tenths).filter(lambda ends: ends[0] != ends[1])
    rows = st.tuples(behaviours, spans, st.sampled_from("vw"), st.sampled_from("ab"))
    return [
        true(code, min(span), max(span), video=video, subject=subject)
        for code, span, video, subject in draw(st.lists(rows, min_size=1, max_size=8))
    ]


def without_overlaps(bouts):
    kept = []
    for bout in bouts:
        if all(
            (bout.video, bout.subject) != (one.video, one.subject)
            or bout.end_s <= one.start_s
            or one.end_s <= bout.start_s
            for one in kept
        ):
            kept.append(bout)
    return kept


@given(labelled())
@settings(max_examples=25)
def test_a_perfect_prediction_scores_one(bouts) -> None:
    bouts = without_overlaps(bouts)
    perfect = [said(b.behaviours[0], b.start_s, b.end_s, 1.0, b.video, b.subject) for b in bouts]
    scores = score(bouts, perfect, draws=20)
    assert scores.macro_f1.value == scores.right.value == 1
    assert all(one.f1.value == one.precision.value == one.recall.value == 1 for one in scores.classes)
    assert all(one.f1.value == 1 for one in scores.segments)
    assert scores.start_error.p90_s == pytest.approx(0, abs=1e-9)
    assert scores.calibration.error == pytest.approx(0, abs=1e-9)
    assert scores.unknown_share == scores.no_track_share == 0


@given(labelled(), labelled(st.sampled_from(["travel", "rest", "play", UNKNOWN])), st.randoms())
@settings(max_examples=25)
def test_the_order_of_bouts_does_not_matter(bouts, others, random) -> None:
    predicted = [
        said(b.behaviours[0], b.start_s, b.end_s, 0.5 + i / 20, b.video, b.subject) for i, b in enumerate(others)
    ]
    before = score(bouts, predicted, draws=20)
    mixed, mixed_predicted = list(bouts), list(predicted)
    random.shuffle(mixed)
    random.shuffle(mixed_predicted)
    assert score(mixed, mixed_predicted, draws=20) == before


@given(labelled(), labelled(st.sampled_from(["travel", "rest", UNKNOWN])))
@settings(max_examples=25)
def test_no_labelled_second_is_lost_or_counted_twice(bouts, others) -> None:
    predicted = [said(b.behaviours[0], b.start_s, b.end_s, 0.5, b.video, b.subject) for b in others]
    scores = score(bouts, predicted, draws=0)
    labelled_s = 0.0
    for video, subject in {(b.video, b.subject) for b in bouts}:
        spans = union((b.start_s, b.end_s) for b in bouts if (b.video, b.subject) == (video, subject))
        labelled_s += sum(end - start for start, end in spans)
    assert math.isclose(sum(map(sum, scores.confusion.seconds)), labelled_s, abs_tol=1e-6)


def test_pieces_are_exact_and_need_no_grid() -> None:
    found = pieces([true("travel", 0, 1 / 3)], [said("travel", 0.1, 0.2)])
    assert [(one.said, one.seconds) for one in found] == [
        (NO_TRACK, pytest.approx(0.1)),
        ("travel", pytest.approx(0.1)),
        (NO_TRACK, pytest.approx(1 / 3 - 0.2)),
    ]
    assert replace(found[0], seconds=1).truth == "travel"
