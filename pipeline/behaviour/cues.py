"""What a behaviour network sees of a track: one row of cues for each step of an even grid in time.

Everything is in body lengths, seconds and shares, so that neither the picture's resolution nor the frame rate changes
it. What is not known (no scene to compare with, pictures too far apart) is 0 in its cues, and a cue of its own says so.
Each family of cues can be left out, which is how it is found out what a family is worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.over_time import slope_over_time, smooth_over_time
from pipeline.behaviour.pairs import PAIR_CUES, pair_cues
from pipeline.tracking.geometry import EDGE, in_widths
from pipeline.tracking.looks import CELLS, LONGEST_STEP_S, WINDOW_SCALE
from pipeline.values import Array, Features, Looks, Samples

RATE_HZ = 6.0  # steps a second of the grid
FINE_S, COARSE_S = 0.6, 2.5  # seconds over which a quick and a slow movement are measured
STILL_SPEED = 0.12  # body lengths/s below which an animal keeps its place
LONGEST_STILL_S = 4.0  # from which on it has just been still for long: the clips to learn from last six seconds

_MOTION = ("speed", "across", "upward", "growth", "narrowing", "slow speed", "straightness", "still for", "wobble")
_SHAPE = ("stretch", "height", "length", "share of picture", "edge left", "edge right", "edge top", "edge bottom")
_QUALITY = ("seen", "gap", "movement known", "scene known")
_HALF = CELLS // 2


def _grid(name: str, rows: int, columns: int) -> tuple[str, ...]:
    return tuple(f"{name} {row}.{column}" for row in range(rows) for column in range(columns))


FAMILIES: dict[str, tuple[str, ...]] = {
    "motion": _MOTION,
    "shape": _SHAPE,
    "quality": _QUALITY,
    "silhouette": _grid("silhouette", CELLS, CELLS),
    "change": _grid("change", _HALF, _HALF),
    "flow": _grid("flow across", _HALF, _HALF)
    + _grid("flow down", _HALF, _HALF)
    + _grid("flow strength", _HALF, _HALF),
    "pairs": PAIR_CUES,
}
LOOK = "look"  # the family of what the species network sees in a crop
CUES = tuple(name for names in FAMILIES.values() for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """One track, ready for a behaviour network."""

    t: Array  # (n,) seconds, even steps of 1 / RATE_HZ
    values: NDArray[np.float32]  # (n, len(CUES))
    embedding: NDArray[np.float32]  # (n, d) the species network's features, the nearest in time; 0 where there is none


def cues_of(samples: Sequence[Samples], features: Sequence[Features], aspect: float, number: int) -> Cues:
    """The cues of one of a video's tracks.

    Args:
        samples: of all animals of the video.
        features: of the same, in the same order (`pipeline.behaviour.features.measure`).
        aspect: the picture's width over its height, pixels.
        number: which of them, from 0.
    """
    own, feature = samples[number], features[number]
    steps = max(int(np.floor((own.t[-1] - own.t[0]) * RATE_HZ + 1e-6)) + 1, 1)
    t = own.t[0] + np.arange(steps) / RATE_HZ
    looks = _look_cues(own, feature, aspect)
    measured = [_motion(own, feature, aspect), _shape(own, feature, aspect), _quality(own, looks)]
    measured += [looks.silhouette, looks.change, looks.flow, pair_cues(samples, features, aspect, number)]
    table = np.nan_to_num(np.concatenate(measured, axis=1))
    values = np.stack([np.interp(t, own.t, column) for column in table.T], axis=1)
    return Cues(t, values.astype(np.float32), _nearest(own, t))


def mirrored(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cues of the same scene in a mirror.

    Args:
        values: (..., len(CUES)).
    """
    return np.asarray(values[..., _MIRROR] * _MIRROR_SIGN, dtype=np.float32)


def without_family(cues: Cues, family: str) -> Cues:
    """The same cues as if one family were not known.

    Args:
        cues: of a track.
        family: one of FAMILIES, or LOOK.
    """
    if family == LOOK:
        return replace(cues, embedding=np.zeros_like(cues.embedding))
    values = cues.values.copy()
    values[:, [CUES.index(name) for name in FAMILIES[family]]] = 0
    return replace(cues, values=values)


def _mirror() -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    place = {name: number for number, name in enumerate(CUES)}
    order, sign = np.arange(len(CUES)), np.ones(len(CUES), dtype=np.float32)
    order[place["edge left"]], order[place["edge right"]] = place["edge right"], place["edge left"]
    for name, number in place.items():
        base, _, cell = name.rpartition(" ")
        row, dot, column = cell.partition(".")
        if dot:
            across = (CELLS if base == "silhouette" else _HALF) - 1 - int(column)
            order[number] = place[f"{base} {row}.{across}"]
            sign[number] = -1 if base == "flow across" else 1
    return order, sign


_MIRROR, _MIRROR_SIGN = _mirror()


def _motion(samples: Samples, features: Features, aspect: float) -> Array:
    """(n, len(_MOTION)): speeds in body lengths/s (the larger ones compressed), rates of size and shape in 1/s."""
    centre, size = in_widths(samples.scene_boxes, aspect)
    shape = np.column_stack([0.5 * np.log(size.prod(axis=1)), np.log(size[:, 0] / size[:, 1])])
    velocity = slope_over_time(samples.t, centre, FINE_S) / features.body_length
    slow = np.linalg.norm(slope_over_time(samples.t, centre, COARSE_S), axis=1) / features.body_length
    rates = slope_over_time(samples.t, shape, FINE_S)
    speed = np.linalg.norm(velocity, axis=1)
    path = smooth_over_time(samples.t, speed, COARSE_S)
    away = centre - np.stack([smooth_over_time(samples.t, column, 1.5) for column in centre.T], axis=1)
    wobble = np.sqrt(smooth_over_time(samples.t, (away**2).sum(axis=1), 1.0)) / features.body_length
    columns = [
        np.log1p(speed),
        np.log1p(np.abs(velocity[:, 0])),
        np.arcsinh(-velocity[:, 1]),
        np.arcsinh(rates[:, 0]),
        np.arcsinh(rates[:, 1]),
        np.log1p(slow),
        slow / np.maximum(path, 0.05),
        np.log1p(_still_for(samples.t, slow < STILL_SPEED)),
        10 * wobble,
    ]
    return np.column_stack(columns)


def _shape(samples: Samples, features: Features, aspect: float) -> Array:
    """(n, len(_SHAPE)): logarithms of ratios of lengths; 0 or 1 for the picture's edges."""
    x, y, w, h = samples.boxes.T
    _, size = in_widths(samples.boxes, aspect)
    columns = [
        np.log(features.stretch),
        np.log(size[:, 1] / features.body_length),
        np.log(size.max(axis=1) / features.body_length),
        np.log(np.sqrt((w * h).clip(1e-6))) + 1.5,
        x <= EDGE,
        x + w >= 1 - EDGE,
        y <= EDGE,
        y + h >= 1 - EDGE,
    ]
    return np.column_stack(columns).astype(float)


@dataclass(frozen=True, slots=True, eq=False)
class _LookCues:
    silhouette: Array  # (n, CELLS * CELLS)
    change: Array  # (n, 9)
    flow: Array  # (n, 27)
    moved: Array  # (n,) 0 or 1: movement is known
    scene: Array  # (n,) share of the window of which the empty scene is known


def _look_cues(samples: Samples, features: Features, aspect: float) -> _LookCues:
    n = len(samples.t)
    looks = samples.looks or _blind(n)
    _, size = in_widths(samples.boxes, aspect)
    side = WINDOW_SCALE * size.max(axis=1) / features.body_length  # of the window, body lengths
    flow = looks.flow * side[:, None, None, None]
    strength = np.linalg.norm(flow, axis=3)
    fields = [_coarse(np.arcsinh(flow[..., 0])), _coarse(np.arcsinh(flow[..., 1])), _coarse(np.log1p(strength))]
    step = np.gradient(samples.t) if n > 1 else np.full(1, np.nan)
    per_second = np.sqrt((looks.change / np.maximum(step, 1e-3)[:, None, None] / RATE_HZ).clip(0, 1))
    return _LookCues(
        silhouette=looks.silhouette.reshape(n, -1),
        change=_coarse(per_second),
        flow=np.concatenate(fields, axis=1),
        moved=(~np.isnan(looks.change).any(axis=(1, 2))).astype(float),
        scene=(~np.isnan(looks.silhouette)).mean(axis=(1, 2)),
    )


def _quality(samples: Samples, looks: _LookCues) -> Array:
    gap = np.gradient(samples.t) if len(samples.t) > 1 else np.full(1, LONGEST_STEP_S)
    return np.column_stack([samples.seen.astype(float), np.log1p(gap * RATE_HZ) - 0.7, looks.moved, looks.scene])


def _blind(n: int) -> Looks:
    cells = np.full((n, CELLS, CELLS), np.nan)
    return Looks(cells, cells, np.stack([cells, cells], axis=3), np.zeros((n, 0), dtype=np.float16))


def _coarse(cells: Array) -> Array:
    """(n, CELLS, CELLS) to (n, 9): means of two by two cells."""
    n = len(cells)
    return np.asarray(cells.reshape(n, _HALF, 2, _HALF, 2).mean(axis=(2, 4)).reshape(n, -1))


def _still_for(t: Array, still: NDArray[np.bool_]) -> Array:
    """(n,) seconds, up to `LONGEST_STILL_S`, for which the animal keeps its place around each sample; 0 where not."""
    lasting = np.zeros(len(t))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
    for first, end in edges.reshape(-1, 2):
        lasting[first:end] = t[end - 1] - t[first]
    return lasting.clip(max=LONGEST_STILL_S)


def _nearest(samples: Samples, t: Array) -> NDArray[np.float32]:
    """(len(t), d) the embedding taken nearest in time to each step."""
    looks = samples.looks or _blind(len(samples.t))
    known = ~np.isnan(looks.embedding).any(axis=1) if looks.embedding.shape[1] else np.zeros(len(samples.t), dtype=bool)
    if not known.any():
        return np.zeros((len(t), looks.embedding.shape[1]), dtype=np.float32)
    where = np.flatnonzero(known)
    nearest = where[np.abs(samples.t[where][None] - t[:, None]).argmin(axis=1)]
    return np.asarray(looks.embedding[nearest], dtype=np.float32)
