"""Two animals that are near each other, judged together: both play, or the one hunts the other.

A network is asked about one animal at a time, and may believe that one of two plays while the other is chased.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pipeline.behaviour.classifier import Asking, Scene
from pipeline.behaviour.pairs import where_near
from pipeline.values import Array

PLAY, CHASE = "play", "chase"
# Set on simulated clips (60 of chases and play of the test split, 182 of the validation split): if either counts once,
# 13 % of the time in chases is still taken for play, and nothing of play for a chase.
CHASE_ODDS = 2.0
BY_THE_OTHERS = "the others"  # stands among the families of cues for what the animals near it added


@dataclass(frozen=True, slots=True)
class Together(Asking):
    """A classifier whose beliefs in play and in a chase are weighed anew for animals near each other."""

    def __call__(self, scene: Scene, number: int) -> Array:
        """Probability of each behaviour at each sample of one animal: (n, len(codes)), each row summing to 1.

        What is believed of play and of a chase together stays as it is. Wherever another animal is near, it is shared
        out as the beliefs in each are to each other, summed over all of them, a chase counting `CHASE_ODDS` times.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        beliefs = _of_all(self, scene)
        near = where_near(scene.samples, scene.features, scene.aspect, number)
        if not near or not {PLAY, CHASE} <= set(self.codes):
            return beliefs[number]
        both = [self.codes.index(PLAY), self.codes.index(CHASE)]
        own = beliefs[number][:, both]
        t, of_all = scene.samples[number].t, own.copy()
        for other, there in near.items():
            theirs = beliefs[other][:, both].T
            of_all += there[:, None] * np.stack([np.interp(t, scene.samples[other].t, one) for one in theirs], axis=1)
        of_all *= (1.0, CHASE_ODDS)
        shares = of_all / of_all.sum(axis=1, keepdims=True).clip(1e-9)
        result = beliefs[number].copy()
        with_another = np.any(list(near.values()), axis=0)
        result[:, both] = np.where(with_another[:, None], own.sum(axis=1, keepdims=True) * shares, own)
        return result

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        """The classifier's, and under `BY_THE_OTHERS` what judging the animals together added: (n, k) each.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        added = self(scene, number) - _of_all(self, scene)[number]
        return {**self.classify.grounds(scene, number), BY_THE_OTHERS: added}


@lru_cache(maxsize=1)
def _of_all(together: Together, scene: Scene) -> tuple[Array, ...]:
    """What is believed of every animal by itself, which each of them asks for."""
    return tuple(together.classify(scene, number) for number in range(len(scene.samples)))
