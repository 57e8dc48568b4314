"""When and where each made-up animal walks past a camera that is out, and what the camera's video then shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from models.simulate.archive.animals import Animal, Cast, Trouble
from models.simulate.archive.measured import DISTEMPER_GROWS_DAYS, measure
from models.simulate.archive.stations import Station
from pipeline.health.sun import is_day
from pipeline.individuals.animals import Flank
from pipeline.values import Deployment, Indicator

UNDATED = 0.03  # share of videos without a date
UNRECOGNISED = 0.08  # share of sightings that nobody could put a name to
REACH = 0.18  # how far from the middle of its range an animal goes, as a share of the park's width
WITH_CUBS = 0.6  # of the time that a mother passes, her cubs are with her


@dataclass(frozen=True, slots=True)
class Shown:
    """One animal in one video."""

    animal: int
    flanks: tuple[Flank, ...]
    recognised: bool
    indicators: tuple[Indicator, ...]
    behaviours: tuple[tuple[str, float], ...]  # name and seconds


@dataclass(frozen=True, slots=True)
class Filmed:
    """One video."""

    at: datetime  # aware
    dated: bool
    deployment: Deployment
    infrared: bool
    shown: tuple[Shown, ...]


def draw_sightings(draw: np.random.Generator, cast: Cast, stations: Sequence[Station]) -> list[Filmed]:
    """Every video of the archive that shows one of the animals, rising in time."""
    found = [filmed for one in cast.animals for filmed in _of(draw, one, cast, stations)]
    return sorted(found, key=lambda one: (one.at, one.deployment.deployment_id))


def is_there(animal: Animal, day: date) -> bool:
    """It lives in the park on that day and may be filmed."""
    return animal.here_from <= day and (animal.here_until is None or day <= animal.here_until)


def _of(draw: np.random.Generator, animal: Animal, cast: Cast, stations: Sequence[Station]) -> Iterator[Filmed]:
    middle = draw.uniform(0.1, 0.9, size=2)
    near = np.array([np.exp(-((s.x - middle[0]) ** 2 + (s.y - middle[1]) ** 2) / (2 * REACH**2)) for s in stations])
    likes = np.array([animal.habit.near_people if s.near_people else 1.0 for s in stations])
    weights = near * likes / (near * likes).sum()
    days = (cast.last_day - cast.first_day).days + 1
    for day in (cast.first_day + timedelta(days=number) for number in range(days)):
        if not is_there(animal, day):
            continue
        today = _drawn_to_people(animal, day, near, stations, weights)
        for place in np.flatnonzero(draw.random(len(stations)) < animal.sightings_a_year / 365 * today).tolist():
            if day in stations[place].watched:
                yield _film(draw, animal, cast, stations[place], day)


def _drawn_to_people(
    animal: Animal, day: date, near: np.ndarray, stations: Sequence[Station], weights: np.ndarray
) -> np.ndarray:
    """An animal with the distemper pattern turns up at roads, two times in three."""
    if not _strange(animal, day):
        return weights
    roads = np.array([station.near_people for station in stations]) * (near + 0.02)
    return np.asarray(0.35 * weights + 0.65 * roads / roads.sum())


def _strange(animal: Animal, day: date) -> bool:
    return (
        animal.trouble is Trouble.DISTEMPER
        and animal.onset is not None
        and day >= animal.onset + timedelta(days=DISTEMPER_GROWS_DAYS // 2)
    )


def _film(draw: np.random.Generator, animal: Animal, cast: Cast, station: Station, day: date) -> Filmed:
    place = next(one for one in station.deployments if _covers(one, day))
    wants_day = draw.random() < (0.75 if _strange(animal, day) else animal.habit.day_share)
    at = _moment(draw, day, place, wants_day)
    infrared = not is_day(at, place.latitude or 0.0, place.longitude or 0.0)
    together = [animal]
    if draw.random() < WITH_CUBS:
        together += [cub for cub in cast.cubs_of(animal.number) if _comes_along(draw, cub, day)]
    shown = tuple(_shown(draw, one, station, day, infrared=infrared) for one in together)
    return Filmed(at, bool(draw.random() >= UNDATED), place, infrared, shown)


def _comes_along(draw: np.random.Generator, cub: Animal, day: date) -> bool:
    return is_there(cub, day) and (day - cub.born).days < 540 and draw.random() < cub.cubs_seen


def _covers(deployment: Deployment, day: date) -> bool:
    return bool(deployment.start and deployment.end and deployment.start.date() <= day < deployment.end.date())


def _moment(draw: np.random.Generator, day: date, place: Deployment, wants_day: bool) -> datetime:
    """A time of the night of `day` (noon to noon by the camera's clock), by daylight or not."""
    noon = datetime.combine(day, time(2), tzinfo=UTC)
    while True:
        at = noon + timedelta(seconds=float(draw.uniform(0, 86399)))
        at = at.replace(microsecond=0)
        if is_day(at, place.latitude or 0.0, place.longitude or 0.0) == wants_day:
            return at


def _shown(draw: np.random.Generator, animal: Animal, station: Station, day: date, *, infrared: bool) -> Shown:
    sides = draw.choice(3, p=[0.45, 0.45, 0.1])
    flanks = ((Flank.LEFT,), (Flank.RIGHT,), (Flank.LEFT, Flank.RIGHT))[sides]
    return Shown(
        animal=animal.number,
        flanks=flanks,
        recognised=bool(draw.random() >= UNRECOGNISED),
        indicators=tuple(measure(draw, animal, station, day, infrared=infrared)),
        behaviours=_behaviours(draw, animal, day),
    )


def _behaviours(draw: np.random.Generator, animal: Animal, day: date) -> tuple[tuple[str, float], ...]:
    found = [("travel", float(draw.uniform(4, 12)))] if draw.random() < 0.8 else []
    for name, chance in (("investigate", 0.2), ("spray", 0.08), ("rest", 0.1), ("vigilance", 0.12), ("groom", 0.04)):
        if draw.random() < chance:
            found.append((name, float(draw.uniform(2, 8))))
    if (day - animal.born).days < 500 and draw.random() < 0.3:
        found.append(("play", float(draw.uniform(3, 10))))
    return tuple(found) or (("vigilance", 3.0),)
