"""Learn anew from what ships and what people said, and let the better network win.

The comparison is on cameras that nothing was learned from, with the same labels for both. Every network that was made
stays in the archive's `models` folder under its date, with a JSON that says what it learned from and how it did.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

import numpy as np

from models.behaviour.cameras import CALIBRATED_SHARE, Parts, cameras_of, place_of, split_by_camera
from models.behaviour.comparing import name_clip
from models.behaviour.examples import Example, examples_of
from models.behaviour.exporting import calibrated, write_network
from models.behaviour.learning import EPOCHS, learn
from models.behaviour.measured import Measured
from models.behaviour.replacing import keep_under_its_date, put_in_use, write_account
from models.behaviour.shared_examples import SharedExamples
from models.evaluate.behaviour.scores import Estimate, Scores
from models.evaluate.behaviour.scoring import macro_f1_draws, score
from pipeline.behaviour.classifier import Classifier
from pipeline.behaviour.ethogram import UNKNOWN, Ethogram
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.behaviour.weights import FOLDER
from pipeline.behaviour.where_sure import as_used
from pipeline.errors import StoreError
from pipeline.settings import BehaviourSettings

SURE = 0.9  # share of the bootstrap's samples in which the new network must do better to replace the one in use
DRAWS = 1000
MOST_REPEATS = 8  # of people's examples in a round, while the simulated ones outnumber them
LEAST_OF_A_BEHAVIOUR = 10  # labelled bouts to learn from, for a behaviour that no simulated example shows

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Contest:
    """How two classifiers did on the same clips."""

    in_use: Scores
    retrained: Scores
    difference: Estimate  # of macro-F1, the retrained less the one in use; paired, with its 95 % interval
    better_share: float  # of the bootstrap's samples in which the retrained one did better

    @property
    def is_better(self) -> bool:
        """Whether the retrained one is to replace the other."""
        return (self.difference.value or 0.0) > 0 and self.better_share >= SURE


@dataclass(frozen=True, slots=True, eq=False)
class Retraining:
    """What came of a training."""

    network: Path  # under its date
    contest: Contest
    codes: tuple[str, ...]  # that the new network can name
    parts: Parts
    replaced: bool

    @property
    def not_learned(self) -> dict[str, int]:
        """The behaviours that people labelled and the network cannot name, with their labels to learn from."""
        said = Counter(bout.behaviour for clip in self.parts.learned for bout in clip.bouts)
        clips = chain(self.parts.learned, self.parts.calibrated, self.parts.compared)
        every = {bout.behaviour for clip in clips for bout in clip.bouts}
        return {code: said[code] for code in sorted(every - set(self.codes))}


def retrain(
    clips: Sequence[Measured],
    shared: SharedExamples,
    archive: Path,
    in_use: Classifier,
    settings: BehaviourSettings,
    ethogram: Ethogram,
    *,
    now: datetime,
    seed: int,
    epochs: int = EPOCHS,
    step: Step | None = None,
) -> Retraining:
    """Learn a network, compare it with the one in use, and put it into the archive; in use only if it is better.

    Args:
        clips: labelled by people.
        shared: the simulated examples.
        archive: its folder.
        in_use: what the nightly run uses now.
        settings: shortest bout, least probability, how sure a network has to be.
        ethogram: the park's: neither network names what it lacks or has switched off.
        now: aware; the network's date.
        seed: the same seed, labels and examples give the same network on one machine.
        epochs: rounds over the examples.
        step: told how many rounds are done, of how many.

    Raises:
        ConfigError: there are too few cameras or labels.
        StoreError: the archive's folder of networks cannot be written.
    """
    parts = split_by_camera(clips)
    codes = codes_with(shared.codes, parts.learned)
    examples, spared = material(parts, shared, codes)
    committee = calibrated(learn(examples, len(codes), seed, epochs, step), spared)
    path = archive / FOLDER / f"behaviour-{now:%Y%m%d-%H%M%S}.onnx"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_network(committee, codes, shared.shortest_s, _embedding(shared.examples), path)
        retrained = as_used(BehaviourNetwork(path), settings.sure_from)
        contest = compete(parts.compared, in_use, retrained, settings, ethogram)
        came = Retraining(path, contest, codes, parts, contest.is_better)
        how = {"made_at": now, "seed": seed, "epochs": epochs, "simulated_tracks": len(shared.examples)}
        write_account(how | _account(came), path)
        if came.replaced:
            keep_under_its_date(archive, now)
            put_in_use(path, archive)
    except OSError as error:
        raise StoreError(
            f"cannot write to {path.parent}: {error.strerror or error}; the network in use stays: make room, and"
            " train again"
        ) from error
    return came


def compete(
    clips: Sequence[Measured],
    in_use: Classifier,
    retrained: Classifier,
    settings: BehaviourSettings,
    ethogram: Ethogram,
) -> Contest:
    """Compare two classifiers on the same clips by macro-F1, with a bootstrap that draws the same videos for both.

    Args:
        clips: labelled; neither may have learned from their cameras.
        in_use: the one to beat.
        retrained: the other.
        settings: shortest bout, least probability.
        ethogram: the park's.

    Raises:
        ValueError: no track of the clips is labelled.
    """
    scores, samples = [], []
    for classify in (in_use, retrained):
        named = [name_clip(clip, classify, settings, ethogram=ethogram) for clip in clips]
        true, said = [b for one in named for b in one.true], [b for one in named for b in one.predicted]
        scores.append(score(true, said, draws=DRAWS))
        samples.append(macro_f1_draws(true, said, draws=DRAWS))
    old, new = (one.macro_f1.value for one in scores)
    value = None if old is None or new is None else new - old
    if value is None or samples[0] is None or samples[1] is None:
        return Contest(scores[0], scores[1], Estimate(value), 0.0)
    differences = samples[1] - samples[0]
    differences = differences[~np.isnan(differences)]  # a sample may hold no behaviour
    low, high = (float(edge) for edge in np.quantile(differences, [0.025, 0.975]))
    return Contest(scores[0], scores[1], Estimate(value, low, high), float((differences > 0).mean()))


def codes_with(known: Sequence[str], learned: Sequence[Measured]) -> tuple[str, ...]:
    """The behaviours that are known already, and those of the park's own that people labelled often; `unknown` last.

    Args:
        known: that the simulated examples tell apart.
        learned: people's clips to learn from.
    """
    said = [bout.behaviour for clip in learned for bout in clip.bouts]
    own = sorted({code for code in said if code not in known and said.count(code) >= LEAST_OF_A_BEHAVIOUR})
    return (*(code for code in known if code != UNKNOWN), *own, UNKNOWN)


def material(parts: Parts, shared: SharedExamples, codes: tuple[str, ...]) -> tuple[list[Example], list[Example]]:
    """What to learn from, and what is spared to calibrate beliefs on; no camera is in both.

    People's examples are repeated until they weigh about as much as the simulated ones, but not too often.

    Args:
        parts: people's clips; those to compare on are not touched.
        shared: the simulated examples.
        codes: what labels stand for from now on.
    """
    size = _embedding(shared.examples)
    simulated = [relabelled(one, shared.codes, codes) for one in shared.examples]
    cameras = sorted({one.camera for one in simulated}, key=place_of)
    apart = set(cameras[: max(1, sum(place_of(camera) < CALIBRATED_SHARE for camera in cameras))])
    learned = [one for one in simulated if one.camera not in apart]
    spared = [one for one in simulated if one.camera in apart]
    theirs = [
        one if one.cues.embedding.shape[1] == size else one.without_look(size)
        for every in (1, 2)
        for one in examples_of(parts.learned, codes, every)
        if (one.labels >= 0).any()
    ]
    steps, known = (sum(int((one.labels >= 0).sum()) for one in some) for some in (learned, theirs))
    repeats = int(np.clip(round(steps / max(known, 1)), 1, MOST_REPEATS))
    spared += [
        one if one.cues.embedding.shape[1] == size else one.without_look(size)
        for one in examples_of(parts.calibrated, codes)
    ]
    return learned + theirs * repeats, spared


def relabelled(example: Example, before: Sequence[str], codes: Sequence[str]) -> Example:
    """The same example with labels that are positions in other codes.

    Args:
        example: to be changed.
        before: what its labels stand for; each of them is among `codes`.
        codes: what they are to stand for.
    """
    return example.relabelled(np.array([codes.index(code) for code in before], dtype=np.int64))


def _embedding(examples: Sequence[Example]) -> int:
    return int(examples[0].cues.embedding.shape[1])


def _account(came: Retraining) -> dict[str, object]:
    contest, parts = came.contest, came.parts
    return {
        "behaviours": came.codes,
        "people": {
            "learned": _facts(parts.learned),
            "calibrated": _facts(parts.calibrated),
            "compared": _facts(parts.compared),
        },
        "in_use": contest.in_use,
        "retrained": contest.retrained,
        "difference_of_macro_f1": contest.difference,
        "better_share": contest.better_share,
        "replaced": came.replaced,
    }


def _facts(clips: Sequence[Measured]) -> dict[str, object]:
    bouts = list(chain.from_iterable(clip.bouts for clip in clips))
    said = [bout.behaviour for bout in bouts]
    return {
        "cameras": cameras_of(clips),
        "videos": sorted(clip.clip for clip in clips),
        "bouts": {code: said.count(code) for code in sorted(set(said))},
    }
