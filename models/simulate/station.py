"""One trap: how it hangs, what its lens sees, where its trunks stand and how it records, all from a camera seed."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.simulate.act import Stage, Trunk
from models.simulate.camera import Camera, ground_at, project

Container = Literal["mp4", "avi"]

_FRAME_RATES = (5, 8, 10, 12, 15, 15, 20, 25, 30)
_TALLEST = 0.85  # metres, of an animal that should fit into the picture where it walks closest
_ROOM = 3.9  # metres; a trunk stands at least so far away, so that a tiger finds room before it
_CUBS_COME = 0.7  # of the distance at which adults pass, how close cubs come
_LOWEST_PAW = 0.86  # of the picture's height, above the banner
_TRIES = 500
_WIDE = 640  # pixels of a picture in which a place is only wanted as a share


@dataclass(frozen=True, slots=True)
class Station:
    """A trap in its place."""

    seed: int
    camera: Camera
    nearest: float  # metres, how close animals walk by
    farthest: float
    trunks: tuple[Trunk, ...]  # the first can be marked; those nearer than `nearest` hide what is behind them
    fps: int  # nominal frames a second
    steady: bool  # its frame rate; if not, frames come late or are lost
    container: Container  # H.264 in MP4, or MJPEG in AVI, which is always steady
    banner: bool  # prints date and temperature below the picture
    delay_s: float  # from the start of the action to the first frame

    @property
    def name(self) -> str:
        """The location's name, as folders carry it."""
        return f"LOC{self.seed:07d}"


def set_up(seed: int, width: int, height: int) -> Station:
    """The trap that a camera seed stands for.

    Heights of 0.3 to 1.1 m, tilts of -2 to 12 degrees, vertical views of 30 to 46 degrees; among these, those in
    which the ground and the whole of an animal fit into the picture at the distance where animals pass.

    Args:
        seed: of the camera.
        width: of the picture, pixels, even.
        height: likewise.
    """
    random = np.random.default_rng([seed, 1])
    camera, nearest = _hang(random, width, height)
    farthest = max(nearest + random.uniform(1.4, 2.4), _ROOM + 0.3)
    fps = int(random.choice(_FRAME_RATES))
    container: Container = "avi" if random.random() < 0.25 else "mp4"
    return Station(
        seed=seed,
        camera=camera,
        nearest=nearest,
        farthest=farthest,
        trunks=_trunks(camera, nearest, farthest, random),
        fps=fps,
        steady=container == "avi" or random.random() < 0.7,
        container=container,
        banner=random.random() < 0.6,
        delay_s=random.uniform(0.2, 1.2),
    )


def stage_of(station: Station, marked: bool) -> Stage:
    """Where animals act before this trap.

    Args:
        station: the trap.
        marked: whether they use its trunk; if not, they keep in front of it.
    """
    trunk = station.trunks[0]
    farthest = station.farthest if marked else max(min(station.farthest, trunk.y - 0.5), station.nearest + 0.2)
    camera, nearest = station.camera, station.nearest
    closest = min(max(_CUBS_COME * nearest, ground_at(camera, _LOWEST_PAW * camera.height)), nearest)
    return Stage(camera, nearest, farthest, closest, (trunk,))


def trunk_in_picture(seed: int, aspect: float) -> tuple[float, float]:
    """The left and right edges of the trunk that can be marked before a camera, shares of the picture's width.

    Args:
        seed: of the camera.
        aspect: the picture's width over its height, pixels.
    """
    station = set_up(seed, _WIDE, round(_WIDE / aspect / 2) * 2)
    trunk = station.trunks[0]
    sides = np.array([[trunk.x + way * trunk.radius, trunk.y, _TALLEST / 2] for way in (-1, 1)])
    left, right = project(station.camera, sides)[:, 0] / _WIDE
    return max(float(left), 0.0), min(float(right), 1.0)


def _hang(random: np.random.Generator, width: int, height: int) -> tuple[Camera, float]:
    for _ in range(_TRIES):
        camera = Camera(
            width=width,
            height=height,
            elevation=random.uniform(0.3, 1.1),
            tilt=math.radians(random.uniform(-2, 12)),
            view=math.radians(random.uniform(30, 46)),
        )
        nearest = random.uniform(2.3, 3.2)
        (_, top), (_, foot) = project(camera, np.array([[0.0, nearest, _TALLEST], [0.0, nearest, 0.0]]))
        if top > 0.04 * height and foot < 0.94 * height and foot - top > 0.36 * height:
            return camera, nearest
    raise RuntimeError(f"no camera of {_TRIES} drawn shows an animal whole; its ranges contradict one another")


def _trunks(camera: Camera, nearest: float, farthest: float, random: np.random.Generator) -> tuple[Trunk, ...]:
    """One trunk to be marked, towards the far side of the stage, and sometimes one close to the lens."""
    depth = random.uniform(max(nearest + 1.0, _ROOM), farthest)
    reach = camera.half_width(depth)
    marked = Trunk(random.uniform(-0.35, 0.35) * reach, depth, random.uniform(0.08, 0.17))
    if random.random() > 0.3:
        return (marked,)
    close = nearest * random.uniform(0.5, 0.65)
    side = random.choice((-1, 1)) * random.uniform(0.55, 0.9) * camera.half_width(close)
    return (marked, Trunk(float(side), close, random.uniform(0.04, 0.09)))
