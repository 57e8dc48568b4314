"""Animals that are near each other, judged together: what takes two is done by both, or by one with the other.

A network is asked about one animal at a time, and may believe that one of two plays while the other is chased.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pipeline.behaviour.classifier import Asking, Scene
from pipeline.behaviour.pairs import Beside, beside
from pipeline.values import Array

PLAY, CHASE = "play", "chase"
ALONE, AS_FAMILY = "travel", "family_travel"
MATING, GROOMS, FEEDS = "mating", "groom_other", "feed"
QUIET = ("rest", "vigilance", "groom_other")  # what one does that another grooms
# Set on simulated clips (60 of chases and play of the test split, 182 of the validation split): if either counts once,
# 13 % of the time in chases is still taken for play, and nothing of play for a chase.
CHASE_ODDS = 2.0
# Set on 114 simulated clips of the validation split, where 3 to 9 times came to the same, and twice to less.
GROOMS_ODDS = 3.0
SUREST = 0.99  # belief beyond which one of two is no surer that they mate, or do not
BY_THE_OTHERS = "the others"  # stands among the families of cues for what the animals near it added


@dataclass(frozen=True, slots=True)
class _Other:
    """One animal near another, at that one's n samples."""

    there: Beside
    beliefs: Array  # (n, k) what is believed of it by itself


_Weigh = Callable[[Array, tuple[str, ...], tuple[_Other, ...]], Array]


@dataclass(frozen=True, slots=True)
class Together(Asking):
    """A classifier whose beliefs in what takes two are weighed anew for animals near each other."""

    def __call__(self, scene: Scene, number: int) -> Array:
        """Probability of each behaviour at each sample of one animal: (n, len(codes)), each row summing to 1.

        Wherever another animal is near,

        - what is believed of play and of a chase together is shared out as the beliefs in each are to each other,
          summed over all of them, a chase counting `CHASE_ODDS` times;
        - likewise what is believed of travelling alone and with a family, both counting once;
        - the odds of mating are the animal's times those of the likeliest one that it touches, for two do it at once;
        - grooming another counts up to `GROOMS_ODDS` times against feeding, as far as one that it touches is believed
          to rest, to watch or to groom: a head that is lowered there is lowered on the other.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        return _judged(self, scene, number)

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


@lru_cache(maxsize=1)
def _judged(together: Together, scene: Scene, number: int) -> Array:
    """What is believed of one animal beside the others; its name and its grounds both ask, one after the other."""
    beliefs = _of_all(together, scene)
    others = _others(beliefs, scene, number)
    result = beliefs[number]
    if others:
        for weigh in _WEIGHED:
            result = weigh(result, together.codes, others)
    return result


def _others(beliefs: tuple[Array, ...], scene: Scene, number: int) -> tuple[_Other, ...]:
    t, found = scene.samples[number].t, []
    for other, there in beside(scene.samples, scene.features, scene.aspect, number).items():
        theirs = [np.interp(t, scene.samples[other].t, one) for one in beliefs[other].T]
        found.append(_Other(there, np.stack(theirs, axis=1)))
    return tuple(found)


def _shared(first: str, second: str, odds: float) -> _Weigh:
    """Between two behaviours of which all animals near each other do the same; `odds` of the second one."""

    def weigh(beliefs: Array, codes: tuple[str, ...], others: tuple[_Other, ...]) -> Array:
        if not {first, second} <= set(codes):
            return beliefs
        both = [codes.index(first), codes.index(second)]
        own = beliefs[:, both]
        of_all = own + sum(other.there.near[:, None] * other.beliefs[:, both] for other in others)
        of_all = of_all * (1.0, odds)
        shares = of_all / of_all.sum(axis=1, keepdims=True).clip(1e-9)
        with_another = np.any([other.there.near for other in others], axis=0)
        result = beliefs.copy()
        result[:, both] = np.where(with_another[:, None], own.sum(axis=1, keepdims=True) * shares, own)
        return result

    return weigh


def _mating(beliefs: Array, codes: tuple[str, ...], others: tuple[_Other, ...]) -> Array:
    if MATING not in codes:
        return beliefs
    place = codes.index(MATING)
    own = beliefs[:, place]
    theirs = np.max([other.there.touches * other.beliefs[:, place] for other in others], axis=0)
    both = _odds(own) * _odds(theirs)
    # Of what cannot be, such as mating of a stranger, of which it is not heard, the other knows no better.
    may = (own > 0) & np.any([other.there.touches for other in others], axis=0)
    weighed = np.where(may, both / (1 + both), own)
    result = beliefs * ((1 - weighed) / (1 - own).clip(1e-6))[:, None]
    result[:, place] = weighed
    return np.asarray(result / result.sum(axis=1, keepdims=True))


def _grooming(beliefs: Array, codes: tuple[str, ...], others: tuple[_Other, ...]) -> Array:
    if not {GROOMS, FEEDS} <= set(codes):
        return beliefs
    quiet = [codes.index(code) for code in QUIET if code in codes]
    touched = np.max([other.there.touches * other.beliefs[:, quiet].sum(axis=1) for other in others], axis=0)
    grooms, feeds = codes.index(GROOMS), codes.index(FEEDS)
    total = beliefs[:, grooms] + beliefs[:, feeds]
    counts = beliefs[:, grooms] * (1 + (GROOMS_ODDS - 1) * touched)
    share = counts / (counts + beliefs[:, feeds]).clip(1e-9)
    result = beliefs.copy()
    result[:, grooms], result[:, feeds] = total * share, total * (1 - share)
    return result


_WEIGHED: tuple[_Weigh, ...] = (
    _shared(PLAY, CHASE, CHASE_ODDS),
    _shared(ALONE, AS_FAMILY, 1.0),
    _mating,
    _grooming,
)


def _odds(belief: Array) -> Array:
    """Of a belief to that in the contrary, of which neither is taken to be surer than `SUREST`."""
    held = belief.clip(1 - SUREST, SUREST)
    return np.asarray(held / (1 - held))
