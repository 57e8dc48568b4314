"""Commands that train: train behaviour."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn

from flows.beforehand import check_archive
from flows.commands.display import console, err_console, print_json, print_table
from flows.commands.options import DEFAULT_ARCHIVE, Archive, Config, Json, ethogram_of, read_archive, settings_of
from pipeline.behaviour.weights import CURRENT, FOLDER, with_archives_own
from pipeline.errors import ConfigError, ModelError
from pipeline.settings import RULES, Settings, load_settings
from pipeline.store.open import Store

if TYPE_CHECKING:  # the learning itself is loaded only when it is asked for
    from models.behaviour.people import Taught
    from models.behaviour.retraining import Retraining
    from models.behaviour.shared_examples import SharedExamples
    from pipeline.behaviour.classifier import Classifier

train = App(name="train", help="Learn from what people said of the archive.")


def register(app: App) -> None:
    """Add these commands to the application."""
    app.command(train)


@train.command
def behaviour(
    *,
    archive: Archive = DEFAULT_ARCHIVE,
    epochs: Annotated[int, Parameter(help="Rounds over everything there is to learn from.")] = 60,
    seed: Annotated[int, Parameter(help="The same seed and labels give the same network.")] = 1,
    examples: Annotated[
        Path | None, Parameter(help="Simulated examples to learn from as well. [default: those that ship]")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> int:
    """Train the behaviour network again with people's labels; it is used from then on only if it is better.

    Labelled videos are followed again, once, so their files must still be there. Cameras are set apart on which nothing
    is learned; the new network and the one in use are compared on their labels. Every network stays in the archive.
    JSON keys: network, replaced, in_use, retrained, difference, better_share, not_learned {behaviour: labels},
    left_out [{what, why}].

    For example:

    ```
    ethotrap train behaviour --archive /data/archive
    ethotrap train behaviour --epochs 30 --seed 2
    ```
    """
    from models.behaviour.shared_examples import SHIPPED, read_examples

    if epochs < 1:
        raise ConfigError(f"--epochs {epochs}: there must be at least one")
    if seed < 0:
        raise ConfigError(f"--seed {seed}: it must not be negative")
    store, settings = read_archive(archive), settings_of(config)
    shared = read_examples(examples or SHIPPED)
    name, in_use = _in_use(with_archives_own(settings, store.archive))
    taught, came = _learn(store, settings, shared, in_use, seed, epochs)
    if json:
        print_json(_as_tree(came) | {"left_out": taught.left_out})
        return 0
    _tell(came, name)
    own = settings.behaviour.model == load_settings(None, {}).behaviour.model
    if came.replaced and not own:
        err_console.print(
            f"The settings name `behaviour.model: {settings.behaviour.model}`, so the nightly run keeps to that;"
            f" take the line out to use {CURRENT}.",
            soft_wrap=True,
        )
    return 0


def _learn(
    store: Store, settings: Settings, shared: "SharedExamples", in_use: "Classifier", seed: int, epochs: int
) -> tuple["Taught", "Retraining"]:
    """Follow what is labelled, learn and compare, showing how far it is; what is left out is told at once."""
    from models.behaviour.people import KEPT, check_enough, taught_by_people
    from models.behaviour.retraining import retrain

    ethogram = ethogram_of(settings)
    check_enough(store, settings)
    for folder in (KEPT, FOLDER):
        check_archive(store.archive / folder)
    columns = (*Progress.get_default_columns()[:3], TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err_console, disable=not err_console.is_terminal) as bars:
        following, learning = bars.add_task("following labelled videos"), bars.add_task("learning")
        taught = taught_by_people(
            store, settings, lambda done, total: bars.update(following, completed=done, total=total)
        )
        bars.update(following, completed=1, total=1)
        for one in taught.left_out:
            err_console.print(f"left out: {one.what}: {one.why}", highlight=False, soft_wrap=True)
        came = retrain(
            taught.clips,
            shared,
            store.archive,
            in_use,
            settings.behaviour,
            ethogram,
            now=datetime.now(UTC),
            seed=seed,
            epochs=epochs,
            step=lambda done, total: bars.update(learning, completed=done, total=total),
        )
    return taught, came


def _in_use(settings: Settings) -> tuple[str, "Classifier"]:
    """The classifier that the nightly run uses, and what it is called; the rules where it cannot be loaded any more."""
    from pipeline.analyse import load_classifier
    from pipeline.behaviour.rules import Rules

    file = settings.behaviour.model_file
    name = file.name if file else settings.behaviour.model
    try:
        return name, load_classifier(settings)
    except ModelError as error:
        err_console.print(f"{error}\nIt is compared with the rules instead.", soft_wrap=True)
        return RULES, Rules()


def _as_tree(came: "Retraining") -> dict[str, object]:
    contest = came.contest
    return {
        "network": came.network,
        "replaced": came.replaced,
        "in_use": contest.in_use,
        "retrained": contest.retrained,
        "difference": contest.difference,
        "better_share": contest.better_share,
        "not_learned": came.not_learned,
    }


def _tell(came: "Retraining", name: str) -> None:
    from models.behaviour.cameras import cameras_of
    from models.behaviour.retraining import LEAST_OF_A_BEHAVIOUR

    contest, parts = came.contest, came.parts
    both = (contest.in_use, contest.retrained)
    rows: list[list[object]] = [
        ["macro-F1", *(_interval(one.macro_f1.value, one.macro_f1.low, one.macro_f1.high) for one in both)],
        ["rightly named", *(_share(one.right.value) for one in both)],
        ["left unknown", *(_share(one.unknown_share) for one in both)],
    ]
    f1 = [{one.behaviour: one for one in scores.classes} for scores in both]
    for code in sorted({code for of in f1 for code in of if of[code].bouts}):
        bouts = max(of[code].bouts for of in f1 if code in of)
        rows.append([f"F1 of {code} ({bouts})", *(_share(of[code].f1.value) if code in of else "-" for of in f1)])
    cameras = len(cameras_of(parts.compared))
    title = f"On {contest.in_use.bouts} labelled bouts of {cameras} cameras that nothing was learned from"
    print_table(title, ["", f"in use: {name}", f"retrained: {came.network.name}"], rows)
    if came.not_learned:
        labels = ", ".join(f"{code} ({count})" for code, count in came.not_learned.items())
        console.print(
            f"Not learned, for want of {LEAST_OF_A_BEHAVIOUR} labelled bouts at the locations to learn from: {labels}.",
            soft_wrap=True,
        )
    gain = contest.difference
    console.print(
        f"Retrained less in use: {_interval(gain.value, gain.low, gain.high)} of macro-F1; better in"
        f" {contest.better_share:.0%} of the samples drawn from these videos.",
        soft_wrap=True,
    )
    if came.replaced:
        console.print(
            f"It is better, and in use from now on as {CURRENT}: every video is analysed anew by the next run."
            " The one before stays under its own name.",
            soft_wrap=True,
        )
    else:
        console.print(f"It is not surely better, so the one in use stays: {name}. Kept: {came.network}", soft_wrap=True)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return _share(value)
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
