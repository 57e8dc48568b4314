"""Examples from scenes that were simulated without pictures: many times cheaper, and rougher, than following a clip.

The detector and the linker are left out: boxes are the true ones, disturbed about as much as a detector disturbs them.
Looks come from pictures that are drawn here from the true outlines and joints, flat and without any coat, and go
through the same code as real ones. Embeddings are missing. So what is learned from these is motion, shape, outline and
company; what animals look like must be learned from clips that were followed.
"""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.behaviour.measured import Measured, true_bouts
from models.simulate.silhouette import decode
from pipeline.behaviour.cues import RATE_HZ
from pipeline.tracking.follow import next_due
from pipeline.tracking.looks import Backdrop, Box, Look, look_at, silhouette
from pipeline.values import Array, Looks, Samples

WIDE = 320  # pixels, as wide as the pipeline's own small pictures
LEAST_SEEN = 0.3  # share of an animal that must be visible for a detector to find it
MISSED = 0.06  # chance that the detector misses an animal in one picture
LEAST_SAMPLES = 6
JITTER, DRIFT = 0.012, 0.03  # of a box's sides: from picture to picture, and slowly
_NOISE = 3.0  # grey levels


def measure_outlines(truth: Path, seed: int = 0) -> Measured:
    """What the pipeline might have measured of a scene of which only the truth is there.

    Args:
        truth: the JSON of a scene simulated without shading.
        seed: of the disturbances.
    """
    tree = json.loads(truth.read_text(encoding="utf-8"))
    random = np.random.default_rng([seed, int(tree["seed"])])
    times = np.array(tree["video"]["times_s"])
    chosen = _looked_at(times)
    greys = _draw(tree, chosen, random)
    found = [_boxes(animal, chosen, random) for animal in tree["animals"]]
    backdrop = Backdrop()
    for index, grey in zip(chosen, greys, strict=True):
        backdrop.offer(float(times[index]), grey)
    place = {float(times[index]): number for number, index in enumerate(chosen)}
    kept = [place[float(t)] for t in backdrop.times]
    scene = backdrop.scene([[boxes[number] for boxes in found if number in boxes] for number in kept])
    samples, owners = [], []
    for animal, boxes in enumerate(found):
        if len(boxes) >= LEAST_SAMPLES:
            samples.append(_samples(times[chosen], boxes, greys, scene))
            owners.append(np.full(len(boxes), animal, dtype=np.int64))
    video = tree["video"]
    return Measured(
        clip=str(tree["clip"]),
        camera=int(tree["camera"]),
        light=str(tree["light"]),
        split=str(tree["split"]),
        subject=str(tree["subject"]),
        fps=float(video["fps"]),
        duration_s=float(times[-1]),
        aspect=video["width"] / video["height"],
        samples=tuple(samples),
        owner=tuple(owners),
        bouts=true_bouts(tree["animals"]),
    )


def _looked_at(times: Array) -> list[int]:
    """The pictures at which the pipeline would have looked."""
    chosen, due = [], 0.0
    for index, t in enumerate(times):
        if t >= due - 1e-3:
            chosen.append(index)
            due = next_due(due, float(t), RATE_HZ)
    return chosen


def _draw(tree: dict[str, Any], chosen: list[int], random: np.random.Generator) -> list[NDArray[np.uint8]]:
    """One small grey picture for each chosen frame: outlines on a rough floor, with a mark at every joint."""
    width, height = tree["video"]["width"], tree["video"]["height"]
    size = (WIDE, round(WIDE * height / width))
    coarse = random.normal(0, 1, (size[1] // 4 + 2, size[0] // 4 + 2)).astype(np.float32)
    floor = 95 + 14 * cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    tones = [float(random.choice([-1, 1]) * random.uniform(15, 60)) for _ in tree["animals"]]
    marks = [{name: float(random.normal(0, 30)) for name in animal["joints"]} for animal in tree["animals"]]
    greys = []
    for index in chosen:
        picture = np.asarray(floor, dtype=np.float32).copy()
        for animal, tone, mark in zip(tree["animals"], tones, marks, strict=True):
            _draw_animal(picture, animal, index, (height, width), tone, mark)
        noisy = picture + random.normal(0, _NOISE, picture.shape)
        greys.append(noisy.clip(0, 255).astype(np.uint8))
    return greys


def _draw_animal(
    picture: NDArray[np.float32],
    animal: dict[str, Any],
    index: int,
    shape: tuple[int, int],
    tone: float,
    marks: dict[str, float],
) -> None:
    outline = animal["silhouettes"][index]
    if outline is None or animal["boxes"][index] is None:
        return
    size = (picture.shape[1], picture.shape[0])
    mask = cv2.resize(decode(outline, *shape).astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    look = np.full(picture.shape, 100 + tone, dtype=np.float32)
    radius = max(round(0.09 * animal["boxes"][index][2] * size[0]), 2)
    for name, places in animal["joints"].items():
        if places[index] is not None:
            x, y, _ = places[index]
            cv2.circle(look, (round(x * size[0]), round(y * size[1])), radius, 100 + tone + marks[name], -1)
    picture[mask] = cv2.GaussianBlur(look, (0, 0), 1.2)[mask]


def _boxes(animal: dict[str, Any], chosen: list[int], random: np.random.Generator) -> dict[int, Box]:
    """The disturbed box in each picture in which a detector would have found the animal, by the picture's number."""
    drift = random.normal(0, DRIFT, 4)
    found: dict[int, Box] = {}
    for number, index in enumerate(chosen):
        box = animal["boxes"][index]
        drift = 0.9 * drift + random.normal(0, DRIFT * np.sqrt(1 - 0.9**2), 4)
        if box is None or animal["visible_share"][index] < LEAST_SEEN or random.random() < MISSED:
            continue
        x, y, w, h = box
        left, top, right, bottom = (drift + random.normal(0, JITTER, 4)) * np.array([w, h, w, h])
        corners = np.clip([x + left, y + top, x + w + right, y + h + bottom], 0, 1)
        wide, high = corners[2] - corners[0], corners[3] - corners[1]
        if wide > 0.01 and high > 0.01:
            found[number] = (float(corners[0]), float(corners[1]), float(wide), float(high))
    return found


def _samples(
    times: Array, boxes: dict[int, Box], greys: list[NDArray[np.uint8]], scene: NDArray[np.float32]
) -> Samples:
    numbers = sorted(boxes)
    seen: list[Look] = []
    for number in numbers:
        before = greys[number - 1] if number else None
        step = float(times[number] - times[number - 1]) if number else 0.0
        seen.append(look_at(greys[number], boxes[number], before, step))
    motion = np.stack([look.motion for look in seen]).astype(float)
    outlines = [silhouette(look.picture, scene, boxes[number]) for look, number in zip(seen, numbers, strict=True)]
    return Samples(
        t=times[numbers],
        boxes=np.array([boxes[number] for number in numbers]),
        seen=np.ones(len(numbers), dtype=bool),
        inner_motion=motion[:, 0].mean(axis=(1, 2)),
        sharpness=np.full(len(numbers), 0.5),
        looks=Looks(
            silhouette=np.stack(outlines).astype(float),
            change=motion[:, 0],
            flow=motion[:, 1:].transpose(0, 2, 3, 1),
            embedding=np.zeros((len(numbers), 0), dtype=np.float16),
        ),
    )
