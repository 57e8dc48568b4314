"""The learned classifier: a small temporal network over a track's cues, run by ONNX Runtime.

The file says itself which behaviours it names, how long their bouts last at least, and on which grid it was trained.
How it was trained, on what, and how well it does is in its card, `models/weights/behaviour.md`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime

from pipeline.behaviour.classifier import Scene, hold_back, passing_by, rule_out
from pipeline.behaviour.cues import CUES, FAMILIES, LOOK, Cues, cues_of, mirrored, without_family
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.errors import ModelError
from pipeline.values import Array

FAMILIAR = "familiar"  # the output that tells strangers


@lru_cache(maxsize=1)
def _cues_of_all(scene: Scene) -> tuple[Cues, ...]:
    """Every track's cues: one thing after another is asked of each."""
    return tuple(cues_of(scene.samples, scene.features, scene.aspect, number) for number in range(len(scene.samples)))


class BehaviourNetwork:
    """A behaviour network, loaded once in each worker."""

    def __init__(self, weights: Path) -> None:
        """Load it.

        Raises:
            ModelError: ONNX Runtime cannot load the file, or it was made for another version.
        """
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1  # too small to share out
        try:
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
            said = self._session.get_modelmeta().custom_metadata_map
            self._codes = tuple(json.loads(said["codes"]))
            self._shortest_s = dict(json.loads(said["shortest_s"]))
            cues = tuple(json.loads(said["cues"]))
            self._look_size = int(self._session.get_inputs()[1].shape[2])
            told = [output.name for output in self._session.get_outputs()]
        except Exception as error:  # ONNX Runtime's own errors share no narrower base
            raise ModelError(
                f"{weights}: this is no behaviour network, or a damaged one; put another in its place ({error})"
            ) from error
        if cues != CUES or UNKNOWN not in self._codes or FAMILIAR not in told:
            raise ModelError(
                f"{weights}: this behaviour network was made for another version;"
                " train it again with `ethotrap train behaviour`"
            )

    @property
    def codes(self) -> tuple[str, ...]:
        """The behaviours that it can name, with `unknown` among them."""
        return self._codes

    @property
    def shortest_s(self) -> Mapping[str, float]:
        """Seconds that a bout of a behaviour lasts at least."""
        return self._shortest_s

    def __call__(self, scene: Scene, number: int) -> Array:
        """Probability of each behaviour at each sample of one animal: (n, len(codes)), each row summing to 1.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        return self.from_cues(self.cues(scene, number), scene, number)

    def from_cues(self, cues: Cues, scene: Scene, number: int) -> Array:
        """As calling does, from cues that were made already, or of which some were left out: (n, len(codes))."""
        grid = self.on_grid(cues)
        t = scene.samples[number].t
        probabilities = np.stack([np.interp(t, cues.t, column) for column in grid.T], axis=1)
        possible = passing_by(rule_out(probabilities, self._codes, scene, number), self._codes, scene, number)
        return hold_back(possible, self._codes, scene.features[number])

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        """By family of cues, how far the belief in each behaviour falls at each sample if it is left out: (n, k).

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        cues = self.cues(scene, number)
        families = [name for name in FAMILIES if name != "quality"]
        without = [cues, *(without_family(cues, family) for family in families), without_family(cues, LOOK)]
        values = np.stack([one.values for one in without])
        embedding = np.stack([one.embedding for one in without])
        (found,) = self._session.run(["probabilities"], {"cues": values, "embedding": embedding})
        falls = np.asarray(found[:1] - found[1:], dtype=float)
        t = scene.samples[number].t
        return {
            name: np.stack([np.interp(t, cues.t, column) for column in fall.T], axis=1)
            for name, fall in zip([*families, LOOK], falls, strict=True)
        }

    def familiar(self, scene: Scene, number: int) -> float:
        """How far one animal looks like those learned from: near 0 for a stranger, 1 if it was not looked at.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        cues = self.cues(scene, number)
        asked = {"cues": cues.values[None], "embedding": cues.embedding[None]}
        return float(self._session.run([FAMILIAR], asked)[0][0])

    def cues(self, scene: Scene, number: int) -> Cues:
        """The track's cues; where no crop was looked at, with the features of none."""
        cues = _cues_of_all(scene)[number]
        if cues.embedding.shape[1] == self._look_size:
            return cues
        return replace(cues, embedding=np.zeros((len(cues.t), self._look_size), dtype=np.float32))

    def on_grid(self, cues: Cues) -> Array:
        """(len(cues.t), len(codes)) probabilities on the network's own grid.

        A scene and its mirror image are the same behaviour, so both are asked.
        """
        both = np.stack([cues.values, mirrored(cues.values)])
        embedding = np.stack([cues.embedding, cues.embedding])
        (found,) = self._session.run(["probabilities"], {"cues": both, "embedding": embedding})
        return np.asarray(np.asarray(found, dtype=float).mean(axis=0))
