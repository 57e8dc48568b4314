"""An animal's outline where nobody drew one: GrabCut inside its box, so that background never passes for coat."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.geometry import pixel_window
from pipeline.values import Array

_LONGEST = 192  # pixels of the window that is cut; finer costs time and shows no more of a coat
_AROUND = 0.15  # of the box's size, context that is surely background
_ROUNDS = 3
_LEAST_SHARE = 0.12  # of the box; less was not the animal

Box = tuple[float, float, float, float]


def cut_out(picture: NDArray[np.uint8], box: Box | Array) -> NDArray[np.bool_]:
    """Where the animal in a box is (Rother et al. 2004, "GrabCut").

    Everything outside the box is background. Where the colours do not part (an infrared cat on snow), the largest
    ellipse in the box stands in: most of it is body.

    Args:
        picture: (h, w, 3) blue, green, red.
        box: x, y, w, h as shares.

    Returns:
        (h, w), the same for the same picture.
    """
    height, width = picture.shape[:2]
    window = pixel_window(box, width, height, _AROUND)
    inner = pixel_window(box, width, height)
    part = picture[window]
    shrink = min(_LONGEST / max(part.shape[:2]), 1.0)
    size = (max(round(part.shape[1] * shrink), 8), max(round(part.shape[0] * shrink), 8))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    rows = _scaled(inner[0], window[0], size[1])
    columns = _scaled(inner[1], window[1], size[0])
    found = _keep_largest(_grab(small, rows, columns))
    ellipse = _ellipse(small.shape[:2], rows, columns)
    boxed = (rows.stop - rows.start) * (columns.stop - columns.start)
    if found.sum() < _LEAST_SHARE * boxed:
        found = ellipse
    mask = np.zeros((height, width), dtype=np.bool_)
    back = cv2.resize(found.astype(np.float32), (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
    mask[window] = back > 0.5
    return mask


def _grab(small: NDArray[np.uint8], rows: slice, columns: slice) -> NDArray[np.bool_]:
    label = np.full(small.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    label[rows, columns] = cv2.GC_PR_FGD
    background, animal = np.zeros((1, 65)), np.zeros((1, 65))
    if (label == cv2.GC_BGD).sum() < 16:  # the box fills the picture: its corners are the likeliest background
        label[~_ellipse(small.shape[:2], rows, columns)] = cv2.GC_BGD
    cv2.setRNGSeed(1)  # OpenCV starts its mixtures from random centres
    whole = (0, 0, small.shape[1], small.shape[0])
    cv2.grabCut(small, label, whole, background, animal, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((label == cv2.GC_FGD) | (label == cv2.GC_PR_FGD))


def _keep_largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected piece, its holes filled."""
    count, label, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    largest = label == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    outlines, _ = cv2.findContours(largest.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, dtype=np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    return np.asarray(filled > 0)


def _ellipse(shape: tuple[int, ...], rows: slice, columns: slice) -> NDArray[np.bool_]:
    y, x = np.ogrid[: shape[0], : shape[1]]
    middle = ((rows.start + rows.stop) / 2, (columns.start + columns.stop) / 2)
    half = ((rows.stop - rows.start) / 2, (columns.stop - columns.start) / 2)
    return np.asarray(((y + 0.5 - middle[0]) / half[0]) ** 2 + ((x + 0.5 - middle[1]) / half[1]) ** 2 <= 1)


def _scaled(inner: slice, outer: slice, pixels: int) -> slice:
    """An inner span in the pixels of the shrunken outer one, never empty."""
    scale = pixels / (outer.stop - outer.start)
    first = min(round((inner.start - outer.start) * scale), pixels - 1)
    return slice(first, max(round((inner.stop - outer.start) * scale), first + 1))
