"""Videos whose place or time a person should check: undated, in no deployment, or dated outside of it."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select, true

from pipeline.store.columns import COUNTS
from pipeline.store.open import ROWS_AT_ONCE, Store, streamed
from pipeline.store.schema import deployment, media
from pipeline.values import State


@dataclass(frozen=True, slots=True)
class ToCheck:
    """What is to be checked of videos of one deployment, or in one folder. Field names are keys of `--json`."""

    what: str
    where: str  # the deployment's id; of videos in none, their folder
    videos: int
    file: Path  # the first of them
    notes: tuple[str, ...]  # on that one


def to_check(store: Store, media_ids: Collection[str] | None = None) -> list[ToCheck]:
    """What to check, by deployment or folder, of the analysed videos that count.

    Args:
        store: the archive.
        media_ids: only these videos; None for all.
    """
    found: dict[tuple[str, str], ToCheck] = {}
    if media_ids is None:
        _add(found, store, true())
    else:
        ids = sorted(media_ids)
        for start in range(0, len(ids), ROWS_AT_ONCE):  # a database takes only so many parameters
            _add(found, store, media.c.media_id.in_(ids[start : start + ROWS_AT_ONCE]))
    return sorted(found.values(), key=lambda one: (one.where, one.what))


def _add(found: dict[tuple[str, str], ToCheck], store: Store, wanted: ColumnElement[bool]) -> None:
    at, start, end = media.c.captured_at, deployment.c.start_at, deployment.c.end_at
    wrong = or_(at.is_(None), media.c.deployment_id.is_(None), at < start, at > end)
    query = (
        select(media.c.path, media.c.deployment_id, media.c.time_notes, at, start)
        .outerjoin_from(media, deployment)
        .where(COUNTS, media.c.state.in_((State.ANALYSED, State.BLANK)), wrong, wanted)
        .order_by(media.c.path, media.c.media_id)
    )
    with store.reading() as connection, streamed(connection, query) as rows:
        for row in rows:
            path = Path(row.path)
            what, where = _what(row), row.deployment_id or str(path.parent)
            first = found.get((what, where)) or ToCheck(what, where, 0, path, tuple(row.time_notes))
            found[what, where] = ToCheck(what, where, first.videos + 1, first.file, first.notes)


def _what(row: Row[Any]) -> str:
    if row.captured_at is None:
        return "undated"
    if row.deployment_id is None:
        return "in no deployment"
    early = row.start_at is not None and row.captured_at < row.start_at
    return f"dated {'before' if early else 'after'} the deployment"
