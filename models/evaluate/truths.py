"""What is true of simulated clips, read back from the JSON beside them (`models/simulate/annotation.py`)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.simulate.annotation import video_beside
from models.simulate.order import EMPTY, PERSON
from pipeline.errors import ConfigError
from pipeline.values import Array

NO_BOUT = "none"  # what an animal does between two bouts


@dataclass(frozen=True, slots=True, eq=False)
class TrueAnimal:
    """One animal or person through a clip of n frames."""

    species: str
    boxes: Array  # (n, 4) shares of the picture, as if nothing hid it; NaN where it is outside
    visible: Array  # (n,) 0..1, share of it that can be seen
    behaviours: tuple[str, ...]  # (n,) a code of the ethogram or NO_BOUT
    stride_hz: float | None = None  # of its steady gait; None if it takes no steps
    limp: float = 0.0  # asymmetry of its stride, 0 to 0.4
    girth: float = 1.0  # of its trunk, against a fit animal's

    @property
    def is_person(self) -> bool:
        """It is no animal, and is scored apart from them."""
        return self.species == PERSON


@dataclass(frozen=True, slots=True, eq=False)
class TrueClip:
    """One simulated clip of n frames."""

    name: str
    video: Path
    subject: str  # the behaviour that was asked for, `empty` or `person`
    split: str
    seeds: tuple[int, ...]  # of its camera, its performance and its coats
    light: str  # day or infrared
    wind: float  # 0 still, 1 strong
    times: Array  # (n,) seconds
    animals: tuple[TrueAnimal, ...]

    @property
    def is_empty(self) -> bool:
        """Nobody is ever in the picture."""
        return self.subject == EMPTY

    @property
    def has_person(self) -> bool:
        """Somebody in it is no animal."""
        return any(animal.is_person for animal in self.animals)

    @property
    def steps(self) -> Array:
        """(n,) seconds for which each frame stands: until the next one, the last as long as the one before it."""
        if len(self.times) < 2:
            return np.zeros(len(self.times))
        gaps = np.diff(self.times)
        return np.append(gaps, gaps[-1])


def read_truths(folder: Path) -> tuple[list[TrueClip], list[str]]:
    """Every clip of a folder that has both a video and its truth, by name, and what is wrong with the others.

    Truths that were measured without a video, and JSON that is no truth of a simulated clip, are passed over.

    Raises:
        ConfigError: the folder holds no simulated clip.
    """
    clips, faults = [], []
    for path in sorted(folder.rglob("*.json")):
        try:
            tree = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(tree, dict) or not tree.get("simulated") or not tree.get("shaded", True):
                continue
            clips.append(_clip(tree, path))
        except (OSError, ValueError, LookupError, TypeError) as error:
            faults.append(f"{path}: {type(error).__name__}: {error}")
    if not clips:
        why = f"; {faults[0]}" if faults else ""
        raise ConfigError(f"there is no simulated clip with its truth in {folder}; make some: ethotrap simulate{why}")
    return clips, faults


def _clip(tree: dict[str, Any], path: Path) -> TrueClip:
    video = video_beside(path)
    if video is None:
        raise FileNotFoundError("the video is not beside its truth")
    times = np.array(tree["video"]["times_s"], dtype=float)
    coats = (animal["coat"] for animal in tree["animals"] if animal["coat"] is not None)
    return TrueClip(
        name=tree["clip"],
        video=video,
        subject=tree["subject"],
        split=tree["split"],
        seeds=(tree["camera"], tree["seed"], *coats),
        light=tree["light"],
        wind=float(tree["wind"]),
        times=times,
        animals=tuple(_animal(animal, times) for animal in tree["animals"]),
    )


def _animal(tree: dict[str, Any], times: Array) -> TrueAnimal:
    boxes = np.array([box or [np.nan] * 4 for box in tree["boxes"]], dtype=float).reshape(-1, 4)
    visible = np.array(tree["visible_share"], dtype=float)
    if not len(boxes) == len(visible) == len(times):
        raise ValueError(f"{len(boxes)} boxes and {len(visible)} visible shares for {len(times)} frames")
    return TrueAnimal(
        species=tree["species"],
        boxes=boxes,
        visible=np.where(np.isnan(boxes[:, 0]), 0.0, visible),
        behaviours=tuple(_behaviour_at(tree["behaviours"], float(second)) for second in times),
        stride_hz=tree.get("stride_hz"),
        limp=float(tree.get("limp", 0.0)),
        girth=float(tree.get("girth", 1.0)),
    )


def _behaviour_at(bouts: list[dict[str, Any]], second: float) -> str:
    return next((bout["behaviour"] for bout in bouts if bout["start_s"] <= second < bout["end_s"]), NO_BOUT)
