"""The first classifier: rules over a track's motion, written down from the cue table of the ethogram.

It tells travel, chase, rest, vigilance and feeding apart as far as a box and the change inside it can, and says
`unknown` for the rest. It has been fitted to nothing, so its probabilities are degrees of belief, not calibrated. It
is what the learned classifier is compared with, speaks where that is not sure (`pipeline.behaviour.where_sure`), and
takes its place where `behaviour.model` is `rules`.
"""

from collections.abc import Mapping

import numpy as np

from pipeline.behaviour.classifier import GALLOP_SPEED, Scene, hold_back, rule_out
from pipeline.behaviour.depth import over_ground
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.over_time import smooth_over_time
from pipeline.values import Array, Features

TRAVEL_SPEED = 0.12  # body lengths/s from which an animal walks rather than shifts its weight
CALM_MOTION = 0.05  # share of changed cells below which nothing but noise and breath moves
LYING_STRETCH = 1.5  # width over height from which a box looks like a lying animal
HEAD_DOWN_HEIGHT = 0.9  # share of the track's own full height below which the head is probably low
REST_AFTER_S = 4.0  # an animal that has just stopped is not yet resting


class Rules:
    """See the module's description."""

    codes = ("travel", "chase", "rest", "vigilance", "feed", UNKNOWN)
    shortest_s: Mapping[str, float] = {}

    def __call__(self, scene: Scene, number: int) -> Array:
        """Probability of each behaviour at each sample of one animal: (n, len(codes)), each row summing to 1.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        features = scene.features[number]
        return hold_back(rule_out(self.beliefs(features), self.codes, scene, number), self.codes, features)

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        """Nothing: the rules know no families of cues."""
        return {}

    def beliefs(self, features: Features) -> Array:
        """Probability of each behaviour at each sample, however well the animal was seen.

        Each cue is a soft threshold (a logistic curve); a behaviour's weight is the product of the cues that speak for
        it, and what no behaviour claims falls to `unknown`.
        """
        calm = _below(_recent_motion(features), CALM_MOTION, 0.015)
        speed = over_ground(features)
        moving = _above(speed, TRAVEL_SPEED, 0.02)
        running = _above(speed, GALLOP_SPEED, 0.15)
        lying = _above(features.stretch, LYING_STRETCH, 0.15)
        head_down = _below(features.height / np.quantile(features.height, 0.9), HEAD_DOWN_HEIGHT, 0.04)
        settled = _above(_seconds_still(features), REST_AFTER_S, 0.5)
        still = 1 - moving
        rest = still * calm * settled * (0.25 + 0.75 * lying)
        feed = 0.8 * still * (1 - calm) * head_down
        weights = np.stack(
            [
                moving * (1 - running),
                moving * running,
                rest,
                0.9 * (still - rest - feed),
                feed,
                0.1 * still,
            ],
            axis=1,
        )
        weights[:, -1] += 1 - weights.sum(axis=1).clip(0, 1)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _above(values: Array, threshold: float, softness: float) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip((values - threshold) / softness, -50, 50))))


def _below(values: Array, threshold: float, softness: float) -> Array:
    return 1 - _above(values, threshold, softness)


def _recent_motion(features: Features) -> Array:
    known = ~np.isnan(features.inner_motion)
    if not known.any():
        return np.zeros(len(features.t))
    filled = np.interp(features.t, features.t[known], features.inner_motion[known])
    return smooth_over_time(features.t, filled, 1.5)


def _seconds_still(features: Features) -> Array:
    """How long the animal has been and will be in place around each sample, seconds."""
    still = over_ground(features) < TRAVEL_SPEED
    lasting = np.zeros(len(still))
    start = 0
    for i in range(1, len(still) + 1):
        if i == len(still) or still[i] != still[start]:
            if still[start]:
                lasting[start:i] = features.t[i - 1] - features.t[start]
            start = i
    return lasting
