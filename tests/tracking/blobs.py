"""Small videos of plain coloured blobs that move over a forest floor, and a cheap detector that finds light ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.species import Name
from pipeline.values import Detection, Kind
from tests.tracking.scenes import FOREST
from tests.video.filming import film

Picture = NDArray[np.uint8]
Place = Callable[[float], tuple[float, float, float, float] | None]  # the blob's box at a time in seconds, if any
Blob = tuple[Place, tuple[int, int, int]]

WHITE, BLUE, GREEN, RED = (250, 250, 250), (230, 20, 20), (20, 230, 20), (20, 20, 230)
WIDTH, HEIGHT = 320, 180
NAMED = Name({Kind.ANIMAL: 0.9, Kind.PERSON: 0.06, Kind.VEHICLE: 0.04}, "leopard", 0.8, {"leopard": 0.8, "fox": 0.2})


def walking(speed: float, left: float = 0.05, top: float = 0.4, size: float = 0.15) -> Place:
    """To the right at `speed` picture widths a second, for ever."""
    return lambda t: (left + speed * t, top, size, size)


def blob_video(
    path: Path,
    blobs: Sequence[Blob],
    seconds: float,
    *,
    fps: int = 12,
    times: Sequence[float] | None = None,
    turned: int = 0,
) -> Path:
    """A video of the blobs, WIDTH x HEIGHT as shown."""
    stamps = [i / fps for i in range(round(seconds * fps))] if times is None else list(times)
    shape = (HEIGHT, WIDTH) if turned in (0, 180) else (WIDTH, HEIGHT)
    upright = _pictures(blobs, stamps, shape)
    stored = (np.ascontiguousarray(np.rot90(picture, -turned // 90)) for picture in upright)
    return film(path, stored, times=times, fps=fps, turned=turned)


def _pictures(blobs: Sequence[Blob], stamps: Sequence[float], shape: tuple[int, int]) -> Iterator[Picture]:
    height, width = shape
    floor = np.asarray(np.dstack([cv2.resize(FOREST, (width, height))] * 3), dtype=np.uint8)
    for t in stamps:
        picture = floor.copy()
        for place, colour in blobs:
            box = place(t)
            if box is not None:
                x, y, w, h = box
                corner = round((x + w) * width) - 1, round((y + h) * height) - 1
                cv2.rectangle(picture, (round(x * width), round(y * height)), corner, colour, cv2.FILLED)
        yield picture


def find_light(picture: Picture) -> list[Detection]:
    """One box around everything that is nearly white."""
    light = picture.min(axis=2) > 200
    rows, columns = np.flatnonzero(light.any(axis=1)), np.flatnonzero(light.any(axis=0))
    if not len(rows):
        return []
    height, width = light.shape
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    box = float(left / width), float(top / height), float((right - left) / width), float((bottom - top) / height)
    return [Detection(box, 0.8, Kind.ANIMAL)]


@dataclass(frozen=True)
class Called:
    """Calls every track the same, and keeps the crops that it was shown."""

    answer: Name = NAMED
    shown: list[Picture] = field(default_factory=list)

    def read(self, crops: Picture) -> NDArray[np.float32]:
        self.shown.append(crops)
        return np.zeros((len(crops), 1), dtype=np.float32)

    def name(self, readings: NDArray[np.float32]) -> Name:
        return self.answer
