"""One evaluation from labels to everything that is said of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.evaluate.behaviour.labels import Labels
from models.evaluate.behaviour.pairing import pair
from models.evaluate.behaviour.predictions import Predictions
from models.evaluate.behaviour.scores import Scores
from models.evaluate.behaviour.scoring import score, score_by
from models.evaluate.behaviour.timeline import told_differently_s
from models.evaluate.behaviour.values import TrueBout
from pipeline.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores, on what they rest, and what they leave out. Its fields are the keys of the JSON that is written."""

    labels: str  # what kind, and where from
    predictions: str
    notes: tuple[str, ...]
    left_out: Mapping[str, int]  # why, and how many labels
    stray_tracks: int  # on no labelled animal
    stray_s: float  # named of them
    scores: Scores
    by: Mapping[str, Mapping[str, Scores]]  # condition to value to scores


def evaluate(labels: Labels, source: str, predictions: Predictions, *, seed: int = 0) -> Evaluation:
    """Pair labels with predictions and score them.

    Args:
        labels: as read.
        source: where they come from, for the report.
        predictions: to compare with.
        seed: of the bootstrap.

    Raises:
        ConfigError: not one label could be compared; the message says why.
    """
    paired = pair(labels, predictions)
    if not paired.true:
        reasons = "; ".join(f"{why} ({count})" for why, count in paired.left_out.items()) or "there are none"
        raise ConfigError(f"no label in {source} can be compared with {predictions.kind}: {reasons}")
    return Evaluation(
        labels=f"{labels.kind}: {source}",
        predictions=predictions.kind,
        notes=(*labels.notes, *_told_differently(paired.true), *paired.notes, *predictions.notes),
        left_out=paired.left_out,
        stray_tracks=paired.stray_tracks,
        stray_s=paired.stray_s,
        scores=score(paired.true, paired.predicted, seed=seed),
        by=score_by(paired.true, paired.predicted, paired.conditions, seed=seed),
    )


def _told_differently(true: Sequence[TrueBout]) -> tuple[str, ...]:
    by_subject: dict[tuple[str, str], list[TrueBout]] = defaultdict(list)
    for bout in true:
        by_subject[bout.video, bout.subject].append(bout)
    seconds = sum(told_differently_s(bouts) for bouts in by_subject.values())
    if seconds <= 0:
        return ()
    return (
        f"in {seconds:.1f} s labels name different behaviours of one subject at once, and any of them counts as right: "
        "give each person's labels a file of their own, and each animal a subject of its own",
    )
