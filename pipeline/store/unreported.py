"""What was analysed after the last run that came to its end: it was killed, so no report has told of it yet."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from pipeline.store.open import Store
from pipeline.store.schema import analysis, bout, media, track
from pipeline.values import Kind, State


@dataclass(frozen=True, slots=True)
class RecordedVideo:
    """One analysed video as it is on record."""

    media_id: str
    path: Path
    state: State
    complaint: str  # what decoding could not read
    duration_s: float
    tracks: tuple[tuple[Kind, str], ...]  # kind and species by the machine's word, one entry a track
    behaviours: tuple[str, ...]  # by the machine's word, one entry a bout


def analysed_after(store: Store, moment: datetime | None) -> list[RecordedVideo]:
    """The videos of the whole archive whose last analysis went well and ended after `moment`, in the order of paths.

    Args:
        store: the archive.
        moment: aware; None for every analysed video.
    """
    query = select(media).join(analysis, analysis.c.analysis_id == media.c.analysis_id)
    query = query.where(media.c.state.in_((State.ANALYSED, State.BLANK))).order_by(media.c.path, media.c.media_id)
    if moment is not None:
        query = query.where(analysis.c.finished_at > moment)
    these = query.with_only_columns(media.c.media_id).order_by(None)
    tracks: defaultdict[str, list[tuple[Kind, str]]] = defaultdict(list)
    behaviours: defaultdict[str, list[str]] = defaultdict(list)
    with store.reading() as connection:
        videos = connection.execute(query).all()
        for one in connection.execute(select(track).where(track.c.media_id.in_(these)).order_by(track.c.number)):
            tracks[one.media_id].append((Kind(one.kind), one.species))
        for one in connection.execute(select(bout).where(bout.c.media_id.in_(these)).order_by(bout.c.bout_id)):
            behaviours[one.media_id].append(one.behaviour)
    return [
        RecordedVideo(
            media_id=video.media_id,
            path=Path(video.path),
            state=State(video.state),
            complaint=video.decode_complaint or "",
            duration_s=video.decoded_duration_s or 0.0,
            tracks=tuple(tracks[video.media_id]),
            behaviours=tuple(behaviours[video.media_id]),
        )
        for video in videos
    ]
