"""Measure a folder of simulated clips in child processes; clips that are measured already are kept."""

import logging
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from models.behaviour.measured import measure_clip, write_measured
from models.simulate.annotation import video_beside
from pipeline.analyse import Networks, load_networks
from pipeline.errors import VideoError
from pipeline.settings import Settings, load_settings

logger = logging.getLogger(__name__)
_loaded: list[tuple[Networks, Settings]] = []  # of this worker process, at most one


def measure_folder(clips: Path, out: Path, workers: int) -> int:
    """Measure every clip below a folder that has a truth beside it.

    Args:
        clips: what `ethotrap simulate --out` made.
        out: folder for the results, one .npz a clip.
        workers: processes.

    Returns:
        How many there are in `out` now.
    """
    out.mkdir(parents=True, exist_ok=True)
    wanted = []
    for truth in sorted(clips.rglob("*.json")):
        video = video_beside(truth)
        target = out / ("-".join(truth.relative_to(clips).with_suffix("").parts) + ".npz")
        if video is not None and not target.exists():
            wanted.append((video, truth, target))
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for number, complaint in enumerate(pool.map(_measure, wanted), start=1):
            if complaint or number % 20 == 0 or number == len(wanted):
                logger.info("%d of %d clips measured %s", number, len(wanted), complaint)
    return len(list(out.glob("*.npz")))


def _measure(job: tuple[Path, Path, Path]) -> str:
    video, truth, target = job
    if not _loaded:
        settings = load_settings()
        _loaded.append((load_networks(settings), settings))
    networks, settings = _loaded[0]
    try:
        write_measured(measure_clip(video, truth, networks, settings), target)
    except VideoError as error:
        return str(error)
    return ""
