"""Plain CSV tables of all that the archive holds, for R, Python and spreadsheets.

UTF-8, a header row, full stops as decimal marks, empty where there is nothing. The columns are the fields of
`pipeline.store.rows` and `individual_rows`, which say what each means; life stages are in Camtrap DP's words. A
person's word and the machine's stand in columns apart. Text that a spreadsheet would run as a formula begins with an
apostrophe, since names and notes come from anybody.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from pipeline.errors import StoreError
from pipeline.individuals.life_stage import CAMTRAP_WORDS, stage_on
from pipeline.store.identities import read_registry
from pipeline.store.individual_rows import IndividualRow, SightingRow, individual_rows, sighting_rows
from pipeline.store.labels import labels_for
from pipeline.store.matching import Label
from pipeline.store.open import Store
from pipeline.store.queries import each_bout, each_sighting, each_track, each_video
from pipeline.store.rows import BoutRow, MediaRow, Sighting, TrackRow, as_json
from pipeline.values import Indicator
from pipeline.whole_file import whole_file

Record = dict[str, object]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a cell must not begin with, after OWASP on CSV injection

_FILMED = {"captured_at", "first_seen", "last_seen"}  # one form in the whole column, or R's as.POSIXct gives NA

_INDICATOR_OF = ("media", "track", "species", "location", "captured_at")


def export_csv(store: Store, out: Path) -> list[Path]:
    """Write `media.csv`, `tracks.csv`, `bouts.csv`, `labels.csv`, `indicators.csv`, `individuals.csv`, `sightings.csv`.

    Each file is complete when it appears, and replaces an older one of its name. Times of day carry the offset of the
    camera's zone, to the second (where a bout starts and ends, to the millisecond); those at which a person spoke are
    UTC; times within a video are seconds; boxes are shares of the picture. Paths of clips are relative to the archive.

    Args:
        store: the archive.
        out: a folder, made if need be.

    Returns:
        The seven files.

    Raises:
        StoreError: the archive cannot be read or the folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        return [
            _write(out / "media.csv", _names(MediaRow), (_record(row) for row in each_video(store))),
            _write(out / "tracks.csv", _names(TrackRow), (_record(row) for row in each_track(store))),
            _write(out / "bouts.csv", _bout_names(), (_bout(row, store.archive) for row in each_bout(store))),
            _write(out / "labels.csv", _label_names(), (_label(row) for row in labels_for(store))),
            _write(out / "indicators.csv", _indicator_names(), _indicators(each_sighting(store))),
            _write(out / "individuals.csv", _names(IndividualRow), map(_individual, individual_rows(store))),
            _write(out / "sightings.csv", _sighting_names(), _sightings(store)),
        ]
    except OSError as error:
        raise StoreError(
            f"cannot write the tables to {out}: {error.strerror or error}; choose another folder"
        ) from error


def no_formula(cell: object) -> object:
    """The cell, with an apostrophe before text that a spreadsheet would take for a formula; numbers stay."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _write(path: Path, header: Sequence[str], rows: Iterable[Record]) -> Path:
    with (
        whole_file(path) as partial,
        partial.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream,
    ):
        table = csv.DictWriter(stream, header)
        table.writeheader()
        table.writerows({name: no_formula(cell) for name, cell in row.items()} for row in rows)
    return path


def _names(row_type: type[Any]) -> list[str]:
    return [field.name for field in fields(row_type)]


def _record(row: Any) -> Record:
    record = {field.name: _cell(as_json(getattr(row, field.name))) for field in fields(row)}
    for name in _FILMED & record.keys():
        moment = getattr(row, name)
        record[name] = moment and moment.isoformat(timespec="seconds")
    return record


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {item}" for name, item in sorted(value.items()))
    return " | ".join(map(str, value)) if isinstance(value, list) else value


def _bout_names() -> list[str]:
    return [*_names(BoutRow), "start_at", "end_at"]


def _bout(row: BoutRow, archive: Path) -> Record:
    record = _record(row)
    for name, path in (("clip", row.clip), ("poster", row.poster)):
        record[name] = None if path is None else path.relative_to(archive).as_posix()
    if row.captured_at is not None:
        record["start_at"] = (row.captured_at + timedelta(seconds=row.start_s)).isoformat(timespec="milliseconds")
        record["end_at"] = (row.captured_at + timedelta(seconds=row.end_s)).isoformat(timespec="milliseconds")
    return record


def _label_names() -> list[str]:
    names = _names(Label)
    place = names.index("box")
    return [*names[:place], "x", "y", "w", "h", *names[place + 1 :]]


def _label(row: Label) -> Record:
    record = _record(row)
    del record["box"]
    return record | dict(zip("xywh", row.box or (None,) * 4, strict=True))


def _individual(row: IndividualRow) -> Record:
    return _record(row) | {"stage": row.stage and CAMTRAP_WORDS[row.stage]}


def _sighting_names() -> list[str]:
    return [*_names(SightingRow), "sex", "stage"]


def _sightings(store: Store) -> Iterable[Record]:
    """Every sighting of an animal, with its sex, and its stage on that day in the words of Camtrap DP."""
    animals = {animal.code: animal for animal in read_registry(store).individuals.values()}
    for row in sighting_rows(store):
        animal = animals.get(row.individual or "")
        stage = stage_on(animal, row.captured_at.date()) if animal and row.captured_at else None
        yield _record(row) | {"sex": animal and animal.sex, "stage": stage and CAMTRAP_WORDS[stage]}


def _indicator_names() -> list[str]:
    return [*_INDICATOR_OF, *(name for name in _names(Indicator) if name != "track")]


def _indicators(seen: Iterable[Sighting]) -> Iterable[Record]:
    for sighting in seen:
        about = {name: value for name, value in _record(sighting.track).items() if name in _INDICATOR_OF}
        for indicator in sighting.indicators:
            yield _record(indicator) | about
