"""Keep a track's best pictures of the animal, to be named from.

A picture is 150 kB and what the species network says of it 4. So once more than a few are waiting, those of animals
that have been gone for a while are read and forgotten, lest an hour of a busy trap fill the memory.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.geometry import pixel_window, touches_edge
from pipeline.values import Detection

MARGIN = 0.1  # of the box's size on each side: context helps the species network
EDGE_PENALTY = 0.5  # a cut-off animal is worth half a whole one
MOST_PICTURES = 200  # waiting to be read, before any is read early: 30 MB
GONE_S = 10.0  # seconds since a track's last best crop after which a better one is hardly to come

Read = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(slots=True, eq=False)
class _Crop:
    worth: float
    t: float  # seconds
    picture: NDArray[np.uint8] | None  # (size, size, 3); None once it has been read
    reading: NDArray[np.float32] | None = None  # (d,)

    def __lt__(self, other: "_Crop") -> bool:
        return self.worth < other.worth


@dataclass(slots=True)
class BestCrops:
    """The best crops of every track of one video, at most `keep` each, spread over time."""

    keep: int
    size: int  # pixels each way that crops are scaled to, aspect ratio given up as the network expects
    read: Read  # (n, d) what is to be known of (n, size, size, 3) uint8 crops, blue, green, red
    spacing_s: float = 0.3  # of two crops closer than this only the better stays
    _heaps: dict[int, list[_Crop]] = field(default_factory=dict)
    _waiting: dict[int, float] = field(default_factory=dict)  # tracks with unread crops: seconds of the latest offered

    def offer(self, track: int, t: float, picture: NDArray[np.uint8], detection: Detection) -> None:
        """Consider one sighting.

        Args:
            track: the track's id.
            t: seconds, never falling.
            picture: (h, w, 3) uint8.
            detection: the track's box in it.
        """
        box = np.array([detection.box])
        worth = detection.score * float(np.sqrt(box[0, 2] * box[0, 3])) * (EDGE_PENALTY if touches_edge(box)[0] else 1)
        heap = self._heaps.setdefault(track, [])
        close = next((entry for entry in heap if abs(entry.t - t) < self.spacing_s), None)
        rival = close or (heap[0] if len(heap) >= self.keep else None)
        if rival is not None:
            if rival.worth >= worth:
                return
            heap.remove(rival)
            heapq.heapify(heap)
        heapq.heappush(heap, _Crop(worth, t, crop(picture, detection.box, self.size)))
        self._waiting[track] = t
        if self.pictures > MOST_PICTURES:
            self._read_the_gone(t)

    @property
    def pictures(self) -> int:
        """How many are held in memory."""
        return sum(entry.picture is not None for track in self._waiting for entry in self._heaps[track])

    def of(self, *tracks: int) -> NDArray[np.float32]:
        """What was read from the best crops of a track, or of the parts of one, best first.

        Returns:
            (n, d); n is at most `keep`, and (0, 0) if there are no crops.
        """
        every = [entry for track in tracks for entry in self._heaps.get(track, [])]
        entries = sorted(every, key=lambda entry: (-entry.worth, entry.t))[: self.keep]
        self._read(entries)
        readings = [entry.reading for entry in entries if entry.reading is not None]
        return np.stack(readings) if readings else np.zeros((0, 0), dtype=np.float32)

    def _read_the_gone(self, now: float) -> None:
        for track in [track for track, t in self._waiting.items() if now - t > GONE_S]:
            self._read(self._heaps[track])
            del self._waiting[track]

    def _read(self, entries: list[_Crop]) -> None:
        """Read those that have not been read, all at once, and forget their pictures."""
        unread = [(entry, entry.picture) for entry in entries if entry.picture is not None]
        if not unread:
            return
        readings = self.read(np.stack([picture for _, picture in unread]))
        for (entry, _), reading in zip(unread, readings, strict=True):
            entry.picture, entry.reading = None, reading


def crop(picture: NDArray[np.uint8], box: tuple[float, float, float, float], size: int) -> NDArray[np.uint8]:
    """What lies under a box with a little around it, scaled to a square.

    Returns:
        (size, size, 3) uint8.
    """
    window = picture[pixel_window(box, picture.shape[1], picture.shape[0], MARGIN)]
    shrinking = window.shape[0] > size or window.shape[1] > size
    method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(window, (size, size), interpolation=method), dtype=np.uint8)
