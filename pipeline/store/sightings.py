"""Where people recognised an animal, which track of the last analysis each sighting is about, and what that is called.

Tracks are made anew by every analysis; a sighting keeps its time and place in the video, as a label does, and is tied
to the tracks that are there. A track that no sighting is about names nobody, whatever a machine proposes.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from pipeline.errors import NotFoundError
from pipeline.individuals.animals import Flank, Seen
from pipeline.individuals.flanks import SURE
from pipeline.individuals.traits import Called
from pipeline.store.columns import COUNTS
from pipeline.store.matching import Label, about_track, latest, place_at
from pipeline.store.result import ID_DIGITS
from pipeline.store.schema import flank_view, identified_track, media, sighting, track
from pipeline.values import BLANK, PERHAPS_PEOPLE


def attach_sightings(connection: Connection, media_id: str) -> None:
    """Tie each track of a video to the latest sighting at its time and place, inside a transaction of the caller's.

    Half a video that was still being copied is the beginning of the whole one: who was recognised in it is known in
    both.
    """
    whole = connection.scalar(select(media.c.superseded_by).where(media.c.media_id == media_id))
    for video in filter(None, (media_id, whole)):
        _attach(connection, video)


def _attach(connection: Connection, media_id: str) -> None:
    halves = select(media.c.media_id).where(media.c.superseded_by == media_id)
    of_it = or_(sighting.c.media_id == media_id, sighting.c.media_id.in_(halves))
    said = [_as_label(row) for row in connection.execute(select(sighting).where(of_it))]
    tied = (
        select(identified_track.c.track_id, identified_track.c.sighting_id)
        .join(track)
        .where(track.c.media_id == media_id)
    )
    before = {row.track_id: row.sighting_id for row in connection.execute(tied)}
    for row in connection.execute(select(track).where(track.c.media_id == media_id)).all():
        last = latest(one for one in said if about_track(one, row.start_s, row.end_s, row.places))
        if (last and last.label_id) == before.get(row.track_id):
            continue
        same = identified_track.c.track_id == row.track_id
        if last is None:
            connection.execute(identified_track.delete().where(same))
        elif row.track_id in before:
            connection.execute(update(identified_track).where(same).values(sighting_id=last.label_id))
        else:
            connection.execute(identified_track.insert(), {"track_id": row.track_id, "sighting_id": last.label_id})


def seen_on(
    connection: Connection,
    track_id: str,
    individual_id: int | None,
    flanks: tuple[Flank, ...] | None = None,
    *,
    rejecting: bool = False,
) -> Seen:
    """What a person who decides about this track has before them.

    The track keeps the sighting that it is tied to, so that deciding twice about one animal in one video makes one
    sighting; unless that sighting is about other tracks too and the decision would change what it says of them.

    Args:
        connection: within the transaction that writes the decision.
        track_id: such as "3f2a9c0d11e4b7a8.1".
        individual_id: whom the person names; None for an animal that is new.
        flanks: the flanks that the person saw; None for those that its views surely show.
        rejecting: the person says that it is not that animal.

    Raises:
        NotFoundError: no such track.
    """
    row = connection.execute(select(track).where(track.c.track_id == track_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"no track {track_id!r} in this archive; `ethotrap tracks` lists what there is")
    if flanks is None:
        flanks = _flanks_in_view(connection, track_id)
    kept = _sighting_to_keep(connection, track_id, individual_id, rejecting=rejecting)
    if kept is not None:
        box = (kept.x, kept.y, kept.w, kept.h)
        return Seen(kept.sighting_id, kept.media_id, kept.start_s, kept.end_s, box, flanks)
    box = place_at(row.places, (row.start_s + row.end_s) / 2)
    place = [row.media_id, row.start_s, row.end_s, box]
    sighting_id = hashlib.sha256(json.dumps(place).encode()).hexdigest()[:ID_DIGITS]
    return Seen(sighting_id, row.media_id, row.start_s, row.end_s, box, flanks)


def sighting_named(connection: Connection, name: str) -> str:
    """Id of the sighting that `name` means: its own id, or the track that it is about.

    Raises:
        NotFoundError: there is neither.
    """
    own: str | None = connection.scalar(select(sighting.c.sighting_id).where(sighting.c.sighting_id == name))
    found = own or sighting_of(connection, name)
    if found is None:
        raise NotFoundError(f"no sighting {name!r}; `ethotrap individuals show CODE` lists an animal's sightings")
    return found


def sighting_of(connection: Connection, track_id: str) -> str | None:
    """Id of the sighting that a track is tied to; None if nobody has said anything about it."""
    about = select(identified_track.c.sighting_id).where(identified_track.c.track_id == track_id)
    found: str | None = connection.scalar(about)
    return found


def species_of(connection: Connection, track_id: str) -> str | None:
    """A track's species, a person's word before the machine's; None if unknown; of people "person" or "vehicle"."""
    found: str | None = connection.scalar(select(track.c.effective_species).where(track.c.track_id == track_id))
    return None if found == "unknown" else found


def species_by_tracks(connection: Connection) -> dict[int, list[Called]]:
    """For each animal's id, what the tracks that show it by people's word are called, where that is a species."""
    query = (
        select(sighting.c.individual_id, track.c.effective_species, track.c.human_species)
        .select_from(sighting.join(identified_track).join(track).join(media, media.c.media_id == track.c.media_id))
        .where(COUNTS, sighting.c.individual_id.is_not(None))
        .where(track.c.effective_species.not_in((*PERHAPS_PEOPLE, BLANK)))
    )
    found: dict[int, list[Called]] = {}
    for row in connection.execute(query):
        one = Called(row.effective_species, row.human_species is not None)
        found.setdefault(row.individual_id, []).append(one)
    return found


def _sighting_to_keep(
    connection: Connection, track_id: str, individual_id: int | None, *, rejecting: bool
) -> Row[Any] | None:
    query = select(sighting).join(identified_track).where(identified_track.c.track_id == track_id)
    tied = connection.execute(query).one_or_none()
    if tied is None or tied.individual_id is None or (tied.individual_id == individual_id) != rejecting:
        return tied
    same = (identified_track.c.sighting_id == tied.sighting_id) & COUNTS
    counting = identified_track.join(track).join(media, media.c.media_id == track.c.media_id)
    others = connection.scalars(select(identified_track.c.track_id).select_from(counting).where(same)).all()
    return tied if len(others) <= 1 else None


def _flanks_in_view(connection: Connection, track_id: str) -> tuple[Flank, ...]:
    query = select(flank_view.c.flank).where(flank_view.c.track_id == track_id, flank_view.c.flank_probability >= SURE)
    return tuple(sorted({Flank(one) for one in connection.scalars(query)}))


def _as_label(row: Row[Any]) -> Label:
    """The sighting as a person's word, so that it is tied to tracks by the very rules that labels are tied by."""
    box = (row.x, row.y, row.w, row.h)
    return Label(row.sighting_id, row.media_id, row.start_s, row.end_s, box, None, None, row.who, row.at)
