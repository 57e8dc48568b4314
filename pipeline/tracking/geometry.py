"""Boxes as shares of the picture: overlap, interpolation, contact with the edge."""

import numpy as np
from numpy.typing import NDArray

from pipeline.values import Array

EDGE = 0.008  # share of the picture; detectors seldom place a cut-off animal's box closer than this to the edge itself


def iou(boxes: Array, others: Array) -> Array:
    """Intersection over union of every box with every other.

    Args:
        boxes: (n, 4) as x, y, w, h.
        others: (m, 4) likewise, in the same units.

    Returns:
        (n, m) in 0..1; 0 where both areas are nothing.
    """
    boxes, others = boxes.reshape(-1, 4), others.reshape(-1, 4)
    near = np.maximum(boxes[:, None, :2], others[None, :, :2])
    far = np.minimum((boxes[:, :2] + boxes[:, 2:])[:, None], (others[:, :2] + others[:, 2:])[None])
    shared = np.clip(far - near, 0, None).prod(axis=2)
    total = boxes[:, 2:].prod(axis=1)[:, None] + others[:, 2:].prod(axis=1)[None] - shared
    return np.asarray(np.divide(shared, total, out=np.zeros_like(shared), where=total > 0))


def paired_iou(boxes: Array, others: Array) -> Array:
    """Intersection over union of each box with the one beside it: (n, 4) and (n, 4) as x, y, w, h to (n,)."""
    shared = _shared_areas(boxes, others)
    total = boxes[:, 2:].prod(axis=1) + others[:, 2:].prod(axis=1) - shared
    return np.asarray(np.divide(shared, total, out=np.zeros_like(shared), where=total > 0))


def shared_of_smaller(boxes: Array, others: Array) -> Array:
    """How much of the smaller box of each pair lies in the larger one: 1 for a box within a box.

    Args:
        boxes: (n, 4), none of them without area.
        others: (n, 4) likewise.

    Returns:
        (n,) in 0..1.
    """
    smaller = np.minimum(boxes[:, 2:].prod(axis=1), others[:, 2:].prod(axis=1))
    return np.asarray(_shared_areas(boxes, others) / smaller)


def _shared_areas(boxes: Array, others: Array) -> Array:
    """(n,) the area that each box shares with the one beside it."""
    near = np.maximum(boxes[:, :2], others[:, :2])
    far = np.minimum(boxes[:, :2] + boxes[:, 2:], others[:, :2] + others[:, 2:])
    return np.asarray(np.clip(far - near, 0, None).prod(axis=1))


def interpolate(t: Array, boxes: Array, wanted: Array) -> Array:
    """Boxes at other times, straight between the known ones and constant beyond them.

    Args:
        t: (n,) rising seconds, n at least 1.
        boxes: (n, 4).
        wanted: (m,) seconds.

    Returns:
        (m, 4).
    """
    return np.stack([np.interp(wanted, t, boxes[:, column]) for column in range(4)], axis=1)


def in_widths(boxes: Array, aspect: float) -> tuple[Array, Array]:
    """Middles and sizes in shares of the picture's width, so that across and down are measured alike.

    Args:
        boxes: (n, 4).
        aspect: the picture's width over its height, pixels.

    Returns:
        (n, 2) middles and (n, 2) sizes.
    """
    scale = np.array([1.0, 1.0 / aspect])
    return (boxes[:, :2] + boxes[:, 2:] / 2) * scale, boxes[:, 2:] * scale


def touches_edge(boxes: Array, margin: float = EDGE) -> NDArray[np.bool_]:
    """Whether each box reaches within `margin` of the picture's edge, so that part of the animal may lie outside.

    Args:
        boxes: (n, 4).
        margin: share of the picture.

    Returns:
        (n,).
    """
    near = (boxes[:, :2] <= margin).any(axis=1)
    far = (boxes[:, :2] + boxes[:, 2:] >= 1 - margin).any(axis=1)
    return np.asarray(near | far)


def pixel_window(
    box: tuple[float, float, float, float] | Array, width: int, height: int, margin: float = 0.0
) -> tuple[slice, slice]:
    """Rows and columns of a picture under a box, at least two pixels each way, kept inside the picture.

    Args:
        box: x, y, w, h as shares.
        width: the picture's, pixels.
        height: the picture's, pixels.
        margin: share of the box's own size added on each side.
    """
    x, y, w, h = (float(value) for value in box)
    columns = _pixel_span(x, w, width, margin)
    rows = _pixel_span(y, h, height, margin)
    return slice(*rows), slice(*columns)


def _pixel_span(start: float, length: float, pixels: int, margin: float) -> tuple[int, int]:
    """First pixel and the one after the last, along one side of a picture."""
    bare_first = min(max(int(start * pixels), 0), pixels - 2)
    bare_end = min(max(int(np.ceil((start + length) * pixels)), bare_first + 2), pixels)
    first = max(int((start - margin * length) * pixels), 0)
    end = min(int(np.ceil((start + (1 + margin) * length) * pixels)), pixels)
    return min(first, bare_first), max(end, bare_end)
