"""Does memory grow with a video's length? Follow short and long clips with the shipped networks, and say.

    python -m tests.benchmarks.decode_memory [SHORT_S LONG_S]

Each clip is followed in a process of its own, so that one's peak does not hide the other's. All show the same still
forest floor: in one scene a light blob walks to and fro, in the other every two seconds another one comes and goes.
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
from tests.tracking.blobs import WHITE, Place, blob_video, find_light

LENGTHS_S = (10.0, 600.0)
FPS = 12
EACH_S, GONE_S = 2.0, 0.6  # seconds from one blob to the next, and without any between them
KB_A_MB = 1024  # Linux counts the peak in kilobytes


def to_and_fro(t: float) -> tuple[float, float, float, float]:
    """The blob's box at a time in seconds."""
    return 0.4 + 0.3 * float(np.sin(0.5 * t)), 0.4, 0.2, 0.2


def one_after_another(t: float) -> tuple[float, float, float, float] | None:
    """The box of the blob that is there at a time in seconds; each keeps to its own part of the picture."""
    number, since = divmod(t, EACH_S)
    if since > EACH_S - GONE_S:
        return None
    return 0.05 + 0.6 * (number % 2) + 0.1 * since, 0.1 + 0.2 * (number % 3), 0.15, 0.2


SCENES: dict[str, Place] = {"one": to_and_fro, "many": one_after_another}


def peak_of(video_path: Path) -> tuple[int, int, float, float]:
    """Frames, tracks, and the peak of this process' memory in MB before and after.

    The networks are loaded, and the species network is asked; boxes are told by light, since blobs are no animals.
    """
    settings = load_settings(environment={})
    networks = load_networks(settings)
    networks.detect(np.zeros((180, 320, 3), np.uint8))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB
    with open_video(video_path) as video:
        followed = follow(video, find_light, networks.species, networks.detector_names_kinds, settings)
        frames = video.report().decoded_frames
    return frames, len(followed.tracks), before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_A_MB


def main() -> None:
    """Measure all and print a table."""
    lengths = [float(word) for word in sys.argv[1:]] or LENGTHS_S
    sys.stdout.write("scene  length_s  frames  tracks  loaded_mb  peak_mb  took_s\n")
    with tempfile.TemporaryDirectory() as folder:
        for scene, place in SCENES.items():
            for seconds in lengths:
                path = blob_video(Path(folder) / f"{scene}{seconds:.0f}.mp4", [(place, WHITE)], seconds, fps=FPS)
                started = time.monotonic()
                with ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn")) as pool:
                    frames, tracks, loaded, peak = pool.schedule(peak_of, args=(path,)).result()
                took = time.monotonic() - started
                sys.stdout.write(
                    f"{scene:5}  {seconds:8.0f}  {frames:6}  {tracks:6}  {loaded:9.0f}  {peak:7.0f}  {took:6.0f}\n"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main()
