"""What is looked at before a run starts: a mistake in the command is said at once, and not by the first night."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.errors import ConfigError, StoreError, UnreadableError
from pipeline.footage.clock import iana_zone
from pipeline.footage.deployments import read_deployments
from pipeline.footage.discover import find_videos
from pipeline.night import only_run


def check_named(footage: Sequence[Path]) -> None:
    """Refuse a command without footage: an empty variable in a script would pass for a night without videos.

    Raises:
        ConfigError: nothing is named.
    """
    if not footage:
        raise ConfigError("no footage is named; write the folders or files to analyse after the command")


def check_archive(archive: Path) -> None:
    """Make the archive's folder if need be, and see whether this account may write to it.

    Raises:
        StoreError: it may not.
    """
    try:
        archive.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=archive):
            pass
    except OSError as error:
        raise StoreError(
            f"cannot write to the archive folder {archive}: {error.strerror};"
            " name another with --archive, or let this account write there"
        ) from error


def check_free(archive: Path) -> None:
    """See whether the archive, a folder that is there, waits for a run.

    Raises:
        BusyError: another run is working on it.
        StoreError: its lock cannot be used.
    """
    try:
        with only_run(archive):
            pass
    except OSError as error:
        raise StoreError(f"cannot lock the archive: {error.filename}: {error.strerror}; remove or free it") from error


def doubts(footage: Sequence[Path], deployments: Path | None, zone: str) -> Iterator[str]:
    """What would make a night fail if it stays as it is now; a disk may be mounted until then.

    Args:
        footage: folders and files.
        deployments: CSV of the deployments.
        zone: IANA name, for rows without one.

    Yields:
        Why a root or the table cannot be read, and what is wrong in the table.
    """
    for root in footage:
        try:
            find_videos([root])
        except UnreadableError as error:
            yield str(error)
    if deployments is not None:
        try:
            yield from read_deployments(deployments, zone).problems
        except ConfigError as error:
            yield str(error)


def check_schedule(cron: str, zone: str) -> None:
    """See whether Prefect can make nights of a schedule.

    Imports Prefect, so its settings have to be in the environment.

    Args:
        cron: when, in five fields.
        zone: IANA name.

    Raises:
        ConfigError: the time or the zone is none.
    """
    from prefect.schedules import Cron

    try:
        iana_zone(zone)
    except ConfigError as error:
        raise ConfigError(f"--timezone: {error}") from error
    try:
        Cron(cron, timezone=zone)
    except ValueError as error:
        raise ConfigError(f"--cron: {cron!r} is no time as cron writes it; an example is '0 2 * * *'") from error
