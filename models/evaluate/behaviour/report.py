"""An evaluation in words and tables: for the screen, as Markdown, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from models.evaluate.behaviour.evaluating import Evaluation
from models.evaluate.behaviour.plots import draw_reliability, draw_risk
from models.evaluate.behaviour.predictions import LEARNED_FROM
from models.evaluate.behaviour.scores import EdgeError, Estimate, Scores
from pipeline.errors import StoreError
from pipeline.store.rows import as_json

CONDITIONS = {
    "light": "light",
    "frame_rate": "frame rate",
    "camera": "camera",
    "learned": "what the network learned from",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sheets(evaluation: Evaluation) -> list[Sheet]:
    """All tables: behaviours, whole bouts, confusion, calibration, risk, conditions, and what was left out."""
    scores = evaluation.scores
    tables = [
        _classes(scores),
        _segments(scores),
        _edges(scores),
        _confusion(scores),
        _calibration(scores),
        _risk(scores),
    ]
    tables += [_condition(name, evaluation) for name in CONDITIONS if evaluation.by.get(name)]
    if evaluation.left_out:
        rows = tuple((why, str(count)) for why, count in sorted(evaluation.left_out.items()))
        tables.append(Sheet("Left out", ("why", "labels"), rows))
    return tables


def facts(evaluation: Evaluation) -> list[str]:
    """What the tables rest on, one sentence a line."""
    scores = evaluation.scores
    lines = [
        f"Labels: {evaluation.labels}",
        f"Predictions: {evaluation.predictions}",
        f"Compared: {scores.videos} videos, {scores.subjects} subjects, {scores.bouts} true bouts, "
        f"{scores.seconds:.1f} s.",
        f"Rightly named: {_estimate(scores.right)} of the time; unknown: {_share(scores.unknown_share)}; "
        f"without a track: {_share(scores.no_track_share)}.",
    ]
    if scores.empty_s:
        lines.append(
            f"Labelled empty: {scores.empty_s:.1f} s, of which {scores.false_s:.1f} s were named all the same."
        )
    if scores.untold_s:
        lines.append(f"Labelled unknown and left out: {scores.untold_s:.1f} s.")
    if evaluation.stray_tracks:
        lines.append(
            f"On no labelled animal: {evaluation.stray_tracks} tracks, of which {evaluation.stray_s:.1f} s were named; "
            "they are in no other figure."
        )
    if LEARNED_FROM in evaluation.by.get("learned", {}):
        lines.append(
            "The network learned from labels of some of these locations, and does better there than elsewhere:"
            f" the table by {CONDITIONS['learned']} tells the two apart."
        )
    if scores.videos == 1:
        lines.append("One video gives no intervals.")
    return [*lines, *(f"Note: {note}." for note in evaluation.notes)]


def write_report(evaluation: Evaluation, out: Path) -> list[Path]:
    """Write `behaviour.md`, `behaviour.json`, `reliability.png` and `risk-coverage.png`.

    Raises:
        StoreError: the folder cannot be written.
    """
    paths = [out / name for name in ("behaviour.md", "behaviour.json", "reliability.png", "risk-coverage.png")]
    try:
        out.mkdir(parents=True, exist_ok=True)
        paths[0].write_text(markdown(evaluation), encoding="utf-8", errors="backslashreplace")
        text = json.dumps(as_json(evaluation), indent=1, ensure_ascii=False, allow_nan=False)
        paths[1].write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        draw_reliability(evaluation.scores.calibration, paths[2])
        draw_risk(evaluation.scores.risk, paths[3])
    except OSError as error:
        raise StoreError(f"cannot write the evaluation to {out}: {error.strerror or error}") from error
    return paths


def markdown(evaluation: Evaluation) -> str:
    """The whole report as Markdown."""
    parts = ["# How well behaviour is named", *(f"- {fact}" for fact in facts(evaluation)), ""]
    for sheet in sheets(evaluation):
        parts += [f"## {sheet.title}", "", _line(sheet.header), _line(["---"] * len(sheet.header))]
        parts += [*map(_line, sheet.rows), ""]
    parts += ["![Reliability](reliability.png)", "", "![Risk and coverage](risk-coverage.png)", ""]
    return "\n".join(parts)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _classes(scores: Scores) -> Sheet:
    rows = [
        (
            one.behaviour,
            _estimate(one.f1),
            _estimate(one.precision),
            _estimate(one.recall),
            f"{one.seconds:.1f}",
            str(one.bouts),
            f"{one.named_s:.1f}",
        )
        for one in scores.classes
    ]
    macros = (_estimate(scores.macro_f1), _estimate(scores.macro_precision), _estimate(scores.macro_recall))
    named = sum(one.named_s for one in scores.classes)
    rows.append(("macro", *macros, f"{scores.seconds:.1f}", str(scores.bouts), f"{named:.1f}"))
    header = ("behaviour", "F1", "precision", "recall", "true s", "true bouts", "named s")
    return Sheet("By time, with 95 % intervals over videos", header, tuple(rows))


def _segments(scores: Scores) -> Sheet:
    rows = tuple(
        (f"{one.overlap:g}", _estimate(one.f1), _number(one.precision), _number(one.recall)) for one in scores.segments
    )
    return Sheet("Whole bouts, by least overlap", ("overlap", "F1", "precision", "recall"), rows)


def _edges(scores: Scores) -> Sheet:
    rows = tuple(_edge(name, one) for name, one in (("start", scores.start_error), ("end", scores.end_error)))
    header = ("edge", "bouts", "median error s", "90th percentile s", "median late s")
    return Sheet("Starts and ends of matched bouts", header, rows)


def _edge(name: str, one: EdgeError) -> tuple[str, ...]:
    return (name, str(one.bouts), _number(one.median_s), _number(one.p90_s), _number(one.bias_s))


def _confusion(scores: Scores) -> Sheet:
    rows = tuple(
        (row, *(f"{cell:.1f}" if cell else "" for cell in cells))
        for row, cells in zip(scores.confusion.rows, scores.confusion.seconds, strict=True)
        if any(cells)
    )
    return Sheet("Seconds by what is true (rows) and what was said", ("true", *scores.confusion.columns), rows)


def _calibration(scores: Scores) -> Sheet:
    rows = tuple(
        (f"{one.low:.1f} to {one.high:.1f}", f"{one.seconds:.1f}", _number(one.probability), _number(one.right))
        for one in scores.calibration.bins
        if one.seconds
    )
    title = f"Calibration: expected error {_number(scores.calibration.error)}"
    return Sheet(title, ("probability", "named s", "mean probability", "right"), rows)


def _risk(scores: Scores) -> Sheet:
    points = [(f"{one.threshold:.2f}", _number(one.named), _number(one.error)) for one in scores.risk]
    changing = [points[0], *(later for before, later in pairwise(points) if later[1:] != before[1:])]
    title = "Named and wrong, by least probability; rows without change are left out"
    return Sheet(title, ("least probability", "share named", "error among named"), tuple(changing))


def _condition(name: str, evaluation: Evaluation) -> Sheet:
    rows = tuple(
        (
            value,
            str(one.videos),
            f"{one.seconds:.1f}",
            _estimate(one.macro_f1),
            _estimate(one.right),
            _number(one.unknown_share),
            _number(one.segments[-1].f1.value),
            _number(one.start_error.median_s),
            _number(one.end_error.median_s),
            _number(one.calibration.error),
        )
        for value, one in evaluation.by[name].items()
    )
    header = ("", "videos", "true s", "macro F1", "right", "unknown", "F1@0.5", "start s", "end s", "calibration")
    return Sheet(f"By {CONDITIONS[name]}", (CONDITIONS[name], *header[1:]), rows)


def _estimate(one: Estimate) -> str:
    if one.low is None or one.high is None:
        return _number(one.value)
    return f"{_number(one.value)} ({one.low:.2f} to {one.high:.2f})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.1%}"
