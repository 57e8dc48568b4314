"""Commands that ask about known individuals: individuals list, show, tagged, log, company."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from flows.commands import identifying, proposing
from flows.commands.display import err_console, print_json, print_table, show
from flows.commands.identifying import Code
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
from pipeline.individuals.sheet import crop_page
from pipeline.page import write_page
from pipeline.store.company import CompanyRow
from pipeline.store.company import company as company_of
from pipeline.store.crops import crops_of_animal
from pipeline.store.identities import read_log
from pipeline.store.individual_rows import (
    DecisionRow,
    IndividualRow,
    SightingRow,
    decision_rows,
    individual_detail,
    individual_rows,
    sighting_rows,
)

individuals = App(name="individuals", help="Know animals again: propose, confirm, and keep a registry of them.")


def register(app: App) -> None:
    """Add these commands to the application."""
    identifying.register(individuals)
    proposing.register(individuals)
    app.command(individuals)


@individuals.command(name="list")
def list_individuals(
    *,
    species: Annotated[str | None, Parameter(help="Only this species, by its code such as leopard.")] = None,
    tag: Annotated[str | None, Parameter(help="Only animals with this tag, such as mange.")] = None,
    config: Config = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
    csv: Csv = False,
) -> int:
    """List the registry: each known animal, those without a code of their own last.

    For example:

    ```
    ethotrap individuals list
    ethotrap individuals list --species leopard --tag mange --json
    ```
    """
    every = individual_rows(read_archive(archive))
    if species is not None:
        check_code(
            "species", species, {*species_codes(settings_of(config)), *(row.species for row in every if row.species)}
        )
    found = [row for row in every if species in (None, row.species) and (tag is None or _has(row.tags, [tag]))]
    columns = ["code", "names", "sex", "stage", "mother", "known_by", "sightings", "first_seen", "last_seen", "tags"]
    show("Individuals", IndividualRow, found, columns, as_json_=json, as_csv=csv)
    return 0


@individuals.command(name="show")
def show_individual(
    code: Code,
    *,
    pictures: Annotated[
        Path | None,
        Parameter(help="Also make a page of its best pictures, one HTML file, to look for wounds or mange."),
    ] = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Show everything about one animal: what people said, where it was seen, its young, every decision.

    For example:

    ```
    ethotrap individuals show "Leo 45F"
    ethotrap individuals show "Leo 45F" --pictures leo-45f.html
    ```
    """
    store = read_archive(archive)
    detail = individual_detail(store, code)
    if pictures is not None:
        write_page(pictures, crop_page(*crops_of_animal(store, code)), "sheet")
    if json:
        print_json(detail)
        return 0
    row = detail.individual
    facts = {
        "status": "provisional: nobody has given it a code" if row.provisional else "confirmed",
        "species": row.species,
        "sex": row.sex,
        "names": ", ".join(row.names),
        "former codes": ", ".join(row.former_codes),
        "born": row.born,
        "died": row.died,
        "stages": "; ".join(f"{stage} from {since}" for since, stage in detail.stages),
        "mother": row.mother,
        "young": ", ".join(detail.cubs),
        "known by": row.known_by,
        "marks": "; ".join(row.marks),
        "tags": "; ".join(row.tags),
    }
    print_table(row.code, ["", ""], [[name, text] for name, text in facts.items() if text])
    _print_sightings("Sightings", detail.sightings)
    _print_decisions(detail.decisions)
    return 0


@individuals.command
def tagged(
    *tags: Annotated[str, Parameter(help="Only these, such as mange.")],
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
    csv: Csv = False,
) -> int:
    """List the sightings on which a person saw something to watch for, the latest last, also of unknown animals.

    For example:

    ```
    ethotrap individuals tagged
    ethotrap individuals tagged mange wound --json
    ```
    """
    every = [row for row in sighting_rows(read_archive(archive)) if row.tags]
    found = [row for row in every if not tags or _has(row.tags, tags)]
    if tags and not found:
        there = ", ".join(sorted({word for row in every for word in row.tags}))
        err_console.print(f"nothing is tagged {' or '.join(tags)}; there are {there or 'no tags'}", soft_wrap=True)
    if json or csv:
        show("Tagged sightings", SightingRow, found, ["sighting", "tags"], as_json_=json, as_csv=csv)
    else:
        _print_sightings("Tagged sightings", found)
    return 0


@individuals.command
def log(*, archive: Archive = DEFAULT_ARCHIVE, json: Json = False, csv: Csv = False) -> int:
    """List every decision that people took about individuals, undone ones too. Their numbers serve to undo.

    For example:

    ```
    ethotrap individuals log
    ```
    """
    rows = decision_rows(read_log(read_archive(archive)))
    if json or csv:
        show("Decisions", DecisionRow, rows, [], as_json_=json, as_csv=csv)
    else:
        _print_decisions(rows)
    return 0


@individuals.command
def company(
    video: Annotated[str, Parameter(help="Id of the video, such as 3f2a9c0d11e4b7a8.")],
    *,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
    csv: Csv = False,
) -> int:
    """Compare the sizes of the animals in one video, to tell a cub from its mother. A person says what they are.

    Only moments in which both stand about as far from the camera count, so often there is nothing to compare.

    For example:

    ```
    ethotrap individuals company 3f2a9c0d11e4b7a8
    ```
    """
    found = company_of(read_archive(archive), video)
    columns = ["track", "individual", "beside", "size_ratio", "rests_on_s", "looks_like"]
    show("Smaller animals", CompanyRow, found, columns, as_json_=json, as_csv=csv)
    return 0


def _has(tags: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of these is among the tags; case does not matter."""
    return not {word.casefold() for word in tags}.isdisjoint(word.casefold() for word in wanted)


def _print_sightings(title: str, rows: Sequence[SightingRow]) -> None:
    header = ["sighting", "animal", "filmed", "location", "flanks", "tags", "tracks", "by", "file"]
    cells = [
        [
            one.sighting,
            one.individual or "unknown",
            one.captured_at or "undated",
            one.location or "",
            ", ".join(one.flanks),
            ", ".join(one.tags),
            ", ".join(one.tracks) or "missed by the last analysis",
            one.who,
            str(one.file),
        ]
        for one in rows
    ]
    print_table(title, header, cells)


def _print_decisions(rows: tuple[DecisionRow, ...] | list[DecisionRow]) -> None:
    header = ["decision", "what", "about", "in force", "by", "at", "note"]
    cells: list[list[object]] = [
        [
            row.decision,
            row.what,
            ", ".join(row.about),
            "yes" if row.in_force else "undone",
            row.who,
            f"{row.at:%Y-%m-%d %H:%M}",
            row.note,
        ]
        for row in rows
    ]
    print_table("Decisions", header, cells)
