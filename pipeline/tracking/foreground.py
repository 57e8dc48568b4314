"""Give an animal the box of all that stands out from the empty scene, where the detector boxes a leg of it, or nothing.

A detector that has learned from animals on four feet sees of a cat that rears at a trunk its hind legs, or none of it,
though it stands out plainly from the scene. What the scene is like without it is learned picture by picture from what
lies beside all boxes, once forwards and once backwards through the video, since the animal may be there from the start
or to the end. What differs from it in one piece is the animal's, if it holds the box, has about the animal's usual
size and does not reach another animal (background subtraction; after Stauffer and Grimson 1999, adaptive background
mixture models, here with one level a pixel and a memory for what has never been seen empty).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.assemble import PART, Chain
from pipeline.tracking.camera_motion import AT_REST
from pipeline.tracking.geometry import iou, pixel_window, shared_of_smaller
from pipeline.tracking.link import Glance, Sighting, at_a_side, look_between
from pipeline.tracking.looks import COVER_MARGIN

DIFFERS = 16.0  # grey levels of 255 from which a pixel stands out
LEARNED = 0.2  # share by which a picture changes what is known of the scene: light and leaves do not stay the same
USUAL_S = 6.0  # seconds before and after, in which an animal's usual size is sought
SMALL, TINY = 0.5, 0.25  # of its usual area: a box below may be a part of the animal, or is at first sight
WHOLE_S = 1.5  # seconds for which a small box does not yet mean that the rest of the place is empty
INSIDE = 0.7  # of a box lies in what stands out, if it is of it
APART = 0.2  # of the smaller of two lies in the other, from which they touch
ALIKE = 2.5  # times as large or small as usual that a missed animal may be
CERTAIN = 0.3  # score from which there surely is something
PAW = 0.15  # of the larger usual area of two: what is smaller may be a leg or a head of either
SIDE_BY_SIDE = 3  # pictures in which two small boxes are seen like that before they are two animals
REARED = 3.5  # times as large as usual that a partly seen one may be: on its hind legs with the tail stretched
FOLLOWS = 0.3  # intersection over union of a missed animal with where it was in the picture before
MISSED_S = 6.0  # seconds for which an animal is followed that the detector does not see
STANDS_OUT = 0.03, 0.15  # of the pixels of a partly seen and of a missed animal that do stand out; where others are,
# the scene may never have been seen empty
FILLED = 0.25  # of a box's pixels that belong to the animal
GAP = 0.12  # of an animal's size: pieces that lie no farther apart are one

Box = tuple[float, float, float, float]
Grey = NDArray[np.uint8]
Pixels = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Claim:
    """What stands out in one picture is an animal's."""

    of: int  # number of the chain
    box: Box
    stands_out: float  # share of its pixels that do; where others are, the scene may never have been seen empty


@dataclass(slots=True)
class _Scene:
    """The scene without animals, as far as it has been seen."""

    level: NDArray[np.float32]  # (h, w) grey levels
    known: Pixels  # (h, w)

    def standing_out(self, grey: Grey) -> Pixels:
        """(h, w) whether each pixel differs from the scene, whatever the light as a whole did."""
        difference = grey - self.level
        light = np.median(difference[self.known]) if self.known.any() else 0.0
        return np.asarray((np.abs(difference - light) > DIFFERS) & self.known)

    def learn(self, grey: Grey, hidden: Sequence[Box]) -> None:
        """Take a picture in, but for boxes that animals are in."""
        height, width = grey.shape
        free = np.ones(grey.shape, dtype=bool)
        for box in hidden:
            free[pixel_window(box, width, height, COVER_MARGIN)] = False
        share = np.where(self.known, np.float32(LEARNED), np.float32(1.0))
        self.level += np.where(free, share * (grey - self.level), 0)
        self.known |= free


@dataclass(slots=True)
class _Animal:
    """One chain, gone through picture by picture."""

    sightings: Mapping[int, Sighting]  # by frame
    usual_areas: Mapping[int, float]  # likewise, shares of the picture
    usual: float = 0.0  # area now
    box: Box | None = None  # the detector's, in this picture
    last: Box | None = None  # in the picture before, the detector's or what stood out
    _seen_t: float = 0.0
    _is_grown: bool = False  # what stood out around a part was its box in the picture before
    _whole: tuple[float, Box] | None = None  # when, and where, its box last had its usual size

    def turn_to(self, glance: Glance) -> None:
        """Go on to a picture."""
        sighting = self.sightings.get(glance.frame)
        self.box = sighting.box if sighting else None
        if sighting:
            self._seen_t, self.usual = glance.t, self.usual_areas[glance.frame]
            if not self._is_small:
                self._whole = glance.t, sighting.box
        elif abs(glance.t - self._seen_t) > MISSED_S or (self.last is not None and at_a_side(self.last)):
            self.last = None

    def leave(self, claimed: Box | None) -> None:
        """Be done with a picture, in which this stood out as the animal's."""
        self._is_grown = claimed is not None and (self._is_grown or self.box is not None)
        self.last = claimed or self.box

    @property
    def is_wanting(self) -> bool:
        """Its box is so small that it is a part of the animal, or goes on being one; or it has none and is followed."""
        if self.box is None:
            return self.last is not None
        return self._is_small and (self._is_grown or _area(self.box) < TINY * self.usual)

    @property
    def _is_small(self) -> bool:
        return self.box is not None and _area(self.box) < SMALL * self.usual

    def hides(self, t: float) -> list[Box]:
        """Where it may be, so that the scene cannot be seen there."""
        boxes = [self.box, self.last if self.is_wanting else None]
        if self._is_small and self._whole is not None and abs(t - self._whole[0]) <= WHOLE_S:
            boxes.append(self._whole[1])
        return [box for box in boxes if box is not None]


def completed(chains: Sequence[Chain], glances: Sequence[Glance]) -> list[Chain]:
    """Chains with the boxes of all that stands out, where the detector saw a part of an animal or briefly none of it.

    Chains that prove to be parts of one animal become one. Boxes on what the detector did not see have no score.

    Args:
        chains: of one video.
        glances: pictures of it, in time order. Those for which the camera had turned are left out, and what happens
            between them, or others, stays as it is.
    """
    glances = [glance for glance in glances if glance.drift == AT_REST]
    if not chains or not glances:
        return list(chains)
    usual = [usual_areas(chain) for chain in chains]
    apart = _apart(chains, usual)
    surest: list[dict[int, _Claim]] = [{} for _ in chains]
    for way in (glances, glances[::-1]):
        animals = [_Animal({s.frame: s for s in c.sightings}, areas) for c, areas in zip(chains, usual, strict=True)]
        for glance, found in _gone_through(animals, apart, way):
            for number, claim in found.items():
                known = surest[number].get(glance.frame)
                if known is None or claim.stands_out > known.stands_out:
                    surest[number][glance.frame] = claim
    rows = [_with_claims(number, chain, surest[number], glances) for number, chain in enumerate(chains)]
    return _merged(chains, rows, surest, apart)


def usual_areas(chain: Chain) -> dict[int, float]:
    """By frame, the area that a chain's boxes have when they are large, within `USUAL_S`, as a share of the picture."""
    times, areas = chain.times(), chain.boxes()[:, 2:].prod(axis=1)
    near = [areas[np.abs(times - t) <= USUAL_S] for t in times]
    return {s.frame: float(np.quantile(some, 0.9)) for s, some in zip(chain.sightings, near, strict=True)}


def _apart(chains: Sequence[Chain], usual: Sequence[Mapping[int, float]]) -> Pixels:
    """(n, n) whether two chains are two animals: in some picture both have their usual size, at two places.

    Or they are seen side by side for certain, alike in size: two cubs that are mostly under one box are never as large.
    """
    by_frame = [{sighting.frame: sighting for sighting in chain.sightings} for chain in chains]
    apart = np.zeros((len(chains), len(chains)), dtype=bool)
    for number, own in enumerate(by_frame):
        for other in range(number):
            both = own.keys() & by_frame[other].keys()
            pairs = [(own[frame], by_frame[other][frame], usual[number][frame], usual[other][frame]) for frame in both]
            are = any(_are_whole(*pair) for pair in pairs) or sum(_are_alike(*pair) for pair in pairs) >= SIDE_BY_SIDE
            apart[number, other] = apart[other, number] = are
    return apart


def _are_whole(one: Sighting, other: Sighting, usual: float, others: float) -> bool:
    """Two chains in one picture: both have their usual size, at two places."""
    is_whole = _area(one.box) >= SMALL * usual and _area(other.box) >= SMALL * others
    return is_whole and _shared(one.box, other.box) < 0.5


def _are_alike(one: Sighting, other: Sighting, usual: float, others: float) -> bool:
    """Likewise: both are seen for certain, beside each other, alike in size, and neither is as small as a paw."""
    small, large = sorted((_area(one.box), _area(other.box)))
    fits = large <= ALIKE * small and small >= PAW * max(usual, others)
    return fits and min(one.score, other.score) >= CERTAIN and _shared(one.box, other.box) <= APART


def _gone_through(
    animals: Sequence[_Animal], apart: Pixels, glances: Sequence[Glance]
) -> Iterator[tuple[Glance, dict[int, _Claim]]]:
    """Each picture, and by the animals' numbers what stands out there and is their own, or that they are a part of."""
    shape = glances[0].grey.shape
    scene = _Scene(np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=bool))
    for glance in glances:
        for animal in animals:
            animal.turn_to(glance)
        hidden = [box for animal in animals for box in animal.hides(glance.t)]
        found: dict[int, _Claim] = {}
        wanting = [number for number, animal in enumerate(animals) if animal.is_wanting]
        stands_out = scene.standing_out(glance.grey) if wanting else scene.known
        for number in sorted(wanting, key=lambda n: -animals[n].usual):
            claim = None if number in found else _claim(number, animals, apart[number], stands_out, ~scene.known)
            if claim is not None:
                found |= {part: claim for part in [number, *_parts(claim.box, animals)] if part not in found}
                hidden.append(claim.box)
        yield glance, found
        for number, animal in enumerate(animals):
            animal.leave(found[number].box if number in found and found[number].of == number else None)
        scene.learn(glance.grey, hidden)


def _claim(
    number: int, animals: Sequence[_Animal], apart: NDArray[np.bool_], stands_out: Pixels, unknown: Pixels
) -> _Claim | None:
    """What stands out, in one piece, and is one animal's; None if nothing does."""
    animal = animals[number]
    around = animal.box or animal.last
    piece = None if around is None else _piece(around, animal.usual, stands_out, unknown)
    if piece is None:
        return None
    box, share = piece
    times = _area(box) / animal.usual
    if animal.box is not None:
        fits = 1 / ALIKE <= times <= REARED and _shared(animal.box, box) >= INSIDE and share >= STANDS_OUT[0]
    else:
        follows = animal.last is not None and iou(np.array(animal.last), np.array(box))[0, 0] >= FOLLOWS
        fits = 1 / ALIKE <= times <= ALIKE and follows and share >= STANDS_OUT[1]
    others = [one.box or one.last for one, is_other in zip(animals, apart, strict=True) if is_other]
    touches = any(other is not None and _shared(other, box) > APART for other in others)
    parts = [one for part in _parts(box, animals) if (one := animals[part].box) is not None]
    is_ones = fits and not touches and all(_area(part) < PART * _area(box) for part in parts)
    return _Claim(number, box, share) if is_ones else None


def _parts(box: Box, animals: Sequence[_Animal]) -> list[int]:
    """Numbers of those whose box lies in another one."""
    boxes = {number: animal.box for number, animal in enumerate(animals) if animal.box is not None}
    return [number for number, own in boxes.items() if _shared(own, box) >= INSIDE]


def _piece(around: Box, usual: float, stands_out: Pixels, unknown: Pixels) -> tuple[Box, float] | None:
    """The box of what stands out in one piece at a place, and how much of it does so for certain, 0..1.

    Args:
        around: the place.
        usual: the animal's area, share of the picture; sets how far it is looked around, and what counts as one piece.
        stands_out: (h, w).
        unknown: (h, w) pixels that have never been seen empty; they may be the animal's.
    """
    height, width = stands_out.shape
    side = float(np.sqrt(usual * width * height))
    margin = 2 * side / min(around[2] * width, around[3] * height)
    rows, columns = pixel_window(around, width, height, margin)
    certain = stands_out[rows, columns]
    pixels = (certain | unknown[rows, columns]).astype(np.uint8)
    reach = max(3, int(GAP * side) | 1)
    clean = cv2.morphologyEx(pixels, cv2.MORPH_OPEN, np.ones((2, 2), dtype=np.uint8))
    joined = cv2.morphologyEx(clean, cv2.MORPH_CLOSE, np.ones((reach, reach), dtype=np.uint8))
    _, pieces, sizes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    place = np.zeros(stands_out.shape, dtype=bool)
    place[pixel_window(around, width, height)] = True
    own = np.bincount(pieces[place[rows, columns]], minlength=len(sizes))
    own[0] = 0  # what does not stand out
    if own.max() < 4:
        return None
    x, y, w, h = (int(value) for value in sizes[own.argmax()][:4])
    inside = pixels[y : y + h, x : x + w]
    if inside.mean() < FILLED:
        return None
    share = float(certain[y : y + h, x : x + w].sum() / inside.sum())
    return ((columns.start + x) / width, (rows.start + y) / height, w / width, h / height), share


def _with_claims(
    number: int, chain: Chain, claims: Mapping[int, _Claim], glances: Sequence[Glance]
) -> dict[int, Sighting]:
    """A chain's sightings, by frame, with what stands out; without those that are parts of another animal."""
    sightings = {sighting.frame: sighting for sighting in chain.sightings}
    kind = chain.sightings[0].kind
    for before, glance in zip([None, *glances], glances, strict=False):
        claim = claims.get(glance.frame)
        if claim is None:
            continue
        known = sightings.pop(glance.frame, None)
        if claim.of == number:
            look = look_between(glance, before, claim.box)
            if known is None:
                known = Sighting(glance.frame, glance.t, claim.box, np.nan, kind, np.nan, look, glance.drift)
            sightings[glance.frame] = replace(known, box=claim.box, inner_motion=np.nan, look=look)
    return sightings


def _merged(
    chains: Sequence[Chain], rows: list[dict[int, Sighting]], claims: Sequence[Mapping[int, _Claim]], apart: Pixels
) -> list[Chain]:
    """One chain of those that are one animal's: one is mostly a part of the other while both are there."""
    ids = [chain.ids for chain in chains]
    for part, chain in enumerate(chains):
        for number, whole in enumerate(chains):
            together = sum(whole.start <= one.t <= whole.end for one in chain.sightings)
            parts = sum(claim.of == number for claim in claims[part].values())
            if number == part or apart[number, part] or not rows[number] or not parts or 2 * parts < together:
                continue
            for frame, sighting in rows[part].items():
                if frame not in rows[number] or _area(rows[number][frame].box) < _area(sighting.box):
                    rows[number][frame] = sighting
            ids[number] += ids[part]
            rows[part] = {}
            break
    return [Chain(own, tuple(row[frame] for frame in sorted(row))) for own, row in zip(ids, rows, strict=True) if row]


def _area(box: Box) -> float:
    return box[2] * box[3]


def _shared(box: Box, other: Box) -> float:
    return float(shared_of_smaller(np.array([box]), np.array([other]))[0])
