"""The pipeline against the truth of the twelve clips that ship."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.simulate.order import EMPTY, PERSON
from models.simulate.shipped import shipped_orders
from pipeline.store.boxes import read_boxes
from tests.flows.conftest import Ethotrap

ORDERS = shipped_orders()
ANIMALS = [name for name, order in ORDERS.items() if order.subject not in (EMPTY, PERSON)]
CLEAR = 0.5  # share of an animal's pixels from which it counts as visible
TANGLED = "cubs-play"  # two cubs that spar and wrestle are lost and found again


@dataclass(frozen=True)
class Seen:
    """What the pipeline found in one clip: its tracks, and their boxes in every frame."""

    tracks: list[dict[str, Any]]
    boxes: pl.DataFrame | None


@pytest.fixture(scope="session")
def found(ethotrap: Ethotrap, shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    archive = tmp_path_factory.mktemp("twelve")
    arguments = ("analyse", shipped, "--archive", archive, "--deployments", shipped / "deployments.csv")
    run = ethotrap(*arguments, timeout=800)
    assert run.status == 0, run.err
    tracks = ethotrap("tracks", "--archive", archive, "--json").json()

    def seen(clip: str) -> Seen:
        mine = [track for track in tracks if track["file"].endswith(f"{ORDERS[clip].name}.MP4")]
        if not mine:
            return Seen([], None)
        (parquet,) = archive.glob(f"media/*/{mine[0]['media']}/*/boxes.parquet")
        return Seen(mine, read_boxes(parquet))

    return {clip: seen(clip) for clip in ORDERS}


def truth_of(shipped: Path, clip: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((shipped / f"{ORDERS[clip].name}.json").read_text(encoding="utf-8"))
    return tree


def overlap(a: list[float], b: list[float]) -> float:
    """Intersection over union of two x, y, w, h boxes."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(wide, 0) * max(high, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def covered(animal: dict[str, Any], boxes: pl.DataFrame) -> float:
    """Share of the frames in which the animal is clearly visible that have a box around it."""
    tracked: dict[int, list[list[float]]] = {}
    for frame, *box in boxes.select("frame", "x", "y", "w", "h").iter_rows():
        tracked.setdefault(frame, []).append(box)
    clear = [index for index, share in enumerate(animal["visible_share"]) if share >= CLEAR]
    return float(np.mean([any(overlap(box, animal["boxes"][i]) >= 0.3 for box in tracked.get(i, [])) for i in clear]))


def on_animals(animals: list[dict[str, Any]], boxes: pl.DataFrame) -> float:
    """Share of the boxes that lie on an animal for at least half of their own area."""
    found = []
    for frame, x, y, w, h in boxes.select("frame", "x", "y", "w", "h").iter_rows():
        truths = [box for animal in animals if (box := animal["boxes"][frame])]
        shared = [
            max(min(x + w, a + c) - max(x, a), 0) * max(min(y + h, b + d) - max(y, b), 0) for a, b, c, d in truths
        ]
        found.append(max(shared, default=0.0) >= 0.5 * w * h)
    return float(np.mean(found))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("clip", ANIMALS)
def test_each_animal_is_followed_while_it_is_in_view(found: dict[str, Seen], shipped: Path, clip: str) -> None:
    boxes, animals = found[clip].boxes, truth_of(shipped, clip)["animals"]
    assert boxes is not None
    assert {track["kind"] for track in found[clip].tracks} == {"animal"}
    for animal in animals:
        assert covered(animal, boxes) >= (0.7 if clip == TANGLED else 0.8)


@pytest.mark.parametrize("clip", ANIMALS)
def test_nothing_but_the_animals_is_followed(found: dict[str, Seen], shipped: Path, clip: str) -> None:
    boxes, animals = found[clip].boxes, truth_of(shipped, clip)["animals"]
    assert boxes is not None
    assert on_animals(animals, boxes) >= 0.9
    most = 2 * len(animals) if clip == TANGLED else len(animals)
    assert len(animals) <= len(found[clip].tracks) <= most  # a carcass has its own


def test_the_windy_scene_has_no_track(found: dict[str, Seen]) -> None:
    assert found["windy-empty"].tracks == []


def test_the_person_is_followed(found: dict[str, Seen], shipped: Path) -> None:
    (track,) = found["person"].tracks
    (person,) = truth_of(shipped, "person")["animals"]
    assert found["person"].boxes is not None
    assert covered(person, found["person"].boxes) >= 0.8
    assert track["kind"] == "person"
