"""How well animals are followed: how much of their visible time tracks cover, and how many they are torn into."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.analyse import Networks
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from pipeline.tracking.follow import follow
from pipeline.values import Array, Track
from pipeline.video.decode import open_video

LABELS = "clips.csv"
EMPTY = "empty"  # what the labels call a stretch with no animal in it

Stretch = tuple[float, float]  # start and end, seconds


@dataclass(frozen=True, slots=True)
class ClipScore:
    """How one clip was followed."""

    file: str
    seconds: float
    visible_s: float  # seconds in which, by the labels, something is there to see
    covered: float | None  # share (0..1) of them in which a track has a box; None if nothing is ever visible
    tracks: int
    kinds: str  # of the tracks, such as "animal 2, person 1"
    false_s: float  # seconds in which, by the labels, nothing is there, and a track has a box


def score_clips(
    folder: Path, networks: Networks, settings: Settings, done: Callable[[str], None] | None = None
) -> list[ClipScore]:
    """Follow every clip that `clips.csv` in the folder names, and compare.

    The labels have the columns file, start_s, end_s and behaviour, one row a stretch; a behaviour of `empty` means that
    nothing is there. Stretches of which no row speaks are left out.

    Args:
        folder: with `clips.csv` and the clips.
        networks: loaded.
        settings: what the pipeline runs under.
        done: told the name of each clip that is finished.

    Raises:
        ConfigError: there are no labels, or a row is wrong.
        VideoError: a clip cannot be read.
    """
    scores = []
    for file, stretches in _labels(folder / LABELS).items():
        with open_video(folder / file) as video:
            followed = follow(video, networks.detect, networks.species, networks.detector_names_kinds, settings)
            seconds = video.report().decoded_duration_s
        visible = [(start, end) for start, end, is_empty in stretches if not is_empty]
        empty = [(start, end) for start, end, is_empty in stretches if is_empty]
        scores.append(_score(file, seconds, visible, empty, followed.tracks))
        if done:
            done(file)
    return scores


def covered_seconds(stretches: list[Stretch], spans: list[Stretch]) -> float:
    """Seconds of the stretches that lie inside at least one of the spans.

    Args:
        stretches: start and end in seconds, none overlapping another.
        spans: likewise, overlapping or not.
    """
    total, reached = 0.0, -np.inf
    for start, end in sorted(spans):
        start = max(start, reached)
        for first, last in stretches:
            total += max(0.0, min(end, last) - max(start, first))
        reached = max(reached, end)
    return total


def _score(
    file: str, seconds: float, visible: list[Stretch], empty: list[Stretch], tracks: tuple[Track, ...]
) -> ClipScore:
    spans = [_span(track.t, seconds) for track in tracks]
    visible_s = sum(min(end, seconds) - start for start, end in visible)
    kinds = [track.kind.value for track in tracks]
    return ClipScore(
        file=file,
        seconds=seconds,
        visible_s=visible_s,
        covered=covered_seconds(visible, spans) / visible_s if visible_s else None,
        tracks=len(tracks),
        kinds=", ".join(f"{kind} {kinds.count(kind)}" for kind in sorted(set(kinds))),
        false_s=covered_seconds(empty, spans),
    )


def _span(t: Array, seconds: float) -> Stretch:
    """From a track's first box to the end of its last picture."""
    step = float(np.median(np.diff(t))) if len(t) > 1 else 0.0
    return float(t[0]), min(float(t[-1]) + step, seconds)


def _labels(path: Path) -> dict[str, list[tuple[float, float, bool]]]:
    try:
        with path.open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
    except OSError as error:
        raise ConfigError(f"cannot read the labels {path}: {error.strerror}") from error
    found: dict[str, list[tuple[float, float, bool]]] = {}
    for number, row in enumerate(rows, start=2):
        try:
            stretch = (float(row["start_s"]), float(row["end_s"]), row["behaviour"] == EMPTY)
            found.setdefault(row["file"], []).append(stretch)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"{path}, row {number}: expected file, start_s, end_s and behaviour") from error
    return found
