"""What every classifier of behaviour has in common: what it is given, what it gives, and when it must hold back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.cues import STILL_SPEED
from pipeline.behaviour.depth import COMES, over_ground, stop_before_the_camera
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.behaviour.features import MOTIONLESS, inner_change
from pipeline.behaviour.over_time import slope_over_time
from pipeline.tracking.geometry import in_widths
from pipeline.values import Array, Features, MarkedTree, Samples

MOVEMENTS = frozenset({"feed", "investigate", "groom", "groom_other", "rub", "scrape", "claw", "play", "agonistic"})
IN_PLACE = frozenset(
    {"rest", "vigilance", "feed", "groom", "groom_other", "mating", "spray", "rub", "scrape", "claw", "defecate"}
)
WAYS = ("travel", "family_travel")
TOGETHER = frozenset({"family_travel"})  # it takes two; of others that do, both are often under one box
AT_A_WALK_AT_MOST = frozenset(
    {"travel", "family_travel", "stalk", "rest", "vigilance", "feed", "investigate", "groom", "groom_other", "mating"}
    | {"spray", "rub", "scrape", "claw", "defecate", "camera_interaction"}
)
BRIEF_S = 1.0  # seconds below which a track says nothing of a behaviour
APART_S = 1.01  # seconds between pictures beyond which they say nothing of a behaviour; measured was up to 0.5
HIDDEN_SHARE, EDGE_SHARE = 0.2, 0.6  # what is left of a belief while the animal is hardly seen, or cut by the edge
RULED_OUT_SHARE = 0.05  # what is left of a belief in what cannot be
MOTIONLESS_LOOKS = 0.6  # share of the looks around a moment in which nothing may move; in the others an ear may twitch
MOTIONLESS_S = 2.5  # seconds around a moment that are judged
# An animal pauses if at most this share of the middle of its window changes in this share of the looks around a moment:
# in the simulated examples in 15 % of the time of grooming, and in 51 % of rest.
PAUSE, PAUSE_LOOKS, PAUSE_S = 0.001, 0.25, 4.0
GALLOP_SPEED = 2.0  # body lengths/s; a trot stays below
GALLOP_S = 2.0  # seconds around a moment over which the animal must get away as fast
COMPANY_S = 2.0  # seconds before and after an animal's track in which it may still be there


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All animals of one video, as a classifier is given them."""

    samples: tuple[Samples, ...]
    features: tuple[Features, ...]  # of the same animals, in the same order
    aspect: float  # the picture's width over its height, pixels
    tree: MarkedTree | None = None  # that the camera sees, if any


class Classifier(Protocol):
    """Names behaviours from what was measured of a video's animals."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The behaviours that it can name, with `unknown` among them."""
        ...

    @property
    def shortest_s(self) -> Mapping[str, float]:
        """Seconds that a bout of a behaviour lasts at least, where it knows."""
        ...

    def __call__(self, scene: Scene, number: int) -> Array:
        """Probability of each behaviour at each sample of one animal: (n, len(codes)), each row summing to 1.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        ...

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        """By family of cues, how far the belief in each behaviour falls at each sample if it is left out: (n, k).

        Empty if the classifier cannot tell.

        Args:
            scene: all animals of the video.
            number: which of them, from 0.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """What a classifier that asks another one has in common with it."""

    classify: Classifier

    @property
    def codes(self) -> tuple[str, ...]:
        """The behaviours that the other can name."""
        return self.classify.codes

    @property
    def shortest_s(self) -> Mapping[str, float]:
        """Seconds that a bout of a behaviour lasts at least, where the other knows."""
        return self.classify.shortest_s


def hold_back(probabilities: Array, codes: tuple[str, ...], features: Features) -> Array:
    """Less belief, and more `unknown`, where the animal is hardly seen, cut off by the picture's edge, or gone at once.

    Likewise where the pictures are so far apart, as a time-lapse's are, that it may have done anything in between.

    Args:
        probabilities: (n, k), rows summing to 1.
        codes: of the columns.
        features: of the same track.

    Returns:
        (n, k), rows summing to 1.
    """
    share = np.where(features.visible, 1.0, HIDDEN_SHARE) * np.where(features.edge, EDGE_SHARE, 1.0)
    if features.t[-1] - features.t[0] < BRIEF_S:
        share *= HIDDEN_SHARE
    elif len(features.t) > 1:
        share *= np.where(np.gradient(features.t) > APART_S, HIDDEN_SHARE, 1.0)
    held = probabilities * share[:, None]
    held[:, codes.index(UNKNOWN)] += 1 - share
    return np.asarray(held / held.sum(axis=1, keepdims=True))


def unknown_throughout(n: int, codes: tuple[str, ...]) -> Array:
    """(n, len(codes)) all belief in `unknown`.

    Args:
        n: samples.
        codes: of the columns, `unknown` among them.
    """
    return np.tile(np.array([float(code == UNKNOWN) for code in codes]), (n, 1))


def rule_out(probabilities: Array, codes: tuple[str, ...], scene: Scene, number: int) -> Array:
    """Hardly any belief in what cannot be: moving where nothing moves, company of one alone, walking at a gallop.

    An animal does not move while it keeps its place and hardly a pixel inside its box changes in most looks, wherever
    that is known. One that pauses in many looks does not groom: a licking head goes on moving, a sleeper's is lifted
    once. It is alone while no other animal of the video has a track around that time; a thing is no company, and one
    that goes nowhere is none on the way. One that is alone grooms nobody else: two that mate or play are often under
    one box, but where grooming another was told rightly each had a track. One that gets away faster than any walk or
    trot does nothing slower, nor does it play if it is alone. One that steadily comes nearer or goes away does nothing
    that is done in one place.

    Args:
        probabilities: (n, k), rows summing to 1.
        codes: of the columns.
        scene: all animals of the video.
        number: which of them the probabilities are about, from 0.

    Returns:
        (n, k), rows summing to 1.
    """
    ruled_out = np.outer(is_motionless(scene, number), [code in MOVEMENTS for code in codes])
    pauses = _hardly_changes(scene, number, PAUSE, PAUSE_LOOKS, PAUSE_S)
    ruled_out |= np.outer(pauses, [code == "groom" for code in codes])
    others = [place for place, feature in enumerate(scene.features) if place != number and not feature.is_thing]
    alone = _without(others, scene, number)
    moving = [place for place in others if not scene.features[place].goes_nowhere]
    ruled_out |= np.outer(_without(moving, scene, number), [code in TOGETHER for code in codes])
    gallops = _gallops(scene, number)
    ruled_out |= np.outer(gallops, [code in AT_A_WALK_AT_MOST for code in codes])
    ruled_out |= np.outer(gallops & alone, [code == "play" for code in codes])
    ruled_out |= np.outer(alone, [code == "groom_other" for code in codes])
    comes_or_goes = np.abs(scene.features[number].approach) >= COMES
    ruled_out |= np.outer(comes_or_goes, [code in IN_PLACE for code in codes])
    left = probabilities * np.where(ruled_out, RULED_OUT_SHARE, 1.0)
    return np.asarray(left / left.sum(axis=1, keepdims=True))


def passing_by(probabilities: Array, codes: tuple[str, ...], scene: Scene, number: int) -> Array:
    """Belief that one deals with the camera turned into belief that it goes its way, as far as it never stops there.

    Who comes up to a camera to look into it and who walks past it look alike until the one stops. Where one that never
    comes so near stands, it watches.

    Args:
        probabilities: (n, k), rows summing to 1.
        codes: of the columns.
        scene: all animals of the video.
        number: which of them the probabilities are about, from 0.

    Returns:
        (n, k), rows summing to 1.
    """
    features = scene.features[number]
    if not {"camera_interaction", "vigilance", *WAYS} <= set(codes):
        return probabilities
    before_it = codes.index("camera_interaction")
    ways = [codes.index(code) for code in WAYS]
    turned = probabilities[:, before_it] * (
        1 - stop_before_the_camera(scene.samples[number].boxes, features, scene.aspect)
    )
    goes = over_ground(features) >= STILL_SPEED
    shares = probabilities[:, ways].clip(1e-6)
    found = probabilities.copy()
    found[:, before_it] -= turned
    found[:, codes.index("vigilance")] += turned * ~goes
    found[:, ways] += (turned * goes)[:, None] * shares / shares.sum(axis=1, keepdims=True)
    return found


@lru_cache(maxsize=1)
def is_motionless(scene: Scene, number: int) -> NDArray[np.bool_]:
    """(n,) where one animal keeps its place and nothing moves inside its box; False where that is not known.

    Network, rules and evidence ask of one animal after another, so the last answer is kept.

    Args:
        scene: all animals of the video.
        number: which of them, from 0.
    """
    return _hardly_changes(scene, number, MOTIONLESS, MOTIONLESS_LOOKS, MOTIONLESS_S)


def _hardly_changes(scene: Scene, number: int, most: float, share: float, around_s: float) -> NDArray[np.bool_]:
    """(n,) where one animal keeps its place and `inner_change` stays below `most` in a share of the looks around."""
    samples, features = scene.samples[number], scene.features[number]
    change = inner_change(samples)
    known = ~np.isnan(change)
    if known.mean() < 0.5:
        return np.zeros(len(samples.t), dtype=bool)
    filled = np.interp(samples.t, samples.t[known], change[known])
    first = np.searchsorted(samples.t, samples.t - around_s / 2)
    end = np.searchsorted(samples.t, samples.t + around_s / 2, side="right")
    mostly = np.array([np.quantile(filled[a:b], share) for a, b in zip(first, end, strict=True)])
    return (mostly < most) & (features.speed < STILL_SPEED)


def _without(others: Sequence[int], scene: Scene, number: int) -> NDArray[np.bool_]:
    """(n,) where none of some other animals has a track around the time."""
    t = scene.samples[number].t
    tracks = [scene.features[place].t for place in others]
    near = [(t >= other[0] - COMPANY_S) & (t <= other[-1] + COMPANY_S) for other in tracks]
    return ~np.any(near, axis=0) if near else np.ones(len(t), dtype=bool)


@lru_cache(maxsize=1)
def _gallops(scene: Scene, number: int) -> NDArray[np.bool_]:
    """(n,) where one animal gets away at a gallop, wherever to; the last answer is kept, as for `is_motionless`."""
    samples = scene.samples[number]
    centre, _ = in_widths(samples.scene_boxes, scene.aspect)
    gets_away = np.linalg.norm(slope_over_time(samples.t, centre, GALLOP_S), axis=1)
    return np.asarray(gets_away >= GALLOP_SPEED * scene.features[number].body_length)
