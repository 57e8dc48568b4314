"""Videos whose every picture carries its own number as a row of black and white blocks."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

BITS = 8
TICKS = 90_000


def numbered(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """A grey picture, (height, width, 3); its upper half holds the number, highest bit on the left."""
    picture = np.full((height, width, 3), 110, np.uint8)
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        picture[: height // 2, left:right] = 220 if number >> (BITS - 1 - bit) & 1 else 40
    return picture


def read_number(picture: av.VideoFrame) -> int:
    grey = picture.to_ndarray(format="gray")
    height, width = grey.shape
    centres = [grey[height // 4, (2 * bit + 1) * width // (2 * BITS)] for bit in range(BITS)]
    return sum(int(centre > 130) << (BITS - 1 - bit) for bit, centre in enumerate(centres))


@pytest.fixture
def make_video() -> Callable[..., Path]:
    """Write a video with one numbered picture at each of the given times."""

    def make(
        path: Path,
        times: Sequence[float],
        *,
        codec: str = "libx264",
        size: tuple[int, int] = (160, 96),
        pix_fmt: str = "yuv420p",
        turned: int = 0,
        pixel_aspect: Fraction | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Path:
        width, height = size
        with av.open(str(path), "w") as container:
            container.metadata.update(metadata or {})
            stream = container.add_stream(codec, rate=25)
            context = stream.codec_context
            context.width, context.height, context.pix_fmt = width, height, pix_fmt
            stream.time_base = context.time_base = Fraction(1, 25 if path.suffix == ".avi" else TICKS)
            if codec == "libx265":
                context.options = {"x265-params": "log-level=none"}
            if pixel_aspect:
                context.sample_aspect_ratio = pixel_aspect
            if turned:
                stream.set_display_rotation(turned)
            for number, t in enumerate(times):
                upright = numbered(number, *((height, width) if turned in (90, 270) else (width, height)))
                stored = np.ascontiguousarray(np.rot90(upright, -turned // 90))
                picture = av.VideoFrame.from_ndarray(stored, format="rgb24").reformat(format=pix_fmt)
                picture.pts = round(t / stream.time_base)
                picture.time_base = stream.time_base
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        return path

    return make


@pytest.fixture
def read_video() -> Callable[[Path], list[tuple[float, int]]]:
    """Each picture's time in seconds and the number it carries."""

    def read(path: Path) -> list[tuple[float, int]]:
        with av.open(str(path)) as container:
            return [(float(picture.time), read_number(picture)) for picture in container.decode(video=0)]

    return read
