"""The command that counts the known animals: census."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from flows.commands.display import check_one_form, console, err_console, print_json, print_table, show
from flows.commands.identifying import day
from flows.commands.options import (
    DEFAULT_ARCHIVE,
    Archive,
    Config,
    Csv,
    Json,
    check_code,
    read_archive,
    settings_of,
    species_codes,
)
from flows.commands.running import Deployments, tell_problems
from pipeline.errors import ConfigError, NotFoundError
from pipeline.footage.deployments import read_deployments
from pipeline.individuals.animals import LifeStage
from pipeline.individuals.census import Census, Counted
from pipeline.store.counting import census as take_census
from pipeline.store.counting import years_with_sightings
from pipeline.store.individual_rows import code_order
from pipeline.values import Deployment


def register(app: App) -> None:
    """Add this command to the application."""
    app.command(census)


@dataclass(frozen=True, slots=True)
class Line:
    """One animal in the census' table."""

    part: str
    code: str
    names: tuple[str, ...]
    sex: str | None
    stage: str | None
    mother: str | None
    known_by: str
    new: bool
    sightings: int
    first_seen: date | None
    last_seen: date | None


def census(
    *,
    from_: Annotated[str, Parameter(name="--from", help="First day of the period, such as 2025-01-01.")],
    to: Annotated[str, Parameter(help="Its last day, such as 2025-12-31.")],
    species: Annotated[str | None, Parameter(help="Only this species, by its code such as leopard.")] = None,
    not_seen: Annotated[int, Parameter(help="Months after which an animal counts as not seen.")] = 12,
    deployments: Deployments = None,
    plot: Annotated[Path | None, Parameter(help="Also draw every year up to the period, as a PNG, PDF or SVG.")] = None,
    archive: Archive = DEFAULT_ARCHIVE,
    config: Config = None,
    json: Json = False,
    csv: Csv = False,
) -> int:
    """Count the known animals of a period: adults by sex, adolescents, cubs with their mothers; and the traps' effort.

    Animals without a code of their own, and those known by one flank only, stand apart: two records may be one animal
    until somebody links them. With --species, animals of unknown species are not counted, and the census names them.
    Without --deployments only traps that gave a video count as effort.

    For example:

    ```
    ethotrap census --from 2025-01-01 --to 2025-12-31
    ethotrap census --from 2025-01-01 --to 2025-12-31 --species leopard -d deployments.csv --plot census.png
    ethotrap census --from 2025-01-01 --to 2025-03-31 --csv > winter.csv
    ```
    """
    first, last = day(from_), day(to)
    if first is None or last is None or last < first:
        raise ConfigError(f"the period ends on {to}, before it begins on {from_}")
    check_one_form(json, csv)
    if not_seen < 0:
        raise ConfigError(f"--not-seen {not_seen} is no number of months; write 0 or more")
    if species is not None:
        check_code("species", species, species_codes(settings_of(config)))
    store = read_archive(archive)
    every = deployments_in(deployments, config)
    (found,) = take_census(store, [(first, last)], species=species, deployments=every, not_seen_months=not_seen)
    if plot is not None:
        years = [year for year in years_with_sightings(store) if year <= last.year]
        if not years:
            raise NotFoundError("there is no dated sighting up to that day, so there is nothing to draw")
        _draw(
            take_census(
                store, [(date(year, 1, 1), date(year, 12, 31)) for year in years], species=species, deployments=every
            ),
            plot,
        )
    if json:
        print_json(_summary(found))
    elif csv:
        show("", Line, list(_lines(found)), [], as_json_=False, as_csv=True)
    else:
        _print(found)
    return 0


def deployments_in(table: Path | None, config: Path | None) -> list[Deployment]:
    """The deployments of a table, after saying what is amiss in it; none without one.

    Args:
        table: where it is.
        config: settings, whose zone is that of rows that name none.
    """
    if table is None:
        return []
    read = read_deployments(table, settings_of(config).site.timezone)
    tell_problems(read.problems)
    return [row.deployment for row in read.rows]


def _draw(years: Sequence[Census], out: Path) -> None:
    from pipeline.individuals.census_plot import plot_years  # only who draws waits for matplotlib

    plot_years(years, out)
    err_console.print(f"Drawn: {out}", soft_wrap=True)


def _parts(found: Census) -> Iterator[tuple[str, tuple[Counted, ...]]]:
    yield "adult", found.adults
    yield "adolescent", found.adolescents
    yield "unknown age", found.unknown_age
    for litter in found.litters:
        yield "cub", litter.cubs
    yield "one flank", found.one_flank
    yield "provisional", found.provisional
    yield "not seen", found.not_seen
    yield "died", found.died


def _lines(found: Census) -> Iterator[Line]:
    for part, animals in _parts(found):
        for one in sorted(animals, key=lambda animal: code_order(animal.code)):
            yield Line(
                part=part,
                code=one.code,
                names=one.names,
                sex=one.sex,
                stage=one.stage,
                mother=one.mother,
                known_by=one.known_by,
                new=one.new,
                sightings=one.sightings,
                first_seen=one.first_seen,
                last_seen=one.last_seen,
            )


def _summary(found: Census) -> dict[str, object]:
    return {
        "from": found.first_day,
        "to": found.last_day,
        "adults": {**found.by_sex, "at_least": found.adults_at_least, "at_most": found.adults_at_most},
        "adolescents": len(found.adolescents),
        "unknown_age": len(found.unknown_age),
        "litters": [
            {"mother": one.mother, "born": one.born, "cubs": [cub.code for cub in one.cubs]} for one in found.litters
        ],
        "one_flank": [one.code for one in found.one_flank],
        "provisional": [one.code for one in found.provisional],
        "new": found.new,
        "not_seen_months": found.not_seen_months,
        "not_seen": [one.code for one in found.not_seen],
        "died": [one.code for one in found.died],
        "undated_sightings": found.undated_sightings,
        "unknown_species": found.unknown_species,
        "effort": found.effort,
        "individuals": list(_lines(found)),
    }


def _print(found: Census) -> None:
    sexes = found.by_sex
    cubs = sum(len(one.cubs) for one in found.litters)
    rows: list[list[object]] = [
        ["adult females", sexes["female"]],
        ["adult males", sexes["male"]],
        ["adults of unknown sex", sexes["unknown"]],
        ["adolescents", len(found.adolescents)],
        ["of unknown age", len(found.unknown_age)],
        [f"cubs, litters: {sum(one.mother is not None for one in found.litters)}", cubs],
        ["new in this period", len(found.new)],
        [f"not seen for {found.not_seen_months} months", len(found.not_seen)],
        ["died", len(found.died)],
    ]
    print_table(f"Census, {found.first_day} to {found.last_day}", ["known animals", "number"], rows)
    columns = ["part", "code", "names", "sex", "stage", "mother", "known_by", "new", "sightings", "last_seen"]
    show("Animals", Line, list(_lines(found)), columns, as_json_=False, as_csv=False)
    say = console.print
    adults = [one for one in found.one_flank if one.stage is LifeStage.ADULT]
    if found.one_flank:
        say(
            f"Kept apart: {len(found.one_flank)} known by one flank only, {len(adults)} of them adult."
            " Until somebody links them, two may be one animal:"
            f" adults at least {found.adults_at_least}, at most {found.adults_at_most}."
        )
    if motherless := sum(len(one.cubs) for one in found.litters if one.mother is None):
        say(f"Of these cubs, {motherless} are in no litter: nobody has said who their mother is.")
    if found.provisional:
        say(f"Kept apart: {len(found.provisional)} without a code of their own, which may be animals counted above.")
    if found.undated_sightings:
        say(f"Not counted: {found.undated_sightings} sightings in videos without a date.")
    if found.unknown_species:
        say(
            f"Not counted: {len(found.unknown_species)} animals seen in this period whose species nobody knows:"
            f" {', '.join(found.unknown_species)}. To count them, name the species of a bout with `ethotrap label`,"
            " or of the animal with `ethotrap individuals set`."
        )
    effort = found.effort
    share = "" if effort.stations_active is None else f", {effort.stations_active:.0%} of the nights of these stations"
    say(
        f"Effort: {effort.trap_nights} trap nights of {effort.deployments} deployments;"
        f" {effort.station_nights} station nights at {effort.stations} stations{share}."
    )
    if effort.unknown:
        say(f"Without a first or a last day, and not in the effort: {', '.join(effort.unknown)}.")
