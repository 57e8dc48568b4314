"""Collects, while a video is followed, the pictures of each animal that show its flanks best, and chooses at the end.

Who an animal is, which way it goes and whether it is a person after all is known only when the video is over. Until
then every part of a track keeps a few small pictures for each way that it goes, so that an animal which comes and goes
back shows both its flanks.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.features import SMOOTHING_S, measure
from pipeline.behaviour.over_time import slope_over_time
from pipeline.individuals.flanks import LEFT, OTHER, RIGHT, FlankRule
from pipeline.individuals.views import FlankView, FlankViews
from pipeline.tracking.geometry import in_widths, interpolate
from pipeline.values import Samples, Track

KEEP = {LEFT: 3, RIGHT: 3, OTHER: 1}  # views of one animal; one that shows no flank may still show a wound
MOST_PICTURES = 60  # in memory for one video, of all its tracks; at most 100 MB
_STEP_S = 0.3  # seconds between two places that tell which way an animal goes
_GOING = 0.2  # box widths a second from which on it goes somewhere

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class TrackViews:
    """The best pictures of every track of one video, by the ids of the parts that the linker made."""

    rule: FlankRule
    _views: dict[int, dict[int, FlankViews]] = field(default_factory=dict)  # by part, then -1 left, 0 still, 1 right
    _places: dict[int, tuple[float, float, int]] = field(default_factory=dict)  # seconds, middle, way it went

    def offer(self, part: int, t: float, picture: NDArray[np.uint8], box: Box) -> None:
        """Consider one picture of one part of a track.

        Args:
            part: the linker's id.
            t: seconds, rising.
            picture: (h, w, 3) blue, green, red.
            box: x, y, w, h as shares.
        """
        ways = self._views.setdefault(part, {})
        way = self._way(part, t, box)
        ways.setdefault(way, FlankViews(self.rule, keep=KEEP[RIGHT])).offer(t, picture, box)
        while sum(len(views) for one in self._views.values() for views in one.values()) > MOST_PICTURES:
            self._forget_one()

    def of(
        self, parts: Iterable[int], samples: Samples, aspect: float, unwanted: Callable[[float, Box], bool]
    ) -> tuple[FlankView, ...]:
        """The best views of one track, at most three of each flank and one of neither, in order of time.

        Args:
            parts: the linker's ids that went into the track.
            samples: the track's.
            aspect: the picture's width over its height, pixels.
            unwanted: as for `FlankViews.leave_out`.
        """
        joined: dict[int, FlankViews] = {}
        for part in parts:
            for way, views in self._views.get(part, {}).items():
                joined.setdefault(way, FlankViews(self.rule, keep=KEEP[RIGHT])).join(views)
        pace = _to_right(samples, aspect)
        found: list[FlankView] = []
        for views in joined.values():
            views.leave_out(unwanted)
            found += views.views(pace)
        found.sort(key=lambda view: (-view.quality.total, view.t))
        best = [view for flank, most in KEEP.items() for view in [v for v in found if v.flank == flank][:most]]
        return tuple(sorted(best, key=lambda view: view.t))

    def _way(self, part: int, t: float, box: Box) -> int:
        """Which way the animal goes at this moment, as far as the last third of a second tells."""
        middle = box[0] + box[2] / 2
        then, where, went = self._places.get(part, (t, middle, 0))
        if t == then:
            self._places[part] = (t, middle, went)
        elif t - then >= _STEP_S:
            pace = (middle - where) / (t - then) / box[2]
            went = int(np.sign(pace)) if abs(pace) >= _GOING else 0
            self._places[part] = (t, middle, went)
        return went

    def _forget_one(self) -> None:
        """The worst picture of the part that has most goes."""
        ways = max(self._views.values(), key=lambda one: sum(len(views) for views in one.values()))
        min((views for views in ways.values() if len(views)), key=lambda views: views.least_worth).forget_worst()


def shows_one_of(tracks: Sequence[Track]) -> Callable[[float, Box], bool]:
    """Whether a part of the picture shows, at a time, any of these tracks: people, that is.

    Args:
        tracks: any.
    """

    def shows(t: float, window: Box) -> bool:
        x, y, w, h = window
        for track in tracks:
            if track.start_s <= t <= track.end_s:
                a, b, c, d = interpolate(track.t, track.boxes, np.array([t]))[0]
                if x < a + c and a < x + w and y < b + d and b < y + h:
                    return True
        return False

    return shows


def _to_right(samples: Samples, aspect: float) -> Callable[[float], float]:
    """Body lengths a second to the picture's right, at any time."""
    middles, _ = in_widths(samples.boxes, aspect)
    pace = slope_over_time(samples.t, middles[:, :1], SMOOTHING_S)[:, 0] / measure(samples, aspect).body_length
    return lambda t: float(np.interp(t, samples.t, pace))
