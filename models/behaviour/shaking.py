"""How another rendering of the same scene shakes the cues of the same animal.

To encode a video once more, or to mirror it, changes nothing of what an animal does; but the detector sets its boxes a
little otherwise, and every cue with them. What that does is measured here on clips of which there are such copies, so
that a network can learn to bear it (`models.behaviour.steadying`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.behaviour.examples import LEAST_STEPS
from models.behaviour.measured import NOBODY, Measured, truth_on, whose
from pipeline.behaviour.cues import Cues, cues_of, mirrored
from pipeline.behaviour.features import measure

LIKELY_ITS_OWN = 0.7  # chance that a track is shaken as one of the same behaviour was: what gallops is shaken otherwise
STRONGEST = 1.5  # times as much as was measured, at most

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Shake:
    """What one animal's cues and looks in a copy differ by from those in the original."""

    behaviour: str | None  # what it does for most of the time, if that is known
    cues: Floats  # (n, len(CUES)) steps of the grid
    embedding: Floats  # (n, e) of what the species network sees; 0 where either saw nothing


def shakes_between(clips: Sequence[Measured], copies: Sequence[Measured], as_mirrored: bool) -> list[Shake]:
    """One for each animal that has one track in a clip and one in its copy.

    Args:
        clips: measured on the originals.
        copies: measured on the copies, which bear the originals' names; clips without a copy are passed over.
        as_mirrored: the copies are mirrored.
    """
    by_name = {copy.clip: copy for copy in copies}
    found = []
    for clip in clips:
        copy = by_name.get(clip.clip)
        if copy is None:
            continue
        tracks, others = _only_tracks(clip), _only_tracks(copy)
        for animal in sorted(tracks.keys() & others.keys()):
            own, other = _cues(clip, tracks[animal]), _cues(copy, others[animal])
            shake = _shake(clip, tracks[animal], own, other, as_mirrored)
            if len(shake.cues) >= LEAST_STEPS:
                found.append(shake)
    return found


def _only_tracks(clip: Measured) -> dict[int, int]:
    """By true animal, the one track that it has."""
    owners = [whose(owner) for owner in clip.owner]
    return {animal: owners.index(animal) for animal in owners if animal != NOBODY and owners.count(animal) == 1}


def _cues(clip: Measured, track: int) -> Cues:
    return cues_of(clip.samples, tuple(measure(one, clip.aspect) for one in clip.samples), clip.aspect, track)


def _shake(clip: Measured, track: int, own: Cues, other: Cues, as_mirrored: bool) -> Shake:
    shared = (own.t >= other.t[0] - 1e-6) & (own.t <= other.t[-1] + 1e-6)
    t = own.t[shared]
    values = mirrored(other.values) if as_mirrored else other.values
    there = np.stack([np.interp(t, other.t, column) for column in values.T], axis=1)
    said = Counter(truth_on(clip, track, t)).most_common(1)
    nearest = np.abs(other.t[None] - t[:, None]).argmin(axis=1) if len(t) else np.zeros(0, dtype=np.int64)
    here, seen = own.embedding[shared], other.embedding[nearest]
    known = (np.abs(here).sum(axis=1) > 0) & (np.abs(seen).sum(axis=1) > 0)
    return Shake(
        behaviour=said[0][0] if said else None,
        cues=(there - own.values[shared]).astype(np.float32),
        embedding=((seen - here) * known[:, None]).astype(np.float32),
    )


def drawn(
    shakes: Sequence[Shake], behaviour: str | None, steps: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """What to add to a track's cues, (steps, len(CUES)), and to its looks, (steps, e): one shake, weaker or stronger.

    It is run through to and fro until the track is over, from anywhere, either way round and either way of the mirror.

    Args:
        shakes: at least one.
        behaviour: what the track's animal mostly does; None if that is not known.
        steps: of the track.
        random: draws.
    """
    alike = [shake for shake in shakes if shake.behaviour == behaviour]
    pool = alike if alike and random.random() < LIKELY_ITS_OWN else shakes
    shake = pool[int(random.integers(len(pool)))]
    n = len(shake.cues)
    places = (np.arange(steps) + random.integers(n)) % (2 * n)
    places = np.where(places < n, places, 2 * n - 1 - places)
    strength = np.float32(random.uniform(-STRONGEST, STRONGEST))
    cues = shake.cues[places[::-1] if random.random() < 0.5 else places]
    return strength * (mirrored(cues) if random.random() < 0.5 else cues), strength * shake.embedding[places]
