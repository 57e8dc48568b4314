"""Spare the detector the pictures in which nothing has moved.

Most of what traps film is an empty scene. A new animal cannot appear without changing the picture, so while no track
is alive and nothing has changed since the detector last looked, it need not look again; it still does now and then,
since an animal that sat there from the start may be noticed late.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

GLANCE_WIDTH = 160  # pixels; sensor noise is averaged away, a distant hare still covers a few
CELL_CHANGE = 12  # grey levels of 255 by which a cell must differ to have changed
MOVED_CELLS = 3  # changed cells from which something has moved


@dataclass(slots=True)
class MotionGate:
    """Decides for one video, picture by picture, whether the detector must look."""

    idle_s: float  # seconds after which it looks although nothing moved
    _looked_at: NDArray[np.int16] | None = None
    _looked_t: float = field(default=-np.inf)

    def must_look(self, t: float, grey: NDArray[np.uint8], tracks_alive: bool) -> bool:
        """Whether the detector must look at this picture; if so, it is remembered as looked at.

        Args:
            t: seconds, later than the last.
            grey: (h, w) uint8.
            tracks_alive: something is being followed, so that every picture counts.
        """
        height = max(2, round(grey.shape[0] * GLANCE_WIDTH / grey.shape[1]))
        glance = cv2.resize(grey, (GLANCE_WIDTH, height), interpolation=cv2.INTER_AREA).astype(np.int16)
        if not tracks_alive and t - self._looked_t < self.idle_s and not self._moved(glance):
            return False
        self._looked_at, self._looked_t = glance, t
        return True

    def _moved(self, glance: NDArray[np.int16]) -> bool:
        if self._looked_at is None:
            return True
        difference = glance - self._looked_at
        difference -= np.int16(np.median(difference))  # the light as a whole may change, clouds and gain do that
        return int((np.abs(difference) > CELL_CHANGE).sum()) >= MOVED_CELLS
