"""Bootstrap over videos: what other videos of the same kind might have given."""

import numpy as np

from models.evaluate.behaviour.scores import Estimate
from pipeline.values import Array

LEVEL = 0.95


def draw(videos: int, draws: int, seed: int) -> Array | None:
    """How often each video is in each bootstrap sample.

    Args:
        videos: how many there are.
        draws: how many samples.
        seed: the same seed, the same samples.

    Returns:
        (draws, videos), each row summing to `videos`; None where one video or none would be drawn again and again.
    """
    if videos < 2 or draws < 1:
        return None
    random = np.random.default_rng(seed)
    return random.multinomial(videos, np.full(videos, 1 / videos), size=draws).astype(float)


def resampled(by_video: Array, weights: Array | None) -> Array | None:
    """Sums over the videos of each sample: (v, ...) and (b, v) to (b, ...)."""
    if weights is None:
        return None
    flat = weights @ by_video.reshape(len(by_video), -1)
    return np.asarray(flat.reshape(len(weights), *by_video.shape[1:]))


def estimate(value: float | Array, samples: Array | None) -> Estimate:
    """A value with the middle 95 % of its samples; NaN is None, and samples that are NaN say nothing."""
    number = float(value)
    if np.isnan(number):
        return Estimate(None)
    known = np.array([]) if samples is None else samples[~np.isnan(samples)]
    if not len(known):
        return Estimate(number)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(number, float(low), float(high))
