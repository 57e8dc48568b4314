"""The command that makes footage whose truth is known: simulate."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter, validators
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from flows.commands.display import console, err_console
from pipeline.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from models.simulate.order import Order
    from models.simulate.producing import Produced

AtLeastOne = Parameter(validator=validators.Number(gte=1))
SHEET_SUFFIXES = (".jpg", ".jpeg")


def register(app: App) -> None:
    """Add this command to the application."""
    app.command(simulate)


def simulate(
    *,
    out: Annotated[Path, Parameter(help="Folder for the clips, each with its truth as JSON beside it.")],
    behaviour: Annotated[
        str | None, Parameter(help="What the clips show: a behaviour's code, `empty` or `person`.")
    ] = None,
    n: Annotated[int, AtLeastOne, Parameter(help="How many clips of it.")] = 12,
    seed: Annotated[int, Parameter(help="The same seed gives the same clips.")] = 7,
    split: Annotated[
        Literal["train", "validate", "test"], Parameter(help="Whose cameras, coats and performances.")
    ] = "train",
    infrared: Annotated[float, Parameter(help="Share of the clips that are filmed at night, 0 to 1.")] = 0.5,
    seconds: Annotated[float, Parameter(help="Length of a clip.")] = 6.0,
    recipe: Annotated[Path | None, Parameter(help="A whole data set, a YAML file, instead of one behaviour.")] = None,
    features_only: Annotated[
        bool, Parameter(negative="", help="Boxes, joints and silhouettes without pictures; several times faster.")
    ] = False,
    workers: Annotated[int, AtLeastOne, Parameter(help="Clips made at once.")] = 2,
    sheet: Annotated[
        Path | None, Parameter(help="The contact sheet, a JPEG. [default: contact-sheet.jpg in OUT]")
    ] = None,
) -> int:
    """Make simulated camera-trap clips with exact truth. Clips that are there already are kept.

    Exit status 1 if a clip could not be made.

    For example:

    ```
    ethotrap simulate --behaviour play --n 20 --seed 7 --out simulated
    ethotrap simulate --recipe configs/simulation-recipe.yaml --out simulated
    ```
    """
    from models.simulate.producing import require_renderer

    require_renderer()
    from models.simulate.recipe import Recipe, orders_of, read_recipe

    if (behaviour is None) == (recipe is None):
        raise ConfigError("say either --behaviour, such as play, or --recipe, a file")
    if recipe is not None:
        wanted = read_recipe(recipe)
    else:
        wanted = Recipe.of_one(split, str(behaviour), n, seed=seed, infrared=infrared, seconds=seconds)
    path = sheet or out / "contact-sheet.jpg"
    if path.suffix.lower() not in SHEET_SUFFIXES:
        raise ConfigError(f"--sheet {path}: the contact sheet is a JPEG, so its name must end in .jpg")
    produced = _make(orders_of(wanted, shaded=not features_only), out, workers, path)
    look = f"; to look at: {path}" if produced.made or produced.skipped else ""
    console.print(f"{produced.made} clips made, {produced.skipped} were there, in {out}{look}", soft_wrap=True)
    for failure in produced.failed:
        err_console.print(f"not made: {failure}", soft_wrap=True)
    return 1 if produced.failed else 0


def _make(orders: Sequence["Order"], out: Path, workers: int, sheet: Path) -> "Produced":
    """Make the clips, showing how far it is, and the sheet of all that are there."""
    from models.simulate.producing import produce
    from models.simulate.sheet import write_sheet

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=err_console, disable=not err_console.is_terminal) as bars:
            bar = bars.add_task("simulating", total=len(orders))
            produced = produce(orders, out, workers, lambda _: bars.advance(bar))
        if produced.made or produced.skipped:
            write_sheet(out, sheet)
    except OSError as error:
        why = error.strerror or error
        raise StoreError(f"cannot write to {error.filename or out}: {why}; choose another folder") from error
    return produced
