"""The trap's camera: a pinhole that never moves, and where the ground lies in its picture.

World axes: x to the right of the picture, y away from the camera, z up, the ground at z = 0, all in metres.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_AHEAD_M = 0.2  # metres from the lens's plane within which a point says nothing of how a body moves in the picture


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera strapped to a tree at x = 0, y = 0."""

    width: int = 640  # pixels
    height: int = 360
    elevation: float = 0.75  # metres above the ground
    tilt: float = math.radians(5)  # downward
    view: float = math.radians(40)  # vertical angle of view

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.height / 2 / math.tan(self.view / 2)

    @property
    def horizon(self) -> float:
        """Row (pixels from the top) of the horizon."""
        return self.height / 2 - self.focal * math.tan(self.tilt)

    def half_width(self, distance: float) -> float:
        """Metres from the picture's middle to its edge on the ground, `distance` metres away."""
        depth = distance * math.cos(self.tilt) + self.elevation * math.sin(self.tilt)
        return self.width / 2 / self.focal * depth


def project(camera: Camera, points: Array) -> Array:
    """Where world points appear.

    Args:
        camera: the camera.
        points: (n, 3) metres, in front of the camera.

    Returns:
        (n, 2) pixels from the top left corner, not clipped to the picture.
    """
    x, y, z = points[:, 0], points[:, 1], points[:, 2] - camera.elevation
    depth = along_axis(camera, points)
    rise = y * math.sin(camera.tilt) + z * math.cos(camera.tilt)
    column = camera.width / 2 + camera.focal * x / depth
    row = camera.height / 2 - camera.focal * rise / depth
    return np.stack([column, row], axis=1)


def along_axis(camera: Camera, points: Array) -> Array:
    """(n,) metres of world points along the lens's axis, negative behind the camera.

    Args:
        camera: the camera.
        points: (n, 3) metres.
    """
    drop = points[:, 2] - camera.elevation
    return np.asarray(points[:, 1] * math.cos(camera.tilt) - drop * math.sin(camera.tilt))


def moved_px(camera: Camera, before: Array, now: Array) -> tuple[float, float]:
    """How many pixels a body's middle has moved to the right and down, by those of its points that are well ahead.

    Where a point close to the lens's plane would appear goes towards infinity, and behind the camera it means nothing.

    Args:
        camera: the camera.
        before: (n, 3) metres, the body's points at an earlier moment.
        now: likewise, the same points.

    Returns:
        (0, 0) where none of its points is ahead.
    """
    ahead = np.minimum(along_axis(camera, before), along_axis(camera, now)) > _AHEAD_M
    if not ahead.any():
        return (0.0, 0.0)
    right, down = (project(camera, now[ahead]).mean(axis=0) - project(camera, before[ahead]).mean(axis=0)).tolist()
    return (right, down)


def ground_at(camera: Camera, row: float) -> float:
    """Metres from the camera to the ground that a picture's row shows in its middle; infinite above the horizon.

    Args:
        camera: the camera.
        row: pixels from the top.
    """
    down = camera.tilt + math.atan((row - camera.height / 2) / camera.focal)
    return camera.elevation / math.tan(down) if down > 0 else math.inf


def ground_under_pixels(camera: Camera, scale: int = 1, farthest: float = 60.0) -> Array:
    """The ground point that each pixel looks at.

    Args:
        camera: the camera.
        scale: pixels of the result for one pixel of the picture, in each direction.
        farthest: metres; pixels that look farther, or above the horizon, get this distance.

    Returns:
        (height * scale, width * scale, 2) x and y in metres.
    """
    columns = (np.arange(camera.width * scale) + 0.5) / scale - camera.width / 2
    rows = camera.height / 2 - (np.arange(camera.height * scale) + 0.5) / scale
    column, row = np.meshgrid(columns / camera.focal, rows / camera.focal)
    forward = math.cos(camera.tilt) + row * math.sin(camera.tilt)
    drop = math.sin(camera.tilt) - row * math.cos(camera.tilt)
    reach = camera.elevation / np.maximum(drop, 1e-9)
    reach = np.minimum(reach, farthest / forward)
    return np.stack([column * reach, forward * reach], axis=2)
