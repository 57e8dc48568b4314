"""What is true of a simulated scene, as the JSON beside its clip says it.

`info` and `frames` have the shape of MammAlps' dense annotations (Gabeff et al., CVPR 2025): a list of frames with a
box in pixels, an action and an activity for each animal. `clip`, `video` and `animals` are what the clips that ship
have: one list over all frames for each animal. Both say the same; only the second also says what no person could see.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.simulate.silhouette import Box
from pipeline.whole_file import whole_file

Joint = tuple[float, float, int]  # x and y as shares of the picture; 2 seen, 1 hidden, 0 outside, as in COCO

JOINTS_NOTE = "x and y as shares of the picture; 2 seen, 1 hidden, 0 outside, as in COCO"


_SUFFIXES = (".MP4", ".AVI", ".mp4", ".avi")


def video_beside(truth: Path) -> Path | None:
    """The clip that a truth is about; None if it was only measured, or is gone."""
    return next((video for suffix in _SUFFIXES if (video := truth.with_suffix(suffix)).is_file()), None)


@dataclass(frozen=True, slots=True)
class SceneVideo:
    """The clip itself."""

    fps: float  # nominal
    frames: int
    width: int  # pixels
    height: int
    times_s: tuple[float, ...]  # of each frame, from the start of the video


@dataclass(frozen=True, slots=True)
class SceneBout:
    """One stretch of behaviour while the animal is in the picture."""

    behaviour: str  # a code of the ethogram
    sub_behaviour: str | None
    role: str | None
    start_s: float
    end_s: float
    cut_start: bool  # it began before the clip did
    cut_end: bool  # the clip ends before it does


@dataclass(frozen=True, slots=True)
class SceneContact:
    """A part of the body touches something, in the time of the video."""

    what: str
    body: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SceneAnimal:
    """One animal or person through the clip; lists have an entry for each frame."""

    individual: str
    species: str
    coat: int | None  # the number that its coat was painted from
    size: float  # of its species' adult
    girth: float  # depth and width of the trunk, against a fit animal's
    limp: float
    lame_leg: str | None
    tail: float  # share of its length
    stride_hz: float | None
    asymmetry: float | None
    boxes: tuple[Box | None, ...]  # x, y, w, h as shares of the picture, cut at its edges, as if nothing hid the animal
    visible_share: tuple[
        float, ...
    ]  # 0..1, share of its pixels in the picture that no plant, nobody else and no banner hides
    silhouettes: tuple[str | None, ...]  # COCO's compressed run lengths, as if nothing hid the animal
    flanks: tuple[str | None, ...]  # left, right, front or rear
    joints: Mapping[str, tuple[Joint | None, ...]]
    behaviours: tuple[SceneBout, ...]
    contacts: tuple[SceneContact, ...]


@dataclass(frozen=True, slots=True)
class SceneTruth:
    """Everything that is known about one clip."""

    clip: str
    seed: int  # of the performance
    simulated: bool
    captured_at: str  # ISO 8601 with the zone's offset
    subject: str  # the behaviour that was asked for, `empty` or `person`
    split: str
    camera: int  # its seed
    light: str  # day or infrared
    weather: str
    wind: float  # 0 still, 1 strong
    shaded: bool  # False: there is no video, only this truth
    video: SceneVideo
    animals: tuple[SceneAnimal, ...]


def write_annotation(truth: SceneTruth, path: Path) -> None:
    """Writes the truth as JSON, all of it or nothing: one line for each frame and each list."""
    tree: dict[str, Any] = asdict(truth)
    tree["joint_values"] = JOINTS_NOTE
    tree["info"] = _info(truth)
    tree["frames"] = [_frame(truth, index) for index in range(truth.video.frames)]
    with whole_file(path) as unfinished:
        unfinished.write_text(_in_lines(tree) + "\n", encoding="utf-8")


def _info(truth: SceneTruth) -> dict[str, Any]:
    """The head of a MammAlps annotation."""
    video = truth.video
    *folders, name = truth.clip.split("/")
    return {
        "site_id": next((folder for folder in folders if folder.startswith("LOC")), ""),
        "cam_id": f"CAM{truth.camera}",
        "event_id": name,
        "file_id": name,
        "num_frames": video.frames,
        "duration_s": round(video.times_s[-1] + 1 / video.fps, 3) if video.times_s else 0.0,
        "fps": video.fps,
        "resolution": f"{video.width}x{video.height}",
        "automatically_discarded": False,
        "attributes": {"meteo_conditions": truth.weather},
    }


def _frame(truth: SceneTruth, index: int) -> dict[str, Any]:
    second = truth.video.times_s[index]
    detections = []
    for track, animal in enumerate(truth.animals, start=1):
        box = animal.boxes[index]
        if box is None:
            continue
        segment, bout = _bout_at(animal.behaviours, second)
        x, y, w, h = box
        wide, high = truth.video.width, truth.video.height
        detections.append(
            {
                "track_id": track,
                "bbox": [round(x * wide), round(y * high), round((x + w) * wide), round((y + h) * high)],
                "attributes": {
                    "action": (bout.sub_behaviour or bout.behaviour) if bout else "none",
                    "action2": "none",
                    "activity": bout.behaviour if bout else "none",
                    "species": animal.species,
                },
                "segment_id": segment,
            }
        )
    return {"frame_id": index, "t": second, "detections": detections}


def _bout_at(bouts: tuple[SceneBout, ...], second: float) -> tuple[int, SceneBout | None]:
    """The number of the bout at a second, from 1, and the bout; 0 and None if there is none."""
    for number, bout in enumerate(bouts, start=1):
        if bout.start_s <= second < bout.end_s:
            return number, bout
    return 0, None


def _in_lines(tree: Any, indent: str = "") -> str:
    """JSON in which an object's keys and a list's objects have lines of their own and all else is on one line."""
    deeper = indent + " "
    if isinstance(tree, dict) and any(isinstance(value, dict | list | tuple) for value in tree.values()):
        lines = [f"{deeper}{json.dumps(key)}: {_in_lines(value, deeper)}" for key, value in tree.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(tree, list | tuple) and tree and isinstance(tree[0], dict):
        is_flat = "detections" in tree[0]
        lines = [deeper + (json.dumps(value) if is_flat else _in_lines(value, deeper)) for value in tree]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    return json.dumps(tree)
