"""Hours of the sun, the time budget, and when a shift is more than chance."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.health.rhythm import budget, divergence, rhythm, rhythm_flags
from pipeline.health.sun import is_day, solar_hour, sun_elevation
from tests.health.histories import EAST, FORBIDDEN, NORTH, history, visit

counts = st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any).map(lambda one: np.array(one, dtype=float))


@given(counts, counts)
def test_the_divergence_is_symmetric_nothing_for_equals_and_at_most_one_bit(some, others):
    assert divergence(some, others) == pytest.approx(divergence(others, some), abs=1e-9)
    assert 0 <= divergence(some, others) <= 1 + 1e-9
    assert divergence(some, some * 3) == pytest.approx(0, abs=1e-9)
    assert divergence(np.array([5.0, 0]), np.array([0, 2.0])) == pytest.approx(1)


def test_the_sun_stands_where_almanacs_say():
    greenwich = datetime(2024, 6, 20, 12, 2, tzinfo=UTC)
    assert solar_hour(greenwich, 0.0) == pytest.approx(12.0, abs=0.02)
    assert sun_elevation(greenwich, 51.48, 0.0) == pytest.approx(90 - 51.48 + 23.44, abs=0.2)
    # 3 November: the sun is 16.4 minutes ahead of the clock; and Vladivostok lies 9 minutes west of its hour's middle.
    assert solar_hour(datetime(2024, 11, 3, 2, tzinfo=UTC), 131.9) == pytest.approx(
        2 + 131.9 / 15 + 16.4 / 60, abs=0.02
    )
    # Vladivostok, 21 December: sunrise about 8:40, sunset about 17:40 by its clock (UTC+10).
    lit = [hour for hour in range(24) if is_day(datetime(2024, 12, 21, hour, 10, tzinfo=UTC), 43.1, 131.9)]
    assert lit == [0, 1, 2, 3, 4, 5, 6, 7, 23]


def at_hours(hours):
    return [visit(n, 5 * n, hour=hour) for n, hour in enumerate(hours)]


NIGHT = [11, 12, 13, 14, 15, 16, 17, 18, 19]


def test_an_animal_that_turns_to_the_day_is_flagged_with_how_rare_that_is():
    one = history(at_hours([*(NIGHT * 5)[:40], *[0, 1, 2, 3, 4] * 4]))
    (flag,) = rhythm_flags(one)
    assert flag.rests_on == 20
    assert flag.reference_size == 40
    assert flag.effect > 0.9
    assert "by day in 100% of 20 sightings, 0% before" in flag.summary
    assert flag.false_alarms_a_year < 0.05
    assert not any(word in flag.summary for word in FORBIDDEN)
    assert rhythm_flags(one, {(1, "hours_shift"): frozenset(flag.evidence)}) == []


def test_animals_without_a_change_are_hardly_ever_flagged():
    draw = np.random.default_rng(8)
    flags = [rhythm_flags(history(at_hours(draw.integers(0, 24, 100)), key)) for key in range(60)]
    assert sum(map(len, flags)) <= 6  # 160 comparisons at 0.01 each, and chance


def test_few_sightings_are_not_compared():
    found = rhythm(at_hours(NIGHT * 3))
    assert (found.divergence, found.chance) == (None, None)
    assert rhythm_flags(history(at_hours(NIGHT * 3))) == []


def test_the_time_budget_counts_seconds_of_named_behaviour():
    visits = [visit(1, 1, behaviours={"travel": 6.0, "rest": 2.0}), visit(2, 2, behaviours={"travel": 2.0})]
    found = budget(visits)
    assert (found.seconds, found.sightings) == (10.0, 2)
    assert found.shares == {"travel": 0.8, "rest": 0.2}
    assert (visits[0].latitude, visits[0].longitude) == (NORTH, EAST)
