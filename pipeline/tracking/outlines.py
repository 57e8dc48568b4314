"""What an animal's outline does from picture to picture, as a few numbers each: legs, top line, trunk.

The outline is where a cut-out differs from the empty scene. It is laid so that the animal goes to the right, so fore
and hind, ahead and behind mean the same for both directions. Lengths are in heights of the animal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.cutouts import HIGH, WIDE, CutOut, Rectangle
from pipeline.tracking.geometry import interpolate, touches_edge
from pipeline.tracking.looks import FAINT, PLAIN
from pipeline.values import Array

MARGIN = 0.08  # of a box's size around it in which its animal's outline is looked for
LEAST_PIXELS = 60.0  # of a cut-out, that an outline must cover
LEGS = 0.38  # of the animal's height, from the ground up, in which nearly all is legs
SOLES = 0.10  # of its height, from the ground up, that is left out: the shadow lies there, and grass stands before it
TOP, GROUND = 0.03, 0.995  # shares of an outline's mass above its top line and above the ground: stray pixels go
SMOOTH_S = 0.5  # seconds over which height and direction are taken as steady
TRUNK = 0.3  # heights before and behind the centre between which the trunk is measured
THIN = 0.25  # of its height: what is less deep is tail, or a leg stretched out
LEG_PLACES = 16
LEG_REACH = 1.2  # heights of the animal, behind and ahead of its outline's centre, in which its legs are looked for
PLACES = {"rump": (-0.75, -0.45), "back": (-0.2, 0.2), "withers": (0.35, 0.65), "head": (0.9, 1.3)}  # heights ahead of
# the outline's centre

Mask = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """The outline of one track in k pictures; all arrays are (k,) and NaN where a picture does not show it.

    Lengths are in heights of the animal (`height`), places are ahead of the outline's centre.
    """

    t: Array  # seconds, rising
    whole: NDArray[np.bool_]  # the box keeps clear of the picture's edge
    height: Array  # from the ground to the top of the back, in heights of the picture
    legs: Array  # (k, LEG_PLACES) share of each stretch of ground, from behind to ahead of the centre, under seen legs
    hind_spread: Array  # standard deviation along the ground of what is seen of the hind legs
    fore_spread: Array
    hind_place: Array  # their mean along the ground
    fore_place: Array
    rump: Array  # the top line at four places, in heights of the picture above its lower edge
    back: Array
    withers: Array
    head: Array
    trunk: Array  # depth of the trunk at its middle
    length: Array  # of the outline from its hindmost to its foremost part, without thin ends such as the tail
    area: Array  # that it covers, in squared heights
    filled: (
        Array  # 0..1, share of the trunk within its outline that differs from the scene: low where the coat does not
    )


def outlines(cuts: Sequence[CutOut], t: Array, boxes: Array, scene: NDArray[np.float32]) -> Outlines | None:
    """Measure a track's outlines.

    Args:
        cuts: its cut-outs, by time.
        t: (n,) seconds of its boxes.
        boxes: (n, 4) the boxes, shares of the picture.
        scene: (h, w) grey levels of the empty scene, NaN where it is not known.

    Returns:
        None if there is no cut-out within the boxes' time.
    """
    cuts = [cut for cut in cuts if t[0] <= cut.t <= t[-1]]
    if not cuts:
        return None
    placed = interpolate(t, boxes, np.array([cut.t for cut in cuts]))
    masks = [_mask(cut, box, scene) for cut, box in zip(cuts, placed, strict=True)]
    return measured(masks, [cut.where for cut in cuts], np.array([cut.t for cut in cuts]), t, boxes)


def measured(masks: Sequence[Mask], where: Sequence[Rectangle], times: Array, t: Array, boxes: Array) -> Outlines:
    """Measure outlines that are known.

    Args:
        masks: k of them, (HIGH, WIDE) each, 0..1: how surely each pixel is animal.
        where: what part of the picture each shows.
        times: (k,) rising seconds.
        t: (n,) seconds of the animal's boxes.
        boxes: (n, 4) shares of the picture.
    """
    placed, goes_left = interpolate(t, boxes, times), _shift(t, boxes, times) < 0
    masks = [mask[:, ::-1] if left else mask for mask, left in zip(masks, goes_left, strict=True)]
    step = np.array([height for *_, height in where]) / HIGH  # heights of the picture that one pixel is
    ground, high = _standing(times, masks, step)
    rows = [_measure(*one) for one in zip(masks, ground, high, strict=True)]
    columns = dict(zip(_MEASURED, np.array([row for row, _ in rows], dtype=float).T, strict=True))
    legs = np.array([profile for _, profile in rows])
    below = 1 - np.array([top for _, top, *_ in where])  # from a mask's upper edge down to the picture's lower one
    columns |= {name: below - columns[name] * step for name in PLACES}
    return Outlines(t=times, whole=~touches_edge(placed), height=high * step, legs=legs, **columns)


def _shift(t: Array, boxes: Array, times: Array) -> Array:
    """(k,) how far to the right the box's middle goes within `SMOOTH_S` on either side of each moment."""
    middles = boxes[:, 0] + boxes[:, 2] / 2
    return np.asarray(np.interp(times + SMOOTH_S, t, middles) - np.interp(times - SMOOTH_S, t, middles))


def _mask(cut: CutOut, box: Array, scene: NDArray[np.float32]) -> Mask:
    """(HIGH, WIDE) 0..1: how surely each pixel within the box is animal."""
    empty = _same_place(scene, cut)
    known = ~np.isnan(empty)
    difference = np.where(known, cut.grey - np.nan_to_num(empty), 0.0).astype(np.float32)
    inside = _within(cut, box)
    around = known & ~inside & (cut.grey > 0)
    if around.sum() >= 50:
        difference -= np.float32(np.median(difference[around]))
        noise = 1.5 * float(np.median(np.abs(difference[around])))
    else:
        noise = 0.0
    least = max(FAINT, 3 * noise)
    soft = ((np.abs(difference) - least) / (PLAIN - FAINT)).clip(0, 1)
    return np.asarray(np.where(inside & known, soft, 0.0), dtype=np.float32)


def _same_place(scene: NDArray[np.float32], cut: CutOut) -> NDArray[np.float32]:
    """(HIGH, WIDE) the scene where a cut-out lies; NaN beyond it."""
    rows, columns = scene.shape
    x, y, w, h = cut.where
    across, down = w * columns / WIDE, h * rows / HIGH  # scene pixels for one of the cut-out
    warp = np.array([[across, 0, x * columns + across / 2 - 0.5], [0, down, y * rows + down / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    known = (~np.isnan(scene)).astype(np.float32)
    grey = cv2.warpAffine(np.nan_to_num(scene), warp, (WIDE, HIGH), flags=flags)
    share = cv2.warpAffine(known, warp, (WIDE, HIGH), flags=flags)
    return np.where(share > 0.99, grey, np.nan).astype(np.float32)


def _within(cut: CutOut, box: Array) -> NDArray[np.bool_]:
    """(HIGH, WIDE) whether each pixel lies in a box with its margin."""
    x, y, w, h = cut.where
    columns = x + (np.arange(WIDE) + 0.5) * w / WIDE
    rows = y + (np.arange(HIGH) + 0.5) * h / HIGH
    across = np.abs(columns - box[0] - box[2] / 2) <= box[2] * (0.5 + MARGIN)
    down = np.abs(rows - box[1] - box[3] / 2) <= box[3] * (0.5 + MARGIN)
    return np.asarray(down[:, None] & across[None, :])


def _standing(t: Array, masks: Sequence[Mask], step: Array) -> tuple[Array, Array]:
    """(k,) rows of the ground, in each cut-out's own pixels, and (k,) heights of the animal in the same.

    The top of the back and the ground change slowly, so each is the median of what its neighbours in time say; the
    height alone, since a cut-out's place jumps from picture to picture.
    """
    ground, high = np.full(len(t), np.nan), np.full(len(t), np.nan)
    for number, mask in enumerate(masks):
        if mask.sum() >= LEAST_PIXELS:
            above = np.cumsum(mask.sum(axis=1)) / mask.sum()
            rows = np.arange(HIGH) + 0.5
            ground[number] = np.interp(GROUND, above, rows)
            high[number] = (ground[number] - np.interp(TOP, above, rows)) * step[number]
    steady = np.full(len(t), np.nan)
    for number, now in enumerate(t):
        near = high[np.abs(t - now) <= SMOOTH_S]
        if (~np.isnan(near)).sum() >= 3:
            steady[number] = np.nanmedian(near)
    return ground, steady / step


def _measure(mask: Mask, ground: float, high: float) -> tuple[tuple[float, ...], Array]:
    if np.isnan(ground) or np.isnan(high) or high < 6:
        return (np.nan,) * len(_MEASURED), np.full(LEG_PLACES, np.nan)
    columns = np.arange(WIDE, dtype=np.float64) + 0.5
    mass = mask.sum(axis=0).astype(float)
    centre = float((mass * columns).sum() / mass.sum())
    band = mask[max(round(ground - LEGS * high), 0) : max(round(ground - SOLES * high), 1)]
    legs = band.sum(axis=0).astype(float)
    reach = centre + np.linspace(-LEG_REACH, LEG_REACH, LEG_PLACES + 1) * high
    summed = np.interp(reach, np.arange(WIDE + 1), np.concatenate([[0.0], np.cumsum(legs)]))
    profile = np.diff(summed) / (np.diff(reach) * len(band))
    spread, place = zip(*(_spread(legs * half, columns) for half in (columns < centre, columns >= centre)), strict=True)
    solid = cv2.morphologyEx((mask > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, _CLOSING).astype(bool)
    depth = _longest_run(solid)
    top = np.where(depth > 0, solid.argmax(axis=0).astype(float), np.nan)
    line = [_between(top, columns, centre, high, *PLACES[name]) for name in PLACES]
    middle = depth[np.abs(columns - centre) <= TRUNK * high]
    thick = np.flatnonzero(depth >= THIN * high)
    numbers = (
        *((value / high) for value in spread),
        *((value - centre) / high for value in place),
        *(float(np.mean(part)) if len(part) else np.nan for part in line),
        float(np.quantile(middle, 0.25)) / high if len(middle) else np.nan,
        float(np.ptp(thick) + 1) / high if len(thick) else np.nan,
        float(mask.sum()) / high**2,
        _filled(mask[: max(round(ground - LEGS * high), 1)]),
    )
    return numbers, profile


def _spread(mass: Array, columns: Array) -> tuple[float, float]:
    """Standard deviation and mean of where a mass lies; NaN if there is none."""
    total = float(mass.sum())
    if total <= 0:
        return np.nan, np.nan
    mean = float((mass * columns).sum() / total)
    return float(np.sqrt((mass * (columns - mean) ** 2).sum() / total)), mean


def _between(values: Array, columns: Array, centre: float, high: float, first: float, last: float) -> Array:
    chosen = values[(columns >= centre + first * high) & (columns <= centre + last * high)]
    return np.asarray(chosen[~np.isnan(chosen)])


def _filled(trunk: Mask) -> float:
    whole = cv2.morphologyEx((trunk > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, _FILLING)
    return float(trunk.sum()) / max(float(whole.sum()), 1.0)


def _longest_run(solid: NDArray[np.bool_]) -> Array:
    """(w,) the most pixels of each column that follow one another without a gap."""
    run, longest = np.zeros(solid.shape[1]), np.zeros(solid.shape[1])
    for row in solid:
        run = (run + 1) * row
        np.maximum(longest, run, out=longest)
    return longest


_CLOSING, _FILLING = np.ones((3, 3), dtype=np.uint8), np.ones((11, 11), dtype=np.uint8)
_MEASURED = tuple(field.name for field in fields(Outlines) if field.name not in ("t", "whole", "height", "legs"))
