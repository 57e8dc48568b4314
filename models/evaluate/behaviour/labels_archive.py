"""What people said of an archive's bouts, as labels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.evaluate.behaviour.labels import LabelledVideo, Labels, lasting
from models.evaluate.behaviour.predictions import PredictedTrack, Predictions
from models.evaluate.behaviour.timeline import Span
from models.evaluate.behaviour.values import EMPTY, TrueBout
from pipeline.store.labels import labels_for
from pipeline.store.matching import MIN_IOU, Label, corrects
from pipeline.store.open import Store
from pipeline.tracking.geometry import interpolate, iou
from pipeline.values import BLANK

PEOPLE_SAID = "archive"  # what stands for these labels where a file of labels may stand
NOTE = (
    "people named stretches that the machine had cut, so their starts and ends are the machine's own: "
    "no errors of starts and ends are given, and the overlap of whole bouts looks better than it is"
)


def read_archive_labels(store: Store, predictions: Predictions) -> Labels:
    """Every behaviour that a person gave and nobody withdrew; of two words on the same time, the newer.

    What a person says is blank is known to be nobody.

    Args:
        store: the archive.
        predictions: of the same archive, with boxes: a label is about the track that it lies on.
    """
    videos = []
    for media, labels in said_of_behaviour(store).items():
        by_track: dict[str, list[Label]] = defaultdict(list)
        tracks: dict[str, int | None] = {}
        for label in labels:
            track = track_of(label, predictions.tracks(media))
            subject = f"track {track}" if track is not None else f"label {label.label_id}" if label.box else ""
            by_track[subject].append(label)
            if label.box:
                tracks[subject] = track
        bouts = [bout for subject, found in by_track.items() for bout in newest_first(found, subject)]
        videos.append(LabelledVideo(media, tuple(bouts), tracks=tracks))
    return Labels("what people said of the archive's bouts", tuple(videos), {}, (NOTE,))


def said_of_behaviour(store: Store) -> dict[str, list[Label]]:
    """By video the labels in force that say what an animal does, or that there is none, in the order of their start."""
    said: dict[str, list[Label]] = defaultdict(list)
    for label in labels_for(store):
        if label.withdrawn_at is None:
            said[label.media].append(label)
    told = {media: [one for one in labels if _tells(one, labels)] for media, labels in said.items()}
    return {media: labels for media, labels in told.items() if labels}


def _tells(label: Label, others: Sequence[Label]) -> bool:
    is_blank = label.species == BLANK and not any(corrects(newer, label) for newer in others)
    return label.behaviour is not None or is_blank


def track_of(label: Label, tracks: Sequence[PredictedTrack]) -> int | None:
    """The track that lies on the label's box at the middle of its stretch; None if none does.

    Args:
        label: a person's word.
        tracks: of the same video; those without boxes do not count.
    """
    if label.box is None:
        return None
    middle = (label.start_s + label.end_s) / 2
    best, found = MIN_IOU, None
    for track in tracks:
        if track.boxes is None or not track.boxes.t[0] <= middle <= track.boxes.t[-1]:
            continue
        there = interpolate(track.boxes.t, track.boxes.boxes, np.array([middle]))
        overlap = float(iou(np.array(label.box), there)[0, 0])
        if overlap >= best:
            best, found = overlap, track.number
    return found


def newest_first(labels: Sequence[Label], subject: str) -> list[TrueBout]:
    """The labels of one animal as bouts; a newer one takes the time that it covers from older ones.

    Args:
        labels: of one animal of one video, each naming a behaviour, or that there is no animal.
        subject: what the animal is called in the bouts.
    """
    taken: list[Span] = []
    bouts: list[TrueBout] = []
    for label in sorted(labels, key=lambda one: (one.at, one.label_id), reverse=True):
        span = lasting(label.start_s, label.end_s)[:2]
        whole = TrueBout(label.media, subject, (label.behaviour or EMPTY,), *span, True, True)
        bouts += [replace(whole, start_s=start, end_s=end) for start, end in _without(span, taken)]
        taken.append(span)
    return bouts


def _without(span: Span, taken: Sequence[Span]) -> list[Span]:
    left = [span]
    for first, last in taken:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, first)), (max(start, last), end))
            if part[1] > part[0]
        ]
    return left
