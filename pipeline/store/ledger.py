"""The ledger: every file ever seen, by its content, with its state and its error; and what is left to do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, func, null, or_, select, update

from pipeline.footage.marked_tree import tree_in_words
from pipeline.store.columns import COUNTS
from pipeline.store.open import Store
from pipeline.store.result import AnalysisKey, FileSeen, Night
from pipeline.store.schema import analysis, deployment, file, media, night
from pipeline.store.sightings import attach_sightings
from pipeline.values import State

_IN_USE = analysis.c.analysis_id == media.c.analysis_id


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a known file looked like when its content was last read."""

    size_bytes: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PendingMedia:
    """One content that awaits analysis, and where it lies."""

    media_id: str
    sha256: str
    size_bytes: int
    paths: tuple[Path, ...]  # copies, in order; the first will do


@dataclass(frozen=True, slots=True)
class FailedFile:
    """One file that gave nothing, and why."""

    file: Path
    reason: str
    transient: bool  # will be tried again next time
    media: str | None  # None if its content could not be read


@dataclass(frozen=True, slots=True)
class Status:
    """Where the archive stands."""

    counts: dict[State, int]  # videos by state; a content found twice counts once
    failed: tuple[FailedFile, ...]


def record_files(
    store: Store, found: Sequence[FileSeen], roots: Sequence[Path] = (), *, now: datetime | None = None
) -> None:
    """Write down what a scan found; new content starts as pending, known content keeps its state.

    Two files of the same content are two rows that point to one content. A path whose content changed points to the
    new content from now on; the old one stays in the ledger. It counts and is listed as before, for a card's paths come
    again with the next card; unless it was the beginning of the new one, and lies nowhere else: then it is superseded.
    Complaints are dropped of what the scan no longer met.

    Args:
        store: the archive.
        found: files in any order; each path once.
        roots: the folders and files that were scanned whole, as the paths in `found` begin.
        now: the time of the scan, aware; the present by default.

    Raises:
        StoreError: the database refused; nothing was kept.
    """
    now = now or datetime.now(UTC)
    rows = {str(seen.path): _file_row(seen, now) for seen in found}
    with store.writing() as connection:
        before = {path: media_id for path, media_id in connection.execute(select(file.c.path, file.c.media_id))}
        _add_media(connection, found, now)
        fresh = [row for path, row in rows.items() if path not in before]
        if fresh:
            connection.execute(file.insert(), [{**row, "first_seen_at": now} for row in fresh])
        known = [{"known_path": path, **row} for path, row in rows.items() if path in before]
        if known:
            _update_files(connection, known)
        _drop_complaints(connection, found, roots)
        _supersede(connection, found)
        moved = {before.get(path) for path in rows} | {row["media_id"] for row in rows.values()}
        _refresh_paths(connection, {media_id for media_id in moved if media_id})


def known_fingerprints(store: Store) -> dict[Path, Fingerprint]:
    """Every file whose content is known, so that a scan need not read it again while size and time stay the same."""
    query = select(file.c.path, file.c.size_bytes, file.c.mtime_ns, media.c.sha256).join_from(file, media)
    with store.reading() as connection:
        return {Path(row.path): Fingerprint(*row[1:]) for row in connection.execute(query)}


def pending_media(
    store: Store, key: AnalysisKey, *, paths: Collection[Path] | None = None, retry_failed: bool = False
) -> list[PendingMedia]:
    """What is left to analyse under `key`, in the order of paths.

    That is what was never analysed, what was analysed under another key, what failed in a way that may pass, and that
    whose behaviours were named before another marked tree than its deployment's tags speak of now.

    Args:
        store: the archive.
        key: the wanted code, models and settings.
        paths: the files that may be read now; None for every file of the ledger.
        retry_failed: also what failed for good under this very key.
    """
    wanted = or_(
        analysis.c.analysis_id.is_(None),
        analysis.c.key_digest != key.digest,
        (media.c.state == State.FAILED) if retry_failed else (media.c.state == State.FAILED) & media.c.transient,
    )
    query = (
        select(media.c.media_id, media.c.sha256, media.c.size_bytes, file.c.path)
        .join_from(media, file, file.c.media_id == media.c.media_id)
        .outerjoin(analysis, _IN_USE)
        .where(file.c.complaint == "")
        .order_by(file.c.path)
    )
    allowed = None if paths is None else {str(path) for path in paths}
    contents: dict[str, PendingMedia] = {}
    with store.reading() as connection:
        query = query.where(or_(wanted, _before_another_tree(connection)))
        for media_id, sha256, size_bytes, path in connection.execute(query):
            if allowed is None or path in allowed:
                earlier = contents[media_id].paths if media_id in contents else ()
                contents[media_id] = PendingMedia(media_id, sha256, size_bytes, (*earlier, Path(path)))
    return list(contents.values())


def _before_another_tree(connection: Connection) -> ColumnElement[bool]:
    """Videos with animals whose analysis was told of another tree than their deployment's tags speak of now."""
    tags = {row.deployment_id: row.tags for row in connection.execute(select(deployment))}
    told = select(media.c.deployment_id, analysis.c.marked_tree).join_from(media, analysis, _IN_USE)
    told = told.where(media.c.state == State.ANALYSED, analysis.c.marked_tree.is_not(None)).distinct()
    others = [
        and_(media.c.deployment_id.is_not_distinct_from(place), analysis.c.marked_tree == tree)
        for place, tree in connection.execute(told)
        if tree != tree_in_words(tags.get(place, ()))
    ]
    return and_(media.c.state == State.ANALYSED, or_(false(), *others))


def status(store: Store) -> Status:
    """Videos by state, and each failed file with its reason, in the order of paths.

    A file that is no readable video counts as one failed video; half of one that was copied whole since, as none.
    """
    spoilt = select(file.c.path, file.c.complaint, file.c.transient, null()).where(file.c.complaint != "")
    failed = select(media.c.path, media.c.reason, media.c.transient, media.c.media_id).where(
        media.c.state == State.FAILED, COUNTS
    )
    states = select(media.c.state, func.count()).where(COUNTS).group_by(media.c.state)
    with store.reading() as connection:
        by_state = connection.execute(states).all()
        files = connection.execute(spoilt).all()
        rows = [*files, *connection.execute(failed)]
    counts = dict.fromkeys(State, 0) | {State(state): count for state, count in by_state}
    counts[State.FAILED] += len(files)
    return Status(counts, tuple(sorted((FailedFile(Path(row[0]), *row[1:]) for row in rows), key=lambda f: f.file)))


def copy_ledger(source: Store, target: Store) -> None:
    """Copy what a plan rests on, so that it can be made without a change: files, videos, their analyses and places.

    Args:
        source: the archive.
        target: a new, empty one.
    """
    with source.reading() as reading, target.writing() as writing:
        for table in (deployment, media, file, analysis):
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(table.insert(), rows)


def save_night(store: Store, this: Night) -> None:
    """Keep the account of one run; the same `night_id` again replaces it."""
    row = {
        "night_id": this.night_id,
        "started_at": this.started_at,
        "finished_at": this.finished_at,
        "counts": dict(this.counts),
        "report_path": None if this.report_path is None else this.report_path.as_posix(),
    }
    with store.writing() as connection:
        connection.execute(night.delete().where(night.c.night_id == this.night_id))
        connection.execute(night.insert(), row)


def nights(store: Store) -> list[Night]:
    """The account of every run, the oldest first."""
    with store.reading() as connection:
        rows = connection.execute(select(night).order_by(night.c.started_at, night.c.night_id)).mappings().all()
    return [Night(**{**row, "report_path": row["report_path"] and Path(row["report_path"])}) for row in rows]


def _file_row(seen: FileSeen, now: datetime) -> dict[str, Any]:
    return {
        "path": str(seen.path),
        "media_id": None if seen.complaint else seen.media_id,
        "size_bytes": seen.size_bytes,
        "mtime_ns": seen.mtime_ns,
        "complaint": seen.complaint,
        "transient": seen.transient,
        "last_seen_at": now,
    }


def _add_media(connection: Connection, found: Sequence[FileSeen], now: datetime) -> None:
    known = set(connection.scalars(select(media.c.media_id)))
    fresh: dict[str, dict[str, Any]] = {
        seen.media_id: {
            "media_id": seen.media_id,
            "sha256": seen.sha256,
            "path": str(seen.path),
            "size_bytes": seen.size_bytes,
            "state": State.PENDING,
            "reason": "",
            "transient": False,
            "failures": 0,
            "time_notes": [],
            "first_seen_at": now,
        }
        for seen in found
        if not seen.complaint and seen.media_id and seen.media_id not in known
    }
    if fresh:
        connection.execute(media.insert(), list(fresh.values()))


def _update_files(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write anew what is known of files; one that cannot be read keeps the content that was last read there."""
    whole = [dict(row) for row in rows if not row["complaint"]]
    told = ("known_path", "complaint", "transient", "last_seen_at")
    spoilt = [{name: row[name] for name in told} for row in rows if row["complaint"]]
    for some in filter(None, (whole, spoilt)):
        connection.execute(update(file).where(file.c.path == bindparam("known_path")), some)


def _supersede(connection: Connection, found: Sequence[FileSeen]) -> None:
    """Mark contents from which others have grown, as copying went on; none of which a file is still known.

    Where copying was met twice, the first half gives way to the whole at once.
    """
    grown = {one.continues: one.media_id for one in found if one.continues}
    for half, whole in grown.items():
        before = or_(media.c.media_id == half, media.c.superseded_by == half)
        connection.execute(update(media).where(before).values(superseded_by=whole))
    known = media.c.media_id.in_(select(file.c.media_id))
    alone = media.c.superseded_by.is_not(None) & known
    lone = connection.execute(select(media.c.media_id, media.c.superseded_by).where(alone)).all()
    connection.execute(update(media).where(alone).values(superseded_by=None))
    for media_id in {*grown, *(row.media_id for row in lone), *(row.superseded_by for row in lone)}:
        attach_sightings(connection, media_id)


def _drop_complaints(connection: Connection, found: Sequence[FileSeen], roots: Sequence[Path]) -> None:
    """Forget what could not be analysed and is not there any more; what lies in a folder that cannot be read may be."""
    met = {str(seen.path) for seen in found}
    hidden = {seen.path for seen in found if seen.complaint}
    for path in connection.scalars(select(file.c.path).where(file.c.complaint != "")).all():
        above = {Path(path), *Path(path).parents}
        if path not in met and not above.isdisjoint(roots) and above.isdisjoint(hidden):
            this = file.c.path == path
            connection.execute(file.delete().where(this, file.c.media_id.is_(None)))
            connection.execute(update(file).where(this).values(complaint="", transient=False))


def _refresh_paths(connection: Connection, media_ids: Collection[str]) -> None:
    """Name each content by the first of its present copies; without one it keeps its last name.

    Where a file has been moved from stays on record, so those that the last scan met count as present.
    """
    query = select(file.c.media_id, file.c.path).where(file.c.media_id.is_not(None), file.c.complaint == "")
    last_wins = connection.execute(query.order_by(file.c.last_seen_at, file.c.path.desc()))
    first = {media_id: path for media_id, path in last_wins}
    names = [{"known_media": media_id, "path": first[media_id]} for media_id in media_ids if media_id in first]
    if names:
        connection.execute(update(media).where(media.c.media_id == bindparam("known_media")), names)
