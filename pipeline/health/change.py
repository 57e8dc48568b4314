"""Follow each watched indicator of each animal over its sightings, and flag lasting changes for the worse.

Every reading is compared with what is usual for the animal itself (`baseline.py`), and a cumulative sum over successive
readings (`cumulative.py`) says when they lie too far off for too long to be chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from pipeline.health.baseline import Reference, own_reference
from pipeline.health.cumulative import add_reading, bound_for, readings_to_false_alarm
from pipeline.health.flags import NOTHING_DISMISSED, Dismissed, Flag, Severity, flag_id
from pipeline.health.history import History, Park
from pipeline.health.levels import Levels, Reading, level_season, monthly_levels, readings
from pipeline.health.watched import WATCHED, Watched

FALSE_ALARMS_A_YEAR = 0.03  # of one indicator of one animal, at most
LEAST_SPEAKING = 2  # readings that a flag rests on
LEAST_EFFECT = 1.25  # spreads: a smaller change is more likely a reference that is off than an animal that is
SOON_FROM = 3.0  # spreads from which on a person should look soon
LONGEST_PAUSE = timedelta(days=150)  # readings further apart do not add up
HIGHEST_TOTAL = 6.0  # so that an animal that is as before can show it within a few sightings
RATES = (
    10,
    15,
    20,
    30,
    40,
    60,
    80,
    120,
    160,
    240,
    320,
    480,
    640,
    960,
    1280,
)  # readings a year that bounds are kept for


@dataclass(frozen=True, slots=True)
class Compared:
    """One reading beside what was usual for the animal then."""

    reading: Reading
    reference: Reference | None  # None: too little to compare with
    score: float | None  # spreads on the side of concern


@dataclass(frozen=True, slots=True)
class Followed:
    """One indicator of one animal over time."""

    watched: Watched
    readings: tuple[Compared, ...]
    flags: tuple[Flag, ...]
    stations: Mapping[str, float]  # levels as last known, on the scale; empty where stations do not sway it
    usual_spread: float | None  # of one animal's readings, as last known


@dataclass(slots=True)
class _Sum:
    """Where the sum of one indicator of one animal stands."""

    total: float = 0.0
    usual: list[Reading] = field(default_factory=list)  # readings that may serve as reference
    off: list[Compared] = field(default_factory=list)  # those since the sum last left 0
    raised: Flag | None = None

    def settle(self, also: Sequence[Reading] = ()) -> None:
        self.usual += [one.reading for one in self.off] + list(also)
        self.off, self.total, self.raised = [], 0.0, None


def follow(park: Park, dismissed: Dismissed = NOTHING_DISMISSED) -> dict[int, tuple[Followed, ...]]:
    """Every watched indicator of every animal.

    Args:
        park: the animals.
        dismissed: sightings that people judged to be nothing out of the ordinary; they count as usual.
    """
    found: dict[int, list[Followed]] = {key: [] for key in park.histories}
    for watched in WATCHED:
        every = readings(park, watched)
        levels = monthly_levels(every, watched)
        own: dict[int, list[Reading]] = {key: [] for key in park.histories}
        for one in level_season(every, levels):
            own[one.individual_id].append(one)
        for key, history in park.histories.items():
            judged = dismissed.get((key, watched.name), frozenset())
            found[key].append(_follow(history, watched, own[key], levels, judged))
    return {key: tuple(series) for key, series in found.items()}


def _follow(
    history: History, watched: Watched, own: Sequence[Reading], levels: Mapping[date, Levels], judged: frozenset[str]
) -> Followed:
    state = _Sum()
    compared: list[Compared] = []
    flags: dict[str, Flag] = {}
    for place, reading in enumerate(own):
        if place and reading.day - own[place - 1].day > LONGEST_PAUSE:
            _end(state, flags, history, reading)
            state.settle()
        reference = own_reference(reading, state.usual, levels[reading.day.replace(day=1)], watched)
        score = None if reference is None else reference.score(reading.value, watched.worse)
        one = Compared(reading, reference, score)
        compared.append(one)
        if history.visits[reading.number].sighting in judged:
            state.settle([reading])
            continue
        if score is None:
            state.usual.append(reading)
            continue
        state.total = min(add_reading(state.total, score), HIGHEST_TOTAL)
        if state.total == 0.0:
            _end(state, flags, history, reading)
            state.settle([reading])
            continue
        state.off.append(one)
        raised = _flag(history, watched, own[: place + 1], state)
        if raised is not None:
            state.raised = raised
            flags[raised.flag_id] = raised
    latest = levels[max(levels)] if levels else None
    stations, spread = (latest.stations, latest.usual_spread) if latest else ({}, None)
    return Followed(watched, tuple(compared), tuple(flags.values()), stations, spread)


def _end(state: _Sum, flags: dict[str, Flag], history: History, reading: Reading) -> None:
    """The animal is as before: the flag, if there is one, ends with this reading."""
    if state.raised is not None:
        flags[state.raised.flag_id] = replace(state.raised, ended=history.visits[reading.number].at)


def _flag(history: History, watched: Watched, own: Sequence[Reading], state: _Sum) -> Flag | None:
    """The flag that the present readings raise, or go on with; None if they are too few or too little off."""
    a_year = readings_a_year([one.day for one in own])
    bound = bound_for(a_year, FALSE_ALARMS_A_YEAR)
    shift = float(np.median([watched.worse * (one.reading.value - _reference(one).median) for one in state.off]))
    effect = float(np.median([shift_of(one, watched) for one in state.off]))
    large = shift >= watched.least_change and effect >= LEAST_EFFECT
    if state.raised is None and not (large and len(state.off) >= LEAST_SPEAKING and state.total >= bound):
        return None
    last = _reference(state.off[-1])
    visits = [history.visits[one.reading.number] for one in state.off]
    key = history.animal.individual_id
    return Flag(
        flag_id=flag_id(key, watched.name, visits[0].sighting),
        individual_id=key,
        code=history.animal.code,
        rule=watched.name,
        severity=Severity.SOON if effect >= SOON_FROM else Severity.WATCH,
        summary=_summary(watched, state.off),
        began=visits[0].at,
        raised=visits[-1].at if state.raised is None else state.raised.raised,
        ended=None,
        effect=effect,
        effect_unit="spreads of its own readings",
        rests_on=len(state.off),
        compared_with=str(last.source),
        reference_size=last.sightings,
        false_alarms_a_year=a_year / readings_to_false_alarm(bound),
        evidence=tuple(dict.fromkeys(visit.sighting for visit in visits)),
    )


def shift_of(one: Compared, watched: Watched) -> float:
    """How many spreads a compared reading lies on the side of concern of what was usual."""
    reference = _reference(one)
    return watched.worse * (one.reading.value - reference.median) / reference.spread


def _reference(one: Compared) -> Reference:
    if one.reference is None:
        raise ValueError("this reading was compared with nothing")
    return one.reference


def _summary(watched: Watched, off: Sequence[Compared]) -> str:
    back = watched.scale.back
    middle = float(np.median([_reference(one).median for one in off]))
    usual = back(middle)
    now = back(middle + float(np.median([one.reading.value - _reference(one).median for one in off])))
    last = _reference(off[-1])
    return (
        f"{watched.says}: {now:.2f} {watched.unit} over {len(off)} sightings, where {usual:.2f} is usual"
        f" ({last.source}: {last.sightings})"
    )


def readings_a_year(days: Sequence[date]) -> int:
    """How many readings the 365 days up to the last one gave, rounded up to a rate that bounds are kept for."""
    recent = sum((days[-1] - day).days < 365 for day in days)
    return next((rate for rate in RATES if rate >= recent), RATES[-1])
