"""The truth of simulated clips, as `models.simulate.annotation` writes it, as labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluate.behaviour.labels import Boxes, LabelledVideo, Labels, lasting
from models.evaluate.behaviour.timeline import TOUCH_S, Span, union
from models.evaluate.behaviour.values import EMPTY, Conditions, TrueBout, frame_rate_band
from pipeline.values import Array

MIN_VISIBLE = 0.1  # share of an animal that has to show, for anybody to tell what it does
GAP_S = 0.5  # shorter absences from view interrupt nothing

Tree = Mapping[str, Any]


def read_simulated(tree: Tree, path: Path, beside: Path | None) -> Labels:
    """Each animal's behaviours while it is in view; a clip without animals is `empty` throughout.

    Args:
        tree: the JSON.
        path: its file, after which the clip is named.
        beside: the clip.

    Raises:
        KeyError, TypeError, ValueError: the JSON is not as the simulator writes it.
    """
    video = tree["video"]
    name = f"{path.parent.name}/{path.stem}"  # clips of several cameras may have one name
    step = 1 / float(video["fps"])
    t = np.array(video.get("times_s") or np.arange(video["frames"]) * step, dtype=float)
    seconds = float(t[-1]) + step
    bouts: list[TrueBout] = []
    boxes: dict[str, Boxes] = {}
    for animal in tree["animals"]:
        subject = str(animal["individual"])
        in_view = _in_view(animal)
        stretches = union(((second, second + step) for second in t[in_view].tolist()), GAP_S)
        seen = [part for bout in animal["behaviours"] for part in _while_in_view(bout, name, subject, stretches)]
        if seen:
            bouts += seen
            boxes[subject] = Boxes(t[in_view], _boxes(animal, in_view))
    if not bouts:
        bouts = [TrueBout(name, "nobody", (EMPTY,), 0.0, seconds)]
    conditions = Conditions(
        light=str(tree.get("light", "")),
        frame_rate=frame_rate_band(float(video["fps"])),
        camera=str(tree.get("camera", "")),
    )
    labelled = LabelledVideo(name, tuple(bouts), beside, boxes, {}, conditions, seconds)
    return Labels("the truth of simulated clips", (labelled,), {})


def _in_view(animal: Tree) -> NDArray[np.bool_]:
    visible = np.array(animal["visible_share"], dtype=float)
    return np.array([box is not None for box in animal["boxes"]]) & (visible >= MIN_VISIBLE)


def _boxes(animal: Tree, in_view: NDArray[np.bool_]) -> Array:
    return np.array([box for box, seen in zip(animal["boxes"], in_view, strict=True) if seen], dtype=float)


def _while_in_view(bout: Tree, video: str, subject: str, stretches: Sequence[Span]) -> list[TrueBout]:
    """The parts of a bout that can be seen; an edge that lies out of view is cut off."""
    first, last, invented = lasting(float(bout["start_s"]), float(bout["end_s"]))
    return [
        TrueBout(
            video,
            subject,
            (str(bout["behaviour"]),),
            max(first, start),
            min(last, end),
            invented or bool(bout.get("cut_start", False)) or start > first + TOUCH_S,
            invented or bool(bout.get("cut_end", False)) or end < last - TOUCH_S,
        )
        for start, end in stretches
        if min(last, end) > max(first, start)
    ]
