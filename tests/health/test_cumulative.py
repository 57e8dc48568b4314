"""How rarely a cumulative sum alarms without cause: worked out, and tried."""

import numpy as np
import pytest

from pipeline.health.cumulative import (
    ALLOWANCE,
    MOST_OF_ONE,
    QUARTILES,
    add_reading,
    bound_for,
    readings_to_false_alarm,
)


@pytest.mark.parametrize("bound", [1.0, 2.4])
def test_the_mean_wait_for_a_false_alarm_is_as_worked_out(bound):
    scores = np.random.default_rng(1).standard_t(5, 300_000) * QUARTILES
    total, alarms = 0.0, 0
    for score in scores.tolist():
        total = add_reading(total, score)
        if total >= bound:
            alarms += 1
            total = 0.0
    assert len(scores) / alarms == pytest.approx(readings_to_false_alarm(bound), rel=0.08)


def test_the_scores_that_are_reckoned_with_have_the_quartiles_of_a_normal_distribution():
    scores = np.random.default_rng(2).standard_t(5, 200_000) * QUARTILES
    assert np.quantile(scores, 0.75) == pytest.approx(0.6745, abs=0.01)


def test_a_bound_holds_what_it_promises_and_hardly_more():
    for a_year in (10, 40):
        bound = bound_for(a_year, 0.04)
        assert a_year / readings_to_false_alarm(bound) <= 0.04
        assert a_year / readings_to_false_alarm(bound - 0.01) > 0.04


def test_no_single_reading_raises_a_flag_however_far_off():
    assert add_reading(0.0, 1000.0) == MOST_OF_ONE - ALLOWANCE < bound_for(10, 0.04)
    assert add_reading(1.0, -1000.0) == 0.0
