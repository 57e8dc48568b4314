"""Leaves the views of a video's animals in its work folder: a small picture each, and the pattern in it."""

from collections.abc import Collection, Iterable
from pathlib import Path

import cv2

from pipeline.errors import StoreError
from pipeline.individuals.flanks import OTHER
from pipeline.individuals.pattern import describe, write_pattern
from pipeline.individuals.track_views import TrackViews, shows_one_of
from pipeline.individuals.views import FlankView
from pipeline.store.result import FlankView as KeptView
from pipeline.tracking.follow import Followed
from pipeline.tracking.species import NAMELESS
from pipeline.values import Kind, Track

FOLDER = Path("views")  # in the work folder, and in the archive beside the clips
LEAST_QUALITY = 0.1  # poorer pictures show no coat
JPEG_QUALITY = 88
_LEAST_BELIEF = 0.1  # that it is of a patterned species, from which on a track called otherwise keeps its views


def save_views(
    work: Path, views: TrackViews, followed: Followed, aspect: float, patterned: Collection[str]
) -> tuple[KeptView, ...]:
    """Write the views of every animal whose coat may tell who it is.

    People and vehicles have none, and neither has a picture of an animal with a person in it.

    Args:
        work: the video's work folder.
        views: what was collected while following.
        followed: the finished tracks.
        aspect: the picture's width over its height, pixels.
        patterned: codes of the species whose individuals can be told by their coats.

    Returns:
        The views with paths relative to `work`.

    Raises:
        OSError: a file cannot be written.
    """
    unwanted = shows_one_of([track for track in followed.tracks if track.kind is not Kind.ANIMAL])
    kept: list[KeptView] = []
    for track, samples, parts in zip(followed.tracks, followed.samples, followed.parts, strict=True):
        if may_be_told(track, patterned):
            kept += _save(work, track.number, views.of(parts, samples, aspect, unwanted))
    return tuple(kept)


def may_be_told(track: Track, patterned: Collection[str]) -> bool:
    """Whether a coat may tell who the animal is: its species' coats do, or might, since the name is not sure.

    Args:
        track: any.
        patterned: codes of the species whose individuals can be told by their coats.
    """
    if track.kind is not Kind.ANIMAL:
        return False
    belief = sum(track.species_scores.get(code, 0.0) for code in patterned)
    return track.species in patterned or track.species == NAMELESS.species or belief >= _LEAST_BELIEF


def _save(work: Path, track: int, views: Iterable[FlankView]) -> list[KeptView]:
    kept = []
    for number, view in enumerate((one for one in views if one.quality.total >= LEAST_QUALITY), start=1):
        picture = FOLDER / f"{track}-{number}.jpg"
        done, data = cv2.imencode(".jpg", view.picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not done:
            raise StoreError(f"{picture}: a view of {view.picture.shape} pixels cannot be written as JPEG")
        (work / FOLDER).mkdir(exist_ok=True)
        (work / picture).write_bytes(data.tobytes())
        kept.append(
            KeptView(
                track=track,
                t=view.t,
                flank=view.flank,
                flank_probability=view.flank_probability,
                quality=view.quality.total,
                picture=picture,
                pattern=_describe(work, picture, view),
            )
        )
    return kept


def _describe(work: Path, picture: Path, view: FlankView) -> Path | None:
    """The file of what the coat shows; None if no flank is in view, or nothing on it."""
    if view.flank == OTHER:
        return None
    pattern = describe(view.picture, view.mask)
    if not len(pattern):
        return None
    path = picture.with_suffix(".npz")
    write_pattern(pattern, work / path)
    return path
