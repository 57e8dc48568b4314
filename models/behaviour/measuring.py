"""Measure labelled videos in child processes; those that are measured already are kept."""

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from models.behaviour.cameras import camera_number
from models.behaviour.measured import (
    EITHER,
    NOBODY,
    REAL,
    Measured,
    TrueBout,
    follow_animals,
    measure_clip,
    write_measured,
)
from models.evaluate.behaviour.labels import LabelledVideo
from models.evaluate.behaviour.mapping import SHIPPED, load_translator
from models.evaluate.behaviour.reading import read_labels
from models.evaluate.behaviour.values import EMPTY
from models.simulate.annotation import video_beside
from pipeline.analyse import Networks, load_networks
from pipeline.behaviour.ethogram import load_ethogram
from pipeline.errors import VideoError
from pipeline.settings import Settings, find_config, load_settings
from pipeline.values import Samples
from pipeline.workers import end_with_parent

logger = logging.getLogger(__name__)
_loaded: list[tuple[Networks, Settings]] = []  # of this worker process, at most one

Measure = Callable[[Networks, Settings], Measured]


def measure_folder(clips: Path, out: Path, workers: int) -> int:
    """Measure every clip below a folder that has a truth beside it.

    Args:
        clips: what `ethotrap simulate --out` made.
        out: folder for the results, one .npz a clip.
        workers: processes.

    Returns:
        How many there are in `out` now.
    """
    jobs = []
    for truth in sorted(clips.rglob("*.json")):
        video = video_beside(truth)
        if video is not None:
            name = "-".join(truth.relative_to(clips).with_suffix("").parts)
            jobs.append(_Job(out / f"{name}.npz", _Simulated(video, truth)))
    return _measure_all(jobs, out, workers)


def measure_labelled(labels: Path, out: Path, workers: int, centred: bool = False) -> int:
    """Measure real videos that lie beside a table of labels.

    A label speaks of every animal that is followed while it holds, since such tables seldom tell animals apart; or, of
    videos that were cut to show one animal, of that one.

    Args:
        labels: a CSV file as `ethotrap evaluate behaviour` reads it.
        out: folder for the results, one .npz a video.
        workers: processes.
        centred: the videos show the labelled animal in the middle, so others have no label.

    Returns:
        How many there are in `out` now.

    Raises:
        ConfigError: the labels cannot be read.
    """
    ethogram = load_ethogram(find_config(load_settings().behaviour.ethogram))
    read = read_labels(labels, load_translator(find_config(SHIPPED), ethogram))
    for why, count in read.left_out.items():
        logger.info("left out: %s (%d)", why, count)
    jobs = [
        _Job(out / f"{Path(one.name).stem}.npz", _Labelled(one.beside, one, centred))
        for one in read.videos
        if one.beside is not None
    ]
    return _measure_all(jobs, out, workers)


@dataclass(frozen=True, slots=True)
class _Simulated:
    video: Path
    truth: Path

    def __call__(self, networks: Networks, settings: Settings) -> Measured:
        return measure_clip(self.video, self.truth, networks, settings)


@dataclass(frozen=True, slots=True)
class _Labelled:
    video: Path
    labels: LabelledVideo
    centred: bool

    def __call__(self, networks: Networks, settings: Settings) -> Measured:
        samples, info, report = follow_animals(self.video, networks, settings)
        lasts = report.decoded_duration_s
        labelled = [number for number, one in enumerate(samples) if not self.centred or _keeps_to_the_middle(one)]
        return Measured(
            clip=self.labels.name,
            camera=camera_number(self.labels.conditions.camera or self.labels.name),
            light=self.labels.conditions.light,
            split=REAL,
            subject="",
            fps=report.decoded_frames / lasts if lasts else 0.0,
            duration_s=lasts,
            aspect=info.width / info.height,
            samples=samples,
            owner=tuple(
                np.full(len(one.t), number if number in labelled else NOBODY, dtype=np.int64)
                for number, one in enumerate(samples)
            ),
            bouts=tuple(
                TrueBout(number, EITHER.join(bout.behaviours), "", bout.start_s, min(bout.end_s, lasts))
                for number in labelled
                for bout in self.labels.bouts
                if bout.behaviours != (EMPTY,) and bout.start_s < lasts
            ),
        )


def _keeps_to_the_middle(samples: Samples) -> bool:
    """Whether the picture's middle is inside an animal's box for at least half of the looks."""
    first, size = samples.boxes[:, :2], samples.boxes[:, 2:]
    return bool(((first <= 0.5) & (first + size >= 0.5)).all(axis=1).mean() >= 0.5)


@dataclass(frozen=True, slots=True)
class _Job:
    target: Path
    measure: Measure

    def __call__(self) -> str:
        """Measure and keep; why that could not be done, or ""."""
        if not _loaded:
            settings = load_settings()
            _loaded.append((load_networks(settings), settings))
        try:
            write_measured(self.measure(*_loaded[0]), self.target)
        except VideoError as error:
            return str(error)
        return ""


def _measure_all(jobs: Sequence[_Job], out: Path, workers: int) -> int:
    out.mkdir(parents=True, exist_ok=True)
    wanted = [job for job in jobs if not job.target.exists()]
    with ProcessPoolExecutor(workers, get_context("spawn"), end_with_parent, (os.getpid(),)) as pool:
        for number, complaint in enumerate(pool.map(_run, wanted), start=1):
            if complaint or number % 20 == 0 or number == len(wanted):
                logger.info("%d of %d videos measured %s", number, len(wanted), complaint)
    return len(list(out.glob("*.npz")))


def _run(job: _Job) -> str:
    return job()
