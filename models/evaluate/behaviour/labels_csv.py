"""Labels in tables: our own CSV, and the aggregated events that BORIS exports."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.evaluate.behaviour.labels import UNTIL_END, LabelledVideo, Labels, lasting
from models.evaluate.behaviour.mapping import Translator
from models.evaluate.behaviour.values import Conditions, TrueBout
from pipeline.errors import ConfigError

LIGHTS = {"day": "day", "daylight": "day", "ir": "infrared", "infrared": "infrared", "night": "infrared"}

# BORIS has renamed columns over the years; the first that is there counts. `Source` is written as
# `player #1:first.mp4;second.mp4|player #2:third.mp4`.
BORIS_MEDIA = ("media file name", "media file path", "media file", "source", "observation id")

TIMES = ("start_s", "end_s")
# Words in the names of other columns that tell when something starts and ends, in whatever unit.
START_WORDS = frozenset(("start", "starts", "starttime", "begin", "begins", "onset", "from"))
END_WORDS = frozenset(("end", "ends", "endtime", "stop", "stops", "stoptime", "offset", "to", "until"))
BORIS_TIMES = ("start (s)", "stop (s)")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read: its columns in small letters, its rows with their number in the file."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Row], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One row that tells a behaviour."""

    video: str
    subject: str
    words: str
    start_s: float
    end_s: float
    censored: bool  # both edges are invented: it happened at once
    light: str = ""
    camera: str = ""


def read_table(path: Path) -> Table:
    """A table whose columns a comma, a semicolon or a tab parts, whichever its first line has most of.

    Raises:
        ConfigError: it cannot be read, or has no header.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot read the labels {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the labels {path} are no text in UTF-8; save them again as CSV in UTF-8") from error
    lines = text.splitlines()
    if not lines:
        raise ConfigError(f"the labels {path} are empty; expected a row of column names")
    reader = csv.reader(lines, delimiter=max("\t;,", key=lines[0].count))
    columns = tuple(name.strip().casefold() for name in next(reader))
    rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    named = [(number, dict(zip(columns, (cell.strip() for cell in row), strict=False))) for number, row in rows]
    return Table(path, columns, tuple(named))


def is_boris(table: Table) -> bool:
    """Whether BORIS exported it."""
    return "observation id" in table.columns and "behavior" in table.columns


def read_csv(table: Table, translator: Translator) -> Labels:
    """Our own labels: `file` or `media`, `behaviour`; if given `start_s`, `end_s`, `subject`, `light`, `camera`.

    Without times, a label holds for the whole video; a note says so where the columns lack. `a|b` means that either is
    right. What was withdrawn, by the column that `ethotrap export csv` writes, counts no more.

    Raises:
        ConfigError: a column lacks, times are in columns of other names, or a row is wrong; the message names it.
    """
    media = next((name for name in ("file", "media", "video") if name in table.columns), None)
    if media is None or "behaviour" not in table.columns:
        raise ConfigError(f"{table.path} has no columns 'file' and 'behaviour'; it has {', '.join(table.columns)}")
    notes = _notes_on_times(table)
    left_out: Counter[str] = Counter()
    events = []
    for number, row in table.rows:
        if not row.get(media):
            raise ConfigError(f"{table.path}, line {number}: no {media} is named")
        if not row.get("behaviour"):
            left_out["no behaviour given"] += 1
            continue
        if row.get("withdrawn_at"):
            left_out["label that was withdrawn"] += 1
            continue
        start, end = _times(table, number, row, TIMES)
        events.append(
            Event(
                row[media],
                row.get("subject", ""),
                row["behaviour"],
                *lasting(start or 0.0, UNTIL_END if end is None else end),
                light=LIGHTS.get(row.get("light", "").casefold(), ""),
                camera=row.get("camera", ""),
            )
        )
    labels = _labels("labels in CSV", table, events, translator, left_out, lambda words: words.split("|"))
    return replace(labels, notes=notes)


def read_boris(table: Table, translator: Translator) -> Labels:
    """BORIS's aggregated events, of version 7 or 8. Times that nothing was coded for are not labelled.

    Raises:
        ConfigError: it is another of BORIS's exports, or a row is wrong; the message says which.
    """
    if "start (s)" not in table.columns:
        raise ConfigError(
            f"{table.path} has no column 'Start (s)'; in BORIS choose Observations, Export events, Aggregated events"
        )
    left_out: Counter[str] = Counter()
    events = []
    for number, row in table.rows:
        video = next((row[name] for name in BORIS_MEDIA if row.get(name)), "").removeprefix("player #1:")
        if not video:
            raise ConfigError(f"{table.path}, line {number}: no 'Observation id'")
        if any(";" in row.get(name, "") or "|" in row.get(name, "") for name in BORIS_MEDIA[:-1]):
            left_out["BORIS observation of several videos, whose times run on"] += 1
            continue
        if _number(table, number, row, "time offset (s)"):
            left_out["BORIS observation with a time offset"] += 1
            continue
        start, end = _times(table, number, row, BORIS_TIMES)
        if start is None:
            raise ConfigError(f"{table.path}, line {number}: no 'Start (s)'")
        subject = row.get("subject", "")
        subject = "" if subject.casefold() == "no focal subject" else subject
        events.append(Event(video, subject, row["behavior"], *lasting(start, start if end is None else end)))
    return _labels("BORIS's aggregated events", table, events, translator, left_out, lambda word: [word])


def _labels(
    kind: str,
    table: Table,
    events: Sequence[Event],
    translator: Translator,
    left_out: Counter[str],
    split: Callable[[str], list[str]],
) -> Labels:
    by_video: dict[str, list[Event]] = defaultdict(list)
    bouts: dict[str, list[TrueBout]] = defaultdict(list)
    for event in events:
        meant = [translator.codes(word) for word in split(event.words)]
        if any(codes is None for codes in meant):
            left_out[f"no behaviour of ours: {event.words}"] += 1
            continue
        codes = tuple(dict.fromkeys(code for codes in meant if codes for code in codes))
        by_video[event.video].append(event)
        bouts[event.video].append(
            TrueBout(
                event.video,
                event.subject,
                codes,
                event.start_s,
                event.end_s,
                event.censored or event.start_s <= 0,
                event.censored,
            )
        )
    videos = tuple(
        LabelledVideo(
            name=name,
            bouts=tuple(bouts[name]),
            beside=_beside(table.path, name),
            conditions=Conditions(
                light=_same(event.light for event in found), camera=_same(event.camera for event in found)
            ),
        )
        for name, found in by_video.items()
    )
    return Labels(kind, videos, dict(left_out))


def _beside(path: Path, name: str) -> Path | None:
    video = path.parent / Path(name.replace("\\", "/"))
    return video if video.is_file() else None


def _same(values: Iterable[str]) -> str:
    """The one value that all share; "" if there is none."""
    different = set(values)
    return different.pop() if len(different) == 1 else ""


def _notes_on_times(table: Table) -> tuple[str, ...]:
    """What follows from the columns of times that lack; an error where another column seems to stand for one."""
    start, end = (column in table.columns for column in TIMES)
    wanted = (frozenset() if start else START_WORDS) | (frozenset() if end else END_WORDS)
    meant = [name for name in table.columns if name not in TIMES and wanted & set(re.findall("[a-z]+", name))]
    if meant:
        raise ConfigError(
            f"{table.path} has the columns {', '.join(table.columns)}; times are read from 'start_s' and 'end_s', in "
            f"seconds: rename {', '.join(map(repr, meant))}, or take such columns out if labels hold for whole videos"
        )
    if start and end:
        return ()
    if start:
        return ("the labels have no column 'end_s', so each lasts until its video ends",)
    if end:
        return ("the labels have no column 'start_s', so each lasts from its video's start on",)
    return ("the labels have no columns 'start_s' and 'end_s', so each holds for its whole video",)


def _times(table: Table, line: int, row: Row, columns: tuple[str, str]) -> tuple[float | None, float | None]:
    """Start and end in seconds, each None where none is given."""
    start, end = (_number(table, line, row, column) for column in columns)
    if start is not None and not 0 <= start < UNTIL_END:
        raise ConfigError(
            f"{table.path}, line {line}: it starts at {start} s; times are seconds from the video's start on"
        )
    if end is not None and end < (start or 0.0):
        raise ConfigError(f"{table.path}, line {line}: it ends at {end} s, before it starts at {start or 0.0} s")
    return start, end


def _number(table: Table, line: int, row: Row, column: str) -> float | None:
    text = row.get(column, "")
    if text == "" or text.upper() in ("NA", "NAN"):
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise ConfigError(f"{table.path}, line {line}: {column} is {text!r}, which is no number") from error
