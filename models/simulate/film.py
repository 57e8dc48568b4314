"""Writing frames as a trap would: H.264 in MP4, with the time of capture inside."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


def write_film(frames: Iterable[NDArray[np.uint8]], path: Path, fps: int, captured_at: datetime, quality: int) -> int:
    """Encodes frames; the same frames give the same bytes.

    Args:
        frames: (h, w, 3) RGB each, all of one even size.
        path: the MP4 to write; its folder must exist.
        fps: frames a second.
        captured_at: its wall clock goes into `creation_time`, whatever its zone: that is how trap cameras write it,
            although QuickTime asks for UTC.
        quality: x264's CRF, lower is better.

    Returns:
        How many frames were written.
    """
    count = 0
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        container.metadata["creation_time"] = captured_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        stream = container.add_stream("libx264", rate=fps)
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(quality), "preset": "slow", "threads": "1", "g": str(fps * 4)}
        for picture in frames:
            if count == 0:
                stream.height, stream.width = picture.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            count += 1
        container.mux(stream.encode())
    return count
