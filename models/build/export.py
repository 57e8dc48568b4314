"""PyTorch network to ONNX file, the same bytes every time."""

import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

OPSET = 17


def export_onnx(network: nn.Module, example: Tensor, target: Path, axes: dict[str, dict[int, str]]) -> None:
    """Trace `network` on one example input and write it.

    Args:
        network: in evaluation mode, one input.
        example: an input of a typical shape.
        target: the file to write; its folder must exist.
        axes: name of the input, then of each output, with the axes that may change and what to call them.
    """
    names = list(axes)
    with torch.no_grad(), warnings.catch_warnings():
        # The newer exporter takes about ten times as long, for the same network.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Arithmetic on shapes is meant to be traced, and what cannot be folded into a constant is computed at run time.
        warnings.filterwarnings("ignore", category=torch.jit._trace.TracerWarning)
        warnings.filterwarnings("ignore", "Constant folding", UserWarning)
        torch.onnx.export(
            network,
            (example,),
            str(target),
            input_names=names[:1],
            output_names=names[1:],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


def describe_for_ultralytics(
    target: Path, names: dict[int, str], image_size: tuple[int, int], description: str, licence: str
) -> None:
    """Add to an ONNX file what `ultralytics.YOLO` reads from it, so that it takes the file for its own.

    Args:
        target: the file, with input (n, 3, height, width) and output (n, 4 + classes, boxes), any multiple of 32 high
            and wide.
        names: class number to name.
        image_size: height, width in pixels at which it is meant to run.
        description: what it is.
        licence: of the weights.
    """
    model = onnx.load(target)
    metadata = {
        "description": description,
        "license": licence,
        "task": "detect",
        "names": names,
        "stride": 32,
        "imgsz": list(image_size),
        "batch": 1,
        "channels": 3,
        "args": {"dynamic": True, "nms": False},
    }
    onnx.helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    onnx.save(model, target)
