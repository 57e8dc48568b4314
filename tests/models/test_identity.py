from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from models.evaluate.identity import (
    Answer,
    crossed_answers,
    main,
    photo_answers,
    quality_of,
    read_photos,
    read_set,
    rejection,
    simulated_answers,
    table,
)
from models.identity.__main__ import fit_found, fit_same
from models.identity.logistic import fit_logistic
from models.simulate.coat_set import orders_of
from models.simulate.renderer import choose_renderer
from models.simulate.split import split_of
from pipeline.errors import ConfigError
from tests.individuals.painted import BOX, paint, seen_anew

if TYPE_CHECKING:
    from models.simulate.coat_views import CoatView


def answer(right: tuple[float, int], wrong: tuple[float, int], features: int = 200, rank: int | None = 1) -> Answer:
    return Answer("a", "day", "left", 0.9, features, rank, right, wrong, "b")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    x, y, w, h = BOX
    rows = ["file,x1,y1,x2,y2,trap_like"]
    for coat in range(3):
        cv2.imwrite(str(tmp_path / f"{coat}.png"), paint(coat)[0])
        rows.append(f"{coat}.png,{x},{y},{x + w},{y + h},1")
    (tmp_path / "boxes.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    """A set as coat_views writes it, painted instead of rendered."""
    for coat in range(3):
        rows = []
        for index, (picture, mask) in enumerate((paint(coat), seen_anew(*paint(coat), coat))):
            name = f"{coat:03}-{index}"
            cv2.imwrite(str(tmp_path / f"{name}.jpg"), picture)
            cv2.imwrite(str(tmp_path / f"{name}.png"), mask.astype(np.uint8) * 255)
            row = {"view": name, "individual": f"leopard {coat}", "flank": "right", "infrared": index == 1}
            rows.append(row | {"query": index == 1, "camera": index, "to_right": 0.8})
        (tmp_path / f"{coat:03}.json").write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path


def test_changed_copies_of_photos_find_their_originals(photos: Path) -> None:
    found = photo_answers(read_photos(photos))
    assert len(found) == 15
    assert np.mean([one.rank == 1 for one in found]) > 0.9


def test_photos_must_be_named() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["photos"])


def test_queries_of_a_set_find_their_individuals_and_are_told_apart_by_size(simulated: Path) -> None:
    found = simulated_answers(read_set(simulated), (1.0, 4.0))
    assert {one.group for one in found} == {"infrared, 300 px and more", "infrared, under 150 px"}
    assert all(one.rank == 1 for one in found if one.group == "infrared, 300 px and more")
    assert "| right | 6 |" in table(found, "flank", lambda one: one.flank)


def test_infrared_queries_are_asked_of_day_views_alone(simulated: Path) -> None:
    found = crossed_answers(read_set(simulated))
    assert [(one.group, one.rank) for one in found] == [("infrared against day alone", 1)] * 3


def test_a_picture_missing_from_a_set_is_named(simulated: Path) -> None:
    (simulated / "001-0.png").unlink()
    with pytest.raises(ConfigError, match="001-0"):
        read_set(simulated)


def test_a_folder_without_a_set_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="coat_set"):
        read_set(tmp_path)


def test_the_rejection_table_tells_known_from_new() -> None:
    rows = rejection([answer((9.0, 90), (0.1, 4))] * 9 + [answer((0.0, 0), (9.0, 90), rank=None)]).splitlines()
    assert rows[-1].split(" | ")[1:] == ["0.900", "0.100", "0.100 |"]


def test_quality_has_words() -> None:
    assert quality_of(answer((1, 1), (0, 0))) == "0.8 and more"


def test_a_logistic_fit_finds_the_weights_that_made_the_data() -> None:
    random = np.random.default_rng(1)
    inputs = random.normal(size=(20_000, 2))
    truth = random.random(20_000) < 1 / (1 + np.exp(-(0.5 + inputs @ [2.0, -1.0])))
    assert fit_logistic(inputs, truth.astype(float)) == pytest.approx([0.5, 2.0, -1.0], abs=0.1)


def test_a_logistic_fit_of_parted_data_stays_finite() -> None:
    inputs = np.linspace(-1, 1, 40)[:, None]
    base, weight = fit_logistic(inputs, (inputs[:, 0] > 0).astype(float))
    assert 5 < weight < 1000
    assert abs(base) < 1


def test_fitted_probabilities_rise_with_the_score_and_with_the_features() -> None:
    seen = [answer((4.0 + n / 5, 40), (0.2 + n / 40, 8)) for n in range(20)]
    unseen = [answer((0.0, 0), (0.2, 6), features=10 + n, rank=None) for n in range(20)]
    same = fit_same([*seen, *unseen])
    assert same @ [1, np.log1p(5.0)] > 2
    assert same @ [1, np.log1p(0.3)] < -2
    assert fit_found([*seen, *unseen], same)[1] > 0


def test_simulated_individuals_keep_to_the_coats_cameras_and_performances_of_their_split() -> None:
    individual, orders = orders_of(3, "validate")
    assert {split_of(seed) for one in orders for seed in (one.camera_seed, one.motion_seed)} == {"validate"}
    assert split_of(individual.coat) == "validate"


def photograph_right_flank(number: int) -> CoatView:
    from models.simulate.coat_views import photograph

    individual, orders = orders_of(number, "validate")
    return next(photograph(individual, [one for one in orders if one.flank == "right"]))


@pytest.mark.skipif(
    find_library("OSMesa") is None or find_spec("dm_control") is None, reason="needs libosmesa6 and the simulate extra"
)
def test_simulated_views_show_the_flank_that_was_asked_for() -> None:
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned, initializer=choose_renderer) as pool:
        view = pool.submit(photograph_right_flank, 3).result()
    assert view.flank == "right"
    assert view.to_right > 0
    assert view.picture.shape == (*view.mask.shape, 3)
    assert view.picture[view.mask].std() > 10
