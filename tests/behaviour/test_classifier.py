from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.behaviour.classifier import (
    AT_A_WALK_AT_MOST,
    IN_PLACE,
    RULED_OUT_SHARE,
    Scene,
    hold_back,
    passing_by,
    rule_out,
)
from pipeline.behaviour.ethogram import UNKNOWN, load_ethogram
from pipeline.behaviour.features import measure
from pipeline.settings import find_config
from pipeline.values import Samples
from tests.behaviour.tracks import features_of, looks_of, samples_of

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

    @pytest.mark.parametrize(("apart_s", "is_told"), [(0.5, True), (1.0, True), (1.5, False), (10.0, False)])
    def test_pictures_more_than_a_second_apart_say_nothing(self, apart_s: float, is_told: bool) -> None:
        held = hold_back(SURE, CODES, features_of(np.arange(len(SURE)) * apart_s))
        assert (held.argmax(axis=1) == (0 if is_told else CODES.index(UNKNOWN))).all()

    @given(beliefs, hnp.arrays(bool, len(T)), hnp.arrays(bool, len(T)))
    def test_beliefs_still_sum_to_1(self, beliefs: np.ndarray, visible: np.ndarray, edge: np.ndarray) -> None:
        held = hold_back(beliefs, CODES, features_of(T, visible=visible, edge=edge))
        np.testing.assert_allclose(held.sum(axis=1), 1)
        assert (held >= 0).all()


class TestRulingOut:
    SAID = ("travel", "groom", "family_travel", UNKNOWN)

    def animal(self, change: float | np.ndarray = 0.1, t: np.ndarray = T) -> Samples:
        """One that sits for as long as `t`; `change` is the share of each cell of its window that changes."""
        looks = looks_of(np.broadcast_to(np.asarray(change, dtype=float), t.shape))
        return samples_of(t, np.full((len(t), 2), 500.0), (300, 200), looks=looks)

    def walker(self, t: np.ndarray = T) -> Samples:
        """One that goes along for as long as `t`."""
        return samples_of(t, np.column_stack([200 + 150 * (t - t[0]), np.full(len(t), 500.0)]), (300, 200))

    def left(self, *animals: Samples, speed: float = 0.0) -> np.ndarray:
        """What is left of each belief in the first animal, beside travelling, which nothing rules out."""
        where = [measure(one, 16 / 9).goes_nowhere for one in animals]
        features = tuple(
            replace(features_of(one.t, speed), goes_nowhere=stays) for one, stays in zip(animals, where, strict=True)
        )
        ruled = rule_out(SURE, self.SAID, Scene(animals, features, 16 / 9), 0)
        return (ruled / ruled[:, :1]) / (SURE / SURE[:, :1])

    def test_what_does_not_move_does_not_groom(self) -> None:
        np.testing.assert_allclose(self.left(self.animal(0.0), self.walker())[:, 1], RULED_OUT_SHARE)

    @pytest.mark.parametrize(
        ("change", "speed"), [(0.02, 0.0), (0.0, 0.5), (np.nan, 0.0)], ids=["moves", "goes", "cannot be told"]
    )
    def test_what_moves_or_may_does(self, change: float, speed: float) -> None:
        np.testing.assert_allclose(self.left(self.animal(change), self.walker(), speed=speed), 1)

    def test_an_ear_that_twitches_is_no_grooming(self) -> None:
        change = np.where(np.arange(len(T)) % 6 == 0, 0.02, 0.0)
        np.testing.assert_allclose(self.left(self.animal(change), self.walker())[:, 1], RULED_OUT_SHARE)

    def test_a_short_pause_rules_nothing_out(self) -> None:
        change = np.where((T > 1.7) & (T < 2.3), 0.0, 0.05)
        np.testing.assert_allclose(self.left(self.animal(change), self.walker()), 1)

    def test_a_sleeper_that_lifts_its_head_does_not_groom_and_may_do_else(self) -> None:
        change = np.where((T > 1.0) & (T < 3.0), 0.05, 0.0)
        animals = (self.animal(change), self.walker())
        features = tuple(features_of(one.t) for one in animals)
        ruled = rule_out(SURE, ("rest", "groom", "feed", UNKNOWN), Scene(animals, features, 16 / 9), 0)
        beside_rest = ((ruled / ruled[:, :1]) / (SURE / SURE[:, :1]))[np.abs(T - 2) < 0.5]
        np.testing.assert_allclose(beside_rest, np.tile([1, RULED_OUT_SHARE, 1, 1], (len(beside_rest), 1)))

    def test_a_family_is_more_than_one(self) -> None:
        np.testing.assert_allclose(self.left(self.animal())[:, 2], RULED_OUT_SHARE)
        np.testing.assert_allclose(self.left(self.animal(), self.walker()), 1)

    def test_nobody_travels_with_one_that_goes_nowhere(self) -> None:
        np.testing.assert_allclose(self.left(self.walker(), self.animal())[:, 2], RULED_OUT_SHARE)
        np.testing.assert_allclose(self.left(self.walker(), self.animal(), self.walker()), 1)

    def test_another_that_came_much_later_is_no_company(self) -> None:
        left = self.left(self.animal(), self.walker(t=T + 4.0))[:, 2]
        np.testing.assert_allclose(left[T < 1.9], RULED_OUT_SHARE)
        np.testing.assert_allclose(left[T >= 2.0], 1)

    @pytest.mark.parametrize(("others", "left"), [(0, RULED_OUT_SHARE), (1, 1.0)])
    def test_another_is_groomed_only_where_there_is_one(self, others: int, left: float) -> None:
        animals = (self.animal(),) * (1 + others)
        features = tuple(features_of(one.t) for one in animals)
        ruled = rule_out(SURE, ("travel", "groom_other", "mating", UNKNOWN), Scene(animals, features, 16 / 9), 0)
        beside_travel = (ruled / ruled[:, :1]) / (SURE / SURE[:, :1])
        np.testing.assert_allclose(beside_travel[:, 1], left)
        np.testing.assert_allclose(beside_travel[:, 2], 1, err_msg="two that mate are often under one box")

    GALLOPING = ("travel", "play", "chase", UNKNOWN)

    def left_at(self, body_lengths_s: float, way: float, company: bool) -> dict[str, float]:
        """What is left of beliefs in one that gets away along x as fast, or to and fro over so many body lengths."""
        along = way * np.abs((body_lengths_s * T / way + 1) % 2 - 1)
        animal = samples_of(T, np.column_stack([300 + 30 * along, np.full(len(T), 500.0)]), (30, 20))
        scene = [animal, self.animal()] if company else [animal]
        features = tuple(measure(one, 16 / 9) for one in scene)
        ruled = rule_out(SURE, self.GALLOPING, Scene(tuple(scene), features, 16 / 9), 0)
        middle = (ruled / ruled[:, 2:3] / (SURE / SURE[:, 2:3]))[6:-6]  # beside the belief in a chase
        return dict(zip(self.GALLOPING, middle.mean(axis=0).round(3), strict=True))

    def test_a_gallop_is_no_walk_and_alone_no_play(self) -> None:
        fast = self.left_at(4.0, way=100, company=False)
        assert fast == {"travel": RULED_OUT_SHARE, "play": RULED_OUT_SHARE, "chase": 1, UNKNOWN: 1}

    def test_all_that_the_ethogram_has_is_slower_but_for_hunting_fighting_and_play(self) -> None:
        codes = set(load_ethogram(find_config("ethogram.yaml")).codes()) - {UNKNOWN}
        assert codes - AT_A_WALK_AT_MOST == {"chase", "play", "agonistic", "carry"}

    def test_two_may_gallop_in_play(self) -> None:
        assert self.left_at(4.0, way=100, company=True)["play"] == 1

    def test_a_trot_or_a_leap_to_and_fro_rules_nothing_out(self) -> None:
        assert set(self.left_at(1.5, way=100, company=False).values()) == {1}
        assert set(self.left_at(4.0, way=1.5, company=False).values()) == {1}

    @pytest.mark.parametrize("along", [0.5, -0.5])
    def test_one_that_steadily_comes_or_goes_does_nothing_that_is_done_in_one_place(self, along: float) -> None:
        scene = Scene((self.walker(),), (features_of(T, approach=along),), 16 / 9)
        ruled = rule_out(SURE, CODES, scene, 0)
        beside_travel = (ruled / ruled[:, :1]) / (SURE / SURE[:, :1])
        np.testing.assert_allclose(beside_travel, np.tile([1, RULED_OUT_SHARE, RULED_OUT_SHARE, 1], (len(T), 1)))

    def test_all_that_the_ethogram_has_is_done_in_one_place_or_on_the_way(self) -> None:
        codes = set(load_ethogram(find_config("ethogram.yaml")).codes()) - {UNKNOWN}
        on_the_way = {"travel", "family_travel", "stalk", "chase", "carry", "investigate", "play", "agonistic"}
        assert codes - IN_PLACE == on_the_way | {"camera_interaction"}

    @given(beliefs, st.floats(0, 0.01))
    def test_beliefs_still_sum_to_1(self, beliefs: np.ndarray, change: float) -> None:
        scene = Scene((self.animal(change),), (features_of(T),), 16 / 9)
        ruled = rule_out(beliefs, self.SAID, scene, 0)
        np.testing.assert_allclose(ruled.sum(axis=1), 1)
        assert (ruled > 0).all()

    def test_nothing_but_boxes_rules_no_movement_out(self) -> None:
        boxes = samples_of(T, np.full((len(T), 2), 500.0), (300, 200))
        np.testing.assert_allclose(self.left(boxes, self.walker()), 1)


class TestPassingBy:
    SAID = ("camera_interaction", "travel", "family_travel", "vigilance", UNKNOWN)
    BELIEF = np.tile([0.7, 0.06, 0.02, 0.1, 0.12], (len(T), 1))

    def turned(self, width: int, codes: tuple[str, ...] = SAID, **features: float) -> np.ndarray:
        """The mean belief in each of `codes` in one that takes so many pixels of the picture's width."""
        animal = samples_of(T, np.full((len(T), 2), 500.0), (width, width // 2))
        scene = Scene((animal,), (features_of(T, **features),), 16 / 9)
        return passing_by(self.BELIEF, codes, scene, 0).mean(axis=0)

    def test_who_passes_the_camera_travels(self) -> None:
        np.testing.assert_allclose(self.turned(800, approach=0.5), [0, 0.585, 0.195, 0.1, 0.12])
        np.testing.assert_allclose(self.turned(300, speed=0.5), [0, 0.585, 0.195, 0.1, 0.12])

    def test_who_stands_far_from_it_watches(self) -> None:
        np.testing.assert_allclose(self.turned(300), [0, 0.06, 0.02, 0.8, 0.12])

    def test_who_stops_right_before_it_deals_with_it(self) -> None:
        np.testing.assert_allclose(self.turned(800), self.BELIEF[0])

    def test_who_stops_for_a_second_may_do_either(self) -> None:
        boxes = np.where((T < 1.0)[:, None], (0.3, 0.3, 0.42, 0.42), (0.3, 0.3, 0.1, 0.1))
        animal = replace(samples_of(T, np.full((len(T), 2), 500.0), (300, 200)), boxes=boxes)
        scene = Scene((animal,), (features_of(T),), 16 / 9)
        before_it, *_ = passing_by(self.BELIEF, self.SAID, scene, 0).mean(axis=0)
        assert 0.1 < before_it < 0.6

    def test_an_ethogram_without_one_of_these_is_left_alone(self) -> None:
        codes = ("camera_interaction", "travel", "rest", "vigilance", UNKNOWN)
        np.testing.assert_allclose(self.turned(300, codes, speed=0.5), self.BELIEF[0])
