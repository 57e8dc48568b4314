"""A track's motion as time series in body lengths and seconds, so that resolution and frame rate do not matter."""

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.depth import COMES, approach
from pipeline.behaviour.over_time import slope_over_time, smooth_over_time
from pipeline.tracking.geometry import in_widths, touches_edge
from pipeline.values import Array, Features, Kind, Samples, Track

SMOOTHING_S = 0.8  # a stride or so: box jitter goes, a walk stays
BODY_LENGTH_QUANTILE = 0.75  # a box is as long as the animal only when it stands sideways
MIN_HEIGHT = 0.02  # share of the picture's height below which a box says nothing of a behaviour
MOTIONLESS = 0.002  # share of the middle of an animal's window that changes in a look, below which nothing moves
THINGS_LOOKS = 0.75  # share of the looks in which nothing may move if what is followed is to be no animal at all
SURELY_AN_ANIMAL = 0.9  # belief from which what never moves sleeps: simulated sleepers have 0.93 and more, leaves 0.8
BACKED_S = 1.5  # seconds within which the detector must have seen the animal for a held box to count as visible


def measure(samples: Samples, aspect: float) -> Features:
    """Motion of one track.

    Speed is the slope of a straight line fitted to the way of the box's centre around each moment, divided by the body
    length, so that steady motion has its own speed also where the track begins and ends. The body length is
    the 75th percentile of the longer side of all boxes that keep clear of the picture's edge (of all boxes if none
    does): a box is as long as the animal only while it stands sideways. It is in shares of the picture's width, like
    everything here, so the picture's size cancels out.

    Args:
        samples: of one track, at least one.
        aspect: the picture's width over its height, pixels.
    """
    centre, size = in_widths(samples.scene_boxes, aspect)
    edge = touches_edge(samples.boxes)
    longer = size.max(axis=1)
    body_length = float(np.quantile(longer[~edge] if (~edge).any() else longer, BODY_LENGTH_QUANTILE))
    velocity = slope_over_time(samples.t, centre, SMOOTHING_S)
    along = approach(samples, aspect)
    goes_nowhere = _goes_nowhere(samples, aspect, along)
    return Features(
        t=samples.t,
        speed=np.linalg.norm(velocity, axis=1) / body_length,
        stretch=size[:, 0] / size[:, 1],
        height=smooth_over_time(samples.t, size[:, 1], SMOOTHING_S) / body_length,
        inner_motion=samples.inner_motion,
        visible=(samples.boxes[:, 3] >= MIN_HEIGHT) & _backed(samples),
        body_length=body_length,
        edge=edge,
        is_thing=goes_nowhere and _never_moves(samples),
        goes_nowhere=goes_nowhere,
        approach=along,
    )


def stays_in_place(samples: Samples, aspect: float) -> bool:
    """Whether a track goes nowhere: hardly ever as far as half a body length from where it mostly is, or nearer.

    Args:
        samples: of one track, at least one.
        aspect: the picture's width over its height, pixels.
    """
    return _goes_nowhere(samples, aspect, approach(samples, aspect))


def _goes_nowhere(samples: Samples, aspect: float, along: Array) -> bool:
    centre, size = in_widths(samples.scene_boxes, aspect)
    away = np.linalg.norm(centre - np.median(centre, axis=0), axis=1)
    return bool(((away >= 0.5 * np.median(size.max(axis=1))) | (np.abs(along) >= COMES)).mean() < 0.05)


def inner_change(samples: Samples) -> Array:
    """(n,) share of the middle of an animal's window that changed since the look before; NaN where it is not known.

    Unlike `inner_motion` it compares the same place in two pictures, so a box that trembles is no movement.
    """
    if samples.looks is None:
        return np.full(len(samples.t), np.nan)
    return np.asarray(samples.looks.change[:, 1:-1, 1:-1].mean(axis=(1, 2)))


def is_thing(samples: Samples, aspect: float) -> bool:
    """Whether what is followed never moves, as a stump, a carcass or a shadow does not; a sound sleeper passes for one.

    Args:
        samples: of one track, at least one.
        aspect: the picture's width over its height, pixels.

    Returns:
        False where it goes anywhere, or where for most looks it is not known whether anything moved.
    """
    return stays_in_place(samples, aspect) and _never_moves(samples)


def _never_moves(samples: Samples) -> bool:
    change = inner_change(samples)
    known = ~np.isnan(change)
    return bool(known.mean() >= 0.5 and np.quantile(change[known], THINGS_LOOKS) < MOTIONLESS)


def may_be_a_stump(track: Track, samples: Samples, aspect: float) -> bool:
    """Whether what is followed may as well be a stump, a bush or dead leaves, so that nothing is said of what it does.

    It may if it goes nowhere and may be a person, or if it never moves and is not quite surely an animal.

    Args:
        track: its track.
        samples: of the same, at least one.
        aspect: the picture's width over its height, pixels.
    """
    if track.kind is Kind.UNKNOWN:
        return stays_in_place(samples, aspect)
    return track.kind_probability < SURELY_AN_ANIMAL and is_thing(samples, aspect)


def _backed(samples: Samples) -> NDArray[np.bool_]:
    """Samples between the first and the last that the detector saw, or at most `BACKED_S` outside."""
    seen_t = samples.t[samples.seen]
    if not len(seen_t):
        return np.zeros(len(samples.t), dtype=bool)
    return np.asarray((samples.t >= seen_t[0] - BACKED_S) & (samples.t <= seen_t[-1] + BACKED_S))
