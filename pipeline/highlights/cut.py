"""Cut bouts out of a video: each becomes a small film of its own, with a poster.

The pictures come from the original at its own resolution, and every one keeps its own time: the clip's clock is the
source's, moved so that the clip's first picture lies at 0.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from pipeline.errors import DecodingError, StoreError
from pipeline.highlights.film import Encoding, Film
from pipeline.highlights.pictures import jpeg, planes, upright
from pipeline.highlights.quality import FILM_LINES, clip_quality, frame_appeal, sharpness
from pipeline.settings import ClipSettings
from pipeline.values import Array, Clip, VideoInfo
from pipeline.video.decode import FALLBACK_FPS, Frame
from pipeline.whole_file import whole_file

logger = logging.getLogger(__name__)

POSTER_PX = 1280  # longer side
PIXELS_AT_ONCE = 25_000_000  # over the clips that are being encoded at a time: three in 4K, about 1.3 GB
SAME_TIME_S = 1e-6  # times that differ by less are the same picture's


@dataclass(frozen=True, slots=True, eq=False)
class CutRequest:
    """One bout to be cut out, and where its animal is."""

    name: str  # of the files, without a suffix
    start_s: float  # of the bout, without padding
    end_s: float
    t: Array  # (n,) seconds, rising, n > 0; may reach beyond the bout
    boxes: Array  # (n, 4)


def waves(requests: Sequence[CutRequest], info: VideoInfo, settings: ClipSettings) -> list[list[CutRequest]]:
    """Share out the requests so that cutting one wave after the other, each from the start, needs bounded memory.

    Every clip that is open at a time has an encoder of its own. A herd in 4K would fill any machine; nearly always
    there is one wave only.

    Returns:
        At least one request a wave; no more than `PIXELS_AT_ONCE` pixels of picture are open at a time in any of them
        unless one picture alone is larger.
    """
    at_once = max(1, PIXELS_AT_ONCE // (info.width * info.height))
    lanes: list[list[CutRequest]] = []
    for request in sorted(requests, key=lambda request: (request.start_s, request.name)):
        begin = request.start_s - settings.padding_s
        free = (lane for lane in lanes if lane[-1].end_s + settings.padding_s + SAME_TIME_S < begin)
        lane = next(free, None)
        if lane is None:
            lanes.append([request])
        else:
            lane.append(request)
    return [
        [request for lane in lanes[first : first + at_once] for request in lane]
        for first in range(0, len(lanes), at_once)
    ]


def cut_clips(
    frames: Iterable[Frame],
    info: VideoInfo,
    requests: Sequence[CutRequest],
    out: Path,
    settings: ClipSettings,
    pixel_aspect: Fraction = Fraction(1),
) -> list[Clip]:
    """Make a clip and a poster of each bout, reading the video once from its start to the last bout's end.

    Bouts may overlap. A clip reaches `settings.padding_s` beyond its bout on either side, as far as the video does.
    The same frames and settings give the same bytes, and files of the same name are replaced. The time stamps inside
    the frames' pictures are overwritten on the way.

    Args:
        frames: the video's pictures in order.
        info: what the video declares; its rotation is applied.
        requests: the bouts, in any order.
        out: folder for NAME.mp4 and NAME.jpg; made if it is missing.
        settings: padding, quality and speed.
        pixel_aspect: width over height of one of the video's pixels.

    Returns:
        One clip a request, in the order of `requests`.

    Raises:
        DecodingError: the frames end before a bout begins.
        VideoError: a clip cannot be encoded.
        StoreError: `out` cannot be written to.
    """
    encoding = Encoding(settings.crf, settings.preset, info.declared_fps or FALLBACK_FPS)
    waiting = sorted(requests, key=lambda request: request.start_s, reverse=True)
    running: list[_Cut] = []
    done: dict[str, Clip] = {}
    try:
        for frame in frames:
            for cut in [cut for cut in running if cut.is_past(frame.t)]:
                done[cut.request.name] = cut.finish()
                running.remove(cut)
            while waiting and waiting[-1].start_s - settings.padding_s <= frame.t + SAME_TIME_S:
                running.append(_Cut(waiting.pop(), out, encoding, settings.padding_s))
            if not waiting and not running:
                break
            if running:
                picture = upright(frame.picture, info.rotation, pixel_aspect)
                for cut in running:
                    cut.add(picture, frame.t)
        for cut in running:
            done[cut.request.name] = cut.finish()
    finally:
        for cut in running:
            cut.discard()
    if waiting:
        raise DecodingError(
            f"the video ended before the bout at {waiting[-1].start_s:.2f} s; it gave more pictures when it was"
            " analysed, so look whether the file or the card has changed since"
        )
    logger.debug("cut %d clips into %s", len(done), out)
    return [done[request.name] for request in requests]


class _Cut:
    """One clip in the making: the film, and what is known of its best picture so far."""

    def __init__(self, request: CutRequest, out: Path, encoding: Encoding, padding_s: float) -> None:
        self.request = request
        self._until = request.end_s + padding_s + SAME_TIME_S
        self._film = Film(out / f"{request.name}.mp4", encoding)
        self._poster_path = out / f"{request.name}.jpg"
        self._poster: av.VideoFrame | None = None
        self._appeal = -np.inf
        self._boxes: list[Array] = []
        self._sharpness: list[float] = []
        self._times: tuple[float, float] | None = None

    def is_past(self, t: float) -> bool:
        return t > self._until

    def add(self, picture: av.VideoFrame, t: float) -> None:
        self._times = (self._times[0] if self._times else t, t)
        if self.request.start_s - SAME_TIME_S <= t <= self.request.end_s + SAME_TIME_S:
            self._judge(picture, t)
        self._film.add(picture, t)

    def _judge(self, picture: av.VideoFrame, t: float) -> None:
        box = self.request.boxes[int(np.argmin(np.abs(self.request.t - t)))]
        sharp = _sharpness_inside(picture, box)
        self._boxes.append(box)
        self._sharpness.append(sharp)
        appeal = float(frame_appeal(box, np.array([sharp]))[0])
        if appeal > self._appeal:
            self._appeal, self._poster = appeal, picture

    def finish(self) -> Clip:
        if self._times is None or self._poster is None:
            raise DecodingError(
                f"{self._film.path.name}: no picture lies between {self.request.start_s:.2f} and"
                f" {self.request.end_s:.2f} s, although the bout was seen there; look whether the file has changed"
            )
        self._film.finish()
        _replace(self._poster_path, jpeg(self._poster, POSTER_PX))
        quality = clip_quality(np.array(self._boxes), np.array(self._sharpness))
        return Clip(self._film.path, self._poster_path, *self._times, quality)

    def discard(self) -> None:
        self._film.discard()


def _sharpness_inside(picture: av.VideoFrame, box: Array) -> float:
    luma = planes(picture)[0]
    height, width = luma.shape
    x, y, w, h = np.clip(box, 0, 1) * (width, height, width, height)
    inside = luma[int(y) : int(np.ceil(y + h)), int(x) : int(np.ceil(x + w))]
    if height < FILM_LINES and inside.size:
        # A film enlarges it; as it is, every animal would be the sharper the fewer pixels its trap has.
        larger = FILM_LINES / height
        inside = np.asarray(cv2.resize(inside, None, fx=larger, fy=larger, interpolation=cv2.INTER_CUBIC), np.uint8)
    return sharpness(inside)


def _replace(path: Path, content: bytes) -> None:
    try:
        with whole_file(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); check that the disk has room and the folder allows writing"
        ) from error
