"""Boxes of known kind in photos and clips: what the head learns from, and what it is measured on.

ENA24's own boxes in the test set are placeholders, the same in every photo, so the detector's are used for trap stills:
each of them shows one kind only.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.detect import Detector
from pipeline.values import Kind

Picture = NDArray[np.uint8]
Box = tuple[float, float, float, float]

COCO_KINDS = {0: Kind.PERSON, **dict.fromkeys((2, 3, 5, 7), Kind.VEHICLE), **dict.fromkeys(range(14, 24), Kind.ANIMAL)}
SPECIESNET_KINDS = {
    "african_elephants": Kind.ANIMAL,
    "african_elephants_bw": Kind.ANIMAL,
    "american_black_bear": Kind.ANIMAL,
    "domestic_cattle": Kind.ANIMAL,
    "domestic_dog": Kind.ANIMAL,
    "ocelot": Kind.ANIMAL,
    "human": Kind.PERSON,
    "vehicle": Kind.VEHICLE,
}
TRAINING_STILLS = {"african_elephants", "african_elephants_bw", "domestic_cattle"}  # and every other photo of ENA24
CLIP_KINDS = {
    "chimps_day_group": Kind.ANIMAL,
    "deer_ir_2fps_masked": Kind.ANIMAL,
    "otter_ir_4k-hevc": Kind.ANIMAL,
    "red-deer_ir_browse": Kind.ANIMAL,
    "small-cat_ir_sits-then-leaves": Kind.ANIMAL,
    "person_day_2fps": Kind.PERSON,
}
MIN_AREA = 0.015  # share of the picture: smaller people and cars in COCO are hard to tell for anyone
MIN_SIDE = 32  # pixels
SAME_THING_IOU = 0.4
MIXED_IOU = 0.3  # a rider and the horse share most of their boxes: neither teaches the head anything
STILL_SCORE = 0.2
CLIP_SCORE = 0.1
CLIP_WIDTH = 1280  # pixels, as the pipeline scales before it detects
CLIP_SPACING_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One box of known kind in one picture."""

    photo: str
    picture: Picture  # (h, w, 3) blue, green, red
    box: Box
    kind: Kind


def coco(footage: Path, split: str) -> list[Sighting]:
    """People, vehicles and animals of COCO128's `train` or `val`, those large enough and of one kind."""
    return [sighting for photo in _coco_photos(footage / "stills" / "coco128" / split) for sighting in _unmixed(photo)]


def leopards(footage: Path) -> list[Sighting]:
    """Boxed Amur leopards on web photos."""
    folder = footage / "stills" / "amur-leopard"
    with (folder / "boxes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        left, top, right, bottom = (float(row[key]) for key in ("x1", "y1", "x2", "y2"))
        box = (left, top, right - left, bottom - top)
        found.append(Sighting(row["file"], _read(folder / row["file"]), box, Kind.ANIMAL))
    return found


def trap_stills(footage: Path, detector: Detector) -> tuple[list[Sighting], list[Sighting]]:
    """What the detector finds in trap stills: those to train on, and those of other photos to measure on."""
    ena24 = sorted((footage / "stills" / "ena24").glob("*.jpg"))
    training = [*ena24[::2], *(footage / "stills" / "speciesnet" / f"{name}.jpg" for name in sorted(TRAINING_STILLS))]
    others = sorted(SPECIESNET_KINDS.keys() - TRAINING_STILLS)
    measuring = [*ena24[1::2], *(footage / "stills" / "speciesnet" / f"{name}.jpg" for name in others)]
    return _found_in(training, detector), _found_in(measuring, detector)


def as_detected(sightings: Iterable[Sighting], detector: Detector) -> list[Sighting]:
    """The same sightings with the detector's best fitting box; those that it did not find are left out."""
    boxes: dict[str, list[Box]] = {}
    found = []
    for sighting in sightings:
        if sighting.photo not in boxes:
            boxes[sighting.photo] = [detection.box for detection in detector(sighting.picture)]
        best = max(boxes[sighting.photo], key=lambda box: iou(box, sighting.box), default=None)
        if best is not None and iou(best, sighting.box) >= SAME_THING_IOU:
            found.append(Sighting(sighting.photo, sighting.picture, best, sighting.kind))
    return found


def clip(path: Path, kind: Kind, detector: Detector) -> list[Sighting]:
    """What the detector finds in a clip that shows one kind only, two pictures a second."""
    found = []
    for picture in _pictures(path):
        for detection in detector(picture):
            if detection.score >= CLIP_SCORE:
                found.append(Sighting(path.stem, picture, detection.box, kind))
    return found


def iou(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def _coco_photos(folder: Path) -> Iterator[list[Sighting]]:
    for labels in sorted(folder.glob("*.txt")):
        photo = labels.with_suffix(".jpg")
        if photo.is_file():
            picture = _read(photo)
            rows = (line.split() for line in labels.read_text().splitlines())
            yield [_from_yolo(labels.stem, picture, row) for row in rows if row and int(row[0]) in COCO_KINDS]


def _from_yolo(photo: str, picture: Picture, row: list[str]) -> Sighting:
    x, y, width, height = (float(number) for number in row[1:])
    return Sighting(photo, picture, (x - width / 2, y - height / 2, width, height), COCO_KINDS[int(row[0])])


def _unmixed(sightings: list[Sighting]) -> list[Sighting]:
    """Those that are large enough and share no more than `MIXED_IOU` with one of another kind."""

    def large(one: Sighting) -> bool:
        rows, columns = one.picture.shape[:2]
        return one.box[2] * one.box[3] >= MIN_AREA and min(one.box[2] * columns, one.box[3] * rows) >= MIN_SIDE

    def mixed(one: Sighting) -> bool:
        return any(other.kind != one.kind and iou(one.box, other.box) > MIXED_IOU for other in sightings)

    return [one for one in sightings if large(one) and not mixed(one)]


def _found_in(photos: Iterable[Path], detector: Detector) -> list[Sighting]:
    found: list[Sighting] = []
    for path in photos:
        picture, kind = _read(path), SPECIESNET_KINDS.get(path.stem, Kind.ANIMAL)
        boxes = [detection.box for detection in detector(picture) if detection.score >= STILL_SCORE]
        found.extend(Sighting(path.stem, picture, box, kind) for box in boxes)
    return found


def _read(path: Path) -> Picture:
    picture = cv2.imread(str(path))
    if picture is None:
        raise FileNotFoundError(f"{path} is no picture that OpenCV reads")
    return np.asarray(picture, dtype=np.uint8)


def _pictures(path: Path) -> Iterator[Picture]:
    due = 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time is None or frame.time < due:
                continue
            due = frame.time + CLIP_SPACING_S
            scale = min(1.0, CLIP_WIDTH / frame.width)
            yield frame.to_ndarray(
                format="bgr24", width=round(frame.width * scale), height=round(frame.height * scale)
            ).astype(np.uint8)
