"""The press office's command: reel."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from flows.commands.display import console, print_table
from flows.commands.options import DEFAULT_ARCHIVE, Archive, Which, read_archive
from pipeline.errors import NotFoundError
from pipeline.highlights.choose import choose, reel_score
from pipeline.highlights.reel import make_reel
from pipeline.store.reels import reel_candidates

EVERYTHING = Which()


def register(app: App) -> None:
    """Add this command to the application."""
    app.command(reel)


def reel(
    *,
    out: Annotated[Path, Parameter(help="The film, a new .mp4.")],
    behaviour: Annotated[str | None, Parameter(help="Only this behaviour, by its code in the ethogram.")] = None,
    min_probability: Annotated[float, Parameter(help="Leave out what is less sure, 0 to 1.")] = 0.5,
    clips: Annotated[int, Parameter(help="Most clips.")] = 12,
    seconds: Annotated[float, Parameter(help="Most seconds.")] = 90.0,
    per_location: Annotated[int, Parameter(help="Most clips of one location.")] = 3,
    overwrite: Annotated[bool, Parameter(negative="", help="Replace the film if it exists.")] = False,
    which: Which = EVERYTHING,
    archive: Archive = DEFAULT_ARCHIVE,
) -> int:
    """Join the best clips into one film, without sound, places, times or names.

    The best are large, sharp, whole and sure, and not all from one trap. A video in which a person or a vehicle was
    seen is left out whole, and listed. Look at the film before it is published: the machine can miss a person.

    For example:

    ```
    ethotrap reel --behaviour play --since 2025-06-01 --out play.mp4
    ethotrap reel --species leopard --clips 5 --seconds 40 --out leopards.mp4
    ```
    """
    candidates = reel_candidates(read_archive(archive), which.bouts(behaviour, min_probability))
    chosen = choose(candidates, clips, seconds, per_location)
    left_out = [[one.bout_id, one.behaviour, one.species, why] for one, why in chosen.left_out]
    if left_out:
        print_table("Left out", ["bout", "behaviour", "species", "why"], left_out)
    if not chosen.kept:
        raise NotFoundError("no clip fits these wishes, so there is no film; `ethotrap bouts` shows what there is")
    rows = [[one.bout_id, one.behaviour, one.species, reel_score(one), one.length_s] for one in chosen.kept]
    print_table("In the film", ["bout", "behaviour", "species", "score", "seconds"], rows)
    film = make_reel([one.clip_path for one in chosen.kept], out, overwrite=overwrite)
    for path, why in film.damaged:
        console.print(f"Missing from the film: {path}: {why}")
    console.print(f"{film.path}: {len(film.clips)} clips, {film.seconds:.1f} s.")
    return 0
