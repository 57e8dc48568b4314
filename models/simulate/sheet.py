"""A contact sheet of the shipped clips: a row a clip, with the true boxes drawn in."""

import json
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

_COLUMNS = 4
_WIDTH = 360  # pixels of one picture
_AMBER = (255, 196, 64)


def write_sheet(folder: Path, path: Path) -> None:
    """Draws the sheet of every clip in `folder` that has its truth beside it.

    Raises:
        OSError: the picture cannot be written.
    """
    rows = [_row(video, json.loads(video.with_suffix(".json").read_text())) for video in sorted(folder.rglob("*.MP4"))]
    sheet = np.concatenate(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82]):
        raise OSError(f"cannot write the contact sheet {path}")


def _row(video: Path, truth: dict[str, Any]) -> NDArray[np.uint8]:
    wanted = _frames_to_show(truth)
    with av.open(str(video)) as container:
        pictures = {
            index: frame.to_ndarray(format="rgb24")
            for index, frame in enumerate(container.decode(video=0))
            if index in wanted
        }
    shown = []
    for index in wanted:
        picture = cv2.resize(pictures[index], (_WIDTH, _WIDTH * truth["video"]["height"] // truth["video"]["width"]))
        height = picture.shape[0]
        for animal in truth["animals"]:
            if animal["boxes"][index] is not None:
                x, y, w, h = animal["boxes"][index]
                corners = (int(x * _WIDTH), int(y * height)), (int((x + w) * _WIDTH), int((y + h) * height))
                cv2.rectangle(picture, *corners, _AMBER, 1, cv2.LINE_AA)
        label = f"{truth['clip']}  {index / truth['video']['fps']:.1f} s"
        cv2.putText(picture, label, (6, height - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
        shown.append(picture)
    return np.concatenate(shown, axis=1)


def _frames_to_show(truth: dict[str, Any]) -> list[int]:
    """Frames spread over the time in which an animal is in the picture, or over the clip."""
    frames = [index for animal in truth["animals"] for index, box in enumerate(animal["boxes"]) if box]
    first, last = (min(frames), max(frames)) if frames else (0, truth["video"]["frames"] - 1)
    return [round(first + (last - first) * (column + 0.5) / _COLUMNS) for column in range(_COLUMNS)]
