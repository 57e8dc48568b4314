import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models import registry
from pipeline.errors import ModelError
from pipeline.settings import SpeciesSettings, find_config, load_settings
from pipeline.tracking.crops import crop
from pipeline.tracking.species import CROP_SIZE, NAMELESS, SpeciesNetwork
from pipeline.tracking.species_list import Species, load_species
from pipeline.values import Kind

LEOPARD_CLASS, FOX_CLASS = 288, 277  # of ImageNet-1k


def region() -> tuple[Species, ...]:
    return load_species(find_config("species.yaml"))


@pytest.fixture(scope="module")
def network() -> Callable[..., SpeciesNetwork]:
    def load(species: tuple[Species, ...], **changes: float) -> SpeciesNetwork:
        settings: SpeciesSettings = load_settings(environment={}).species.model_copy(update=changes)
        weights = registry.weights_path(settings.model)
        return SpeciesNetwork(weights, registry.weights_path("kind-head"), species, settings)

    return load


def plain_crops(count: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (count, CROP_SIZE, CROP_SIZE, 3)).astype(np.uint8)


def test_without_a_crop_there_is_no_name(network: Callable[..., SpeciesNetwork]) -> None:
    assert network(region())(np.empty((0, CROP_SIZE, CROP_SIZE, 3), np.uint8)) == NAMELESS


def test_the_kinds_and_the_species_are_probabilities(network: Callable[..., SpeciesNetwork]) -> None:
    name = network(region())(plain_crops(3))
    assert set(name.kinds) == {Kind.ANIMAL, Kind.PERSON, Kind.VEHICLE}
    assert sum(name.kinds.values()) == pytest.approx(1, abs=1e-5)
    assert len(name.scores) == 5
    assert list(name.scores.values()) == sorted(name.scores.values(), reverse=True)
    assert name.probability == max(name.scores.values()) <= 1
    assert 0 < sum(name.scores.values()) <= 1 + 1e-6


def test_crops_are_averaged_in_any_order(network: Callable[..., SpeciesNetwork]) -> None:
    ask, crops = network(region()), plain_crops(3)
    forward, backward = ask(crops), ask(crops[::-1])
    assert forward.scores == pytest.approx(backward.scores, abs=1e-5)
    assert ask(np.repeat(crops, 2, axis=0)).scores == pytest.approx(forward.scores, abs=1e-5)


def test_what_is_not_sure_enough_is_unknown_but_its_scores_remain(network: Callable[..., SpeciesNetwork]) -> None:
    crops = plain_crops(2)
    bold = network(region(), min_probability=0.0, min_region_share=0.0)(crops)
    shy = network(region(), min_probability=1.0, min_region_share=0.0)(crops)
    assert bold.species == next(iter(bold.scores))
    assert shy == replace(bold, species="unknown")


def test_what_does_not_look_like_anything_of_the_region_is_unknown(network: Callable[..., SpeciesNetwork]) -> None:
    bold = network(region(), min_probability=0.0, min_region_share=1.0)(plain_crops(2))
    assert bold.species == "unknown"


def test_only_the_species_of_the_region_are_named(network: Callable[..., SpeciesNetwork]) -> None:
    pair = (
        Species("leopard", "Panthera pardus", "leopard", "cats", False, (LEOPARD_CLASS,)),
        Species("fox", "Vulpes vulpes", "red fox", "dogs", False, (FOX_CLASS,)),
        Species("tiger", "Panthera tigris", "tiger", "cats", False, ()),  # no class speaks for it
    )
    name = network(pair)(plain_crops(2))
    assert set(name.scores) == {"leopard", "fox"}
    assert sum(name.scores.values()) == pytest.approx(1)


@pytest.mark.parametrize("broken", ["species", "head"])
def test_weights_that_are_no_network_are_refused(tmp_path: Path, broken: str) -> None:
    settings = load_settings(environment={}).species
    files = {"species": registry.weights_path(settings.model), "head": registry.weights_path("kind-head")}
    files[broken] = tmp_path / "broken.onnx"
    files[broken].write_bytes(b"half a download " * 100)
    with pytest.raises(ModelError, match=r"broken\.onnx: ONNX Runtime cannot load this network"):
        SpeciesNetwork(files["species"], files["head"], region(), settings)


@pytest.mark.footage
def test_crops_of_amur_leopards_are_named_so(footage: Path, network: Callable[..., SpeciesNetwork]) -> None:
    """As if all photos that are framed as a trap frames them were one track."""
    folder = footage / "stills" / "amur-leopard"
    crops = []
    with (folder / "boxes.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            if row["trap_like"] == "1":
                left, top, right, bottom = (float(row[name]) for name in ("x1", "y1", "x2", "y2"))
                picture = cv2.imread(str(folder / row["file"]))
                assert picture is not None
                crops.append(crop(picture.astype(np.uint8), (left, top, right - left, bottom - top), CROP_SIZE))

    name = network(region())(np.stack(crops))

    assert len(crops) == 9
    assert name.species == "leopard"
    assert name.kinds[Kind.ANIMAL] > 0.9
