"""Small grey cut-outs of animals on the move, at (nearly) every decoded picture.

The detector looks six times a second, too seldom to see a leg swing. So between its looks the place where each moving
track is expected is cut out of the picture's brightness, small, and kept until the track's final boxes and the empty
scene are known. What is kept is bounded, for each track and for a whole video.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.exposure import relit
from pipeline.tracking.link import Sighting
from pipeline.tracking.looks import Backdrop
from pipeline.values import Array
from pipeline.video.decode import square_size

WIDE, HIGH = 96, 64  # pixels of a cut-out
ROOM = (1.4, 1.5)  # the least of a cut-out's sides, in sides of the expected box: between two looks it may go astray
RATE_HZ = 30.0  # cut-outs a second, at most
KEPT = 360  # of one track, the last: 12 s of travel or more, 2.1 MiB
KEPT_OF_ALL = 1800  # of all tracks of one video; later ones go without
SCENE_WIDTH = 480  # pixels of the pictures from which the scene is put together
LOST_S = 0.5  # seconds after its last sighting in which a track is still expected to be where it was heading
OVER_S = 0.3  # seconds over which it is judged whether and where it moves
MOVES = 0.15  # longer sides of the box a second, from which a track moves
ROUNDING_S = 0.001
BRIGHTNESS_FIRST = frozenset(
    {"gray", "nv12", "yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p"}
)  # pixel formats of 8 bits whose first plane is brightness

Grey = NDArray[np.uint8]
Rectangle = tuple[float, float, float, float]  # x, y, w, h as shares of the picture; may reach beyond it


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """A part of one picture."""

    frame: int
    t: float  # seconds
    where: Rectangle
    grey: Grey  # (HIGH, WIDE); 0 beyond the picture


@dataclass(slots=True)
class CutOuts:
    """The cut-outs of one video, and the pictures of its scene in the same brightness."""

    rotation: int  # degrees counter-clockwise that a picture must be turned
    pixel_aspect: Fraction = Fraction(1)  # width over height of one pixel, before the turn
    backdrop: Backdrop = field(default_factory=Backdrop)
    _kept: dict[int, deque[CutOut]] = field(default_factory=dict)
    _count: int = 0
    _last_t: float = -np.inf

    def take(
        self, frame: int, t: float, picture: av.VideoFrame, sightings: Mapping[int, Sequence[Sighting]], looked: bool
    ) -> None:
        """Cut every moving track out of the next picture.

        Args:
            frame: its index.
            t: its time, seconds.
            picture: decoded.
            sightings: of all tracks so far, by id, this picture's included if there are any.
            looked: the detector looked at it; then it is also considered for the scene.
        """
        expected = {} if t - self._last_t < 1 / RATE_HZ - ROUNDING_S else _expected(t, sightings)
        if not expected and not looked:
            return
        grey = brightness(picture, self.rotation, self.pixel_aspect)
        if looked:
            self.backdrop.offer(t, _small(grey))
        if expected:
            self._last_t = t
        for track, box in expected.items():
            kept = self._kept.setdefault(track, deque(maxlen=KEPT))
            if len(kept) < KEPT:
                if self._count >= KEPT_OF_ALL:
                    continue
                self._count += 1
            kept.append(CutOut(frame, t, *cut_out(grey, box)))

    def relight(self, factor: float) -> None:
        """Make all that is kept of the pictures so far that many times as bright, since the camera did so.

        Args:
            factor: above 0.
        """
        self.backdrop.relight(factor)
        for kept in self._kept.values():
            for number, cut in enumerate(kept):
                kept[number] = replace(cut, grey=relit(cut.grey, factor))

    def of(self, ids: Sequence[int]) -> list[CutOut]:
        """All cut-outs of tracks that are one animal's, by time, one a picture."""
        found = {cut.frame: cut for number in ids for cut in self._kept.get(number, ())}
        return [found[frame] for frame in sorted(found)]


def brightness(picture: av.VideoFrame, rotation: int = 0, pixel_aspect: Fraction = Fraction(1)) -> Grey:
    """(h, w) the picture's brightness, upright, as the file holds it: not stretched where 16 is black and 235 white.

    Of the usual pixel formats this is the first plane, which costs nothing to read if its pixels are square.
    """
    if picture.format.name in BRIGHTNESS_FIRST:
        plane = picture.planes[0]
        padded = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        grey = padded[: picture.height, : picture.width]
    else:
        grey = np.asarray(picture.to_ndarray(format="gray"), dtype=np.uint8)
    if pixel_aspect != 1:
        size = square_size(picture.width, picture.height, pixel_aspect)
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return np.rot90(grey, rotation // 90) if rotation else grey


def cut_out(grey: Grey, box: Array) -> tuple[Rectangle, Grey]:
    """The part of a picture around a box, at one scale across and down.

    Args:
        grey: (h, w) uint8.
        box: (4,) x, y, w, h as shares of the picture.

    Returns:
        Exactly where it lies, and its (HIGH, WIDE) pixels.
    """
    height, width = grey.shape
    x, y, w, h = (float(value) for value in box)
    step = max(ROOM[0] * w * width / WIDE, ROOM[1] * h * height / HIGH, 0.1)  # the picture's pixels for one of its own
    wide, high = max(round(WIDE * step), 2), max(round(HIGH * step), 2)
    left, top = round((x + w / 2) * width - wide / 2), round((y + h / 2) * height - high / 2)
    inside = grey[max(top, 0) : max(top + high, 0), max(left, 0) : max(left + wide, 0)]
    if inside.shape != (high, wide):
        before = max(-top, 0), max(-left, 0)
        whole = np.zeros((high, wide), dtype=np.uint8)
        whole[before[0] : before[0] + inside.shape[0], before[1] : before[1] + inside.shape[1]] = inside
        inside = whole
    method = cv2.INTER_AREA if step > 1 else cv2.INTER_LINEAR
    pixels = np.asarray(cv2.resize(inside, (WIDE, HIGH), interpolation=method), dtype=np.uint8)
    return (left / width, top / height, wide / width, high / height), pixels


def _expected(t: float, sightings: Mapping[int, Sequence[Sighting]]) -> dict[int, Array]:
    """Where each moving track is expected, (4,) by its id: straight on from its last sightings."""
    found = {}
    for track, seen in sightings.items():
        last = seen[-1]
        if t - last.t > LOST_S:
            continue
        before = next((one for one in reversed(seen) if last.t - one.t >= OVER_S), seen[0])
        if last.t - before.t < ROUNDING_S:
            continue
        now, then = np.array(last.box), np.array(before.box)
        shift = (now[:2] + now[2:] / 2 - then[:2] - then[2:] / 2) / (last.t - before.t)
        if np.abs(shift / now[2:].max()).max() >= MOVES:
            found[track] = np.concatenate([now[:2] + shift * (t - last.t), now[2:]])
    return found


def _small(grey: Grey) -> Grey:
    height, width = grey.shape
    if width <= SCENE_WIDTH:
        return grey.copy()
    size = SCENE_WIDTH, max(2, round(height * SCENE_WIDTH / width))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
