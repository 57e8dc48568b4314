"""How good a bout looks: how sharp, how large and how whole its animal is.

Everything here is about looks. Whether a behaviour was named rightly is the classifier's business.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.geometry import touches_edge
from pipeline.values import Array, ClipQuality

FILM_LINES = 720  # of a highlight film; pictures with fewer are enlarged in it
LOOK_PX = 256  # sharpness is judged at the size at which people see a poster in a list
# Variance of the Laplacian that gives 0.5. Medians over animal crops: 200 on 21 trap stills (ENA24), 1,800 to 2,200 on
# 53 photos of Amur leopards, 100 on the same photos blurred by 0.5 % of their longer side.
MEDIUM_VARIANCE = 300.0
EDGE = 0.01  # share of the picture; a box that comes this near to the picture's edge is taken as cut off
COLOURLESS = 5.0  # `colour_spread` of pictures taken in infrared, at most
GOOD_SIZE = (0.1, 0.6)  # share of the picture; smaller animals are hard to see, larger ones are hard to make out
FILLED_APPEAL = 0.5  # of an animal that fills the whole picture

_FRAME_WEIGHTS = {"size": 0.4, "sharpness": 0.3, "whole": 0.3}


def sharpness(grey: NDArray[np.uint8]) -> float:
    """How sharp a picture, or the part of one that an animal fills, looks.

    The variance v of the Laplacian is the usual focus measure (Pech-Pacheco et al. 2000, "Diatom autofocusing in
    brightfield microscopy"): edges give strong second derivatives, blur takes them away. It has no upper bound, so it
    is squashed as v / (v + MEDIUM_VARIANCE), which keeps the order and spends the scale where trap footage lies.
    The picture is first reduced to at most `LOOK_PX` on its longer side: otherwise 4K would look blurred beside
    848x480, and sensor noise would pass for detail.

    Args:
        grey: (h, w), 0..255.

    Returns:
        0 (flat) to almost 1 (crisp); 0 for a picture without pixels.
    """
    if grey.size == 0:
        return 0.0
    shrink = LOOK_PX / max(grey.shape)
    if shrink < 1:
        height, width = (max(1, round(side * shrink)) for side in grey.shape)
        grey = np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    variance = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    return variance / (variance + MEDIUM_VARIANCE)


def colour_spread(picture: NDArray[np.uint8]) -> float:
    """How much a picture's hues differ: the mean difference of blue and red from green, beside their medians.

    A tint over the whole picture, as some infrared cameras give, does not count. Below `COLOURLESS` a picture was taken
    in infrared: of 36 trap clips, 12 of them simulated, those in infrared have medians of 0 to 4 (a coloured caption
    adds some), those in colour 6.6 to 28.

    Args:
        picture: (h, w, 3) blue, green, red.

    Returns:
        0 (grey) to 255; 0 for a picture without pixels.
    """
    if picture.size == 0:
        return 0.0
    part = picture[::8, ::8].reshape(-1, 3).astype(np.int16)
    beside = part[:, [0, 2]] - part[:, [1]]
    return float(np.abs(beside - np.median(beside, axis=0)).max(axis=1).mean())


def whole(boxes: Array) -> NDArray[np.bool_]:
    """Which boxes keep clear of the picture's edge, so that the animal is probably not cut off.

    Args:
        boxes: (n, 4) x, y, w, h as shares of the picture.

    Returns:
        (n,)
    """
    return ~touches_edge(np.asarray(boxes, float).reshape(-1, 4), EDGE)


def size_appeal(size: Array | float) -> Array:
    """How well an animal of this size shows: rises to 1 at the smallest good size, falls once it fills the picture.

    Args:
        size: share (0..1) of the picture that the animal's box takes.

    Returns:
        0..1, in the shape of `size`.
    """
    small, large = GOOD_SIZE
    return np.asarray(np.interp(size, [0.0, small, large, 1.0], [0.0, 1.0, 1.0, FILLED_APPEAL]), float)


def frame_appeal(boxes: Array, sharpness: Array) -> Array:
    """How well each frame would do as the poster of its bout.

    A weighted sum, so that one large, sharp animal that touches the edge still beats a whole one that is a speck.

    Args:
        boxes: (n, 4) x, y, w, h as shares of the picture.
        sharpness: (n,) 0..1, of what is inside each box.

    Returns:
        (n,) 0..1, higher is better.
    """
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    return (
        _FRAME_WEIGHTS["size"] * size_appeal(boxes[:, 2] * boxes[:, 3])
        + _FRAME_WEIGHTS["sharpness"] * np.asarray(sharpness, float)
        + _FRAME_WEIGHTS["whole"] * whole(boxes)
    )


def clip_quality(boxes: Array, sharpness: Array) -> ClipQuality:
    """What a bout's boxes and their sharpness come to over the whole bout.

    Args:
        boxes: (n, 4) x, y, w, h as shares of the picture, one a frame of the bout, n > 0.
        sharpness: (n,) 0..1, of what is inside each box.

    Raises:
        ValueError: there are no boxes.
    """
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    if len(boxes) == 0:
        raise ValueError("a bout without boxes has no quality")
    return ClipQuality(
        size=float(np.clip(boxes[:, 2] * boxes[:, 3], 0, 1).mean()),
        sharpness=float(np.mean(sharpness)),
        wholeness=float(whole(boxes).mean()),
    )
