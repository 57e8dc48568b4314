"""A whole data set from one file: how many clips of what, in which light, for training and for testing.

Nothing here needs MuJoCo.
"""

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError, field_validator, model_validator

from models.simulate.order import SUBJECTS, LightKind, Order
from models.simulate.split import SPLITS, Split, draw_seed
from models.simulate.station import set_up
from models.simulate.walks import walk_orders
from pipeline.errors import ConfigError
from pipeline.yaml_file import fault, read_yaml


class Recipe(BaseModel):
    """A data set that is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(7, ge=0, description="Another seed, another data set.")
    seconds: float = Field(6.0, gt=0, le=120, description="Length of a clip.")
    width: int = Field(480, ge=64, le=1920, multiple_of=2, description="Of the picture, pixels.")
    height: int = Field(270, ge=36, le=1080, multiple_of=2, description="Of the picture, pixels.")
    cameras: int = Field(40, ge=1, description="Different traps in a split.")
    infrared: float = Field(0.5, ge=0, le=1, description="Share of each behaviour's clips that are filmed at night.")
    splits: dict[Split, dict[str, int]] = Field({}, description="How many clips of each behaviour, by split.")
    walks: dict[Split, NonNegativeInt] = Field(
        {}, description="How many walks of animals whose lameness and girth are spread evenly, by split."
    )
    frame_rates: tuple[Literal[5, 8, 10, 12, 15, 20, 25, 30], ...] = Field(
        (15, 20, 25, 30), min_length=1, description="Of the walks' traps, in turns; frames a second."
    )

    @classmethod
    def of_one(cls, split: Split, subject: str, count: int, **others: float) -> "Recipe":
        """So many clips of one behaviour.

        Args:
            split: where their seeds come from.
            subject: the behaviour's code, `empty` or `person`.
            count: how many.
            others: further fields of a recipe.

        Raises:
            ConfigError: the behaviour cannot be simulated, or a number is out of its range.
        """
        try:
            return cls.model_validate({"splits": {split: {subject: count}}, **others})
        except ValidationError as error:
            raise ConfigError(f"cannot simulate that: {_faults(error)}") from error

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Recipe":
        if not self.splits and not self.walks:
            raise ValueError("it asks for nothing; name clips under `splits` or `walks`")
        return self

    @field_validator("splits")
    @classmethod
    def _known(cls, splits: dict[Split, dict[str, int]]) -> dict[Split, dict[str, int]]:
        for counts in splits.values():
            for subject, count in counts.items():
                if subject not in SUBJECTS:
                    raise ValueError(f"{subject!r} cannot be simulated; there are {', '.join(SUBJECTS)}")
                if count < 0:
                    raise ValueError(f"{subject}: {count} clips are fewer than none")
        return splits


def read_recipe(path: Path) -> Recipe:
    """The recipe in a YAML file.

    Raises:
        ConfigError: it cannot be read, or asks for what is not there.
    """
    try:
        return Recipe.model_validate(read_yaml(path, "the recipe"))
    except ValidationError as error:
        raise ConfigError(f"the recipe {path} is wrong: {_faults(error)}") from error


def orders_of(recipe: Recipe, shaded: bool = True) -> tuple[Order, ...]:
    """Every clip of a recipe, those of one trap next to one another.

    A split's cameras, coats and motions come from its own seeds alone. More clips of a behaviour leave those that the
    smaller number gave as they are, as long as the share of night clips is 0 or 1.

    Args:
        recipe: what is wanted.
        shaded: False for boxes, joints and silhouettes alone, without videos.
    """
    orders = []
    for split, counts in recipe.splits.items():
        random = np.random.default_rng([recipe.seed, SPLITS.index(split)])
        cameras = [draw_seed(split, random) for _ in range(recipe.cameras)]
        for subject, count in counts.items():
            nights = round(count * recipe.infrared)
            for number in range(count):
                light: LightKind = "infrared" if number < nights else "day"
                orders.append(_order(recipe, split, subject, number, light, cameras, shaded))
    for split, count in recipe.walks.items():
        orders += walk_orders(
            count,
            frame_rates=recipe.frame_rates,
            seed=recipe.seed,
            split=split,
            infrared=recipe.infrared,
            seconds=recipe.seconds,
            size=(recipe.width, recipe.height),
            shaded=shaded,
        )
    return tuple(sorted(orders, key=lambda order: (order.split, order.camera_seed, order.name)))


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {fault(one)}" for one in error.errors())


def _order(
    recipe: Recipe, split: Split, subject: str, number: int, light: LightKind, cameras: list[int], shaded: bool
) -> Order:
    random = np.random.default_rng([recipe.seed, SPLITS.index(split), SUBJECTS.index(subject), number])
    camera = cameras[int(random.integers(len(cameras)))]
    location = set_up(camera, recipe.width, recipe.height).name
    return Order(
        name=f"{split}/{location}/{subject}-{light}-{number:04d}",
        subject=subject,
        light=light,
        split=split,
        camera_seed=camera,
        motion_seed=draw_seed(split, random),
        coat_seed=draw_seed(split, random),
        seconds=recipe.seconds,
        width=recipe.width,
        height=recipe.height,
        shaded=shaded,
    )
