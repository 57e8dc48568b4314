"""Small videos of any oddity, made on the spot."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
TICKS = 90_000
TRANSPORT_PACKET = 188  # bytes; ISO/IEC 13818-1
UNKNOWN_SOUND = (0x7777).to_bytes(2, "little")  # a WAVE format tag that nobody has registered


def noise(number: int, width: int = 64, height: int = 48) -> Picture:
    """A picture that costs bytes, (height, width, 3); the same for the same number."""
    return np.random.default_rng(number).integers(0, 255, (height, width, 3)).astype(np.uint8)


def noises(count: int, width: int = 64, height: int = 48) -> Iterator[Picture]:
    return (noise(number, width, height) for number in range(count))


def film(
    path: Path,
    pictures: Iterable[Picture],
    *,
    times: Sequence[float] | None = None,
    fps: int = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    turned: int = 0,
    pixel_aspect: Fraction = Fraction(1),
    sound_s: float = 0.0,
    options: Mapping[str, str] | None = None,
) -> Path:
    """Write a video, one picture at each of `times` (seconds), or at a steady rate."""
    with av.open(str(path), "w", options=dict(options or {})) as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, av.VideoStream)
        context = stream.codec_context
        context.pix_fmt = pix_fmt
        tick = Fraction(1, fps if times is None else TICKS)
        stream.time_base = context.time_base = tick
        context.gop_size = 12
        if codec == "libx265":
            context.options = {"x265-params": "log-level=none", "preset": "ultrafast"}
        context.sample_aspect_ratio = pixel_aspect
        if turned:
            stream.set_display_rotation(turned)
        speaker = container.add_stream("pcm_s16le", rate=8000, layout="mono") if sound_s else None
        for number, picture in enumerate(pictures):
            if number == 0:
                context.height, context.width = picture.shape[:2]
            shown = av.VideoFrame.from_ndarray(picture, format="bgr24")
            shown.time_base = tick
            shown.pts = number if times is None else round(times[number] / tick)
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
        if speaker is not None:
            tone = av.AudioFrame.from_ndarray(
                np.zeros((1, round(8000 * sound_s)), np.int16), format="s16", layout="mono"
            )
            tone.rate = 8000
            container.mux([*speaker.encode(tone), *speaker.encode(None)])
    return path


def film_with_preview(path: Path, pictures: Sequence[Picture], small: Picture, *, is_cover: bool) -> Path:
    """A video behind a stream of the small picture: shown at the start alone, or ten times a second like the rest."""
    with av.open(str(path), "w") as container:
        beside = container.add_stream("mjpeg", rate=10, width=small.shape[1], height=small.shape[0], pix_fmt="yuvj420p")
        main = container.add_stream(
            "libx264", rate=10, width=pictures[0].shape[1], height=pictures[0].shape[0], pix_fmt="yuv420p"
        )
        beside.disposition = Disposition.attached_pic if is_cover else Disposition(0)
        main.disposition = Disposition.default
        container.start_encoding()
        for number, picture in enumerate(pictures):
            for stream, shown in ((beside, small), (main, picture)):
                if number == 0 or stream is main or not is_cover:
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="bgr24")))
        container.mux([*beside.encode(None), *main.encode(None)])
    return path


def mirrored(path: Path, *, across: bool, down: bool) -> Path:
    """The same MP4, to be shown with left and right, or top and bottom, exchanged."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44  # ISO/IEC 14496-12, 8.3.2
    for place, is_exchanged in ((matrix, across), (matrix + 16, down)):
        content[place : place + 4] = struct.pack(">i", -(1 << 16) if is_exchanged else 1 << 16)
    path.write_bytes(content)
    return path


def moved(path: Path, source: Path, by_s: float) -> Path:
    """The same pictures under other stamps, not encoded anew; an MP4 hides what comes to lie before 0."""
    with av.open(str(source)) as original, av.open(str(path), "w") as container:
        shown = original.streams.video[0]
        stream = container.add_stream_from_template(shown)
        for packet in original.demux(shown):
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            packet.pts += round(by_s / packet.time_base)
            packet.dts += round(by_s / packet.time_base)
            packet.stream = stream
            container.mux(packet)
    return path


def film_whose_pixels_change(path: Path, first: str, then: str, count: int) -> Path:
    """Motion JPEG whose first picture has one pixel format and all later ones another, as some traps write it."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, first
        for number, picture in enumerate(noises(count)):
            for packet in _jpegs(picture, first if number == 0 else then):
                packet.stream, packet.time_base = stream, Fraction(1, 10)
                packet.pts = packet.dts = number
                container.mux(packet)
    return path


def _jpegs(picture: Picture, pix_fmt: str) -> "list[av.Packet[Any]]":
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = picture.shape[1], picture.shape[0], pix_fmt
    encoder.time_base = Fraction(1, 10)
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=pix_fmt)
    return [*encoder.encode(frame), *encoder.encode(None)]


def with_unknown_sound(path: Path) -> Path:
    """The same AVI, its sound declared as of a kind that nothing can decode."""
    content = bytearray(path.read_bytes())
    declared = content.index(b"strf", content.index(b"auds")) + 8
    content[declared : declared + 2] = UNKNOWN_SOUND
    path.write_bytes(content)
    return path


def empty_avi(path: Path) -> Path:
    """An AVI with its header and no picture, as a camera leaves it that lost power at once."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        container.start_encoding()
    return path


def cut_off(path: Path, share: float) -> Path:
    """The file with only the first `share` of its bytes."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def scratched(path: Path) -> Path:
    """The file with zeros inside every picture of more than 500 bytes, while its container stays whole."""
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.pos is not None and packet.size > 500:
                within = packet.pos + 2 * TRANSPORT_PACKET + 20
                content[within : within + 90] = bytes(90)
    path.write_bytes(content)
    return path
