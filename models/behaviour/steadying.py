"""Let a network go on learning, so that it says the same of the same animal however the scene was rendered.

Its own word on tracks as they were measured is what it learns to say of the same tracks when they are shaken as other
renderings shake them (distillation, after Hinton et al. 2015; the same word on a disturbed input, after Sajjadi et al.
2016, regularization with stochastic transformations and perturbations), and a little what is true.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.behaviour.examples import IGNORED, Example
from models.behaviour.exporting import calibrated
from models.behaviour.learning import BLIND, rounds, weights_of
from models.behaviour.shaking import Shake, drawn
from models.behaviour.temporal import Committee, Extended, TemporalNetwork
from models.behaviour.variation import at_tempo, drawn_tempo, steps_at_tempo, varied
from pipeline.behaviour.cues import mirrored

logger = logging.getLogger(__name__)

EPOCHS = 20  # rounds over the examples
RATE = 1e-3  # highest learning rate
TRUTH = 0.3  # weight of what is true beside what the network said
VARIED = 0.5  # chance that a track is varied as in learning, and that it has another tempo

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """One track, as it was measured and shaken."""

    cues: Floats  # (n, len(CUES))
    look: Floats  # (n, LOOK), reduced
    shaken_cues: Floats
    shaken_look: Floats
    labels: NDArray[np.int64]  # (n,)


def steadied(
    network: Committee,
    examples: Sequence[Example],
    held: Sequence[Example],
    codes: Sequence[str],
    shakes: Sequence[Shake],
    seed: int,
    epochs: int = EPOCHS,
) -> Committee:
    """The same network, less shaken and calibrated anew; of tracks that look strange it says what it said before.

    What shakes simulated animals' cues is not what shakes real ones': of these it would know less, and be no steadier.
    Of an extended one the networks beside it stay as they are: taught likewise, they waver more between renderings.

    Args:
        network: calibrated.
        examples: to go on learning from; labels are positions in `codes`.
        held: likewise, of other cameras, to calibrate on.
        codes: the behaviours that it names, in the order of its outputs.
        shakes: at least one.
        seed: the same seed, examples and shakes give the same networks.
        epochs: rounds over the examples.
    """
    torch.set_num_threads(1)  # steps are so small that sharing them out costs more than it saves
    known = network.networks[0].behaviours
    places = np.where(np.arange(len(codes)) < known, np.arange(len(codes)), IGNORED)
    examples, held = ([one.relabelled(places) for one in part] for part in (examples, held))
    teacher = Committee(list(network.networks), network.temperature).eval()
    material = _Material(teacher, examples, codes[:known], shakes)
    steady = calibrated(_learned(teacher, material, weights_of(examples, known), seed, epochs), held)
    before = teacher if network.before is None else network.before
    steady = Committee(list(steady.networks), steady.temperature, before).eval()
    return Extended(steady, network.further).eval() if isinstance(network, Extended) else steady


class _Material:
    """Examples with what the committee makes of their looks, ready to be shown."""

    def __init__(
        self, network: Committee, examples: Sequence[Example], codes: Sequence[str], shakes: Sequence[Shake]
    ) -> None:
        first = network.networks[0]
        self._examples, self._shakes = examples, shakes
        self._components = first.components.numpy()
        with torch.no_grad():
            self._looks = [first.look(torch.tensor(one.cues.embedding[None]))[0].numpy() for one in examples]
        most = [Counter(one.labels[one.labels >= 0].tolist()).most_common(1) for one in examples]
        self._behaviours = [codes[counted[0][0]] if counted else None for counted in most]

    def __len__(self) -> int:
        return len(self._examples)

    def shown(self, place: int, random: np.random.Generator) -> _Shown:
        """One example, mirrored, varied and at another tempo as it may be, and the same shaken."""
        example = self._examples[place]
        values = mirrored(example.cues.values) if random.random() < 0.5 else example.cues.values
        tempo = drawn_tempo(random) if random.random() < VARIED else 1.0
        steps = steps_at_tempo(len(values), tempo)
        values = values[steps]
        cues = varied(at_tempo(values, tempo), random) if random.random() < VARIED else values
        look = self._looks[place][steps] * np.float32(random.random() > BLIND)
        by_cues, by_embedding = drawn(self._shakes, self._behaviours[place], len(steps), random)
        is_left_out = (cues == 0) & (values != 0)
        is_seen = np.abs(look).sum(axis=1, keepdims=True) > 0
        shaken_look = look + (by_embedding @ self._components) * is_seen
        return _Shown(cues, look, np.where(is_left_out, 0, cues + by_cues), shaken_look, example.labels[steps])


def _learned(teacher: Committee, material: _Material, weight: Tensor, seed: int, epochs: int) -> Committee:
    """The teacher's members after they went on learning."""
    members = []
    for number, member in enumerate(teacher.networks):
        torch.manual_seed(seed + number)
        random = np.random.default_rng(seed + number)
        student = deepcopy(member)

        def loss(
            batch: NDArray[np.int64], student: TemporalNetwork = student, random: np.random.Generator = random
        ) -> Tensor:
            return _loss(student, teacher, [material.shown(place, random) for place in batch], weight)

        for epoch, mean in enumerate(rounds(student, len(material), loss, epochs, RATE, 0.01, random), start=1):
            done = f"round {epoch} of {epochs}"
            logger.info("network %d of %d, %s: loss %.3f", number + 1, len(teacher.networks), done, mean)
        members.append(student.eval())
    return Committee(members, teacher.temperature).eval()


def _loss(student: TemporalNetwork, teacher: Committee, shown: Sequence[_Shown], weight: Tensor) -> Tensor:
    """How far the student's word on shaken tracks is from the teacher's on steady ones, and from the truth."""
    cues, look, shaken_cues, shaken_look = (
        _padded([getattr(one, name) for one in shown], 0.0) for name in ("cues", "look", "shaken_cues", "shaken_look")
    )
    labels = _padded([one.labels for one in shown], IGNORED)
    there = _padded([np.ones(len(one.labels), dtype=np.float32) for one in shown], 0.0)
    with torch.no_grad():
        wanted = torch.softmax(teacher.logits(cues, look), dim=2)
    said = torch.log_softmax(student(shaken_cues, shaken_look), dim=2)
    apart = ((wanted * (wanted.clamp(1e-9).log() - said)).sum(dim=2) * there).sum() / there.sum()
    untrue = torch.nn.functional.nll_loss(said.flatten(0, 1), labels.flatten(), weight, ignore_index=IGNORED)
    return apart + TRUTH * torch.nan_to_num(untrue)


def _padded(tracks: Sequence[NDArray[np.generic]], filling: float) -> Tensor:
    """Tracks of unequal length as one tensor."""
    return torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(np.ascontiguousarray(one)) for one in tracks], batch_first=True, padding_value=filling
    )
