"""The one door: true bouts and predicted bouts to `Scores`."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields

import numpy as np

from models.evaluate.behaviour import by_time
from models.evaluate.behaviour.by_bout import Found, counts, edge_errors, find, segment_scores
from models.evaluate.behaviour.chance import draw, estimate, resampled
from models.evaluate.behaviour.scores import Estimate, Scores
from models.evaluate.behaviour.timeline import Piece, pieces
from models.evaluate.behaviour.trust import calibration, risk_coverage
from models.evaluate.behaviour.values import Conditions, PredictedBout, TrueBout
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.values import Array

DRAWS = 1000

Measure = Callable[[Array], Array]  # of tallies


def score(true: Iterable[TrueBout], predicted: Iterable[PredictedBout], *, draws: int = DRAWS, seed: int = 0) -> Scores:
    """Compare bouts of the same subjects of the same videos, in any order.

    `unknown` abstains: it costs recall and no precision. Time without a label, and what is said of subjects without
    any label, does not count. Time that is labelled `unknown` is left out.

    Args:
        true: what is so.
        predicted: what was said.
        draws: samples of the bootstrap over videos that the intervals rest on; 0: no intervals.
        seed: of the bootstrap.

    Raises:
        ValueError: there are no true bouts.
    """
    subjects = _by_subject(true, predicted)
    if not subjects:
        raise ValueError("there is no true bout to compare with")
    by_video: dict[str, list[tuple[list[Piece], Found]]] = defaultdict(list)
    for (video, _), (truths, said) in sorted(subjects.items()):
        by_video[video].append((pieces(truths, said), find(truths, said)))
    every = [piece for of_video in by_video.values() for found, _ in of_video for piece in found]
    founds = [found for of_video in by_video.values() for _, found in of_video]

    codes = by_time.codes_in(every)
    tallies = np.array([by_time.tally([p for ps, _ in v for p in ps], codes) for v in by_video.values()])
    weights = draw(len(by_video), draws, seed)
    drawn = resampled(tallies, weights)
    whole = tallies.sum(axis=0)
    animal_s = float(whole[:-1].sum())
    start_error, end_error = edge_errors(founds)
    bouts = Counter(bout.behaviours[0] for found in founds for bout in found.true)
    return Scores(
        videos=len(by_video),
        subjects=len(subjects),
        bouts=sum(bouts.values()),
        seconds=animal_s,
        right=_estimated(by_time.right_share, whole, drawn),
        unknown_share=float(whole[:-1, -2].sum() / animal_s) if animal_s else None,
        no_track_share=float(whole[:-1, -1].sum() / animal_s) if animal_s else None,
        empty_s=float(whole[-1].sum()),
        false_s=float(whole[-1, :-2].sum()),
        macro_f1=_estimated(_macro_of(by_time.f1), whole, drawn),
        macro_precision=_estimated(_macro_of(by_time.precision), whole, drawn),
        macro_recall=_estimated(_macro_of(by_time.recall), whole, drawn),
        untold_s=sum(piece.seconds for piece in every if piece.truth == UNKNOWN),
        classes=by_time.class_scores(tallies, drawn, codes, bouts),
        confusion=by_time.confusion(whole, codes),
        segments=segment_scores(
            np.array([counts([found for _, found in of_video]) for of_video in by_video.values()]), weights
        ),
        start_error=start_error,
        end_error=end_error,
        calibration=calibration(every),
        risk=risk_coverage(every),
    )


def macro_f1_draws(
    true: Iterable[TrueBout], predicted: Iterable[PredictedBout], *, draws: int = DRAWS, seed: int = 0
) -> Array | None:
    """Macro-F1 in each sample of the bootstrap over videos: what two classifiers on the same videos are compared by.

    The same true bouts and seed draw the same videos, whoever's bouts are predicted.

    Args:
        true: as for `score`.
        predicted: likewise.
        draws: how many samples.
        seed: of the bootstrap.

    Returns:
        (draws,), NaN where a sample holds no behaviour; None where there are too few videos to draw from.
    """
    by_video: dict[str, list[Piece]] = defaultdict(list)
    for (video, _), (truths, said) in sorted(_by_subject(true, predicted).items()):
        by_video[video] += pieces(truths, said)
    codes = by_time.codes_in([piece for found in by_video.values() for piece in found])
    tallies = np.array([by_time.tally(found, codes) for found in by_video.values()])
    drawn = resampled(tallies, draw(len(by_video), draws, seed))
    return None if drawn is None else _macro_of(by_time.f1)(drawn)


def score_by(
    true: Iterable[TrueBout],
    predicted: Iterable[PredictedBout],
    conditions: Mapping[str, Conditions],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, dict[str, Scores]]:
    """The scores under each condition apart: by light, frame rate and camera, where that is known.

    Args:
        true: as for `score`.
        predicted: likewise.
        conditions: of each video; videos that are not in it count under no condition.
        draws: as for `score`.
        seed: likewise.

    Returns:
        Condition (`light`, `frame_rate`, `camera`) to value to scores, in the order of the values.
    """
    true, predicted = list(true), list(predicted)
    found: dict[str, dict[str, Scores]] = {}
    for field in fields(Conditions):
        of_video = {video: getattr(one, field.name) for video, one in conditions.items()}
        values = sorted({value for bout in true if (value := of_video.get(bout.video))})
        found[field.name] = {
            value: score(
                [bout for bout in true if of_video.get(bout.video) == value],
                [bout for bout in predicted if of_video.get(bout.video) == value],
                draws=draws,
                seed=seed,
            )
            for value in values
        }
    return found


def _estimated(measure: Measure, whole: Array, drawn: Array | None) -> Estimate:
    return estimate(measure(whole), None if drawn is None else measure(drawn))


def _macro_of(measure: Measure) -> Measure:
    return lambda seconds: by_time.macro(measure(seconds), seconds)


def _by_subject(
    true: Iterable[TrueBout], predicted: Iterable[PredictedBout]
) -> dict[tuple[str, str], tuple[list[TrueBout], list[PredictedBout]]]:
    subjects: dict[tuple[str, str], tuple[list[TrueBout], list[PredictedBout]]] = {}
    for bout in true:
        subjects.setdefault((bout.video, bout.subject), ([], []))[0].append(bout)
    for said in predicted:
        if (said.video, said.subject) in subjects and said.start_s < said.end_s:
            subjects[said.video, said.subject][1].append(said)
    return subjects
