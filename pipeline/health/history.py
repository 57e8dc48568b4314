"""What is known of one animal over the years: its sightings in order, each with what was measured in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.individuals.animals import Individual, LifeStage, Sex
from pipeline.individuals.life_stage import stage_on
from pipeline.values import Indicator


@dataclass(frozen=True, slots=True)
class ShownClip:
    """A clip of one bout, for a person to look at."""

    bout: str
    behaviour: str
    clip: str  # path relative to the archive
    poster: str
    quality: float  # 0..1: the clip's sharpness, size and wholeness together


@dataclass(frozen=True, slots=True)
class Visit:
    """One dated sighting of a known animal."""

    sighting: str
    media: str
    at: datetime  # aware, with the camera's offset
    location: str
    latitude: float | None  # degrees
    longitude: float | None
    near_people: bool  # a road, a place tagged as near people, or a person or a vehicle in the same video
    readings: Mapping[str, Indicator]
    behaviours: Mapping[str, float]  # seconds of each named behaviour
    clips: tuple[ShownClip, ...] = ()
    company: tuple[int, ...] = ()  # ids of the known animals in the same video

    @property
    def day(self) -> date:
        """By the calendar of the camera."""
        return self.at.date()

    def value(self, name: str) -> float | None:
        """What an indicator came to; None if it could not be assessed or was not looked for."""
        found = self.readings.get(name)
        return None if found is None else found.value


@dataclass(frozen=True, slots=True)
class History:
    """One animal with its dated sightings."""

    animal: Individual
    visits: tuple[Visit, ...]  # rising
    undated: int = 0  # sightings that no comparison over time can use

    def stage_at(self, day: date) -> LifeStage | None:
        """How old it was; None if nobody can tell."""
        return stage_on(self.animal, day)


@dataclass(frozen=True, slots=True)
class Park:
    """Every known animal, and the nights on which each station watched."""

    histories: Mapping[int, History]  # by the animal's id
    nights: Mapping[str, frozenset[date]]  # by location, nights that began on these days
    until: date  # the last day that anything here can know of


def group_of(history: History, day: date) -> tuple[str | None, Sex | None, LifeStage | None]:
    """Species, sex and age class of an animal on a day: the animals that it may be compared with."""
    return history.animal.species, history.animal.sex, history.stage_at(day)
