"""The indicators of one sighting: all of them, and walking speed, share of time active and visible time themselves.

Each is a screening number with the seconds that it rests on. One sighting says little: a later comparison with the
animal's own history, on the same camera where perspective matters, is what makes it speak.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.health.gait import gait
from pipeline.health.girth import girth_length
from pipeline.health.observed import Observed, named_time, seconds, with_quality, within
from pipeline.health.path import stops, stumbles, tortuosity
from pipeline.health.response import camera_response, people_response, play_seen
from pipeline.health.walk import walk_of
from pipeline.values import Bout, Features, Indicator

INACTIVE = frozenset({"rest", "vigilance", "camera_interaction"})  # what a park adds to the ethogram counts as active
MIN_TRAVEL_S = 1.5  # about two strides of a walk; less gives no speed worth having
LATERAL_STRETCH = 1.2  # width over height above which a four-legged animal is seen from the side


def indicators(observed: Observed) -> tuple[Indicator, ...]:
    """All indicators of one sighting, each with what its pictures were like.

    Args:
        observed: the sighting.
    """
    track, features, bouts = observed.track, observed.features, observed.bouts
    walk = walk_of(observed)
    found = (
        travel_speed(track, features, bouts),
        *gait(track, walk),
        stumbles(track, walk),
        stops(observed),
        tortuosity(observed),
        girth_length(track, walk),
        active_share(track, bouts),
        play_seen(observed),
        camera_response(observed),
        people_response(observed),
        visible_time(track, features),
    )
    return with_quality(found, observed)


def travel_speed(track: int, features: Features, bouts: Sequence[Bout]) -> Indicator:
    """Median speed over the ground of the picture while travelling, in body lengths a second.

    Only samples within bouts of travel count in which the animal is visible, clear of the picture's edge and seen from
    the side: walking towards the camera hardly moves a box, and a box at the edge is only part of the animal.
    After the idea of Rowcliffe et al. 2016 (speed of animals from camera traps), without a scale in metres.
    """
    name, unit = "travel_speed", "body lengths/s"
    travelling = within(features.t, bouts, frozenset({"travel"}))
    if not travelling.any():
        return Indicator(track, name, unit, None, 0.0, "it did not travel in this sighting")
    clear = travelling & features.visible & ~features.edge
    lateral = clear & (features.stretch >= LATERAL_STRETCH)
    lasting = seconds(features, lateral)
    if lasting < MIN_TRAVEL_S:
        why = (
            f"only {lasting:.1f} s of travel seen whole and from the side, of {seconds(features, travelling):.1f} s;"
            f" {MIN_TRAVEL_S} s are needed"
        )
        return Indicator(track, name, unit, None, lasting, why)
    return Indicator(track, name, unit, float(np.median(features.speed[lateral])), lasting)


def active_share(track: int, bouts: Sequence[Bout]) -> Indicator:
    """Share (0..1) of the time with a named behaviour in which the animal was active: neither rest nor watching.

    A trap's video starts because something moved, so rest is seen less often than it happens: compare like with like.
    """
    name, unit = "active_share", "share of named time"
    named, why = named_time(bouts)
    if why:
        return Indicator(track, name, unit, None, named, why)
    active = sum(bout.end_s - bout.start_s for bout in bouts if bout.behaviour not in INACTIVE | {UNKNOWN})
    return Indicator(track, name, unit, active / named, named)


def visible_time(track: int, features: Features) -> Indicator:
    """Seconds in which the animal was visible: big enough, and backed by the detector."""
    lasting = seconds(features, features.visible)
    return Indicator(track, "visible_time", "s", lasting, lasting)
