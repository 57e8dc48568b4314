"""Where and when each video was filmed, as last written down: kept apart from what was found in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from pipeline.errors import StoreError
from pipeline.footage.clock import parse_zone
from pipeline.store.columns import COUNTS
from pipeline.store.open import ROWS_AT_ONCE, Store, streamed
from pipeline.store.schema import deployment, media
from pipeline.values import CaptureTime, Deployment, Footage


def record_footage(store: Store, footage: Sequence[Footage]) -> None:
    """Write down anew where and when known videos were filmed, as after a correction of the deployments table.

    Raises:
        StoreError: a video is not in the ledger, or the database refused; nothing was kept.
    """
    with store.writing() as connection:
        for one in footage:
            write_footage(connection, one)


def write_footage(connection: Connection, footage: Footage) -> None:
    """Write a video's deployment and capture time inside a transaction of the caller's.

    Raises:
        StoreError: the video is not in the ledger.
    """
    if footage.deployment is not None:
        _write_deployment(connection, footage.deployment)
    changed = connection.execute(
        update(media).where(media.c.media_id == footage.media_id).values(**_footage_columns(footage))
    )
    if changed.rowcount == 0:
        raise StoreError(f"{footage.path} ({footage.media_id}) is not in the ledger; record its file first")


def each_footage(store: Store) -> Iterator[Footage]:
    """Every video that counts with the place and time that were last written down, in the order of paths."""
    counting = select(media).where(COUNTS).order_by(media.c.path, media.c.media_id)
    with store.reading() as connection:
        known = connection.execute(select(deployment)).mappings()
        places = {row["deployment_id"]: deployment_from(row) for row in known}
        with streamed(connection, counting) as rows:
            for row in rows.mappings():
                yield footage_from(row, places.get(row["deployment_id"]))


def recorded_places(store: Store, media_ids: Sequence[str]) -> dict[str, Deployment]:
    """By id, the deployments of those of the videos that count and have one."""
    placed = select(media.c.media_id, deployment).join_from(media, deployment).where(COUNTS)
    places: dict[str, Deployment] = {}
    with store.reading() as connection:
        for start in range(0, len(media_ids), ROWS_AT_ONCE):  # a database takes only so many parameters
            these = media.c.media_id.in_(media_ids[start : start + ROWS_AT_ONCE])
            for row in connection.execute(placed.where(these)).mappings():
                places[row["media_id"]] = deployment_from(row)
    return places


def known_deployments(store: Store, table: Iterable[Deployment] = ()) -> list[Deployment]:
    """Every deployment that gave a video that counts, and those of a table, which may be of one season, by id.

    Args:
        store: the archive.
        table: deployments of which the archive may hold no video; what it says of a known one counts.
    """
    gave = select(media.c.deployment_id).where(COUNTS).distinct()
    query = select(deployment).where(deployment.c.deployment_id.in_(gave)).order_by(deployment.c.deployment_id)
    with store.reading() as connection:
        known = {row["deployment_id"]: deployment_from(row) for row in connection.execute(query).mappings()}
    known |= {one.deployment_id: one for one in table}
    return [known[name] for name in sorted(known)]


def filmed_in(store: Store) -> list[tuple[Deployment, int, Path]]:
    """Every deployment that gave a video that counts, by id, with their number and where the first in order lies."""
    this = media.c.deployment_id
    counted = select(this, func.count(), func.min(media.c.path)).where(COUNTS, this.is_not(None)).group_by(this)
    known = {one.deployment_id: one for one in known_deployments(store)}
    with store.reading() as connection:
        return [(known[name], videos, Path(path)) for name, videos, path in connection.execute(counted.order_by(this))]


def last_videos(store: Store) -> dict[str, date]:
    """By id of each deployment with a dated video that counts, the day of the last one by the camera's calendar."""
    this = media.c.deployment_id
    dated = select(this, media.c.zone, func.max(media.c.captured_at).label("at")).group_by(this, media.c.zone)
    last: dict[str, date] = {}
    with store.reading() as connection:
        for row in connection.execute(dated.where(COUNTS, this.is_not(None), media.c.captured_at.is_not(None))):
            day = row.at.astimezone(parse_zone(row.zone)).date()
            last[row.deployment_id] = max(day, last.get(row.deployment_id, day))
    return last


def footage_from(row: RowMapping, place: Deployment | None) -> Footage:
    """A row of `media` with its deployment, if it has one, as the value that it was made from."""
    captured = None
    if row["captured_at"] is not None:
        clock = datetime.fromisoformat(row["camera_clock"])
        said = (row["time_tag"], row["zone"], row["clock_shift_s"], row["own_offset"])
        captured = CaptureTime(row["captured_at"], clock, *said)
    return Footage(
        path=Path(row["path"]),
        media_id=row["media_id"],
        size_bytes=row["size_bytes"],
        deployment=place,
        captured=captured,
        time_notes=tuple(row["time_notes"]),
    )


def deployment_from(row: RowMapping) -> Deployment:
    """A row of `deployment` as the value that it was made from."""
    return Deployment(
        deployment_id=row["deployment_id"],
        location_id=row["location_id"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        start=row["start_at"],
        end=row["end_at"],
        zone=row["zone"],
        clock_shift_s=row["clock_shift_s"],
        clock_shift_reason=row["clock_shift_reason"],
        location_name=row["location_name"],
        camera_id=row["camera_id"],
        camera_model=row["camera_model"],
        feature_type=row["feature_type"],
        tags=tuple(row["tags"]),
    )


def _write_deployment(connection: Connection, place: Deployment) -> None:
    row = {
        "deployment_id": place.deployment_id,
        "location_id": place.location_id,
        "location_name": place.location_name,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "start_at": place.start,
        "end_at": place.end,
        "zone": place.zone,
        "clock_shift_s": place.clock_shift_s,
        "clock_shift_reason": place.clock_shift_reason,
        "camera_id": place.camera_id,
        "camera_model": place.camera_model,
        "feature_type": place.feature_type,
        "tags": list(place.tags),
    }
    same = deployment.c.deployment_id == place.deployment_id
    if connection.execute(update(deployment).where(same).values(**row)).rowcount == 0:
        connection.execute(deployment.insert(), row)


def _footage_columns(footage: Footage) -> dict[str, Any]:
    captured, place = footage.captured, footage.deployment
    return {
        "captured_at": captured and captured.at,
        "camera_clock": captured and captured.camera_clock.isoformat(),
        "time_tag": captured and captured.tag,
        "zone": captured and captured.zone,
        "clock_shift_s": captured and captured.clock_shift_s,
        "own_offset": captured and captured.own_offset,
        "time_notes": list(footage.time_notes),
        "deployment_id": place and place.deployment_id,
        "location_id": place and place.location_id,
    }
