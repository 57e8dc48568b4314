"""A cumulative sum over successive readings, and how often it would raise a false alarm.

Page 1954, *Continuous inspection schemes*, Biometrika 41, 100: the sum grows by how far a reading lies beyond what is
usual less an allowance, and never falls below 0; at a bound it alarms. How rare false alarms are for a bound is worked
out as a Markov chain over the sum's value, after Brook & Evans 1972, Biometrika 59, 539.

Readings of trap video stray further than a normal distribution's: an outline may be wrong, what is usual is known from
a few sightings. So scores are taken to follow Student's t with 5 degrees of freedom, drawn to the quartiles of a normal
distribution.
"""

from functools import lru_cache

import numpy as np

from pipeline.values import Array

ALLOWANCE = 1.0  # spreads: half of the change that is to be found soonest
MOST_OF_ONE = 3.5  # spreads that one reading can count for, so that no single reading raises a flag
STATES = 80  # steps of the Markov chain between 0 and the bound

QUARTILES = 0.6745 / 0.7267  # of the normal distribution over those of Student's t with 5 degrees of freedom


def add_reading(total: float, score: float) -> float:
    """The sum after one more reading.

    Args:
        total: before, 0 or more.
        score: how many spreads the reading lies on the side of concern of what is usual.
    """
    return max(0.0, total + min(score, MOST_OF_ONE) - ALLOWANCE)


@lru_cache(maxsize=256)
def readings_to_false_alarm(bound: float) -> float:
    """Mean number of readings until the sum passes `bound` although nothing has changed.

    Args:
        bound: above 0.
    """
    step = bound / STATES
    middles = np.concatenate([[0.0], (np.arange(STATES) + 0.5) * step])  # at 0 exactly, then within each step
    edges = np.concatenate([[0.0], np.arange(1, STATES + 1) * step])
    reach = edges[None, :] - middles[:, None] + ALLOWANCE  # the score that brings the sum up to each edge
    below = np.where(reach >= MOST_OF_ONE, 1.0, _cumulative(reach))  # no score counts for more than MOST_OF_ONE
    chances = np.diff(below, axis=1, prepend=0.0)  # to 0 first, then to each step
    return float(np.linalg.solve(np.eye(STATES + 1) - chances, np.ones(STATES + 1))[0])


@lru_cache(maxsize=256)
def bound_for(readings_a_year: int, false_alarms_a_year: float) -> float:
    """The lowest bound under which an animal without any change gives so few false alarms a year, to 0.01.

    Args:
        readings_a_year: 1 or more.
        false_alarms_a_year: above 0, at most as many.
    """
    wanted = readings_a_year / false_alarms_a_year
    low, high = 0.01, 12.0
    while high - low > 0.005:
        middle = (low + high) / 2
        low, high = (low, middle) if readings_to_false_alarm(middle) >= wanted else (middle, high)
    return high


def _cumulative(scores: Array) -> Array:
    """How probable a score up to each of these is where nothing has changed.

    The closed form of Student's distribution for 5 degrees of freedom (Abramowitz & Stegun 26.7.3).
    """
    angle = np.arctan(scores / QUARTILES / np.sqrt(5))
    cosine = np.cos(angle)
    return np.asarray(0.5 + (angle + np.sin(angle) * cosine * (1 + 2 / 3 * cosine**2)) / np.pi)
