"""The indicators of one walk taken together: a change that shows a little in each is seen sooner than in any one.

Scores of the indicators that could be told in a sighting are added and brought back to the spread of one (Stouffer's
method), as far as they are independent: those of one walk share its view, so a correlation is allowed for.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.health.change import (
    FALSE_ALARMS_A_YEAR,
    HIGHEST_TOTAL,
    LEAST_EFFECT,
    LEAST_SPEAKING,
    LONGEST_PAUSE,
    SOON_FROM,
    Followed,
    readings_a_year,
)
from pipeline.health.cumulative import add_reading, bound_for, readings_to_false_alarm
from pipeline.health.flags import NOTHING_DISMISSED, Dismissed, Flag, Severity, flag_id
from pipeline.health.history import History, Visit

RULE = "gait"
TOGETHER = ("travel_speed", "stride_frequency", "gait_asymmetry", "head_bob", "back_bob")
CORRELATION = 0.3  # between the scores of one sighting; a choice of this project


@dataclass(frozen=True, slots=True)
class Walk:
    """One sighting's walk."""

    number: int  # of the animal's visits
    score: float  # spreads on the side of concern, all indicators together
    said: tuple[tuple[str, float], ...]  # which indicator, and its own score


def walk_flags(
    history: History, followed: Sequence[Followed], dismissed: Dismissed = NOTHING_DISMISSED
) -> Iterator[Flag]:
    """Flags for lasting changes of the walk as a whole."""
    judged = dismissed.get((history.animal.individual_id, RULE), frozenset())
    walks = walks_of(followed)
    total, off = 0.0, list[Walk]()
    current: Flag | None = None
    for place, walk in enumerate(walks):
        visit = history.visits[walk.number]
        late = place > 0 and visit.day - history.visits[walks[place - 1].number].day > LONGEST_PAUSE
        total = 0.0 if late else total
        total = min(add_reading(total, walk.score), HIGHEST_TOTAL)
        if late or total == 0.0 or visit.sighting in judged:
            if current is not None:
                yield replace(current, ended=visit.at)
            current, off = None, []
        if total == 0.0 or visit.sighting in judged:
            total = 0.0
            continue
        off.append(walk)
        days = [history.visits[one.number].day for one in walks[: place + 1]]
        current = _flag(history, off, total, readings_a_year(days), current, place + 1 - len(off))
    if current is not None:
        yield current


def walks_of(followed: Sequence[Followed]) -> list[Walk]:
    """The walks that could be compared, rising in time."""
    found: dict[int, list[tuple[str, float]]] = {}
    for series in followed:
        if series.watched.name in TOGETHER:
            for one in series.readings:
                if one.score is not None:
                    found.setdefault(one.reading.number, []).append((series.watched.name, one.score))
    return [
        Walk(number, _together([score for _, score in said]), tuple(said)) for number, said in sorted(found.items())
    ]


def _together(scores: Sequence[float]) -> float:
    number = len(scores)
    return sum(scores) / math.sqrt(number + number * (number - 1) * CORRELATION)


def _flag(
    history: History, off: Sequence[Walk], total: float, a_year: int, current: Flag | None, before: int
) -> Flag | None:
    bound = bound_for(a_year, FALSE_ALARMS_A_YEAR)
    effect = float(np.median([one.score for one in off]))
    if current is None and not (len(off) >= LEAST_SPEAKING and total >= bound and effect >= LEAST_EFFECT):
        return None
    visits: list[Visit] = [history.visits[one.number] for one in off]
    parts = {name: [score for one in off for said, score in one.said if said == name] for name in TOGETHER}
    words = ", ".join(
        f"{name.replace('_', ' ')} {np.median(scores):+.1f} ({len(scores)})" for name, scores in parts.items() if scores
    )
    key = history.animal.individual_id
    return Flag(
        flag_id=flag_id(key, RULE, visits[0].sighting),
        individual_id=key,
        code=history.animal.code,
        rule=RULE,
        severity=Severity.SOON if effect >= SOON_FROM else Severity.WATCH,
        summary=(
            f"walks otherwise than before, all that the walk tells taken together over {len(off)} sightings; spreads"
            f" towards concern: {words}"
        ),
        began=visits[0].at,
        raised=visits[-1].at if current is None else current.raised,
        ended=None,
        effect=effect,
        effect_unit="spreads of its own walks",
        rests_on=len(off),
        compared_with="its own earlier sightings",
        reference_size=before,
        false_alarms_a_year=a_year / readings_to_false_alarm(bound),
        evidence=tuple(visit.sighting for visit in visits),
    )
