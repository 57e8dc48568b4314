"""What is true of a simulated clip, as the JSON beside it says it."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class VideoTruth:
    """The clip itself."""

    fps: float
    frames: int
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True)
class BehaviourTruth:
    """One bout: a code of the ethogram and when it happens."""

    behaviour: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class AnimalTruth:
    """One individual through the clip, one entry for each frame."""

    individual: str
    coat: int  # the number that its coat was painted from
    boxes: tuple[Box | None, ...]  # x, y, w, h as shares of the picture, cut at its edges; None: not in the picture
    visible_share: tuple[float, ...]  # 0..1, share of its pixels that are inside the picture and not behind grass
    behaviours: tuple[BehaviourTruth, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that is known about one clip."""

    clip: str
    seed: int
    simulated: bool
    captured_at: str  # ISO 8601 with the zone's offset
    video: VideoTruth
    animals: tuple[AnimalTruth, ...]


def write_truth(truth: Truth, path: Path) -> None:
    """Writes the truth as JSON; boxes to five decimals, one a line."""
    tree = asdict(truth)
    for animal in tree["animals"]:
        animal["boxes"] = [box and [round(value, 5) for value in box] for box in animal["boxes"]]
        animal["visible_share"] = [round(share, 3) for share in animal["visible_share"]]
    text = re.sub(r"\[\s+([-\d.,\s]+?)\s+\]", _one_line, json.dumps(tree, indent=1))
    path.write_text(text + "\n", encoding="utf-8")


def _one_line(numbers: re.Match[str]) -> str:
    return "[" + " ".join(numbers.group(1).split()) + "]"
