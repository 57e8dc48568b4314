"""The press office's command: reel."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from flows.commands.display import console, err_console, print_table
from flows.commands.options import DEFAULT_ARCHIVE, Archive, Filmed, Likely, read_archive
from flows.progress import counting
from pipeline.errors import NotFoundError
from pipeline.highlights.choose import Chosen, ReelCandidate, choose, reel_score
from pipeline.highlights.reel import Crop, ReelReport, check_name, make_reel
from pipeline.store.open import Store
from pipeline.store.queries import named_bouts, videos
from pipeline.store.reels import reel_candidates

EVERYTHING = Filmed()
PARTLY = 1  # exit status: the film is there, but something is missing from it
MOST_TOLD = 200  # of what is left out, the best first: if little is wished for, that is nearly the whole archive

Share = Annotated[float, Parameter(validator=validators.Number(gte=0, lte=0.3))]


def register(app: App) -> None:
    """Add this command to the application."""
    app.command(reel)


def reel(
    *,
    out: Annotated[Path, Parameter(help="The film, a new .mp4.")],
    behaviour: Annotated[
        str | None, Parameter(help="Only this behaviour, by its code or name in the ethogram.")
    ] = None,
    min_probability: Likely = 0.5,
    clips: Annotated[int, Parameter(validator=validators.Number(gte=1), help="Most clips.")] = 12,
    seconds: Annotated[float, Parameter(validator=validators.Number(gt=0), help="Most seconds.")] = 90.0,
    per_location: Annotated[int, Parameter(validator=validators.Number(gte=1), help="Most clips of one location.")] = 3,
    without: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="A bout or a whole video that shall not be in it; as often as needed."),
    ] = (),
    crop_top: Annotated[Share, Parameter(help="Share of each picture's height to cut off above, 0 to 0.3.")] = 0.0,
    crop_bottom: Annotated[Share, Parameter(help="The same below, where most cameras write time and place.")] = 0.0,
    overwrite: Annotated[bool, Parameter(negative="", help="Replace the film if it exists.")] = False,
    which: Filmed = EVERYTHING,
    archive: Archive = DEFAULT_ARCHIVE,
) -> int:
    """Join the best clips into one film, without sound and without metadata of time, place or name.

    The best are large, sharp, whole and sure, and not all from one trap. A video in which a person or a vehicle was
    seen is left out whole, and listed; so is one with what may be a person or is not quite surely an animal, until
    `ethotrap label` says what it is. Look at the film before it is published: the machine can miss a person, and
    what the camera wrote into the picture, such as time or place, stays in it unless it is cropped. Exit status 1 if
    a clip is missing from the film or in it only in part.

    For example:

    ```
    ethotrap reel --behaviour play --since 2025-06-01 --out play.mp4
    ethotrap reel --species leopard --clips 5 --seconds 40 --crop-bottom 0.06 --out leopards.mp4
    ethotrap reel --behaviour play --without 3f2a9c0d11e4b7a8 --out play.mp4 --overwrite
    ```
    """
    store = read_archive(archive)
    check_name(out, overwrite)
    candidates = reel_candidates(store, which.bouts(store, behaviour, min_probability))
    unwanted = _unwanted(store, candidates, without)
    chosen = choose(
        candidates, clips, seconds, per_location, without=unwanted, hindrance=partial(_missing, store.archive)
    )
    _tell_choice(chosen)
    with _ended_like_ctrl_c(), counting("making the film") as step:
        film = make_reel(
            [store.archive / one.clip for one in chosen.kept],
            out,
            crop=Crop(crop_top, crop_bottom),
            overwrite=overwrite,
            progress=lambda done, total: step(round(done), round(total)),
        )
    _tell_damage(film)
    console.print(f"{film.path}: {len(film.clips)} clips, {film.seconds:.1f} s.", soft_wrap=True)
    console.print("Look at it before you publish it: at every person, and at what the cameras wrote into the picture.")
    console.print("`ethotrap label VIDEO --species person` keeps a video out of this and every later film.")
    return PARTLY if film.damaged else 0


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Let a terminal that is closed and a system that shuts down end the block in order: no half film is left."""
    ends = [one for one in (signal.SIGHUP, signal.SIGTERM) if signal.getsignal(one) is signal.SIG_DFL]
    for one in ends:
        signal.signal(one, signal.default_int_handler)
    try:
        yield
    finally:
        for one in ends:
            signal.signal(one, signal.SIG_DFL)


def _unwanted(store: Store, candidates: Sequence[ReelCandidate], ids: Sequence[str]) -> dict[str, str]:
    """Bouts and videos that shall not be in the film, each with the reason.

    Raises:
        NotFoundError: one is neither; what it was to keep out would be in the film.
    """
    others = set(ids)
    for one in candidates if ids else ():
        others -= {one.bout_id, one.media_id}
    known = {one.bout for one in named_bouts(store, sorted(others))} | {one.media for one in videos(store, others)}
    if slips := sorted(others - known):
        raise NotFoundError(f"--without {', '.join(slips)}: no such bout or video; `ethotrap bouts` lists them")
    return dict.fromkeys(ids, "you asked for a film without it")


def _missing(archive: Path, one: ReelCandidate) -> str:
    path = archive / one.clip
    return "" if path.is_file() else f"its clip is not there: {path}"


def _tell_choice(chosen: Chosen) -> None:
    left_out = [[one.bout_id, one.behaviour, one.species, why] for one, why in chosen.left_out[:MOST_TOLD]]
    if left_out:
        print_table("Left out", ["bout", "behaviour", "species", "why"], left_out)
    if more := len(chosen.left_out) - len(left_out):
        console.print(f"Left out as well: {more} clips that would have done less well than these.")
    if not chosen.kept:
        because = "everything that would fit is left out, as listed" if left_out else "no clip fits these wishes"
        raise NotFoundError(f"{because}, so there is no film; `ethotrap bouts` shows what there is")
    rows = [[one.bout_id, one.behaviour, one.species, reel_score(one), one.length_s] for one in chosen.kept]
    print_table("In the film", ["bout", "behaviour", "species", "score", "seconds"], rows)


def _tell_damage(film: ReelReport) -> None:
    for path, why in film.damaged:
        how = "Only in part in the film" if path in film.clips else "Missing from the film"
        err_console.print(f"{how}: {path}: {why}; restore the clip from a copy of the archive", soft_wrap=True)
