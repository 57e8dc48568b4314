"""Measured clips that were never filmed: an animal that walks, then keeps its place, at cameras of any number."""

from functools import cache

import numpy as np

from models.behaviour.examples import examples_of
from models.behaviour.measured import Measured, TrueBout
from models.behaviour.shared_examples import SharedExamples
from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.tracking.looks import CELLS
from pipeline.values import Looks
from tests.behaviour.tracks import PICTURE, samples_of

CODES = ("travel", "rest", UNKNOWN)
SEEN = 30  # features of a made-up species network
HALF_S = 4.0


def clip(number: int, camera: int, words: tuple[str, str] = ("travel", "rest")) -> Measured:
    """Eight seconds: four of walking, four of rest, which are called by the given words."""
    random = np.random.default_rng(number)
    t = np.arange(0, 2 * HALF_S, 1 / 6)
    speed = random.uniform(150, 250)  # pixels a second; a body is 300 long
    x = 400 + speed * np.minimum(t, HALF_S) + random.normal(0, 1, len(t))
    centre = np.column_stack([x, np.full(len(t), 600.0)])
    cells = random.uniform(0, 0.2, (len(t), CELLS, CELLS))
    looks = Looks(
        silhouette=cells,
        change=cells * (t < HALF_S)[:, None, None],
        flow=np.zeros((len(t), CELLS, CELLS, 2)),
        embedding=random.normal(0, 1, (len(t), SEEN)).astype(np.float16),
    )
    return Measured(
        clip=f"clip {number}",
        camera=camera,
        light="day",
        split="train",
        subject="leopard",
        fps=30.0,
        duration_s=2 * HALF_S,
        aspect=PICTURE[0] / PICTURE[1],
        samples=(samples_of(t, centre, (300, 200), looks=looks),),
        owner=(np.zeros(len(t), dtype=np.int64),),
        bouts=(TrueBout(0, words[0], "", 0.0, HALF_S), TrueBout(0, words[1], "", HALF_S, 2 * HALF_S)),
    )


@cache
def simulated(count: int = 24, words: tuple[str, str] = ("travel", "rest")) -> SharedExamples:
    """Examples that might have come from a simulator, of six cameras."""
    clips = [clip(1000 + number, 1000 + number % 6, words) for number in range(count)]
    return SharedExamples(CODES, {"travel": 1.0}, tuple(examples_of(clips, CODES)))
