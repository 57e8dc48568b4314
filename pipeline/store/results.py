"""Write what an analysis found, or why it failed: one video, one transaction."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, select, update

from pipeline.errors import StoreError
from pipeline.footage.marked_tree import tree_in_words
from pipeline.store.columns import between_bars, in_bars
from pipeline.store.footage import write_footage
from pipeline.store.labels import attach_labels
from pipeline.store.open import Store
from pipeline.store.result import (
    AnalysisKey,
    AnalysisResult,
    Failure,
    FlankView,
    NumberedBout,
    TrackSummary,
    bout_id,
    track_id,
    view_id,
)
from pipeline.store.schema import analysis, bout, flank_view, indicator, media, track
from pipeline.store.sightings import attach_sightings
from pipeline.values import PEOPLE, DecodeReport, Indicator, Kind, State, VideoInfo


def save_analysis(store: Store, result: AnalysisResult, *, now: datetime | None = None) -> tuple[Path, ...]:
    """Replace what is known of one video by what was found now; people's labels and sightings stay and are tied anew.

    That somebody was seen in it is kept, too: another network may miss them, and a film must not show them.

    The clips, the flank views and the box file must lie in the archive already, under names that no other analysis
    uses.

    Args:
        store: the archive.
        result: what was found; its video must be in the ledger.
        now: when the analysis ended, aware; the present by default.

    Returns:
        Files, relative to the archive, that nothing refers to any more; the caller may delete them.

    Raises:
        StoreError: the video is not in the ledger, a path is not relative to the archive, or the database refused;
            nothing was kept.
    """
    media_id = result.footage.media_id
    with store.writing() as connection:
        before = _files(connection, media_id)
        people_before = _people_seen(connection, media_id) - {one.kind for one in result.tracks}
        write_footage(connection, result.footage)
        _clear(connection, media_id)
        tags = result.footage.deployment.tags if result.footage.deployment else ()
        found = {"boxes_path": result.boxes_path and _relative(result.boxes_path), "marked_tree": tree_in_words(tags)}
        _write_analysis(connection, media_id, result.key, result.seconds, now or datetime.now(UTC), found)
        _write_found(connection, result)
        attach_labels(connection, media_id)
        attach_sightings(connection, media_id)
        _write_state(connection, media_id, result.key, result.state)
        connection.execute(
            update(media)
            .where(media.c.media_id == media_id)
            .values(
                failures=0,
                people_before=in_bars(sorted(people_before)),
                **_info_columns(result.info),
                **_report_columns(result.report),
            )
        )
        return tuple(sorted(before - _files(connection, media_id)))


def save_failure(store: Store, failure: Failure, *, now: datetime | None = None) -> None:
    """Write down why one video could not be analysed. What an earlier analysis found in it stays.

    Raises:
        StoreError: the video is not in the ledger, the reason is empty, or the database refused; nothing was kept.
    """
    media_id = failure.media_id
    known: dict[str, Any] = {}
    if failure.info is not None:
        known |= _info_columns(failure.info)
    if failure.report is not None:
        known |= _report_columns(failure.report)
    with store.writing() as connection:
        if connection.scalar(select(media.c.media_id).where(media.c.media_id == media_id)) is None:
            raise StoreError(f"{media_id} is not in the ledger; record its file first")
        if failure.footage is not None:
            write_footage(connection, failure.footage)
        _write_analysis(connection, media_id, failure.key, failure.seconds, now or datetime.now(UTC), {})
        _write_state(connection, media_id, failure.key, State.FAILED, failure.reason, transient=failure.transient)
        connection.execute(
            update(media).where(media.c.media_id == media_id).values(failures=media.c.failures + 1, **known)
        )


def referenced_files(store: Store) -> frozenset[Path]:
    """Every file, relative to the archive, that the database refers to: clips, posters, flank views, boxes."""
    with store.reading() as connection:
        return frozenset(_files(connection, None))


def _people_seen(connection: Connection, media_id: str) -> set[Kind]:
    """Of people and vehicles, what any analysis so far has seen in a video."""
    of_this = (track.c.media_id == media_id) & track.c.kind.in_(PEOPLE)
    before = connection.scalar(select(media.c.people_before).where(media.c.media_id == media_id))
    kinds = [*connection.scalars(select(track.c.kind).where(of_this).distinct()), *between_bars(before)]
    return {Kind(kind) for kind in kinds}


def _clear(connection: Connection, media_id: str) -> None:
    numbers = select(track.c.track_id).where(track.c.media_id == media_id)
    connection.execute(indicator.delete().where(indicator.c.track_id.in_(numbers)))
    connection.execute(bout.delete().where(bout.c.media_id == media_id))
    connection.execute(track.delete().where(track.c.media_id == media_id))
    connection.execute(update(analysis).where(analysis.c.media_id == media_id).values(boxes_path=None))


def _write_analysis(
    connection: Connection, media_id: str, key: AnalysisKey, seconds: float, now: datetime, found: Mapping[str, Any]
) -> None:
    row = {
        "analysis_id": key.analysis_id(media_id),
        "media_id": media_id,
        "key_digest": key.digest,
        "code_version": key.code_version,
        "models": dict(key.models),
        "settings_digest": key.settings_digest,
        "finished_at": now,
        "seconds": seconds,
        **found,
    }
    same = analysis.c.analysis_id == row["analysis_id"]
    if connection.execute(update(analysis).where(same).values(**row)).rowcount == 0:
        connection.execute(analysis.insert(), row)


def _write_state(
    connection: Connection, media_id: str, key: AnalysisKey, state: State, reason: str = "", *, transient: bool = False
) -> None:
    row = {"state": state, "reason": reason, "transient": transient, "analysis_id": key.analysis_id(media_id)}
    connection.execute(update(media).where(media.c.media_id == media_id).values(**row))


def _write_found(connection: Connection, result: AnalysisResult) -> None:
    media_id = result.footage.media_id
    analysis_id = result.key.analysis_id(media_id)
    tables: Iterable[tuple[Any, list[dict[str, Any]]]] = (
        (track, [_track_row(media_id, analysis_id, one) for one in result.tracks]),
        (bout, [_bout_row(media_id, one) for one in result.bouts]),
        (indicator, [_indicator_row(media_id, one) for one in result.indicators]),
        (flank_view, _view_rows(media_id, result.views)),
    )
    for table, rows in tables:
        if rows:
            connection.execute(table.insert(), [_plain(row) for row in rows])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row with Python's numbers: database drivers do not know NumPy's."""
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}


def _files(connection: Connection, media_id: str | None) -> set[Path]:
    clips = select(bout.c.clip_path, bout.c.poster_path).where(bout.c.clip_path.is_not(None))
    boxes = select(analysis.c.boxes_path).where(analysis.c.boxes_path.is_not(None))
    views = select(flank_view.c.picture_path, flank_view.c.pattern_path).join(track)
    if media_id is not None:
        clips, boxes = clips.where(bout.c.media_id == media_id), boxes.where(analysis.c.media_id == media_id)
        views = views.where(track.c.media_id == media_id)
    rows = [*connection.execute(clips), *connection.execute(boxes), *connection.execute(views)]
    return {Path(path) for row in rows for path in row if path is not None}


def _relative(path: Path) -> str:
    if path.is_absolute() or ".." in path.parts:
        raise StoreError(f"{path} must be given relative to the archive folder, so that the archive can be moved")
    return path.as_posix()


def _track_row(media_id: str, analysis_id: str, one: TrackSummary) -> dict[str, Any]:
    return {
        "track_id": track_id(media_id, one.number),
        "media_id": media_id,
        "analysis_id": analysis_id,
        "number": one.number,
        "kind": one.kind,
        "kind_probability": one.kind_probability,
        "species": one.species,
        "species_probability": one.species_probability,
        "species_scores": dict(one.species_scores),
        "start_s": one.start_s,
        "end_s": one.end_s,
        "frames": one.frames,
        "seen_share": one.seen_share,
        "median_height": one.median_height,
        "places": [list(place) for place in one.places],
    }


def _bout_row(media_id: str, one: NumberedBout) -> dict[str, Any]:
    bout_, clip = one.bout, one.clip
    return {
        "bout_id": bout_id(media_id, bout_.track, one.number),
        "track_id": track_id(media_id, bout_.track),
        "media_id": media_id,
        "number": one.number,
        "behaviour": bout_.behaviour,
        "start_s": bout_.start_s,
        "end_s": bout_.end_s,
        "probability": bout_.probability,
        "censored_start": bout_.censored_start,
        "censored_end": bout_.censored_end,
        "evidence": bout_.evidence,
        "also": in_bars(bout_.also),
        "clip_path": clip and _relative(clip.path),
        "poster_path": clip and _relative(clip.poster),
        "clip_start_s": clip and clip.start_s,
        "clip_end_s": clip and clip.end_s,
        "quality_size": clip and clip.quality.size,
        "quality_sharpness": clip and clip.quality.sharpness,
        "quality_wholeness": clip and clip.quality.wholeness,
    }


def _view_rows(media_id: str, views: Sequence[FlankView]) -> list[dict[str, Any]]:
    count: defaultdict[int, int] = defaultdict(int)
    rows = []
    for one in sorted(views, key=lambda view: (view.track, view.t, view.flank)):
        count[one.track] += 1
        rows.append(
            {
                "view_id": view_id(media_id, one.track, count[one.track]),
                "track_id": track_id(media_id, one.track),
                "at_s": one.t,
                "flank": one.flank,
                "flank_probability": one.flank_probability,
                "quality": one.quality,
                "picture_path": _relative(one.picture),
                "pattern_path": one.pattern and _relative(one.pattern),
            }
        )
    return rows


def _indicator_row(media_id: str, one: Indicator) -> dict[str, Any]:
    if one.value is not None and not math.isfinite(one.value):
        raise StoreError(f"{one.name} of track {one.track} in {media_id} is {one.value}; it needs a number or a reason")
    return {
        "track_id": track_id(media_id, one.track),
        "name": one.name,
        "unit": one.unit,
        "value": one.value,
        "rests_on_s": one.rests_on_s,
        "steps": one.steps,
        "sharpness": one.sharpness,
        "infrared": one.infrared,
        "visible_share": one.visible_share,
        "not_assessable": one.not_assessable,
    }


def _info_columns(info: VideoInfo) -> dict[str, Any]:
    return {
        "container": info.container,
        "codec": info.codec,
        "width": info.width,
        "height": info.height,
        "rotation": info.rotation,
        "declared_frames": info.declared_frames,
        "declared_duration_s": info.declared_duration_s,
        "declared_fps": info.declared_fps,
    }


def _report_columns(report: DecodeReport) -> dict[str, Any]:
    return {
        "decoded_frames": report.decoded_frames,
        "decoded_duration_s": report.decoded_duration_s,
        "damaged_packets": report.damaged_packets,
        "longest_gap_s": report.longest_gap_s,
        "decode_complaint": report.complaint,
    }
