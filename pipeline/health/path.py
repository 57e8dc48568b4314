"""How an animal goes where it goes: how straight, and whether it halts or stumbles on the way.

Circling, stopping and stumbling belong to what the field guide of a distemper outbreak lists, and mostly mean nothing.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.depth import over_ground
from pipeline.behaviour.over_time import smooth_over_time
from pipeline.health.observed import TRAVEL, Observed, seconds, within
from pipeline.health.walk import Walk
from pipeline.tracking.geometry import in_widths
from pipeline.values import Array, Features, Indicator

SMOOTHING_S = 0.8  # a stride or so: sway and the boxes' jitter are no way
LEAST_WAY = 2.0  # body lengths
LEAST_TRAVEL_S = 3.0
GOES, HALTS = 0.3, 0.1  # body lengths a second
HALT_S = 0.5
DIP = 0.12  # heights of the animal by which the withers drop in a stumble: a walk's own bob is a sixth of that
DIP_S = (0.1, 0.8)  # how long they stay down
AROUND_S = 0.75  # seconds on either side with which a moment's withers are compared


def tortuosity(observed: Observed) -> Indicator:
    """1 - D / L: D from the first to the last place of a stretch of travel, L the way between; 0 straight, 1 a circle.

    D / L is Batschelet's (1981) straightness index (Benhamou 2004, How to reliably estimate the tortuosity of an
    animal's path, J Theor Biol 229: 209-220). Places are the middles of boxes clear of the picture's edge, smoothed
    over 0.8 s; the longest stretch of travel counts, of at least two body lengths. It is seen in the picture's plane: a
    curve away from the camera hardly shows.

    Args:
        observed: the sighting.
    """
    name, unit, features = "tortuosity", "1 - displacement / way", observed.features
    if (why := _never_travels(observed)) is not None:
        return Indicator(observed.track, name, unit, None, 0.0, why)
    clear = within(features.t, observed.bouts, TRAVEL) & features.visible & ~features.edge
    stretch = max(_stretches(clear), key=len, default=np.array([], dtype=int))
    if len(stretch) < 3:
        return Indicator(observed.track, name, unit, None, 0.0, "it was hardly ever whole in the picture")
    t = features.t[stretch]
    middles, _ = in_widths(observed.samples.scene_boxes[stretch], observed.aspect)
    places = np.stack([smooth_over_time(t, column, SMOOTHING_S) for column in middles.T], axis=1)
    way = float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())
    lengths, lasts = way / features.body_length, float(t[-1] - t[0])
    if lengths < LEAST_WAY:
        why = f"only {lengths:.1f} body lengths of its way are in view; {LEAST_WAY:.0f} are needed"
        return Indicator(observed.track, name, unit, None, lasts, why)
    straight = float(np.linalg.norm(places[-1] - places[0])) / way
    return Indicator(observed.track, name, unit, max(1 - straight, 0.0), lasts)


def stops(observed: Observed) -> Indicator:
    """How often it halts on its way: from going (0.3 body lengths/s) to hardly moving for 0.5 s, and on again.

    Counted from the first to the last moment of travel, while it is visible and clear of the picture's edge; at least
    three seconds of travel. A halt to look, listen or sniff counts as one.

    Args:
        observed: the sighting.
    """
    name, unit, features = "stops", "stops", observed.features
    if (why := _never_travels(observed)) is not None:
        return Indicator(observed.track, name, unit, None, 0.0, why)
    travels = np.flatnonzero(within(features.t, observed.bouts, TRAVEL))
    between = np.zeros(len(features.t), dtype=bool)
    between[travels[0] : travels[-1] + 1] = True
    clear = between & features.visible & ~features.edge
    lasts = seconds(features, clear)
    if lasts < LEAST_TRAVEL_S:
        why = f"only {lasts:.1f} s of its way are in view; {LEAST_TRAVEL_S:.0f} s are needed"
        return Indicator(observed.track, name, unit, None, lasts, why)
    return Indicator(observed.track, name, unit, float(_halts(features, clear)), lasts)


def stumbles(track: int, walk: Walk | str) -> Indicator:
    """How often the withers drop by more than 0.12 of the animal's height and come up again within 0.8 s.

    A walk's own bob is a sixth of that. Compared with the median of 0.75 s on either side, over a stretch of at least
    three seconds with good outlines. It has not been measured on real stumbles: none could be had.

    Args:
        track: its number.
        walk: what of the sighting shows it, or why nothing does.
    """
    name, unit = "stumbles", "stumbles"
    if isinstance(walk, str):
        return Indicator(track, name, unit, None, 0.0, walk)
    if walk.lasts_s < LEAST_TRAVEL_S:
        why = f"only {walk.lasts_s:.1f} s show it whole while it travels; {LEAST_TRAVEL_S:.0f} s are needed"
        return Indicator(track, name, unit, None, walk.lasts_s, why)
    line = walk.of("withers") / float(np.median(walk.of("height")))
    count = sum(DIP_S[0] <= lasts <= DIP_S[1] for lasts in dips(walk.t, line, DIP))
    return Indicator(track, name, unit, float(count), walk.lasts_s)


def dips(t: Array, line: Array, depth: float) -> list[float]:
    """How long a line stays down, each time that it drops below its surroundings.

    Args:
        t: (k,) rising seconds.
        line: (k,) heights; NaN where not known.
        depth: in the line's units, below the median of `AROUND_S` on either side.

    Returns:
        Seconds of each dip; those that the line begins or ends with are left out.
    """
    known = ~np.isnan(line)
    t, line = t[known], line[known]
    usual = np.array([np.median(line[np.abs(t - now) <= AROUND_S]) for now in t])
    down = _stretches(line < usual - depth)
    return [float(t[one[-1] + 1] - t[one[0]]) for one in down if one[0] > 0 and one[-1] + 1 < len(t)]


def _halts(features: Features, clear: NDArray[np.bool_]) -> int:
    """Halts in which it was going before and goes again after, all of it clear."""
    count, speeds = 0, over_ground(features)
    for stretch in _stretches(clear):
        speed, t = speeds[stretch], features.t[stretch]
        for halt in _stretches(speed < HALTS):
            long_enough = t[halt[-1]] - t[halt[0]] >= HALT_S
            before, after = speed[: halt[0]], speed[halt[-1] + 1 :]
            count += bool(long_enough and (before >= GOES).any() and (after >= GOES).any())
    return count


def _stretches(which: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Indices of each run of chosen samples."""
    chosen = np.flatnonzero(which)
    if not len(chosen):
        return []
    return list(np.split(chosen, np.flatnonzero(np.diff(chosen) > 1) + 1))


def _never_travels(observed: Observed) -> str | None:
    if within(observed.features.t, observed.bouts, TRAVEL).any():
        return None
    return "it did not travel in this sighting"
