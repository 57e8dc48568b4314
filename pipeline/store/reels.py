"""What a highlight film is chosen from."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from pipeline.highlights.choose import ReelCandidate
from pipeline.store.columns import between_bars, unsaid
from pipeline.store.labels import said_in_view
from pipeline.store.open import Store, streamed
from pipeline.store.queries import BoutQuery, select_bouts
from pipeline.store.schema import bout, media, track
from pipeline.values import BLANK, PEOPLE, ClipQuality, Kind

_SHOWN = {
    Kind.PERSON: "a person",
    Kind.VEHICLE: "a vehicle",
    Kind.UNKNOWN: "an animal that may be a person or a vehicle",
    Kind.ANIMAL: "an animal that is not quite surely one",
}
# Below this belief in the animal no film shows it before a person has said what it is. Of the tracks on simulated
# animals (196 clips of the test split) 5 % lie below, and of single crops from 53 photos of Amur leopards 43 %; of 9
# tracks on people 2, by night, were called animals, with beliefs of 0.58 and 0.76.
SURE_ENOUGH = 0.85
_CANDIDATE = (
    bout.c.bout_id,
    track.c.media_id,
    media.c.location_id,
    bout.c.effective_behaviour,
    track.c.effective_species,
    bout.c.human_behaviour,
    bout.c.probability,
    bout.c.clip_path,
    bout.c.clip_start_s,
    bout.c.clip_end_s,
    bout.c.quality_size,
    bout.c.quality_sharpness,
    bout.c.quality_wholeness,
    media.c.declared_fps,
)


def reel_candidates(store: Store, wanted: BoutQuery | None = None) -> list[ReelCandidate]:
    """The bouts asked for that have a clip, in any order.

    A person or vehicle anywhere in a video bars every clip of it: the machine's word or a person's is enough, and of
    the machine's also one of before, that a later analysis took back. So does what may be a person, or is not quite
    surely an animal, until a person has said what it is.
    """
    told = replace(wanted or BoutQuery(), of_no_animals=True)  # also why a clip is barred
    query = select_bouts(told).where(bout.c.clip_path.is_not(None), track.c.effective_species != BLANK)
    asked = query.order_by(None).with_only_columns(*_CANDIDATE)
    with store.reading() as connection:
        barred = _why_barred(connection)
        with streamed(connection, asked) as rows:
            return [_candidate(row, barred.get(row.media_id, "")) for row in rows]


def _why_barred(connection: Connection) -> dict[str, str]:
    """By the id of each video that no film may show, the reason in words."""
    seen = said_in_view(connection)
    by_machine = select(track.c.media_id, track.c.kind).where(track.c.kind.in_(PEOPLE)).distinct()
    for media_id, kind in connection.execute(by_machine):
        seen.setdefault(media_id, set()).add(Kind(kind))
    reasons = {media_id: f"{_listed(kinds)} in the video" for media_id, kinds in seen.items()}
    before = select(media.c.media_id, media.c.people_before).where(media.c.people_before.is_not(None))
    for media_id, together in connection.execute(before):
        kinds = {Kind(kind) for kind in between_bars(together)}
        reasons.setdefault(media_id, f"{_listed(kinds)} in the video, by an earlier analysis")
    doubts: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_doubtful()):
        doubts.setdefault(row.media_id, []).append(row)
    for media_id, rows in doubts.items():
        kinds, tracks = {Kind(row.kind) for row in rows}, " and ".join(row.track_id for row in rows)
        reasons.setdefault(media_id, f"{_listed(kinds)} in the video; label {tracks} if you see what it is")
    return reasons


def _doubtful() -> Select[Any]:
    """Tracks that may be people, or are not quite surely animals, of which nobody has said what they are."""
    unsure = (track.c.kind == Kind.ANIMAL) & (track.c.kind_probability < SURE_ENOUGH)
    query = select(track.c.media_id, track.c.track_id, track.c.kind)
    return query.where(unsaid() & ((track.c.kind == Kind.UNKNOWN) | unsure)).order_by(track.c.media_id, track.c.number)


def _listed(kinds: Iterable[Kind]) -> str:
    return " and ".join(_SHOWN[kind] for kind in sorted(kinds))


def _candidate(row: Row[Any], barred: str) -> ReelCandidate:
    return ReelCandidate(
        bout_id=row.bout_id,
        media_id=row.media_id,
        location_id=row.location_id,
        behaviour=row.effective_behaviour,
        species=row.effective_species,
        probability=row.probability if row.human_behaviour is None else 1.0,  # the machine's is of its own word
        clip=row.clip_path,
        quality=ClipQuality(row.quality_size, row.quality_sharpness, row.quality_wholeness),
        start_s=row.clip_start_s,
        end_s=row.clip_end_s,
        last_s=1 / row.declared_fps if row.declared_fps else 0.0,
        barred=barred,
    )
