"""What one simulated clip shall show. Nothing here needs MuJoCo."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from models.simulate.act import BEHAVIOURS, Individual
from models.simulate.split import Split, draw_seed

EMPTY = "empty"
PERSON = "person"
_LATER = ("groom_other", "mating")
# A recipe's seeds follow from the place in this, so what is added comes last and leaves other clips as they are.
SUBJECTS = (*(behaviour for behaviour in BEHAVIOURS if behaviour not in _LATER), EMPTY, PERSON, *_LATER)
LightKind = Literal["day", "infrared"]


@dataclass(frozen=True, slots=True)
class Order:
    """One clip that is wanted. Its pixels follow from this alone."""

    name: str  # of its files, below the folder of all clips, without suffix
    subject: str  # a behaviour of act.BEHAVIOURS, EMPTY or PERSON
    light: LightKind
    split: Split
    camera_seed: int
    motion_seed: int
    coat_seed: int
    seconds: float
    width: int  # pixels, even
    height: int
    shaded: bool = True  # False: only boxes, joints and silhouettes, no video
    outlined: bool = True  # False: the truth leaves out the silhouettes, most of its size
    cast: tuple[Individual, ...] = ()  # who plays, coat and name included, instead of whom the seeds choose
    wind: float | None = None  # 0 still, 1 strong; None: as the seeds choose
    captured_at: datetime | None = None  # aware; None: as the seeds choose


def coat_of(order: Order, number: int) -> int:
    """The coat of one of an order's animals, by its number from 0: a seed of the order's split."""
    return draw_seed(order.split, np.random.default_rng([order.coat_seed, number]))
