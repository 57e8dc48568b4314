"""What is usual for an animal: its own earlier readings first, then those of its sex and age class, then the species'.

Medians and median absolute deviations, so that a few odd sightings do not move what is usual.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

import numpy as np

from pipeline.health.levels import CONSISTENT, LEAST_OWN, Levels, Reading, spread_of
from pipeline.health.watched import Watched

LEAST_ALONE = 10  # readings of an animal where nobody knows yet how much an animal's readings usually scatter
LEAST_ANIMALS = 4  # of a class or a species, for it to say what is usual
BAND = 2.0  # spreads to either side of the median: about 95 % of a normal animal's readings lie within
MEDIAN_VARIANCE = math.pi / 2  # of a median over that of a mean, normal readings


class Source(StrEnum):
    """Whose readings a reference is made of."""

    SAME_STATION = "its own earlier sightings at the same station"
    OWN = "its own earlier sightings"
    OWN_LEVELLED = "its own earlier sightings, the stations levelled"
    CLASS = "other animals of its sex and age class"
    SPECIES = "other animals of its species"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a reading is compared with, on the indicator's scale, for the reading's station."""

    source: Source
    sightings: int
    animals: int
    median: float
    spread: float

    @property
    def own(self) -> bool:
        """It is made of the animal's own readings, so that the animal's build and gait are in it already."""
        return self.source in (Source.SAME_STATION, Source.OWN, Source.OWN_LEVELLED)

    def score(self, value: float, worse: int) -> float:
        """How many spreads a new reading lies on the side of concern, less one standard error of the median.

        Successive readings are compared with much the same median: were its error not taken off, they would all be off
        together, and add up.
        """
        return worse * (value - self.median) / self.spread - math.sqrt(MEDIAN_VARIANCE / self.sightings)

    def band(self, watched: Watched) -> tuple[float, float, float]:
        """Lower end, median and upper end of what is usual, in the indicator's unit."""
        low, middle, high = (watched.scale.back(self.median + side * BAND * self.spread) for side in (-1, 0, 1))
        return low, middle, high


def own_reference(reading: Reading, earlier: Sequence[Reading], levels: Levels, watched: Watched) -> Reference | None:
    """What is usual for the animal itself; None below 5 earlier readings that can be compared.

    In the first weeks of an archive, when nobody knows how much readings usually scatter, it takes 10.
    Where perspective sways the indicator, only readings of the same station count, or, where they are too few, readings
    of all stations whose level is known.

    Args:
        reading: the new one.
        earlier: the animal's readings that may serve.
        levels: as known then.
        watched: the indicator.
    """
    if levels.usual_spread is None and len(earlier) < LEAST_ALONE:
        return None
    usual = max(levels.usual_spread or 0.0, watched.least_spread)
    if not watched.by_station:
        return _from(Source.OWN, [one.value for one in earlier], 0.0, usual)
    same = [one.value for one in earlier if one.station == reading.station]
    found = _from(Source.SAME_STATION, same, 0.0, usual)
    if found is None and reading.station in levels.stations:
        level = levels.stations
        others = [one.value - level[one.station] for one in earlier if one.station in level]
        found = _from(Source.OWN_LEVELLED, others, level[reading.station], usual)
    return found


def others_reference(
    source: Source, reading: Reading, others: Sequence[Reading], levels: Levels, watched: Watched
) -> Reference | None:
    """What is usual for a class or a species; None below 4 animals, or where the station's level is not known.

    Each animal counts once, with its median; the spread holds both how animals differ and how one animal scatters.

    Args:
        source: CLASS or SPECIES.
        reading: the new one.
        others: readings of other animals.
        levels: as known then.
        watched: the indicator.
    """
    level = levels.stations if watched.by_station else {one.station: 0.0 for one in (*others, reading)}
    if reading.station not in level:
        return None
    by_animal: dict[int, list[float]] = {}
    for one in others:
        if one.station in level:
            by_animal.setdefault(one.individual_id, []).append(one.value - level[one.station])
    if len(by_animal) < LEAST_ANIMALS:
        return None
    medians = np.array([np.median(values) for values in by_animal.values()])
    within = max(levels.usual_spread or 0.0, watched.least_spread)
    number = sum(map(len, by_animal.values()))
    spread = math.hypot(spread_of(medians), within)
    return Reference(source, number, len(medians), float(np.median(medians)) + level[reading.station], spread)


def _from(source: Source, values: Sequence[float], level: float, usual: float) -> Reference | None:
    if len(values) < LEAST_OWN:
        return None
    middle = median(values)  # of lists so short, faster than an array's
    spread = CONSISTENT * median([abs(value - middle) for value in values])
    return Reference(source, len(values), 1, middle + level, max(spread, usual))
