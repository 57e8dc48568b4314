"""What a highlight film is chosen from."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from pipeline.highlights.choose import ReelCandidate
from pipeline.store.columns import when
from pipeline.store.labels import said_in_view
from pipeline.store.open import Store
from pipeline.store.queries import BoutQuery, select_bouts
from pipeline.store.schema import bout, media, track
from pipeline.values import BLANK, PERHAPS_PEOPLE, ClipQuality, Kind

_SHOWN = {
    Kind.PERSON: "a person",
    Kind.VEHICLE: "a vehicle",
    Kind.UNKNOWN: "an animal that may be a person or a vehicle",
    Kind.ANIMAL: "an animal that is not quite surely one",
}
# Below this belief in the animal no film shows it. Of the tracks on simulated animals (196 clips of the test split) 5 %
# lie below; of 9 tracks on people 2, by night, were called animals, with beliefs of 0.58 and 0.76.
SURE_ENOUGH = 0.85
_CLIP = (
    bout.c.clip_start_s,
    bout.c.clip_end_s,
    bout.c.quality_size,
    bout.c.quality_sharpness,
    bout.c.quality_wholeness,
    media.c.declared_fps,
)


def reel_candidates(store: Store, wanted: BoutQuery | None = None) -> list[ReelCandidate]:
    """The bouts asked for that have a clip, in the order of `queries.bouts`.

    A person or vehicle anywhere in a video, or what may be one, bars every clip of it: the machine's word or a person's
    is enough. So does an animal that is not quite surely one.
    """
    told = replace(wanted or BoutQuery(), of_no_animals=True)  # also why a clip is barred
    query = select_bouts(told).add_columns(*_CLIP)
    query = query.where(bout.c.clip_path.is_not(None), track.c.effective_species != BLANK)
    doubtful = (track.c.kind == Kind.ANIMAL) & (track.c.kind_probability < SURE_ENOUGH)
    people = select(track.c.media_id, track.c.kind).where(track.c.kind.in_(PERHAPS_PEOPLE) | doubtful).distinct()
    with store.reading() as connection:
        rows = connection.execute(query).all()
        in_view = said_in_view(connection)
        for media_id, kind in connection.execute(people):
            in_view.setdefault(media_id, set()).add(Kind(kind))
    return [_candidate(row, store, [_SHOWN[kind] for kind in sorted(in_view.get(row.media, ()))]) for row in rows]


def _candidate(row: Row[Any], store: Store, in_view: list[str]) -> ReelCandidate:
    return ReelCandidate(
        bout_id=row.bout,
        media_id=row.media,
        location_id=row.location,
        behaviour=row.behaviour,
        species=row.species,
        probability=row.probability,
        clip_path=store.archive / row.clip,
        poster=store.archive / row.poster,
        quality=ClipQuality(row.quality_size, row.quality_sharpness, row.quality_wholeness),
        start_s=row.clip_start_s,
        end_s=row.clip_end_s,
        last_s=1 / row.declared_fps if row.declared_fps else 0.0,
        captured_at=when(row),
        barred=f"{' and '.join(in_view)} in the video" if in_view else "",
    )
