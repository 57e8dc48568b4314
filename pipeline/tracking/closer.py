"""Look once more, from nearer, where an animal has just been and the detector no longer sees it.

A network that sees the whole picture at once misses a cat that rears at a trunk by night, or two cubs in a tangle, in
pictures in which it finds them when it is shown their surroundings alone, enlarged (sought anew in a window around the
last box, after Bertinetto et al. 2016, fully-convolutional siamese networks for object tracking).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.geometry import iou, pixel_window, touches_edge
from pipeline.values import Detection

AROUND = 0.75  # of a box's size on every side that a closer look takes in besides
MOST = 2  # closer looks at one picture: a herd must not cost more than its pictures do
LEAST_SCORE = 0.1  # of what a closer look finds: enlarged, grass and bark look like something too
SIMILAR = 3.0  # times as large or small as the animal was, by area, that what is found may be
SAME = 0.5  # intersection over union from which two boxes are one animal's

Box = tuple[float, float, float, float]


def look_closer(
    picture: NDArray[np.uint8],
    missed: Sequence[Box],
    found: Sequence[Detection],
    detect: Callable[[NDArray[np.uint8]], list[Detection]],
) -> list[Detection]:
    """What the detector finds of animals that it missed, best first.

    Args:
        picture: (h, w, 3) uint8, blue, green, red.
        missed: where they were last, shares of the picture.
        found: what the detector found in the whole picture; these boxes are not given again.
        detect: boxes in a picture.
    """
    height, width = picture.shape[:2]
    more: list[Detection] = []
    for box in missed[:MOST]:
        rows, columns = pixel_window(box, width, height, AROUND)
        window = np.ascontiguousarray(picture[rows, columns])
        for detection in detect(window):
            placed = _placed(detection, rows, columns, width, height)
            if detection.score >= LEAST_SCORE and _is_whole(detection, placed) and _fits(placed, box):
                known = np.array([one.box for one in (*found, *more)], dtype=float).reshape(-1, 4)
                if not (iou(np.array(placed.box), known) >= SAME).any():
                    more.append(placed)
    return sorted(more, key=lambda one: -one.score)


def _placed(detection: Detection, rows: slice, columns: slice, width: int, height: int) -> Detection:
    """A box of the window as it lies in the picture."""
    across, down = (columns.stop - columns.start) / width, (rows.stop - rows.start) / height
    x, y, w, h = detection.box
    box = columns.start / width + x * across, rows.start / height + y * down, w * across, h * down
    return Detection(box, detection.score, detection.kind)


def _is_whole(seen: Detection, placed: Detection) -> bool:
    """Whether it does not reach out of the window, but where the picture itself ends."""
    return not touches_edge(np.array([seen.box]))[0] or bool(touches_edge(np.array([placed.box]))[0])


def _fits(placed: Detection, box: Box) -> bool:
    times = placed.box[2] * placed.box[3] / (box[2] * box[3])
    return 1 / SIMILAR <= times <= SIMILAR
