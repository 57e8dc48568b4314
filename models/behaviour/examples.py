"""Examples to learn from: a track's cues beside what its animal truly did, also as if there were fewer pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.behaviour.measured import Measured, truth_on
from pipeline.behaviour.cues import RATE_HZ, Cues, cues_of
from pipeline.behaviour.features import measure
from pipeline.tracking.looks import LONGEST_STEP_S
from pipeline.values import Features, Samples

IGNORED = -1  # the label of a step of which nothing is known
LEAST_STEPS = 6  # of a track that is worth learning from


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One track."""

    clip: str
    camera: int
    light: str
    fps: float
    cues: Cues
    labels: NDArray[np.int64]  # (n,) positions in the codes; IGNORED where nothing is known

    def without_look(self, size: int) -> "Example":
        """The same as if the species network, whose features are so many, had seen nothing of it."""
        blank = np.zeros((len(self.labels), size), dtype=np.float32)
        return replace(self, cues=replace(self.cues, embedding=blank))

    def relabelled(self, places: NDArray[np.int64]) -> "Example":
        """The same with each label that is known taken for another: (k,) what each of the k labels becomes."""
        return replace(self, labels=np.where(self.labels >= 0, places[self.labels.clip(0)], self.labels))


def examples_of(measured: Sequence[Measured], codes: tuple[str, ...], every: int = 1) -> list[Example]:
    """All tracks of clips.

    Args:
        measured: the clips.
        codes: the behaviours to learn; others are ignored.
        every: 1 for every picture that was looked at, 2 for every second one, and so on.
    """
    found = []
    for clip in measured:
        samples = tuple(thinned(one, every) for one in clip.samples)
        features = tuple(measure(one, clip.aspect) for one in samples)
        for number in range(len(samples)):
            example = _example(clip, samples, features, number, codes)
            if len(example.labels) >= LEAST_STEPS:
                found.append(example)
    return found


def thinned(samples: Samples, every: int) -> Samples:
    """The same track with every so-manieth picture; movement between two pictures is lost where they lie too far apart.

    Args:
        samples: one track.
        every: 1 keeps all.
    """
    if every == 1:
        return samples
    kept = slice(None, None, every)
    looks = samples.looks
    if looks is not None:
        lost = 1 / RATE_HZ * every > LONGEST_STEP_S
        looks = replace(
            looks,
            silhouette=looks.silhouette[kept],
            change=np.full_like(looks.change[kept], np.nan) if lost else looks.change[kept],
            flow=np.full_like(looks.flow[kept], np.nan) if lost else looks.flow[kept],
            embedding=looks.embedding[kept],
        )
    return Samples(
        t=samples.t[kept],
        boxes=samples.boxes[kept],
        seen=samples.seen[kept],
        inner_motion=samples.inner_motion[kept],
        sharpness=samples.sharpness[kept],
        looks=looks,
        drift=None if samples.drift is None else samples.drift[kept],
    )


def _example(
    clip: Measured, samples: tuple[Samples, ...], features: tuple[Features, ...], number: int, codes: tuple[str, ...]
) -> Example:
    cues = cues_of(samples, features, clip.aspect, number)
    place = {code: index for index, code in enumerate(codes)}
    said = truth_on(clip, number, cues.t)
    labels = np.array([IGNORED if code is None else place.get(code, IGNORED) for code in said], dtype=np.int64)
    return Example(clip.clip, clip.camera, clip.light, clip.fps, cues, labels)
