"""Everything that the archive knows about one bout."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from pipeline.errors import NotFoundError
from pipeline.store.columns import BOUT, MEDIA, TRACK, TRACK_SPAN, bout_row, bouts_joined, indicator_of, track_row
from pipeline.store.footage import deployment_from, footage_from
from pipeline.store.labels import read_labels
from pipeline.store.open import Store
from pipeline.store.result import AnalysisKey
from pipeline.store.rows import BoutDetail
from pipeline.store.schema import analysis, bout, deployment, file, indicator, media, track
from pipeline.values import ClipQuality, DecodeReport, VideoInfo


def bout_detail(store: Store, bout_id: str) -> BoutDetail:
    """Everything about one bout.

    Raises:
        NotFoundError: no such bout.
    """
    with store.reading() as connection:
        query = select(*BOUT, *TRACK, *MEDIA, bout.c.track_id).select_from(bouts_joined())
        row = connection.execute(query.where(bout.c.bout_id == bout_id)).one_or_none()
        if row is None:
            raise NotFoundError(f"no bout {bout_id!r} in this archive; `ethotrap bouts` lists what there is")
        whole: dict[str, Any] = {"bout": bout_row(row, store)}
        whole |= _about_bout(connection, bout_id)
        whole |= _about_track(connection, row.track_id)
        whole |= _about_media(connection, row.media)
        whole |= _about_analysis(connection, row.track_id, store)
        return BoutDetail(**whole, labels=tuple(read_labels(connection, row.media)))


def _about_bout(connection: Connection, bout_id: str) -> dict[str, Any]:
    row = connection.execute(select(bout).where(bout.c.bout_id == bout_id)).one()
    quality = ClipQuality(row.quality_size, row.quality_sharpness, row.quality_wholeness)
    return {
        "clip_start_s": row.clip_start_s,
        "clip_end_s": row.clip_end_s,
        "quality": None if row.clip_path is None else quality,
    }


def _about_track(connection: Connection, track_id: str) -> dict[str, Any]:
    this = track.c.track_id == track_id
    query = select(*TRACK, *TRACK_SPAN, *MEDIA, track.c.species_scores).join_from(track, media)
    row = connection.execute(query.where(this)).one()
    measured = select(indicator, track.c.number).join_from(indicator, track).where(this).order_by(indicator.c.name)
    return {
        "track": track_row(row),
        "species_scores": row.species_scores,
        "indicators": tuple(indicator_of(one) for one in connection.execute(measured)),
    }


def _about_media(connection: Connection, media_id: str) -> dict[str, Any]:
    row = connection.execute(select(media).where(media.c.media_id == media_id)).mappings().one()
    place = select(deployment).where(deployment.c.deployment_id == row["deployment_id"])
    placed = connection.execute(place).mappings().one_or_none()
    copies = connection.scalars(select(file.c.path).where(file.c.media_id == media_id).order_by(file.c.path))
    return {
        "footage": footage_from(row, None if placed is None else deployment_from(placed)),
        "copies": tuple(Path(path) for path in copies),
        "info": VideoInfo(
            container=row["container"],
            codec=row["codec"],
            width=row["width"],
            height=row["height"],
            declared_frames=row["declared_frames"],
            declared_duration_s=row["declared_duration_s"],
            declared_fps=row["declared_fps"],
            rotation=row["rotation"],
        ),
        "decoded": DecodeReport(
            decoded_frames=row["decoded_frames"],
            decoded_duration_s=row["decoded_duration_s"],
            damaged_packets=row["damaged_packets"],
            longest_gap_s=row["longest_gap_s"],
            complaint=row["decode_complaint"],
        ),
    }


def _about_analysis(connection: Connection, track_id: str, store: Store) -> dict[str, Any]:
    query = select(analysis).join(track, track.c.analysis_id == analysis.c.analysis_id)
    row = connection.execute(query.where(track.c.track_id == track_id)).one()
    return {
        "analysed": AnalysisKey(row.code_version, row.models, row.settings_digest),
        "analysed_at": row.finished_at,
        "boxes": None if row.boxes_path is None else store.archive / row.boxes_path,
    }
