"""Where a camera has turned to since a video began, if it does not hang still.

A trap hangs still, but the branch that it hangs on sways, an animal knocks it, and some footage was filmed by hand or
from a drone that follows its animal, which then walks although it stays in the middle of the picture. So corners of the
scene outside the animals' boxes are followed from picture to picture. Where most of them move alike, all over the
picture, it was the camera. Anything less (leaves, grass, an animal without a box) counts as a camera at rest, whose
drift is exactly 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.geometry import pixel_window

CORNERS = 150  # that are followed at most
LEAST_CORNERS = 12  # that must be found again for a word about the camera
LEAST_SHIFT = 1.0  # pixels of the small picture; what is less waits until it has added up
AGREEMENT = 0.6  # share of the corners that must move alike
ALIKE = 0.25  # of the shift, or this many pixels and a half, by which alike corners may differ
NINTHS = 5  # of the nine parts of a picture in which corners must move alike
FOUND_AGAIN = 0.7  # pixels by which a corner followed there and back may miss its start
KEPT_S = 1.0  # seconds after which a picture to compare with is replaced, since light and leaves change
MARGIN = 0.15  # of a box's size, by which it is widened: limbs and tails reach out of boxes

Box = tuple[float, float, float, float]
Grey = NDArray[np.uint8]
Points = NDArray[np.float32]  # (n, 1, 2) across and down, pixels
Shift = tuple[float, float]
AT_REST: Shift = (0.0, 0.0)


@dataclass(slots=True)
class CameraMotion:
    """Adds up what a camera turns in one video. Make a new one for each video."""

    drift: Shift = AT_REST  # where the scene has gone in the picture since the start: right and down, shares of it
    _key: Grey | None = None
    _key_t: float = 0.0

    def update(self, t: float, grey: Grey, animals: Sequence[Box]) -> Shift:
        """Take in the next picture.

        Args:
            t: seconds, later than the last.
            grey: (h, w) uint8, small, always of the same size.
            animals: boxes, shares of the picture, within which nothing belongs to the scene.

        Returns:
            The drift up to this picture, in shares of the picture's width and height.
        """
        if self._key is None:
            self._key, self._key_t = grey, t
            return self.drift
        shift = scene_shift(self._key, grey, animals)
        self.drift = self.drift[0] + shift[0], self.drift[1] + shift[1]
        if shift != AT_REST or t - self._key_t >= KEPT_S:
            self._key, self._key_t = grey, t
        return self.drift

    def pause(self) -> Shift:
        """Nothing is followed now, so what the camera does does not matter: the drift stays as it is."""
        self._key = None
        return self.drift


def scene_shift(before: Grey, after: Grey, animals: Sequence[Box]) -> Shift:
    """How far the scene lies to the right and down of where it was, shares of the picture; (0, 0) for a still camera.

    The shift is the median over corners (Shi & Tomasi 1994) that are followed there and back (Lucas & Kanade 1981).

    Args:
        before: (h, w) uint8.
        after: the same size.
        animals: boxes in either, shares of the picture.
    """
    height, width = before.shape
    scene = np.full((height, width), 255, dtype=np.uint8)
    for box in animals:
        scene[pixel_window(box, width, height, MARGIN)] = 0
    corners: Points | None = cv2.goodFeaturesToTrack(before, CORNERS, 0.01, 6, mask=scene)  # type: ignore[assignment]
    if corners is None or len(corners) < LEAST_CORNERS:
        return AT_REST
    there = _followed(before, after, corners)
    back = _followed(after, before, there)
    found = np.linalg.norm(back - corners, axis=2)[:, 0] < FOUND_AGAIN
    if found.sum() < LEAST_CORNERS:
        return AT_REST
    moves, places = (there - corners)[found, 0], corners[found, 0]
    shift = np.median(moves, axis=0)
    length = float(np.linalg.norm(shift))
    alike = np.linalg.norm(moves - shift, axis=1) <= max(ALIKE * length, 2 * ALIKE)
    ninths = {(int(3 * x / width), int(3 * y / height)) for x, y in places[alike]}
    if length < LEAST_SHIFT or alike.mean() < AGREEMENT or len(ninths) < NINTHS:
        return AT_REST
    return float(shift[0] / width), float(shift[1] / height)


def shifted(grey: Grey, shift: Shift) -> Grey:
    """The picture as it would be if the scene lay elsewhere; at the sides its edge goes on.

    Args:
        grey: (h, w) uint8.
        shift: right and down, shares of the picture.
    """
    if shift == AT_REST:
        return grey
    height, width = grey.shape
    move = np.array([[1, 0, shift[0] * width], [0, 1, shift[1] * height]], dtype=np.float32)
    return np.asarray(cv2.warpAffine(grey, move, (width, height), borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _followed(before: Grey, after: Grey, corners: Points) -> Points:
    there: Any = cv2.calcOpticalFlowPyrLK(before, after, corners, corners.copy(), winSize=(15, 15), maxLevel=4)
    return np.asarray(there[0], dtype=np.float32)
