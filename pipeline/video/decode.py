"""Read a video's pictures one after the other, each with its true time.

Trap files are odd: cut off by an empty battery, with a variable frame rate, with more frames declared than held, with
a pixel format that changes after the first picture. Whatever can be read is read; what could not be is said in the
`DecodeReport`. Opening or decoding a damaged file can kill the interpreter (PyAV issue 2344), which no `try` catches,
so this runs in a child process whenever footage of unknown health is read (`pipeline.workers`).
"""

import logging
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.stream
import av.video.stream
import cv2
import numpy as np
from av.buffer import Buffer
from av.stream import Disposition
from numpy.typing import NDArray

from pipeline.errors import NoFramesError, OutOfReachError, UnreadableError
from pipeline.values import DecodeReport, VideoInfo
from pipeline.video.colour import in_standard_range

logger = logging.getLogger(__name__)

FALLBACK_FPS = 30.0  # for files that neither stamp their pictures nor declare a rate
HOPELESS_PACKETS = 200  # damaged packets in a row after which the rest is given up
LEAP_S = 60.0  # no camera waits so long between two pictures of one video, so such stamps are damaged
SAME_TIME_S = 1e-4  # between two pictures whose stamps say the same
_MATROSKA_DURATION = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)$")  # of one stream; what most programs write
MOST_STRETCHED = 4  # pixels declared longer than that are damaged words; anamorphic ones are 2 at most
WHOLE_SHARE = 0.99  # of the declared frames or duration; containers often count one picture too many


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture."""

    index: int  # 0, 1, ... over the pictures that could be decoded
    t: float  # seconds since the first picture, from presentation time stamps
    picture: av.VideoFrame  # in the first picture's size, and its own pixel format and orientation


@dataclass(slots=True)
class Video:
    """An open video: its declared facts, its pictures once, and then what decoding gave."""

    path: Path
    info: VideoInfo
    pixel_aspect: Fraction  # width over height of one of its pixels, before any turn
    _first: av.VideoFrame
    _pictures: Iterator[av.VideoFrame]
    _trouble: "_Trouble"
    _decoded: int = 0
    _last_t: float = 0.0
    _longest_gap: float = 0.0
    _times: "_Clock" = field(init=False)

    def __post_init__(self) -> None:
        self._times = _Clock(self.info.declared_fps or FALLBACK_FPS, by_decoding=self.info.container == "avi")

    def frames(self) -> Iterator[Frame]:
        """Every picture that can be decoded, in order; can be read once."""
        for picture in self._all_pictures():
            t = self._times.seconds(picture)
            if self._decoded:
                self._longest_gap = max(self._longest_gap, t - self._last_t)
            self._last_t = t
            yield Frame(self._decoded, t, self._of_one_size(picture))
            self._decoded += 1

    def _of_one_size(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture in the first one's size: where recordings were joined, it may be larger or smaller."""
        width, height = self._first.width, self._first.height
        return picture if (picture.width, picture.height) == (width, height) else picture.reformat(width, height)

    def _all_pictures(self) -> Iterator[av.VideoFrame]:
        yield self._first
        yield from self._pictures

    def report(self) -> DecodeReport:
        """What decoding gave so far; complete once `frames` has run out."""
        duration = self._last_t + 1 / (self.info.declared_fps or FALLBACK_FPS) if self._decoded else 0.0
        return DecodeReport(
            decoded_frames=self._decoded,
            decoded_duration_s=duration,
            damaged_packets=self._trouble.damaged,
            longest_gap_s=self._longest_gap,
            complaint=_complaint(self.info, self._decoded, duration, self._times.longest_leap, self._trouble),
        )


@dataclass(slots=True)
class _Trouble:
    damaged: int = 0  # packets
    spoilt: int = 0  # pictures of which the decoder itself says so; its threads hand on a few before they know
    stopped: str = ""


class _Clock:
    """Seconds since the first picture; never runs backwards, steps on where stamps are missing or damaged.

    Args:
        fps: at which it steps on.
        by_decoding: whether the times of decoding count, as in AVI, which keeps none of showing.
    """

    def __init__(self, fps: float, by_decoding: bool = False) -> None:
        self.longest_leap = 0.0  # seconds between the stamps of two pictures that are not believed
        self._step = 1.0 / fps
        self._origin: float | None = None
        self._last: float | None = None
        self._by_decoding = by_decoding

    def seconds(self, picture: av.VideoFrame) -> float:
        stamp = self._stamp(picture)
        if self._last is None:
            self._origin = stamp
            self._last = 0.0
            return 0.0
        if stamp is not None and self._origin is None:
            self._origin = stamp - self._last - self._step
        t = self._last + self._step if stamp is None or self._origin is None else stamp - self._origin
        if stamp is not None and abs(t - self._last) > LEAP_S:
            self.longest_leap = max(self.longest_leap, abs(t - self._last))
            t = self._last + self._step
            self._origin = stamp - t
        if t < self._last + SAME_TIME_S:
            t = self._last + self._step
        self._last = t
        return t

    def _stamp(self, picture: av.VideoFrame) -> float | None:
        ticks = picture.dts if self._by_decoding and picture.dts is not None else picture.pts
        return float(ticks * picture.time_base) if ticks is not None and picture.time_base else None


@contextmanager
def open_video(path: Path) -> Iterator[Video]:
    """Open a video and decode its first picture.

    Raises:
        OutOfReachError: the file is missing or forbidden.
        UnreadableError: it is empty, no video, or damaged beyond opening.
        NoFramesError: it opens and not one picture can be decoded.
    """
    container = _open_container(path)
    with container:
        stream = _picture_stream(container, path)
        trouble = _Trouble()
        pictures = _decode(container, stream, trouble)
        first = next(pictures, None)
        if first is None:
            raise NoFramesError(
                f"{path.name}: it opens as {container.format.name} and holds no picture that can be decoded"
                f"{': ' + trouble.stopped if trouble.stopped else ''}; probably the camera lost power while recording"
            )
        aspect = _pixel_aspect(stream)
        yield Video(path, _declared(container, stream, first, aspect), aspect, first, pictures, trouble)


def _open_container(path: Path) -> av.container.InputContainer:
    try:
        if os.path.getsize(path) == 0:  # noqa: PTH202  (pathlib's stat follows the same call and is no clearer)
            raise UnreadableError(f"{path.name}: empty file (0 bytes)")
        return av.open(str(path), metadata_errors="replace")
    except FileNotFoundError as error:
        raise OutOfReachError(f"{path.name}: there is no such file any more; was the card taken out?") from error
    except PermissionError as error:
        raise OutOfReachError(
            f"{path.name}: permission denied; give the account that runs Ethotrap read access"
        ) from error
    except IsADirectoryError as error:
        raise UnreadableError(f"{path.name}: is a folder, not a video") from error
    except av.error.FFmpegError as error:
        raise UnreadableError(
            f"{path.name}: cannot be opened as a video ({_plain(error)}); it is damaged, cut off before its index was"
            " written, or no video at all"
        ) from error


def _picture_stream(container: av.container.InputContainer, path: Path) -> av.video.stream.VideoStream:
    # Of several, FFmpeg knows the main one: drones write a small preview beside it, and programs a cover.
    best = container.streams.best("video")
    for stream in sorted(container.streams.video, key=lambda one: one is not best):
        # A stream whose codec context is None crashes the interpreter when it is decoded (PyAV issue 2344).
        is_cover = Disposition.attached_pic in stream.disposition
        if stream.codec_context is not None and stream.codec_context.width and not is_cover:
            stream.thread_type = "AUTO"
            return stream
    raise UnreadableError(f"{path.name}: holds no picture stream that can be decoded, only other data or sound")


def _decode(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, trouble: _Trouble
) -> Iterator[av.VideoFrame]:
    damaged_in_a_row = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError as error:
            trouble.stopped = f"the file breaks off ({_plain(error)})"
            packet = None
        if packet is None:
            return
        try:
            pictures = packet.decode()
            damaged_in_a_row = 0
        except av.error.FFmpegError:
            trouble.damaged += 1
            damaged_in_a_row += 1
            if damaged_in_a_row >= HOPELESS_PACKETS:
                trouble.stopped = f"{HOPELESS_PACKETS} damaged packets in a row"
                return
            continue
        for picture in pictures:
            trouble.spoilt += picture.is_corrupt
            yield picture


def _pixel_aspect(stream: av.video.stream.VideoStream) -> Fraction:
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    return aspect if 1 / MOST_STRETCHED <= aspect <= MOST_STRETCHED else Fraction(1)


def _declared(
    container: av.container.InputContainer,
    stream: av.video.stream.VideoStream,
    first: av.VideoFrame,
    pixel_aspect: Fraction,
) -> VideoInfo:
    rotation = _rotation(first)
    width, height = square_size(first.width, first.height, pixel_aspect)
    if rotation in (90, 270):
        width, height = height, width
    return VideoInfo(
        container=container.format.name.split(",")[0],
        codec=stream.codec_context.name,
        width=width,
        height=height,
        declared_frames=_declared_frames(container, stream),
        declared_duration_s=_declared_duration(container, stream),
        declared_fps=_declared_fps(container, stream),
        rotation=rotation,
    )


def _rotation(picture: av.VideoFrame) -> int:
    """Degrees counter-clockwise that bring it upright. What a player would mirror stays as it was filmed."""
    turn = picture.rotation
    matrix = picture.side_data.get("DISPLAYMATRIX")
    if isinstance(matrix, Buffer):
        across, down_of_across, _, across_of_down, down = struct.unpack_from("=5i", bytes(matrix))
        if across * down < down_of_across * across_of_down:  # a mirror image: the turn was told from the mirrored side
            turn = 180 - turn
    return int(round(turn / 90) * 90) % 360


def _declared_frames(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> int | None:
    """Without those that an MP4's edit list hides: a clip cut without encoding keeps pictures that nobody is shown."""
    if stream.frames and "mp4" in container.format.name:
        return min(stream.frames, sum(not entry.is_discard for entry in stream.index_entries))
    return stream.frames or None


def _declared_duration(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> float | None:
    """Seconds from the first picture on; where only the file as a whole declares some, the sound may be the longer."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    end = container.duration / av.time_base if container.duration else None
    if end is None or "matroska" not in container.format.name:
        return end
    if match := _MATROSKA_DURATION.match(stream.metadata.get("DURATION", "")):
        hours, minutes, seconds = map(float, match.groups())
        end = min(end, 3600 * hours + 60 * minutes + seconds)
    # Matroska counts from 0 wherever the stamps begin, as in a piece of a longer recording.
    return end - float((stream.start_time or 0) * (stream.time_base or 0))


def _declared_fps(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> float | None:
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    if container.format.name == "h264":  # no container: FFmpeg says 25, the stream itself may know better
        return float(stream.codec_context.framerate or 0) or rate
    if 0 < rate < 1 and "mp4" in container.format.name and len(stream.index_entries) > 2:
        # A pause or a damaged stamp weighs on the average alone.
        gap = np.median(np.diff([entry.timestamp for entry in stream.index_entries]))
        rate = max(rate, float(1 / (gap * stream.time_base))) if gap > 0 and stream.time_base else rate
    return rate or None


def _complaint(info: VideoInfo, decoded: int, duration_s: float, leap_s: float, trouble: _Trouble) -> str:
    complaints = []
    if leap_s:
        complaints.append(f"its time stamps leap by {leap_s:.0f} s between two pictures; they are read as damaged")
    if info.declared_frames and decoded < WHOLE_SHARE * info.declared_frames - 1:
        share = decoded / info.declared_frames
        complaints.append(f"{decoded} of {info.declared_frames} declared frames could be decoded ({share:.0%})")
    elif info.declared_duration_s and not leap_s and duration_s < WHOLE_SHARE * info.declared_duration_s - 1:
        complaints.append(f"{duration_s:.1f} s of {info.declared_duration_s:.1f} declared seconds could be decoded")
    if trouble.damaged:
        complaints.append(f"{trouble.damaged} damaged packets were passed over")
    if trouble.spoilt and not complaints:  # transport streams and Matroska declare no number of pictures
        complaints.append(f"data are missing; {trouble.spoilt} damaged pictures tell so")
    if trouble.stopped:
        complaints.append(trouble.stopped)
    return "; ".join(complaints)


def _plain(error: av.error.FFmpegError) -> str:
    return (error.strerror or str(error)).lower()


def square_size(width: int, height: int, pixel_aspect: Fraction) -> tuple[int, int]:
    """Width and height in square pixels: what is too narrow is stretched across, what is too flat is stretched down.

    Args:
        width: pixels, as decoded.
        height: pixels.
        pixel_aspect: width over height of one of them.
    """
    if pixel_aspect > 1:
        return round(width * pixel_aspect), height
    return width, round(height / pixel_aspect)


def upright_bgr(
    picture: av.VideoFrame, width: int, rotation: int = 0, pixel_aspect: Fraction = Fraction(1)
) -> NDArray[np.uint8]:
    """A picture as blue, green, red bytes, scaled down to at most `width` pixels across, turned upright.

    Colour conversion and scaling happen in one pass of the scaler.

    Returns:
        (h, w, 3) uint8, contiguous; its pixels are square.
    """
    square_width, square_height = square_size(picture.width, picture.height, pixel_aspect)
    upright_width = square_height if rotation in (90, 270) else square_width
    scale = min(1.0, width / upright_width)
    small_width, small_height = max(2, round(square_width * scale)), max(2, round(square_height * scale))
    picture = in_standard_range(picture, small_width, small_height)
    bgr = picture.to_ndarray(format="bgr24", width=small_width, height=small_height)
    turn = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}.get(rotation)
    upright = bgr if turn is None else cv2.rotate(bgr, turn)
    return np.asarray(upright, dtype=np.uint8)
