"""What can be seen of an animal beyond its box: which parts of it move, which way, and where it differs from the scene.

A trap does not move, so what lies under a box can be compared with the same place a moment ago (change and flow) and
with the same place at other times, when no animal was there (the silhouette). Everything is reduced to a grid of
`CELLS` by `CELLS` cells over a square window around the box, so that memory does not grow with a picture's size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.exposure import relit
from pipeline.values import Array

CELLS = 6  # each way
WINDOW = 48  # pixels each way that a window is scaled to for flow
KEPT = 18  # pixels each way of the window that is kept until the empty scene is known
WINDOW_SCALE = 1.3  # the window's side, in longer sides of the box: a raised tail reaches out of a box
CHANGE = 10.0  # grey levels of 255 by which a pixel must differ from the moment before to have changed
LONGEST_STEP_S = 0.27  # seconds; pictures farther apart than this show no movement, only that something is different
FAINT, PLAIN = 8.0, 28.0  # grey levels of difference from the scene at which a pixel begins, and is sure, to be animal
BACKDROP_PICTURES = 24  # pictures of a video from which the empty scene is put together
BACKDROP_SPACING_S = 0.5  # seconds between them at first; doubled whenever there are too many
COVER_MARGIN = 0.15  # of a box's size that is left out around it, since boxes are often a little too small

Box = tuple[float, float, float, float]
Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One track's window in one picture."""

    picture: Grey  # (KEPT, KEPT)
    motion: NDArray[np.float16]  # (3, CELLS, CELLS) share 0..1 of a cell that changed in a step, then the flow to the
    # right and downward in window sides a second; NaN if not known


def look_at(grey: Grey, box: Box, before: Grey | None, step_s: float) -> Look:
    """The window around a box, compared with the same place in the picture before.

    Flow is Farnebäck's (2003, two-frame motion estimation based on polynomial expansion), averaged over a cell.

    Args:
        grey: (h, w) uint8.
        box: shares of the picture.
        before: the picture before, of the same size; None if there is none.
        step_s: seconds between the two.
    """
    now = window_of(grey, box)
    kept = np.asarray(cv2.resize(now, (KEPT, KEPT), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if before is None or not 0 < step_s <= LONGEST_STEP_S:
        return Look(kept, np.full((3, CELLS, CELLS), np.nan, dtype=np.float16))
    then = window_of(before, box)
    difference = now.astype(np.float32) - then
    changed = (np.abs(difference - np.median(difference)) > CHANGE).astype(np.float32)
    still = np.zeros((WINDOW, WINDOW, 2), dtype=np.float32)
    flow = np.asarray(cv2.calcOpticalFlowFarneback(then, now, still, 0.5, 2, 11, 2, 5, 1.1, 0), dtype=np.float32)
    per_second = _by_cell(flow) / np.float32(WINDOW * step_s)
    return Look(kept, np.stack([_by_cell(changed), per_second[..., 0], per_second[..., 1]]).astype(np.float16))


def window_of(grey: Grey, box: Box, pixels: int = WINDOW) -> Grey:
    """(pixels, pixels) the square around a box; beyond the picture, its edge goes on.

    Args:
        grey: (h, w) uint8.
        box: shares of the picture.
        pixels: each way of the result.
    """
    height, width = grey.shape
    x, y, w, h = box
    half = max(w * width, h * height, 2.0) * WINDOW_SCALE / 2
    middle = (x + w / 2) * width, (y + h / 2) * height
    left, top = round(middle[0] - half), round(middle[1] - half)
    side = max(round(2 * half), 2)
    rows = np.arange(top, top + side).clip(0, height - 1)
    columns = np.arange(left, left + side).clip(0, width - 1)
    square = grey[np.ix_(rows, columns)]
    method = cv2.INTER_AREA if side >= pixels else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (pixels, pixels), interpolation=method), dtype=np.uint8)


@dataclass(slots=True)
class Backdrop:
    """The empty scene of one video, put together from a bounded number of its pictures."""

    _pictures: list[tuple[float, Grey]] = field(default_factory=list)
    _spacing_s: float = BACKDROP_SPACING_S

    def offer(self, t: float, grey: Grey) -> None:
        """Consider one picture for the scene.

        Args:
            t: seconds, later than the last.
            grey: (h, w) uint8, small.
        """
        if self._pictures and t - self._pictures[-1][0] < self._spacing_s:
            return
        self._pictures.append((t, grey))
        if len(self._pictures) > BACKDROP_PICTURES:
            self._pictures = self._pictures[::2]
            self._spacing_s *= 2

    def relight(self, factor: float) -> None:
        """Make the pictures so far that many times as bright, since the camera did so.

        Args:
            factor: above 0.
        """
        self._pictures = [(t, relit(grey, factor)) for t, grey in self._pictures]

    @property
    def times(self) -> Array:
        """(k,) seconds of the pictures that are kept."""
        return np.array([t for t, _ in self._pictures])

    def scene(self, covered: Sequence[Sequence[Box]]) -> NDArray[np.float32]:
        """(h, w) grey levels of the scene without animals: the median of what was seen of it; NaN where nothing was.

        Args:
            covered: for each kept picture the boxes of the animals in it, shares of the picture.
        """
        stack = np.stack([grey for _, grey in self._pictures]).astype(np.float32)
        height, width = stack.shape[1:]
        for picture, boxes in zip(stack, covered, strict=True):
            for x, y, w, h in boxes:
                rows = slice(*_span(y, h, height))
                columns = slice(*_span(x, w, width))
                picture[rows, columns] = np.nan
        return _median_of_known(stack)


def silhouette(look: Grey, scene: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
    """How much of each cell differs from the empty scene: the animal's silhouette, roughly.

    Args:
        look: (KEPT, KEPT) the window around the box.
        scene: (h, w) grey levels of the whole scene, NaN where it is not known.
        box: shares of the picture.

    Returns:
        (CELLS, CELLS) 0..1; NaN for cells of which less than half of the scene is known.
    """
    known = window_of(np.where(np.isnan(scene), 0, 255).astype(np.uint8), box, KEPT) > 127
    if not known.any():
        return np.full((CELLS, CELLS), np.nan, dtype=np.float32)
    empty = window_of(np.nan_to_num(scene).round().astype(np.uint8), box, KEPT)
    difference = look.astype(np.float32) - empty
    difference = np.abs(difference - _light_change(difference, known))
    animal = ((difference - FAINT) / (PLAIN - FAINT)).clip(0, 1) * known
    share = _by_cell(known.astype(np.float32))
    return np.where(share >= 0.5, _by_cell(animal) / np.maximum(share, 0.5), np.nan).astype(np.float32)


def _light_change(difference: NDArray[np.float32], known: NDArray[np.bool_]) -> float:
    """Grey levels by which the light as a whole changed: the median over the window's border, mostly no animal."""
    border = known.copy()
    border[2:-2, 2:-2] = False
    return float(np.median(difference[border])) if border.any() else 0.0


def _by_cell(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over the cells: (n, n, ...) becomes (CELLS, CELLS, ...)."""
    step = len(values) // CELLS
    cells = values.reshape(CELLS, step, CELLS, step, *values.shape[2:])
    return np.asarray(cells.mean(axis=(1, 3)), dtype=np.float32)


def _span(start: float, length: float, pixels: int) -> tuple[int, int]:
    first = int((start - COVER_MARGIN * length) * pixels)
    return max(first, 0), max(int(np.ceil((start + (1 + COVER_MARGIN) * length) * pixels)), 0)


def _median_of_known(stack: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w) median over the first axis of what is not NaN; NaN where all are. Quicker than `numpy.nanmedian`."""
    ordered = np.sort(stack, axis=0)  # NaN last
    count = (~np.isnan(stack)).sum(axis=0)
    middle = np.maximum(count - 1, 0) // 2
    return np.asarray(np.take_along_axis(ordered, middle[None], axis=0)[0], dtype=np.float32)
