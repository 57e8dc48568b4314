"""A contact sheet of simulated clips: some pictures of each, with the true boxes drawn in."""

import json
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.annotation import video_beside
from models.simulate.silhouette import decode

_WIDTH = 360  # pixels of one picture
_AMBER = (255, 196, 64)
_MOST_ROWS = 24  # more clips than this are thinned out evenly


def write_sheet(
    folder: Path, path: Path, width: int = _WIDTH, quality: int = 82, count: int = 4, abreast: int = 1
) -> None:
    """Draws the sheet of the clips in `folder` that have their truth beside them.

    A clip without a video, measured only, is drawn as its silhouettes.

    Args:
        folder: searched with its folders.
        path: of the JPEG.
        width: of one picture, pixels.
        quality: of the JPEG, 0 to 100.
        count: pictures of each clip.
        abreast: clips in one row.

    Raises:
        FileNotFoundError: there is no clip.
        OSError: the picture cannot be written.
    """
    truths = sorted(folder.rglob("*.json"))
    if not truths:
        raise FileNotFoundError(f"there is no truth, and so no clip, in {folder}")
    chosen = [truths[round(row)] for row in np.linspace(0, len(truths) - 1, min(len(truths), _MOST_ROWS))]
    strips = [_strip(truth, width, count) for truth in chosen]
    rows = [np.concatenate(strips[first : first + abreast], axis=1) for first in range(0, len(strips), abreast)]
    widest = max(row.shape[1] for row in rows)
    sheet = np.concatenate([np.pad(row, ((0, 0), (0, widest - row.shape[1]), (0, 0))) for row in rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality]):
        raise OSError(f"cannot write the contact sheet {path}")


def _strip(path: Path, width: int, count: int) -> NDArray[np.uint8]:
    truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    wanted = _frames_to_show(truth, count)
    video = video_beside(path)
    pictures = _outlines(truth, wanted) if video is None else _frames_of(video, wanted)
    return np.concatenate([_drawn(truth, pictures[index], index, width) for index in wanted], axis=1)


def _drawn(truth: dict[str, Any], picture: NDArray[np.uint8], index: int, width: int) -> NDArray[np.uint8]:
    """One picture, reduced, with the boxes and what happens in it."""
    picture = np.asarray(
        cv2.resize(picture, (width, width * picture.shape[0] // picture.shape[1]), interpolation=cv2.INTER_AREA),
        dtype=np.uint8,
    )
    height = picture.shape[0]
    video = truth["video"]
    second = video["times_s"][index]
    for animal in truth["animals"]:
        if animal["boxes"][index] is not None:
            x, y, w, h = animal["boxes"][index]
            corners = (int(x * width), int(y * height)), (int((x + w) * width), int((y + h) * height))
            cv2.rectangle(picture, *corners, _AMBER, 1, cv2.LINE_AA)
    doing = [
        bout.get("sub_behaviour") or bout["behaviour"]
        for animal in truth["animals"]
        for bout in animal["behaviours"]
        if bout["start_s"] <= second < bout["end_s"]
    ]
    label = f"{Path(truth['clip']).name}  {second:.1f} s  {', '.join(doing) or truth['subject']}"
    cv2.putText(picture, label, (6, height - 14), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (255, 255, 255), 1, cv2.LINE_AA)
    return picture


def _frames_of(video: Path, wanted: list[int]) -> dict[int, NDArray[np.uint8]]:
    with av.open(str(video)) as container:
        return {
            index: np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
            for index, frame in enumerate(container.decode(video=0))
            if index in wanted
        }


def _outlines(truth: dict[str, Any], wanted: list[int]) -> dict[int, NDArray[np.uint8]]:
    height, width = truth["video"]["height"], truth["video"]["width"]
    pictures = {}
    for index in wanted:
        picture = np.full((height, width, 3), 40, dtype=np.uint8)
        for number, animal in enumerate(truth["animals"]):
            if animal["silhouettes"][index] is not None:
                picture[decode(animal["silhouettes"][index], height, width)] = 200 - 50 * (number % 3)
        pictures[index] = picture
    return pictures


def _frames_to_show(truth: dict[str, Any], count: int) -> list[int]:
    """Frames spread over the time in which an animal is in the picture, or over the clip."""
    frames = [index for animal in truth["animals"] for index, box in enumerate(animal["boxes"]) if box]
    first, last = (min(frames), max(frames)) if frames else (0, truth["video"]["frames"] - 1)
    return [round(first + (last - first) * (column + 0.5) / count) for column in range(count)]
