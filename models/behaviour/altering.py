"""Altered copies of labelled clips: fewer pictures, smaller, encoded harder, mirrored, wrongly exposed, swaying."""

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.annotation import video_beside
from models.simulate.film import write_timed_film
from pipeline.tracking.exposure import relit
from pipeline.video.decode import Video, open_video, upright_bgr

Way = Literal["again", "half-rate", "half-size", "harder", "mirrored", "settling", "swaying"]
WAYS: tuple[Way, ...] = get_args(Way)
# x264's CRF; the clips themselves have 22 to 24
_QUALITY, _HARDER = 20, 34

# Times the right one, in turn. Of 33 files from real traps six begin at 0.17 to 0.57, and six at 1.2 to 1.9.
_FIRST_EXPOSURE = 0.35, 1.9
_SETTLING_S = 0.45  # in which what is wrong with it falls to a third
# To the right, likewise faster, and down, in shares of the picture's width, and askew, in degrees; and how often each
# comes and goes. That is up to 0.25 % in a sixth of a second; of the 33 files none moves by more than 0.18 %.
_SWAY = np.array([0.0012, 0.0006, 0.0008, 0.08])
_SWAY_HZ = np.array([1.1, 2.7, 1.6, 0.9])

Picture = NDArray[np.uint8]  # (h, w, 3)


def alter_folder(clips: Path, out: Path, way: Way) -> int:
    """Write an altered copy of every clip, with its truth beside it.

    Args:
        clips: what `ethotrap simulate --out` made.
        out: folder for the copies, in the same folders.
        way: how.

    Returns:
        How many were written.

    Raises:
        ValueError: the copies would replace the clips.
        VideoError: a clip cannot be read.
        OSError: a copy cannot be written.
    """
    _refuse_to_replace(clips, out)
    written = 0
    for truth in sorted(clips.rglob("*.json")):
        video = video_beside(truth)
        if video is None:
            continue
        copy = out / truth.relative_to(clips)
        copy.parent.mkdir(parents=True, exist_ok=True)
        _alter(video, copy.with_suffix(".MP4"), way, written)
        if way == "mirrored":
            copy.write_text(json.dumps(_mirrored(json.loads(truth.read_text(encoding="utf-8")))), encoding="utf-8")
        else:
            shutil.copyfile(truth, copy)
        written += 1
    return written


def alter_labelled(labels: Path, out: Path, way: Way) -> int:
    """Write an altered copy of every real video that a table speaks of and that lies beside it, and a table of them.

    Args:
        labels: a CSV file as `measure` takes it; its column `file` names the videos.
        out: folder for the copies and the table, which keeps its name.
        way: how; "again" encodes them once more and changes nothing else.

    Returns:
        How many were written.

    Raises:
        KeyError: the table has no column `file`.
        ValueError: the copies would replace the videos, or each other.
        VideoError: a video cannot be read.
        OSError: a copy cannot be written.
    """
    _refuse_to_replace(labels.parent, out)
    with labels.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    out.mkdir(parents=True, exist_ok=True)
    videos = sorted(labels.parent / name for name in {row["file"] for row in rows})
    present = [video for video in videos if video.is_file()]
    if len({video.stem for video in present}) < len(present):
        raise ValueError(f"{labels}: two of its videos have one name but for what follows its dot; rename one")
    for number, video in enumerate(present):
        _alter(video, out / f"{video.stem}.MP4", way, number)
    with (out / labels.name).open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, rows[0] if rows else ["file"])
        writer.writeheader()
        writer.writerows({**row, "file": f"{Path(row['file']).stem}.MP4"} for row in rows)
    return len(present)


def _refuse_to_replace(originals: Path, out: Path) -> None:
    if out.resolve() == originals.resolve():
        raise ValueError(f"{out} holds the originals; name another folder for the copies")


def _alter(video: Path, copy: Path, way: Way, number: int) -> None:
    with open_video(video) as opened:
        rate = max(round(opened.info.declared_fps or 10), 1)
        quality = _HARDER if way == "harder" else _QUALITY
        write_timed_film(_pictures(opened, way, number), copy, rate, datetime(2025, 6, 1, tzinfo=UTC), quality)


def _pictures(video: Video, way: Way, number: int) -> Iterator[tuple[float, Picture]]:
    """Seconds and (h, w, 3) red, green, blue of each picture of the copy; clips take turns in how they are altered."""
    size = video.info.width // 4 * 2 if way == "half-size" else video.info.width
    exposure = _FIRST_EXPOSURE[number % len(_FIRST_EXPOSURE)]
    phases = np.random.default_rng(number).uniform(0, 2 * np.pi, _SWAY.shape)
    for index, frame in enumerate(video.frames()):
        if way == "half-rate" and index % 2:
            continue
        picture = upright_bgr(frame.picture, size, video.info.rotation, video.pixel_aspect)
        height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
        even = np.ascontiguousarray(picture[:height, :width, ::-1])
        if way == "settling":
            even = relit(even, 1 + (exposure - 1) * float(np.exp(-frame.t / _SETTLING_S)))
        if way == "swaying":
            even = _swayed(even, frame.t, phases)
        if way == "mirrored":
            even = np.ascontiguousarray(even[:, ::-1])
        yield frame.t, even


def _swayed(picture: Picture, t: float, phases: NDArray[np.float64]) -> Picture:
    height, width = picture.shape[:2]
    right, faster, down, askew = _SWAY * np.sin(2 * np.pi * _SWAY_HZ * t + phases)
    moved = cv2.getRotationMatrix2D((width / 2, height / 2), askew, 1.0)
    moved[:, 2] += (right + faster) * width, down * width
    swayed = cv2.warpAffine(picture, moved, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(swayed, dtype=np.uint8)


def _mirrored(truth: dict[str, Any]) -> dict[str, Any]:
    """What measuring asks of a clip's truth, seen in a mirror; silhouettes, flanks, joints and frames are left out."""
    animals = [
        {
            **{key: animal[key] for key in animal if key not in ("silhouettes", "flanks", "joints")},
            "boxes": [box and [1 - box[0] - box[2], *box[1:]] for box in animal["boxes"]],
        }
        for animal in truth["animals"]
    ]
    return {key: truth[key] for key in truth if key != "frames"} | {"animals": animals}
