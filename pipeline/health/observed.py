"""What the indicators of one sighting are taken from, and the parts of it that several of them ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.tracking.outlines import Outlines
from pipeline.values import Array, Bout, Features, Indicator, Samples

TRAVEL = frozenset({"travel", "family_travel", "carry"})
MIN_NAMED_S = 3.0  # seconds of named behaviour below which a share of it, or none of one, means nothing


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """One animal in one video."""

    track: int
    samples: Samples
    features: Features  # of the same samples
    bouts: Sequence[Bout]
    aspect: float  # the picture's width over its height, pixels
    outlines: Outlines | None = None  # None: it never moved where its outline could be told from the scene
    infrared: bool | None = None  # the video has no colour; None if that is not known
    people: Sequence[Samples] = ()  # of the persons and vehicles in the same video


def named_time(bouts: Sequence[Bout]) -> tuple[float, str]:
    """Seconds with a named behaviour, and why they are too few to say anything by; "" if they are enough."""
    named = sum(bout.end_s - bout.start_s for bout in bouts if bout.behaviour != UNKNOWN)
    enough = named >= MIN_NAMED_S
    return named, "" if enough else f"only {named:.1f} s have a named behaviour; {MIN_NAMED_S} s are needed"


def within(t: Array, bouts: Sequence[Bout], behaviours: frozenset[str]) -> NDArray[np.bool_]:
    """(n,) whether each moment lies in a bout of one of the behaviours.

    Args:
        t: (n,) seconds.
        bouts: of one animal.
        behaviours: codes.
    """
    inside = np.zeros(len(t), dtype=bool)
    for bout in bouts:
        if bout.behaviour in behaviours:
            inside |= (t >= bout.start_s) & (t <= bout.end_s)
    return inside


def may_travel(t: Array, bouts: Sequence[Bout]) -> NDArray[np.bool_]:
    """(n,) whether each moment is travel, or has no name: what is named otherwise is no steady walk."""
    named = frozenset(bout.behaviour for bout in bouts) - TRAVEL - {UNKNOWN}
    return np.asarray(~within(t, bouts, named))


def seconds(features: Features, which: NDArray[np.bool_]) -> float:
    """How long the chosen samples last; each stands for the time half way to its neighbours."""
    halves = np.diff(features.t) / 2
    return float((np.append(halves, 0) + np.insert(halves, 0, 0))[which].sum())


def with_quality(found: Sequence[Indicator], observed: Observed) -> tuple[Indicator, ...]:
    """A sighting's indicators with what its pictures were like.

    Blur, infrared and how much of an animal is in view decide what can be told from trap pictures (after Murray et al.
    2021, on mange). The sharpness is the median over the sighting's looks; the visible share that of the sighting's
    time in which the animal was visible and clear of the picture's edge.
    """
    known = observed.samples.sharpness[~np.isnan(observed.samples.sharpness)]
    features = observed.features
    whole = seconds(features, np.ones(len(features.t), dtype=bool))
    clear = seconds(features, features.visible & ~features.edge)
    sharpness = float(np.median(known)) if len(known) else None
    share = min(clear / whole, 1.0) if whole > 0 else None
    return tuple(replace(one, sharpness=sharpness, infrared=observed.infrared, visible_share=share) for one in found)
