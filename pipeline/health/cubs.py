"""Cubs that are no longer seen with their mother, adjusted for how often the mother herself was seen; and play.

A cub is not in every video of its mother. How often it was tells how many of her sightings without it are too many.
A cub that is not seen may be hidden, may have left, or may be dead: the flag does not say which.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.health.flags import NOTHING_DISMISSED, Dismissed, Flag, Severity, flag_id, once_in
from pipeline.health.history import History, Park, Visit
from pipeline.individuals.animals import Individual, LifeStage
from pipeline.individuals.life_stage import months_between

RULE = "cub_not_seen"
LEAVES_AT_MONTHS = 16  # from this age on, young leopards and tigers begin to go their own ways: no flag
LEAST_TOGETHER = 2  # sightings of both, for anything to be expected
FALSE_ALARMS_A_YEAR = 0.02  # of one cub, at most
PLAY = "play"


@dataclass(frozen=True, slots=True)
class Together:
    """A mother and one cub."""

    mother: str
    cub: str
    seen_together: int  # sightings of the mother with it
    mother_without: int  # her sightings in between, without it
    last_together: date
    misses: int  # her sightings since, without it
    chance: float  # of so many misses or more if the cub is with her as before


def cub_flags(cub: History, park: Park, dismissed: Dismissed = NOTHING_DISMISSED) -> Iterator[Flag]:
    """A flag where the mother has been seen without the cub too often for chance, and the cub not elsewhere either."""
    key = cub.animal.individual_id
    found = together(cub, park, dismissed.get((key, RULE), frozenset()))
    if found is None or cub.animal.died is not None:
        return
    pair, missed, last = found
    allowed = _allowed(pair, last, park.until)
    if pair.chance > allowed or not missed:
        return
    yield Flag(
        flag_id=flag_id(key, RULE, last.sighting),
        individual_id=key,
        code=pair.cub,
        rule=RULE,
        severity=Severity.SOON,
        summary=(
            f"not with its mother {pair.mother} in her last {pair.misses} sightings, nor seen elsewhere; before, it was"
            f" with her in {pair.seen_together} of {pair.seen_together + pair.mother_without}. Last seen with her on"
            f" {pair.last_together}. By chance, {once_in(pair.chance)} such runs is so long"
        ),
        began=missed[0].at,
        raised=_raised(pair, missed, allowed).at,
        ended=None,
        effect=float(pair.misses),
        effect_unit="sightings of the mother without it",
        rests_on=pair.misses,
        compared_with="how often it was with her before",
        reference_size=pair.seen_together + pair.mother_without,
        false_alarms_a_year=FALSE_ALARMS_A_YEAR,
        evidence=tuple(one.sighting for one in missed),
    )


def together(
    cub: History, park: Park, judged: frozenset[str] = frozenset()
) -> tuple[Together, list[Visit], Visit] | None:
    """A cub and its mother, her sightings since she was last seen with it, and the cub's last sighting.

    None where the mother is not known or seen, or they were seen together less than twice. Misses come by chance with

        product over i < m of (n - k + 1/2 + i) / (n + 1 + i)

    when the cub was in k of n sightings of its mother before: the predictive distribution of a share, Jeffreys' prior.

    Args:
        cub: the young animal.
        park: where its mother is.
        judged: sightings of the mother that people judged to be nothing out of the ordinary.
    """
    mother = park.histories.get(cub.animal.mother_id) if cub.animal.mother_id is not None else None
    if mother is None or not cub.visits:
        return None
    key = cub.animal.individual_id
    own = [one for one in mother.visits if one.day >= cub.visits[0].day]
    both = [one for one in own if key in one.company]
    if len(both) < LEAST_TOGETHER:
        return None
    last = cub.visits[-1]
    before = [one for one in own if one.at <= both[-1].at]
    # Seen elsewhere since, even alone: it lives, so nothing is missed before that.
    missed = [
        one for one in own if one.at > last.at and one.sighting not in judged and with_mother(cub.animal, one.day)
    ]
    number = len(before)
    pair = Together(
        mother=mother.animal.code,
        cub=cub.animal.code,
        seen_together=len(both),
        mother_without=number - len(both),
        last_together=both[-1].day,
        misses=len(missed),
        chance=_chance(len(both), number, len(missed)),
    )
    return pair, missed, last


def last_play(history: History) -> Visit | None:
    """The last sighting in which it played: a good sign. None if it was never seen to."""
    return next((one for one in reversed(history.visits) if one.behaviours.get(PLAY) or one.value("play_seen")), None)


def with_mother(animal: Individual, day: date) -> bool:
    """It is so young on that day that it is to be expected with its mother. False if nobody knows its age."""
    said = next((since for since, stage in animal.stages if stage is LifeStage.CUB), None)
    since = animal.born or said
    return since is not None and months_between(since, day) < LEAVES_AT_MONTHS


def _chance(both: int, number: int, misses: int) -> float:
    found = 1.0
    for one in range(misses):
        found *= (number - both + 0.5 + one) / (number + 1 + one)
    return found


def _allowed(pair: Together, last: Visit, until: date) -> float:
    """What chance a run of misses may have: as many runs begin in a year as the two are seen together."""
    days = max((last.day - pair.last_together + timedelta(days=365)).days, 365)
    runs_a_year = max(1.0, pair.seen_together * 365 / days)
    return FALSE_ALARMS_A_YEAR / runs_a_year


def _raised(pair: Together, missed: list[Visit], allowed: float) -> Visit:
    """The sighting of the mother with which the misses became too many."""
    number = pair.seen_together + pair.mother_without
    for count, visit in enumerate(missed, start=1):
        if _chance(pair.seen_together, number, count) <= allowed:
            return visit
    return missed[-1]
