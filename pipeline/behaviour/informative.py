"""Which bouts a person should label next, so that the classifier learns most from few minutes of looking."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import nsmallest

from pipeline.behaviour.ethogram import UNKNOWN
from pipeline.store.rows import OpenBout

MARKED_DOWN = 0.6  # what a further bout of the same behaviour at the same location is still worth
SHORTEST_S = 1.0  # seconds below which a bout shows a person little
SURELY_UNKNOWN = 0.95  # belief in `unknown` from which the machine does not waver between behaviours: of a stump, say


def most_informative(bouts: Iterable[OpenBout], count: int) -> list[str]:
    """Ids of the bouts that would teach most, the first before all others.

    A bout is worth its doubt: 1 less its probability, and 1 where the behaviour is unknown (uncertainty sampling, after
    Lewis & Gale 1994), unless the machine is sure that nobody can tell it. A behaviour that was named seldom is worth
    more, and each further bout of one behaviour at one location less, so that no single trap fills the list.

    Args:
        bouts: of an archive, in any order; of one behaviour at one location only some are kept in memory.
        count: how many at most.
    """
    named: Counter[str] = Counter()
    doubted: defaultdict[tuple[str, str | None], list[tuple[float, str]]] = defaultdict(list)  # less doubt, bout
    for one in bouts:
        if one.end_s - one.start_s < SHORTEST_S:
            continue
        named[one.behaviour] += 1
        alike = doubted[one.behaviour, one.location]
        alike.append((-_doubt(one), one.bout))
        if len(alike) > 2 * count:
            alike[:] = nsmallest(count, alike)
    worth = []
    for (behaviour, _), alike in doubted.items():
        ranked = sorted((less / named[behaviour] ** 0.25, bout) for less, bout in alike)
        worth += [(less * MARKED_DOWN**place, less, bout) for place, (less, bout) in enumerate(ranked)]
    return [bout for _, _, bout in nsmallest(count, worth)]


def _doubt(bout: OpenBout) -> float:
    lost = bout.machine_behaviour == UNKNOWN and bout.probability < SURELY_UNKNOWN
    return 1.0 if lost else 1.0 - bout.probability
