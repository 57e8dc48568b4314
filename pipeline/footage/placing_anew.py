"""Put right where and when known videos were filmed, once the deployments table has been corrected.

A wrong clock or a row that was forgotten is often noticed only in the results, when the card may be far away. So the
place follows from the recorded path and the time from what the camera is on record to have written. Only for a video
that comes out otherwise is the file asked again, if it is there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from pipeline.errors import UnreadableError
from pipeline.footage.clock import parse_zone, refused_in
from pipeline.footage.deployments import Deployments, share_time
from pipeline.footage.placing import ended_before, fitting, place_and_date
from pipeline.footage.stamps import Candidate
from pipeline.footage.tags import FILE_NAME, candidates, from_name
from pipeline.values import Deployment, Footage


def placed_anew(
    known: Iterable[Footage], there: Mapping[str, Path], deployments: Deployments, default_zone: str, now: datetime
) -> list[Footage]:
    """Those of the known videos that the table puts to another place or time than is on record, put right.

    What no row fits keeps the place that it has: each season may have a table of its own. What was never placed waits
    for its analysis.

    Args:
        known: as they are on record, best in the order of paths.
        there: by media id, a file that has this content now; another may lie where it is on record to have been.
        deployments: the table as it is now.
        default_zone: IANA name or fixed offset for videos whose deployment is not known.
        now: aware; nothing is filmed after it.

    Raises:
        ConfigError: `default_zone` is no time zone.
    """
    anew, fit = [], fitting(deployments)
    placed = (one for one in known if one.deployment or one.time_notes or one.captured)
    for folder, videos in groupby(placed, lambda one: one.path.parent):
        rows = fit(folder)
        for video in videos:
            recalled = _recalled(video, default_zone)
            found = _placed(video, rows, default_zone, now, recalled)
            if found.captured is None or _differ(found, video):
                found = _placed(video, rows, default_zone, now, _asked(video, there) or recalled)
            if _differ(found, video):
                anew.append(found)
    return anew


def left_behind(filmed: Iterable[tuple[Deployment, int, Path]], deployments: Deployments) -> Iterator[str]:
    """What to say of videos that stay in a deployment that the table does not name, though it has rows instead.

    A row was split, renamed or cut, and they were filmed in none of the new ones. Those of other seasons and those that
    only folders have placed are passed over.

    Args:
        filmed: deployments on record after `placed_anew`, the number of videos of each, and where one of them lies.
        deployments: the table.
    """
    fit = fitting(deployments)
    for one, videos, path in filmed:
        if one.start is None or deployments.names(one.deployment_id):
            continue
        rows = [row for row in fit(path.parent).rows if share_time(row.deployment, ended_before(row.deployment, one))]
        if rows:
            names = ", ".join(row.deployment.deployment_id for row in rows)
            yield (
                f"{videos} known videos stay in {one.deployment_id}, which no row names any more: their times fit none"
                f" of {names}, such as {path}; correct deploymentStart and deploymentEnd"
            )


def _differ(found: Footage, known: Footage) -> bool:
    """Whether place or time do. Notes alone are not compared: those from memory know less than those on record."""
    return (found.deployment, found.captured) != (known.deployment, known.captured)


def _placed(
    video: Footage, rows: Deployments, default_zone: str, now: datetime, said: tuple[Candidate, ...]
) -> Footage:
    deployment, captured, notes = place_and_date(
        video.path, (), rows, default_zone, said, now, on_record=video.deployment
    )
    return replace(video, deployment=deployment, captured=captured, time_notes=notes)


def _recalled(video: Footage, default_zone: str) -> tuple[Candidate, ...]:
    """What the camera is on record to have written; of an undated video, what was refused, and what its name says."""
    known = video.captured
    if known is None:
        named = from_name(video.path.stem)
        return (*(one for one in refused_in(video.time_notes) if one.tag != FILE_NAME), *named)
    usual = video.deployment.zone if video.deployment else default_zone
    own = known.zone != usual if known.own_offset is None else known.own_offset
    offset = parse_zone(known.zone).utcoffset(None) if own else None
    return (Candidate(known.tag, str(known.camera_clock), known.camera_clock, offset),)


def _asked(video: Footage, there: Mapping[str, Path]) -> tuple[Candidate, ...]:
    """What the file says, if it is there and can be read."""
    try:
        return candidates(there[video.media_id])
    except (KeyError, UnreadableError):
        return ()
