"""Days since an animal was last seen, against its own interval and against how much its cameras watched meanwhile.

A camera that was out says nothing. So time is counted in watched nights of the stations where the animal is seen, each
station as much as its share of the animal's sightings, and a gap is judged by how rarely one so long comes by chance.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.health.cubs import with_mother
from pipeline.health.flags import NOTHING_DISMISSED, Dismissed, Flag, Severity, flag_id, once_in
from pipeline.health.history import History, Park, Visit
from pipeline.values import Array

RULE = "not_seen"
LEAST_CAPTURES = 5  # days with a sighting, below which an animal has no interval of its own
NEEDED = f"sightings on {LEAST_CAPTURES} days, those of a cub that goes with its mother left out"
FALSE_ALARMS_A_YEAR = 0.02  # of one animal, at most, if it comes by at random at its own rate
LONGER_THAN_EVER = 1.2  # a gap is flagged only if it is so many times the longest one before: animals come in spells
SOON_FROM = 2.0  # times the gap that raises a flag


@dataclass(frozen=True, slots=True)
class Gap:
    """How long an animal has not been seen."""

    last_seen: date
    until: date  # the next sighting, or the last day that is known of
    days: int
    watched_nights: float  # of its own stations within the gap
    usual_days: float  # median days between its sightings before
    usual_nights: float  # mean watched nights between them
    captures: int  # days with a sighting up to the gap
    chance: float  # of a gap so long or longer, if nothing is amiss
    flagged_from: date | None  # the day from which on it is rarer than is allowed; None: not within the gap


def gaps(history: History, park: Park) -> list[Gap]:
    """Every gap from the fifth capture on, the present one last.

    The chance of a gap is (E / (E + e)) ** (n - 1), with n captures over E watched nights before it and e watched
    nights in it: what is to be expected of an animal that comes by at random at an unknown rate, which n - 1 gaps have
    told so far (the predictive distribution of a Poisson process whose rate has a gamma distribution).
    """
    visits = _own_visits(history)
    if len(visits) < LEAST_CAPTURES:
        return []
    nights = _nights(visits, park)
    days = [*(visit.day for visit in visits), park.until]
    return [_gap(visits[:number], days[number], nights) for number in range(LEAST_CAPTURES, len(visits) + 1)]


def present_gap(history: History, park: Park) -> Gap | None:
    """The last of `gaps`, told without the others."""
    visits = _own_visits(history)
    return None if len(visits) < LEAST_CAPTURES else _gap(visits, park.until, _nights(visits, park))


def absence_flags(history: History, park: Park, dismissed: Dismissed = NOTHING_DISMISSED) -> Iterator[Flag]:
    """A flag for each gap that is longer than chance and its own past allow. One that has ended says so."""
    key = history.animal.individual_id
    judged = dismissed.get((key, RULE), frozenset())
    dead = history.animal.died
    visits = _own_visits(history)
    for number, gap in enumerate(gaps(history, park), start=LEAST_CAPTURES - 1):
        last = visits[number]
        if gap.flagged_from is None or last.sighting in judged or (dead is not None and dead <= gap.until):
            continue
        back = visits[number + 1].at if number + 1 < len(visits) else None
        yield Flag(
            flag_id=flag_id(key, RULE, last.sighting),
            individual_id=key,
            code=history.animal.code,
            rule=RULE,
            severity=_severity(gap, gap.flagged_from),
            summary=(
                f"not seen for {gap.days} days, {gap.watched_nights:.0f} watched nights at its stations; before, it"
                f" came by every {gap.usual_nights:.0f} watched nights ({gap.captures} captures, median"
                f" {gap.usual_days:.0f} days apart). By chance, {once_in(gap.chance)} gaps is so long"
            ),
            began=last.at,
            raised=last.at + (gap.flagged_from - gap.last_seen),
            ended=back,
            effect=gap.watched_nights / gap.usual_nights,
            effect_unit="times its usual interval in watched nights",
            rests_on=gap.captures,
            compared_with="its own earlier intervals and the nights that its stations watched",
            reference_size=gap.captures,
            false_alarms_a_year=FALSE_ALARMS_A_YEAR,
            evidence=(last.sighting,),
        )


def _severity(gap: Gap, flagged_from: date) -> Severity:
    return Severity.SOON if gap.days >= SOON_FROM * (flagged_from - gap.last_seen).days else Severity.WATCH


def _own_visits(history: History) -> list[Visit]:
    """One visit a day: an animal that walks past three cameras in an hour has come by once.

    A cub comes by with its mother (`cubs.py`), so what counts of a young animal is what it did once it could leave her.
    """
    last: dict[date, Visit] = {}
    for visit in history.visits:
        if history.animal.mother_id is None or not with_mother(history.animal, visit.day):
            last[visit.day] = visit
    return [last[day] for day in sorted(last)]


def _gap(seen: Sequence[Visit], until: date, nights: Mapping[str, Array]) -> Gap:
    """The gap after the last of these visits.

    Args:
        seen: the animal's visits up to the gap.
        until: its end.
        nights: for each of the animal's stations, 1 for each night that it watched from the first visit on, else 0.
    """
    shares = Counter(visit.location for visit in seen)
    first, last = seen[0].day, seen[-1].day
    watched = sum(nights[station] * (count / len(seen)) for station, count in shares.items())
    watched = np.asarray(watched)[: (until - first).days]
    before, after = watched[: (last - first).days], watched[(last - first).days :]
    past, present = float(before.sum()), float(after.sum())
    shape = len(seen) - 1
    places = np.array([(visit.day - first).days for visit in seen])
    longest = float(np.diff(np.concatenate([[0.0], before.cumsum()])[places]).max())
    allowed = FALSE_ALARMS_A_YEAR / max(365 * shape / max((last - first).days, 1), 1.0)
    # The number of watched nights at which the chance falls to what is allowed.
    needed = max(past * (allowed ** (-1 / shape) - 1), LONGER_THAN_EVER * longest) if past else float("inf")
    waited = int(np.searchsorted(after.cumsum(), needed)) + 1
    return Gap(
        last_seen=last,
        until=until,
        days=(until - last).days,
        watched_nights=present,
        usual_days=float(np.median(np.diff(places))),
        usual_nights=past / shape,
        captures=len(seen),
        chance=(past / (past + present)) ** shape if past + present else 1.0,
        flagged_from=last + timedelta(days=waited) if waited <= len(after) else None,
    )


def _nights(visits: Sequence[Visit], park: Park) -> dict[str, Array]:
    first = visits[0].day.toordinal()
    days = park.until.toordinal() - first
    found: dict[str, Array] = {}
    for station in {visit.location for visit in visits}:
        watched = np.zeros(days)
        places = _ordinals(park.nights.get(station, frozenset())) - first
        watched[places[(places >= 0) & (places < days)]] = 1.0
        found[station] = watched
    return found


@lru_cache(maxsize=4096)
def _ordinals(nights: frozenset[date]) -> NDArray[np.int64]:
    """The nights of one station as numbers; it is the same for every animal that comes by there."""
    return np.fromiter(map(date.toordinal, nights), dtype=np.int64, count=len(nights))
