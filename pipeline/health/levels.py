"""What stations do to a reading: how much higher or lower the same animals read there than elsewhere.

A camera that looks along a trail sees slower, rounder animals than one that looks across it. Animals that pass several
stations tell how much: the readings are taken apart into a part of the animal and a part of the station by medians in
turn (Tukey's median polish, *Exploratory Data Analysis*, 1977), so that one odd animal or sighting hardly counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.health.history import Park
from pipeline.health.watched import Watched
from pipeline.values import Array

K = TypeVar("K", int, str)

LEAST_READINGS = 5  # of a station, for its level to be known
LEAST_ANIMALS = 2
LEAST_OWN = 5  # readings of an animal, for its own spread to count
LEAST_SPREADS = 3  # animals
ROUNDS = 6
OF_LATE = timedelta(days=75)  # what season means: long enough for many animals, short beside a winter
LEAST_LATE_ANIMALS = 5
FEW = 200  # values of which Python itself tells the median sooner than NumPy does
CONSISTENT = 1.4826  # median absolute deviation to standard deviation, of a normal distribution


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one indicator, on the indicator's scale."""

    individual_id: int
    number: int  # of the animal's visits
    day: date
    station: str
    value: float


@dataclass(frozen=True, slots=True)
class Levels:
    """What was known of stations and of usual scatter before a day."""

    stations: Mapping[str, float]  # on the scale; a station that is not here has no known level
    season: float  # how much higher than usual the animals read of late
    usual_spread: float | None  # of one animal's levelled readings, the median over 3 animals or more; None: not known


def readings(park: Park, watched: Watched) -> list[Reading]:
    """Every reading of one indicator, rising in time."""
    found = [
        Reading(key, number, visit.day, visit.location, watched.scale.to(value))
        for key, history in park.histories.items()
        for number, visit in enumerate(history.visits)
        if (value := visit.value(watched.name)) is not None
    ]
    return sorted(found, key=lambda one: (one.day, one.individual_id, one.number))


def monthly_levels(found: Sequence[Reading], watched: Watched) -> dict[date, Levels]:
    """For the first day of each month with a reading, the levels as known from the readings before it.

    What was known then never changes later, so that neither does a flag that rests on it.

    Args:
        found: rising in time.
        watched: the indicator; levels of what does not sway it are 0.
    """
    months = sorted({one.day.replace(day=1) for one in found})
    return {month: _levels([one for one in found if one.day < month], month, watched) for month in months}


def level_season(found: Sequence[Reading], levels: Mapping[date, Levels]) -> list[Reading]:
    """The readings without what the season adds to all of them."""
    return [replace(one, value=one.value - levels[one.day.replace(day=1)].season) for one in found]


def spread_of(values: Array) -> float:
    """Robust standard deviation: the median absolute deviation from the median, times 1.4826."""
    return CONSISTENT * _median(abs(values - _median(values)))


def _levels(found: Sequence[Reading], month: date, watched: Watched) -> Levels:
    if not found:
        return Levels({}, 0.0, None)
    animals = _groups([one.individual_id for one in found])
    stations = _groups([one.station for one in found])
    values = np.array([one.value for one in found])
    levels = np.zeros(len(values))
    known: dict[str, float] = {}
    if watched.by_station:
        whose = np.array([one.individual_id for one in found])
        usable = {
            name: places
            for name, places in stations.items()
            if len(places) >= LEAST_READINGS and len(set(whose[places].tolist())) >= LEAST_ANIMALS
        }
        levels, known = _polish(values, animals, usable)
    spreads = [spread_of((values - levels)[places]) for places in animals.values() if len(places) >= LEAST_OWN]
    own = np.zeros(len(values))
    for places in animals.values():
        own[places] = _median((values - levels)[places])
    late = np.array([month - one.day <= OF_LATE for one in found])
    enough = len({one.individual_id for one in found if month - one.day <= OF_LATE}) >= LEAST_LATE_ANIMALS
    season = float(np.median((values - levels - own)[late])) if watched.by_season and enough else 0.0
    return Levels(known, season, float(np.median(spreads)) if len(spreads) >= LEAST_SPREADS else None)


def _polish(
    values: Array, animals: Mapping[int, NDArray[np.int64]], stations: Mapping[str, NDArray[np.int64]]
) -> tuple[Array, dict[str, float]]:
    levels = np.zeros(len(values))
    known = dict.fromkeys(stations, 0.0)
    for _ in range(ROUNDS if stations else 0):
        without = values - levels
        own = np.zeros(len(values))
        for places in animals.values():
            own[places] = _median(without[places])
        known = {name: _median((values - own)[places]) for name, places in stations.items()}
        middle = median(known.values())
        known = {name: level - middle for name, level in known.items()}
        for name, places in stations.items():
            levels[places] = known[name]
    return levels, known


def _median(values: Array) -> float:
    """As NumPy's, which takes 25 times as long for the readings of one animal or one station."""
    return median(values.tolist()) if len(values) < FEW else float(np.median(values))


def _groups(keys: Sequence[K]) -> dict[K, NDArray[np.int64]]:
    places: dict[K, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    return {key: np.array(found) for key, found in places.items()}
