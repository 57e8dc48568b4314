"""Pictures to teach the detector with: of simulated clips, whose boxes are known, and real photos."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluate.truths import TrueAnimal, TrueClip, read_truths
from pipeline.errors import ConfigError
from pipeline.values import Array
from pipeline.video.decode import open_video, upright_bgr

SEEN = 0.25  # share of an animal that can be seen from which it is to be boxed
HIDDEN = 0.04  # share up to which it need not be; pictures with an animal between the two teach nothing
LEAST_PX = 3.0  # sides of a box


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture and what is to be boxed in it."""

    pixels: NDArray[np.uint8]  # (h, w, 3) blue, green, red
    boxes: Array  # (n, 4) left, top, right, bottom in pixels, within the picture
    behaviours: tuple[str, ...] = ()  # (n,) what each does

    @property
    def is_empty(self) -> bool:
        """Nothing is to be boxed."""
        return not len(self.boxes)


def of_clips(folder: Path, each: int, chance: np.random.Generator) -> list[Picture]:
    """Pictures of all simulated clips below a folder, drawn by chance.

    Args:
        folder: what `ethotrap simulate` made.
        each: how many of each clip.
        chance: draws them.

    Returns:
        Fewer than asked for where an animal can be seen in part and it is moot whether it is to be boxed.

    Raises:
        ConfigError: there is no clip.
        VideoError: one cannot be read.
    """
    clips, _ = read_truths(folder)
    if not clips:
        raise ConfigError(f"{folder} holds no simulated clips; `ethotrap simulate` makes some")
    return [picture for clip in clips for picture in _of_clip(clip, each, chance)]


def _of_clip(clip: TrueClip, each: int, chance: np.random.Generator) -> Iterator[Picture]:
    count = len(clip.times)
    wanted = set(chance.choice(count, min(each, count), replace=False).tolist())
    with open_video(clip.video) as video:
        for index, frame in enumerate(video.frames()):
            if index in wanted and not _is_moot(clip.animals, index):
                pixels = upright_bgr(frame.picture, video.info.width, video.info.rotation, video.pixel_aspect)
                yield labelled(pixels, clip.animals, index)


def _is_moot(animals: Sequence[TrueAnimal], index: int) -> bool:
    return any(HIDDEN < animal.visible[index] < SEEN for animal in animals)


def labelled(pixels: NDArray[np.uint8], animals: Sequence[TrueAnimal], index: int) -> Picture:
    """One frame of a clip with the boxes of those who can be seen, as far as they lie in the picture.

    Args:
        pixels: (h, w, 3) blue, green, red.
        animals: all of the clip, people too.
        index: which frame.
    """
    height, width = pixels.shape[:2]
    boxes, behaviours = [], []
    for animal in animals:
        left, top, wide, high = animal.boxes[index] * [width, height, width, height]
        corners = np.clip([left, top, left + wide, top + high], 0, [width, height, width, height])
        if animal.visible[index] >= SEEN and (corners[2:] - corners[:2] > LEAST_PX).all():
            boxes.append(corners)
            behaviours.append(animal.behaviours[index])
    return Picture(pixels, np.array(boxes, dtype=float).reshape(-1, 4), tuple(behaviours))


def of_photos(folder: Path) -> list[Picture]:
    """Every JPEG below a folder, with nothing said of what it shows.

    Raises:
        ConfigError: there is none that can be read.
    """
    read = [cv2.imread(str(path)) for path in sorted(folder.rglob("*.jpg"))]
    photos = [Picture(np.asarray(pixels, dtype=np.uint8), np.empty((0, 4))) for pixels in read if pixels is not None]
    if not photos:
        raise ConfigError(
            f"{folder} holds no photo; name a folder of .jpg files, the more unlike each other the better"
        )
    return photos
