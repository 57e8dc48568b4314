"""What does naming behaviour cost beside finding the animals? Follow videos and name their bouts; both are timed.

    python -m tests.benchmarks.behaviour_cost [FOLDER]

The folder is searched for videos; it is tests/footage by default, the clips that ship. Naming is what the classifier
does, its evidence included; the species network's looks at crops, which only a behaviour network wants, stand apart.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, ParamSpec, TypeVar

from pipeline.analyse import load_networks
from pipeline.behaviour.classifier import Scene
from pipeline.behaviour.features import measure
from pipeline.footage.discover import VIDEO_SUFFIXES
from pipeline.settings import load_settings
from pipeline.tracking.follow import follow
from pipeline.video.decode import open_video

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Timed(Generic[P, R]):
    """A function, and how many seconds its calls took in all."""

    call: Callable[P, R]
    seconds: float = 0.0

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """As the function."""
        started = time.perf_counter()
        try:
            return self.call(*args, **kwargs)
        finally:
            self.seconds += time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("tests/footage")
    videos = sorted(path for path in folder.rglob("*") if path.suffix.lower() in VIDEO_SUFFIXES)
    settings = load_settings()
    networks = load_networks(settings)
    detect, describe = Timed(networks.detect), Timed(networks.species.describe)
    name, explain = Timed(networks.classify), Timed(networks.classify.grounds)
    tracks, footage_s = 0, 0.0
    for path in videos:
        with open_video(path) as video:
            followed = follow(video, detect, networks.species, networks.detector_names_kinds, settings, describe)
            footage_s += video.report().decoded_duration_s
            aspect = video.info.width / video.info.height
        scene = Scene(followed.samples, tuple(measure(one, aspect) for one in followed.samples), aspect)
        for number in range(len(followed.samples)):
            name(scene, number)
            explain(scene, number)
        tracks += len(followed.samples)
    spent = name.seconds + explain.seconds
    sys.stdout.write(
        f"{len(videos)} videos, {footage_s:.0f} s, {tracks} tracks: the detector took {detect.seconds:.2f} s, naming"
        f" {spent:.2f} s, {spent / detect.seconds:.1%} of that; the species network's looks for it"
        f" {describe.seconds:.2f} s, {describe.seconds / detect.seconds:.1%}\n"
    )


if __name__ == "__main__":
    main()
