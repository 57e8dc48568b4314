"""What is usual for an animal does not move with a few odd sightings, and says what it was made of."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.health.baseline import Source, others_reference, own_reference
from pipeline.health.levels import Levels, Reading, monthly_levels, spread_of
from pipeline.health.watched import WATCHED

SPEED, ASYMMETRY = (next(one for one in WATCHED if one.name == name) for name in ("travel_speed", "gait_asymmetry"))
DAY = date(2025, 6, 1)


def reading(value, station="S1", animal=1, day=DAY):
    return Reading(animal, 0, day, station, value)


usual = st.lists(st.floats(-1, 1), min_size=9, max_size=40)
odd = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4)


@given(usual, odd)
def test_a_few_outliers_leave_the_median_among_the_usual_readings_and_the_spread_finite(good, wild):
    found = own_reference(reading(0.0), [reading(one) for one in [*good, *wild]], Levels({}, 0.0, 0.1), ASYMMETRY)
    assert min(good) <= found.median <= max(good)
    assert found.spread <= max(1.4826 * 2 * (max(good) - min(good)), 0.1)
    assert found.sightings == len(good) + len(wild)


@given(st.lists(st.floats(-1, 1), min_size=5, max_size=20), st.floats(-3, 3))
def test_a_reading_further_towards_concern_never_scores_less(values, value):
    found = own_reference(reading(0.0), [reading(one) for one in values], Levels({}, 0.0, 0.1), ASYMMETRY)
    assert found.score(value + 0.1, +1) > found.score(value, +1)
    error = -found.score(found.median, +1)  # of the median, taken off both ways
    assert found.score(value, -1) + found.score(value, +1) == pytest.approx(-2 * error)


def test_the_same_station_comes_first_then_levelled_stations_then_nothing():
    levels = Levels({"S1": 0.5, "S2": -0.5}, 0.0, 0.1)
    here = [reading(1.0 + 0.01 * n) for n in range(5)]
    there = [reading(0.0 + 0.01 * n, "S2") for n in range(5)]
    same = own_reference(reading(1.0), [*here, *there], levels, SPEED)
    assert (same.source, same.sightings, same.animals) == (Source.SAME_STATION, 5, 1)
    levelled = own_reference(reading(1.0), [*here[:4], *there], levels, SPEED)
    assert (levelled.source, levelled.sightings) == (Source.OWN_LEVELLED, 9)
    assert abs(levelled.median - 1.02) < 0.02  # both stations level to the same
    assert own_reference(reading(1.0, "S3"), [*here[:4], *there], levels, SPEED) is None
    assert own_reference(reading(1.0), here[:4], levels, SPEED) is None


def test_a_young_archive_asks_for_more_of_the_animal_s_own_readings():
    young, earlier = Levels({}, 0.0, None), [reading(0.01 * n) for n in range(10)]
    assert own_reference(reading(0.0), earlier[:9], young, ASYMMETRY) is None
    assert own_reference(reading(0.0), earlier, young, ASYMMETRY).sightings == 10


def test_other_animals_count_once_each_and_at_least_four_are_needed():
    levels = Levels({"S1": 0.0}, 0.0, 0.1)
    many = [reading(5.0, animal=2) for _ in range(50)]
    few = [reading(1.0, animal=animal) for animal in (3, 4, 5)]
    found = others_reference(Source.CLASS, reading(1.0), [*many, *few], levels, SPEED)
    assert (found.median, found.animals, found.sightings) == (1.0, 4, 53)
    assert others_reference(Source.CLASS, reading(1.0), few, levels, SPEED) is None


def test_levels_of_stations_are_found_from_animals_that_pass_several():
    draw = np.random.default_rng(3)
    levels = {f"S{n}": (n - 2) * 0.3 for n in range(5)}
    animals = {n: draw.normal(0, 0.5) for n in range(8)}
    found = [
        reading(animals[n] + levels[s] + draw.normal(0, 0.1), s, n, DAY - timedelta(days=100 - 3 * step))
        for n in animals
        for s in levels
        for step in range(4)
    ]
    late = [reading(0.0, "S0", 1, DAY + timedelta(days=40))]
    known = monthly_levels(sorted([*found, *late], key=lambda one: one.day), SPEED)
    last = known[DAY.replace(day=1) + timedelta(days=30)]
    middle = np.median(list(levels.values()))
    assert all(abs(last.stations[name] - (level - middle)) < 0.12 for name, level in levels.items())
    assert abs(last.usual_spread - 0.1) < 0.04


def test_what_was_known_in_a_month_does_not_change_with_what_came_later():
    found = [reading(0.1 * (n % 7), f"S{n % 3}", n % 4, DAY + timedelta(days=3 * n)) for n in range(80)]
    early = monthly_levels(found[:50], SPEED)
    assert {month: monthly_levels(found, SPEED)[month] for month in early} == early


@given(st.lists(st.floats(-1e3, 1e3), min_size=1), st.floats(-1e3, 1e3))
def test_the_spread_does_not_care_where_the_readings_lie(values, shift):
    array = np.array(values)
    assert abs(spread_of(array + shift) - spread_of(array)) < 1e-6 * (1 + abs(shift) + abs(array).max())
