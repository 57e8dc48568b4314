"""Commands by which a machine proposes who an animal is: individuals propose, candidates, sheet."""

import json as json_text
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from flows.commands.display import console, print_json, print_table
from flows.commands.identifying import Track
from flows.commands.options import DEFAULT_ARCHIVE, Archive, Json, read_archive, write_archive
from flows.progress import counting
from pipeline.errors import ConfigError
from pipeline.individuals.coat_matcher import coat_matcher
from pipeline.individuals.proposing import Match
from pipeline.individuals.sheet import sheet as sheet_page
from pipeline.page import write_page
from pipeline.store.comparing import side_by_side
from pipeline.store.crops import crops_of_track
from pipeline.store.identities import read_registry
from pipeline.store.open import Store
from pipeline.store.verdicts import VerdictRow, verdict_rows
from pipeline.store.views import keep_candidates
from pipeline.store.views import propose as propose_for

Tracks = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]


def register(app: App) -> None:
    """Add these commands to `ethotrap individuals`."""
    app.command(propose)
    app.command(list_candidates, name="candidates")
    app.command(sheet)


def propose(
    candidates: Annotated[
        Path | None,
        Parameter(help="Another program's: JSON, a list of {track, individual, score}, as docs/individuals.md."),
    ] = None,
    *,
    track: Annotated[Tracks, Parameter(help="Only this track; give it again for another.")] = (),
    sheets: Annotated[Path | None, Parameter(help="Folder for a page on each track that has candidates.")] = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Compare the coats of all tracks that nobody has recognised with those of known animals, and keep candidates.

    At most five a track. They name nobody until a person confirms.

    For example:

    ```
    ethotrap individuals propose
    ethotrap individuals propose --track 3f2a9c0d11e4b7a8.1 --sheets pages
    ethotrap individuals propose candidates.json
    ```
    """
    store = write_archive(archive)
    if candidates is not None:
        if track:
            raise ConfigError(f"{candidates} names its tracks itself; leave out --track")
        kept = keep_candidates(store, _read_candidates(store, candidates))
    else:
        with counting("comparing coats") as step:
            kept = propose_for(store, coat_matcher, track or None, step)
    rows = verdict_rows(store, list(kept))
    if sheets is not None:
        for row in rows:
            if row.candidates:
                _write_page(store, row.track, sheets / f"{row.track}.html")
    return _print_verdicts(rows, as_json=json)


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
    return _print_verdicts(verdict_rows(read_archive(archive), tracks), as_json=json)


def sheet(
    track: Track,
    *,
    out: Annotated[Path, Parameter(help="The page, one HTML file with its pictures inside.")],
    archive: Archive = DEFAULT_ARCHIVE,
) -> int:
    """Make a page that sets an animal beside its candidates, the spots that match joined by lines.

    Below are the best pictures of it, to look for wounds and the like.

    For example:

    ```
    ethotrap individuals sheet 3f2a9c0d11e4b7a8.1 --out sheet.html
    ```
    """
    number = _write_page(read_archive(archive), track, out)
    console.print(f"{out}: {number} candidates.", soft_wrap=True)
    return 0


def _write_page(store: Store, track: str, out: Path) -> int:
    about, verdict, found = side_by_side(store, track)
    write_page(out, sheet_page(track, about, found, _in_words(verdict), crops_of_track(store, track)), "sheet")
    return len(found)


def _in_words(row: VerdictRow) -> str:
    why = f" ({row.reason})" if row.reason else ""
    return (
        f"Probability that it is one of these: {row.same:.2f}; that it is nobody known: {row.new:.2f};"
        f" that it cannot be told{why}: {row.cannot_tell:.2f}."
    )


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


def _print_verdicts(rows: list[VerdictRow], *, as_json: bool) -> int:
    if as_json:
        print_json([candidate for row in rows for candidate in row.candidates])
        return 0
    header = ["track", "species", "filmed", "location", "candidates, best first", "new", "cannot tell", "why"]
    cells: list[list[object]] = [
        [
            row.track,
            row.species,
            "undated" if row.captured_at is None else f"{row.captured_at:%Y-%m-%d %H:%M}",
            row.location or "",
            "\n".join(f"{one.probability:.2f} {one.individual} ({one.score:.2f})" for one in row.candidates),
            row.new,
            row.cannot_tell,
            row.reason,
        ]
        for row in rows
    ]
    print_table(f"Candidates, which name nobody until confirmed, of {len(rows)} tracks", header, cells)
    return 0
