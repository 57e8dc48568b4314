"""Simulated examples that ship in one small file, so that a park can train again without a renderer.

A track's cues are kept as half floats rounded to 6 bits, far below what training disturbs them by. Of what the species
network saw only its principal components are kept; reading expands them again, so that reducing them once more gives
the same numbers.
"""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.behaviour.examples import Example
from models.behaviour.temporal import Scale
from models.registry import WEIGHTS
from pipeline.behaviour.cues import CUES, RATE_HZ, Cues
from pipeline.errors import ModelError
from pipeline.whole_file import whole_file

SHIPPED = WEIGHTS / "behaviour-examples.npz"
MOST_STEPS = 50_000  # of all tracks together: about 5 MB
KEPT_BITS, HALF_BITS = 6, 10  # of a half float's fraction

Half = NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class SharedExamples:
    """What there is to learn from without any footage of one's own."""

    codes: tuple[str, ...]  # the behaviours that the labels tell apart, `unknown` among them
    shortest_s: Mapping[str, float]  # seconds that a bout of a behaviour lasts at least
    examples: tuple[Example, ...]


def chosen(examples: Sequence[Example], seed: int, most_steps: int = MOST_STEPS) -> list[Example]:
    """As many of the examples, by chance, as fit into a file that ships.

    Args:
        examples: to choose from.
        seed: the same seed and examples, the same choice.
        most_steps: of all that are chosen together.
    """
    found, steps = [], 0
    for place in np.random.default_rng(seed).permutation(len(examples)):
        if steps + len(examples[place].labels) <= most_steps:
            found.append(examples[place])
            steps += len(examples[place].labels)
    return found


def write_examples(shared: SharedExamples, scale: Scale, path: Path) -> None:
    """Keep examples as one .npz file, all of them or nothing.

    Args:
        shared: at least one example; what the species network saw is as long for each as `scale` says.
        scale: whose components what it saw is reduced to.
        path: the file.
    """
    examples = shared.examples
    mean, components = scale.look_mean.numpy(), scale.components.numpy()
    embedding = np.concatenate([one.cues.embedding for one in examples])
    head = {
        "cues": list(CUES),
        "rate_hz": RATE_HZ,
        "codes": list(shared.codes),
        "shortest_s": dict(shared.shortest_s),
        "tracks": [[one.clip, one.camera, one.light, one.fps, len(one.labels)] for one in examples],
    }
    with whole_file(path) as unfinished, unfinished.open("wb") as stream:
        np.savez_compressed(
            stream,
            head=np.array(json.dumps(head)),
            # Each cue in one piece packs better.
            values=_rounded(np.concatenate([one.cues.values for one in examples])).T,
            look=((embedding - mean) @ components).astype(np.float16),
            looked_at=np.abs(embedding).sum(axis=1) > 0,
            labels=np.concatenate([one.labels for one in examples]).astype(np.int8),
            look_mean=mean,
            components=components,
        )


def read_examples(path: Path = SHIPPED) -> SharedExamples:
    """What `write_examples` wrote, with what the species network saw expanded to its full length.

    Args:
        path: the file; the one that ships by default.

    Raises:
        ModelError: the file is missing, damaged, or was made for another version's cues; the message says what to do.
    """
    if not path.is_file():
        raise ModelError(
            f"the simulated examples to learn from are not at {path}; they ship with Ethotrap: install it"
            f" again, or make them with `python -m models.behaviour train MEASURED --out NETWORK --examples {path}`"
        )
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            head = json.loads(str(file["head"]))
            parts = {name: file[name] for name in file.files if name != "head"}
        shared = SharedExamples(tuple(head["codes"]), head["shortest_s"], _examples(head["tracks"], parts))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is damaged or holds no examples ({error}); install Ethotrap again") from error
    if tuple(head["cues"]) != CUES or head["rate_hz"] != RATE_HZ:
        raise ModelError(f"{path} was made for another version's cues; install the one of this Ethotrap")
    return shared


def _examples(
    tracks: Sequence[tuple[str, int, str, float, int]], parts: Mapping[str, NDArray[np.generic]]
) -> tuple[Example, ...]:
    mean, components = np.asarray(parts["look_mean"]), np.asarray(parts["components"])
    back = np.linalg.pinv(components.astype(float)).astype(np.float32)
    embedding = np.asarray(parts["look"], dtype=np.float32) @ back
    embedding += mean
    embedding[~np.asarray(parts["looked_at"], dtype=bool)] = 0
    values = np.asarray(parts["values"].T, dtype=np.float32, order="C")
    labels = np.asarray(parts["labels"], dtype=np.int64)
    if not len(values) == len(labels) == sum(track[4] for track in tracks):
        raise ValueError("its parts differ in length")
    found, first = [], 0
    for clip, camera, light, fps, steps in tracks:
        own = slice(first, first + steps)
        cues = Cues(np.arange(steps) / RATE_HZ, values[own], embedding[own])
        found.append(Example(clip, camera, light, fps, cues, labels[own]))
        first += steps
    return tuple(found)


def _rounded(values: NDArray[np.float32]) -> Half:
    """Half floats whose last bits are 0, which pack into far less."""
    dropped = HALF_BITS - KEPT_BITS
    bits = values.astype(np.float16).view(np.uint16).astype(np.int64)
    bits = (bits + (1 << (dropped - 1))) >> dropped << dropped
    return np.asarray(bits.astype(np.uint16).view(np.float16))
