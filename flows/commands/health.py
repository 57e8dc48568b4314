"""Commands about health over time: health, health flags, acknowledge, dismiss, reopen, indicators."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from flows.commands.counting import deployments_in
from flows.commands.display import console, print_json, print_table, show
from flows.commands.identifying import day
from flows.commands.options import (
    DEFAULT_ARCHIVE,
    Archive,
    Config,
    Csv,
    Json,
    Which,
    Who,
    person,
    read_archive,
    write_archive,
)
from flows.commands.running import Deployments
from pipeline.errors import ConfigError
from pipeline.health.absence import NEEDED
from pipeline.health.flags import NOBODY_KNOWN, PREAMBLE
from pipeline.health.page import RULES
from pipeline.page import write_page
from pipeline.store import queries
from pipeline.store.flag_words import Health, Said, read_health, say
from pipeline.store.health_rows import AnimalLine, FlagLine, IndicatorLine, animal_health, flag_line, park_lines
from pipeline.store.identities import By, read_registry
from pipeline.values import Indicator

health = App(name="health")

EVERYTHING = Which()
FlagId = Annotated[str, Parameter(help="Id of the flag, as `ethotrap health flags` lists it.")]
On = Annotated[str | None, Parameter(help="As on this day, such as 2025-06-30. [default: of the last dated video]")]


@Parameter(name="*")
@dataclass(frozen=True)
class Word:
    """A person's word about a flag: who says it, why, and by which deployments and settings flags are raised."""

    note: str = ""
    "Why, in your words; it is kept."
    who: Who = None
    deployments: Deployments = None
    config: Config = None
    archive: Archive = DEFAULT_ARCHIVE


NOTHING = Word()


def register(app: App) -> None:
    """Add these commands to the application."""
    app.command(health)


@health.default
def over_time(
    code: Annotated[str | None, Parameter(help="An animal, such as 'Leo 15M'; without one, all of them.")] = None,
    *,
    park: Annotated[bool, Parameter(name="--park", negative="", help="The summary of all animals.")] = False,
    out: Annotated[Path | None, Parameter(help="Also write the report, an HTML page to look at or to print.")] = None,
    on: On = None,
    deployments: Deployments = None,
    config: Config = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Show how an animal has been doing, compared with itself: what was measured, and flags with what speaks for them.

    A flag is a reason for a person to look. Without an animal, every animal is listed, those with flags first.

    For example:

    ```
    ethotrap health "Leo 15M"
    ethotrap health "Leo 15M" --out reports/leo-15m.html
    ethotrap health --park --out reports/park.html --deployments deployments.csv
    ```
    """
    if park and code is not None:
        raise ConfigError("--park is about all animals; leave out the animal, or --park")
    store = read_archive(archive)
    found = read_health(store, deployments=deployments_in(deployments, config), until=_until(on))
    if code is None:
        if out is not None:  # before anything is printed: whoever reads may have seen enough
            from pipeline.health.park_report import park_report  # only who draws waits for matplotlib

            write_page(out, park_report(found, store.archive, out), "report")
        _show_park(found, as_json=json)
    else:
        key = read_registry(store).find(code).individual_id
        if out is not None:
            from pipeline.health.report import animal_report

            write_page(out, animal_report(found, key, store.archive, out), "report")
        _show_animal(found, key, as_json=json)
    if out is not None and not json:
        console.print(f"Written: {out}", soft_wrap=True)
    return 0


@health.command
def flags(
    *,
    every: Annotated[
        bool, Parameter(name="--all", negative="", help="Also dismissed ones and those that ended.")
    ] = False,
    on: On = None,
    deployments: Deployments = None,
    config: Config = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
    csv: Csv = False,
) -> int:
    """List the flags of all animals, the most urgent first. Their ids serve to acknowledge and dismiss.

    For example:

    ```
    ethotrap health flags
    ethotrap health flags --all --csv > flags.csv
    ```
    """
    found = read_health(read_archive(archive), deployments=deployments_in(deployments, config), until=_until(on))
    rows = [row for row in found.flags if every or row.state in ("open", "acknowledged")]
    columns = ["flag", "animal", "rule", "severity", "state", "since", "effect", "rests_on", "summary"]
    show("Flags", FlagLine, [flag_line(row) for row in rows], columns, as_json_=json, as_csv=csv)
    if not (json or csv):
        console.print(PREAMBLE if found.animals else NOBODY_KNOWN)
    return 0


@health.command
def acknowledge(flag: FlagId, *, word: Word = NOTHING) -> int:
    """Say that a flag has been seen and is looked after. It stays in the list.

    For example:

    ```
    ethotrap health acknowledge 3f2a9c0d11e4 --note "vet informed"
    ```
    """
    return _say(flag, Said.ACKNOWLEDGE, word)


@health.command
def dismiss(flag: FlagId, *, word: Word = NOTHING) -> int:
    """Say that the sightings of a flag are nothing out of the ordinary: they do not raise it again, new ones may.

    For example:

    ```
    ethotrap health dismiss 3f2a9c0d11e4 --note "deep snow that week" --who "A. Petrova"
    ```
    """
    return _say(flag, Said.DISMISS, word)


@health.command
def reopen(flag: FlagId, *, word: Word = NOTHING) -> int:
    """Take back that a flag was acknowledged or dismissed. What was said stays on record.

    For example:

    ```
    ethotrap health reopen 3f2a9c0d11e4 --note "seen again today"
    ```
    """
    return _say(flag, Said.REOPEN, word)


@health.command
def indicators(*, which: Which = EVERYTHING, archive: Archive = DEFAULT_ARCHIVE, json: Json = False) -> int:
    """List each sighting's health indicators, and what could not be assessed and why.

    For example:

    ```
    ethotrap health indicators --species leopard --since 2025-06-01
    ```
    """
    store = read_archive(archive)
    found = queries.sightings(store, which.tracks(store))
    if json:
        print_json(found)
        return 0
    rows = [
        [
            f"{sighting.track.media}.{sighting.track.track}",
            sighting.track.species,
            one.name,
            _value(one),
            f"{one.rests_on_s:.1f}",
            "" if one.steps is None else one.steps,
            _seen_how(one),
            one.not_assessable,
        ]
        for sighting in found
        for one in sighting.indicators
    ]
    header = ["track", "species", "indicator", "value", "rests on s", "steps", "seen", "not assessable because"]
    print_table("Indicators", header, rows)
    return 0


def _say(flag: str, said: Said, word: Word) -> int:
    by, every = By(word.who or person(), word.note), deployments_in(word.deployments, word.config)
    kept = say(write_archive(word.archive), flag, said, by, deployments=every)
    done = {Said.ACKNOWLEDGE: "acknowledged", Said.DISMISS: "dismissed", Said.REOPEN: "open again"}[said]
    console.print(f"Flag {flag} of {kept.flag.code} is {done}, by {kept.who}.", soft_wrap=True)
    return 0


def _until(on: str | None) -> date | None:
    return None if on is None else day(on)


def _show_park(found: Health, *, as_json: bool) -> None:
    lines = park_lines(found)
    if as_json:
        print_json(lines)
        return
    if not lines:
        console.print(NOBODY_KNOWN)
        return
    columns = [
        "animal",
        "sex",
        "stage",
        "sightings",
        "last_seen",
        "usual_nights",
        "nights_since",
        "seen_playing",
        "flags",
    ]
    show(f"Animals up to {found.park.until}", AnimalLine, lines, columns, as_json_=False, as_csv=False)
    console.print(PREAMBLE)


def _show_animal(found: Health, individual_id: int, *, as_json: bool) -> None:
    one = animal_health(found, individual_id)
    if as_json:
        print_json(one)
        return
    row = one.animal
    facts = {
        "sex, age": ", ".join(filter(None, (row.sex, row.stage))),
        "sightings": f"{row.sightings} dated, {row.undated} undated",
        "last seen": f"{row.last_seen or 'never'}; compared up to {found.park.until}",
        "interval": _interval(row),
        "seen playing": row.seen_playing,
    }
    print_table(row.animal, ["", ""], [[name, text] for name, text in facts.items() if text])
    header = ["indicator", "sightings", "last", "on", "usual", "compared with", "of", "usual for others"]
    print_table("Indicators", header, [_cells(line) for line in one.indicators])
    header = ["flag", "what", "how soon", "state", "since", "why"]
    cells = [[f.flag, RULES[f.rule], f.severity, f.state, f.since, f.summary] for f in one.flags]
    print_table("Flags", header, cells)
    console.print(PREAMBLE)


def _interval(row: AnimalLine) -> str:
    if row.usual_nights is None:
        return f"not assessable: it needs {NEEDED}"
    return f"every {row.usual_nights:.0f} watched nights of its stations; {row.nights_since:.0f} have passed"


def _cells(line: IndicatorLine) -> list[object]:
    usual = "" if line.usual is None else f"{line.usual:.2f} ({line.usual_low:.2f} to {line.usual_high:.2f})"
    last = "" if line.last is None else f"{line.last:.2f} {line.unit}"
    return [
        line.indicator,
        line.sightings,
        last,
        line.last_on or "",
        usual,
        line.compared_with or "too few to compare",
        line.reference_size or "",
        _beside(line),
    ]


def _beside(line: IndicatorLine) -> str:
    if line.others_usual is None:
        return ""
    return (
        f"{line.others_usual:.2f} ({line.others_low:.2f} to {line.others_high:.2f}), {line.others_size} {line.others}"
    )


def _value(one: Indicator) -> str:
    return "" if one.value is None else f"{one.value:.2f} {one.unit}"


def _seen_how(one: Indicator) -> str:
    parts = [
        "" if one.visible_share is None else f"whole {one.visible_share:.0%}",
        "" if one.sharpness is None else f"sharpness {one.sharpness:.2f}",
        "" if one.infrared is None else "infrared" if one.infrared else "colour",
    ]
    return ", ".join(part for part in parts if part)
