"""How far two ONNX files of the same network are apart."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

# What 32-bit sums in another order may change, with some room: the largest differences seen between ONNX Runtime and
# PyTorch are 0.0015 of a pixel, 0.0000015 of a score, 0.000001 of a probability and 0.000007 of a feature.
TOLERANCES = {"box": 1e-2, "score": 1e-5, "probabilities": 1e-5, "features": 1e-4}

Outputs = dict[str, NDArray[np.float32]]


def run(file: Path, batch: NDArray[np.float32]) -> Outputs:
    """The outputs of an ONNX file by name; a detector's single output is split into `box` and `score`.

    Args:
        file: with one input.
        batch: (n, 3, height, width).
    """
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    values = session.run(names, {session.get_inputs()[0].name: batch})
    outputs = dict(zip(names, values, strict=True))
    if "output0" in outputs:
        return {"box": outputs["output0"][:, :4], "score": outputs["output0"][:, 4:]}
    return outputs


def largest_differences(one: Outputs, other: Outputs) -> dict[str, float]:
    """By name, the largest difference between two answers to the same batch."""
    return {name: float(np.abs(one[name] - other[name]).max()) for name in one}


def within_tolerance(differences: dict[str, float]) -> bool:
    """Whether each difference is one that the runtime's arithmetic explains."""
    return all(difference <= TOLERANCES[name] for name, difference in differences.items())


def random_batches(sizes: Sequence[tuple[int, int]], scale: float, seed: int = 0) -> list[NDArray[np.float32]]:
    """One batch of two random pictures a size, values from 0 to `scale`, the same every time.

    Args:
        sizes: height, width in pixels.
        scale: 1 for the detector, 255 for the species network.
        seed: another seed gives other pictures.
    """
    chance = np.random.default_rng(seed)
    return [(chance.random((2, 3, height, width)) * scale).astype(np.float32) for height, width in sizes]
