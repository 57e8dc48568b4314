"""How long one stride lasts: the lag after which the legs look as they did."""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.health.walk import Walk, steady
from pipeline.values import Array

SLOWEST_HZ, FASTEST_HZ = 0.5, 4.0  # strides a second
GRID_HZ = 60.0  # of the series that are compared with themselves
OVERLAP = 0.3  # share of a stretch that must be left to compare at the longest lag
STIFF = 0.01  # share of a stretch of ground by which what is seen of the legs there must change for them to move at all
LIKE = 0.35  # correlation at the chosen lag below which nothing repeats
USUAL_LENGTH = 0.95  # heights of the box that a stride is long at one height a second; with speed it grows by the root
LENGTHS = (0.65, 2.2)  # of the usual length at its speed that a stride may be long
UNUSUAL = 0.6  # correlation that a lag loses for each factor e between its stride's length and the usual one
DRIFT_S = 1.5  # seconds of a stretch for each further degree of the slow change that is taken away
HIGHEST_DEGREE = 6


@dataclass(frozen=True, slots=True)
class Stride:
    """A stride of a walk."""

    hz: float  # strides a second
    likeness: float  # correlation 0..1 of the legs' places with those one stride later
    count: float  # strides in the walk


def stride_of(walk: Walk) -> Stride | None:
    """The stride of a walk; None if the legs do not come back to where they were.

    The legs' places (`Outlines.legs`) are compared with themselves after every lag: normalised autocorrelation over
    all of them together, after slow changes are taken away. In a sound gait left and right look alike, so half a stride
    gives a peak too, and so do one and a half and two strides. Which peak is one stride, its length decides, set beside
    the usual one at that speed: faster mammals take both longer and quicker strides, here alike, so that the length
    goes with the root of the speed. With hips at 0.6 m, as high as the box, that is within 16 % of 2.4 Fr^0.34 hip
    heights at Froude numbers Fr of 0.05 to 0.5 (Alexander and Jayes 1983, A dynamic similarity hypothesis for the gaits
    of quadrupedal mammals, J Zool 201: 135-152).

    Args:
        walk: of any frame rate; whoever asks judges whether it is high enough.
    """
    legs = walk.of("legs")
    lags, likeness = self_likeness(walk.t, legs)
    if len(lags) < 3 or np.ptp(legs, axis=0).max() < STIFF:
        return None
    peaks = np.flatnonzero((likeness[1:-1] > likeness[:-2]) & (likeness[1:-1] >= likeness[2:])) + 1
    speed = max(walk.speed, 1e-9)
    unusual = np.log(speed * lags[peaks] / usual_length(speed))
    may_be = (unusual >= np.log(LENGTHS[0])) & (unusual <= np.log(LENGTHS[1]))
    peaks, unusual = peaks[may_be], unusual[may_be]
    if not len(peaks):
        return None
    best = int(peaks[(likeness[peaks] - UNUSUAL * np.abs(unusual)).argmax()])
    if likeness[best] < LIKE:
        return None
    hz = 1 / float(lags[best])
    return Stride(hz, float(likeness[best]), walk.lasts_s * hz)


def usual_length(speed: float) -> float:
    """Length of a walker's stride, heights of its box, as `stride_of` expects it.

    Args:
        speed: heights of its box a second, above 0.
    """
    return USUAL_LENGTH * math.sqrt(speed)


def self_likeness(t: Array, series: Array) -> tuple[Array, Array]:
    """How like series are to themselves after a lag.

    Args:
        t: (k,) rising seconds.
        series: (k, m).

    Returns:
        (j,) lags in seconds, those of `FASTEST_HZ` to `SLOWEST_HZ` that leave `OVERLAP` of the time, and (j,)
        correlations -1..1.
    """
    lasts = float(np.ptp(t))
    even = np.arange(t[0], t[-1], 1 / GRID_HZ)
    degree = min(2 + int(lasts / DRIFT_S), HIGHEST_DEGREE)
    left = steady(t, series, degree)
    left = np.stack([np.interp(even, t, column) for column in left.T], axis=1)
    longest = min(GRID_HZ / SLOWEST_HZ + 1, (1 - OVERLAP) * len(even))
    steps = np.arange(round(GRID_HZ / FASTEST_HZ) - 1, int(longest))
    alike = []
    for step in steps:
        before, after = left[:-step], left[step:]
        size = float(np.sqrt((before**2).sum() * (after**2).sum()))
        alike.append(float((before * after).sum()) / size if size > 0 else 0.0)
    return steps / GRID_HZ, np.array(alike)


def harmonics(t: Array, values: Array, hz: float, degree: int = 2) -> Array:
    """Amplitudes of a series at a frequency and at twice it.

    Least squares of both, beside a polynomial for slow changes.

    Args:
        t: (k,) seconds.
        values: (k,) without NaN.
        hz: the frequency.
        degree: of the polynomial.

    Returns:
        (2,) in the units of the values.
    """
    slow = np.vander((t - t.mean()) / max(float(np.ptp(t)) / 2, 1e-9), degree + 1)
    turns = 2 * np.pi * hz * t
    waves = np.stack([np.cos(turns), np.sin(turns), np.cos(2 * turns), np.sin(2 * turns)], axis=1)
    fitted = np.linalg.lstsq(np.concatenate([slow, waves], axis=1), values, rcond=None)[0][degree + 1 :]
    return np.array([np.hypot(fitted[0], fitted[1]), np.hypot(fitted[2], fitted[3])])
