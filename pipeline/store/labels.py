"""People's words: added, withdrawn, never overwritten, and tied anew to whatever the machine found last."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, update

from pipeline.errors import NotFoundError
from pipeline.store.columns import COUNTS
from pipeline.store.matching import Box, Label, about_bout, about_track, corrects, latest, place_at
from pipeline.store.open import Store
from pipeline.store.result import ID_DIGITS
from pipeline.store.schema import bout, label, media, track
from pipeline.values import BLANK, PEOPLE, Kind


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says; at least one of behaviour and species."""

    who: str
    behaviour: str | None = None
    species: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.who:
            raise ValueError("a label needs the name of the person who gives it")
        if self.behaviour is None and self.species is None:
            raise ValueError("a label must name a behaviour or a species")


def add_label(
    store: Store,
    media_id: str,
    start_s: float,
    end_s: float,
    word: Word,
    *,
    box: Box | None = None,
    at: datetime | None = None,
) -> Label:
    """Keep a person's word about a stretch of a video; the same word at the same moment is kept once.

    Args:
        store: the archive.
        media_id: the video.
        start_s: start of the stretch, seconds in the video.
        end_s: its end, not before its start.
        word: who says what.
        box: the animal meant, at the middle of the stretch; without it, every animal there is meant.
        at: when it was said, aware; now by default.

    Raises:
        NotFoundError: no such video.
        ValueError: the stretch ends before it starts, or `at` is naive.
    """
    if end_s < start_s:
        raise ValueError(f"the label ends at {end_s} s, before it starts at {start_s} s")
    with store.writing() as connection:
        if connection.scalar(select(media.c.media_id).where(media.c.media_id == media_id)) is None:
            raise NotFoundError(f"no video {media_id!r} in this archive; `ethotrap bouts` lists what there is")
        return _add(connection, media_id, (start_s, end_s), box, word, at or datetime.now(UTC))


def label_found(store: Store, found: str, word: Word, *, at: datetime | None = None) -> Label:
    """Keep a person's word about a bout or a track: its time and its animal's box are taken from it.

    Args:
        store: the archive.
        found: id of the bout or the track. People's and vehicles' tracks have no bouts.
        word: who says what.
        at: when it was said, aware; now by default.

    Raises:
        NotFoundError: no such bout and no such track.
    """
    of_bout = select(bout.c.media_id, bout.c.start_s, bout.c.end_s, track.c.places).join_from(bout, track)
    of_track = select(track.c.media_id, track.c.start_s, track.c.end_s, track.c.places)
    with store.writing() as connection:
        row = connection.execute(of_bout.where(bout.c.bout_id == found)).one_or_none()
        row = row or connection.execute(of_track.where(track.c.track_id == found)).one_or_none()
        if row is None:
            raise NotFoundError(f"no bout {found!r} in this archive, and no such track; `ethotrap bouts` lists bouts")
        box = place_at(row.places, (row.start_s + row.end_s) / 2)
        return _add(connection, row.media_id, (row.start_s, row.end_s), box, word, at or datetime.now(UTC))


def label_in_view(store: Store, media_id: str, word: Word, *, at: datetime | None = None) -> Label:
    """Keep a person's word that a person or a vehicle is somewhere in a video. It says nothing of the animals in it.

    Args:
        store: the archive.
        media_id: the video.
        word: its species is `person` or `vehicle`.
        at: when it was said, aware; now by default.

    Raises:
        NotFoundError: no such video.
        ValueError: the word is about an animal.
    """
    if word.species not in PEOPLE or word.behaviour is not None:
        raise ValueError(f"only a person or a vehicle is said to be in a whole video, not {word}")
    with store.writing() as connection:
        query = select(media.c.declared_duration_s).where(media.c.media_id == media_id)
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"no video {media_id!r} in this archive; `ethotrap tracks` lists what there is")
        return _add(connection, media_id, (0.0, row.declared_duration_s or 0.0), None, word, at or datetime.now(UTC))


def said_in_view(connection: Connection) -> dict[str, set[Kind]]:
    """For each video the people and vehicles that a person's label in force says are in it, on a track or anywhere.

    Who is in half a video that was still being copied is in the whole one, too.
    """
    said = label.c.withdrawn_at.is_(None) & label.c.species.in_(PEOPLE)
    halves = select(media.c.media_id, media.c.superseded_by).where(media.c.superseded_by.is_not(None))
    whole_of = {half: whole for half, whole in connection.execute(halves)}
    found: dict[str, set[Kind]] = {}
    for media_id, species in connection.execute(select(label.c.media_id, label.c.species).where(said)):
        video = media_id
        while video is not None:
            found.setdefault(video, set()).add(Kind(species))
            video = whole_of.get(video)
    return found


def withdraw_label(store: Store, label_id: str, *, who: str, note: str = "", at: datetime | None = None) -> None:
    """Mark a label as withdrawn. It stays on record and says nothing from now on; a second withdrawal changes nothing.

    Raises:
        NotFoundError: no such label.
    """
    this = label.c.label_id == label_id
    mark = {"withdrawn_at": at or datetime.now(UTC), "withdrawn_by": who, "withdrawn_note": note}
    with store.writing() as connection:
        media_id = connection.scalar(select(label.c.media_id).where(this))
        if media_id is None:
            raise NotFoundError(f"no label {label_id!r} in this archive; `ethotrap show BOUT` lists those of a bout")
        connection.execute(update(label).where(this & label.c.withdrawn_at.is_(None)).values(**mark))
        attach_labels(connection, media_id)


def labels_for(store: Store, media_id: str | None = None) -> list[Label]:
    """Every label of one video, or of all, withdrawn ones too, by video, start and time of saying."""
    with store.reading() as connection:
        return read_labels(connection, media_id)


def unattached_labels(store: Store) -> list[tuple[Path, Label]]:
    """Labels in force that decide about nothing the machine found, and their videos, in the order of these.

    The machine does not see any more what the person saw, or divides it into other bouts; or only half of the video
    had been copied, and the whole is there now. Labels that a newer one corrects are left out, and so is what a person
    called blank, for there the machine agrees by now.
    """
    labelled = media.c.media_id.in_(select(label.c.media_id))  # few of an archive's videos
    query = select(media.c.media_id, media.c.path).where(labelled)
    with store.reading() as connection:
        heard: set[str | None] = set()
        for table, says in ((bout, bout.c.behaviour_label_id), (track, track.c.species_label_id)):
            heard |= set(connection.scalars(select(says).join_from(table, media).where(labelled, COUNTS)))
        every = [one for one in _deciding(connection, None) if one.species != BLANK]
        files = {row.media_id: Path(row.path) for row in connection.execute(query)}
    of_video: defaultdict[str, list[Label]] = defaultdict(list)
    for one in every:
        of_video[one.media].append(one)
    unheard = [
        one for one in every if one.label_id not in heard and not any(corrects(new, one) for new in of_video[one.media])
    ]
    return sorted(((files[one.media], one) for one in unheard), key=lambda entry: (entry[0], entry[1].start_s))


def read_labels(connection: Connection, media_id: str | None) -> list[Label]:
    """As `labels_for`, inside a transaction of the caller's."""
    query = select(label).order_by(label.c.media_id, label.c.start_s, label.c.at, label.c.label_id)
    if media_id is not None:
        query = query.where(label.c.media_id == media_id)
    return [_label(row) for row in connection.execute(query)]


def attach_labels(connection: Connection, media_id: str) -> None:
    """Set beside each bout and track of a video what people say about it: the latest label at its time and place."""
    deciding = _deciding(connection, media_id)
    _attach_species(connection, media_id, [one for one in deciding if one.species is not None])
    _attach_behaviour(connection, media_id, [one for one in deciding if one.behaviour is not None])


def _deciding(connection: Connection, media_id: str | None) -> list[Label]:
    """The labels in force about tracks and bouts: a person or a vehicle that is somewhere in the video is neither."""
    in_force = (one for one in read_labels(connection, media_id) if one.withdrawn_at is None)
    return [one for one in in_force if one.box is not None or one.species not in PEOPLE]


def _attach_species(connection: Connection, media_id: str, words: Sequence[Label]) -> None:
    rows = connection.execute(select(track).where(track.c.media_id == media_id)).all()
    for row in rows:
        last = latest(one for one in words if about_track(one, row.start_s, row.end_s, row.places))
        if (last and last.label_id) != row.species_label_id:
            said = {"species_label_id": last and last.label_id, "human_species": last and last.species}
            connection.execute(update(track).where(track.c.track_id == row.track_id).values(**said))


def _attach_behaviour(connection: Connection, media_id: str, words: Sequence[Label]) -> None:
    rows = connection.execute(
        select(bout, track.c.places).join_from(bout, track).where(bout.c.media_id == media_id)
    ).all()
    for row in rows:
        last = latest(one for one in words if about_bout(one, row.start_s, row.end_s, row.places))
        if (last and last.label_id) != row.behaviour_label_id:
            said = {"behaviour_label_id": last and last.label_id, "human_behaviour": last and last.behaviour}
            connection.execute(update(bout).where(bout.c.bout_id == row.bout_id).values(**said))


def _add(
    connection: Connection, media_id: str, span: tuple[float, float], box: Box | None, word: Word, at: datetime
) -> Label:
    if at.tzinfo is None:
        raise ValueError(f"the label's time {at.isoformat()} has no time zone")
    said = [media_id, span, box, word.behaviour, word.species, word.who, at.astimezone(UTC).isoformat(), word.note]
    label_id = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:ID_DIGITS]
    x, y, w, h = box or (None, None, None, None)
    row = {"label_id": label_id, "media_id": media_id, "start_s": span[0], "end_s": span[1], "at": at, **asdict(word)}
    if connection.scalar(select(label.c.label_id).where(label.c.label_id == label_id)) is None:
        connection.execute(label.insert(), {**row, "x": x, "y": y, "w": w, "h": h})
        attach_labels(connection, media_id)
    return _label(connection.execute(select(label).where(label.c.label_id == label_id)).one())


def _label(row: Row[Any]) -> Label:
    return Label(
        label_id=row.label_id,
        media=row.media_id,
        start_s=row.start_s,
        end_s=row.end_s,
        box=None if row.x is None else (row.x, row.y, row.w, row.h),
        behaviour=row.behaviour,
        species=row.species,
        who=row.who,
        at=row.at,
        note=row.note,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_note=row.withdrawn_note,
    )
