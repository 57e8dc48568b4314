"""Along the line of sight: how far from the camera an animal is, and how fast it comes or goes.

A box that comes straight at the camera hardly moves in the picture; it grows.
"""

import math

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.cues import STILL_SPEED
from pipeline.behaviour.over_time import slope_over_time
from pipeline.tracking.geometry import in_widths
from pipeline.values import Array, Features, Samples

VIEW = math.radians(40.0)  # vertical angle of view that is taken for granted: traps have 30 to 50 degrees
RATE_S, EVEN_S = 2.5, 1.2  # seconds over which a box's growth is measured, and over which it must go on as well
ONGOING, EVENLY = 0.4, 0.8  # share of its rate at which it must, and of the looks within a second in which it must
LEAST_GROWTH = 0.04  # of itself a second, below which a box trembles
LEAST_SINKING = 0.2  # growths by which the feet sink in the picture at least: a trap hangs at half an animal's height
SHOULDER = 0.6  # a standing cat's height over its length; of six male Amur leopards 64 to 78 over 107 to 136 cm
REACH = 4.0  # body lengths from the camera within which an animal can deal with it
STAYS_S = 2.0  # seconds that it keeps its place there if it surely does not pass by
PASSES = 0.25  # share of these up to which it surely does
COMES = 0.2  # body lengths/s along the line of sight from which an animal surely comes or goes


def focal_length(aspect: float) -> float:
    """The camera's focal length in widths of its picture, which follows from the angle of view taken for granted.

    Args:
        aspect: the picture's width over its height, pixels.
    """
    return 0.5 / aspect / math.tan(VIEW / 2)


def distance(boxes: Array, aspect: float) -> Array:
    """How far from the camera an animal is, in its own body lengths.

    One of length L at a distance Z takes a share s of the picture's width: Z / L = f / s, f the focal length in widths.
    s is the box's width, or, where the animal is seen from the front or from behind, its height over that of a standing
    cat of length 1.

    Args:
        boxes: (n, 4).
        aspect: the picture's width over its height, pixels.

    Returns:
        (n,) body lengths; a third too few or too many for a trap of another view or an animal of another build.
    """
    _, size = in_widths(boxes, aspect)
    length = np.maximum(size[:, 0], size[:, 1] / SHOULDER).clip(1e-6)
    return np.asarray(focal_length(aspect) / length)


def approach(samples: Samples, aspect: float) -> Array:
    """Speed along the line of sight, body lengths a second; positive towards the camera.

    It comes nearer at `distance` times the rate at which its box grows; one over that rate is the time to contact of
    Lee 1976 (A theory of visual control of braking, Perception 5: 437-459). Only what grows evenly throughout two
    seconds counts, width and height, of which the slower is taken, while the feet go down as they do on the ground: one
    that lies down, rears, turns, or raises its head or its tail stays where it is, and so does one whose box jumps.

    Args:
        samples: of one track, at least one.
        aspect: the picture's width over its height, pixels.

    Returns:
        (n,) body lengths a second; 0 where it neither comes nor goes, or where the camera moves.
    """
    if samples.drift is not None:
        return np.zeros(len(samples.t))
    rate = _even_growth(samples, aspect, RATE_S)
    rate[np.abs(rate) < LEAST_GROWTH] = 0
    rate[~_throughout(samples.t, _even_growth(samples, aspect, EVEN_S), rate)] = 0
    return np.asarray(rate * distance(samples.boxes, aspect))


def _even_growth(samples: Samples, aspect: float, width_s: float) -> Array:
    """(n,) 1/s by which width and height both grow, the slower one's; 0 where only one does or the feet do not sink."""
    middle, size = in_widths(samples.scene_boxes, aspect)
    size = size.clip(1e-6)
    feet = middle[:, 1] + size[:, 1] / 2
    slopes = slope_over_time(samples.t, np.column_stack([np.log(size), feet]), width_s)
    sign, slower = np.sign(slopes[:, 0]), np.abs(slopes[:, :2]).min(axis=1)
    even = sign == np.sign(slopes[:, 1])
    even &= sign * slopes[:, 2] >= LEAST_SINKING * slower * size[:, 1]
    return np.asarray(np.where(even, sign * slower, 0.0))


def _throughout(t: Array, fine: Array, rate: Array) -> NDArray[np.bool_]:
    """(n,) where what is measured finely comes near a rate for a second on either side; False in shorter tracks."""
    first, end = np.searchsorted(t, t - 1.0), np.searchsorted(t, t + 1.0, side="right")
    share = [(fine[a:b] / one >= ONGOING).mean() if one else 0 for a, b, one in zip(first, end, rate, strict=True)]
    return np.asarray((np.array(share) > EVENLY) & (t[-1] - t[0] >= 2.0))


def over_ground(features: Features) -> Array:
    """(n,) speed in body lengths/s, across the picture and along the line of sight together."""
    return np.hypot(features.speed, features.approach)


def stop_before_the_camera(boxes: Array, features: Features, aspect: float) -> float:
    """How far an animal stops before the camera, rather than passing it or keeping away.

    Wholly if it keeps its place there for two seconds, or, if it is seen for less than four, for half of that time; not
    at all up to a quarter of this. A box that trembles a little more does not make it one that passes by.

    Args:
        boxes: (n, 4) of its samples.
        features: of the same.
        aspect: the picture's width over its height, pixels.

    Returns:
        0 to 1.
    """
    if len(features.t) < 2:
        return 0.0
    there = (distance(boxes, aspect) <= REACH) & (over_ground(features) < STILL_SPEED)
    step = np.gradient(features.t)
    share = step[there].sum() / min(STAYS_S, step.sum() / 2)
    return float(np.clip((share - PASSES) / (1 - PASSES), 0, 1))
