from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from models.registry import weights_path
from pipeline.settings import load_settings
from pipeline.tracking.crops import crop
from pipeline.tracking.detect import Detector
from pipeline.values import Kind

ORDER = (Kind.ANIMAL, Kind.PERSON, Kind.VEHICLE)
UNMISTAKABLE = {"vehicle": Kind.VEHICLE, "ocelot": Kind.ANIMAL, "american_black_bear": Kind.ANIMAL}


def ask(features: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(str(weights_path("kind-head")), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["probabilities"], {"features": features})[0])


def kinds_of(crops: list[NDArray[np.uint8]]) -> list[Kind]:
    return [ORDER[number] for number in beliefs_of(crops).argmax(axis=1)]


def beliefs_of(crops: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """(n, 3) in `ORDER`."""
    network = onnxruntime.InferenceSession(str(weights_path("efficientnet-lite0")), providers=["CPUExecutionProvider"])
    rgb = np.stack(crops)[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32)
    (features,) = network.run(["features"], {"crops": rgb})
    return ask(features)


def test_each_row_is_a_distribution_over_the_three_kinds() -> None:
    answers = ask(np.random.default_rng(0).random((7, 1280)).astype(np.float32))
    assert answers.shape == (7, 3)
    assert answers.sum(axis=1) == pytest.approx(np.ones(7), abs=1e-6)


def best_crop(footage: Path, still: str, grey: bool) -> NDArray[np.uint8]:
    """What the detector is surest of in a still."""
    picture = np.asarray(cv2.imread(str(footage / "stills" / "speciesnet" / f"{still}.jpg")), dtype=np.uint8)
    best = Detector(weights_path("megadetector-lite-tuned"), {0: Kind.ANIMAL}, 640, 0.1)(picture)[0]
    if grey:
        picture = np.repeat(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)[..., None], 3, axis=2)
    return crop(picture, best.box, 224)


@pytest.mark.footage
@pytest.mark.parametrize(
    ("still", "kind", "grey"),
    [
        ("human", Kind.PERSON, False),
        *((one, kind, grey) for one, kind in UNMISTAKABLE.items() for grey in (False, True)),
    ],
)
def test_what_a_trap_still_shows_is_told_in_colour_and_in_grey(
    footage: Path, still: str, kind: Kind, grey: bool
) -> None:
    assert kinds_of([best_crop(footage, still, grey)]) == [kind]


@pytest.mark.footage
def test_a_person_in_grey_behind_twigs_is_at_least_one_who_may_be(footage: Path) -> None:
    (beliefs,) = beliefs_of([best_crop(footage, "human", grey=True)])
    assert beliefs[ORDER.index(Kind.PERSON)] >= load_settings(environment={}).species.person_from


@pytest.mark.footage
def test_no_amur_leopard_is_taken_for_a_person_or_a_vehicle(footage: Path) -> None:
    folder = footage / "stills" / "amur-leopard"
    crops = []
    for line in (folder / "boxes.csv").read_text().splitlines()[1:]:
        file, *corners, _ = line.split(",")
        left, top, right, bottom = map(float, corners)
        picture = np.asarray(cv2.imread(str(folder / file)), dtype=np.uint8)
        crops.append(crop(picture, (left, top, right - left, bottom - top), 224))
    assert set(kinds_of(crops)) == {Kind.ANIMAL}
