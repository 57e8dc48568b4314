"""Which bouts a person should label next, so that the classifier learns most from few minutes of looking."""

from collections import Counter
from collections.abc import Sequence

from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.store.rows import BoutRow

MARKED_DOWN = 0.6  # what a further bout of the same behaviour at the same location is still worth
SHORTEST_S = 1.0  # seconds below which a bout shows a person little


def most_informative(bouts: Sequence[BoutRow], count: int) -> list[BoutRow]:
    """The unlabelled bouts that would teach most, the first before all others.

    A bout is worth its doubt: 1 less its probability, and 1 where the behaviour is unknown (uncertainty sampling, after
    Lewis & Gale 1994). A behaviour that was named seldom is worth more, and each further bout of one behaviour at one
    location less, so that no single trap fills the list.

    Args:
        bouts: of an archive, labelled or not.
        count: how many at most.
    """
    unlabelled = [one for one in bouts if one.human_behaviour is None and one.end_s - one.start_s >= SHORTEST_S]
    named = Counter(one.behaviour for one in unlabelled)
    doubt = {one.bout: _doubt(one) / named[one.behaviour] ** 0.25 for one in unlabelled}
    left = sorted(unlabelled, key=lambda one: (-doubt[one.bout], one.bout))
    taken: Counter[tuple[str, str | None]] = Counter()
    chosen: list[BoutRow] = []
    while left and len(chosen) < count:
        best = max(left, key=lambda one: doubt[one.bout] * MARKED_DOWN ** taken[one.behaviour, one.location])
        taken[best.behaviour, best.location] += 1
        chosen.append(best)
        left.remove(best)
    return chosen


def _doubt(bout: BoutRow) -> float:
    return 1.0 if bout.machine_behaviour == UNKNOWN else 1.0 - bout.probability
