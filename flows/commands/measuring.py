"""Commands that measure: evaluate tracking, evaluate photos, evaluate simulated."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.progress import Progress

from flows.commands.display import console, err_console, json_text, print_json, print_table
from flows.commands.options import Config, Json, settings_of
from flows.progress import Progress as RunProgress
from pipeline.errors import ConfigError

evaluate = App(name="evaluate", help="Measure on footage whose truth is known.")


def register(app: App) -> None:
    """Add these commands to the application."""
    app.command(evaluate)


@evaluate.command
def tracking(folder: Path, *, config: Config = None, json: Json = False) -> int:
    """Follow the clips of a folder and print how much of the animals' visible time the tracks cover.

    The folder holds clips.csv, with the columns file, start_s, end_s and behaviour (`empty` where nothing is there).

    For example:

    ```
    ethotrap evaluate tracking ../shared/footage/clips
    ```
    """
    from models.evaluate.tracking import score_clips
    from pipeline.analyse import load_networks

    settings = settings_of(config)
    with Progress(console=err_console, transient=True, disable=not err_console.is_terminal) as bars:
        bar = bars.add_task("following", total=None)
        scores = score_clips(folder, load_networks(settings), settings, lambda _: bars.advance(bar))
    if json:
        print_json(scores)
        return 0
    header = ["clip", "seconds", "visible s", "covered", "tracks", "kinds", "false s"]
    rows = [
        [s.file, s.seconds, s.visible_s, "" if s.covered is None else f"{s.covered:.0%}", s.tracks, s.kinds, s.false_s]
        for s in scores
    ]
    print_table(f"Tracking, on {folder}", header, rows)
    console.print("covered: share of the visible time with a track. false s: seconds of track where nothing is there.")
    return 0


@evaluate.command
def photos(
    folder: Path,
    *,
    species: Annotated[str, Parameter(help="What all photos show, by its code.")] = "leopard",
    config: Config = None,
    json: Json = False,
) -> int:
    """Print the detector's recall on photos of boxed animals, and how many the species network knows.

    The folder holds boxes.csv, with the columns file, x1, y1, x2, y2 (shares of the picture) and trap_like.

    For example:

    ```
    ethotrap evaluate photos ../shared/footage/stills/amur-leopard --species leopard
    ```
    """
    from models.evaluate.photos import MIN_IOU, score_photos
    from pipeline.analyse import load_networks

    scores = score_photos(folder, load_networks(settings_of(config)), species)
    if json:
        print_json(scores)
        return 0
    rows = [[score, scores.recall[score], scores.trap_like_recall[score]] for score in scores.recall]
    header = ["least score", f"all {scores.animals}", f"trap-like {scores.trap_like}"]
    print_table(f"Recall at IoU {MIN_IOU}, on {folder}", header, rows)
    console.print(f"Of the boxed crops {scores.named:.1%} are called {species} among the region's species.")
    return 0


@evaluate.command
def simulated(
    folder: Path,
    *,
    archive: Annotated[
        Path | None,
        Parameter(
            name=["--archive", "-a"],
            help="Archive of its own to keep the analyses in, so that they are not made again. [default: none is kept]",
        ),
    ] = None,
    workers: Annotated[int | None, Parameter(help="Videos at once. [default: as the settings say]")] = None,
    out: Annotated[
        Path | None, Parameter(help="Also write the scores to this file: Markdown, or JSON if it ends in .json.")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> int:
    """Run the pipeline over simulated clips and score it against their truth, printed as Markdown.

    Needs TrackEval. Exit status 1 if a clip could not be scored; the others are.

    For example:

    ```
    ethotrap simulate --recipe configs/evaluation-recipe.yaml --out simulated-test
    ethotrap evaluate simulated simulated-test --workers 2 --out scores.md
    ```
    """
    from models.evaluate.simulated import score_simulated
    from models.evaluate.simulated_report import as_markdown

    settings = settings_of(config)
    if workers is not None:
        if workers < 1:
            raise ConfigError(f"--workers {workers}: there must be at least one")
        settings = settings.model_copy(update={"run": settings.run.model_copy(update={"workers": workers})})
    with RunProgress.shown() as progress:
        score = score_simulated(folder, archive, settings, progress.start, progress.advance)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json_text(score) if out.suffix == ".json" else as_markdown(score), encoding="utf-8")
    if json:
        print_json(score)
    else:
        sys.stdout.write(as_markdown(score))
    return 1 if score.about.left_out else 0
