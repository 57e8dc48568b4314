"""Learn a temporal network from examples, with the domain randomised beyond what the simulator varies."""

import logging
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.behaviour.examples import IGNORED, Example
from models.behaviour.temporal import LOOK, Committee, Scale, TemporalNetwork
from pipeline.behaviour.cues import CUES, FAMILIES, mirrored

logger = logging.getLogger(__name__)

EPOCHS = 40
BATCH = 32
FORGOTTEN = 0.25  # chance that a batch's track goes without one family of cues: no family may be indispensable
FORGETTABLE = ("silhouette", "change", "flow", "pairs", "shape")
BLIND = 0.5  # chance that it goes without what the species network saw of it: of real animals that sees other things
GAIN = {"change": 0.5, "flow": 0.3}  # spread of the logarithm by which a camera's noise and fur change what moves
GRAIN = 0.15  # largest change that is seen everywhere where nothing moves but a poor picture's grain
NEARER = {"share of picture": 0.5, "stretch": 0.1, "height": 0.08}  # spread of what another place or build adds
SMOOTHNESS = 0.1  # weight of sudden changes of belief, after the truncated loss of Farha & Gall 2019 (MS-TCN)
MEMBERS = 3
_OF_FAMILY = {family: [CUES.index(name) for name in names] for family, names in FAMILIES.items()}

Step = Callable[[int, int], None]  # rounds over the examples done so far, and in all


def learn(
    examples: Sequence[Example], behaviours: int, seed: int, epochs: int = EPOCHS, step: Step | None = None
) -> Committee:
    """A committee of networks, not yet calibrated.

    Args:
        examples: to learn from.
        behaviours: how many the labels tell apart.
        seed: the same seed and examples give the same networks.
        epochs: rounds over the examples.
        step: told how far it is.
    """
    torch.set_num_threads(1)  # steps are so small that sharing them out costs more than it saves
    scale = scale_of(examples)
    members = []
    for number in range(MEMBERS):

        def done(epoch: int, before: int = number * epochs) -> None:
            if step:
                step(before + epoch, MEMBERS * epochs)

        members.append(_member(examples, scale, behaviours, seed + number, epochs, done))
    return Committee(members, 1.0).eval()


def scale_of(examples: Sequence[Example]) -> Scale:
    """Means, spreads and principal components of the examples."""
    cues = np.concatenate([example.cues.values for example in examples]).astype(np.float64)
    looks = np.concatenate([example.cues.embedding[::3] for example in examples]).astype(np.float64)
    looks = looks[np.abs(looks).sum(axis=1) > 0]
    mean = looks.mean(axis=0)
    _, values, axes = np.linalg.svd(looks - mean, full_matrices=False)
    spread = values[:LOOK] / np.sqrt(max(len(looks) - 1, 1))
    components = axes[:LOOK].T / np.maximum(spread, 1e-6)
    found = (cues.mean(axis=0), np.maximum(cues.std(axis=0), 0.05), mean, components)
    return Scale(*(torch.tensor(value, dtype=torch.float32) for value in found))


def _member(
    examples: Sequence[Example], scale: Scale, behaviours: int, seed: int, epochs: int, done: Callable[[int], None]
) -> TemporalNetwork:
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = TemporalNetwork(scale, behaviours)
    counts = np.bincount(np.concatenate([e.labels[e.labels >= 0] for e in examples]), minlength=behaviours)
    weight = torch.tensor(np.where(counts > 0, (counts.sum() / np.maximum(counts, 1)) ** 0.5, 0), dtype=torch.float32)
    judge = torch.nn.CrossEntropyLoss(weight / weight.mean(), ignore_index=IGNORED, label_smoothing=0.05)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.02)
    batches = max(len(examples) // BATCH, 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * batches)
    network.train()
    with torch.no_grad():
        looks = [network.look(torch.tensor(e.cues.embedding[None]))[0].numpy() for e in examples]
    for epoch in range(epochs):
        order = random.permutation(len(examples))
        total = 0.0
        for batch in np.array_split(order, batches):
            cues, look, labels = _batch([examples[i] for i in batch], [looks[i] for i in batch], random)
            logits = network(cues, look)
            loss = judge(logits.flatten(0, 1), labels.flatten()) + SMOOTHNESS * _jumps(logits)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        done(epoch + 1)
        if epoch % 10 == 9:
            logger.info("epoch %d: loss %.3f", epoch + 1, total / batches)
    return network.eval()


def _jumps(logits: Tensor) -> Tensor:
    steps = torch.log_softmax(logits, dim=2).diff(dim=1).clamp(-4, 4)
    return (steps**2).mean()


def _batch(
    examples: Sequence[Example], looks: Sequence[NDArray[np.float32]], random: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(example.labels) for example in examples)
    cues = np.zeros((len(examples), longest, len(CUES)), dtype=np.float32)
    look = np.zeros((len(examples), longest, LOOK), dtype=np.float32)
    labels = np.full((len(examples), longest), IGNORED, dtype=np.int64)
    for row, (example, seen) in enumerate(zip(examples, looks, strict=True)):
        n = len(example.labels)
        values = example.cues.values
        cues[row, :n] = _varied(mirrored(values) if random.random() < 0.5 else values, random)
        look[row, :n] = seen * (random.random() > BLIND) + random.normal(0, 0.15, seen.shape)
        labels[row, :n] = example.labels
    return torch.tensor(cues), torch.tensor(look), torch.tensor(labels)


def _varied(values: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Cues as a detector with looser boxes and a noisier camera might have given them."""
    result = values * random.normal(1, 0.06, values.shape[1]) + random.normal(0, 0.03, values.shape)
    for family, spread in GAIN.items():
        result[:, _OF_FAMILY[family]] *= np.exp(random.normal(0, spread))
    result[:, _OF_FAMILY["change"]] += random.uniform(0, GRAIN) * (random.random() < 0.5)
    for name, spread in NEARER.items():
        result[:, CUES.index(name)] += random.normal(0, spread)
    for family in FORGETTABLE:
        if random.random() < FORGOTTEN:
            result[:, _OF_FAMILY[family]] = 0
    return np.asarray(result, dtype=np.float32)
