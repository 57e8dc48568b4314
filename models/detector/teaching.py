"""Let a YOLOX network go on learning from labelled pictures, held by what it says of real photos."""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.detector.pictures import Picture
from models.detector.varying import Size, fitted, varied

RATE = 3e-4  # highest learning rate, of the head
NECK = 0.4  # times it, of the neck
WARM_UP = 40  # steps until it is reached
KEPT = 0.997  # of the mean of the weights so far, at each step
LABELLED, EMPTY, REAL = 7, 2, 5  # pictures a step
SMALL = 0.2  # chance that they are half as large, as in the detector's second look; twice as many then
HARD = frozenset({"claw", "groom_other", "mating", "play"})  # pictures of these are drawn twice as often
GREYS, PHOTO_GREYS = 0.25, 0.5  # shares of the pictures that turn grey; of clips half are grey as they are
EMPTY_WEIGHT, HELD_WEIGHT = 0.5, 2.0
FAINT = 4.0  # sum of the scores of a picture's boxes below which its difference is not divided by it
SIZES: tuple[Size, Size] = ((384, 640), (512, 640))  # of pictures as wide as a trap's, and of others

Step = Callable[[int, int, float], None]  # steps done, steps in all, loss of the labelled pictures
Features = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What to learn from."""

    labelled: Sequence[Picture]  # with boxes
    empty: Sequence[Picture]  # simulated scenes without anything to be boxed
    photos: Sequence[Picture]  # real ones, of which the network says what it said before


def teach(original: Any, lessons: Lessons, steps: int, seed: int, step: Step | None = None) -> Any:
    """The network after learning; its backbone stays as it was.

    Labelled pictures count by YOLOX's own loss (https://arxiv.org/abs/2107.08430, SimOTA). Of photos the divergence
    (Kullback & Leibler 1951) of objectness and class counts, over all cells, and how far boxes move where there was
    one: distillation after Hinton et al. 2015, used to keep what a network could do as by Li & Hoiem 2016. What is
    given back is the moving mean of the weights.

    Args:
        original: as `models.build.detector.load_original` gives it; it stays as it is.
        lessons: the pictures.
        steps: how many, of 14 pictures.
        seed: the same seed and lessons give the same network on the same machine.
        step: told how far it is.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    network = _learning(original)
    neck = [weights for name, weights in network.backbone.named_parameters() if not name.startswith("backbone.")]
    head = list(network.head.parameters())
    optimizer = torch.optim.AdamW([{"params": neck}, {"params": head}], lr=RATE, weight_decay=1e-4)
    weights = [2.0 if HARD & set(picture.behaviours) else 1.0 for picture in lessons.labelled]
    mean = {name: value.clone() for name, value in network.state_dict().items()}
    for number in range(steps):
        rate = RATE * min(1.0, (number + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * number / steps)) + RATE / 75
        optimizer.param_groups[0]["lr"], optimizer.param_groups[1]["lr"] = rate * NECK, rate
        optimizer.zero_grad()
        loss = _boxing(network, *_drawn(lessons.labelled, weights, LABELLED, chance, GREYS))
        torch.autograd.backward(loss)  # one by one, since three batches at once would take three times the memory
        empty, _ = _drawn(lessons.empty, None, EMPTY, chance, GREYS)
        torch.autograd.backward(EMPTY_WEIGHT * _nothing(network, empty))
        photos, _ = _drawn(lessons.photos, None, REAL, chance, PHOTO_GREYS)
        torch.autograd.backward(HELD_WEIGHT * _said_otherwise(network, original, photos))
        nn.utils.clip_grad_norm_(neck + head, 10.0)
        optimizer.step()
        _average(mean, network, min(KEPT, (number + 1) / (number + 10)))
        if step:
            step(number + 1, steps, float(loss.detach()))
    network.load_state_dict(mean)
    return network.eval()


def _learning(original: Any) -> Any:
    """A copy whose neck and head learn; its normalisation keeps the means that it has."""
    network = copy.deepcopy(original)
    network.head.use_l1 = False
    for weights in network.backbone.backbone.parameters():
        weights.requires_grad_(False)
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    return network


def _average(mean: dict[str, Tensor], network: nn.Module, kept: float) -> None:
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.dtype.is_floating_point:
                mean[name].mul_(kept).add_(value, alpha=1 - kept)


def _drawn(
    pictures: Sequence[Picture], weights: list[float] | None, count: int, chance: np.random.Generator, greys: float
) -> tuple[Tensor, Tensor]:
    """A batch of varied pictures of one size, and their boxes as YOLOX takes them.

    Returns:
        (n, 3, h, w) blue, green, red, 0..255, and (n, most, 5) class, centre x, centre y, width, height in pixels, 0
        where a picture has fewer.
    """
    small = chance.random() < SMALL
    shares = None if weights is None else np.array(weights) / sum(weights)
    numbers = chance.choice(len(pictures), count * (2 if small else 1), p=shares)
    by_size: dict[Size, list[Picture]] = {}
    for number in numbers:
        picture = varied(pictures[number], chance, greys=greys)
        height, width = picture.pixels.shape[:2]
        rows, columns = SIZES[height > 0.7 * width]
        size = (rows // 2, columns // 2) if small else (rows, columns)
        by_size.setdefault(size, []).append(fitted(picture, size))
    batch = max(by_size.values(), key=len)
    boxes = torch.zeros(len(batch), max(1, *(len(picture.boxes) for picture in batch)), 5)
    for row, picture in zip(boxes, batch, strict=True):
        corners = torch.tensor(picture.boxes, dtype=torch.float32)
        row[: len(corners), 1:3] = (corners[:, :2] + corners[:, 2:]) / 2
        row[: len(corners), 3:] = corners[:, 2:] - corners[:, :2]
    pixels = np.stack([picture.pixels.transpose(2, 0, 1) for picture in batch])
    return torch.from_numpy(pixels).float(), boxes


def _boxing(network: Any, pixels: Tensor, boxes: Tensor) -> Tensor:
    """YOLOX's loss."""
    loss: Tensor = network.head(network.backbone(pixels), boxes, pixels)[0]
    return loss


def _nothing(network: Any, pixels: Tensor) -> Tensor:
    """How much is boxed in pictures that are empty."""
    objectness = _raw(network, network.backbone(pixels))[:, 4]
    zeros = torch.zeros_like(objectness)
    return functional.binary_cross_entropy_with_logits(objectness, zeros, reduction="sum") / len(pixels) / 2


def _said_otherwise(network: Any, original: Any, pixels: Tensor) -> Tensor:
    """How far the network's answers lie from the original's."""
    with torch.no_grad():
        before = _raw(original, original.backbone(pixels))
    now = _raw(network, network.backbone(pixels))
    score = before[:, 4].sigmoid() * before[:, 5].sigmoid()
    boxes = ((now[:, :4] - before[:, :4]).abs().mean(dim=1) * score).sum()
    kind = _divergence(now[:, 5], before[:, 5]) * before[:, 4].sigmoid().clamp(min=0.02)
    there = _divergence(now[:, 4], before[:, 4]).sum() + kind.sum()
    return (2 * there + boxes) / score.sum().clamp(min=FAINT)


def _divergence(now: Tensor, before: Tensor) -> Tensor:
    """Kullback-Leibler divergence of two-way beliefs, from their logits."""
    entropy = functional.binary_cross_entropy_with_logits(before, before.sigmoid(), reduction="none")
    return functional.binary_cross_entropy_with_logits(now, before.sigmoid(), reduction="none") - entropy


def _raw(network: Any, features: Features) -> Tensor:
    """(n, 6, cells) what the head says before it is turned into boxes and scores: four of the box, then two logits."""
    head, levels = network.head, []
    for level, feature in enumerate(features):
        stem = head.stems[level](feature)
        boxes, kinds = head.reg_convs[level](stem), head.cls_convs[level](stem)
        said = (head.reg_preds[level](boxes), head.obj_preds[level](boxes), head.cls_preds[level](kinds))
        levels.append(torch.cat(said, dim=1).flatten(start_dim=2))
    return torch.cat(levels, dim=2)
