"""The stretch of a sighting from which a gait can be read: the animal travels, is whole, and its outline is good.

How an animal's way lies to the camera follows from its box alone: it grows as the animal comes nearer. With the focal
length of a usual trap the growth is a speed along the camera's axis, to be set beside the speed across.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.depth import focal_length
from pipeline.health.observed import Observed, may_travel
from pipeline.tracking.geometry import in_widths
from pipeline.tracking.outlines import Outlines
from pipeline.values import Array

LONGEST_GAP_S = 0.3  # between two outlines of one stretch
FEWEST = 8  # outlines of a stretch
FILLED = 0.6  # share of the trunk that must differ from the scene
AREA = 0.7  # of its own median, below which part of an outline is behind something


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """A stretch of travel with good outlines."""

    t: Array  # (k,) seconds
    outlines: Outlines  # of the whole sighting
    chosen: NDArray[np.int64]  # (k,) which of them
    aslant: float  # degrees between its way and the picture's plane: 0 across, 90 towards the camera
    speed: float  # over the ground, heights of its box a second

    @property
    def lasts_s(self) -> float:
        """Seconds."""
        return float(self.t[-1] - self.t[0])

    @property
    def rate_hz(self) -> float:
        """Outlines a second, on average."""
        return (len(self.t) - 1) / self.lasts_s

    def of(self, name: str) -> Array:
        """(k, ...) one of the outlines' series."""
        return np.asarray(getattr(self.outlines, name)[self.chosen])


def walk_of(observed: Observed) -> Walk | str:
    """The longest such stretch of a sighting, or why there is none."""
    outlines = observed.outlines
    if outlines is None:
        return "it did not move where its outline could be told from the scene"
    travels = may_travel(outlines.t, observed.bouts)
    if not travels.any():
        return "it did not travel in this sighting"
    with np.errstate(invalid="ignore"):
        known = ~np.isnan(outlines.legs).any(axis=1) & (outlines.area > 0)
        if not known.any():
            return "it was too small, or too much like the scene, for an outline"
        good = travels & known & (outlines.area >= AREA * np.median(outlines.area[known]))
        if not (good & outlines.whole).any():
            return "it was never whole in the picture while it travelled"
        filled = float(np.median(outlines.filled[good & outlines.whole]))
    if filled < FILLED:
        return f"its coat is too much like the scene: only {filled:.0%} of its outline could be told from it"
    chosen = np.flatnonzero(good & outlines.whole)
    parts = np.split(chosen, np.flatnonzero(np.diff(outlines.t[chosen]) > LONGEST_GAP_S) + 1)
    longest = max(parts, key=lambda part: float(outlines.t[part[-1]] - outlines.t[part[0]]))
    if len(longest) < FEWEST:
        return f"only {len(longest)} outlines in a row show it whole while it travels; {FEWEST} are needed"
    t = outlines.t[longest]
    aslant, speed = _course(observed, float(t[0]), float(t[-1]))
    return Walk(t, outlines, longest, aslant, speed)


def _course(observed: Observed, start: float, end: float) -> tuple[float, float]:
    """Degrees aslant, and heights a second over the ground, from straight lines through the boxes' places and sizes."""
    t = np.linspace(start, end, 24)
    boxes = np.stack([np.interp(t, observed.samples.t, column) for column in observed.samples.boxes.T], axis=1)
    middle, size = in_widths(boxes, observed.aspect)
    across = float(np.polyfit(t, middle[:, 0], 1)[0])
    growth = float(np.polyfit(t, np.log(size[:, 1]), 1)[0])
    along = growth * focal_length(observed.aspect)
    return math.degrees(math.atan2(abs(along), abs(across))), math.hypot(across, along) / float(np.median(size[:, 1]))


def steady(t: Array, values: Array, degree: int) -> Array:
    """What is left of series after the polynomial of a degree that fits each best is taken away.

    Args:
        t: (k,) seconds.
        values: (k, m).
        degree: of the polynomials.

    Returns:
        (k, m).
    """
    powers = np.vander((t - t.mean()) / max(float(np.ptp(t)) / 2, 1e-9), degree + 1)
    return np.asarray(values - powers @ np.linalg.lstsq(powers, values, rcond=None)[0])
