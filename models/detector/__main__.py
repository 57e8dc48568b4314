"""`python -m models.detector CLIPS... --photos PHOTOS --held-out CLIPS --out FILE`: teach the detector, measure it."""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from models.build.detector import load_original, write
from models.detector.measuring import found
from models.detector.pictures import Picture, of_clips, of_photos
from models.detector.teaching import Lessons, teach
from pipeline.errors import ConfigError, ModelError, VideoError
from pipeline.tracking.detect import Detector
from pipeline.values import Kind

SEED = 20261130
STEPS = 1700
OF_A_CLIP, OF_A_HELD_OUT_CLIP = 9, 4  # pictures
SAID_EVERY = 25  # steps


def main(arguments: list[str]) -> int:
    """Teach, print what was found before and after, write. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.detector", description=__doc__)
    parser.add_argument("clips", type=Path, nargs="+", help="folders of simulated clips of the training split")
    parser.add_argument(
        "--photos", type=Path, required=True, help="a folder of real photos, of which it keeps its word"
    )
    parser.add_argument("--held-out", type=Path, required=True, help="simulated clips of other cameras, to measure on")
    parser.add_argument("--out", type=Path, required=True, help="the network, an .onnx file")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"default: {STEPS}, about an hour on 2 cores")
    told = parser.parse_args(arguments)
    try:
        _teach(told.clips, told.photos, told.held_out, told.out, told.steps)
    except (ConfigError, ModelError, VideoError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _teach(clips: list[Path], photos: Path, held_out: Path, out: Path, steps: int) -> None:
    chance = np.random.default_rng(SEED)
    simulated = [picture for folder in clips for picture in of_clips(folder, OF_A_CLIP, chance)]
    lessons = Lessons(
        labelled=[picture for picture in simulated if not picture.is_empty],
        empty=[picture for picture in simulated if picture.is_empty],
        photos=of_photos(photos),
    )
    _say(f"{len(lessons.labelled)} pictures with animals, {len(lessons.empty)} without, {len(lessons.photos)} photos")
    original, began = load_original(), time.monotonic()

    def step(done: int, of: int, loss: float) -> None:
        if done % SAID_EVERY == 0:
            left_min = (time.monotonic() - began) / done * (of - done) / 60
            _say(f"step {done} of {of}, loss {loss:.2f}, {left_min:.0f} min left")

    taught = teach(original, lessons, steps, SEED, step)
    write(taught, out)
    before = out.with_name(f"{out.stem}-before.onnx")
    write(original, before)
    pictures = of_clips(held_out, OF_A_HELD_OUT_CLIP, np.random.default_rng(SEED))
    _report(pictures, before, out)


def _report(pictures: list[Picture], before: Path, now: Path) -> None:
    (rows, beside), (rows_now, beside_now) = (
        found(pictures, Detector(weights, {0: Kind.ANIMAL}, 640, 0.05, close_up_side=320)) for weights in (before, now)
    )
    _say("\n| behaviour | boxes | found before | found now |\n|---|---|---|---|")
    for row, row_now in zip(rows, rows_now, strict=True):
        _say(f"| {row.behaviour} | {row.boxes} | {row.share:.2f} | {row_now.share:.2f} |")
    _say(f"\nBoxes on nothing: {beside:.3f} a picture before, {beside_now:.3f} now.")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
