"""The best pictures of an animal, for a person who looks for wounds, mange or a kinked tail."""

from sqlalchemy import select

from pipeline.individuals.sheet import Crop
from pipeline.store.individual_rows import individual_detail
from pipeline.store.open import Store
from pipeline.store.schema import bout
from pipeline.store.views import views_of

MOST_OF_A_TRACK = 6


def crops_of_track(store: Store, track_id: str) -> list[Crop]:
    """The best pictures of a track's animal: its flank views, or the posters of its bouts where there are none.

    Raises:
        NotFoundError: no such track.
    """
    views = views_of(store, track_id)[:MOST_OF_A_TRACK]
    if views:
        return [
            Crop(view.picture, track_id, f"{view.flank} at {view.t:.1f} s, quality {view.quality:.2f}")
            for view in views
        ]
    query = (
        select(bout.c.poster_path, bout.c.start_s, bout.c.effective_behaviour)
        .where(bout.c.track_id == track_id, bout.c.poster_path.is_not(None))
        .order_by(bout.c.quality_size.desc(), bout.c.bout_id)
        .limit(MOST_OF_A_TRACK)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return [
        Crop(store.archive / row.poster_path, track_id, f"{row.effective_behaviour} from {row.start_s:.1f} s")
        for row in rows
    ]


def crops_of_animal(store: Store, code: str) -> tuple[str, list[Crop]]:
    """An animal's code, and the best pictures of every track in which a person recognised it, the latest first.

    Raises:
        NotFoundError: nobody bears the code.
    """
    detail = individual_detail(store, code)
    found: list[Crop] = []
    for sighting in reversed(detail.sightings):
        filmed = "undated" if sighting.captured_at is None else f"{sighting.captured_at:%Y-%m-%d %H:%M}"
        said = ", ".join((filmed, sighting.location or "location unknown", *sighting.tags))
        found += [_dated(crop, said) for track_id in sighting.tracks for crop in crops_of_track(store, track_id)]
    return detail.individual.code, found


def _dated(crop: Crop, said: str) -> Crop:
    return Crop(crop.picture, crop.track, f"{said}: {crop.words}")
