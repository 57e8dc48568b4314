"""One named rule: the pattern that vets know from distemper in big cats. For a vet to review, whatever it may be.

Amur tigers and a leopard with it were seen without fear, on roads and near people by day, staring, circling, stumbling,
and thin (mBio 2013; J Wildl Dis 54:170, 2018). Each of these is common enough alone: the rule asks how rarely so many
of them come together in the last sightings of one animal, given how often it shows each of them.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from pipeline.health.change import Followed
from pipeline.health.flags import NOTHING_DISMISSED, Dismissed, Flag, Severity, flag_id
from pipeline.health.history import History, Visit
from pipeline.health.sun import is_day

RULE = "distemper_pattern"
NAME = "pattern that vets know from distemper; for a vet's review"
WINDOW = 4  # sightings
WITHIN = timedelta(days=60)
LEAST_SIGNS = 2  # different ones
LEAST_SIGHTINGS = 2  # with a sign
LEAST_PAST = 5  # sightings before the window
FALSE_ALARMS_A_YEAR = 0.02  # of one animal, at most
LONG_LOOK = 0.35  # share of a sighting's time turned to the camera, above which it counts as no fear
FAR_OFF = 2.0  # spreads beyond what is usual, from which on a reading counts as a sign
FAR_OFF_CHANCE = 0.05  # of such a reading without any change: Student's t with 5 degrees of freedom, and some more

SIGNS = {
    "no fear": "stays with the camera or turns to it for long",
    "near people by day": "on a road or near people in daylight",
    "circling": "walks in a winding line or circles",
    "stumbling": "stumbles",
    "thin": "looks thinner than before",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """Which signs one sighting shows, of those that could be told in it."""

    visit: Visit
    told: Mapping[str, bool]


def pattern_flags(
    history: History, followed: Sequence[Followed], dismissed: Dismissed = NOTHING_DISMISSED
) -> Iterator[Flag]:
    """Flags of the pattern, one for each spell of sightings with it."""
    key = history.animal.individual_id
    judged = dismissed.get((key, RULE), frozenset())
    far = _far_off(followed)
    every = [signs_of(visit, far.get(number, {})) for number, visit in enumerate(history.visits)]
    past: list[Signs] = []
    window: deque[Signs] = deque()
    current: Flag | None = None
    for one in every:
        while window and (len(window) >= WINDOW or one.visit.at - window[0].visit.at > WITHIN):
            past.append(window.popleft())
        window.append(one)
        raised = None
        if len(past) >= LEAST_PAST:
            a_year = _a_year([*past, *window])
            shown = [sign for sign in window if sign.visit.sighting not in judged]
            raised = _flag(history, past if current is None else past[: current.reference_size], shown, a_year)
        if raised is None and current is not None:
            ended = one.visit.at
            yield replace(current, ended=ended)
            current = None
        elif raised is not None:
            current = raised if current is None else _joined(current, raised)
    if current is not None:
        yield current


def signs_of(visit: Visit, far: Mapping[str, float]) -> Signs:
    """What one sighting shows.

    Args:
        visit: the sighting.
        far: how many spreads each watched indicator lies on the side of concern, where it could be compared.
    """
    told: dict[str, bool] = {}
    response, stumbles = visit.value("camera_response"), visit.value("stumbles")
    if response is not None:
        told["no fear"] = response >= LONG_LOOK
    if visit.latitude is not None and visit.longitude is not None:
        told["near people by day"] = visit.near_people and is_day(visit.at, visit.latitude, visit.longitude)
    if stumbles is not None:
        told["stumbling"] = stumbles >= 1
    for sign, name in (("circling", "tortuosity"), ("thin", "girth_length")):
        if name in far:
            told[sign] = far[name] >= FAR_OFF
    return Signs(visit, told)


def _far_off(followed: Sequence[Followed]) -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    for series in followed:
        for one in series.readings:
            if one.score is not None:
                found.setdefault(one.reading.number, {})[series.watched.name] = one.score
    return found


def _flag(history: History, past: Sequence[Signs], window: Sequence[Signs], a_year: float) -> Flag | None:
    shown = [one for one in window if any(one.told.values())]
    signs = {name for one in shown for name, there in one.told.items() if there}
    number = sum(there for one in window for there in one.told.values())
    if len(signs) < LEAST_SIGNS or len(shown) < LEAST_SIGHTINGS:
        return None
    chances = {name: _usual(name, past) for name in SIGNS}
    chance = at_least([chances[name] for one in window for name in one.told], number)
    if chance > FALSE_ALARMS_A_YEAR / a_year:
        return None
    key, last = history.animal.individual_id, shown[-1].visit
    words = "; ".join(
        f"{SIGNS[name]} in {sum(one.told.get(name, False) for one in window)} of"
        f" {sum(name in one.told for one in window)}"
        for name in SIGNS
        if name in signs
    )
    return Flag(
        flag_id=flag_id(key, RULE, shown[0].visit.sighting),
        individual_id=key,
        code=history.animal.code,
        rule=RULE,
        severity=Severity.FIRST,
        summary=f"{NAME}. In the last {len(window)} sightings: {words}",
        began=shown[0].visit.at,
        raised=last.at,
        ended=None,
        effect=number / max(sum(chances[name] for one in window for name in one.told), 1e-6),
        effect_unit="times as many signs as usual",
        rests_on=len(shown),
        compared_with="how often it showed each of these signs before",
        reference_size=len(past),
        false_alarms_a_year=FALSE_ALARMS_A_YEAR,
        evidence=tuple(one.visit.sighting for one in shown),
    )


def at_least(chances: Sequence[float], number: int) -> float:
    """The chance that at least so many of independent events come, each with its own chance (Poisson binomial)."""
    counts = np.ones(1)
    for chance in chances:
        counts = np.convolve(counts, [1 - chance, chance])
    return float(counts[number:].sum())


def _usual(name: str, past: Sequence[Signs]) -> float:
    """How often the animal shows a sign, as its past tells (the mean of a share, Jeffreys' prior).

    Readings that are compared with the animal itself are far off as rarely as such readings are without any change.
    """
    if name in ("circling", "thin"):
        return FAR_OFF_CHANCE
    told = [one.told[name] for one in past if name in one.told]
    return (sum(told) + 0.5) / (len(told) + 1)


def _a_year(seen: Sequence[Signs]) -> float:
    days = max((seen[-1].visit.day - seen[0].visit.day).days, 30)
    return max(1.0, len(seen) * 365 / days)


def _joined(before: Flag, now: Flag) -> Flag:
    evidence = tuple(dict.fromkeys((*before.evidence, *now.evidence)))
    return replace(
        now,
        flag_id=before.flag_id,
        began=before.began,
        raised=before.raised,
        evidence=evidence,
        rests_on=len(evidence),
        reference_size=before.reference_size,
    )
