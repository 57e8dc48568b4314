"""What tells a coat from others: local features of its pattern, whatever the light, distance and picture size.

Each feature is a SIFT descriptor (Lowe 2004, "Distinctive image features from scale-invariant keypoints"), rooted
(Arandjelovic & Zisserman 2012, "Three things everyone should know to improve object retrieval"), taken upright: animals
walk with their feet down, so a feature's angle tells rather than hides.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 190.0  # pixels that the square root of the body's area is brought to; a leopard is then about 400 long
MOST = 250  # features of one view
DIMENSIONS = 128
UNIT = 512.0  # a rooted descriptor of length 1 is kept as whole numbers of this length, as Lowe keeps his
_SIZES = (4.0, 60.0)  # diameters of features, pixels
_LEAST_SIDE = 24  # pixels of body; fewer show no pattern
_LARGEST_GAIN = 4.0  # a body is enlarged no further


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """The features of one view. Places are shares of the view's own picture, so that they can be drawn on it."""

    places: NDArray[np.float32]  # (n, 2) x and y, 0..1
    points: NDArray[np.float32]  # (n, 2) x and y in body sides: 1 is the square root of the body's area
    scales: NDArray[np.float32]  # (n,) diameter in body sides
    descriptors: NDArray[np.uint8]  # (n, 128), of length UNIT

    def __len__(self) -> int:
        return len(self.points)


def describe(picture: NDArray[np.uint8], mask: NDArray[np.bool_], most: int = MOST) -> Pattern:
    """The coat's features inside a mask.

    Args:
        picture: (h, w, 3) blue, green, red, or (h, w) grey.
        mask: (h, w) where the animal is.
        most: at most so many features, the strongest ones.

    Returns:
        The same for the same picture; without features if the animal is too small to show any.

    Raises:
        ValueError: picture and mask differ in size.
    """
    if picture.shape[:2] != mask.shape:
        raise ValueError(f"a picture of {picture.shape[:2]} pixels needs a mask of that size, not {mask.shape}")
    side = float(np.sqrt(mask.sum()))
    if side < _LEAST_SIDE:
        return _nothing()
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    gain = min(SIDE / side, _LARGEST_GAIN)
    grey, inside = _even(picture[window], mask[window], gain)
    keypoints = _chosen(grey, inside, most)
    kept, found = _sift().compute(grey, keypoints)
    if not kept:
        return _nothing()
    at = np.array([keypoint.pt for keypoint in kept], np.float32) + 0.5
    enlarged = np.array(grey.shape[::-1]) / (columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0])
    whole = np.array([picture.shape[1], picture.shape[0]])
    return Pattern(
        places=np.asarray((at / enlarged + (columns[0], rows[0])) / whole, np.float32),
        points=np.asarray(at / (side * gain), np.float32),
        scales=np.array([keypoint.size for keypoint in kept], np.float32) / np.float32(side * gain),
        descriptors=rooted(np.asarray(found, np.float32)),
    )


def write_pattern(pattern: Pattern, path: Path) -> None:
    """Keeps a pattern in a file (NumPy's npz, about 35 kB), so that no picture need be described twice."""
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            places=pattern.places,
            points=pattern.points,
            scales=pattern.scales,
            descriptors=pattern.descriptors,
        )


def read_pattern(path: Path) -> Pattern:
    """A pattern that `write_pattern` kept.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no pattern.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return Pattern(kept["places"], kept["points"], kept["scales"], kept["descriptors"])
    except (ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} holds no pattern; describe its picture anew") from error


def rooted(descriptors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Descriptors so rooted that their Euclidean distance is Hellinger's of the originals (Arandjelovic & Zisserman).

    Args:
        descriptors: (n, 128), none negative.

    Returns:
        (n, 128) of length UNIT but for rounding.
    """
    shares = descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray((np.sqrt(shares) * UNIT).round().clip(0, 255), np.uint8)


def mirrored(descriptors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What `describe` would have found in the picture's mirror image, where left and right change places.

    A descriptor counts 8 directions of the grey's slope in 4 x 4 places around it (Lowe 2004), row by row.

    Args:
        descriptors: (n, 128), of upright features.

    Returns:
        (n, 128), but for rounding.
    """
    counts = descriptors.reshape(-1, 4, 4, 8)
    directions = (4 - np.arange(8)) % 8
    return np.ascontiguousarray(counts[:, :, ::-1][..., directions].reshape(-1, DIMENSIONS))


def _even(
    picture: NDArray[np.uint8], mask: NDArray[np.bool_], gain: float
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The animal in grey at its normal size with the same contrast everywhere, and its mask at that size.

    Colour is given up, so that day and infrared look alike. What is not animal takes the animal's mean grey, so that no
    outline stands out.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
    height, width = (max(round(length * gain), 8) for length in mask.shape)
    grey = np.where(mask, grey, np.uint8(grey[mask].mean()))
    method = cv2.INTER_AREA if gain < 1 else cv2.INTER_CUBIC
    grey = cv2.resize(grey, (width, height), interpolation=method).astype(np.float32)
    share = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    inside = share > 0.5
    # Light and shade change slowly over a body, its pattern fast: local mean and spread, over the animal alone, go.
    weight = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), SIDE / 10) + 1e-6
    mean = cv2.GaussianBlur(grey * inside, (0, 0), SIDE / 10) / weight
    apart = (grey - mean) * inside
    spread = np.sqrt(cv2.GaussianBlur(apart**2, (0, 0), SIDE / 10) / weight)
    even = 128 + 50 * apart / np.maximum(spread, 3.0)
    return np.asarray(even.round().clip(0, 255), np.uint8), inside


def _chosen(grey: NDArray[np.uint8], inside: NDArray[np.bool_], most: int) -> list[cv2.KeyPoint]:
    """The strongest features that lie well inside, upright, one of each place and size."""
    depth = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    kept: dict[tuple[int, int, int], cv2.KeyPoint] = {}
    for keypoint in sorted(_sift().detect(grey, None), key=lambda k: (-k.response, k.pt, k.size)):
        column, row = int(keypoint.pt[0]), int(keypoint.pt[1])
        if not _SIZES[0] <= keypoint.size <= _SIZES[1] or depth[row, column] < 0.5 * keypoint.size:
            continue
        place = (round(keypoint.pt[0]), round(keypoint.pt[1]), round(keypoint.size))
        if place not in kept:
            keypoint.angle = 0.0
            kept[place] = keypoint
        if len(kept) == most:
            break
    return list(kept.values())


def _sift() -> cv2.SIFT:
    return cv2.SIFT.create(contrastThreshold=0.02, edgeThreshold=12.0)


def _nothing() -> Pattern:
    return Pattern(
        np.zeros((0, 2), np.float32),
        np.zeros((0, 2), np.float32),
        np.zeros(0, np.float32),
        np.zeros((0, DIMENSIONS), np.uint8),
    )
