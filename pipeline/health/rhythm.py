"""How an animal spends its time, and at which hours: of late, beside its own past.

What a trap films is not all of a day: a video starts because something moved, so rest is filmed less often than it
happens, and an animal's hours at a trap are those at which it walks there (Rowcliffe et al. 2014, Methods in Ecology
and Evolution 5, 1170). So only like is set beside like: the same animal's videos then and now. One animal gives few
videos; a shift is a flag only where chance would hardly make one so large.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.health.flags import NOTHING_DISMISSED, Dismissed, Flag, Severity, flag_id, once_in
from pipeline.health.history import History, Visit
from pipeline.health.sun import is_day, solar_hour
from pipeline.values import Array

RULE = "hours_shift"
LATE = 20  # sightings that "of late" means
LEAST_PAST = 20  # sightings before those
PERIODS = 8  # of three solar hours
SHUFFLES = 1999
FALSE_ALARM = 0.01  # chance, at most, that one comparison of an animal without any change raises a flag
LEAST_DIVERGENCE = 0.10  # bits
SEED = 20  # shuffling gives the same answer every time


@dataclass(frozen=True, slots=True)
class Budget:
    """Shares of the time with a named behaviour."""

    seconds: float
    sightings: int
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """An animal's time and hours, before and of late."""

    before: Budget
    late: Budget
    hours_before: tuple[float, ...]  # true solar time of each sighting, 0 up to 24
    hours_late: tuple[float, ...]
    by_day_before: float | None  # share of the sightings in daylight; None without a place
    by_day_late: float | None
    near_people_before: float | None  # share of the sightings near people
    near_people_late: float | None
    divergence: float | None  # of the hours, bits 0..1; None below 20 sightings each
    chance: float | None  # of so large a divergence or larger without any change


def rhythm(visits: Sequence[Visit]) -> Rhythm:
    """The last 20 sightings beside those before.

    Args:
        visits: of one animal, rising in time.
    """
    before, late = visits[:-LATE], visits[-LATE:]
    hours = [_hours(part) for part in (before, late)]
    divergence = chance = None
    if len(hours[0]) >= LEAST_PAST and len(hours[1]) >= LATE:
        divergence, chance = _compared(*hours)
    return Rhythm(
        before=budget(before),
        late=budget(late),
        hours_before=hours[0],
        hours_late=hours[1],
        by_day_before=_by_day(before),
        by_day_late=_by_day(late),
        near_people_before=_share([one.near_people for one in before]),
        near_people_late=_share([one.near_people for one in late]),
        divergence=divergence,
        chance=chance,
    )


def budget(visits: Sequence[Visit]) -> Budget:
    """How the time with a named behaviour was spent; most first."""
    seconds: Counter[str] = Counter()
    for visit in visits:
        seconds.update(visit.behaviours)
    total = sum(seconds.values())
    shares = {name: spent / total for name, spent in seconds.most_common()} if total else {}
    return Budget(float(total), sum(bool(visit.behaviours) for visit in visits), shares)


def divergence(some: Array, others: Array) -> float:
    """Jensen-Shannon divergence of two distributions, in bits: 0 if they are equal, 1 if they have nothing in common.

    Lin 1991, IEEE Transactions on Information Theory 37, 145.

    Args:
        some: counts or shares, not all 0.
        others: as many.
    """
    return float(_divergences(some[None, :], others[None, :])[0])


def _divergences(some: Array, others: Array) -> Array:
    """The divergence of each row of one array from the same row of the other."""
    p, q = (part / part.sum(axis=1, keepdims=True) for part in (some, others))
    middle = np.maximum((p + q) / 2, 1e-300)
    towards = [(part * np.log2(np.maximum(part, 1e-300) / middle)).sum(axis=1) for part in (p, q)]
    return np.asarray(np.maximum((towards[0] + towards[1]) / 2, 0.0))


def rhythm_flags(history: History, dismissed: Dismissed = NOTHING_DISMISSED) -> list[Flag]:
    """A flag for each run of 20 sightings whose hours differ from all before by more than chance allows.

    Every full run of 20 is compared once, so that an animal with 40 sightings a year is compared twice a year.
    """
    key = history.animal.individual_id
    judged = dismissed.get((key, RULE), frozenset())
    visits = [one for one in history.visits if one.longitude is not None]
    found = []
    for end in range(LEAST_PAST + LATE, len(visits) + 1, LATE):
        late = visits[end - LATE : end]
        now = rhythm(visits[:end])
        if now.divergence is None or now.chance is None or set(judged) >= {one.sighting for one in late}:
            continue
        if now.chance <= FALSE_ALARM and now.divergence >= LEAST_DIVERGENCE:
            days = max((visits[end - 1].day - visits[0].day).days, 1)
            following = visits[end : end + LATE]
            found.append(_flag(history, late, now, end, FALSE_ALARM * end * 365 / days / LATE, following))
    return found


def _flag(
    history: History, late: Sequence[Visit], now: Rhythm, end: int, a_year: float, following: Sequence[Visit]
) -> Flag:
    key = history.animal.individual_id
    return Flag(
        flag_id=flag_id(key, RULE, late[0].sighting),
        individual_id=key,
        code=history.animal.code,
        rule=RULE,
        severity=Severity.WATCH,
        summary=(
            f"passes cameras at other hours than before: by day in {_percent(now.by_day_late)} of {LATE} sightings,"
            f" {_percent(now.by_day_before)} before; near people in {_percent(now.near_people_late)},"
            f" {_percent(now.near_people_before)} before. By chance, {once_in(now.chance or 0)} comparisons differs so"
        ),
        began=late[0].at,
        raised=late[-1].at,
        ended=following[-1].at if len(following) == LATE else None,
        effect=now.divergence or 0.0,
        effect_unit="bits of Jensen-Shannon divergence",
        rests_on=LATE,
        compared_with="its own earlier sightings, by hours of the sun",
        reference_size=end - LATE,
        false_alarms_a_year=a_year,
        evidence=tuple(one.sighting for one in late),
    )


def _percent(share: float | None) -> str:
    return "an unknown share" if share is None else f"{share:.0%}"


def _hours(visits: Sequence[Visit]) -> tuple[float, ...]:
    return tuple(solar_hour(one.at, one.longitude) for one in visits if one.longitude is not None)


def _by_day(visits: Sequence[Visit]) -> float | None:
    placed = [(one.at, one.latitude, one.longitude) for one in visits]
    return _share([is_day(at, north, east) for at, north, east in placed if north is not None and east is not None])


def _share(told: Sequence[bool]) -> float | None:
    return sum(told) / len(told) if told else None


def _compared(before: Sequence[float], late: Sequence[float]) -> tuple[float, float]:
    """The divergence of two sets of hours, and how often shuffling them gives one as large or larger."""
    periods = (np.array([*before, *late]) / 24 * PERIODS).astype(np.int64) % PERIODS
    number = len(before)
    found = float(_divergences(_counts(periods[None, :number]), _counts(periods[None, number:]))[0])
    mixed = np.random.default_rng(SEED).permuted(np.tile(periods, (SHUFFLES, 1)), axis=1)
    larger = int((_divergences(_counts(mixed[:, :number]), _counts(mixed[:, number:])) >= found - 1e-12).sum())
    return found, (1 + larger) / (1 + SHUFFLES)


def _counts(periods: NDArray[np.int64]) -> Array:
    """How many of each row's entries fall into each period."""
    return np.stack([(periods == one).sum(axis=1) for one in range(PERIODS)], axis=1).astype(np.float64)
