"""Poorer copies of simulated clips: half the pictures, half the size, encoded harder, or wrongly exposed at first."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.simulate.annotation import video_beside
from models.simulate.film import write_timed_film
from pipeline.tracking.exposure import relit
from pipeline.video.decode import Video, open_video, upright_bgr

Way = Literal["half-rate", "half-size", "harder", "settling"]
WAYS: tuple[Way, ...] = get_args(Way)
# x264's CRF; the clips themselves have 22 to 24
_QUALITY = {"half-rate": 20, "half-size": 20, "harder": 34, "settling": 20}
# Times the right one, in turn. Of 33 files from real traps six begin at 0.17 to 0.57, and six at 1.2 to 1.9.
_FIRST_EXPOSURE = 0.35, 1.9
_SETTLING_S = 0.45  # in which what is wrong with it falls to a third


def alter_folder(clips: Path, out: Path, way: Way) -> int:
    """Write an altered copy of every clip, with its truth beside it.

    Args:
        clips: what `ethotrap simulate --out` made.
        out: folder for the copies, in the same folders.
        way: how.

    Returns:
        How many were written.

    Raises:
        VideoError: a clip cannot be read.
        OSError: a copy cannot be written.
    """
    written = 0
    for truth in sorted(clips.rglob("*.json")):
        video = video_beside(truth)
        if video is None:
            continue
        exposure = _FIRST_EXPOSURE[written % len(_FIRST_EXPOSURE)] if way == "settling" else 1.0
        copy = out / truth.relative_to(clips)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with open_video(video) as opened:
            rate = max(round(opened.info.declared_fps or 10), 1)
            write_timed_film(
                _pictures(opened, way, exposure),
                copy.with_suffix(".MP4"),
                rate,
                datetime(2025, 6, 1, tzinfo=UTC),
                _QUALITY[way],
            )
        shutil.copyfile(truth, copy)
        written += 1
    return written


def _pictures(video: Video, way: Way, exposure: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    size = video.info.width // 4 * 2 if way == "half-size" else video.info.width
    for number, frame in enumerate(video.frames()):
        if way != "half-rate" or number % 2 == 0:
            picture = upright_bgr(frame.picture, size, video.info.rotation, video.pixel_aspect)
            even = np.ascontiguousarray(picture[: picture.shape[0] // 2 * 2, :, ::-1])
            yield frame.t, relit(even, 1 + (exposure - 1) * float(np.exp(-frame.t / _SETTLING_S)))
