"""Options that several commands share."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from pipeline.errors import ConfigError
from pipeline.settings import Settings, load_settings
from pipeline.store.open import Store, database_address, open_store
from pipeline.store.queries import BoutQuery, TrackQuery

ARCHIVE_VARIABLE = "ETHOTRAP_ARCHIVE"

Archive = Annotated[
    Path,
    Parameter(
        name=["--archive", "-a"],
        env_var=ARCHIVE_VARIABLE,
        help="Folder of the database, the clips and the reports. [default: ethotrap-archive]",
        show_default=False,
    ),
]
DEFAULT_ARCHIVE = Path("ethotrap-archive")

Config = Annotated[
    Path | None, Parameter(name=["--config", "-c"], help="Settings that differ from the defaults, a YAML file.")
]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON; its keys are stable.")]
Csv = Annotated[bool, Parameter(name="--csv", negative="", help="Print CSV with a header row.")]


@Parameter(name="*")
@dataclass(frozen=True)
class Which:
    """Which tracks or bouts are wanted."""

    species: str | None = None
    "Only this species, by its code such as leopard."
    location: str | None = None
    "Only this location."
    since: str | None = None
    "Only videos filmed from this day or time on, such as 2025-06-14 or 2025-06-14T05:00; undated ones are left out."
    until: str | None = None
    "Only videos filmed before this day or time."
    limit: int | None = None
    "At most so many."

    def tracks(self) -> TrackQuery:
        """The query for tracks."""
        zone = load_settings().site.timezone
        return TrackQuery(
            species=self.species,
            location=self.location,
            since=moment(self.since, zone),
            until=moment(self.until, zone),
            limit=self.limit,
        )

    def bouts(self, behaviour: str | None, min_probability: float) -> BoutQuery:
        """The query for bouts."""
        base = self.tracks()
        return BoutQuery(
            species=base.species,
            location=base.location,
            since=base.since,
            until=base.until,
            limit=base.limit,
            behaviour=behaviour,
            min_probability=min_probability,
        )


def moment(text: str | None, zone: str) -> datetime | None:
    """A day or time as a person writes it, in the site's zone unless it says otherwise.

    Raises:
        ConfigError: it is neither.
    """
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is neither a day nor a time; write 2025-06-14 or 2025-06-14T05:00") from error
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))


def settings_of(config: Path | None) -> Settings:
    """The settings that a command runs under."""
    return load_settings(config)


def read_archive(archive: Path) -> Store:
    """The archive, to be read."""
    return open_store(archive.resolve(), database_address(), read_only=True)


def write_archive(archive: Path) -> Store:
    """The archive, to be written to; made, or brought up to date, if need be."""
    return open_store(archive.resolve(), database_address())


def person() -> str:
    """Who is at the keyboard, for labels."""
    return os.environ.get("ETHOTRAP_WHO") or os.environ.get("USER") or os.environ.get("LOGNAME") or "unknown"
