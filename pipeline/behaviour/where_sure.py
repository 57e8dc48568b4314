"""A behaviour network where it knows its way, the rules where it does not.

The network that ships learned from simulated footage. It knows behaviours that the rules do not, and names animals that
look like those it learned from by itself. Of strangers, as all real animals are to it, it often believes a little in
many: there the rules, which have been fitted to nothing, do better. So each moment of a stranger is named by the one or
the other, as sure as the network is around it; and it must be surer to be believed that a stranger plays or marks than
that it walks or feeds, as all animals do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from pipeline.behaviour.classifier import Asking, Classifier, Scene
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.over_time import smooth_over_time
from pipeline.behaviour.rules import Rules
from pipeline.behaviour.together import Together
from pipeline.values import Array

AROUND_S = 1.0  # seconds over which the network's belief in what is likeliest is taken together
SOFTNESS = 0.05  # of belief, over which the one takes over from the other
EVERYDAY = frozenset({"travel", "family_travel", "chase", "rest", "vigilance", "feed", "groom", UNKNOWN})
UNCOMMON = 0.3  # belief that is needed beyond `sure_from` where a stranger does what is not everyday
BY_RULES = "rules"  # stands among the families of cues for what the rules added
_RULES = Rules()


class Learned(Classifier, Protocol):
    """A classifier that learned from animals, and can tell whether another looks like them."""

    def familiar(self, scene: Scene, number: int) -> float:
        """1 if one animal looks like those learned from, 0 if it does not."""
        ...


@dataclass(frozen=True, slots=True)
class WhereSure(Asking):
    """See the module's description."""

    classify: Learned  # a network that knows all behaviours of the rules
    sure_from: float  # belief, 0..1, in what a stranger likeliest does, be it `unknown`, from which the network is sure

    def __call__(self, scene: Scene, number: int) -> Array:
        """Probability of each behaviour at each sample of one animal: (n, len(codes)), each row summing to 1.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        believed, by_rules, sure = _all_heard(self, scene)[number]
        return np.asarray(sure * believed + (1 - sure) * by_rules)

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        """As the network says, as far as it was sure, and under `BY_RULES` what the rules added: (n, k) each.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        believed, by_rules, sure = _all_heard(self, scene)[number]
        said = {family: sure * fall for family, fall in self.classify.grounds(scene, number).items()}
        return {**said, BY_RULES: np.asarray((1 - sure) * (by_rules - believed))}


@lru_cache(maxsize=1)
def _all_heard(asked: WhereSure, scene: Scene) -> tuple[tuple[Array, Array, Array], ...]:
    """What is heard of every animal, which is asked for its name and again for its grounds."""
    return tuple(_heard(asked, scene, number) for number in range(len(scene.samples)))


def _heard(asked: WhereSure, scene: Scene, number: int) -> tuple[Array, Array, Array]:
    """What the network and the rules believe, (n, k) each, and how far it is the network that speaks, (n, 1)."""
    believed = asked.classify(scene, number)
    by_rules = np.zeros_like(believed)
    by_rules[:, [asked.codes.index(code) for code in _RULES.codes]] = _RULES(scene, number)
    t = scene.samples[number].t
    uncommon = np.array([code not in EVERYDAY for code in asked.codes], dtype=float)[believed.argmax(axis=1)]
    margin = smooth_over_time(t, believed.max(axis=1) - UNCOMMON * uncommon, AROUND_S) - asked.sure_from
    of_strangers = 1 / (1 + np.exp(-margin / SOFTNESS))
    familiar = asked.classify.familiar(scene, number)
    return believed, by_rules, (familiar + (1 - familiar) * of_strangers)[:, None]


def as_used(network: Learned, sure_from: float) -> Classifier:
    """A behaviour network as the settings want it used, animals near each other judged together.

    The network alone where `sure_from` is 0, and where it does not know what the rules know: an ethogram of a park's
    own may have left that out.

    Args:
        network: the network.
        sure_from: `behaviour.sure_from`, 0..1.
    """
    if sure_from == 0 or not set(Rules.codes) <= set(network.codes):
        return Together(network)
    return Together(WhereSure(network, sure_from))
