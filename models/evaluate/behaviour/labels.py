"""Labels as every reader gives them: for each video, true bouts, and boxes where the labels have any."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.evaluate.behaviour.values import Conditions, TrueBout
from pipeline.values import Array

VIDEOS = (".mp4", ".avi", ".mov", ".asf", ".mkv", ".wmv", ".m4v", ".mpg")  # how their names end
POINT_S = 1.0  # what happens at once is taken to last so long
UNTIL_END = float("inf")  # the end of a bout that lasts as long as its video


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Where one animal is at some moments."""

    t: Array  # (n,) rising seconds
    boxes: Array  # (n, 4) x, y, w, h as shares of the picture


@dataclass(frozen=True, slots=True)
class LabelledVideo:
    """What is known of one video."""

    name: str  # as the labels call it: a path, a file's name with or without its ending, or the id of its content
    bouts: tuple[TrueBout, ...]  # whose `video` is `name`
    beside: Path | None = None  # the video, if it lies where the labels say
    boxes: Mapping[str, Boxes] = field(default_factory=dict)  # by subject; subjects without are compared by time alone
    tracks: Mapping[str, int | None] = field(default_factory=dict)  # by subject: its track, where that is known already
    conditions: Conditions = field(default_factory=Conditions)
    seconds: float | None = None  # how long it is


@dataclass(frozen=True, slots=True)
class Labels:
    """Everything that was read."""

    kind: str  # of labels, in words
    videos: tuple[LabelledVideo, ...]
    left_out: Mapping[str, int]  # why, and how many labels
    notes: tuple[str, ...] = ()  # what a reader of the scores has to know


def lasting(start_s: float, end_s: float) -> tuple[float, float, bool]:
    """A bout's start and end in seconds, and whether both are invented.

    What has no length lasts `POINT_S` around its moment, from the video's start on; nothing can be said of its edges.
    """
    if end_s > start_s:
        return start_s, end_s, False
    first = max(0.0, start_s - POINT_S / 2)
    return first, first + POINT_S, True
