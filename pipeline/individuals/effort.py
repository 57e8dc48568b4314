"""How long the traps watched: trap nights, and how many of the stations were out.

A trap night is a night that begins on a day on which the camera was out and ends on the next. No camera has two of them
in one night, though two of its deployments overlap. Cameras of one station (the two of a pair) count once as station
nights.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.footage.clock import parse_zone
from pipeline.values import Deployment


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the traps watched in a period."""

    deployments: int  # that were out for at least one night of it
    trap_nights: int
    station_nights: int
    stations: int
    stations_active: float | None  # share of the stations' nights of the period that were watched; None without any
    unknown: tuple[str, ...]  # deployments whose first or last day nobody knows, left out


def effort(
    deployments: Iterable[Deployment], last_video: Mapping[str, date], first_day: date, last_day: date
) -> Effort:
    """What the deployments watched from `first_day` to `last_day`, both included, by the calendar of each camera.

    A deployment without an end is counted up to the day of its last video: so long at least it worked.

    Args:
        deployments: of the archive.
        last_video: for a deployment's id, the day of its last dated video.
        first_day: of the period.
        last_day: of the period.
    """
    nights: dict[str, dict[str, set[date]]] = {}  # by station and camera
    out, unknown = 0, []
    for one in deployments:
        end = _day(one, one.end) or last_video.get(one.deployment_id)
        start = _day(one, one.start)
        if start is None or end is None:
            unknown.append(one.deployment_id)
            continue
        watched = _nights(max(start, first_day), end if end <= last_day else last_day + timedelta(days=1))
        if watched:
            out += 1
            cameras = nights.setdefault(one.location_id, {})
            cameras.setdefault(one.camera_id or f"of {one.deployment_id}", set()).update(watched)
    trap_nights = sum(len(watched) for cameras in nights.values() for watched in cameras.values())
    station_nights = sum(len(set().union(*cameras.values())) for cameras in nights.values())
    possible = len(nights) * ((last_day - first_day).days + 1)
    share = station_nights / possible if possible else None
    return Effort(out, trap_nights, station_nights, len(nights), share, tuple(sorted(unknown)))


def watched_nights(deployments: Iterable[Deployment], last_video: Mapping[str, date]) -> dict[str, frozenset[date]]:
    """For each station, every night that one of its cameras watched, by the day on which the night began.

    Deployments are counted as for `effort`; those without a known first or last day are left out.
    """
    nights: dict[str, set[date]] = {}
    for one in deployments:
        start, end = _day(one, one.start), _day(one, one.end) or last_video.get(one.deployment_id)
        if start is not None and end is not None:
            nights.setdefault(one.location_id, set()).update(_nights(start, end))
    return {station: frozenset(days) for station, days in nights.items()}


def _day(deployment: Deployment, moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(parse_zone(deployment.zone)).date()


def _nights(start: date, end: date) -> set[date]:
    return {start + timedelta(days=number) for number in range(max((end - start).days, 0))}
