"""Which indicators are compared over time, on which scale, and from which change on a change is worth a vet's time."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale on which readings of one animal scatter about evenly."""

    to: Callable[[float], float]
    back: Callable[[float], float]


_SMALLEST = 1e-3

RATIO = Scale(lambda value: math.log(max(value, _SMALLEST)), math.exp)  # readings scatter by a share of themselves
SHARE = Scale(lambda value: math.sqrt(max(value, 0.0)), lambda root: max(root, 0.0) ** 2)  # of 0..1, most of them small


@dataclass(frozen=True, slots=True)
class Watched:
    """An indicator that is followed over time, for changes one way."""

    name: str
    unit: str
    worse: int  # +1: a rise is of concern; -1: a fall
    scale: Scale
    by_station: bool  # perspective sways it: compare on one station, or level the stations first
    by_season: bool  # coat or snow sway it: level what all animals read of late
    least_spread: float  # on the scale: readings of one animal are taken to scatter at least so much
    least_change: float  # on the scale: a smaller change is not worth a flag
    says: str  # what a change means, in words that name a movement or a shape and no cause


# Least spreads and least changes are choices of this project, not published values; docs/health-over-time.md.
WATCHED: tuple[Watched, ...] = (
    Watched("travel_speed", "body lengths/s", -1, RATIO, True, True, 0.08, 0.15, "walks more slowly"),
    Watched("stride_frequency", "strides/s", -1, RATIO, False, False, 0.05, 0.12, "takes fewer strides a second"),
    Watched("gait_asymmetry", "of 0 to 1", +1, SHARE, False, False, 0.05, 0.10, "walks less evenly"),
    Watched("head_bob", "of 0 to 1", +1, SHARE, False, False, 0.05, 0.12, "bobs its head more as it walks"),
    Watched("back_bob", "of 0 to 1", +1, SHARE, False, False, 0.05, 0.12, "bobs its back more as it walks"),
    Watched("girth_length", "trunk depth / length", -1, RATIO, True, True, 0.03, 0.07, "looks thinner from the side"),
    Watched("tortuosity", "of 0 to 1", +1, SHARE, True, False, 0.08, 0.18, "walks in a more winding line"),
)
