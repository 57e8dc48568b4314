"""Lasting changes are flagged, chance is not, and a person's word about a flag holds."""

from datetime import timedelta

import numpy as np
import pytest

from pipeline.health.change import FALSE_ALARMS_A_YEAR, follow
from pipeline.health.flags import Severity
from pipeline.health.whole_walk import TOGETHER, walk_flags
from tests.health.histories import FORBIDDEN, history, park, visit

DAYS = 9  # between sightings
EVEN, LIMPING = 0.05, 0.25


def walked(values, name="gait_asymmetry", station="S1", key=1):
    return history([visit(n, DAYS * n, station, key=key, **{name: value}) for n, value in enumerate(values)], key)


def noisy(middle, number, seed=1, spread=0.012):
    return np.abs(middle + np.random.default_rng(seed).normal(0, spread, number)).tolist()


def flags_of(one, name="gait_asymmetry", dismissed=None):
    found = follow(park(one), dismissed or {})[1]
    return [flag for series in found if series.watched.name == name for flag in series.flags]


def test_a_limp_is_flagged_with_its_second_or_third_sighting_and_says_on_what_it_rests():
    (flag,) = flags_of(walked([*noisy(EVEN, 15), *noisy(LIMPING, 4)]))
    assert 16 <= (flag.raised.date() - flag.began.date()).days / DAYS + 15 <= 17
    assert flag.evidence == ("1-15", "1-16", "1-17", "1-18")
    assert (flag.rests_on, flag.reference_size, flag.ended) == (4, 15, None)
    assert flag.severity is Severity.SOON
    assert flag.effect > 3
    assert 0 < flag.false_alarms_a_year <= FALSE_ALARMS_A_YEAR
    assert flag.summary == (
        "walks less evenly: 0.25 of 0 to 1 over 4 sightings, where 0.05 is usual (its own earlier sightings: 15)"
    )


def test_one_sighting_far_off_is_no_flag():
    assert flags_of(walked([*noisy(EVEN, 15), 0.9, *noisy(EVEN, 6)])) == []


def test_a_change_for_the_better_is_no_flag():
    assert flags_of(walked([*noisy(LIMPING, 15), *noisy(EVEN, 8)])) == []


def test_what_could_not_be_assessed_neither_speaks_for_nor_against():
    gaps = [*noisy(EVEN, 15), LIMPING, None, None, LIMPING, LIMPING]
    (flag,) = flags_of(walked(gaps))
    assert flag.evidence == ("1-15", "1-18", "1-19")


def test_a_flag_ends_once_the_animal_is_as_before_and_the_next_one_is_another():
    found = flags_of(walked([*noisy(EVEN, 15), *noisy(LIMPING, 4), *noisy(EVEN, 12, 2), *noisy(LIMPING, 4, 3)]))
    assert [flag.ended is None for flag in found] == [False, True]
    assert found[0].flag_id != found[1].flag_id
    assert found[0].ended < found[1].began


def test_readings_half_a_year_apart_do_not_add_up():
    early = [visit(n, DAYS * n, gait_asymmetry=value) for n, value in enumerate(noisy(EVEN, 15))]
    late = [visit(20 + n, 150 + 200 * n, gait_asymmetry=0.14) for n in range(3)]
    assert flags_of(history([*early, *late])) == []


def test_a_flag_of_the_past_does_not_change_with_what_is_filmed_later():
    values = [*noisy(EVEN, 15), *noisy(LIMPING, 4)]
    (now,) = flags_of(walked(values))
    (later,) = flags_of(walked([*values, *noisy(EVEN, 20, 4)]))
    assert (later.flag_id, later.began, later.raised) == (now.flag_id, now.began, now.raised)


def test_a_dismissed_flag_does_not_come_back_for_the_same_sightings_but_for_new_ones():
    values = [*noisy(EVEN, 15), *noisy(LIMPING, 3)]
    (flag,) = flags_of(walked(values))
    dismissed = {(1, "gait_asymmetry"): frozenset(flag.evidence)}
    assert flags_of(walked(values), dismissed=dismissed) == []
    assert flags_of(walked([*values, *noisy(EVEN, 5, 2)]), dismissed=dismissed) == []
    (again,) = flags_of(walked([*values, *noisy(LIMPING, 4, 5)]), dismissed=dismissed)
    assert not set(again.evidence) & set(flag.evidence)
    assert again.flag_id != flag.flag_id


def test_a_camera_that_sees_everybody_slower_is_no_reason_for_a_flag():
    draw = np.random.default_rng(5)
    slow = {"S1": 1.0, "S2": 0.5}
    animals = []
    for key in range(1, 7):
        places = ["S1" if n % 3 else "S2" for n in range(24)] + ["S2"] * 6
        speeds = [0.8 * slow[place] * np.exp(draw.normal(0, 0.08)) for place in places]
        animals.append(
            history([visit(n, DAYS * n, places[n], key=key, travel_speed=value) for n, value in enumerate(speeds)], key)
        )
    found = follow(park(*animals))
    assert [flag for series in found.values() for one in series for flag in one.flags] == []


def test_small_changes_of_the_whole_walk_add_up_sooner_than_any_of_them():
    draw = np.random.default_rng(6)
    usual = {"travel_speed": 0.8, "stride_frequency": 1.0, "gait_asymmetry": 0.05, "head_bob": 0.3, "back_bob": 0.3}
    odd = {"travel_speed": 0.58, "stride_frequency": 0.86, "gait_asymmetry": 0.12, "head_bob": 0.44, "back_bob": 0.44}

    def walk(number, middles):
        scatter = {
            "travel_speed": 0.12,
            "stride_frequency": 0.06,
            "gait_asymmetry": 0.2,
            "head_bob": 0.2,
            "back_bob": 0.2,
        }
        return visit(
            number, DAYS * number, **{name: middles[name] * np.exp(draw.normal(0, scatter[name])) for name in TOGETHER}
        )

    one = history([*(walk(n, usual) for n in range(20)), *(walk(n, odd) for n in range(20, 24))])
    followed = follow(park(one))[1]
    (flag,) = walk_flags(one, followed)
    assert flag.rests_on >= 2
    assert set(flag.evidence) <= {f"1-{n}" for n in range(19, 24)}
    single = [one.raised for series in followed for one in series.flags]
    assert flag.raised <= min(single, default=flag.raised)


@pytest.mark.parametrize("seed", [1, 2])
def test_animals_without_a_change_raise_no_more_flags_than_is_stated(seed):
    """40 animals over four years, readings with the outliers of trap video."""
    draw = np.random.default_rng(seed)
    animals = []
    for key in range(1, 41):
        values = np.exp(np.log(0.95) + 0.08 * 0.9 * draw.standard_t(5, 100))
        visits = [visit(n, 14 * n, key=key, stride_frequency=value) for n, value in enumerate(values.tolist())]
        animals.append(history(visits, key))
    found = follow(park(*animals, days=1500))
    flags = [flag for series in found.values() for one in series for flag in one.flags]
    years = 40 * (14 * 100 / 365 - 0.2)
    expected = FALSE_ALARMS_A_YEAR * years
    assert len(flags) <= expected + 2 * np.sqrt(expected)


def test_wording_names_what_is_seen_and_no_cause():
    values = {
        "girth_length": (0.42, 0.3),
        "tortuosity": (0.1, 0.45),
        "back_bob": (0.3, 0.9),
        "travel_speed": (0.8, 0.4),
    }
    for name, (before, after) in values.items():
        usual, now = (
            [middle * np.exp(one) for one in np.random.default_rng(7).normal(0, 0.02, 12)] for middle in (before, after)
        )
        (flag,) = flags_of(walked([*usual, *now[:4]], name), name)
        assert not any(word in flag.summary.lower() for word in FORBIDDEN)
        assert flag.raised - flag.began < timedelta(days=4 * DAYS)
