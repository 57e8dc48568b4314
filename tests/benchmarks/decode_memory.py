"""Does memory grow with a video's length? Follow a short and a long clip with the shipped networks, and say.

    python -m tests.benchmarks.decode_memory [SHORT_S LONG_S]

Each clip is followed in a process of its own, so that one's peak does not hide the other's. Both show the same still
forest floor with one light blob that walks to and fro; only their length differs.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from pebble import ProcessPool

from pipeline.analyse import load_networks
from pipeline.settings import load_settings
from pipeline.tracking.follow import follow
from pipeline.video.decode import open_video
from tests.tracking.blobs import WHITE, blob_video

LENGTHS_S = (10.0, 600.0)
FPS = 12
KB_A_MB = 1024  # Linux counts the peak in kilobytes


def to_and_fro(t: float) -> tuple[float, float, float, float]:
    """The blob's box at a time in seconds."""
    return 0.4 + 0.3 * float(np.sin(0.5 * t)), 0.4, 0.2, 0.2


def peak_of(video_path: Path) -> tuple[int, float, float]:
    """Frames followed, and the peak of this process' memory in MB before and after."""
    settings = load_settings(environment={})
    networks = load_networks(settings)
    networks.detect(np.zeros((180, 320, 3), np.uint8))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB
    with open_video(video_path) as video:
        follow(video, networks.detect, networks.species, networks.detector_names_kinds, settings)
        frames = video.report().decoded_frames
    return frames, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB


def main() -> None:
    """Measure both and print a table."""
    lengths = [float(word) for word in sys.argv[1:]] or LENGTHS_S
    sys.stdout.write("length_s  frames  loaded_mb  peak_mb  took_s\n")
    with tempfile.TemporaryDirectory() as folder:
        for seconds in lengths:
            path = blob_video(Path(folder) / f"{seconds:.0f}.mp4", [(to_and_fro, WHITE)], seconds, fps=FPS)
            started = time.monotonic()
            with ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn")) as pool:
                frames, loaded, peak = pool.schedule(peak_of, args=(path,)).result()
            took = time.monotonic() - started
            sys.stdout.write(f"{seconds:8.0f}  {frames:6}  {loaded:9.0f}  {peak:7.0f}  {took:6.0f}\n")


if __name__ == "__main__":
    main()
