"""MegadetectorLite: from zamba's YOLOX-tiny checkpoint to an ONNX file that Ultralytics takes for one of its own."""

import copy
import io
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.build.export import describe_for_ultralytics, export_onnx
from models.build.wheels import YOLOX, ZAMBA, importable, read_member

CHECKPOINT = "zamba/object_detection/yolox/assets/yolox_tiny_640_20220528.pth"
STRIDES = (8, 16, 32)
TRACED_SIZE = (384, 640)  # height, width: the shape of a trap's picture


class UltralyticsLayout(nn.Module):
    """A YOLOX network that takes and gives what Ultralytics' own exports take and give.

    Input: (n, 3, height, width) RGB, 0..1, both sides multiples of 32.
    Output: (n, 4 + classes, boxes): centre x, centre y, width, height in pixels, then objectness times class score.

    YOLOX decodes a box as (offset + cell) * stride and exp(size) * stride (https://arxiv.org/abs/2107.08430, 2.1).
    The network was trained on BGR, 0..255, so both changes are part of the graph.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.backbone = network.backbone
        self.head = network.head
        self.head.decode_in_inference = False

    def forward(self, images: Tensor) -> Tensor:
        """Boxes and scores for a batch, laid out as the class says."""
        bgr = images[:, [2, 1, 0]] * 255.0
        raw = self.head(self.backbone(bgr)).transpose(1, 2)
        cells, strides = _cells(images.shape[2], images.shape[3])
        return torch.cat(
            (raw[:, :2] * strides + cells, raw[:, 2:4].exp() * strides, raw[:, 4:5] * raw[:, 5:]),
            dim=1,
        )


def _cells(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Top left corner (2, boxes) and stride (boxes,) of every cell, in pixels, finest grid first, row by row."""
    corners, strides = [], []
    for stride in STRIDES:
        rows = torch.arange(height // stride).float()
        columns = torch.arange(width // stride).float()
        y, x = torch.meshgrid(rows, columns, indexing="ij")
        corners.append(torch.stack((x.flatten(), y.flatten())) * stride)
        strides.append(torch.full_like(x.flatten(), float(stride)))
    return torch.cat(corners, dim=1), torch.cat(strides)


def load_original() -> Any:
    """The PyTorch network as zamba ships it, in evaluation mode: input (n, 3, h, w) BGR 0..255.

    Raises:
        ModelError: the pinned wheels cannot be had.
    """
    importable(YOLOX)
    from yolox.config import YoloxConfig

    config = YoloxConfig.get_named_config("yolox_tiny")
    config.num_classes = 1
    network = config.get_model()
    checkpoint = torch.load(io.BytesIO(read_member(ZAMBA, CHECKPOINT)), map_location="cpu", weights_only=True)
    network.load_state_dict(checkpoint["model"])
    return network.eval()


def write(network: Any, target: Path) -> None:
    """Write a YOLOX network as an ONNX file with the metadata that Ultralytics reads.

    Args:
        network: as `load_original` gives it, or what was taught since.
        target: the file; its folder must exist.
    """
    axes = {"images": {0: "batch", 2: "height", 3: "width"}, "output0": {0: "batch", 2: "boxes"}}
    layout = UltralyticsLayout(copy.deepcopy(network))  # whose boxes it leaves undecoded
    export_onnx(layout.eval(), torch.zeros(1, 3, *TRACED_SIZE), target, axes)
    describe_for_ultralytics(
        target,
        names={0: "animal"},
        image_size=TRACED_SIZE,
        description="MegadetectorLite (zamba 2.7.2, YOLOX-tiny)",
        licence="MIT (zamba), Apache-2.0 (YOLOX)",
    )
