"""Which bout or track a person's label speaks about: the one at its time and its place. Pure geometry, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from pipeline.store.result import Place
from pipeline.tracking.geometry import interpolate, iou

MIN_SHARE = 0.5
MIN_IOU = 0.3

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """A person's word about one stretch of one video."""

    label_id: str
    media: str
    start_s: float
    end_s: float
    box: Box | None  # the animal at the middle of the stretch, shares of the picture; None: whatever is there
    behaviour: str | None
    species: str | None
    who: str
    at: datetime  # aware
    note: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_note: str | None = None


def about_bout(label: Label, start_s: float, end_s: float, places: Sequence[Place]) -> bool:
    """Whether the label covers at least half of the bout, on the animal that the bout's track follows.

    Args:
        label: a person's word on the same video.
        start_s: the bout's start.
        end_s: the bout's end.
        places: the track's boxes over time, at least one.
    """
    return covers(label, start_s, end_s) and _same_place(label, places)


def about_track(label: Label, start_s: float, end_s: float, places: Sequence[Place]) -> bool:
    """Whether at least half of the label lies within the track, or it covers half of the track, on the same animal."""
    inside = _overlap(label.start_s, label.end_s, start_s, end_s) >= MIN_SHARE * (label.end_s - label.start_s)
    touches = label.start_s <= end_s and start_s <= label.end_s
    return touches and (inside or covers(label, start_s, end_s)) and _same_place(label, places)


def corrects(newer: Label, label: Label) -> bool:
    """Whether one label was given after another, on the same animal and time, and says all that it does."""
    says_less = (label.behaviour and not newer.behaviour) or (label.species and not newer.species)
    if newer.media != label.media or newer.at <= label.at or says_less:
        return False
    if label.box is None:
        return covers(newer, label.start_s, label.end_s)
    return about_bout(newer, label.start_s, label.end_s, [(label.start_s, *label.box)])


def covers(label: Label, start_s: float, end_s: float) -> bool:
    """Whether the label lasts over at least half of a stretch of its video; a stretch without length lies inside it.

    This is met by every pair whose temporal intersection over union is at least one half.
    """
    touches = label.start_s <= end_s and start_s <= label.end_s
    return touches and _overlap(label.start_s, label.end_s, start_s, end_s) >= MIN_SHARE * (end_s - start_s)


def latest(labels: Iterable[Label]) -> Label | None:
    """The last word: the newest label, by its id where two bear the same time; None if there is none."""
    return max(labels, key=lambda label: (label.at, label.label_id), default=None)


def place_at(places: Sequence[Place], t: float) -> Box:
    """A track's box at time `t` in seconds: between the two nearest known ones, or the first or last beyond them."""
    known = np.array(places)
    x, y, w, h = interpolate(known[:, 0], known[:, 1:], np.array([t]))[0].tolist()
    return x, y, w, h


def _same_place(label: Label, places: Sequence[Place]) -> bool:
    if label.box is None:
        return True
    there = place_at(places, (label.start_s + label.end_s) / 2)
    return float(iou(np.array(label.box), np.array(there))[0, 0]) >= MIN_IOU


def _overlap(start: float, end: float, other_start: float, other_end: float) -> float:
    return max(0.0, min(end, other_end) - max(start, other_start))
