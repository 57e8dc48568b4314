"""Keep a track's best pictures of the animal, to be named from and shown later."""

import heapq
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.geometry import pixel_window, touches_edge
from pipeline.values import Detection

MARGIN = 0.1  # of the box's size on each side: context helps the species network
EDGE_PENALTY = 0.5  # a cut-off animal is worth half a whole one


@dataclass(slots=True)
class BestCrops:
    """The best crops of every track of one video, at most `keep` each, spread over time."""

    keep: int
    size: int  # pixels each way that crops are scaled to, aspect ratio given up as the network expects
    spacing_s: float = 0.3  # of two crops closer than this only the better stays
    _heaps: dict[int, list[tuple[float, float, NDArray[np.uint8]]]] = field(default_factory=dict)

    def offer(self, track: int, t: float, picture: NDArray[np.uint8], detection: Detection) -> None:
        """Consider one sighting.

        Args:
            track: the track's id.
            t: seconds.
            picture: (h, w, 3) uint8.
            detection: the track's box in it.
        """
        box = np.array([detection.box])
        worth = detection.score * float(np.sqrt(box[0, 2] * box[0, 3])) * (EDGE_PENALTY if touches_edge(box)[0] else 1)
        heap = self._heaps.setdefault(track, [])
        close = next((entry for entry in heap if abs(entry[1] - t) < self.spacing_s), None)
        rival = close or (heap[0] if len(heap) >= self.keep else None)
        if rival is not None:
            if rival[0] >= worth:
                return
            heap.remove(rival)
            heapq.heapify(heap)
        heapq.heappush(heap, (worth, t, crop(picture, detection.box, self.size)))

    def of(self, *tracks: int) -> NDArray[np.uint8]:
        """The best crops of a track, or of the parts of one, best first.

        Returns:
            (n, size, size, 3) uint8, blue, green, red; n is at most `keep` and may be 0.
        """
        every = [entry for track in tracks for entry in self._heaps.get(track, [])]
        entries = sorted(every, key=lambda entry: (-entry[0], entry[1]))[: self.keep]
        if not entries:
            return np.zeros((0, self.size, self.size, 3), dtype=np.uint8)
        return np.stack([picture for _, _, picture in entries])


def crop(picture: NDArray[np.uint8], box: tuple[float, float, float, float], size: int) -> NDArray[np.uint8]:
    """What lies under a box with a little around it, scaled to a square.

    Returns:
        (size, size, 3) uint8.
    """
    window = picture[pixel_window(box, picture.shape[1], picture.shape[0], MARGIN)]
    shrinking = window.shape[0] > size or window.shape[1] > size
    method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(window, (size, size), interpolation=method), dtype=np.uint8)
