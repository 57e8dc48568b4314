"""A detector of our own making that tells animals, people and vehicles apart, by colour.

Blue is an animal, red a person, green a vehicle; each gets one box around everything of its colour.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from models.build.export import describe_for_ultralytics, export_onnx

NAMES = {0: "animal", 1: "person", 2: "vehicle"}
SCORE = 0.9
STRENGTH = 0.3  # by how much, of full scale, a colour must exceed both others: video encoding dulls colours
REGISTRY = """
models:
  by-colour:
    file: by-colour.onnx
    task: detect
    licence: AGPL-3.0-or-later
    source: the tests
    classes: {0: animal, 1: person, 2: vehicle}
    image_size: [384, 640]
"""


class _ColourDetector(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        """Boxes (1, 7, 3) for pictures (1, 3, height, width), RGB, 0..1: one candidate a class."""
        red, green, blue = images[:, 0], images[:, 1], images[:, 2]
        lead = torch.stack(
            (
                blue - torch.maximum(red, green),
                red - torch.maximum(green, blue),
                green - torch.maximum(red, blue),
            ),
            dim=1,
        )
        strong = (lead > STRENGTH).float()
        left, right = _extent(strong.amax(dim=2))
        top, bottom = _extent(strong.amax(dim=3))
        box = torch.stack(((left + right) / 2, (top + bottom) / 2, right - left, bottom - top), dim=1)
        present = strong.amax(dim=(2, 3)) * SCORE
        return torch.cat((box, torch.eye(3).unsqueeze(0) * present.unsqueeze(1)), dim=1)


def _extent(present: Tensor) -> tuple[Tensor, Tensor]:
    """First and one past the last position at which `present` (1, classes, positions) is 1, in pixels."""
    positions = torch.cumsum(torch.ones_like(present), dim=2)
    last = (positions * present).amax(dim=2)
    length = positions.amax(dim=2)
    first = length - ((length.unsqueeze(2) - positions + 1) * present).amax(dim=2)
    return first * present.amax(dim=2), last


def write_three_class_network(path: Path) -> None:
    """Write the ONNX file, as `ultralytics.YOLO(path, task="detect")` loads it."""
    axes = {"images": {0: "batch", 2: "height", 3: "width"}, "output0": {0: "batch"}}
    export_onnx(_ColourDetector().eval(), torch.zeros(1, 3, 64, 96), path, axes)
    describe_for_ultralytics(path, NAMES, (384, 640), "finds colours; for tests only", "AGPL-3.0-or-later")


@contextmanager
def three_class_network_registered(folder: Path) -> Iterator[None]:
    """Have the network in a registry of its own, under the name `by-colour`.

    Args:
        folder: for both.
    """
    write_three_class_network(folder / "by-colour.onnx")
    (folder / "registry.yaml").write_text(REGISTRY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ETHOTRAP_REGISTRY", str(folder / "registry.yaml"))
        yield
