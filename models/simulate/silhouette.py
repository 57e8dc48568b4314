"""Silhouettes: the box around one, and the short string that says it all.

The strings are the compressed run lengths of COCO, which pycocotools and most label tools read. The runs go down the
columns, first of zeros, then of ones, in turns. From the fourth run on, the difference to the run before the last is
kept. Each number is cut into groups of five bits, lowest first; a group's sixth bit says that more follow, and 48 is
added to make it a printable character. The format is COCO's, as its `maskApi.c` describes it.
"""

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]  # x, y, w, h as shares of the picture

_LEAST_PIXELS = 8  # of an enlarged picture; fewer count as not visible
_BITS = 5
_MORE = 1 << _BITS
_SIGN = 1 << (_BITS - 1)


def box_of(mask: NDArray[np.bool_]) -> Box | None:
    """The tightest box around a (h, w) mask, as shares of the picture; None if it is (nearly) empty."""
    if mask.sum() < _LEAST_PIXELS:
        return None
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return (float(left / width), float(top / height), float((right - left) / width), float((bottom - top) / height))


def encode(mask: NDArray[np.bool_]) -> str:
    """The string of a (h, w) mask."""
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    bounds = np.concatenate([[0], edges, [flat.size]])
    runs = np.diff(bounds)
    if flat.size and flat[0]:
        runs = np.concatenate([[0], runs])
    numbers = runs.copy()
    numbers[3:] -= runs[1:-2]
    return _characters(numbers)


def decode(text: str, height: int, width: int) -> NDArray[np.bool_]:
    """The (height, width) mask that a string stands for.

    Raises:
        ValueError: the string does not describe a picture of this size.
    """
    runs: list[int] = []
    value = shift = 0
    for character in text:
        group = ord(character) - 48
        value |= (group & (_MORE - 1)) << shift
        shift += _BITS
        if group & _MORE:
            continue
        if group & _SIGN:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if sum(runs) != height * width or min(runs, default=0) < 0:
        raise ValueError(f"the runs cover {sum(runs)} pixels and the picture has {height * width}")
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return flat.reshape((height, width), order="F")


def _characters(numbers: NDArray[np.int64]) -> str:
    """All numbers' groups, one number after the other."""
    columns, kept = [], []
    going = np.ones(len(numbers), dtype=np.bool_)
    while going.any():
        group = numbers & (_MORE - 1)
        numbers = numbers >> _BITS
        done = numbers == np.where(group & _SIGN, -1, 0)
        columns.append(np.where(done, group, group | _MORE) + 48)
        kept.append(going)
        going = going & ~done
    return bytes(np.stack(columns, axis=1)[np.stack(kept, axis=1)].astype(np.uint8)).decode("ascii")
