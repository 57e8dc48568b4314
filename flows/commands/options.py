"""Options that several commands share."""

import os
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter, validators

from flows.commands.display import err_console
from pipeline.behaviour.ethogram import Ethogram, load_ethogram
from pipeline.errors import ConfigError
from pipeline.settings import Settings, find_config, load_settings
from pipeline.store.open import Store, database_address, open_store
from pipeline.store.queries import BoutQuery, TrackQuery, behaviours_in, locations_in, species_in
from pipeline.tracking.species_list import load_species

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
Likely = Annotated[
    float, Parameter(validator=validators.Number(gte=0, lte=1), help="Leave out what is less sure, 0 to 1.")
]
Who = Annotated[str | None, Parameter(help="Who says so. [default: ETHOTRAP_WHO, else the user's name]")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON; its keys are stable.")]
Csv = Annotated[bool, Parameter(name="--csv", negative="", help="Print CSV with a header row.")]


@Parameter(name="*")
@dataclass(frozen=True)
class Filmed:
    """Which videos' tracks or bouts are wanted."""

    species: str | None = None
    "Only this species, by its code such as leopard."
    location: str | None = None
    "Only this location."
    since: str | None = None
    "Only videos filmed from this day or time of the site's zone on, such as 2025-06-14 or 2025-06-14T05:00."
    until: str | None = None
    "Only videos filmed before this day or time. Either leaves undated ones out."
    config: Config = None

    def tracks(self, store: Store) -> TrackQuery:
        """The query for tracks. A location without videos is said on standard error.

        Raises:
            ConfigError: a day or time is none, or the first is not before the last; or no track can be of the species.
        """
        settings = load_settings(self.config)
        since, until = (moment(text, settings.site.timezone) for text in (self.since, self.until))
        if since and until and since >= until:
            remedy = "exchange the two" if since > until else "--until names the first day or time that is left out"
            raise ConfigError(f"nothing is filmed from {self.since} on and before {self.until}; {remedy}")
        if self.species is not None:
            check_code("species", self.species, species_in(store).union(species_codes(settings)))
        if self.location is not None and self.location not in (known := locations_in(store)):
            near = get_close_matches(self.location, sorted(known))
            err_console.print(f"no video of this archive is from {self.location}; near it: {', '.join(near) or 'none'}")
        return TrackQuery(species=self.species, location=self.location, since=since, until=until)

    def bouts(self, store: Store, behaviour: str | None, min_probability: float) -> BoutQuery:
        """The query for bouts, likewise; the behaviour by its code or its name.

        Raises:
            ConfigError: as for tracks; or no bout can have the behaviour.
        """
        if behaviour is not None and behaviour not in behaviours_in(store):
            behaviour = ethogram_of(load_settings(self.config)).code_of(behaviour)
        return BoutQuery(**asdict(self.tracks(store)), behaviour=behaviour, min_probability=min_probability)


@Parameter(name="*")
@dataclass(frozen=True)
class Which(Filmed):
    """Which tracks or bouts are wanted, and how many."""

    limit: Annotated[int | None, Parameter(validator=validators.Number(gte=0))] = None
    "At most so many."

    def tracks(self, store: Store) -> TrackQuery:
        """The query for tracks, likewise."""
        return replace(super().tracks(store), limit=self.limit)


def moment(text: str | None, zone: str) -> datetime | None:
    """A day or time as a person writes it, in the site's zone unless it says otherwise; in UTC.

    Raises:
        ConfigError: it is neither.
    """
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except ValueError as error:
        raise ConfigError(f"{text!r} is neither a day nor a time; write 2025-06-14 or 2025-06-14T05:00") from error
    except OverflowError as error:
        raise ConfigError(f"{text!r} lies outside of the calendar; leave it out to set no bound") from error


def check_code(what: str, word: str, known: Collection[str]) -> None:
    """Refuse a word that is no code, and list those that are.

    Raises:
        ConfigError: it is none.
    """
    if word not in known:
        raise ConfigError(f"there is no {what} {word!r}; there are {', '.join(sorted(known))}")


def species_codes(settings: Settings) -> list[str]:
    """The codes of the park's species list, in its order."""
    return [one.code for one in load_species(find_config(settings.species.list))]


def ethogram_of(settings: Settings) -> Ethogram:
    """The park's ethogram."""
    return load_ethogram(find_config(settings.behaviour.ethogram))


def settings_of(config: Path | None) -> Settings:
    """The settings that a command runs under."""
    return load_settings(config)


def read_archive(archive: Path) -> Store:
    """The archive, to be read."""
    return open_store(archive.resolve(), database_address(), read_only=True)


def write_archive(archive: Path) -> Store:
    """The archive, to be written to; brought up to date if need be, and never made."""
    return open_store(archive.resolve(), database_address(), make=False)


def person() -> str:
    """Who is at the keyboard, for labels."""
    return os.environ.get("ETHOTRAP_WHO") or os.environ.get("USER") or os.environ.get("LOGNAME") or "unknown"
