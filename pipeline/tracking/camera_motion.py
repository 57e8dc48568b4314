"""Where a camera has turned to since a video began, if it does not hang still.

A trap hangs still, but the branch that it hangs on sways, an animal knocks it, and some footage was filmed by hand or
from a drone that follows its animal, which then walks although it stays in the middle of the picture. So corners of the
scene outside the animals' boxes are followed from picture to picture. Where most of them move alike, all over the
picture, it was the camera. Anything less (leaves, grass, an animal without a box) counts as a camera at rest, whose
drift is exactly 0.

A camera that sways by a fraction of a pixel still hangs where it hung, but every edge of the scene seems to move and to
stand out from what is known of it. How far it has swayed is told apart from how far it has turned, and its pictures are
put back by it before they are compared.

A camera that goes along with a galloping animal turns by a quarter of the picture between two looks, too far for
corners to be followed blindly. Where they do not agree they are sought once more, from where the picture as a whole
seems to have gone (phase correlation, Kuglin & Hines 1975), if what lies around the animals is then more alike than
if the camera had hung still.
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
LEAST_SHIFT = 1.0  # pixels of the small picture, from which a camera turns that has turned before; less waits until
# it has added up
LEAST_SWAY, MOST_SWAY = 0.25, 1.5  # likewise, between which one that has not turned sways about its place
AGREEMENT = 0.6  # share of the corners that must move alike
ALIKE = 0.25  # of the shift, or this many pixels and a half, by which alike corners may differ
NINTHS = 5  # of the nine parts of a picture in which corners must move alike
FOUND_AGAIN = 0.7  # pixels by which a corner followed there and back may miss its start
LIKENESS = 0.3  # correlation of what both pictures show of the scene, from which a guessed place of it is believed
LIKER = 0.15  # by which that must be more than if the camera had hung still
STAYED = 0.7  # correlation from which a camera hung still although its corners do not agree: leaves, water, animals
LEAST_SHARED = 0.1  # share of the picture that both must show then, without animals
LEAST_CONTRAST = 4.0  # grey levels, standard deviation of the scene from which pictures can be said to be alike
KEPT_S = 1.0  # seconds after which a picture to compare with is replaced, since light and leaves change
MARGIN = 0.15  # of a box's size, by which it is widened: limbs and tails reach out of boxes

Box = tuple[float, float, float, float]
Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Points = NDArray[np.float32]  # (n, 1, 2) across and down, pixels
Shift = tuple[float, float]
AT_REST: Shift = (0.0, 0.0)


@dataclass(slots=True)
class CameraMotion:
    """Adds up what a camera turns in one video. Make a new one for each video."""

    drift: Shift = AT_REST  # where the scene has gone in the picture since the start: right and down, shares of it
    sway: Shift = AT_REST  # likewise in the latest picture, in its pixels, of a camera that has not turned
    hung_still: bool = True  # it has neither turned nor swayed by a pixel: edges of the scene do not stand out from it
    _key: Grey | None = None
    _key_t: float = 0.0
    _key_animals: Sequence[Box] = ()
    _key_sway: Shift = AT_REST

    def update(self, t: float, grey: Grey, animals: Sequence[Box]) -> Shift:
        """Take in the next picture.

        Args:
            t: seconds, later than the last.
            grey: (h, w) uint8, small, always of the same size.
            animals: boxes, shares of the picture, within which nothing belongs to the scene.

        Returns:
            The drift up to this picture, in shares of the picture's width and height.
        """
        told = None if self._key is None else scene_shift(self._key, grey, self._key_animals, animals)
        right, down = told if told is not None and np.hypot(*told) >= LEAST_SWAY else AT_REST
        moved = self._key_sway[0] + right, self._key_sway[1] + down
        has_turned = self.drift != AT_REST
        turned = np.hypot(*moved) >= (LEAST_SHIFT if has_turned else MOST_SWAY)
        if turned:
            self.drift = self.drift[0] + moved[0] / grey.shape[1], self.drift[1] + moved[1] / grey.shape[0]
        self.sway = AT_REST if turned or has_turned else moved
        self.hung_still = self.hung_still and bool(np.hypot(*moved) < LEAST_SHIFT)
        if told is None or turned or t - self._key_t >= KEPT_S:
            self._key, self._key_t, self._key_animals, self._key_sway = grey, t, animals, self.sway
        return self.drift

    def pause(self) -> Shift:
        """Nothing is followed now, so what the camera does does not matter: the drift stays as it is."""
        self._key = None
        self.sway = self._key_sway = AT_REST
        return self.drift


def scene_shift(before: Grey, after: Grey, animals_before: Sequence[Box], animals_after: Sequence[Box]) -> Shift | None:
    """How many pixels the scene lies to the right and down of where it was.

    None if that cannot be told: what both show is not the same, and no corners agree on where it has gone. What shows
    too little to tell anything counts as still, (0, 0).

    The shift is the median over corners (Shi & Tomasi 1994) that are followed there and back (Lucas & Kanade 1981).

    Args:
        before: (h, w) uint8.
        after: the same size.
        animals_before: boxes in the first, shares of the picture.
        animals_after: boxes in the second.
    """
    scene = _without(animals_before, before.shape)
    mask = np.where(scene, np.uint8(255), np.uint8(0))
    corners: Points | None = cv2.goodFeaturesToTrack(before, CORNERS, 0.01, 6, mask=mask)  # type: ignore[assignment]
    if corners is None or len(corners) < LEAST_CORNERS:
        return AT_REST
    shift = _agreed(before, after, corners, AT_REST)
    if shift is None:
        scenes = scene, _without(animals_after, after.shape)
        at_rest = _likeness(before, after, scenes, AT_REST)
        if at_rest is None or at_rest >= STAYED:
            return AT_REST
        guess = _whole_shift(before, after, scenes[0] & scenes[1])
        likeness = _likeness(before, after, scenes, guess)
        if likeness is not None and likeness >= max(LIKENESS, at_rest + LIKER):
            shift = _agreed(before, after, corners, guess)
    return shift


def steadied(grey: Grey, sway: Shift) -> Grey:
    """The picture as a camera would have filmed it that did not sway; at its sides the last pixels are repeated.

    Args:
        grey: (h, w) uint8.
        sway: pixels by which the scene lies to the right and down of its place.
    """
    if sway == AT_REST:
        return grey
    height, width = grey.shape
    back = np.array([[1, 0, -sway[0]], [0, 1, -sway[1]]], dtype=np.float32)
    steady = cv2.warpAffine(grey, back, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(steady, dtype=np.uint8)


def _agreed(before: Grey, after: Grey, corners: Points, guess: Shift) -> Shift | None:
    """The shift in pixels that most corners agree on, sought from a guess; None if they do not agree."""
    height, width = before.shape
    there = _followed(before, after, corners, guess)
    back = _followed(after, before, there, (-guess[0], -guess[1]))
    found = np.linalg.norm(back - corners, axis=2)[:, 0] < FOUND_AGAIN
    if found.sum() < LEAST_CORNERS:
        return None
    moves, places = (there - corners)[found, 0], corners[found, 0]
    shift = np.median(moves, axis=0)
    alike = np.linalg.norm(moves - shift, axis=1) <= max(ALIKE * float(np.linalg.norm(shift)), 2 * ALIKE)
    ninths = {(int(3 * x / width), int(3 * y / height)) for x, y in places[alike]}
    if alike.mean() < AGREEMENT or len(ninths) < NINTHS:
        return None
    return float(shift[0]), float(shift[1])


def _whole_shift(before: Grey, after: Grey, scene: Mask) -> Shift:
    """Pixels by which a picture as a whole, without its animals, seems to have gone right and down."""
    height, width = before.shape
    weight = cv2.createHanningWindow((width, height), cv2.CV_32F) * cv2.GaussianBlur(
        scene.astype(np.float32), (0, 0), 3
    )
    one, other = ((grey - grey[scene].mean()) * weight for grey in (before, after))
    (right, down), _ = cv2.phaseCorrelate(one, other)
    return right, down


def _without(animals: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    """(h, w) True where nothing belongs to an animal."""
    scene = np.ones(shape, dtype=bool)
    for box in animals:
        scene[pixel_window(box, shape[1], shape[0], MARGIN)] = False
    return scene


def _likeness(before: Grey, after: Grey, scenes: tuple[Mask, Mask], shift: Shift) -> float | None:
    """Correlation, -1..1, of what both pictures show if the scene went by so many pixels; None if that is little."""
    height, width = before.shape
    right, down = round(shift[0]), round(shift[1])
    here = np.s_[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    there = np.s_[max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)]
    both = scenes[0][here] & scenes[1][there]
    if both.sum() < LEAST_SHARED * before.size:
        return None
    one, other = before[here][both].astype(float), after[there][both].astype(float)
    if min(one.std(), other.std()) < LEAST_CONTRAST:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _followed(before: Grey, after: Grey, corners: Points, guess: Shift) -> Points:
    start = corners + np.array(guess, dtype=np.float32)
    there: Any = cv2.calcOpticalFlowPyrLK(
        before, after, corners, start, winSize=(15, 15), maxLevel=4, flags=cv2.OPTFLOW_USE_INITIAL_FLOW
    )
    return np.asarray(there[0], dtype=np.float32)
