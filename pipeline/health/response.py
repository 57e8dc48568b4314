"""What an animal does about the camera and about people, and whether it plays.

Lack of fear can be a sign of illness and can be habit; play is a good sign.
"""

import numpy as np

from pipeline.behaviour.depth import over_ground
from pipeline.health.observed import Observed, named_time, seconds, within
from pipeline.tracking.geometry import in_widths, interpolate
from pipeline.values import Indicator

CAMERA = frozenset({"camera_interaction"})
MIN_VISIBLE_S = 3.0
MIN_TOGETHER_S = 1.5
STILL = 0.12  # body lengths a second below which it keeps its place
FACE_ON = 0.9  # width over height of the box, below which a four-legged animal is seen from the front or from behind


def camera_response(observed: Observed) -> Indicator:
    """Share (0..1) of the visible time in which it deals with the camera, or stays before it end-on.

    That is bouts of camera interaction, and time in which it keeps its place (below 0.12 body lengths/s, along the line
    of sight too) and its box is narrower than high, which is an animal from the front, or from behind: the two are not
    told apart. At least three visible seconds. To be compared with the animal's own habit; staring at a trap is no sign
    by itself.

    Args:
        observed: the sighting.
    """
    name, unit, features = "camera_response", "share of visible time", observed.features
    lasts = seconds(features, features.visible)
    if lasts < MIN_VISIBLE_S:
        why = f"it was visible for only {lasts:.1f} s; {MIN_VISIBLE_S:.0f} s are needed"
        return Indicator(observed.track, name, unit, None, lasts, why)
    stays = (over_ground(features) < STILL) & (features.stretch < FACE_ON) & ~features.edge
    deals = within(features.t, observed.bouts, CAMERA) | stays
    return Indicator(observed.track, name, unit, seconds(features, deals & features.visible) / lasts, lasts)


def people_response(observed: Observed) -> Indicator:
    """How fast it comes nearer to people or goes away from them: body lengths a second, positive if it goes away.

    The slope of the distance in the picture between its box's middle and that of the nearest person or vehicle over the
    time in which both are in view, of which at least 1.5 s are needed. Their own movement is in it, so it says what
    happened between them, not who chose it.

    Args:
        observed: the sighting.
    """
    name, unit = "people_response", "body lengths/s apart"
    if not observed.people:
        return Indicator(observed.track, name, unit, None, 0.0, "no person and no vehicle was followed in this video")
    t = observed.features.t
    middle, _ = in_widths(observed.samples.boxes, observed.aspect)
    apart = np.full(len(t), np.inf)
    for person in observed.people:
        there = (t >= person.t[0]) & (t <= person.t[-1])
        theirs, _ = in_widths(interpolate(person.t, person.boxes, t), observed.aspect)
        apart = np.where(there, np.minimum(apart, np.linalg.norm(theirs - middle, axis=1)), apart)
    together = np.isfinite(apart) & observed.features.visible
    lasts = float(np.ptp(t[together])) if together.any() else 0.0
    if lasts < MIN_TOGETHER_S or together.sum() < 3:
        why = f"it and a person were in view together for only {lasts:.1f} s; {MIN_TOGETHER_S} s are needed"
        return Indicator(observed.track, name, unit, None, lasts, why)
    slope = float(np.polyfit(t[together], apart[together] / observed.features.body_length, 1)[0])
    return Indicator(observed.track, name, unit, slope, lasts)


def play_seen(observed: Observed) -> Indicator:
    """Seconds of play: a good sign.

    Ill and hungry animals hardly play (Held and Spinka 2011, Animal play and animal welfare, Animal Behaviour 81:
    891-899). None seen in a few seconds says nothing; three seconds of named behaviour are needed for a nought.

    Args:
        observed: the sighting.
    """
    name, unit = "play_seen", "s"
    named, why = named_time(observed.bouts)
    if why:
        return Indicator(observed.track, name, unit, None, named, why)
    played = sum((bout.end_s - bout.start_s for bout in observed.bouts if bout.behaviour == "play"), 0.0)
    return Indicator(observed.track, name, unit, played, named)
