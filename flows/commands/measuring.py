"""Commands that measure: evaluate tracking, photos, simulated, health, behaviour."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.progress import Progress

from flows.commands.display import console, err_console, json_text, print_json, print_table
from flows.commands.options import DEFAULT_ARCHIVE, Archive, Config, Json, read_archive, settings_of
from flows.progress import Progress as RunProgress
from pipeline.behaviour.ethogram import load_ethogram
from pipeline.errors import ConfigError
from pipeline.settings import Settings, find_config
from pipeline.store.open import DATABASE, Store, database_address

evaluate = App(name="evaluate", help="Measure on footage whose truth is known.")

OwnArchive = Annotated[
    Path | None,
    Parameter(
        name=["--archive", "-a"],
        help="Archive of its own to keep the analyses in, so that they are not made again. [default: none is kept]",
    ),
]
Labelled = Annotated[Path, Parameter(help="Folder of what is labelled, and its table.")]
Simulated = Annotated[Path, Parameter(help="Folder that `ethotrap simulate` made.")]
Workers = Annotated[int | None, Parameter(help="Videos at once. [default: as the settings say]")]
MAPPING = "behaviour-mapping.yaml"
Scores = Annotated[
    Path | None, Parameter(help="Also write the scores to this file: Markdown, or JSON if it ends in .json.")
]


def register(app: App) -> None:
    """Add these commands to the application."""
    app.command(evaluate)


@evaluate.command
def tracking(folder: Labelled, *, config: Config = None, json: Json = False) -> int:
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
    folder: Labelled,
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
    folder: Simulated,
    *,
    archive: OwnArchive = None,
    workers: Workers = None,
    out: Scores = None,
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

    settings = _with_workers(settings_of(config), workers)
    with RunProgress.shown() as progress:
        score = score_simulated(folder, archive, settings, progress.start, progress.advance)
    _tell(score, as_markdown(score), out, as_json=json)
    return 1 if score.about.left_out else 0


@evaluate.command
def health(
    folder: Simulated,
    *,
    archive: OwnArchive = None,
    workers: Workers = None,
    out: Scores = None,
    config: Config = None,
    json: Json = False,
) -> int:
    """Run the pipeline over simulated walks and score stride frequency, limps and girth, printed as Markdown.

    Exit status 1 if a clip could not be scored; the others are.

    For example:

    ```
    ethotrap simulate --recipe configs/health-recipe.yaml --out simulated-walks
    ethotrap evaluate health simulated-walks --workers 2 --out health.md
    ```
    """
    from models.evaluate.health import score_health
    from models.evaluate.health_report import as_markdown

    with RunProgress.shown() as progress:
        score = score_health(
            folder, archive, _with_workers(settings_of(config), workers), progress.start, progress.advance
        )
    _tell(score, as_markdown(score), out, as_json=json)
    return 1 if score.about.left_out else 0


@evaluate.command
def behaviour(
    labels: Annotated[str, Parameter(help="A file or folder of labels; `archive`: what people said of the archive.")],
    *,
    archive: Archive = DEFAULT_ARCHIVE,
    predictions: Annotated[
        Path | None, Parameter(help="Bouts to judge instead of the archive's, a CSV file as `ethotrap bouts` prints.")
    ] = None,
    mapping: Annotated[str, Parameter(help="What other people's words mean, a file in configs/ or a path.")] = MAPPING,
    vocabulary: Annotated[str | None, Parameter(help="The one vocabulary of the mapping that is in use.")] = None,
    out: Annotated[Path, Parameter(help="Folder for the report.")] = Path("evaluation"),
    config: Config = None,
    json: Json = False,
) -> int:
    """Compare the bouts that the machine named with true ones: F1, starts and ends, calibration, by condition.

    Labels may be a CSV file (file, start_s, end_s, behaviour), BORIS's aggregated events, a MammAlps annotation, the
    truth of simulated clips, or a folder of the latter two. `unknown` abstains: it costs recall and no precision. The
    report is written as Markdown, JSON and two plots. `--predictions` names only videos in which something was found:
    which others were analysed is taken from their archive, if it is there.

    For example:

    ```
    ethotrap evaluate behaviour clips/clips.csv --archive ethotrap-archive
    ethotrap evaluate behaviour archive
    ethotrap evaluate behaviour boris.csv --predictions bouts.csv --mapping our-words.yaml
    ```
    """
    from models.evaluate.behaviour.evaluating import evaluate as compare
    from models.evaluate.behaviour.labels_archive import PEOPLE_SAID, read_archive_labels
    from models.evaluate.behaviour.mapping import load_translator
    from models.evaluate.behaviour.predictions import ArchivePredictions, Predictions, analysed_videos
    from models.evaluate.behaviour.predictions_csv import TablePredictions
    from models.evaluate.behaviour.reading import read_labels
    from models.evaluate.behaviour.report import facts, sheets, write_report

    ethogram = load_ethogram(find_config(settings_of(config).behaviour.ethogram))
    if labels == PEOPLE_SAID and not Path(labels).exists():
        if predictions is not None or mapping != MAPPING or vocabulary is not None:
            only = (
                "what people said of the archive is in our words, and only the archive's own bouts are held against it"
            )
            raise ConfigError(f"--predictions, --mapping and --vocabulary go with a file of labels: {only}")
        store = read_archive(archive)
        said = ArchivePredictions(store)
        evaluation = compare(read_archive_labels(store, said), str(archive), said)
    else:
        read = read_labels(Path(labels), load_translator(find_config(mapping), ethogram, vocabulary))
        if predictions is None:
            judged: Predictions = ArchivePredictions(read_archive(archive))
        else:
            store_of_table = _archive_if_any(archive)
            judged = TablePredictions(predictions, analysed_videos(store_of_table) if store_of_table else ())
        evaluation = compare(read, labels, judged)
    written = write_report(evaluation, out)
    if json:
        print_json(evaluation)
        return 0
    for fact in facts(evaluation):
        console.print(fact, highlight=False, soft_wrap=True)
    for sheet in sheets(evaluation):
        print_table(sheet.title, sheet.header, sheet.rows)
    console.print("Written:", *written, soft_wrap=True)
    return 0


def _archive_if_any(archive: Path) -> Store | None:
    """The archive, to be read; None if it is the default one and is not there, for then nobody asked for it."""
    may_lack = archive == DEFAULT_ARCHIVE and database_address() is None
    return None if may_lack and not (archive / DATABASE).exists() else read_archive(archive)


def _tell(score: object, words: str, out: Path | None, *, as_json: bool) -> None:
    """Print the scores as Markdown or JSON, and write them to a file where one is asked for."""
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        text = json_text(score) if out.suffix == ".json" else words
        out.write_text(text, encoding="utf-8", errors="backslashreplace")
    if as_json:
        print_json(score)
    else:
        sys.stdout.write(words)


def _with_workers(settings: Settings, workers: int | None) -> Settings:
    if workers is None:
        return settings
    if workers < 1:
        raise ConfigError(f"--workers {workers}: there must be at least one")
    return settings.model_copy(update={"run": settings.run.model_copy(update={"workers": workers})})
