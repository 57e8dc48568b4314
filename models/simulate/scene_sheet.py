"""`python -m models.simulate.scene_sheet docs/pictures/simulated-scenes-day.jpg --light day` draws real scenes.

A row for each behaviour, each before a trap of its own: four pictures of a clip with the true boxes and what happens.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import numpy as np

from models.simulate.act import BEHAVIOURS
from models.simulate.order import LightKind, Order
from models.simulate.renderer import choose_renderer
from models.simulate.split import draw_seed
from models.simulate.station import set_up

_SIZE = 480, 270  # pixels of a clip
_SHOWN = 240  # pixels, width of a picture on the sheet
_QUALITY = 65  # of the JPEG: night's noise fills it
_SECONDS = 6.0
_SLOWEST = 5  # frames a second: traps that take few frames are drawn soonest


def main() -> None:
    """Draws the sheet."""
    parser = argparse.ArgumentParser(prog="python -m models.simulate.scene_sheet", description=main.__doc__)
    parser.add_argument("path", type=Path, help="the JPEG to write")
    parser.add_argument("--light", choices=get_args(LightKind), default="day", help="daylight, or a night's infrared")
    parser.add_argument("--seed", type=int, default=3, help="another seed, other traps and performances")
    parser.add_argument("--behaviour", action="append", help="only this one; may be repeated")
    chosen = parser.parse_args()
    choose_renderer()

    from models.simulate.scene import make_scene
    from models.simulate.sheet import write_sheet

    with TemporaryDirectory() as folder:
        for number, behaviour in enumerate(chosen.behaviour or BEHAVIOURS):
            make_scene(_order(number, behaviour, chosen.light, chosen.seed), Path(folder))
        write_sheet(Path(folder), chosen.path, _SHOWN, _QUALITY)


def _order(number: int, behaviour: str, light: LightKind, seed: int) -> Order:
    random = np.random.default_rng([seed, BEHAVIOURS.index(behaviour)])
    camera = draw_seed("train", random)
    while set_up(camera, *_SIZE).fps != _SLOWEST:
        camera = draw_seed("train", random)
    return Order(
        name=f"{number:02d} {behaviour}",
        subject=behaviour,
        light=light,
        split="train",
        camera_seed=camera,
        motion_seed=draw_seed("train", random),
        coat_seed=draw_seed("train", random),
        seconds=_SECONDS,
        width=_SIZE[0],
        height=_SIZE[1],
    )


if __name__ == "__main__":
    main()
