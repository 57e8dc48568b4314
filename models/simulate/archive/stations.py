"""The cameras of the made-up park: where they stand, how each sways a reading, and when each was out."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from pipeline.values import Deployment

STATIONS = 30
NEAR_PEOPLE = 6  # of the stations, on roads
OUTAGES_A_YEAR = 1.2  # of a station
ZONE = "Asia/Vladivostok"


@dataclass(frozen=True, slots=True)
class Station:
    """One place with one camera."""

    name: str
    x: float  # 0..1 across the park
    y: float
    near_people: bool
    speed: float  # what perspective adds to the logarithm of a speed there
    girth: float
    tortuosity: float
    watched: frozenset[date]  # nights
    deployments: tuple[Deployment, ...]


def draw_stations(draw: np.random.Generator, first_day: date, days: int, number: int = STATIONS) -> list[Station]:
    """Stations with spells in which the camera was away, each of one to ten weeks."""
    return [_station(draw, place, place < NEAR_PEOPLE, first_day, days) for place in range(number)]


def _station(draw: np.random.Generator, number: int, near_people: bool, first_day: date, days: int) -> Station:
    x, y = draw.uniform(size=2).tolist()
    out = np.ones(days + 1, dtype=bool)  # by day: the camera is there
    for _ in range(draw.poisson(OUTAGES_A_YEAR * days / 365)):
        start = int(draw.integers(days))
        out[start : start + int(draw.integers(7, 70))] = False
    out[-1] = False
    name = f"S{number + 1:02}"
    spells = _spells(out)
    return Station(
        name=name,
        x=x,
        y=y,
        near_people=near_people,
        speed=draw.normal(0, 0.25),
        girth=draw.normal(0, 0.08),
        tortuosity=draw.normal(0, 0.1),
        watched=frozenset(first_day + timedelta(days=day) for start, end in spells for day in range(start, end)),
        deployments=tuple(
            _deployment(name, place, x, y, near_people, first_day, spell) for place, spell in enumerate(spells)
        ),
    )


def _spells(out: np.ndarray) -> list[tuple[int, int]]:
    """Stretches of days on which the camera was there: first day, and the first one after."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], out, [False]]).astype(int)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _deployment(
    name: str, place: int, x: float, y: float, near_people: bool, first_day: date, spell: tuple[int, int]
) -> Deployment:
    start, end = (datetime.combine(first_day + timedelta(days=day), time(2), tzinfo=UTC) for day in spell)
    return Deployment(
        deployment_id=f"{name}-{place + 1}",
        location_id=name,
        latitude=42.8 + 0.5 * y,
        longitude=130.8 + 0.6 * x,
        start=start,  # noon by the camera's clock
        end=end,
        zone=ZONE,
        camera_id=f"cam-{name}",
        feature_type="roadDirt" if near_people else "trailGame",
    )
