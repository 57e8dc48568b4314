"""`python -m models.simulate.behaviour_sheet docs/pictures/simulated-behaviours.jpg` draws every behaviour, a row each.

Animals before a plain background, larger than a trap would show them, so that the motion itself can be judged.
"""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from models.simulate.act import BEHAVIOURS, NEEDS_TRUNK, Part, Stage, Trunk, act
from models.simulate.camera import Camera, project
from models.simulate.light import NOON, Picture
from models.simulate.renderer import choose_renderer

if TYPE_CHECKING:
    from models.simulate.cast import Player

Image = NDArray[np.uint8]  # (h, w, 3) RGB

_COLUMNS = 6
_CAMERA = Camera(width=240, height=135, elevation=0.8, view=float(np.radians(33)))
_TRUNK = Trunk(0.1, 3.9, 0.13)
_SECONDS = 7.0
_SKY, _GROUND, _BARK = (0.80, 0.81, 0.80), (0.66, 0.65, 0.58), (0.42, 0.35, 0.27)


def main() -> None:
    """Draws the sheet."""
    parser = argparse.ArgumentParser(prog="python -m models.simulate.behaviour_sheet", description=main.__doc__)
    parser.add_argument("path", type=Path, help="the JPEG to write")
    parser.add_argument("--seed", type=int, default=3, help="another seed, other performances")
    parser.add_argument("--behaviour", action="append", help="only this one; may be repeated")
    chosen = parser.parse_args()
    choose_renderer()
    rows = [_row(behaviour, chosen.seed) for behaviour in chosen.behaviour or BEHAVIOURS]
    if not chosen.behaviour:
        rows.append(_row("play", chosen.seed + 1))  # one cub plays with an object, the other row shows two
    sheet = np.concatenate(rows)
    chosen.path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(chosen.path), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise OSError(f"cannot write the contact sheet {chosen.path}")


def _row(behaviour: str, seed: int) -> Image:
    from models.simulate.cast import bring_part

    trunks = (_TRUNK,) if behaviour in NEEDS_TRUNK else ()
    parts = act(behaviour, seed, _SECONDS, Stage(_CAMERA, 2.9, 4.2, trunks=trunks))
    with ExitStack() as stack:
        players = [stack.enter_context(bring_part(_CAMERA, NOON, part, True)) for part in parts]
        seconds = _moments(parts)
        pictures = [_picture(players, float(second), trunks) for second in seconds]
    for picture, second in zip(pictures, seconds, strict=True):
        label = f"{behaviour}  {second:.1f} s"
        cv2.putText(picture, label, (5, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (25, 25, 25), 1, cv2.LINE_AA)
    return np.concatenate(pictures, axis=1)


def _moments(parts: Sequence[Part]) -> list[float]:
    """Seconds spread over the time in which the first animal is well inside the picture."""
    inside = []
    for second in np.arange(0, _SECONDS, 0.05):
        pose = parts[0].poses(float(second))
        if pose is not None and abs(pose.position[0]) < 0.9 * _CAMERA.half_width(max(pose.position[1], 0.5)):
            inside.append(float(second))
    return [float(second) for second in np.linspace(inside[0], inside[-1], _COLUMNS)]


def _picture(players: Sequence["Player"], second: float, trunks: Sequence[Trunk]) -> Image:
    """One moment, nearer animals in front of farther ones and of the trunks."""
    from models.simulate.cast import FINE, look_at

    picture, depth = _backdrop(trunks, FINE)
    for player in players:
        figure = look_at(_CAMERA, NOON, player, second, True)
        if figure is None or figure.colour is None:
            continue
        nearer = figure.depth < depth
        picture = np.where(nearer[..., None], figure.colour, picture).astype(np.float32)
        depth = np.minimum(depth, figure.depth)
    size = (_CAMERA.width, _CAMERA.height)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray((small.clip(0, 1) * 255).round(), dtype=np.uint8)


def _backdrop(trunks: Sequence[Trunk], fine: int) -> tuple[Picture, Picture]:
    """Plain sky and ground with the trunks, `fine` times as large, and the depth of each pixel in metres."""
    picture = np.empty((_CAMERA.height * fine, _CAMERA.width * fine, 3), dtype=np.float32)
    depth = np.full(picture.shape[:2], 100.0, dtype=np.float32)
    horizon = int(_CAMERA.horizon * fine)
    picture[:horizon], picture[horizon:] = _SKY, _GROUND
    for trunk in trunks:
        foot = project(_CAMERA, np.array([[trunk.x - trunk.radius, trunk.y, 0], [trunk.x + trunk.radius, trunk.y, 0]]))
        (left, bottom), (right, _) = (foot * fine).round().astype(int)
        picture[:bottom, left:right] = _BARK
        depth[:bottom, left:right] = trunk.y
    return picture, depth


if __name__ == "__main__":
    main()
