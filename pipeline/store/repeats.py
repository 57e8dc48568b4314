"""What stands at the same place before one camera in video after video: likelier a stump than an animal.

What a detector takes for an animal by mistake it takes for one again, in the same box, whenever the camera is
triggered; MegaDetector's users find such boxes by that and look at one of each (repeat detection elimination, after
Beery, Morris & Yang 2019, Efficient pipeline for camera trap image review). An animal that sleeps before a camera may
be filmed a few times, too, which is why it takes several days, and why a person decides.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Row, select

from pipeline.errors import NotFoundError
from pipeline.store.columns import COUNTS, MEDIA, when
from pipeline.store.open import Store, streamed
from pipeline.store.schema import bout, media, track
from pipeline.tracking.geometry import iou
from pipeline.values import BLANK, PEOPLE, Array

STAYS = 0.7  # intersection over union with its middle box that all boxes of what stays in its place have
SAME = 0.75  # and that two middle boxes have which are one place
LEAST_VIDEOS, LEAST_DAYS = 3, 2

_CLIP = (  # the first of a track
    select(bout.c.clip_path)
    .where(bout.c.track_id == track.c.track_id, bout.c.clip_path.is_not(None))
    .order_by(bout.c.number)
    .limit(1)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class RepeatRow:
    """What stands at one place before one camera. Field names are keys of `--json`."""

    track: str  # id of the newest one that nobody has called blank yet
    location: str | None
    deployment: str | None
    species: str  # what most of them are called
    videos: int  # in which it stands there and nobody has called it blank yet
    called_blank: int  # further tracks there that a person has
    first: datetime | None  # start of the first and the last of all these videos; None: all are undated
    last: datetime | None
    box: tuple[float, float, float, float]  # x, y, w, h of that track as shares of the picture
    clip: Path | None  # that shows it, if there is one


@dataclass(frozen=True, slots=True)
class _Place:
    """A box before one camera, and what stood in it."""

    box: Array  # (4,)
    tracks: list[Row[Any]]

    @property
    def open(self) -> list[Row[Any]]:
        """Those that nobody has called blank."""
        return [one for one in self.tracks if one.species != BLANK]

    @property
    def moments(self) -> list[datetime]:
        """When each was filmed, of those that are dated."""
        return [moment for one in self.tracks if (moment := when(one))]


def repeats(store: Store, location: str | None = None) -> list[RepeatRow]:
    """Places at which something stands in at least 3 videos of one camera on 2 days, those with most videos first.

    Also those with less where a person has called something blank there before. People and vehicles are left out.

    Args:
        store: the archive.
        location: only there.
    """
    there = media.c.location_id.is_not(None) if location is None else media.c.location_id == location
    rows = [_row(store, place) for place in _places(store, there) if _is_worth_a_look(place)]
    return sorted(rows, key=lambda row: (-row.videos, row.track))


def at_the_same_place(store: Store, track_id: str) -> list[str]:
    """Other tracks that stay at the place of this one before the same camera, and that nobody has called blank yet.

    Raises:
        NotFoundError: no such track.
    """
    with store.reading() as connection:
        query = select(media.c.deployment_id, media.c.location_id).join_from(track, media)
        camera = connection.execute(query.where(track.c.track_id == track_id)).one_or_none()
    if camera is None:
        raise NotFoundError(f"no track {track_id!r} in this archive; `ethotrap tracks` lists what there is")
    if camera.location_id is None:
        return []
    its = media.c.deployment_id.is_not_distinct_from(camera.deployment_id)
    for place in _places(store, its & (media.c.location_id == camera.location_id)):
        if track_id in {one.track_id for one in place.tracks}:
            return [one.track_id for one in place.open if one.track_id != track_id]
    return []


def _places(store: Store, there: ColumnElement[bool]) -> list[_Place]:
    """What stays in its place, by camera and box, in the order of time."""
    query = (
        select(track.c.track_id, track.c.effective_species.label("species"), track.c.places, *MEDIA)
        .add_columns(media.c.media_id, media.c.deployment_id, _CLIP.label("clip"))
        .join_from(track, media)
        .where(COUNTS, there, track.c.effective_species.not_in(PEOPLE))
        .order_by(media.c.captured_at.asc().nulls_first(), track.c.track_id)
    )
    by_camera: dict[tuple[str | None, str | None], list[_Place]] = defaultdict(list)
    with store.reading() as connection, streamed(connection, query) as rows:
        for row in rows:
            boxes = np.array(row.places)[:, 1:]
            box: Array = np.median(boxes, axis=0)
            if float(iou(boxes, box).min()) >= STAYS:
                _put(by_camera[row.deployment_id, row.location], box, row)
    return [place for places in by_camera.values() for place in places]


def _put(places: list[_Place], box: Array, row: Row[Any]) -> None:
    shared = [float(iou(place.box, box)[0, 0]) for place in places]
    if shared and max(shared) >= SAME:
        places[int(np.argmax(shared))].tracks.append(row)
    else:
        places.append(_Place(box, [row]))


def _is_worth_a_look(place: _Place) -> bool:
    if not place.open:
        return False
    days = {moment.date() for moment in place.moments}
    often = len({one.media_id for one in place.tracks}) >= LEAST_VIDEOS and len(days) >= LEAST_DAYS
    return often or len(place.open) < len(place.tracks)


def _row(store: Store, place: _Place) -> RepeatRow:
    waiting, moments = place.open, place.moments
    newest = waiting[-1]
    clip = next((one.clip for one in reversed(waiting) if one.clip is not None), None)
    x, y, w, h = (float(value) for value in np.median(np.array(newest.places)[:, 1:], axis=0))
    return RepeatRow(
        track=newest.track_id,
        location=newest.location,
        deployment=newest.deployment_id,
        species=Counter(one.species for one in waiting).most_common(1)[0][0],
        videos=len({one.media_id for one in waiting}),
        called_blank=len(place.tracks) - len(waiting),
        first=min(moments, default=None),
        last=max(moments, default=None),
        box=(x, y, w, h),
        clip=None if clip is None else store.archive / clip,
    )
