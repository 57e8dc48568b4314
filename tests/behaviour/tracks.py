"""Samples of tracks whose motion is known, and features made up directly."""

from typing import Any

import numpy as np

from pipeline.tracking.looks import CELLS
from pipeline.values import Array, Features, Looks, Samples

PICTURE = (1920, 1080)  # pixels


def samples_of(
    t: Array, centre: Array, size: tuple[float, float], picture: tuple[int, int] = PICTURE, **fields: Any
) -> Samples:
    """Samples of a box of `size` pixels whose centre lies at `centre` (n, 2) pixels of a picture of that size."""
    corners = np.column_stack([centre - np.array(size) / 2, np.tile(size, (len(t), 1))])
    n = len(t)
    values = {
        "seen": np.ones(n, dtype=bool),
        "inner_motion": np.full(n, np.nan),
        "sharpness": np.full(n, 0.5),
        **fields,
    }
    return Samples(t=t, boxes=corners / np.array([*picture, *picture]), **values)


def looks_of(change: Array) -> Looks:
    """Looks of which nothing is known but what share of every cell changes at each: (n,)."""
    n = len(change)
    cells = np.broadcast_to(change.reshape(-1, 1, 1), (n, CELLS, CELLS)).copy()
    return Looks(cells * np.nan, cells, np.zeros((n, CELLS, CELLS, 2)), np.zeros((n, 0), dtype=np.float16))


def features_of(t: Array, speed: Array | float = 0.0, **fields: Any) -> Features:
    """Features of an animal that stands sideways in full view and keeps still, but for what is given."""

    def series(value: Any) -> Any:
        return np.broadcast_to(np.asarray(value), t.shape).copy()

    values = {
        "stretch": 1.4,
        "height": 0.7,
        "inner_motion": 0.0,
        "visible": True,
        "edge": False,
        "approach": 0.0,
        **fields,
    }
    body_length = values.pop("body_length", 0.2)
    return Features(
        t=t,
        speed=series(np.asarray(speed, dtype=float)),
        body_length=body_length,
        **{name: series(value) for name, value in values.items()},
    )
