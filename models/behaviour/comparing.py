"""Compare classifiers of behaviour on the same measured clips: tracked time alone, whatever the tracker missed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.behaviour.examples import thinned
from models.behaviour.measured import EITHER, NOBODY, Measured, whose
from models.evaluate.behaviour.scores import Scores
from models.evaluate.behaviour.scoring import score
from models.evaluate.behaviour.values import PredictedBout, TrueBout
from pipeline.behaviour.bouts import name_bouts
from pipeline.behaviour.classifier import Classifier, Scene
from pipeline.behaviour.ethogram import Ethogram, only_enabled
from pipeline.behaviour.features import measure
from pipeline.settings import BehaviourSettings
from pipeline.values import Bout, Samples

SHORTEST_TRACK_S = 0.5

Change = Callable[[Samples], Samples]


@dataclass(frozen=True, slots=True)
class Named:
    """What a classifier said of the tracks of one clip, and what is true of them."""

    true: tuple[TrueBout, ...]
    predicted: tuple[PredictedBout, ...]


def compare(clips: Sequence[Measured], classify: Classifier, settings: BehaviourSettings, every: int = 1) -> Scores:
    """Scores of one classifier.

    Args:
        clips: measured.
        classify: the classifier.
        settings: shortest bout, least probability.
        every: 1 for every picture that was looked at, 2 for every second one, and so on.
    """
    named = [name_clip(clip, classify, settings, every) for clip in clips]
    return score([b for n in named for b in n.true], [b for n in named for b in n.predicted], draws=200)


def name_clip(
    clip: Measured,
    classify: Classifier,
    settings: BehaviourSettings,
    every: int = 1,
    ethogram: Ethogram | None = None,
) -> Named:
    """The bouts of every track of a clip that is an animal's for most of its time.

    Args:
        clip: measured.
        classify: who names them.
        settings: shortest bout, least probability.
        every: as for `compare`.
        ethogram: a park's, whose words alone may be given, as in the nightly run; None: all that the classifier knows.
    """
    samples = tuple(thinned(one, every) for one in clip.samples)
    scene = Scene(samples, tuple(measure(one, clip.aspect) for one in samples), clip.aspect)
    true: list[TrueBout] = []
    predicted: list[PredictedBout] = []
    for number, one in enumerate(samples):
        animal = whose(clip.owner[number])
        if animal == NOBODY or (clip.owner[number] == animal).mean() < 0.5 or one.t[-1] - one.t[0] < SHORTEST_TRACK_S:
            continue
        bouts = _named(scene, number, classify, settings, clip.duration_s, ethogram)
        predicted += [
            PredictedBout(clip.clip, str(number), b.behaviour, b.start_s, b.end_s, b.probability) for b in bouts
        ]
        true += _true(clip, number, animal, one)
    return Named(tuple(true), tuple(predicted))


def _named(
    scene: Scene,
    number: int,
    classify: Classifier,
    settings: BehaviourSettings,
    end_s: float,
    ethogram: Ethogram | None,
) -> list[Bout]:
    probabilities = classify(scene, number)
    at_once: Mapping[str, frozenset[str]] = {}
    if ethogram is not None:
        probabilities, at_once = only_enabled(probabilities, classify.codes, ethogram), ethogram.at_once()
    return name_bouts(
        number,
        scene.features[number],
        probabilities,
        classify.codes,
        settings,
        end_s,
        _silent,
        classify.shortest_s,
        at_once,
    )


def _silent(inside: slice, code: int) -> str:
    return ""


def _true(clip: Measured, number: int, animal: int, samples: Samples) -> list[TrueBout]:
    first, last = float(samples.t[0]), float(samples.t[-1])
    found = []
    for bout in clip.bouts:
        start, end = max(bout.start_s, first), min(bout.end_s, last)
        if bout.animal == animal and end > start:
            cut = (bout.start_s < first + 0.2, bout.end_s > last - 0.2)
            found.append(TrueBout(clip.clip, str(number), tuple(bout.behaviour.split(EITHER)), start, end, *cut))
    return found


def summary(scores: Scores) -> str:
    """One line: macro-F1, the share left unknown, whole bouts at half overlap, calibration, edges."""
    half = next(segment for segment in scores.segments if np.isclose(segment.overlap, 0.5))
    values = (
        scores.macro_f1.value,
        scores.right.value,
        scores.unknown_share,
        half.f1.value,
        scores.calibration.error,
        scores.start_error.median_s,
        scores.end_error.median_s,
    )
    return " | ".join("-" if value is None else f"{value:.3f}" for value in values)


def by_behaviour(scores: Scores) -> str:
    """One line: each behaviour that is truly there, its F1 and its seconds."""
    found = [one for one in scores.classes if one.seconds > 0]
    return ", ".join(f"{one.behaviour} {one.f1.value or 0.0:.2f} ({one.seconds:.0f} s)" for one in found)
