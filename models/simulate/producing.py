"""Many clips in several processes; what is there already is not made again. Nothing here needs MuJoCo until it starts.

The renderer gets processes of its own: OSMesa and torch crash one another when both are loaded into one.
"""

import importlib.util
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

import cv2

from models.simulate.deployments import write_stations
from models.simulate.order import Order
from models.simulate.renderer import SOFTWARE, choose_renderer, chosen_renderer
from pipeline.errors import EthotrapError
from pipeline.workers import end_with_parent


@dataclass(frozen=True, slots=True)
class Produced:
    """What became of a list of orders."""

    made: int
    skipped: int  # they were there
    failed: tuple[str, ...]  # name and reason of each clip that could not be made


def require_renderer() -> None:
    """Checks that this machine can simulate.

    Raises:
        EthotrapError: something is missing; the message says what to install.
    """
    for module in ("dm_control", "mujoco", "scipy"):
        if importlib.util.find_spec(module) is None:
            raise EthotrapError(f"the simulated trap needs {module}; install it with: pip install 'ethotrap[simulate]'")
    if chosen_renderer() == SOFTWARE and find_library("OSMesa") is None:
        raise EthotrapError("the simulated trap renders with OSMesa, which is not here; install Debian's libosmesa6")


def produce(orders: Sequence[Order], folder: Path, workers: int, done: Callable[[str], None]) -> Produced:
    """Makes every clip that `folder` does not hold yet, and the deployments table of all.

    Args:
        orders: the clips; a clip whose truth lies in the folder is skipped.
        folder: for the clips; it is made if need be.
        workers: how many clips are made at once.
        done: told the name of each clip that is finished or skipped.

    Raises:
        EthotrapError: the renderer is not installed, or died.
        OSError: the folder or its deployments table cannot be written.
    """
    require_renderer()
    folder.mkdir(parents=True, exist_ok=True)
    write_stations(sorted({order.name.split("/")[-2] for order in orders}), folder / "deployments.csv")
    wanted = [order for order in orders if not (folder / f"{order.name}.json").is_file()]
    for order in orders:
        if order not in wanted:
            done(order.name)
    failed = []
    for name, error in _results(wanted, folder, workers):
        if isinstance(error, BrokenProcessPool):
            raise EthotrapError(
                f"a renderer died while clips were made in {folder}; start the same command again to go on"
            ) from error
        if error is not None:
            failed.append(f"{name}: {type(error).__name__}: {error}")
        done(name)
    return Produced(len(wanted) - len(failed), len(orders) - len(wanted), tuple(failed))


def _results(orders: Sequence[Order], folder: Path, workers: int) -> Iterator[tuple[str, BaseException | None]]:
    """Each clip's name as it is finished, and what went wrong with it."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare, initargs=(os.getpid(),))
    try:
        jobs = {pool.submit(_make, order, folder): order.name for order in orders}
        for job in as_completed(jobs):
            yield jobs[job], job.exception()
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare(parent: int) -> None:
    end_with_parent(parent)
    choose_renderer()
    cv2.setNumThreads(1)


def _make(order: Order, folder: Path) -> None:
    from models.simulate.scene import make_scene

    make_scene(order, folder)
