"""Turn linked sightings into tracks: join what was torn, drop what is no animal, fill to every frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.settings import TrackingSettings
from pipeline.tracking.geometry import interpolate, iou, shared_of_smaller
from pipeline.tracking.link import Sighting
from pipeline.values import Array, in_scene

JOIN_IOU = 0.2  # boxes on the two sides of a gap that overlap this much are one place
JOIN_DISTANCE = 1.0  # or whose centres lie within this many box sizes of where the motion before the gap points
TAKEN_OVER_S = 0.75  # seconds in which a track begins inside another one, soon to end, whose animal it goes on with
FAINT = 0.5  # share of another's mean score below which a track around it has no animal of its own
PART = 0.35  # of the area around it, up to which a box is of the same animal, however surely it was seen
INSIDE_SHARE = 0.6  # a track that lies this much inside another one is part of the same animal, or of a pair
OF_A_PAIR = 0.4  # mean score from which it is of a pair, if it is no smaller than `PART`
AS_OFTEN = 0.85  # and seen this many times as often as the other one


@dataclass(frozen=True, slots=True)
class Chain:
    """All sightings of one animal, in time order, and the linker's ids that went into it."""

    ids: tuple[int, ...]
    sightings: tuple[Sighting, ...]

    @property
    def start(self) -> float:
        """Seconds."""
        return self.sightings[0].t

    @property
    def end(self) -> float:
        """Seconds."""
        return self.sightings[-1].t

    def boxes(self) -> Array:
        """(n, 4)."""
        return np.array([s.box for s in self.sightings], dtype=float)

    def scene_boxes(self) -> Array:
        """(n, 4) as they would lie if the camera had not turned since the video began."""
        return in_scene(self.boxes(), self.drift())

    def times(self) -> Array:
        """(n,) seconds."""
        return np.array([s.t for s in self.sightings], dtype=float)

    def drift(self) -> Array | None:
        """(n, 2) of the scene in the picture, shares of it; None where the camera hung still."""
        drift = np.array([s.drift for s in self.sightings], dtype=float)
        return drift if drift.any() else None

    def scores(self) -> Array:
        """(n,) the detector's; NaN where held."""
        return np.array([s.score for s in self.sightings], dtype=float)


Vouch = Callable[[Chain], bool]  # whether something else than the detector is sure that a chain shows an animal


def assemble(sightings: dict[int, list[Sighting]], settings: TrackingSettings, vouched: Vouch) -> list[Chain]:
    """Chains of the animals of one video, in order of appearance.

    Args:
        sightings: by the linker's track id, each list in time order.
        settings: what counts as an animal and what may be joined.
        vouched: asked of what was seen often, but never clearly.
    """
    joined = _joined(sightings, settings)
    chains = [one for one in joined if _is_clear(one, settings) or (_is_seen(one, settings) and vouched(one))]
    return sorted(_drop_parts(chains), key=by_appearance)


def assemble_again(chains: Sequence[Chain], settings: TrackingSettings) -> list[Chain]:
    """Chains in order of appearance after their boxes have been completed: more may be joined, or be parts.

    Args:
        chains: of one video.
        settings: as for `assemble`.
    """
    joined = _join(sorted(chains, key=by_appearance), settings.join_gap_s)
    return sorted(_drop_parts(joined), key=by_appearance)


def fleeting(sightings: dict[int, list[Sighting]], settings: TrackingSettings) -> list[Chain]:
    """Chains that were too brief to be an animal's, but clear enough that a glimpse of a person must not be lost.

    Args:
        sightings: as for `assemble`.
        settings: as for `assemble`.
    """
    brief = [chain for chain in _joined(sightings, settings) if not _is_clear(chain, settings)]
    return [chain for chain in brief if np.nanmax(chain.scores()) >= settings.peak_score]


def _joined(sightings: dict[int, list[Sighting]], settings: TrackingSettings) -> list[Chain]:
    chains = [Chain((number,), tuple(_trim(entries))) for number, entries in sightings.items() if entries]
    return _join(sorted(chains, key=by_appearance), settings.join_gap_s)


def by_appearance(chain: Chain) -> tuple[float, tuple[int, ...]]:
    """What chains are sorted by."""
    return chain.start, chain.ids


def _trim(entries: list[Sighting]) -> list[Sighting]:
    """One sighting a picture: of several at the same time the surest that was seen stays."""
    by_frame: dict[int, Sighting] = {}
    for entry in entries:
        known = by_frame.get(entry.frame)
        if known is None or np.isnan(known.score) or entry.score > known.score:
            by_frame[entry.frame] = entry
    return [by_frame[frame] for frame in sorted(by_frame)]


def _join(chains: list[Chain], gap_s: float) -> list[Chain]:
    """Join chains of one animal: the later begins soon after the earlier ends, or takes over from it."""
    joined: list[Chain] = []
    for chain in chains:
        earlier = [p for p in joined if _torn(p, chain, gap_s) or _handed_over(p, chain, gap_s)]
        if earlier:
            nearest = max(earlier, key=lambda p: p.end)
            joined.remove(nearest)
            chain = Chain(nearest.ids + chain.ids, tuple(_trim([*nearest.sightings, *chain.sightings])))
        joined.append(chain)
    return joined


def _torn(before: Chain, after: Chain, gap_s: float) -> bool:
    return before.end < after.start <= before.end + gap_s and _continues(before, after)


def _handed_over(before: Chain, after: Chain, overlap_s: float) -> bool:
    """The detector boxed one animal twice for a while, at first a box within a box, and then only once."""
    overlaps = before.start <= after.start <= before.end < after.end and before.end - after.start <= overlap_s
    if not overlaps:
        return False
    t = after.times()
    t = t[t <= min(before.end, after.start + TAKEN_OVER_S)]
    boxes, others = (interpolate(c.times(), c.boxes(), t) for c in (after, before))
    return float(shared_of_smaller(boxes, others).mean()) >= INSIDE_SHARE


def _continues(before: Chain, after: Chain) -> bool:
    """The later chain begins where the earlier was or was going, in the scene: the camera may have turned meanwhile."""
    last, first = before.scene_boxes()[-1], after.scene_boxes()[0]
    if iou(last, first)[0, 0] >= JOIN_IOU:
        return True
    if not 0.5 <= float(np.sqrt(first[2:].prod() / last[2:].prod())) <= 2.0:
        return False
    expected = _centre(last) + _velocity(before) * (after.start - before.end)
    size = float(np.sqrt(last[2:].prod()))
    return float(np.linalg.norm(_centre(first) - expected)) <= JOIN_DISTANCE * size


def _velocity(chain: Chain) -> Array:
    """Of the last second of a chain in the scene, shares of the picture a second."""
    t, boxes = chain.times(), chain.scene_boxes()
    recent = t >= t[-1] - 1.0
    if recent.sum() < 2:
        return np.zeros(2)
    t, boxes = t[recent], boxes[recent]
    return np.asarray((_centre(boxes[-1]) - _centre(boxes[0])) / (t[-1] - t[0]))


def _centre(box: Array) -> Array:
    return np.asarray(box[:2] + box[2:] / 2)


def _is_clear(chain: Chain, settings: TrackingSettings) -> bool:
    """Seen often enough by the detector itself, and clearly so at its best.

    Not the median of the scores, by which others judge: an animal that sits still in infrared is seen faintly for most
    of its stay. A rock or a bush that looks like an animal stays faint throughout, and so do some animals.
    """
    return _is_seen(chain, settings) and float(_best(chain, settings).mean()) >= settings.peak_score


def _is_seen(chain: Chain, settings: TrackingSettings) -> bool:
    return len(_best(chain, settings)) >= settings.min_seen


def _best(chain: Chain, settings: TrackingSettings) -> Array:
    """Its best scores, as many as it needs, highest first."""
    scores = chain.scores()
    return np.asarray(np.sort(scores[~np.isnan(scores)])[::-1][: settings.min_seen])


def _drop_parts(chains: list[Chain]) -> list[Chain]:
    """Leave out chains that run inside one that was seen more: a head or a tail that the detector boxed by itself.

    And those around one that was seen more and far more surely: two animals in a faint box, or one and a bush. A leg
    may also be seen more than the animal that it is of. What is seen surely and about as often as the animal around it
    is one of two in contact.
    """
    kept: list[Chain] = []
    for chain in sorted(chains, key=lambda p: (-np.nansum(p.scores()), p.ids)):
        if not any(_is_part(chain, other) for other in kept):
            kept = [other for other in kept if not _is_limb(other, chain)] + [chain]
    return kept


def _is_part(chain: Chain, other: Chain) -> bool:
    """Whether one of two lies within the other for most of a chain's time, and the chain is smaller or far fainter."""
    sizes = _sizes_within(chain, other)
    if sizes is None:
        return False
    return _is_faint(chain, other) or bool((sizes <= 1).mean() >= 0.5 and not _is_of_a_pair(chain, other, sizes))


def _is_of_a_pair(chain: Chain, other: Chain, sizes: Array) -> bool:
    """Whether a chain within another is of a second animal: a part is far smaller, or seen faintly or now and then."""
    is_sure = bool(np.nanmean(chain.scores()) >= OF_A_PAIR and np.median(sizes) > PART)
    return is_sure and _times_seen(chain) >= AS_OFTEN * _times_seen(other)


def _times_seen(chain: Chain) -> int:
    return int((~np.isnan(chain.scores())).sum())


def _is_limb(chain: Chain, whole: Chain) -> bool:
    """Whether a chain lies within another for most of its time, far smaller, and the other one is not far fainter."""
    sizes = _sizes_within(chain, whole)
    return sizes is not None and float(np.median(sizes)) <= PART and not _is_faint(whole, chain)


def _sizes_within(chain: Chain, other: Chain) -> Array | None:
    """How large a chain's boxes are, as shares of the other's area; None if neither lies within the other for long."""
    t, boxes = chain.times(), chain.boxes()
    shared = (t >= other.start) & (t <= other.end)
    if shared.mean() < INSIDE_SHARE:
        return None
    others = interpolate(other.times(), other.boxes(), t[shared])
    if shared_of_smaller(boxes[shared], others).mean() < INSIDE_SHARE:
        return None
    return np.asarray(boxes[shared, 2:].prod(axis=1) / others[:, 2:].prod(axis=1))


def _is_faint(chain: Chain, other: Chain) -> bool:
    return bool(np.nanmean(chain.scores()) < FAINT * np.nanmean(other.scores()))
