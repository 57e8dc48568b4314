"""Part clips by camera: what is learned from, what beliefs are calibrated on, and what classifiers are compared on."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError

if TYPE_CHECKING:  # evaluation asks for cameras without loading the networks that measure clips
    from models.behaviour.measured import Measured

HELD_SHARE, CALIBRATED_SHARE = 0.3, 0.15  # of the cameras
LEAST_HELD = 2  # cameras to compare on
LEAST_LEARNED = 1
ENOUGH_TO_CALIBRATE = 5  # cameras from which on one of them is spared for it
LEAST_BOUTS = 10  # labelled, to learn from, and as many to compare on


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Clips that share no camera from part to part."""

    learned: tuple["Measured", ...]
    calibrated: tuple["Measured", ...]  # may be empty
    compared: tuple["Measured", ...]


def camera_number(location: str | None) -> int:
    """A number that stands for a camera's location, the same in every archive; places that are not known share one."""
    return int(hashlib.sha256((location or "").encode()).hexdigest()[:12], 16)


def place_of(camera: int) -> float:
    """Where a camera stands between 0 and 1: by chance, and the same in every training."""
    return int(hashlib.sha256(str(camera).encode()).hexdigest()[:12], 16) / 16**12


def cameras_of(clips: Sequence["Measured"]) -> tuple[int, ...]:
    """The clips' cameras in the order of `place_of`."""
    return tuple(sorted({clip.camera for clip in clips}, key=place_of))


@dataclass(frozen=True, slots=True)
class CameraParts:
    """The same parts as cameras."""

    learned: tuple[int, ...]
    calibrated: tuple[int, ...]
    compared: tuple[int, ...]


def split_by_camera(clips: Sequence["Measured"]) -> Parts:
    """Part labelled clips as `part_cameras` parts their cameras.

    Args:
        clips: labelled.

    Raises:
        ConfigError: there are too few cameras or labels; the message says how many are needed.
    """
    bouts = {camera: sum(len(clip.bouts) for clip in _filmed_by(clips, (camera,))) for camera in cameras_of(clips)}
    cameras = part_cameras(bouts)
    return Parts(*(_filmed_by(clips, part) for part in (cameras.learned, cameras.calibrated, cameras.compared)))


def part_cameras(bouts: Mapping[int, int], names: Mapping[int, str] = MappingProxyType({})) -> CameraParts:
    """Which cameras are learned from, calibrated on and compared on.

    A camera that was learned from is not compared on in a later training either: the comparison takes the cameras that
    come first by `place_of`, and a new one can only push others out of it. That fails where cameras were taken away,
    and where at first all were among those to be compared on, so that one of them had to be learned from.

    Args:
        bouts: of each camera, how many are labelled.
        names: of the cameras, where they are known, for the message.

    Raises:
        ConfigError: there are too few cameras or labels; the message says how many are needed.
    """
    cameras = sorted(bouts, key=place_of)
    if len(cameras) < LEAST_HELD + LEAST_LEARNED:
        raise ConfigError(
            f"the labels come from {len(cameras)} locations, and at least {LEAST_HELD + LEAST_LEARNED} are needed:"
            f" {LEAST_HELD} to compare on and {LEAST_LEARNED} to learn from; `ethotrap bouts --most-informative 50`"
            " lists what to label, at other cameras too"
        )
    held = max(LEAST_HELD, sum(place_of(camera) < HELD_SHARE for camera in cameras))
    held = min(held, len(cameras) - LEAST_LEARNED)
    calibrated = 0
    if len(cameras) >= ENOUGH_TO_CALIBRATE:
        until = HELD_SHARE + CALIBRATED_SHARE
        calibrated = max(1, sum(place_of(camera) < until for camera in cameras[held:]))
        calibrated = min(calibrated, len(cameras) - held - LEAST_LEARNED)
    parts = CameraParts(
        learned=tuple(cameras[held + calibrated :]),
        calibrated=tuple(cameras[held : held + calibrated]),
        compared=tuple(cameras[:held]),
    )
    for purpose, part in (("learn from", parts.learned), ("compare on", parts.compared)):
        labelled = sum(bouts[camera] for camera in part)
        if labelled < LEAST_BOUTS:
            where = sorted(names[camera] for camera in part if camera in names)
            raise ConfigError(
                f"there are {labelled} labelled bouts to {purpose}, from {len(part)} of {len(cameras)} locations, and"
                f" at least {LEAST_BOUTS} are needed; `ethotrap bouts --most-informative 50` lists what to label"
                + (f", with `--location` at one of these alone: {', '.join(where)}" if where else "")
            )
    return parts


def _filmed_by(clips: Sequence["Measured"], cameras: Sequence[int]) -> tuple["Measured", ...]:
    return tuple(clip for clip in clips if clip.camera in cameras)
