"""What every classifier of behaviour has in common: what it is given, what it gives, and when it must hold back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.values import Array, Features, Samples

MARKING = frozenset({"spray", "rub", "scrape", "claw"})
MARKING_TREE_TAG = "markingTree"
BRIEF_S = 1.0  # seconds below which a track says nothing of a behaviour
HIDDEN_SHARE, EDGE_SHARE = 0.2, 0.6  # what is left of a belief while the animal is hardly seen, or cut by the edge


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All animals of one video, as a classifier is given them."""

    samples: tuple[Samples, ...]
    features: tuple[Features, ...]  # of the same animals, in the same order
    aspect: float  # the picture's width over its height, pixels


class Classifier(Protocol):
    """Names behaviours from what was measured of a video's animals."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The behaviours that it can name, with `unknown` among them."""
        ...

    @property
    def shortest_s(self) -> Mapping[str, float]:
        """Seconds that a bout of a behaviour lasts at least, where it knows."""
        ...

    def __call__(self, scene: Scene, number: int) -> Array:
        """Probability of each behaviour at each sample of one animal: (n, len(codes)), each row summing to 1.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        ...

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        """By family of cues, how far the belief in each behaviour falls at each sample if it is left out: (n, k).

        Empty if the classifier cannot tell.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        ...


def hold_back(probabilities: Array, codes: tuple[str, ...], features: Features) -> Array:
    """Less belief, and more `unknown`, where the animal is hardly seen, cut off by the picture's edge, or gone at once.

    Args:
        probabilities: (n, k), rows summing to 1.
        codes: of the columns.
        features: of the same track.

    Returns:
        (n, k), rows summing to 1.
    """
    share = np.where(features.visible, 1.0, HIDDEN_SHARE) * np.where(features.edge, EDGE_SHARE, 1.0)
    if features.t[-1] - features.t[0] < BRIEF_S:
        share *= HIDDEN_SHARE
    held = probabilities * share[:, None]
    held[:, codes.index(UNKNOWN)] += 1 - share
    return np.asarray(held / held.sum(axis=1, keepdims=True))


def with_site(probabilities: Array, codes: tuple[str, ...], tags: tuple[str, ...], odds: float) -> Array:
    """Beliefs that know where the trap hangs: at a marking tree, scent-marking is likelier than elsewhere.

    Bayes' rule with one more factor: the odds of each kind of marking are multiplied.

    Args:
        probabilities: (n, k), rows summing to 1.
        codes: of the columns.
        tags: of the deployment, such as "markingTree:true".
        odds: how many times as likely marking is at a marking tree as the classifier takes it to be; 1 changes nothing.
    """
    said = {tag.partition(":")[0].strip(): tag.partition(":")[2].strip().lower() for tag in tags}
    if said.get(MARKING_TREE_TAG, "false") not in ("", "true", "yes", "1"):
        return probabilities
    weighted = probabilities * np.array([odds if code in MARKING else 1.0 for code in codes])
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))
