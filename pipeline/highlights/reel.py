"""Join clips into one film of one size and one steady frame rate."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av

from pipeline.errors import ConfigError, NoFramesError, VideoError
from pipeline.highlights.film import Encoding, Film
from pipeline.highlights.pictures import cropped, letterbox, upright
from pipeline.highlights.quality import FILM_LINES
from pipeline.video.decode import open_video

PRESET = "medium"  # a film is made once and watched often
MOST_HELD_S = 1.0  # for which a picture stays at most, else a film would freeze where the camera paused


@dataclass(frozen=True, slots=True)
class ReelReport:
    """What went into a film."""

    path: Path
    seconds: float
    clips: tuple[Path, ...]  # in the film, in order
    damaged: tuple[tuple[Path, str], ...]  # clips that are missing from it, or in it only in part, each with the reason


@dataclass(frozen=True, slots=True)
class Crop:
    """What is cut off each picture, as shares of its height: what the camera wrote there shall not be seen."""

    top: float = 0.0
    bottom: float = 0.0


WHOLE = Crop()


def check_name(out: Path, overwrite: bool) -> None:
    """Refuse a name that no film can have, before anything is chosen for it.

    Raises:
        ConfigError: it does not end in .mp4; or there is such a file, and it is not to be overwritten.
    """
    if out.suffix.lower() != ".mp4":
        raise ConfigError(f"{out}: the film is an MP4, so its name must end in .mp4")
    if out.exists() and not overwrite:
        raise ConfigError(f"{out}: exists already; give another name, or ask for it to be overwritten")


def make_reel(
    clips: Sequence[Path],
    out: Path,
    *,
    width: int = 1280,
    height: int = FILM_LINES,
    fps: int = 25,
    crf: int = 20,
    crop: Crop = WHOLE,
    overwrite: bool = False,
    progress: Callable[[float, float], None] | None = None,
) -> ReelReport:
    """Join clips, one after the other with clean cuts, into one H.264 MP4.

    Each picture is shown whole but for `crop`, with black beside or above it where its shape differs. A clip with few
    pictures a second has them held, for a second at most, the last as long as the one before. A clip that cannot be
    read is passed over and listed. There is no sound and no metadata.

    A damaged file can kill the interpreter while it is decoded: run this in a child process unless the clips are known
    to be sound, as those that `cut_clips` wrote are.

    Args:
        clips: films with square pixels, in the order in which they are to be shown.
        out: the film, ending in .mp4.
        width: pixels, even.
        height: pixels, even.
        fps: pictures a second.
        crf: x264 quality, 0..51, lower is better.
        crop: what is cut off each clip's pictures.
        overwrite: replace `out` if it exists.
        progress: called at each new picture with the seconds that are done and those there are in all.

    Raises:
        ConfigError: `out` does not end in .mp4, exists already, or is one of the clips; or a side is odd.
        NoFramesError: not one of the clips can be read.
        VideoError: the film cannot be encoded.
        StoreError: the folder of `out` cannot be written to.
    """
    _check(clips, out, width, height, overwrite)
    total_s = sum(_declared_s(clip) for clip in clips)
    shown: list[Path] = []
    damaged: list[tuple[Path, str]] = []
    step = 0
    part = out.with_name(f".{out.name}.{os.getpid()}.part")  # two people may make films of one name
    with Film(out, Encoding(crf, PRESET, fps), part) as film:
        for clip in clips:
            before = step
            complaints: list[str] = []
            for picture, steps in _steady(clip, fps, complaints):
                boxed = letterbox(cropped(picture, crop.top, crop.bottom), width, height)
                for _ in range(steps):
                    film.add(boxed, step / fps)
                    step += 1
                if progress:
                    progress(min(step / fps, total_s), total_s)
            if step > before:
                shown.append(clip)
            damaged.extend((clip, complaint) for complaint in complaints)
        if not shown:
            first = f", the first because {damaged[0][1]}" if damaged else ""
            raise NoFramesError(f"{out.name}: not made: none of the {len(clips)} clips can be read{first}")
        if out.exists() and not overwrite:
            raise ConfigError(f"{out}: somebody wrote it meanwhile; give another name, or ask for it to be overwritten")
    return ReelReport(out, step / fps, tuple(shown), tuple(damaged))


def _check(clips: Sequence[Path], out: Path, width: int, height: int, overwrite: bool) -> None:
    if out.resolve() in {clip.resolve() for clip in clips}:
        raise ConfigError(f"{out}: this is one of the clips to be joined; give the film another name")
    check_name(out, overwrite)
    if width % 2 or height % 2:
        raise ConfigError(f"a film of {width} x {height} pixels cannot be made: both sides must be even")


def _declared_s(clip: Path) -> float:
    try:
        with open_video(clip) as video:
            return video.info.declared_duration_s or 0.0
    except VideoError:
        return 0.0  # it is reported when its turn comes


def _steady(clip: Path, fps: int, complaints: list[str]) -> Iterator[tuple[av.VideoFrame, int]]:
    """Each picture of a clip, upright, and for how many steps of 1 / fps it shows; what went wrong is noted."""
    try:
        with open_video(clip) as video:
            held: av.VideoFrame | None = None
            step, before_s, gap_s, most = 0, 0.0, 0.0, max(round(MOST_HELD_S * fps), 1)
            for frame in video.frames():
                gap_s, before_s = frame.t - before_s, frame.t
                due = math.floor(frame.t * fps + 0.5)
                if held is not None and due > step:
                    yield upright(held, video.info.rotation), min(due - step, most)
                    step = due
                held = frame.picture
            if held is not None:
                yield upright(held, video.info.rotation), min(max(round(gap_s * fps), 1), most)
            if complaint := video.report().complaint:
                complaints.append(complaint)
    except VideoError as error:
        complaints.append(str(error))
