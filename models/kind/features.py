"""What the species network sees in a crop, as the numbers that the head works on."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

BATCH = 16


def features(weights: Path, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """The species network's pooled features, (n, 1280).

    Args:
        weights: the species network's ONNX file.
        crops: n of (224, 224, 3), blue, green, red.
    """
    network = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    batches = []
    for start in range(0, len(crops), BATCH):
        rgb = np.stack(crops[start : start + BATCH])[..., ::-1]
        batches.append(network.run(["features"], {"crops": rgb.transpose(0, 3, 1, 2).astype(np.float32)})[0])
    return np.concatenate(batches)
