"""What is measured of one made-up animal in one made-up sighting: its habit, the station, chance, and its trouble.

Readings scatter as trap video lets them: infrared is rougher than day, three in a hundred are far off, and what the
view does not allow is not assessable, with a reason.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from models.simulate.archive.animals import LIMP_FADES, Animal, Trouble
from models.simulate.archive.stations import Station
from pipeline.values import Indicator

LIMP_GROWS_DAYS = 14
THINNING_TAKES_DAYS = 60
DISTEMPER_GROWS_DAYS = 7
FAR_OFF = 0.03  # share of readings that a wrong outline or a turn has spoilt
INFRARED_ROUGHER = 1.3


@dataclass(frozen=True, slots=True)
class Signs:
    """How much trouble shows on a day: what it adds to each reading, on the scale that it is drawn on."""

    speed: float = 0.0
    asymmetry: float = 0.0
    bob: float = 0.0
    girth: float = 0.0
    tortuosity: float = 0.0
    stumbles: float = 0.03  # mean number a sighting
    stares: float = 0.0  # chance that it stays with the camera


def signs(animal: Animal, day: date) -> Signs:
    """What an animal's trouble does to its readings on a day."""
    if animal.trouble is None or animal.onset is None or day < animal.onset:
        return Signs()
    days = (day - animal.onset).days + 1
    if animal.trouble is Trouble.LIMP:
        grown = min(1.0, days / LIMP_GROWS_DAYS) if day < animal.onset + LIMP_FADES else 0.0
        return Signs(speed=-0.29 * grown, asymmetry=0.2 * grown, bob=0.2 * grown, stumbles=0.03 + 0.2 * grown)
    if animal.trouble is Trouble.THINNING:
        grown = min(1.0, days / THINNING_TAKES_DAYS)
        return Signs(girth=-0.25 * grown, speed=-0.1 * grown)
    grown = min(1.0, days / DISTEMPER_GROWS_DAYS)
    thinner = -0.17 * min(1.0, days / THINNING_TAKES_DAYS)
    return Signs(girth=thinner, tortuosity=0.5 * grown, stumbles=0.03 + grown, stares=0.65 * grown, speed=-0.15 * grown)


def measure(
    draw: np.random.Generator, animal: Animal, station: Station, day: date, *, infrared: bool
) -> list[Indicator]:
    """Every indicator of one sighting (its track is number 1)."""
    one = _Measuring(draw, infrared)
    habit, sign = animal.habit, signs(animal, day)
    coat = 0.03 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 15) / 365)  # winter's coat looks stouter
    walks = draw.random() < 0.8
    speed = one.ratio(habit.speed + station.speed + sign.speed, 0.17)
    girth = one.ratio(habit.girth + station.girth + sign.girth + coat, 0.06)
    asymmetry = min(1.0, abs(habit.asymmetry + sign.asymmetry + one.rough(0.035)))
    winding = (
        1 + float(np.exp(np.log(0.08) + station.tortuosity + one.rough(0.5))) + max(0.0, one.part(sign.tortuosity))
    )
    return [
        one.say("travel_speed", "body lengths/s", speed, 0.65 * walks),
        one.say("stride_frequency", "strides/s", one.ratio(habit.stride, 0.08), 0.5 * walks),
        one.say("gait_asymmetry", "(a-b)/(a+b) of alternate steps", asymmetry, 0.45 * walks),
        one.say("head_bob", "share of power at one a stride", one.share(habit.bob + sign.bob, 0.1), 0.3 * walks),
        one.say("back_bob", "share of power at one a stride", one.share(habit.bob + sign.bob, 0.1), 0.4 * walks),
        one.say("girth_length", "trunk depth / length", girth, 0.5),
        one.say("tortuosity", "1 - displacement / way", 1 - 1 / winding, 0.65 * walks),
        one.say("stumbles", "stumbles", float(draw.poisson(sign.stumbles)), 0.6 * walks),
        one.say("camera_response", "share of visible time", _response(draw, sign), 0.9),
    ]


def _response(draw: np.random.Generator, sign: Signs) -> float:
    if draw.random() < sign.stares:
        return float(draw.beta(5, 3))
    return float(draw.beta(2, 6)) if draw.random() < 0.25 else 0.0


@dataclass(frozen=True, slots=True)
class _Measuring:
    """One sighting's chance."""

    draw: np.random.Generator
    infrared: bool

    def rough(self, spread: float) -> float:
        """A reading's error."""
        far = self.draw.normal(0, 5 * spread) if self.draw.random() < FAR_OFF else 0.0
        return float(self.draw.normal(0, spread) * (INFRARED_ROUGHER if self.infrared else 1.0) + far)

    def ratio(self, logarithm: float, spread: float) -> float:
        """A reading that scatters by a share of itself."""
        return float(np.exp(logarithm + self.rough(spread)))

    def share(self, root: float, spread: float) -> float:
        """A reading of 0 to 1 whose root scatters evenly."""
        return min(1.0, (root + self.rough(spread)) ** 2)

    def part(self, most: float) -> float:
        """Some of the most that it may be."""
        return most * float(self.draw.uniform(0.2, 1.2))

    def say(self, name: str, unit: str, value: float, chance: float) -> Indicator:
        """The indicator, assessable with this chance; infrared pictures allow less."""
        seconds = float(self.draw.uniform(2, 9))
        if self.draw.random() < chance * (0.85 if self.infrared else 1.0):
            return Indicator(1, name, unit, value, seconds, infrared=self.infrared)
        return Indicator(1, name, unit, None, 0.0, "the view did not allow it", infrared=self.infrared)
