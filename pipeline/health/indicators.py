"""The first indicators of one sighting: walking speed, share of time active, visible time.

Each is a screening number with the seconds that it rests on. One sighting says little: a later comparison with the
animal's own history, on the same camera where perspective matters, is what makes it speak.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.values import Bout, Features, Indicator

ACTIVE = frozenset({"travel", "chase", "stalk", "play", "feed", "investigate", "groom", "carry", "family_travel"})
MIN_TRAVEL_S = 1.5  # about two strides of a walk; less gives no speed worth having
MIN_KNOWN_S = 3.0  # seconds of named behaviour below which a share of active time means nothing
LATERAL_STRETCH = 1.2  # width over height above which a four-legged animal is seen from the side


def indicators(track: int, features: Features, bouts: Sequence[Bout]) -> tuple[Indicator, ...]:
    """All indicators of one sighting.

    Args:
        track: its number.
        features: its motion.
        bouts: its bouts.
    """
    return (travel_speed(track, features, bouts), active_share(track, bouts), visible_time(track, features))


def travel_speed(track: int, features: Features, bouts: Sequence[Bout]) -> Indicator:
    """Median speed over the ground of the picture while travelling, in body lengths a second.

    Only samples within bouts of travel count in which the animal is visible, clear of the picture's edge and seen from
    the side: walking towards the camera hardly moves a box, and a box at the edge is only part of the animal.
    After the idea of Rowcliffe et al. 2016 (speed of animals from camera traps), without a scale in metres.
    """
    name, unit = "travel_speed", "body lengths/s"
    travelling = np.zeros(len(features.t), dtype=bool)
    for bout in bouts:
        if bout.behaviour == "travel":
            travelling |= (features.t >= bout.start_s) & (features.t <= bout.end_s)
    if not travelling.any():
        return Indicator(track, name, unit, None, 0.0, "it did not travel in this sighting")
    clear = travelling & features.visible & ~features.edge
    lateral = clear & (features.stretch >= LATERAL_STRETCH)
    seconds = _seconds(features, lateral)
    if seconds < MIN_TRAVEL_S:
        why = (
            f"only {seconds:.1f} s of travel seen whole and from the side, of {_seconds(features, travelling):.1f} s;"
            f" {MIN_TRAVEL_S} s are needed"
        )
        return Indicator(track, name, unit, None, seconds, why)
    return Indicator(track, name, unit, float(np.median(features.speed[lateral])), seconds)


def active_share(track: int, bouts: Sequence[Bout]) -> Indicator:
    """Share (0..1) of the time with a named behaviour in which the animal was active.

    A trap's video starts because something moved, so rest is seen less often than it happens: compare like with like.
    """
    name, unit = "active_share", "share of named time"
    named = sum(b.end_s - b.start_s for b in bouts if b.behaviour != UNKNOWN)
    if named < MIN_KNOWN_S:
        why = f"only {named:.1f} s have a named behaviour; {MIN_KNOWN_S} s are needed"
        return Indicator(track, name, unit, None, named, why)
    active = sum(b.end_s - b.start_s for b in bouts if b.behaviour in ACTIVE)
    return Indicator(track, name, unit, active / named, named)


def visible_time(track: int, features: Features) -> Indicator:
    """Seconds in which the animal was visible: big enough, and backed by the detector."""
    seconds = _seconds(features, features.visible)
    return Indicator(track, "visible_time", "s", seconds, seconds)


def _seconds(features: Features, which: NDArray[np.bool_]) -> float:
    """How long the chosen samples last; each stands for the time half way to its neighbours."""
    halves = np.diff(features.t) / 2
    return float((np.append(halves, 0) + np.insert(halves, 0, 0))[which].sum())
