"""How well the detector finds animals in photos, and whether the species network knows them."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pipeline.analyse import Networks
from pipeline.errors import ConfigError
from pipeline.tracking.crops import crop
from pipeline.tracking.geometry import iou
from pipeline.tracking.species import CROP_SIZE
from pipeline.values import Array

SCORES = (0.05, 0.1, 0.2, 0.3, 0.5)
MIN_IOU = 0.4


@dataclass(frozen=True, slots=True)
class PhotoScores:
    """What came out over a folder of photos whose animals are boxed."""

    animals: int  # boxes in all photos
    trap_like: int  # of these, in photos framed as a trap frames them
    recall: dict[float, float]  # by least score: share of the animals with a box of IoU 0.4 or more
    trap_like_recall: dict[float, float]
    named: float  # share of the boxed crops whose likeliest species of the region is the wanted one


def score_photos(folder: Path, networks: Networks, species: str) -> PhotoScores:
    """Run detector and species network over the photos that `boxes.csv` in the folder names.

    Args:
        folder: with `boxes.csv` (file, x1, y1, x2, y2 as shares, trap_like 0 or 1) and the photos.
        networks: loaded.
        species: code of what all of them show.

    Raises:
        ConfigError: there are no labels, a row is wrong, or a photo cannot be read.
    """
    best_scores, trap_like, named = [], [], []
    for file, box, is_trap_like in _labels(folder / "boxes.csv"):
        read = cv2.imread(str(folder / file))
        if read is None:
            raise ConfigError(f"{folder / file} is no picture that can be read")
        picture = np.asarray(read, dtype=np.uint8)
        found = networks.detect(picture)
        overlaps = iou(np.array([d.box for d in found], dtype=float).reshape(-1, 4), box)[:, 0]
        hits = [d.score for d, overlap in zip(found, overlaps, strict=True) if overlap >= MIN_IOU]
        best_scores.append(max(hits, default=0.0))
        trap_like.append(is_trap_like)
        name = networks.species(crop(picture, (box[0], box[1], box[2], box[3]), CROP_SIZE)[None])
        named.append(next(iter(name.scores), "") == species)
    best, like = np.array(best_scores), np.array(trap_like)
    return PhotoScores(len(best), int(like.sum()), recall(best), recall(best[like]), float(np.mean(named)))


def recall(best: Sequence[float] | Array) -> dict[float, float]:
    """Share of the animals found, by the least score that is asked of a box."""
    return {score: float((np.asarray(best) >= score).mean()) for score in SCORES}


def _labels(path: Path) -> list[tuple[str, Array, bool]]:
    try:
        with path.open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
    except OSError as error:
        raise ConfigError(f"cannot read the labels {path}: {error.strerror}") from error
    labels = []
    for number, row in enumerate(rows, start=2):
        try:
            left, top, right, bottom = (float(row[name]) for name in ("x1", "y1", "x2", "y2"))
            box = np.array([left, top, right - left, bottom - top])
            labels.append((row["file"], box, row["trap_like"] == "1"))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"{path}, row {number}: expected file, x1, y1, x2, y2 and trap_like") from error
    return labels
