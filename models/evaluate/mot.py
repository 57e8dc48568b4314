"""How well identities are kept, by the measures of multiple object tracking, as TrackEval computes them.

HOTA, DetA and AssA: Luiten et al., HOTA, International Journal of Computer Vision 129 (2021), means over overlaps of
0.05 to 0.95. IDF1: Ristani et al., ECCV workshops 2016. MOTA, switches, fragmentations: Bernardin and Stiefelhagen,
EURASIP Journal on Image and Video Processing 2008. The last two at an overlap of 0.5.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluate.compared import MATCH_IOU, Compared
from pipeline.errors import EthotrapError

_NEEDED = ("trackeval", "scipy", "pycocotools", "tabulate")  # TrackEval imports the last two whatever it is used for

# Not by the extra's name: pip would then bring opencv-python in, which overwrites the headless build.
INSTALL = "pip install --no-deps trackeval scipy pycocotools tabulate"


@dataclass(frozen=True, slots=True)
class IdentityScore:
    """One set of clips."""

    frames: int
    hota: float  # 0..1, as are the next four but MOTA, which false boxes can bring below 0
    detection: float  # DetA
    association: float  # AssA
    idf1: float
    mota: float
    switches: int
    fragmentations: int
    animals: int  # that are visible at some time
    unfollowed: int  # of them without a track of their own
    tracks_an_animal: float | None  # mean over those that have one
    false_tracks: int  # that are on no animal


def require_trackeval() -> None:
    """Checks that the measures can be computed here.

    Raises:
        EthotrapError: something is missing; the message says what to install.
    """
    for module in _NEEDED:
        if importlib.util.find_spec(module) is None:
            raise EthotrapError(f"this measure needs {module}; install it with: {INSTALL}")


def identity_score(compared: Sequence[Compared]) -> IdentityScore | None:
    """Score the tracks of some clips; clips with people are left out. None if no clip is left.

    A frame asks for the animals that are visible enough. A box on an animal that is less visible counts neither way.

    Raises:
        EthotrapError: TrackEval is not installed.
    """
    require_trackeval()
    from trackeval.metrics import CLEAR, HOTA, Identity

    chosen = [one for one in compared if not one.clip.has_person]
    if not chosen:
        return None
    sequences = [_sequence(one) for one in chosen]
    quiet = {"PRINT_CONFIG": False}
    found: dict[str, Any] = {}
    for metric in (HOTA(), CLEAR(quiet), Identity(quiet)):
        scores = {str(number): metric.eval_sequence(sequence) for number, sequence in enumerate(sequences)}
        found |= metric.combine_sequences(scores)
    owned = [_tracks_of_animals(one) for one in chosen]
    counts = np.concatenate(owned)
    return IdentityScore(
        frames=sum(len(one.clip.times) for one in chosen),
        hota=float(np.mean(found["HOTA"])),
        detection=float(np.mean(found["DetA"])),
        association=float(np.mean(found["AssA"])),
        idf1=float(found["IDF1"]),
        mota=float(found["MOTA"]),
        switches=int(found["IDSW"]),
        fragmentations=sum(int(CLEAR(quiet).eval_sequence(_with_stray(one))["Frag"]) for one in sequences),
        animals=len(counts),
        unfollowed=int((counts == 0).sum()),
        tracks_an_animal=float(counts[counts > 0].mean()) if counts.any() else None,
        false_tracks=sum(owner is None for one in chosen for owner in one.owners),
    )


def _tracks_of_animals(one: Compared) -> NDArray[np.int64]:
    """How many tracks each animal has that is ever visible."""
    owners = np.array([owner for owner in one.owners if owner is not None], dtype=np.int64)
    count = np.bincount(owners, minlength=len(one.clip.animals))
    return np.asarray(count[one.visible.any(axis=0)], dtype=np.int64)


def _sequence(one: Compared) -> dict[str, Any]:
    """A clip in TrackEval's terms: for each frame the ids of who is there and the overlap of each with each."""
    wanted = one.visible
    counted = one.present & ~_on_hidden(one)
    truths, tracks = wanted.any(axis=0), counted.any(axis=0)
    wanted, counted = wanted[:, truths], counted[:, tracks]
    overlap = one.overlap[:, truths][:, :, tracks]
    return {
        "num_timesteps": len(wanted),
        "num_gt_ids": wanted.shape[1],
        "num_tracker_ids": counted.shape[1],
        "num_gt_dets": int(wanted.sum()),
        "num_tracker_dets": int(counted.sum()),
        "gt_ids": [np.flatnonzero(row) for row in wanted],
        "tracker_ids": [np.flatnonzero(row) for row in counted],
        "similarity_scores": [both[true][:, found] for both, true, found in zip(overlap, wanted, counted, strict=True)],
    }


def _on_hidden(one: Compared) -> NDArray[np.bool_]:
    """(n, k) whether a track's box lies on an animal that is hardly visible, and more so than on any that is."""
    visible = one.visible[:, :, None]
    hidden = np.where(visible, 0.0, one.overlap).max(axis=1, initial=0.0)
    seen = np.where(visible, one.overlap, 0.0).max(axis=1, initial=0.0)
    return np.asarray((hidden >= MATCH_IOU) & (hidden > seen))


def _with_stray(sequence: dict[str, Any]) -> dict[str, Any]:
    """A sequence with one track more, which is always there and on nothing.

    TrackEval passes over frames without any track's box, and so does not see that an animal was lost there. This
    makes it look; only fragmentations may be read from the result.
    """
    stray = sequence["num_tracker_ids"]
    return sequence | {
        "num_tracker_ids": stray + 1,
        "num_tracker_dets": sequence["num_tracker_dets"] + sequence["num_timesteps"],
        "tracker_ids": [np.append(ids, stray) for ids in sequence["tracker_ids"]],
        "similarity_scores": [np.pad(scores, ((0, 0), (0, 1))) for scores in sequence["similarity_scores"]],
    }
