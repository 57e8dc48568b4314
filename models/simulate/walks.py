"""Walks whose lameness, girth and frame rate are known and spread evenly, to measure health indicators on.

`travel` by itself draws lame and fat animals seldom. Nothing here needs MuJoCo.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.simulate.act import Individual, Species, act
from models.simulate.order import LightKind, Order
from models.simulate.split import Split, draw_seed
from models.simulate.station import set_up, stage_of

SUBJECT = "travel"
SOUND = 0.4  # share of the walks without a limp
MARKED = 0.15  # the limp of the next 0.3 of them; of the rest it is spread evenly
LIMPS = (0.05, 0.4)
GIRTHS = (0.75, 1.3)  # thin to fat
SIZES = (0.9, 1.08)
SIDEWAYS = 20.0  # degrees from the picture's plane, within which a walk leads across it
LEGS = ("hind_L", "hind_R", "fore_L", "fore_R")


def walk_orders(
    count: int,
    *,
    frame_rates: Sequence[int],
    seed: int = 7,
    split: Split = "test",
    infrared: float = 0.3,
    across: float = 0.7,
    seconds: float = 6.0,
    size: tuple[int, int] = (480, 270),
    shaded: bool = True,
) -> tuple[Order, ...]:
    """So many walks, each by an animal and before a trap of its own.

    More of them leave those that the smaller number gave as they are.

    Args:
        count: how many.
        frame_rates: nominal frames a second that the traps have, in turns; each one that traps can have.
        seed: another seed, other walks.
        split: where the seeds come from.
        infrared: share of them filmed at night, 0 to 1.
        across: share of them that lead across the picture, so that the animal is seen from the side, 0 to 1; of the
            others, as many as chance has it.
        seconds: length of a clip.
        size: of the picture, pixels, both even.
        shaded: False for boxes, joints and silhouettes alone, without videos.

    Raises:
        ValueError: no trap has such a frame rate.
    """
    orders = []
    for number in range(count):
        random = np.random.default_rng([seed, number])
        camera = _camera(random, split, frame_rates[number % len(frame_rates)], size)
        light: LightKind = "infrared" if random.random() < infrared else "day"
        order = Order(
            name=f"{split}/{set_up(camera, *size).name}/walk-{light}-{number:04d}",
            subject=SUBJECT,
            light=light,
            split=split,
            camera_seed=camera,
            motion_seed=draw_seed(split, random),
            coat_seed=draw_seed(split, random),
            seconds=seconds,
            width=size[0],
            height=size[1],
            shaded=shaded,
            cast=(_walker(random, split),),
        )
        if random.random() < across:
            while not leads_across(order):
                order = replace(order, motion_seed=draw_seed(split, random))
        orders.append(order)
    return tuple(orders)


def leads_across(order: Order) -> bool:
    """Whether an order's first animal shows its side to the camera throughout, within `SIDEWAYS` degrees."""
    station = set_up(order.camera_seed, order.width, order.height)
    (part, *_) = act(
        order.subject, order.motion_seed, order.seconds + station.delay_s, stage_of(station, False), order.cast
    )
    poses = [part.poses(station.delay_s + second) for second in np.arange(0.0, order.seconds, 0.5)]
    aside = [abs(np.sin(pose.heading)) for pose in poses if pose is not None]
    return bool(aside) and max(aside) <= np.sin(np.radians(SIDEWAYS))


def _camera(random: np.random.Generator, split: Split, frame_rate: int, size: tuple[int, int]) -> int:
    for _ in range(1000):
        camera = draw_seed(split, random)
        if set_up(camera, *size).fps == frame_rate:
            return camera
    raise ValueError(f"no simulated trap films {frame_rate} frames a second; ask for 5, 8, 10, 12, 15, 20, 25 or 30")


def _walker(random: np.random.Generator, split: Split) -> Individual:
    drawn, limp, leg = random.random(), float(random.uniform(*LIMPS)), int(random.integers(len(LEGS)))
    limp = 0.0 if drawn < SOUND else MARKED if drawn < SOUND + 0.3 else round(limp, 3)
    species: Species = "tiger" if random.random() < 0.2 else "leopard"
    coat = draw_seed(split, random)
    return Individual(
        name=f"{species} {coat}",
        species=species,
        coat=coat,
        size=round(float(random.uniform(*SIZES)), 3),
        girth=round(float(random.uniform(*GIRTHS)), 3),
        limp=limp,
        lame_leg=LEGS[leg],
    )
