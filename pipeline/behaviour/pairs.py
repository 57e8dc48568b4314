"""Two animals at once: how a track moves and stands against the others of its video.

Play, chase, grooming of another and family travel cannot be told from one animal alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.over_time import slope_over_time
from pipeline.tracking.geometry import in_widths, interpolate, paired_iou
from pipeline.values import Array, Features, Samples

PAIR_CUES = ("company", "its size", "distance", "closing", "its speed", "same way", "behind it", "overlap", "how many")
NEARBY = 6.0  # body lengths beyond which another animal is no company
MANY = 3  # other animals from which on there are just many: simulated clips seldom have more
AT_ONCE_S = 0.1  # seconds before and after an animal's track in which it still counts as there
PAIR_FINE_S = 0.6  # seconds over which relative movement is measured


def pair_cues(samples: Sequence[Samples], features: Sequence[Features], aspect: float, number: int) -> Array:
    """What the nearest other animal does, sample by sample of one track. A thing is no company.

    Args:
        samples: of all animals of the video.
        features: of the same, in the same order.
        aspect: the picture's width over its height, pixels.
        number: the track whose samples are described, from 0.

    Returns:
        (n, len(PAIR_CUES)): company 0 or 1; its size as the logarithm of its body length over the own one; distance of
        the middles in own body lengths, as a logarithm; closing speed and its own speed in own body lengths/s,
        compressed; same way: the cosine between the two movements, 0 where either keeps its place; behind it: where the
        own animal is along the other's movement, in own body lengths, -1 to 1; overlap of the boxes, IoU; how many
        animals there are beside it, up to `MANY`, as a logarithm. All 0 where it is alone.
    """
    own, feature = samples[number], features[number]
    result = np.zeros((len(own.t), len(PAIR_CUES)))
    nearest = np.full(len(own.t), np.inf)
    present = np.zeros(len(own.t))
    for other, during in _company(samples, features, number).items():
        present += during
        rows, distance = _against(own, feature, samples[other], features[other], aspect)
        closer = during & (distance < nearest) & (distance < NEARBY)
        result[closer], nearest[closer] = rows[closer], distance[closer]
    result[:, -1] = np.log1p(present.clip(max=MANY))
    return result


@dataclass(frozen=True, slots=True)
class Beside:
    """When another animal is near an animal, at that one's n samples."""

    near: NDArray[np.bool_]  # (n,) within `NEARBY` body lengths
    touches: NDArray[np.bool_]  # (n,) of these, where the boxes of the two overlap


def beside(samples: Sequence[Samples], features: Sequence[Features], aspect: float, number: int) -> dict[int, Beside]:
    """Which other animals are near, and when, by the other's number.

    Args:
        samples: of all animals of the video.
        features: of the same, in the same order.
        aspect: the picture's width over its height, pixels.
        number: the track whose company is wanted, from 0.
    """
    own, feature = samples[number], features[number]
    found = {}
    for other, during in _company(samples, features, number).items():
        boxes, here, there = _side_by_side(own, samples[other], aspect)
        near = during & (np.linalg.norm((there - here) / feature.body_length, axis=1) < NEARBY)
        if near.any():
            found[other] = Beside(near, near & (paired_iou(own.scene_boxes, boxes) > 0))
    return found


def _company(samples: Sequence[Samples], features: Sequence[Features], number: int) -> dict[int, NDArray[np.bool_]]:
    """Every other animal that is no thing and followed at the same time, and at which samples: (n,)."""
    own = samples[number].t
    found = {}
    for other, (theirs, feature) in enumerate(zip(samples, features, strict=True)):
        during = (own >= theirs.t[0] - AT_ONCE_S) & (own <= theirs.t[-1] + AT_ONCE_S)
        if other != number and during.any() and not feature.is_thing:
            found[other] = during
    return found


def _side_by_side(own: Samples, theirs: Samples, aspect: float) -> tuple[Array, Array, Array]:
    """(n, 4) the other's boxes at an animal's samples, and (n, 2) where the middles of both are, in widths."""
    boxes = interpolate(theirs.t, theirs.scene_boxes, own.t)
    (here, _), (there, _) = in_widths(own.scene_boxes, aspect), in_widths(boxes, aspect)
    return boxes, here, there


def _against(
    own: Samples, feature: Features, theirs: Samples, their_feature: Features, aspect: float
) -> tuple[Array, Array]:
    """(n, k) cues against one other track, the last still empty, and (n,) its distance in own body lengths."""
    boxes, here, there = _side_by_side(own, theirs, aspect)
    scale = feature.body_length
    way = (there - here) / scale
    distance = np.linalg.norm(way, axis=1)
    mine, its = (slope_over_time(own.t, middle, PAIR_FINE_S) / scale for middle in (here, there))
    towards = way / np.maximum(distance, 0.05)[:, None]
    closing = ((mine - its) * towards).sum(axis=1)
    speeds = np.linalg.norm(mine, axis=1), np.linalg.norm(its, axis=1)
    product = np.maximum(speeds[0] * speeds[1], 0.01)
    along = (-way * its).sum(axis=1) / np.maximum(speeds[1], 0.1)
    size = np.full(len(own.t), np.log(their_feature.body_length / scale))
    columns = [
        np.ones(len(own.t)),
        size,
        np.log(distance.clip(0.1)),
        np.arcsinh(closing),
        np.log1p(speeds[1]),
        (mine * its).sum(axis=1) / product,
        along.clip(-1, 1),
        paired_iou(own.scene_boxes, boxes),
        np.zeros(len(own.t)),
    ]
    return np.column_stack(columns), distance
