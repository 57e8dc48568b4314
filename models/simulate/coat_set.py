"""A set of pictures of simulated individuals, to measure recognition on: who, from which traps, and writing it.

    python -m models.simulate.coat_set FOLDER [INDIVIDUALS [SPLIT]]

It goes on where it was stopped. Nothing here needs MuJoCo until pictures are made.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.simulate.act import Individual
from models.simulate.split import SPLITS, Split, seeds_of

_JPEG_QUALITY = 75
_TURN = 0.45  # radians, at most, that animals walk away from straight across
_CAMERAS = 20  # from which the known views are taken, and as many others for the queries
QUERY_CAMERAS = 100  # the first of these, counted from the split's first seed
_PLAN = (("left", False, False), ("left", True, False), ("right", False, False), ("right", True, False),
         ("left", False, True), ("left", True, True), ("right", False, True), ("right", True, True))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewOrder:
    """From where, how and by which light an individual is photographed."""

    camera_seed: int
    motion_seed: int
    flank: str  # left or right, the one that shall be seen
    infrared: bool
    turn: float = 0.0  # radians by which the animal walks towards or away from the camera, against its path


def orders_of(number: int, split: Split) -> tuple[Individual, tuple[ViewOrder, ...]]:
    """The individual of a set that has this number, and its pictures.

    Of each flank one known view by day and one in infrared, then one query by day and one in infrared, from cameras
    that took no known view.
    """
    first = seeds_of(split).start
    random = np.random.default_rng([first, number, 13])
    size, girth = float(random.uniform(0.9, 1.08)), float(random.uniform(0.92, 1.12))
    coat = first + 5000 + number
    orders = []
    for flank, infrared, is_query in _PLAN:
        camera = first + int(random.integers(_CAMERAS)) + QUERY_CAMERAS * is_query
        motion, turn = first + int(random.integers(900_000)), float(random.uniform(-_TURN, _TURN))
        orders.append(ViewOrder(camera, motion, flank, infrared, turn))
    return Individual(f"leopard {coat}", "leopard", coat, size, girth), tuple(orders)


def write_set(folder: Path, individuals: int, split: Split) -> None:
    """Writes pictures, silhouettes and their truth, one JSON an individual, last.

    Raises:
        OSError: a file cannot be written.
    """
    os.environ.setdefault("MUJOCO_GL", "osmesa")  # MuJoCo reads it when it is first imported
    from models.simulate.coat_views import photograph

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(individuals):
        truth = folder / f"{number:03}.json"
        if truth.exists():
            continue
        individual, orders = orders_of(number, split)
        rows = []
        for index, view in enumerate(photograph(individual, orders)):
            name = f"{number:03}-{index}"
            cv2.imwrite(str(folder / f"{name}.jpg"), view.picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
            cv2.imwrite(str(folder / f"{name}.png"), view.mask.astype(np.uint8) * 255)
            is_query = view.order.camera_seed >= seeds_of(split).start + QUERY_CAMERAS
            row = {"view": name, "individual": individual.name, "flank": view.flank, "infrared": view.order.infrared}
            rows.append(row | {"query": is_query, "camera": view.order.camera_seed, "to_right": view.to_right})
        truth.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write a set. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m models.simulate.coat_set",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="for the set")
    parser.add_argument("individuals", type=int, nargs="?", default=60, help="how many; 60 if left out")
    parser.add_argument("split", choices=SPLITS, nargs="?", default="test", help="whose coats; test if left out")
    chosen = parser.parse_args(arguments)
    write_set(chosen.folder, chosen.individuals, chosen.split)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
