"""Teaching the detector: what is to be boxed, how pictures are varied, and what stays as it was."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.build.detector import load_original
from models.build.wheels import YOLOX, ZAMBA, fetch
from models.detector.measuring import found, matched
from models.detector.pictures import Picture, labelled
from models.detector.teaching import Lessons, teach
from models.detector.varying import fitted, mirrored, varied, windowed
from models.evaluate.truths import TrueAnimal
from pipeline.errors import ModelError
from pipeline.values import Detection, Kind

RED = (0, 0, 255)


def animal(box: tuple[float, float, float, float], visible: float, behaviour: str = "rest") -> TrueAnimal:
    return TrueAnimal("leopard", np.array([box]), np.array([visible]), (behaviour,))


def with_red(height: int, width: int, box: tuple[int, int, int, int]) -> Picture:
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    left, top, right, bottom = box
    pixels[top:bottom, left:right] = RED
    return Picture(pixels, np.array([box], dtype=float), ("travel",))


def red_in(picture: Picture) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(picture.pixels[..., 2] > picture.pixels[..., 0].astype(int) + 60)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@st.composite
def red_pictures(draw: st.DrawFn) -> Picture:
    height, width = draw(st.integers(120, 260)), draw(st.integers(160, 400))
    left, top = draw(st.integers(0, width - 60)), draw(st.integers(0, height - 60))
    return with_red(height, width, (left, top, left + draw(st.integers(30, 60)), top + draw(st.integers(30, 60))))


def test_who_is_hidden_is_not_to_be_boxed_and_who_reaches_out_of_the_picture_is_as_far_as_it_lies_in_it() -> None:
    hidden, half_out = animal((0.4, 0.4, 0.2, 0.2), 0.02), animal((0.9, 0.5, 0.2, 0.25), 0.5, "travel")
    picture = labelled(np.zeros((100, 200, 3), dtype=np.uint8), (hidden, half_out), 0)
    assert picture.behaviours == ("travel",)
    assert picture.boxes.tolist() == [[180, 50, 200, 75]]


def test_who_is_not_in_the_picture_has_no_box() -> None:
    gone = animal((np.nan,) * 4, 0.0)
    assert labelled(np.zeros((100, 200, 3), dtype=np.uint8), (gone,), 0).is_empty


@given(red_pictures())
def test_mirrored_twice_is_the_same_picture(picture: Picture) -> None:
    again = mirrored(mirrored(picture))
    assert np.array_equal(again.pixels, picture.pixels)
    assert again.boxes == pytest.approx(picture.boxes)


@given(red_pictures(), st.integers(0, 2**32 - 1))
def test_a_box_stays_on_its_animal_however_the_picture_is_framed(picture: Picture, seed: int) -> None:
    framed = windowed(mirrored(picture), np.random.default_rng(seed))
    shown = fitted(framed, (384, 640))
    assert shown.pixels.shape == (384, 640, 3)
    for box in shown.boxes:
        assert box == pytest.approx(red_in(shown), abs=3)


@given(red_pictures(), st.integers(0, 2**32 - 1))
def test_boxes_lie_within_the_varied_picture_and_each_has_its_behaviour(picture: Picture, seed: int) -> None:
    seen = varied(picture, np.random.default_rng(seed), greys=0.5)
    height, width = seen.pixels.shape[:2]
    assert len(seen.boxes) == len(seen.behaviours)
    assert (seen.boxes >= 0).all()
    assert (seen.boxes <= [width, height, width, height]).all()


def test_a_picture_that_turns_grey_has_no_colour_left() -> None:
    seen = varied(with_red(120, 160, (10, 10, 60, 60)), np.random.default_rng(0), greys=1.0)
    assert int(np.ptp(seen.pixels.astype(int), axis=2).max()) <= 6  # what JPEG makes of it


def test_a_box_that_covers_two_animals_counts_for_one() -> None:
    assert matched(np.array([[0.6], [0.7]])) == [False, True]
    assert matched(np.array([[0.6, 0.0], [0.55, 0.7]])) == [True, True]
    assert matched(np.empty((2, 0))) == [False, False]


def test_what_is_found_is_told_by_behaviour_and_what_lies_on_nothing_is_counted() -> None:
    picture = Picture(
        np.zeros((100, 100, 3), dtype=np.uint8), np.array([[0, 0, 50, 50], [60, 60, 90, 90]]), ("play", "rest")
    )

    def detect(_: NDArray[np.uint8]) -> list[Detection]:
        boxes = ((0.0, 0.0, 0.5, 0.5), 0.9), ((0.6, 0.0, 0.2, 0.2), 0.8), ((0.6, 0.6, 0.3, 0.3), 0.2)
        return [Detection(box, score, Kind.ANIMAL) for box, score in boxes]

    rows, beside = found([picture], detect)
    assert [(row.behaviour, row.boxes, row.share) for row in rows] == [
        ("play", 1, 1.0),
        ("rest", 1, 0.0),
        ("all", 2, 0.5),
    ]
    assert beside == 1.0


@pytest.fixture(scope="module")
def original() -> Any:
    for module in ("loguru", "pycocotools", "tabulate"):
        pytest.importorskip(module, reason=f"the original network's code needs {module}: install ethotrap[build]")
    try:
        for wheel in (YOLOX, ZAMBA):
            fetch(wheel)
    except ModelError as error:
        pytest.skip(f"the original weights are not cached and PyPI cannot be reached: {error}")
    return load_original()


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")
def test_neck_and_head_learn_and_the_original_and_the_backbone_stay(original: Any) -> None:
    chance = np.random.default_rng(1)
    noise = [Picture(chance.integers(0, 255, (90, 160, 3), dtype=np.uint8), np.empty((0, 4))) for _ in range(2)]
    lessons = Lessons([with_red(90, 160, (20, 20, 80, 70))], noise[:1], noise[1:])
    before = {name: value.clone() for name, value in original.state_dict().items()}
    told: list[tuple[int, int]] = []
    taught = teach(original, lessons, 2, 5, lambda done, of, _: told.append((done, of)))
    after = taught.state_dict()
    assert told == [(1, 2), (2, 2)]
    assert all(torch.equal(value, before[name]) for name, value in original.state_dict().items())
    learned = {
        name.split(".")[0] + name.split(".")[1] for name, value in after.items() if not torch.equal(value, before[name])
    }
    assert "backbonebackbone" not in learned
    assert any(name.startswith("head") for name in learned)
    assert any(name.startswith("backbone") for name in learned)
