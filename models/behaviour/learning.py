"""Learn a temporal network from examples, with the domain randomised beyond what the simulator varies."""

import logging
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.behaviour.examples import IGNORED, Example
from models.behaviour.temporal import LOOK, SPAN, Committee, Scale, TemporalNetwork, share_beside
from models.behaviour.variation import at_tempo, drawn_tempo, steps_at_tempo, varied
from pipeline.behaviour.cues import CUES, mirrored

logger = logging.getLogger(__name__)

EPOCHS = 40  # rounds over the examples
RATE = 4e-3  # highest learning rate
BATCH = 32
BLIND = 0.5  # chance that it goes without what the species network saw of it: of real animals that sees other things
SMOOTHNESS = 0.1  # weight of sudden changes of belief, after the truncated loss of Farha & Gall 2019 (MS-TCN)
MEMBERS = 3
FAMILIAR = 0.95  # share of the tracks of cameras that were not learned from whose looks are to be familiar
REDUCED = 0.2  # share of a track's features beside the main components below which they were kept reduced; whole ones
# have 0.36 and more on 414 simulated clips

Step = Callable[[int, int], None]  # rounds over the examples done so far, and in all


def learn(
    examples: Sequence[Example],
    behaviours: int,
    seed: int,
    epochs: int = EPOCHS,
    step: Step | None = None,
    scale: Scale | None = None,
    balanced: bool = True,
) -> Committee:
    """A committee of networks, not yet calibrated.

    Args:
        examples: to learn from.
        behaviours: how many the labels tell apart.
        seed: the same seed and examples give the same networks.
        epochs: rounds over the examples.
        step: told how far it is.
        scale: of the examples, where it is known already.
        balanced: rare behaviours count for more; otherwise they are believed in as often as the examples show them.
    """
    torch.set_num_threads(1)  # steps are so small that sharing them out costs more than it saves
    scale = scale or scale_of(examples)
    weight = weights_of(examples, behaviours, balanced)
    members = []
    for number in range(MEMBERS):

        def done(epoch: int, so_far: int = number * epochs) -> None:
            if step:
                step(so_far + epoch, MEMBERS * epochs)

        members.append(_member(examples, scale, weight, seed + number, epochs, done))
    return Committee(members, 1.0).eval()


def scale_of(examples: Sequence[Example]) -> Scale:
    """Means, spreads and principal components of the examples, and from when on a track's looks are strange.

    That is, farther beside the main components than 95 % of the tracks lie beside those of the other half of the
    cameras: how far a track of a camera that was not learned from may lie. Tracks whose looks were kept reduced
    (`models.behaviour.shared_examples`) lie within them by construction and do not count.
    """
    cues = np.concatenate([example.cues.values for example in examples]).astype(np.float64)
    looks = _looks(examples)
    mean, values, axes = _principal(looks)
    spread = values[:LOOK] / np.sqrt(max(len(looks) - 1, 1))
    return Scale(
        cue_mean=_float(cues.mean(axis=0)),
        cue_spread=_float(np.maximum(cues.std(axis=0), 0.05)),
        look_mean=_float(mean),
        components=_float(axes[:LOOK].T / np.maximum(spread, 1e-6)),
        span=_float(axes[:SPAN].T),
        strange_from=_strange_from(examples),
    )


def _looks(examples: Sequence[Example]) -> NDArray[np.float64]:
    looks = np.concatenate([example.cues.embedding[::3] for example in examples]).astype(np.float64)
    return np.asarray(looks[np.abs(looks).sum(axis=1) > 0])


def _principal(looks: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The mean of (n, e) features, their singular values, and the directions that these belong to, a row each."""
    mean = looks.mean(axis=0)
    _, values, axes = np.linalg.svd(looks - mean, full_matrices=False)
    return mean, values, axes


def _strange_from(examples: Sequence[Example]) -> Tensor:
    beside: list[float] = []
    for half in (0, 1):
        looks = _looks([one for one in examples if one.camera % 2 != half] or examples)
        mean, _, axes = _principal(looks)
        middle, span = _float(mean), _float(axes[:SPAN].T)
        own = (torch.tensor(one.cues.embedding[None]) for one in examples if one.camera % 2 == half)
        beside += [float(share_beside(look, middle, span)) for look in own]
    whole = [share for share in beside if share > REDUCED]
    return torch.tensor(np.quantile(whole, FAMILIAR) if whole else 1.0, dtype=torch.float32)


def _float(values: NDArray[np.float64]) -> Tensor:
    return torch.tensor(np.ascontiguousarray(values), dtype=torch.float32)


def weights_of(examples: Sequence[Example], behaviours: int, balanced: bool = True) -> Tensor:
    """(behaviours,) how much each counts, 1 on average; one that no label tells of counts for nothing.

    Args:
        examples: to learn from.
        behaviours: how many the labels tell apart.
        balanced: rare behaviours count for more; otherwise all count alike.
    """
    counts = np.bincount(np.concatenate([e.labels[e.labels >= 0] for e in examples]), minlength=behaviours)
    rarity = (counts.sum() / np.maximum(counts, 1)) ** (0.5 if balanced else 0.0)
    weight = torch.tensor(np.where(counts > 0, rarity, 0), dtype=torch.float32)
    return weight / weight.mean()


def _member(
    examples: Sequence[Example],
    scale: Scale,
    weight: Tensor,
    seed: int,
    epochs: int,
    done: Callable[[int], None],
) -> TemporalNetwork:
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = TemporalNetwork(scale, len(weight))
    judge = torch.nn.CrossEntropyLoss(weight, ignore_index=IGNORED, label_smoothing=0.05)
    with torch.no_grad():
        looks = [network.look(torch.tensor(e.cues.embedding[None]))[0].numpy() for e in examples]

    def loss(batch: NDArray[np.int64]) -> Tensor:
        cues, look, labels = _batch([examples[i] for i in batch], [looks[i] for i in batch], random)
        logits = network(cues, look)
        wrong: Tensor = judge(logits.flatten(0, 1), labels.flatten())
        return wrong + SMOOTHNESS * _jumps(logits)

    for epoch, mean in enumerate(rounds(network, len(examples), loss, epochs, RATE, 0.02, random), start=1):
        done(epoch)
        if epoch % 10 == 0:
            logger.info("epoch %d: loss %.3f", epoch, mean)
    return network.eval()


def rounds(
    network: TemporalNetwork,
    examples: int,
    loss: Callable[[NDArray[np.int64]], Tensor],
    epochs: int,
    rate: float,
    decay: float,
    random: np.random.Generator,
) -> Iterator[float]:
    """Lets a network learn; after each round over the examples the batches' mean loss.

    Args:
        network: is changed, and left as it is while learning.
        examples: how many there are.
        loss: of the examples at these places.
        epochs: rounds.
        rate: the highest learning rate, which is risen to and sunk from.
        decay: of the weights, 0..1.
        random: draws the order.
    """
    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    batches = max(examples // BATCH, 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=epochs * batches)
    for _ in range(epochs):
        total = 0.0
        for batch in np.array_split(random.permutation(examples), batches):
            lost = loss(batch)
            optimiser.zero_grad()
            torch.autograd.backward(lost)
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            total += float(lost.detach())
        yield total / batches


def _jumps(logits: Tensor) -> Tensor:
    steps = torch.log_softmax(logits, dim=2).diff(dim=1).clamp(-4, 4)
    return (steps**2).mean()


def _batch(
    examples: Sequence[Example], looks: Sequence[NDArray[np.float32]], random: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    shown = [_shown(example, seen, random) for example, seen in zip(examples, looks, strict=True)]
    longest = max(len(labels) for _, _, labels in shown)
    cues = np.zeros((len(examples), longest, len(CUES)), dtype=np.float32)
    look = np.zeros((len(examples), longest, LOOK), dtype=np.float32)
    labels = np.full((len(examples), longest), IGNORED, dtype=np.int64)
    for row, (own_cues, own_look, own_labels) in enumerate(shown):
        n = len(own_labels)
        cues[row, :n], look[row, :n], labels[row, :n] = own_cues, own_look, own_labels
    return torch.tensor(cues), torch.tensor(look), torch.tensor(labels)


def _shown(
    example: Example, look: NDArray[np.float32], random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """One track's cues, look and labels as a batch shows them: mirrored, at another tempo, varied, not looked at."""
    values = example.cues.values
    values = mirrored(values) if random.random() < 0.5 else values
    tempo = drawn_tempo(random)
    steps = steps_at_tempo(len(values), tempo)
    values = varied(at_tempo(values[steps], tempo), random)
    seen = look[steps] * (random.random() > BLIND)
    return values, seen + random.normal(0, 0.15, seen.shape).astype(np.float32), example.labels[steps]
