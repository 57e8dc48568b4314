"""Vary the cues of simulated animals beyond what the simulator does, so that a network learns what carries over."""

import numpy as np
from numpy.typing import NDArray

from pipeline.behaviour.cues import CUES, FAMILIES

FORGOTTEN = 0.25  # chance that a track goes without one family of cues: no family may be indispensable
FORGETTABLE = ("silhouette", "change", "flow", "pairs", "shape")
GAIN = {"change": 0.5, "flow": 0.3}  # spread of the logarithm by which a camera's noise and fur change what moves
GRAIN = 0.15  # largest change that is seen everywhere where nothing moves but a poor picture's grain
NEARER = {"share of picture": 0.5, "stretch": 0.1, "height": 0.08}  # spread of what another place or build adds
TEMPO = 0.25  # spread of the logarithm by which another animal does the same more quickly or slowly

_OF_FAMILY = {family: [CUES.index(name) for name in names] for family, names in FAMILIES.items()}


def _placed(*names: str) -> list[int]:
    """The cues with these names, or with these names before the cell of a grid."""
    return [number for number, cue in enumerate(CUES) if cue in names or cue.rpartition(" ")[0] in names]


# Rates, by how they are compressed; `pipeline.behaviour.cues` and `.pairs` measure them.
_LOGARITHMIC = _placed("speed", "across", "slow speed", "flow strength", "its speed")
_SIGNED = _placed("upward", "growth", "narrowing", "flow across", "flow down", "closing")
_ROOTS = _OF_FAMILY["change"]
_LASTING = CUES.index("still for")


def varied(values: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Cues as a detector with looser boxes and a noisier camera might have given them, some families missing.

    Args:
        values: (n, len(CUES)).
        random: draws how.
    """
    result = values * random.normal(1, 0.06, values.shape[1]) + random.normal(0, 0.03, values.shape)
    for family, spread in GAIN.items():
        result[:, _OF_FAMILY[family]] *= np.exp(random.normal(0, spread))
    result[:, _OF_FAMILY["change"]] += random.uniform(0, GRAIN) * (random.random() < 0.5)
    for name, spread in NEARER.items():
        result[:, CUES.index(name)] += random.normal(0, spread)
    for family in FORGETTABLE:
        if random.random() < FORGOTTEN:
            result[:, _OF_FAMILY[family]] = 0
    return np.asarray(result, dtype=np.float32)


def drawn_tempo(random: np.random.Generator) -> float:
    """How many times as fast as a simulated leopard another animal does the same, around 1."""
    return float(np.exp(random.normal(0, TEMPO)))


def steps_at_tempo(steps: int, tempo: float) -> NDArray[np.int64]:
    """Which steps of a track are shown if everything happens `tempo` times as fast: the nearest, in order, from 0.

    Args:
        steps: of the track, at least 1.
        tempo: above 0.
    """
    return np.asarray(np.rint(np.arange(0, steps - 1 + 1e-9, tempo)), dtype=np.int64)


def at_tempo(values: NDArray[np.float32], tempo: float) -> NDArray[np.float32]:
    """The cues of the same steps, had everything happened `tempo` times as fast: rates rise, lasting times fall.

    Args:
        values: (n, len(CUES)).
        tempo: above 0.
    """
    result = values.astype(float)
    result[:, _LOGARITHMIC] = np.log1p(tempo * np.expm1(result[:, _LOGARITHMIC]))
    result[:, _SIGNED] = np.arcsinh(tempo * np.sinh(result[:, _SIGNED]))
    result[:, _ROOTS] = np.minimum(np.sqrt(tempo) * result[:, _ROOTS], 1.0)
    result[:, _LASTING] = np.log1p(np.expm1(result[:, _LASTING]) / tempo)
    return np.asarray(result, dtype=np.float32)
