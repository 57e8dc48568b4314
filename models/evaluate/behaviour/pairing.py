"""Bring labels and tracks together: which track follows which labelled animal, and what was said of that animal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from models.evaluate.behaviour.finding import Finder
from models.evaluate.behaviour.labels import Boxes, LabelledVideo, Labels
from models.evaluate.behaviour.predictions import (
    ArchivePredictions,
    PredictedTrack,
    PredictedVideo,
    Predictions,
    as_subject,
)
from models.evaluate.behaviour.timeline import Span, overlap_s
from models.evaluate.behaviour.values import Conditions, PredictedBout, TrueBout
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.tracking.geometry import interpolate, paired_iou

MIN_IOU = 0.3  # a track's box and an animal's that overlap so much are on the same animal
MIN_SHARE = 0.5  # of the moments at which both are there
NEAR_END_S = 0.2  # a bout that ends so close to its video's end is cut off by it
BY_TIME = (
    "where labels or predictions have no boxes, each true bout is compared with the track that shares most time "
    "with it, whichever animal that track follows"
)


@dataclass(frozen=True, slots=True)
class Pairing:
    """What `score` compares, and what had to be left out."""

    true: tuple[TrueBout, ...]
    predicted: tuple[PredictedBout, ...]
    conditions: dict[str, Conditions]  # by video
    left_out: dict[str, int]  # why, and how many labels
    stray_tracks: int  # that lie on no labelled animal, in videos whose labels have boxes
    stray_s: float  # what was named of them
    notes: tuple[str, ...]  # on how they were paired


def pair(labels: Labels, predictions: Predictions) -> Pairing:
    """Find the video of each label and what was said of each labelled animal.

    Where labels have boxes, a track belongs to the animal that its boxes overlap with longest, if by an IoU of 0.3 at
    half of the moments at which both are there; an animal may have several tracks. Where they have none, each true
    bout is compared with the track that shares most time with it.
    """
    finder = Finder(predictions.videos)
    found = [(labelled, finder.find(labelled)) for labelled in labels.videos]
    if isinstance(predictions, ArchivePredictions):
        predictions.expect(video.video for _, video in found if isinstance(video, PredictedVideo))
    left_out = Counter(labels.left_out)
    true: list[TrueBout] = []
    predicted: list[PredictedBout] = []
    conditions: dict[str, Conditions] = {}
    strays: list[PredictedTrack] = []
    by_time = False
    for labelled, video in found:
        if isinstance(video, str):
            left_out[f"{video}: {labelled.name}"] += len(labelled.bouts)
            continue
        tracks = predictions.tracks(video.video)
        bouts = _within(labelled, video, tracks)
        if len(bouts) < len(labelled.bouts):
            left_out[f"label after the video's end: {labelled.name}"] += len(labelled.bouts) - len(bouts)
        said, unused = _said(labelled, bouts, tracks)
        by_time |= bool(tracks) and bool(_without_boxes(labelled, bouts, tracks))
        true += [replace(bout, video=video.video) for bout in bouts]
        predicted += [replace(bout, video=video.video) for bout in said]
        strays += unused
        conditions[video.video] = _both(labelled.conditions, video.conditions)
    named = sum(bout.end_s - bout.start_s for track in strays for bout in track.bouts if bout.behaviour != UNKNOWN)
    return Pairing(
        tuple(true), tuple(predicted), conditions, dict(left_out), len(strays), named, (BY_TIME,) if by_time else ()
    )


def _within(labelled: LabelledVideo, video: PredictedVideo, tracks: Sequence[PredictedTrack]) -> list[TrueBout]:
    """The true bouts cut to the video's length, so that one without an end gets one."""
    said_until = max((bout.end_s for track in tracks for bout in track.bouts), default=0.0)
    length = video.seconds or labelled.seconds
    cut = []
    for bout in labelled.bouts:
        end = min(bout.end_s, length or (said_until if np.isinf(bout.end_s) else bout.end_s))
        censored = bout.censored_end or np.isinf(bout.end_s) or (length is not None and end >= length - NEAR_END_S)
        if end > bout.start_s:
            cut.append(replace(bout, end_s=end, censored_end=bool(censored)))
    return cut


def _said(
    labelled: LabelledVideo, bouts: Sequence[TrueBout], tracks: Sequence[PredictedTrack]
) -> tuple[list[PredictedBout], list[PredictedTrack]]:
    """What was said of each subject, and the tracks that lie on none of those with boxes."""
    said: list[PredictedBout] = []
    unused: list[PredictedTrack] = []
    by_time = _without_boxes(labelled, bouts, tracks)
    animals = {name: boxes for name, boxes in labelled.boxes.items() if name not in by_time}
    for track in tracks if animals else ():
        subject = _subject_of(track, animals)
        if subject is None:
            unused.append(track)
        else:
            said += as_subject(track.bouts, subject)
    for subject, number in labelled.tracks.items():
        said += [bout for track in tracks if track.number == number for bout in as_subject(track.bouts, subject)]
    for subject in sorted(by_time):
        said += as_subject(_by_time([bout for bout in bouts if bout.subject == subject], tracks), subject)
    return said, unused


def _without_boxes(labelled: LabelledVideo, bouts: Sequence[TrueBout], tracks: Sequence[PredictedTrack]) -> set[str]:
    """The subjects that can be compared by time alone: their labels have no boxes, or the tracks have none."""
    subjects = {bout.subject for bout in bouts} - set(labelled.tracks)
    return subjects if any(track.boxes is None for track in tracks) else subjects - set(labelled.boxes)


def _subject_of(track: PredictedTrack, animals: dict[str, Boxes]) -> str | None:
    """The animal that a track follows; None if it follows none."""
    best, found = 0, None
    for subject, boxes in animals.items():
        same, both = _moments_on(track, boxes)
        if same > best and same >= MIN_SHARE * both:
            best, found = same, subject
    return found


def _moments_on(track: PredictedTrack, animal: Boxes) -> tuple[int, int]:
    """At how many of an animal's moments the track lies on it, and at how many it is there at all."""
    if track.boxes is None:
        return 0, 0
    inside = (animal.t >= track.boxes.t[0]) & (animal.t <= track.boxes.t[-1])
    there = interpolate(track.boxes.t, track.boxes.boxes, animal.t[inside])
    return int((paired_iou(there, animal.boxes[inside]) >= MIN_IOU).sum()), int(inside.sum())


def _by_time(bouts: Sequence[TrueBout], tracks: Sequence[PredictedTrack]) -> list[PredictedBout]:
    """For each true bout, what was said of the track that shares most time with it, up to half way to the next bout.

    True bouts that overlap choose together. A predicted bout that goes on over the limit between two choices stays
    whole if both chose its track.
    """
    spans = _apart((bout.start_s, bout.end_s) for bout in bouts)
    limits = [(one[1] + other[0]) / 2 for one, other in pairwise(spans)]
    chosen: list[PredictedBout] = []
    for span, (first, last) in zip(spans, pairwise([-np.inf, *limits, np.inf]), strict=True):
        shared = [(_shared_s(span, track), -track.number, track) for track in tracks]
        seconds, _, track = max(shared, key=lambda one: one[:2], default=(0.0, 0, None))
        if track is None or seconds <= 0:
            continue
        for said in track.bouts:
            start, end = max(said.start_s, first), min(said.end_s, last)
            if start < end:
                chosen.append(replace(said, start_s=start, end_s=end))
    return chosen


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Spans with those that overlap made one; those that only touch stay two."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _shared_s(span: Span, track: PredictedTrack) -> float:
    return sum(overlap_s(span, (said.start_s, said.end_s)) for said in track.bouts)


def _both(labelled: Conditions, analysed: Conditions) -> Conditions:
    """What the labels say of how a video was filmed, else what the analysis knows."""
    return Conditions(
        light=labelled.light or analysed.light,
        frame_rate=analysed.frame_rate or labelled.frame_rate,
        camera=analysed.camera or labelled.camera,
        learned=analysed.learned,
    )
