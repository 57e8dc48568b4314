"""Writing frames as a trap would, with the time of capture inside: H.264 in MP4, or MJPEG in AVI."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

_CLOCK = 90_000  # ticks a second of a video whose frame rate varies


def write_timed_film(
    frames: Iterable[tuple[float, NDArray[np.uint8]]], path: Path, fps: int, captured_at: datetime, quality: int
) -> None:
    """Encodes frames that come at their own times into H.264 in MP4; the same frames give the same bytes.

    Args:
        frames: seconds from the video's start, and the picture, (h, w, 3) RGB of one even size.
        path: the MP4 to write; its folder must exist.
        fps: nominal frames a second.
        captured_at: its wall clock goes into `creation_time`, whatever its zone: that is how trap cameras write it,
            although QuickTime asks for UTC.
        quality: x264's CRF, lower is better.
    """
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        container.metadata["creation_time"] = _wall_clock(captured_at)
        stream = container.add_stream("libx264", rate=fps)
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, _CLOCK)
        stream.options = {"crf": str(quality), "preset": "fast", "threads": "1", "g": str(fps * 4)}
        for number, (second, picture) in enumerate(frames):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(second * _CLOCK), Fraction(1, _CLOCK)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def write_motion_jpeg(frames: Iterable[NDArray[np.uint8]], path: Path, fps: int, captured_at: datetime) -> None:
    """Encodes frames as older traps do, into MJPEG in AVI.

    Args:
        frames: (h, w, 3) RGB each, all of one even size.
        path: the AVI to write; its folder must exist.
        fps: frames a second.
        captured_at: its wall clock goes into the tag ICRD.
    """
    with av.open(str(path), "w", format="avi", options={"fflags": "+bitexact"}) as container:
        container.metadata["date"] = captured_at.strftime("%Y-%m-%d %H:%M:%S")
        stream = container.add_stream("mjpeg", rate=fps)
        stream.pix_fmt = "yuvj420p"
        stream.options = {"qmin": "4", "qmax": "6", "threads": "1"}
        for number, picture in enumerate(frames):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _wall_clock(captured_at: datetime) -> str:
    return captured_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
