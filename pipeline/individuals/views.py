"""From the pictures of a track, the few that show its flanks best."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.highlights.quality import sharpness
from pipeline.individuals.flanks import OTHER, FlankRule, stretch, tell_flank
from pipeline.individuals.outline import cut_out
from pipeline.tracking.geometry import pixel_window, touches_edge

MARGIN = 0.15  # of the box's size kept around it
LONGEST = 900  # pixels of a kept picture; more shows no more of a coat
_SIDES = (24.0, 140.0)  # pixels, square root of the box's area: none and all of the size there is to wish for
_STRETCHES = (0.7, 1.8)  # width over height of an animal seen from the front, and of one seen from the side
_CUT_OFF = 0.4  # worth of an animal at the picture's edge
_LEAST_PART = 0.02  # so that one bad part does not make all others equal

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ViewQuality:
    """How well a picture shows a flank, each part 0..1."""

    sharpness: float
    lateral: float  # 0 from the front or rear, 1 from the side
    size: float
    whole: float

    @property
    def total(self) -> float:
        """The parts' geometric mean: a view is about as good as its weakest part lets it be."""
        parts = np.array([self.sharpness, self.lateral, self.size, self.whole])
        return float(np.exp(np.log(parts.clip(_LEAST_PART, 1)).mean()))


@dataclass(frozen=True, slots=True, eq=False)
class FlankView:
    """One picture of an animal, cut to it."""

    t: float  # seconds in the video
    flank: str  # left, right or other
    flank_probability: float
    quality: ViewQuality
    picture: NDArray[np.uint8]  # (h, w, 3) blue, green, red
    mask: NDArray[np.bool_]  # (h, w) where the animal is in it


@dataclass(frozen=True, slots=True, eq=False)
class _Offer:
    t: float
    worth: float
    quality: ViewQuality
    to_right: float | None
    picture: NDArray[np.uint8]
    mask: NDArray[np.bool_] | None
    box: Box  # in `picture`
    window: Box  # what `picture` shows of the whole one


@dataclass(slots=True)
class FlankViews:
    """Collects the best views of one track; at most `keep` small pictures are in memory at any time."""

    rule: FlankRule
    keep: int = 6
    spacing_s: float = 0.4  # of two pictures closer than this only the better stays
    _kept: list[_Offer] = field(default_factory=list)

    def offer(
        self,
        t: float,
        picture: NDArray[np.uint8],
        box: Box,
        mask: NDArray[np.bool_] | None = None,
        velocity: tuple[float, float] | None = None,
    ) -> None:
        """Consider one picture of the track.

        Args:
            t: seconds, rising.
            picture: (h, w, 3) blue, green, red.
            box: x, y, w, h as shares.
            mask: (h, w) the animal's outline if one is known.
            velocity: body lengths a second to the picture's right and downward, if known.

        Raises:
            ValueError: picture and mask differ in size.
        """
        if mask is not None and mask.shape != picture.shape[:2]:
            raise ValueError(f"a picture of {picture.shape[:2]} pixels needs a mask of that size, not {mask.shape}")
        quality = view_quality(picture, box, mask)
        rivals = self._rivals(t, quality.total)
        if rivals is not None:
            to_right = None if velocity is None else velocity[0]
            offer = _Offer(t, quality.total, quality, to_right, picture, mask, box, (0.0, 0.0, 1.0, 1.0))
            self._take(_cut(offer), rivals)

    def join(self, other: "FlankViews") -> None:
        """Consider what was kept of another part of the same track."""
        for offer in other._kept:
            rivals = self._rivals(offer.t, offer.worth)
            if rivals is not None:
                self._take(offer, rivals)

    def leave_out(self, unwanted: Callable[[float, Box], bool]) -> None:
        """Forget pictures that must not be kept.

        Args:
            unwanted: told a picture's time in seconds, and what it shows of the whole one as x, y, w, h in shares.
        """
        self._kept = [offer for offer in self._kept if not unwanted(offer.t, offer.window)]

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def least_worth(self) -> float:
        """Quality of the worst picture kept, 0..1; 0 if there is none."""
        return min((offer.worth for offer in self._kept), default=0.0)

    def forget_worst(self) -> None:
        """Make room: the worst picture goes."""
        self._kept.remove(self._worst())

    def views(self, to_right: Callable[[float], float] | None = None) -> tuple[FlankView, ...]:
        """The views chosen, best first; outlines that were not given are cut out now, so only of these.

        Args:
            to_right: for a time in seconds, body lengths a second that the animal moves to the picture's right; for
                pictures that were offered without a velocity.
        """
        chosen = sorted(self._kept, key=lambda kept: (-kept.worth, kept.t))
        return tuple(_finish(self.rule, offer, to_right) for offer in chosen)

    def _rivals(self, t: float, worth: float) -> list[_Offer] | None:
        """The pictures that one of this time and worth would take the place of; None if it is not better than they."""
        rivals = [kept for kept in self._kept if abs(kept.t - t) < self.spacing_s]
        if not rivals and len(self._kept) >= self.keep:
            rivals = [self._worst()]
        return None if any(rival.worth >= worth for rival in rivals) else rivals

    def _take(self, offer: _Offer, rivals: list[_Offer]) -> None:
        self._kept = [kept for kept in self._kept if kept not in rivals]
        self._kept.append(offer)

    def _worst(self) -> _Offer:
        return min(self._kept, key=lambda kept: (kept.worth, kept.t))


def _finish(rule: FlankRule, offer: _Offer, to_right: Callable[[float], float] | None) -> FlankView:
    mask = cut_out(offer.picture, offer.box) if offer.mask is None else offer.mask
    moved = to_right(offer.t) if offer.to_right is None and to_right is not None else offer.to_right
    flank, probability = tell_flank(rule, mask, moved) if mask.any() else (OTHER, 1.0)
    return FlankView(offer.t, flank, probability, offer.quality, offer.picture, mask)


def view_quality(picture: NDArray[np.uint8], box: Box, mask: NDArray[np.bool_] | None) -> ViewQuality:
    """How well a picture shows the flank of the animal in a box.

    Args:
        picture: (h, w, 3) blue, green, red.
        box: x, y, w, h as shares.
        mask: (h, w) the animal's outline if one is known; without, the box stands for it.
    """
    window = pixel_window(box, picture.shape[1], picture.shape[0])
    part = picture[window]
    outline = None if mask is None else mask[window]
    if outline is None or not outline.any():
        shape = part.shape[1] / part.shape[0]
    else:
        shape = stretch(outline)
        part = np.where(outline[..., None], part, part[outline].mean(axis=0).astype(np.uint8))
    low, high = np.log(_STRETCHES)
    side = float(np.sqrt(part.shape[0] * part.shape[1]))
    return ViewQuality(
        sharpness=sharpness(np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), np.uint8)),
        lateral=float(np.clip((np.log(shape) - low) / (high - low), 0, 1)),
        size=float(np.clip(np.log(side / _SIDES[0]) / np.log(_SIDES[1] / _SIDES[0]), 0, 1)),
        whole=_CUT_OFF if touches_edge(np.array([box]))[0] else 1.0,
    )


def _cut(offer: _Offer) -> _Offer:
    """The offer cut to its box with some margin, and made smaller if it is large."""
    height, width = offer.picture.shape[:2]
    window = pixel_window(offer.box, width, height, MARGIN)
    picture = offer.picture[window]
    mask = None if offer.mask is None else offer.mask[window]
    high, wide = picture.shape[:2]
    x, y, w, h = offer.box
    first_row, first_column = window[0].start, window[1].start
    box = ((x * width - first_column) / wide, (y * height - first_row) / high, w * width / wide, h * height / high)
    shown = (first_column / width, first_row / height, wide / width, high / height)
    shrink = min(LONGEST / max(high, wide), 1.0)
    if shrink < 1:
        size = (max(round(wide * shrink), 2), max(round(high * shrink), 2))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        if mask is not None:
            mask = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    copy = None if mask is None else np.array(mask, dtype=np.bool_)
    return replace(offer, picture=np.array(picture, dtype=np.uint8), mask=copy, box=box, window=shown)
