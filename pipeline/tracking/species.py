"""Name a track: animal, person or vehicle, and if an animal, which of the region's species."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from pipeline.errors import ModelError
from pipeline.settings import SpeciesSettings
from pipeline.tracking.species_list import IMAGENET_CLASSES, Species, regional_probabilities
from pipeline.values import Kind

HEAD_KINDS = (Kind.ANIMAL, Kind.PERSON, Kind.VEHICLE)  # the order of the kind head's output
CROP_SIZE = 224  # pixels; what the shipped network was trained at


@dataclass(frozen=True, slots=True)
class Name:
    """What a track's best crops, averaged, say."""

    kinds: dict[Kind, float]  # probability of each kind by the kind head; empty without crops
    species: str  # a code of the region's list, or "unknown"
    probability: float  # 0..1, of that species among the region's; of the likeliest one if it is unknown
    scores: dict[str, float]  # of the five likeliest species, highest first
    region_share: float = 0.0  # 0..1, of all that the network believed the crops to show, on the region's species


NAMELESS = Name({}, "unknown", 0.0, {})


class SpeciesNetwork:
    """The species network with the kind head on its features. Load it once in each worker."""

    def __init__(self, weights: Path, head: Path, species: Sequence[Species], settings: SpeciesSettings) -> None:
        """Load both networks.

        Raises:
            ModelError: ONNX Runtime cannot load one of them.
        """
        self._network = _load(weights)
        self._head = _load(head)
        self._species = tuple(species)
        self._settings = settings

    def __call__(self, crops: NDArray[np.uint8]) -> Name:
        """Name what the crops of one track show.

        Args:
            crops: (n, CROP_SIZE, CROP_SIZE, 3) uint8, blue, green, red.
        """
        return self.name(self.read(crops))

    def read(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What both networks say of each crop, to be named from later.

        Args:
            crops: (n, CROP_SIZE, CROP_SIZE, 3) uint8, blue, green, red.

        Returns:
            (n, 1000 + len(HEAD_KINDS)) a probability of each of ImageNet's classes, then of each kind.
        """
        if not len(crops):
            return np.zeros((0, IMAGENET_CLASSES + len(HEAD_KINDS)), dtype=np.float32)
        probabilities, features = self._network.run(
            ["probabilities", "features"], {self._input(self._network): _planes(crops)}
        )
        (kinds,) = self._head.run(None, {self._input(self._head): features})
        return np.concatenate([probabilities, kinds], axis=1, dtype=np.float32)

    def name(self, readings: NDArray[np.float32]) -> Name:
        """Name what the crops of one track show, from what was read of them.

        Args:
            readings: (n, 1000 + len(HEAD_KINDS)) as `read` gives them, in any order; n may be 0.
        """
        if not len(readings):
            return NAMELESS
        probabilities, kinds = np.split(readings.astype(float), [IMAGENET_CLASSES], axis=1)
        scores, region_share = regional_probabilities(probabilities, self._species)
        ranked = dict(sorted(scores.items(), key=lambda item: -item[1])[:5])
        code, probability = next(iter(ranked.items()))
        sure = probability >= self._settings.min_probability and region_share >= self._settings.min_region_share
        return Name(
            kinds=dict(zip(HEAD_KINDS, kinds.mean(axis=0).tolist(), strict=True)),
            species=code if sure else "unknown",
            probability=probability,
            scores=ranked,
            region_share=region_share,
        )

    def describe(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The network's pooled features, which say what an animal looks like and how it holds itself.

        Args:
            crops: (n, CROP_SIZE, CROP_SIZE, 3) uint8, blue, green, red; n at least 1.

        Returns:
            (n, 1280).
        """
        (features,) = self._network.run(["features"], {self._input(self._network): _planes(crops)})
        return np.asarray(features, dtype=np.float32)

    @staticmethod
    def _input(session: onnxruntime.InferenceSession) -> str:
        return str(session.get_inputs()[0].name)


def _planes(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 3, h, w) red, green, blue as the network takes them."""
    rgb = np.stack([cv2.cvtColor(crop, cv2.COLOR_BGR2RGB) for crop in crops])
    return rgb.transpose(0, 3, 1, 2).astype(np.float32)


def _load(weights: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(weights), options, providers=onnxruntime.get_available_providers())
    except Exception as error:  # ONNX Runtime's own errors share no narrower base
        raise ModelError(f"{weights}: ONNX Runtime cannot load this network: {error}") from error
