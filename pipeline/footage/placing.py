"""Which deployment a file belongs to, and with the deployment's zone and correction, when it was filmed."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from pipeline.footage.clock import choose_capture_time, parse_zone
from pipeline.footage.deployments import Deployments, Row, share_time, within
from pipeline.footage.stamps import Candidate
from pipeline.values import CaptureTime, Deployment

# Folders that a camera makes: DCIM, and three digits with five more characters such as 100RECNX (DCF, JEITA CP-3461).
_CAMERA_FOLDER = re.compile(r"DCIM|[1-9]\d\d\w{5}", re.IGNORECASE | re.ASCII)

Dating = Callable[[Deployment], CaptureTime | None]


def place_and_date(
    path: Path,
    roots: Sequence[Path],
    deployments: Deployments | None,
    default_zone: str,
    candidates: Sequence[Candidate],
    now: datetime,
    on_record: Deployment | None = None,
) -> tuple[Deployment | None, CaptureTime | None, tuple[str, ...]]:
    """A file's deployment, its capture time in the deployment's zone and with its correction, and notes on both.

    A file dated outside its deployment stays with it, and a note says so. Each season may have a table of its own: the
    file keeps the deployment on record where no row fits, and where the table does not name that deployment and the
    row that fits is of another time. Without a table it keeps one that came from a table, for folders know less.

    Args:
        path: the file.
        roots: the folders that were scanned.
        deployments: the table; None if there is none.
        default_zone: IANA name or fixed offset for files whose deployment is not known.
        candidates: what the file says of its time, from `tags.candidates`.
        now: aware; nothing is filmed after it.
        on_record: the deployment that the archive holds for this content; None if there is none.

    Raises:
        ConfigError: `default_zone` is no time zone.
    """

    @cache  # many rows may fit, and nearly all of them have one zone and no correction
    def chosen(zone: str, shift_s: float) -> tuple[CaptureTime | None, tuple[str, ...]]:
        return choose_capture_time(candidates, zone, shift_s, now)

    def date(deployment: Deployment) -> CaptureTime | None:
        return chosen(deployment.zone, deployment.clock_shift_s)[0]

    rows = [row.deployment for row in fitting(deployments)(path.parent).rows] if deployments else []
    deployment, place_notes = _filmed_in(rows, date)
    if deployments is None:
        deployment, place_notes = _from_folders(path, roots, default_zone), ()
    if on_record and _keeps(on_record, deployment, deployments, date):
        deployment, place_notes = _as_it_is_now(on_record, rows), ()
    zone, shift = (deployment.zone, deployment.clock_shift_s) if deployment else (default_zone, 0.0)
    captured, time_notes = chosen(zone, shift)
    notes = (*time_notes, *place_notes)
    if deployment and captured and not within(deployment, captured.at):
        notes = (*notes, _outside(deployment, captured))
    return deployment, captured, notes


def _filmed_in(rows: Sequence[Deployment], date: Dating) -> tuple[Deployment | None, tuple[str, ...]]:
    """Of the rows that fit a file's folders, the one that it belongs to, and notes in words if they do not settle it.

    If one row fits, it is taken; if several do, the one in whose time the file was filmed.

    Args:
        rows: their deployments.
        date: when the file was filmed, if it belonged to the given deployment; None if it is undated.
    """
    if len(rows) == 1:
        return rows[0], ()
    if not rows:
        return None, ("no row of the deployments table fits the folders that the file lies in",)
    dated = [(row, date(row)) for row in rows]
    filmed_then = [deployment for deployment, captured in dated if captured and within(deployment, captured.at)]
    if len(filmed_then) == 1:
        return filmed_then[0], ()
    names = ", ".join(row.deployment_id for row in rows)
    if not any(captured for _, captured in dated):
        reason = "an undated file cannot tell which"
    else:
        reason = "more than one was out when it was filmed" if filmed_then else "none was out when it was filmed"
    return None, (f"its folders fit the deployments {names}, and {reason}",)


def fitting(deployments: Deployments) -> Callable[[Path], Deployments]:
    """What gives the table with only those rows that fit a folder, in words or names. None of them may fit.

    These are the rows whose `path` is the folder or one around it; else those whose deploymentID is the name of such a
    folder; else those whose locationID and cameraID are, or whose locationID is, or whose cameraID is. Letter case does
    not matter. Time is not asked. It is made ready once for all folders: a park's tables of years have thousands of
    rows, and its archive as many folders.
    """
    ids = deployments.every_id.union(row.deployment.deployment_id for row in deployments.rows)
    named: dict[str, list[int]] = {}
    for place, row in enumerate(deployments.rows):
        one = row.deployment
        for name in {one.deployment_id, one.location_id, one.camera_id, row.folder.rpartition("/")[2]}:
            named.setdefault(_plain(name), []).append(place)

    def fit(folder: Path) -> Deployments:
        folders = [_plain(name) for name in folder.absolute().parts]
        places = {place for name in folders for place in named.get(name, ())}
        rows = [deployments.rows[place] for place in sorted(places)]
        found = _by_folder(folders, rows) or _by_name(folders, rows) or _by_station(folders, rows)
        return replace(deployments, rows=tuple(found), every_id=ids)

    return fit


def _keeps(on_record: Deployment, found: Deployment | None, table: Deployments | None, date: Dating) -> bool:
    """Whether a file stays in the deployment that it is on record for, whatever was found for it now."""
    from_folders = _is_named_after_folders(on_record)
    if table is None:
        return not from_folders
    if found is None:
        return True
    return not (from_folders or table.names(on_record.deployment_id)) and _of_another_time(found, on_record, date)


def _as_it_is_now(on_record: Deployment, rows: Sequence[Deployment]) -> Deployment:
    """The deployment on record, as the table has it: its dates may have moved away from what was filmed in it."""
    return next((row for row in rows if row.deployment_id == on_record.deployment_id), on_record)


def _of_another_time(found: Deployment, on_record: Deployment, date: Dating) -> bool:
    """Whether a row is no new name of the deployment on record but stands for another time at the same place.

    That tells next season's row, the only one in its table that fits the folder, from one that was renamed.
    """

    def filmed_in(one: Deployment) -> bool:
        captured = date(one)
        return captured is not None and within(one, captured.at)

    ended = ended_before(found, on_record)
    if share_time(found, ended):
        return filmed_in(ended) and not filmed_in(found)
    return filmed_in(ended) or not filmed_in(found)


def ended_before(later: Deployment, earlier: Deployment) -> Deployment:
    """The earlier of two deployments, at an end when the later begins: nobody may have entered when it was."""
    still_out = earlier.end is None and earlier.start and later.start and earlier.start < later.start
    return replace(earlier, end=later.start) if still_out else earlier


def _by_folder(folders: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows whose `path` column ends deepest in the folders; of these, those that name the most folders."""
    best = (0, 0)
    fitting: list[Row] = []
    for row in rows:
        wanted = _plain(row.folder).split("/") if row.folder else []
        for end in range(len(folders), len(wanted) - 1, -1) if wanted else ():
            if folders[end - len(wanted) : end] == wanted:
                if (end, len(wanted)) > best:
                    best, fitting = (end, len(wanted)), []
                if (end, len(wanted)) == best:
                    fitting.append(row)
                break
    return fitting


def _by_name(folders: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows whose deploymentID is the deepest folder that is one."""
    names = {_plain(row.deployment.deployment_id) for row in rows}
    deepest = next((folder for folder in reversed(folders) if folder in names), None)
    return [row for row in rows if _plain(row.deployment.deployment_id) == deepest]


def _by_station(folders: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows whose location and camera are folders; else whose location is; else whose camera is."""
    here = [row for row in rows if _plain(row.deployment.location_id) in folders]
    camera = [row for row in rows if _plain(row.deployment.camera_id) in folders]
    return [row for row in here if row in camera] or here or camera


@lru_cache(maxsize=1 << 16)
def _plain(name: str) -> str:
    """The name so that two ways of writing it are equal: cards know no letter case, and macOS takes accents apart."""
    return unicodedata.normalize("NFC", name).casefold()


def _from_folders(path: Path, roots: Sequence[Path], zone: str) -> Deployment | None:
    """A deployment named after the folders between the root and the camera's own (`DCIM`, `100RECNX`).

    It is at the location that the topmost is named after; None for a file that lies in no such folder.
    """
    root = next((root for root in roots if path.is_relative_to(root)), path.parent)
    folders: list[str] = []
    for folder in path.relative_to(root).parent.parts:
        if _CAMERA_FOLDER.fullmatch(folder):
            break
        folders.append(folder)
    if not folders:
        return None
    return _named_after(folders, zone)


def _named_after(folders: Sequence[str], zone: str) -> Deployment:
    return Deployment("/".join(folders), folders[0], None, None, None, None, zone, location_name=folders[0])


def _is_named_after_folders(deployment: Deployment) -> bool:
    """Whether it says no more than folders do."""
    return deployment == _named_after(deployment.deployment_id.split("/"), deployment.zone)


def _outside(deployment: Deployment, captured: CaptureTime) -> str:
    early = deployment.start is not None and captured.at < deployment.start
    bound = deployment.start if early else deployment.end
    where = f"before {deployment.deployment_id} began" if early else f"after {deployment.deployment_id} ended"
    zone = parse_zone(deployment.zone)
    filmed, limit = (
        moment.astimezone(zone).isoformat(" ", "seconds") if moment else "" for moment in (captured.at, bound)
    )
    return f"dated {filmed}, {where} ({limit}); check the camera's clock and the deployments table"
