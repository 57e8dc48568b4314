"""Which camera stood where and when: the deployments table, in Camtrap DP's columns.

Camtrap DP 1.0.2 gives the columns. Four more may follow: `timeZone` (in which the camera's clock runs),
`clockShiftSeconds` (to add to what it said), `clockShiftReason`, and `path` (the folder that holds the footage).
configs/deployments-example.csv shows them.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from itertools import combinations, groupby, zip_longest
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.footage.access import explain
from pipeline.footage.clock import parse_zone, to_utc
from pipeline.footage.marked_tree import marked_tree
from pipeline.values import Deployment

REQUIRED_COLUMNS = ("deploymentID", "latitude", "longitude", "deploymentStart", "deploymentEnd")
OTHER_COLUMNS = (  # that count here
    *("locationID", "locationName", "cameraID", "cameraModel", "featureType", "deploymentTags"),
    *("timeZone", "clockShiftSeconds", "clockShiftReason", "path"),
)
UNUSED_COLUMNS = (  # Camtrap DP's own that count for nothing here
    *("coordinateUncertainty", "setupBy", "cameraDelay", "cameraHeight", "cameraDepth", "cameraTilt", "cameraHeading"),
    *("detectionDistance", "timestampIssues", "baitUse", "habitat", "deploymentGroups", "deploymentComments"),
)
_COLUMN = {name.casefold(): name for name in (*REQUIRED_COLUMNS, *OTHER_COLUMNS, *UNUSED_COLUMNS)}
_PROBLEM = re.compile(r"problem\d*_(from|to)", re.IGNORECASE)  # camtrapR's, for days without a working camera
MISSING_VALUES = frozenset({"", "NA", "NaN", "nan"})  # Camtrap DP's words for "not known"
LARGEST_SHIFT_S = 100 * 366 * 86400.0  # a clock reset to 1970 needs over 50 years


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table that could be read."""

    number: int  # as a spreadsheet counts: the header is row 1
    deployment: Deployment
    folder: str = ""  # the `path` column, with forward slashes; "" if empty


@dataclass(frozen=True, slots=True)
class Deployments:
    """A deployments table, and what is wrong with it."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()  # each names the row, the column and what to do
    every_id: frozenset[str] = frozenset()  # of the whole table, where `rows` are only those that fit a folder

    def names(self, deployment_id: str) -> bool:
        """Whether a row of the whole table has this id."""
        return deployment_id in self.every_id or any(row.deployment.deployment_id == deployment_id for row in self.rows)


class _BadCellError(ValueError):
    def __init__(self, column: str, complaint: str) -> None:
        super().__init__(f"{column}: {complaint}")


def read_deployments(path: Path, default_zone: str, *, now: datetime | None = None) -> Deployments:
    """The deployments table at `path`; a bad row is left out and reported, and costs no other.

    The file is CSV in UTF-8, with commas, semicolons or tabs; case does not matter in the names of its columns. Times
    without a UTC offset are local times in the row's zone. An empty `deploymentEnd` means that the camera is still out;
    one that has not come yet, planned or as far off as 9999, says no more.
    A row without `locationID` is at the place that its `locationName` calls; without either it is a place of its own.

    Args:
        path: the table.
        default_zone: IANA name or fixed offset for rows without `timeZone`.
        now: aware; the present by default.

    Raises:
        ConfigError: the file cannot be read or is no CSV, or a required column is missing.
    """
    now = now or datetime.now(UTC)
    records = _records(path)
    header = [_COLUMN.get(name.strip().casefold(), name.strip()) for name in records[0]] if records else []
    missing = [column for column in REQUIRED_COLUMNS if column not in header]
    if missing:
        raise ConfigError(f"{path} lacks the column {', '.join(missing)}; Camtrap DP's deployments table requires it")
    rows: list[Row] = []
    problems = [f"{path.name} row 1, {complaint}" for complaint in _unclear_columns(header)]
    for number, record in enumerate(records[1:], start=2):
        if not any(cell.strip() for cell in record):
            continue
        try:
            row = _read_row(number, header, record, default_zone)
            _check_unique(row, rows)
        except _BadCellError as error:
            problems.append(f"{path.name} row {number}, {error}; the row is left out")
        else:
            rows.append(replace(row, deployment=_up_to(now, row.deployment)))
            problems += [f"{path.name} row {number}, {gap}" for gap in _gaps(row.deployment, now)]
    problems += [f"{path.name} {overlap}" for overlap in _overlaps(rows)]
    return Deployments(tuple(rows), tuple(problems))


def within(deployment: Deployment, moment: datetime) -> bool:
    """Whether the camera was out at `moment` (aware); a missing start or end sets no bound."""
    started = deployment.start is None or deployment.start <= moment
    return started and (deployment.end is None or moment <= deployment.end)


def share_time(one: Deployment, other: Deployment) -> bool:
    """Whether both were out at some time; a missing start or end sets no bound."""
    beginning, never = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    latest_start = max(one.start or beginning, other.start or beginning)
    return latest_start < min(one.end or never, other.end or never)


def _records(path: Path) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        text = path.read_bytes().decode("utf-8-sig")
        first_line = text.partition("\n")[0]
        delimiter = max(",;\t", key=first_line.count)
        # Strict, for a quote that is not closed would swallow the rows below without a word.
        records.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        return records
    except OSError as error:
        raise ConfigError(f"the deployments table {path} cannot be read: {explain(error)}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not in UTF-8; save it from the spreadsheet as 'CSV UTF-8'") from error
    except csv.Error as error:
        where = f"{path} is no CSV table: {error}, in row {len(records) + 1}"
        raise ConfigError(f"{where}; a quote may not be closed, or not be doubled within text in quotes") from error


def _unclear_columns(header: Sequence[str]) -> Iterator[str]:
    """What is wrong with the names of columns; a misspelt one would leave every time or place of a card wrong."""
    lacking = {name.casefold(): name for name in OTHER_COLUMNS if name not in header}
    for column, times in Counter(filter(None, header)).items():
        if times > 1:
            yield f"{column}: {times} columns have this name, and the last one counts; keep one of them"
        if _PROBLEM.fullmatch(column):
            yield f"{column}: it counts for nothing; split the row where the camera was broken, or end it there"
        alike = [] if column.casefold() in _COLUMN else get_close_matches(column.casefold(), lacking)
        if alike:
            meant = " or ".join(lacking[name] for name in sorted(alike))
            yield f"{column}: there is no such column, so it counts for nothing; if {meant} is meant, rename it so"


def _read_row(number: int, header: Sequence[str], record: Sequence[str], default_zone: str) -> Row:
    if any(cell.strip() for cell in record[len(header) :]):
        complaint = "there are more cells than columns; put quotes around text that holds the separator"
        raise _BadCellError("its last cells", complaint)
    cells = {column: cell.strip() for column, cell in zip_longest(header, record[: len(header)], fillvalue="")}
    cells = {column: "" if cell in MISSING_VALUES else cell for column, cell in cells.items()}
    return Row(number, _deployment(cells, default_zone), cells.get("path", "").replace("\\", "/").strip("/"))


def _deployment(cells: Mapping[str, str], default_zone: str) -> Deployment:
    if not cells["deploymentID"]:
        raise _BadCellError("deploymentID", "it is empty; give every deployment a name of its own")
    zone_name = cells.get("timeZone") or default_zone
    zone = _zone(zone_name)
    latitude, longitude = _number(cells, "latitude", 90), _number(cells, "longitude", 180)
    if (latitude is None) != (longitude is None):
        raise _BadCellError("latitude and longitude", "one of them is empty; give both, or neither")
    start, end = _moment(cells, "deploymentStart", zone), _moment(cells, "deploymentEnd", zone)
    if start and end and end < start:
        order = f"{end.isoformat()} lies before the start, {start.isoformat()}; correct one of them"
        raise _BadCellError("deploymentEnd", order)
    return Deployment(
        deployment_id=cells["deploymentID"],
        location_id=cells.get("locationID") or cells.get("locationName") or cells["deploymentID"],
        latitude=latitude,
        longitude=longitude,
        start=start,
        end=end,
        zone=zone_name,
        clock_shift_s=_number(cells, "clockShiftSeconds", LARGEST_SHIFT_S) or 0.0,
        clock_shift_reason=cells.get("clockShiftReason", ""),
        location_name=cells.get("locationName", ""),
        camera_id=cells.get("cameraID", ""),
        camera_model=cells.get("cameraModel", ""),
        feature_type=cells.get("featureType", ""),
        tags=tuple(tag.strip() for tag in cells.get("deploymentTags", "").split("|") if tag.strip()),
    )


def _zone(name: str) -> tzinfo:
    try:
        return parse_zone(name)
    except ConfigError as error:
        raise _BadCellError("timeZone", str(error)) from error


def _number(cells: Mapping[str, str], column: str, limit: float) -> float | None:
    text = cells.get(column, "")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise _BadCellError(column, f"{text!r} is no number; write it with a point, such as 43.25") from error
    if not (math.isfinite(number) and abs(number) <= limit):
        raise _BadCellError(column, f"{text} lies outside -{limit:.0f} to {limit:.0f}; correct it")
    return number


def _moment(cells: Mapping[str, str], column: str, zone: tzinfo) -> datetime | None:
    text = cells[column]
    if not text:
        return None
    try:
        if "T" not in text and " " not in text:
            raise ValueError("a date without a time")
        written = datetime.fromisoformat(text)
        return written.astimezone(UTC) if written.tzinfo else to_utc(written, zone)[0]
    except (ValueError, OverflowError) as error:
        raise _BadCellError(
            column, f"{text!r} is no date with a time; write it as 2024-05-01T18:30:00+10:00"
        ) from error


def _check_unique(row: Row, rows: Sequence[Row]) -> None:
    for other in rows:
        if other.deployment.deployment_id == row.deployment.deployment_id:
            taken = f"{row.deployment.deployment_id!r} is that of row {other.number} too; give it another"
            raise _BadCellError("deploymentID", taken)


def _up_to(now: datetime, deployment: Deployment) -> Deployment:
    """The deployment as it is now: without an end that has not come yet."""
    return replace(deployment, end=None) if deployment.end and deployment.end > now else deployment


def _gaps(deployment: Deployment, now: datetime) -> Iterator[str]:
    if deployment.latitude is None:
        yield "latitude and longitude: they are empty; the deployment is kept without a place"
    if deployment.start is None:
        yield "deploymentStart: it is empty; the deployment is kept without a start"
    if deployment.end and deployment.end > now:
        yield "deploymentEnd: it has not come yet; until then the camera counts as still out"
    try:
        marked_tree(deployment.tags)
    except ConfigError as error:
        yield f"deploymentTags: {error}; until then no tree is known of"


def _overlaps(rows: Sequence[Row]) -> Iterator[str]:
    def camera(row: Row) -> str:
        return row.deployment.camera_id

    for name, group in groupby(sorted(filter(camera, rows), key=camera), key=camera):
        for one, other in combinations(group, 2):
            if share_time(one.deployment, other.deployment):
                both = f"rows {one.number} and {other.number}, deploymentStart and deploymentEnd"
                yield f"{both}: camera {name} is in two deployments at once; correct the times or the cameraID"
