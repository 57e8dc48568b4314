import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

Filming = Callable[..., Path]
NOBODY = 65534


@pytest.fixture(scope="session")
def film() -> Filming:
    """Makes a real video of three small pictures: film(path, format, codec, **metadata)."""

    def make(
        path: Path, container_format: str = "mp4", codec: str = "mpeg4", exif: bytes = b"", **metadata: str
    ) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        options = {"movflags": "use_metadata_tags"} if container_format == "mov" else {}
        with av.open(str(path), "w", format=container_format, options=options) as container:
            container.metadata.update(metadata)
            stream = container.add_stream(codec, rate=25)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = 64, 48
            stream.pix_fmt = {"mjpeg": "yuvj420p", "gif": "rgb8"}.get(codec, "yuv420p")
            for number in range(3):
                picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 80 * number, np.uint8), format="rgb24")
                container.mux([_with_exif(packet, exif) for packet in stream.encode(picture)])
            container.mux(stream.encode())
        return path

    return make


def _with_exif(packet: "av.Packet[Any]", exif: bytes) -> "av.Packet[Any]":
    """The packet of a JPEG picture with an APP1 segment put in front; the packet itself if there is none to put."""
    if not exif:
        return packet
    picture = bytes(packet)
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    changed: av.Packet[Any] = av.Packet(picture[:2] + segment + picture[2:])
    changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
    changed.stream, changed.is_keyframe = packet.stream, True
    return changed


@pytest.fixture
def without_rights() -> Iterator[Path]:
    """A folder to put files in, while the process has no more rights than an ordinary account."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o700)
        shutil.rmtree(folder)
