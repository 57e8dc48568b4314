"""Gradient boosting on windows of cues: what the temporal network is compared with. It does not ship."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from models.behaviour.examples import Example
from pipeline.behaviour.classifier import Scene, hold_back, rule_out
from pipeline.behaviour.cues import RATE_HZ, Cues, cues_of, mirrored
from pipeline.values import Array

WINDOWS_S = (1.0, 3.0)  # widths over which means and spreads are taken
EVERY = 6  # of the steps to learn from: neighbours' windows are nearly alike, and trees are slow to grow


@dataclass(frozen=True, slots=True)
class Boosting:
    """A classifier of windows, with the call that every classifier has."""

    trees: HistGradientBoostingClassifier
    codes: tuple[str, ...]
    shortest_s: Mapping[str, float]

    def __call__(self, scene: Scene, number: int) -> Array:
        """Probability of each behaviour at each sample of one animal: (n, len(codes)), each row summing to 1."""
        cues = cues_of(scene.samples, scene.features, scene.aspect, number)
        grid = np.full((len(cues.t), len(self.codes)), 1e-6)
        turned = Cues(cues.t, mirrored(cues.values), cues.embedding)
        said = (self.trees.predict_proba(windows(cues)) + self.trees.predict_proba(windows(turned))) / 2
        grid[:, self.trees.classes_] += said
        grid /= grid.sum(axis=1, keepdims=True)
        t = scene.samples[number].t
        said = np.stack([np.interp(t, cues.t, column) for column in grid.T], axis=1)
        return hold_back(rule_out(said, self.codes, scene, number), self.codes, scene.features[number])

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        """Nothing: it is asked for no reasons."""
        return {}


def boost(examples: Sequence[Example], codes: tuple[str, ...], shortest_s: Mapping[str, float], seed: int) -> Boosting:
    """Learn from examples, every sixth step with a label once as it is and once mirrored.

    Args:
        examples: to learn from.
        codes: the behaviours that their labels are positions in.
        shortest_s: seconds that a bout of a behaviour lasts at least.
        seed: of the trees.
    """
    rows, labels = [], []
    for example in examples:
        known = np.flatnonzero(example.labels >= 0)[::EVERY]
        for values in (example.cues.values, mirrored(example.cues.values)):
            rows.append(windows(Cues(example.cues.t, values, example.cues.embedding))[known])
            labels.append(example.labels[known])
    trees = HistGradientBoostingClassifier(
        max_iter=30,
        learning_rate=0.2,
        max_leaf_nodes=15,
        max_bins=63,
        l2_regularization=1.0,
        class_weight="balanced",
        random_state=seed,
    )
    return Boosting(trees.fit(np.concatenate(rows), np.concatenate(labels)), codes, shortest_s)


def windows(cues: Cues) -> Array:
    """(n, 5 d) each step's cues with their means and spreads over the windows around it."""
    n = len(cues.t)
    columns = [cues.values]
    total = np.concatenate([np.zeros((1, cues.values.shape[1])), np.cumsum(cues.values, axis=0, dtype=float)])
    squares = np.concatenate([np.zeros((1, cues.values.shape[1])), np.cumsum(cues.values.astype(float) ** 2, axis=0)])
    for width in WINDOWS_S:
        half = round(width * RATE_HZ / 2)
        first, last = (np.arange(n) - half).clip(0), (np.arange(n) + half + 1).clip(max=n)
        count = (last - first)[:, None]
        mean = (total[last] - total[first]) / count
        spread = np.sqrt(((squares[last] - squares[first]) / count - mean**2).clip(0))
        columns += [mean, spread]
    return np.concatenate(columns, axis=1)
