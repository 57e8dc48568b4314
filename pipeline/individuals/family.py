"""Which of the animals in one video are young: how large each looks beside the largest, at the same distance.

A picture gives no lengths, but of two animals that stand on the same ground the one whose feet are lower in the picture
is nearer; only moments in which both stand about as far away say anything about their sizes. The bounds are choices of
this project, not published values, and a cub is never called one without a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipeline.tracking.geometry import interpolate, touches_edge
from pipeline.values import Array

CUB_UP_TO = 0.65  # body size beside the largest animal
ADOLESCENT_UP_TO = 0.85
SAME_GROUND = 0.06  # share of the picture's height by which their feet may differ
STEP_S = 0.25
LEAST_MOMENTS = 4

Place = Sequence[float]  # t in seconds, then x, y, w, h as shares of the picture


@dataclass(frozen=True, slots=True)
class SizeBeside:
    """How large one animal looks beside the largest of its company."""

    track: str
    beside: str  # the largest
    ratio: float  # of body size (a length), median over the moments
    rests_on_s: float  # seconds in which both were seen whole and about as far away

    @property
    def looks_like(self) -> str:
        """In a biologist's words, for a person to judge."""
        if self.ratio <= CUB_UP_TO:
            return "as small as a cub"
        if self.ratio <= ADOLESCENT_UP_TO:
            return "smaller: an adolescent, a large cub, or a small adult"
        return "about as large"


def sizes_beside(tracks: Mapping[str, Sequence[Place]]) -> list[SizeBeside]:
    """The size of each animal beside the largest of one video, smallest first.

    Animals that were never seen beside the largest at about the same distance are left out.

    Args:
        tracks: for each track of one video, its boxes over time, rising.
    """
    ratios: dict[tuple[str, str], tuple[float, int]] = {}
    for one, other in combinations(sorted(tracks), 2):
        found = _ratios(np.array(tracks[one]), np.array(tracks[other]))
        if len(found) >= LEAST_MOMENTS:
            ratio = float(np.exp(np.median(np.log(found))))
            ratios[one, other] = (ratio, len(found))
            ratios[other, one] = (1 / ratio, len(found))
    smaller = {track: sum(ratio < 1 for (one, _), (ratio, _) in ratios.items() if one == track) for track in tracks}
    met = {track: sum(one == track for one, _ in ratios) for track in tracks}
    largest = [track for track in sorted(tracks) if met[track] and smaller[track] == 0]
    sizes = [
        SizeBeside(one, big, ratio, moments * STEP_S)
        for (one, big), (ratio, moments) in ratios.items()
        if big in largest and one not in largest
    ]
    return sorted(sizes, key=lambda size: (size.ratio, size.track))


def _ratios(one: Array, other: Array) -> Array:
    """Body size of `one` over that of `other` at each moment in which they can be compared.

    Body size is the square root of the box's area: less swayed by posture than its height or its length alone.
    """
    start, end = max(one[0, 0], other[0, 0]), min(one[-1, 0], other[-1, 0])
    if end <= start:
        return np.zeros(0)
    t = np.arange(start, end + STEP_S / 2, STEP_S).clip(start, end)
    mine, theirs = (interpolate(track[:, 0], track[:, 1:], t) for track in (one, other))
    same_ground = abs(mine[:, 1] + mine[:, 3] - theirs[:, 1] - theirs[:, 3]) <= SAME_GROUND
    whole = ~(touches_edge(mine) | touches_edge(theirs))
    areas = mine[:, 2:].prod(axis=1) / theirs[:, 2:].prod(axis=1)
    return np.asarray(np.sqrt(areas)[same_ground & whole])
