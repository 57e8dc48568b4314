"""Which seeds are for training and which for testing, so that the two never share a camera, a coat or a performance."""

from typing import Literal, get_args

import numpy as np

Split = Literal["train", "validate", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
SEEDS_A_SPLIT = 1_000_000


def seeds_of(split: Split) -> range:
    """All seeds of a split, whatever they are for: cameras, coats and motions all keep to it."""
    first = SPLITS.index(split) * SEEDS_A_SPLIT
    return range(first, first + SEEDS_A_SPLIT)


def split_of(seed: int) -> Split:
    """The split that a seed belongs to.

    Raises:
        ValueError: the seed belongs to none.
    """
    if not 0 <= seed < len(SPLITS) * SEEDS_A_SPLIT:
        raise ValueError(f"seed {seed} belongs to no split; they run from 0 to {len(SPLITS) * SEEDS_A_SPLIT - 1}")
    return SPLITS[seed // SEEDS_A_SPLIT]


def draw_seed(split: Split, random: np.random.Generator) -> int:
    """A seed of the split, by chance."""
    seeds = seeds_of(split)
    return int(random.integers(seeds.start, seeds.stop))
