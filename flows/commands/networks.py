"""Commands about the networks: models list, verify, pull."""

from typing import Annotated

from cyclopts import App, Parameter
from rich.progress import DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from flows.commands.display import console, err_console, print_json, print_table
from flows.commands.options import Json
from models import registry
from pipeline.errors import ModelError

models = App(name="models", help="List, check and fetch the networks that Ethotrap can use.")


def register(app: App) -> None:
    """Add these commands to the application."""
    app.command(models)


@models.command(name="list")
def list_models(*, json: Json = False) -> int:
    """List every network of the registry: what it is for, whether it is here, its licence.

    For example:

    ```
    ethotrap models list
    ```
    """
    entries = list(registry.load_registry().values())
    if json:
        keys = ("name", "task", "licence", "source")
        print_json([{key: getattr(e, key) for key in keys} | {"here": e.path.is_file()} for e in entries])
        return 0
    rows = [[e.name, e.task.value, "yes" if e.path.is_file() else "no", e.licence, e.source] for e in entries]
    print_table("Networks", ["name", "task", "here", "licence", "source"], rows)
    return 0


@models.command
def verify() -> int:
    """Check every network that is on this machine against its digest. Exit status 1 if one is altered.

    For example:

    ```
    ethotrap models verify
    ```
    """
    altered = 0
    for entry in registry.load_registry().values():
        if not entry.path.is_file() and entry.url:
            continue
        try:
            registry.verify(entry.name)
        except ModelError as error:
            altered += 1
            err_console.print(str(error))
        else:
            console.print(f"{entry.name}: as recorded")
    return 1 if altered else 0


@models.command
def pull(name: Annotated[str, Parameter(help="Its name, as `ethotrap models list` shows it.")]) -> int:
    """Download a network's weights, check them, and keep them for this user.

    For example:

    ```
    ethotrap models pull MDV6-yolov10-e-1280
    ```
    """
    columns = (*Progress.get_default_columns()[:3], DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err_console, disable=not err_console.is_terminal) as bars:
        bar = bars.add_task(name, total=None)
        path = registry.pull(name, lambda done, total: bars.update(bar, completed=done, total=total))
    console.print(f"{path}. To use it, put this into your settings file:\ndetector:\n  model: {name}")
    return 0
