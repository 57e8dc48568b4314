"""Commands that ask about known individuals: individuals list, show, log, company, propose, candidates, sheet."""

import json as json_text
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from flows.commands import identifying
from flows.commands.display import console, print_json, print_table, show
from flows.commands.options import DEFAULT_ARCHIVE, Archive, Csv, Json, read_archive, write_archive
from pipeline.errors import ConfigError
from pipeline.individuals.proposing import Match
from pipeline.individuals.sheet import sheet as sheet_page
from pipeline.individuals.sheet import write_sheet
from pipeline.store.company import company as company_of
from pipeline.store.comparing import candidate_rows, side_by_side
from pipeline.store.identities import read_log, read_registry
from pipeline.store.individual_rows import DecisionRow, decision_rows, individual_detail, individual_rows
from pipeline.store.open import Store
from pipeline.store.views import keep_candidates

individuals = App(name="individuals", help="Know animals again: propose, confirm, and keep a registry of them.")


def register(app: App) -> None:
    """Add these commands to the application."""
    identifying.register(individuals)
    app.command(individuals)


@individuals.command(name="list")
def list_individuals(
    *,
    species: Annotated[str | None, Parameter(help="Only this species, by its code such as leopard.")] = None,
    tag: Annotated[str | None, Parameter(help="Only animals with this tag, such as mange.")] = None,
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
    found = [
        row
        for row in individual_rows(read_archive(archive))
        if species in (None, row.species) and (tag is None or tag in row.tags)
    ]
    columns = ["code", "names", "sex", "stage", "mother", "known_by", "sightings", "first_seen", "last_seen", "tags"]
    show("Individuals", found, columns, as_json_=json, as_csv=csv)
    return 0


@individuals.command(name="show")
def show_individual(code: str, *, archive: Archive = DEFAULT_ARCHIVE, json: Json = False) -> int:
    """Show everything about one animal: what people said, where it was seen, its young, every decision.

    For example:

    ```
    ethotrap individuals show "Leo 45F"
    ```
    """
    detail = individual_detail(read_archive(archive), code)
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
    header = ["sighting", "filmed", "location", "flanks", "tracks", "by", "file"]
    seen = [
        [
            one.sighting,
            one.captured_at or "undated",
            one.location or "",
            ", ".join(one.flanks),
            ", ".join(one.tracks) or "missed by the last analysis",
            one.who,
            str(one.file),
        ]
        for one in detail.sightings
    ]
    print_table("Sightings", header, seen)
    _print_decisions(detail.decisions)
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
        show("Decisions", rows, [], as_json_=json, as_csv=csv)
    else:
        _print_decisions(rows)
    return 0


@individuals.command
def company(video: str, *, archive: Archive = DEFAULT_ARCHIVE, json: Json = False, csv: Csv = False) -> int:
    """Compare the sizes of the animals in one video, to tell a cub from its mother. A person says what they are.

    Only moments in which both stand about as far from the camera count, so often there is nothing to compare.

    For example:

    ```
    ethotrap individuals company 3f2a9c0d11e4b7a8
    ```
    """
    found = company_of(read_archive(archive), video)
    columns = ["track", "individual", "beside", "size_ratio", "rests_on_s", "looks_like"]
    show("Smaller animals", found, columns, as_json_=json, as_csv=csv)
    return 0


@individuals.command
def propose(
    candidates: Annotated[Path, Parameter(help="JSON: a list of {track, individual, score}, as docs/individuals.md.")],
    *,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Keep a matcher's candidates for who an animal is, at most five a track. They name nobody until confirmed.

    For example:

    ```
    ethotrap individuals propose candidates.json
    ```
    """
    store = write_archive(archive)
    kept = keep_candidates(store, _read_candidates(store, candidates))
    return _print_candidates(store, list(kept), as_json=json)


@individuals.command(name="candidates")
def list_candidates(
    *tracks: Annotated[str, Parameter(help="Ids of tracks, such as 3f2a9c0d11e4b7a8.1.")],
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """List the candidates of tracks, best first, without those that were rejected.

    For example:

    ```
    ethotrap individuals candidates 3f2a9c0d11e4b7a8.1
    ```
    """
    return _print_candidates(read_archive(archive), tracks, as_json=json)


@individuals.command
def sheet(
    track: str,
    *,
    out: Annotated[Path, Parameter(help="The page, one HTML file with its pictures inside.")],
    archive: Archive = DEFAULT_ARCHIVE,
) -> int:
    """Make a page that sets an animal beside its candidates, the spots that match joined by lines.

    For example:

    ```
    ethotrap individuals sheet 3f2a9c0d11e4b7a8.1 --out sheet.html
    ```
    """
    about, found = side_by_side(read_archive(archive), track)
    write_sheet(out, sheet_page(track, about, found))
    console.print(f"{out}: {len(found)} candidates.", soft_wrap=True)
    return 0


def _read_candidates(store: Store, path: Path) -> dict[str, list[Match]]:
    try:
        rows = json_text.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is no JSON: {error}") from error
    registry = read_registry(store)
    found: dict[str, list[Match]] = {}
    try:
        for row in rows:
            animal = registry.find(row["individual"])
            found.setdefault(str(row["track"]), []).append(_match(animal.individual_id, row))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path} must hold a list of objects with track, individual and a score from 0 on; {error!r} is amiss"
        ) from error
    return found


def _match(individual_id: int, row: dict[str, Any]) -> Match:
    points = tuple((float(x), float(y), float(u), float(v)) for x, y, u, v in row.get("points", ()))
    score = float(row["score"])
    if not 0 <= score < float("inf"):
        raise ValueError(f"score {score}")
    return Match(individual_id, score, row.get("view"), row.get("known_view"), points)


def _print_candidates(store: Store, tracks: tuple[str, ...] | list[str], *, as_json: bool) -> int:
    rows = [row for track in tracks for row in candidate_rows(store, track)]
    columns = ["track", "rank", "individual", "score", "view", "known_view"]
    show("Candidates, which name nobody until confirmed", rows, columns, as_json_=as_json, as_csv=False)
    return 0


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
