"""Find animals, people and vehicles in one picture, with any detector that Ultralytics loads."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ultralytics.models import YOLO

from pipeline.errors import ModelError
from pipeline.tracking.geometry import shared_of_smaller
from pipeline.values import Detection, Kind

MAX_ENLARGEMENT = 2.0
CLOSE_UP = 0.35  # share of the picture's width or height from which an animal counts as close up
INSIDE = 0.7  # share of the smaller box that lies in the larger from which the two are one animal's
SURE = 0.3  # score from which a box stands for an animal by itself
STRIDE = 32  # pixels; every network of the YOLO family wants sides that are multiples of this


class Detector:
    """A loaded detection network. Load it once in each worker: that costs far more than a picture."""

    def __init__(
        self,
        weights: Path,
        kinds: Mapping[int, Kind],
        long_side: int,
        min_score: float,
        overlap: float = 0.5,
        close_up_side: int = 0,
    ) -> None:
        """Load the weights.

        Args:
            weights: a file that `ultralytics.YOLO` loads, such as .onnx or .pt.
            kinds: what each of the network's classes means; others are left out.
            long_side: pixels to which a picture's longer side is scaled; its shape is kept.
            min_score: boxes below this are dropped, 0..1.
            overlap: boxes with a larger intersection over union are one.
            close_up_side: pixels of a second, smaller look, in which animals that fill the picture have the size that
                the network knows; only large boxes of it count. 0: no second look.

        Raises:
            ModelError: Ultralytics cannot load the file.
        """
        self._kinds = dict(kinds)
        self._long_side = long_side
        self._min_score = min_score
        self._overlap = overlap
        self._close_up_side = close_up_side
        try:
            self._network = YOLO(str(weights), task="detect")
            self(np.zeros((STRIDE, STRIDE, 3), dtype=np.uint8))  # most formats are read only when they are first used
        except (OSError, RuntimeError, TypeError, ValueError) as error:
            raise ModelError(f"{weights}: Ultralytics cannot load this detector: {error}") from error

    def __call__(self, picture: NDArray[np.uint8]) -> list[Detection]:
        """Boxes in one picture, best first.

        Args:
            picture: (h, w, 3) uint8, blue, green, red.
        """
        found = self._look(picture, self._long_side)
        if not self._close_up_side:
            return found
        close = self._look(picture, self._close_up_side)
        return merge(found, [d for d in close if max(d.box[2:]) >= CLOSE_UP])

    def _look(self, picture: NDArray[np.uint8], long_side: int) -> list[Detection]:
        result: Any
        (result,) = self._network.predict(
            picture,
            imgsz=network_size(picture.shape[1], picture.shape[0], long_side),
            conf=self._min_score,
            iou=self._overlap,
            agnostic_nms=True,
            max_det=50,
            verbose=False,
        )
        boxes: Any = result.boxes.cpu().numpy()
        corners = np.clip(boxes.xyxyn.astype(float), 0, 1)
        found = []
        for (left, top, right, bottom), score, number in zip(corners, boxes.conf, boxes.cls, strict=True):
            kind = self._kinds.get(int(number))
            if kind is not None and right > left and bottom > top:
                found.append(Detection((left, top, right - left, bottom - top), float(score), kind))
        return found


def merge(found: list[Detection], close: list[Detection]) -> list[Detection]:
    """What a first look found, completed by a second look for animals that fill the picture.

    A box of the second look takes the place of the first look's boxes inside it if it is surer than they are: they were
    a head or a leg. It does not if two or more of those are sure by themselves: it then covers several animals.

    Args:
        found: of the first look.
        close: large boxes of the second look.

    Returns:
        Best first.
    """
    kept = list(found)
    for detection in close:
        boxes = np.array([d.box for d in kept], dtype=float).reshape(-1, 4)
        wide = np.repeat(np.array([detection.box]), len(kept), axis=0)
        inside = [d for d, share in zip(kept, shared_of_smaller(boxes, wide), strict=True) if share >= INSIDE]
        sure = [d for d in inside if d.score >= SURE]
        if len(sure) < 2 and all(d.score < detection.score for d in inside):
            kept = [d for d in kept if d not in inside] + [detection]
    return sorted(kept, key=lambda d: -d.score)


def network_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Height and width that a picture is given to the network in: its own shape, sides rounded up to the stride.

    Args:
        width: the picture's, pixels.
        height: the picture's, pixels.
        long_side: pixels wanted on the longer side; a tiny picture gets less, since enlarging adds nothing to see.
    """
    scale = min(long_side / max(width, height), MAX_ENLARGEMENT)
    rows, columns = (max(STRIDE, int(np.ceil(side * scale / STRIDE - 1e-6)) * STRIDE) for side in (height, width))
    return rows, columns
