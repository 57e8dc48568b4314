"""Teach a network behaviours that it does not know, and leave alone what it does.

One that goes on learning from clips of a further behaviour comes to do worse elsewhere (docs/evaluation.md). So
networks are put beside it that tell the further behaviours from everything else, on the same cues.
"""

from collections.abc import Sequence

import numpy as np

from models.behaviour.examples import Example
from models.behaviour.exporting import calibrated
from models.behaviour.learning import EPOCHS, learn
from models.behaviour.temporal import Committee, Extended


def extend(
    known: Committee,
    further: Sequence[str],
    codes: Sequence[str],
    learned: Sequence[Example],
    held: Sequence[Example],
    seed: int,
    epochs: int = EPOCHS,
) -> Extended:
    """The committee, and beside it networks that know further behaviours.

    Args:
        known: calibrated; it stays as it is.
        further: behaviours that it does not know, in the order of the columns that they get after its own.
        codes: what the examples' labels stand for, the further behaviours among them.
        learned: examples of these and of much else.
        held: likewise, of other cameras, to calibrate on.
        seed: the same seed and examples give the same networks.
        epochs: rounds over the examples.
    """
    places = np.array([1 + further.index(code) if code in further else 0 for code in codes])
    told, spared = ([one.relabelled(places) for one in some] for some in (learned, held))
    beside = learn(told, 1 + len(further), seed, epochs, scale=known.networks[0].scale, balanced=False)
    return Extended(known, calibrated(beside, spared)).eval()
