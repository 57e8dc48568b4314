"""Which animals are together in one video, whom they show, and how large each is beside the largest."""

from dataclasses import dataclass

from sqlalchemy import select

from pipeline.errors import NotFoundError
from pipeline.individuals.family import sizes_beside
from pipeline.store.open import Store
from pipeline.store.schema import identified_track, individual, media, sighting, track
from pipeline.values import NO_ANIMALS


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """One animal in company. Field names are keys of `--json`."""

    track: str
    individual: str | None  # code, where a person recognised it
    beside: str  # track of the largest animal
    size_ratio: float  # of body size (a length) beside that one
    rests_on_s: float
    looks_like: str


def company(store: Store, media_id: str) -> list[CompanyRow]:
    """The smaller animals of a video, the smallest first; none where sizes cannot be compared.

    Raises:
        NotFoundError: no such video.
    """
    query = (
        select(track.c.track_id, track.c.places, individual.c.code)
        .outerjoin_from(track, identified_track, identified_track.c.track_id == track.c.track_id)
        .outerjoin(sighting, sighting.c.sighting_id == identified_track.c.sighting_id)
        .outerjoin(individual, individual.c.individual_id == sighting.c.individual_id)
        .where(track.c.media_id == media_id, track.c.effective_species.not_in(NO_ANIMALS))
    )
    with store.reading() as connection:
        if connection.scalar(select(media.c.media_id).where(media.c.media_id == media_id)) is None:
            raise NotFoundError(f"no video {media_id!r} in this archive; `ethotrap tracks` lists what there is")
        rows = connection.execute(query).all()
    codes = {row.track_id: row.code for row in rows}
    sizes = sizes_beside({row.track_id: row.places for row in rows})
    return [
        CompanyRow(one.track, codes[one.track], one.beside, one.ratio, one.rests_on_s, one.looks_like) for one in sizes
    ]
