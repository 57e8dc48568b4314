"""`python -m models.kind FOOTAGE`: train the kind head on the photos in FOOTAGE, measure it, write it."""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.kind import head as kind_head
from models.kind import sightings as seen
from models.kind.features import features
from models.kind.head import KINDS, Head
from models.kind.sightings import Sighting
from models.kind.variations import infrared, plain, varied
from models.registry import WEIGHTS, find, weights_path
from pipeline.tracking.detect import Detector
from pipeline.values import Kind

DETECTOR, SPECIES_NETWORK = "megadetector-lite-tuned", "efficientnet-lite0"
SEED = 20260101
ALARMS = (0.2, 0.3, 0.4, 0.5)  # probabilities of a person from which one could be reported


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The head's answers to one set of crops."""

    name: str
    truth: NDArray[np.int64]  # (n,) positions in KINDS
    probabilities: NDArray[np.float64]  # (n, kinds)

    def row(self) -> str:
        """A row of the card's table: crops, accuracy, recall of each kind, mean probability of the truth."""
        called = self.probabilities.argmax(axis=1)
        recalls = [
            f"{(called[self.truth == kind] == kind).mean():.2f}" if (self.truth == kind).any() else "-"
            for kind in range(len(KINDS))
        ]
        precisions = [
            f"{(self.truth[called == kind] == kind).mean():.2f}" if (called == kind).any() else "-"
            for kind in range(len(KINDS))
        ]
        right = (called == self.truth).mean()
        cells = [self.name, str(len(called)), f"{right:.2f}", " / ".join(recalls), " / ".join(precisions)]
        return "| " + " | ".join(cells) + " |"


def main(arguments: list[str]) -> int:
    """Train, print the card's tables, write the head. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.kind", description=__doc__)
    parser.add_argument("footage", type=Path, help="the folder of the photos and clips to learn from and to measure on")
    footage = parser.parse_args(arguments).footage
    entry = find(DETECTOR)
    detector = Detector(weights_path(DETECTOR), entry.classes, max(entry.image_size), min_score=0.05)
    training, measuring = seen.trap_stills(footage, detector)
    training += seen.coco(footage, "train")
    head = _train(training)
    target = WEIGHTS / "kind-head.onnx"
    kind_head.write(head, target)
    _say(f"trained on {len(training)} sightings: {_counts(training)}; written to {target}\n")
    _say("| crops | n | right | recall animal / person / vehicle | precision animal / person / vehicle |")
    _say("|---|---|---|---|---|")
    boxed = seen.coco(footage, "val")
    sets = {
        "COCO128 val, true boxes": boxed,
        "COCO128 val, the detector's boxes": seen.as_detected(boxed, detector),
        "Amur leopard photos, true boxes": seen.leopards(footage),
        "trap stills, the detector's boxes": measuring,
    }
    measured = [answer for name, sightings in sets.items() for answer in _measure(head, name, sightings)]
    _say_alarms(measured)
    _measure_clips(head, footage, detector)
    return 0


def _train(training: list[Sighting]) -> Head:
    chance = np.random.default_rng(SEED)
    crops, kinds = [], []
    for sighting in training:
        copies = [plain(sighting), *varied(sighting, chance)]
        crops += copies
        kinds += [KINDS.index(sighting.kind)] * len(copies)
    return kind_head.fit(features(weights_path(SPECIES_NETWORK), crops), np.array(kinds))


def _measure(head: Head, name: str, sightings: list[Sighting]) -> list[Measured]:
    chance = np.random.default_rng(SEED)
    crops = [plain(sighting) for sighting in sightings]
    truth = np.array([KINDS.index(sighting.kind) for sighting in sightings])
    measured = []
    for light, pictures in (("colour", crops), ("grey", [infrared(picture, chance) for picture in crops])):
        answers = head.probabilities(features(weights_path(SPECIES_NETWORK), pictures))
        measured.append(Measured(f"{name}, {light}", truth, answers))
        _say(measured[-1].row())
    return measured


def _say_alarms(measured: list[Measured]) -> None:
    """The trade-off between missed people and animals taken for people, over all crops measured."""
    person = np.concatenate([answer.probabilities[:, KINDS.index(Kind.PERSON)] for answer in measured])
    truth = np.concatenate([answer.truth for answer in measured])
    people, animals = truth == KINDS.index(Kind.PERSON), truth == KINDS.index(Kind.ANIMAL)
    _say("\n| person from | people missed | animals called people |")
    _say("|---|---|---|")
    for alarm in ALARMS:
        _say(f"| {alarm} | {(person[people] < alarm).mean():.3f} | {(person[animals] >= alarm).mean():.3f} |")


def _measure_clips(head: Head, footage: Path, detector: Detector) -> None:
    _say("\n| clip | crops | crops called animal / person / vehicle | mean probability animal / person / vehicle |")
    _say("|---|---|---|---|")
    for name, kind in seen.CLIP_KINDS.items():
        found = seen.clip(footage / "clips" / f"{name}.mp4", kind, detector)
        answers = head.probabilities(features(weights_path(SPECIES_NETWORK), [plain(one) for one in found]))
        called = np.bincount(answers.argmax(axis=1), minlength=len(KINDS))
        means = " / ".join(f"{value:.2f}" for value in answers.mean(axis=0))
        _say(f"| {name} | {len(found)} | {' / '.join(map(str, called))} | {means} |")


def _counts(sightings: Iterable[Sighting]) -> str:
    kinds = [sighting.kind for sighting in sightings]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in Kind if kind in kinds)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
