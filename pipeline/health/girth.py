"""How deep an animal's trunk is for its length: a proxy of its condition, to be followed over time."""

import numpy as np

from pipeline.health.gait import SIDEWAYS
from pipeline.health.walk import Walk
from pipeline.values import Indicator

FEWEST = 8  # outlines

_GIRTH = ("girth_length", "trunk depth / length")


def girth_length(track: int, walk: Walk | str) -> Indicator:
    """Depth of the trunk at its middle over the outline's length, the median over a walk seen from the side.

    The depth is the lower quartile, over the columns about the outline's centre, of the longest unbroken part of
    each, so that a leg below does not count; the length leaves out the tail. Proxies of this kind follow body condition
    in bears (Lacy et al. 2024, torso to height) and painted dogs (Rasmussen et al. 2021, belly score). At least eight
    outlines, whole, within 20 degrees of the side, and with a coat that stands out against the scene.

    Fair for one animal's trend on one camera; a meal or a pregnancy changes it as much as hunger does.

    Args:
        track: its number.
        walk: what of the sighting shows it, or why nothing does.
    """
    name, unit = _GIRTH
    if isinstance(walk, str):
        return Indicator(track, name, unit, None, 0.0, walk)
    if walk.aslant > SIDEWAYS:
        why = f"it walks {walk.aslant:.0f} degrees aslant; up to {SIDEWAYS:.0f} it is seen from the side"
        return Indicator(track, name, unit, None, walk.lasts_s, why)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = walk.of("trunk") / walk.of("length")
    ratio = ratio[np.isfinite(ratio)]
    if len(ratio) < FEWEST:
        why = f"its trunk shows in only {len(ratio)} outlines; {FEWEST} are needed"
        return Indicator(track, name, unit, None, walk.lasts_s, why)
    return Indicator(track, name, unit, float(np.median(ratio)), walk.lasts_s)
