"""What is known of the place before the animal comes: at a marked tree, scent-marking is likelier than elsewhere."""

import numpy as np

from pipeline.behaviour.classifier import Scene
from pipeline.values import Array

MARKING = frozenset({"spray", "rub", "scrape", "claw"})
AT_TREE = 0.5  # body lengths between an animal's box and the trunk up to which it is at the tree: a tail reaches so far


def tree_distance(scene: Scene, number: int) -> Array:
    """(n,) body lengths across the picture between an animal's box and the marked trunk; 0 where they overlap.

    How far away things are is not known, so an animal that passes before or behind the tree is at it as well. NaN
    where no tree is known of, or not where it stands.

    Args:
        scene: all animals of the video.
        number: which of them, from 0.
    """
    features = scene.features[number]
    if scene.tree is None or scene.tree.trunk is None:
        return np.full(len(features.t), np.nan)
    left, right = scene.tree.trunk
    x, _, w, _ = scene.samples[number].scene_boxes.T
    gap = np.maximum(left - (x + w), x - right).clip(min=0)
    return np.asarray(gap / features.body_length)


def with_site(probabilities: Array, codes: tuple[str, ...], scene: Scene, number: int, odds: float) -> Array:
    """Beliefs that know where the trap hangs: at a marked tree, scent-marking is likelier.

    Bayes' rule with one more factor: the odds of each kind of marking are multiplied; where it is known in which part
    of the picture the tree stands, only while the animal is at it.

    Args:
        probabilities: (n, k), rows summing to 1.
        codes: of the columns.
        scene: all animals of the video.
        number: which of them the probabilities are about, from 0.
        odds: how many times as likely marking is at a marked tree as the classifier takes it to be; 1 changes nothing.
    """
    if scene.tree is None:
        return probabilities
    is_at_it = ~(tree_distance(scene, number) > AT_TREE)  # also where the distance is not known
    weighted = probabilities * np.where(np.outer(is_at_it, [code in MARKING for code in codes]), odds, 1.0)
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))
