"""The tracks of a clip laid over its truth, frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evaluate.truths import TrueClip
from pipeline.tracking.geometry import iou
from pipeline.values import Array, Kind

VISIBLE_FROM = 0.5  # share of an animal that must be seen before anything is asked of the tracks
MATCH_IOU = 0.3  # a box that overlaps an animal's this much is on it
GOOD_IOU = 0.5  # a box that overlaps it this much fits it
OWN_SHARE = 0.5  # of a track's boxes that must be on animals; it is then that one's on which most of them are


@dataclass(frozen=True, slots=True, eq=False)
class FoundTrack:
    """One track of the pipeline."""

    kind: Kind
    species: str  # as the machine calls it
    frame: NDArray[np.int64]  # (m,) indices of frames
    boxes: Array  # (m, 4) shares of the picture


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A clip of n frames and a animals, its k tracks, and how they overlap."""

    clip: TrueClip
    tracks: tuple[FoundTrack, ...]
    present: NDArray[np.bool_]  # (n, k) whether a track has a box in a frame
    overlap: Array  # (n, a, k) intersection over union, 0 where either has no box
    owners: tuple[int | None, ...]  # (k,) the animal that each track is on; None: on nothing
    media: str = ""  # the video's id in the archive

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(n, a) whether enough of an animal can be seen for the tracks to be held to it."""
        if not self.clip.animals:
            return np.zeros((len(self.clip.times), 0), dtype=bool)
        return np.stack([animal.visible >= VISIBLE_FROM for animal in self.clip.animals], axis=1)


def compare(clip: TrueClip, tracks: Sequence[FoundTrack], media: str = "") -> Compared:
    """Lay tracks over the truth.

    Args:
        clip: its truth.
        tracks: of the clip.
        media: its id in the archive.

    Raises:
        ValueError: a track has boxes beyond the clip's last frame, so that the truth is of another video.
    """
    frames = len(clip.times)
    found = np.full((frames, len(tracks), 4), np.nan)
    for number, track in enumerate(tracks):
        if len(track.frame) and int(track.frame.max()) >= frames:
            raise ValueError(f"a track has frame {int(track.frame.max())}, and by its truth the clip has {frames}")
        found[track.frame, number] = track.boxes
    true = np.full((frames, len(clip.animals), 4), np.nan)
    for number, animal in enumerate(clip.animals):
        true[:, number] = animal.boxes
    overlap = np.zeros((frames, len(clip.animals), len(tracks)))
    for index in range(frames):
        overlap[index] = iou(true[index], found[index])
    return Compared(clip, tuple(tracks), ~np.isnan(found[..., 0]), overlap, _owners(overlap, tracks), media)


def _owners(overlap: Array, tracks: Sequence[FoundTrack]) -> tuple[int | None, ...]:
    """The animal on which each track lies longest, if enough of the track is on any."""
    owners: list[int | None] = []
    for number, track in enumerate(tracks):
        on = overlap[:, :, number] >= MATCH_IOU
        enough = on.any() and on.any(axis=1).sum() >= OWN_SHARE * len(track.frame)
        owners.append(int(on.sum(axis=0).argmax()) if enough else None)
    return tuple(owners)
