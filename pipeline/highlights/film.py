"""Write one H.264 MP4 that plays everywhere, bears no metadata of its making, and is never seen half done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from pipeline.errors import StoreError, VideoError
from pipeline.highlights.pictures import PIXEL_FORMAT

TICKS_PER_S = 90_000  # fine enough for any frame rate; the clock of MPEG transport streams
KEY_PICTURE_S = 2.0  # a player can jump to about every other second
LIKELY_FPS = (1.0, 120.0)  # containers declare anything; a wild rate would mark the film as too much for small devices
LOOKAHEAD = 5  # pictures that x264 holds back at least; bounds its memory, about 420 MB for 4K, whatever the preset
THREADS = 2  # x264 divides pictures among its threads: another number gives other bytes


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a film is compressed."""

    crf: int  # x264's quality, 0..51, lower is better
    preset: str  # x264's speed
    fps: float  # pictures a second to be expected; the times of the pictures are what counts


class Film:
    """An MP4 that is being written, under a temporary name until it is whole.

    As a context manager it takes its own name when the block ends well, and leaves nothing behind otherwise.
    """

    def __init__(self, path: Path, encoding: Encoding, part: Path | None = None) -> None:
        self.path = path
        self._encoding = encoding
        self._fps = min(max(encoding.fps, LIKELY_FPS[0]), LIKELY_FPS[1])
        self._part = part or path.with_name(f".{path.name}.part")
        self._last_ticks = -1
        self._step = round(TICKS_PER_S / self._fps)
        self._origin = 0.0
        self._stream: VideoStream | None = None
        with _writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._container: OutputContainer = av.open(
                str(self._part),
                "w",
                format="mp4",
                # bitexact: no name and version of the writer, no time of writing.
                options={"movflags": "+faststart", "fflags": "+bitexact", "video_track_timescale": str(TICKS_PER_S)},
            )

    def add(self, picture: av.VideoFrame, t: float) -> None:
        """Show `picture` from `t` on; the first one's time becomes the film's time 0.

        The film takes the first picture's size; later ones of another size are scaled to it. The picture's own time
        stamp and picture type are overwritten.

        Args:
            picture: yuv420p, limited range, even sides.
            t: seconds, rising.

        Raises:
            VideoError: the picture cannot be encoded.
            StoreError: the folder cannot be written to.
        """
        with _writing(self.path):
            if self._stream is None:
                self._origin = t
                self._stream = self._new_stream(picture)
            ticks = max(round((t - self._origin) * TICKS_PER_S), self._last_ticks + 1)
            if self._last_ticks >= 0:
                self._step = ticks - self._last_ticks
            picture.pts, picture.time_base = ticks, Fraction(1, TICKS_PER_S)
            picture.pict_type = PictureType.NONE  # else x264 repeats the source's choice of key pictures
            self._last_ticks = ticks
            self._mux(self._stream.encode(picture))

    def finish(self) -> None:
        """Write what is still in the encoder, and give the film its name.

        Raises:
            VideoError: no picture was added, or the rest cannot be encoded.
            StoreError: the folder cannot be written to.
        """
        if self._stream is None:
            raise VideoError(f"{self.path.name}: no picture was there to be written")
        with _writing(self.path):
            self._mux(self._stream.encode(None))
            self._container.close()
            self._part.replace(self.path)

    def discard(self) -> None:
        """Stop, and remove what was written so far; after `finish` this does nothing."""
        # It is thrown away in any case, and the error that led here is the one to report.
        with suppress(av.error.FFmpegError, OSError):
            self._container.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.finish()
        finally:
            self.discard()

    def _mux(self, packets: Sequence["av.Packet[VideoStream]"]) -> None:
        for packet in packets:
            # Only the very last one's counts, the others stay until the next: so it stays as long as the one before it.
            packet.duration = self._step
        self._container.mux(packets)

    def _new_stream(self, picture: av.VideoFrame) -> VideoStream:
        stream = self._container.add_stream(
            "libx264",
            rate=Fraction(self._fps).limit_denominator(1001),
            options={
                "crf": str(self._encoding.crf),
                "preset": self._encoding.preset,
                "threads": str(THREADS),
                "rc-lookahead": str(LOOKAHEAD),
                "g": str(max(1, round(KEY_PICTURE_S * self._fps))),
                # Captions and free text that a source carries inside its pictures stay out.
                "a53cc": "0",
                "udu_sei": "0",
            },
        )
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = picture.width, picture.height, PIXEL_FORMAT
        context.time_base = stream.time_base = Fraction(1, TICKS_PER_S)
        context.color_range = ColorRange.MPEG
        context.colorspace = picture.colorspace
        context.color_primaries = picture.color_primaries
        context.color_trc = picture.color_trc
        return stream


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); check that the disk has room and the folder allows writing"
        ) from error
    except av.error.FFmpegError as error:
        raise VideoError(f"{path.name}: the film could not be encoded ({error.strerror})") from error
