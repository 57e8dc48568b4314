"""The head itself: a multinomial logistic regression, and the ONNX file that holds it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression

from pipeline.values import Array, Kind

KINDS = (Kind.ANIMAL, Kind.PERSON, Kind.VEHICLE)  # the order of the outputs
PENALTY = 0.01  # inverse strength of the quadratic penalty, chosen by cross-validation over the training photos
SMALLEST_SPREAD = 0.05  # keeps features that hardly ever vary from being blown up
OPSET = 17


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A linear layer on the species network's features, to be followed by a softmax."""

    weights: Array  # (features, kinds)
    bias: Array  # (kinds,)

    def probabilities(self, features: NDArray[np.float32]) -> Array:
        """(n, kinds), each row summing to 1, for (n, features)."""
        scores = np.asarray(features @ self.weights + self.bias, dtype=float)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit(features: NDArray[np.float32], kinds: NDArray[np.int64]) -> Head:
    """The head that tells the kinds apart best, each kind counting the same however many crops it has.

    Args:
        features: (n, features) of the training crops.
        kinds: (n,) positions in `KINDS`.
    """
    mean, spread = features.mean(axis=0), features.std(axis=0) + SMALLEST_SPREAD
    model = LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=500)
    model.fit((features - mean) / spread, kinds)
    weights = (model.coef_ / spread).T
    return Head(weights, model.intercept_ - mean @ weights)


def write(head: Head, target: Path) -> None:
    """Write the head as ONNX: `features` (n, features) -> `probabilities` (n, kinds)."""
    inputs, outputs = head.weights.shape
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["features", "weights", "bias"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        ],
        "kind-head",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["crops", inputs])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["crops", outputs])],
        [
            numpy_helper.from_array(head.weights.astype(np.float32), "weights"),
            numpy_helper.from_array(head.bias.astype(np.float32), "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    helper.set_model_props(model, {"kinds": ",".join(KINDS)})
    onnx.checker.check_model(model)
    onnx.save(model, target)
