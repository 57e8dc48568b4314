"""What the archive answers about health over time. Field names are the keys of `--json`: keep them stable."""

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.health.assess import Assessed
from pipeline.health.baseline import Reference
from pipeline.health.change import Followed
from pipeline.health.cubs import last_play
from pipeline.health.others import beside_others
from pipeline.health.rhythm import Rhythm, rhythm
from pipeline.individuals.animals import LifeStage, Sex
from pipeline.store.flag_words import FlagRow, Health
from pipeline.store.individual_rows import code_order


@dataclass(frozen=True, slots=True)
class FlagLine:
    """One flag, as a list shows it."""

    flag: str
    animal: str
    rule: str
    severity: str
    state: str  # open, acknowledged, dismissed or ended
    since: date
    raised: datetime
    ended: datetime | None
    summary: str
    effect: float
    effect_unit: str
    rests_on: int  # sightings
    compared_with: str
    reference_size: int  # sightings
    false_alarms_a_year: float
    evidence: tuple[str, ...]  # ids of sightings
    said: tuple[str, ...]  # what people said of it, with who and when


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One indicator of one animal over time."""

    indicator: str
    unit: str
    sightings: int  # in which it could be told
    last: float | None
    last_on: date | None
    usual: float | None  # median, for the station of the last reading
    usual_low: float | None
    usual_high: float | None
    compared_with: str | None
    reference_size: int | None
    spreads_off: float | None  # of the last reading, towards concern
    others_usual: float | None  # median of other animals, for the station of the last reading
    others_low: float | None
    others_high: float | None
    others: str | None  # which others
    others_size: int | None  # how many animals


@dataclass(frozen=True, slots=True)
class AnimalLine:
    """One animal over time, as a list shows it."""

    animal: str
    sex: Sex | None
    stage: LifeStage | None
    sightings: int  # dated ones
    undated: int
    last_seen: date | None
    days_since: int | None
    usual_nights: float | None  # watched nights between its sightings; None below 5 capture days
    nights_since: float | None
    seen_playing: date | None
    flags: tuple[str, ...]  # rules of those that stand


@dataclass(frozen=True, slots=True)
class AnimalHealth:
    """Everything about one animal over time."""

    animal: AnimalLine
    indicators: tuple[IndicatorLine, ...]
    rhythm: Rhythm
    flags: tuple[FlagLine, ...]


def animal_health(health: Health, individual_id: int) -> AnimalHealth:
    """Everything about one animal."""
    found = health.animals[individual_id]
    return AnimalHealth(
        animal=animal_line(health, found),
        indicators=tuple(
            _indicator(one, beside_others(health.animals, individual_id, place))
            for place, one in enumerate(found.followed)
        ),
        rhythm=rhythm(found.history.visits),
        flags=tuple(flag_line(row) for row in health.flags_of(individual_id)),
    )


def park_lines(health: Health) -> list[AnimalLine]:
    """Every animal: those with flags that stand first, then by code with numbers in order."""
    lines = [animal_line(health, one) for one in health.animals.values()]
    return sorted(lines, key=lambda one: (not one.flags, code_order(one.animal)))


def animal_line(health: Health, found: Assessed) -> AnimalLine:
    """One animal's row."""
    history = found.history
    last = history.visits[-1].day if history.visits else None
    played = last_play(history)
    rows = health.flags_of(history.animal.individual_id)
    return AnimalLine(
        animal=history.animal.code,
        sex=history.animal.sex,
        stage=history.stage_at(last) if last else None,
        sightings=len(history.visits),
        undated=history.undated,
        last_seen=last,
        days_since=(health.park.until - last).days if last else None,
        usual_nights=None if found.gap is None else found.gap.usual_nights,
        nights_since=None if found.gap is None else found.gap.watched_nights,
        seen_playing=played.day if played else None,
        flags=tuple(row.flag.rule for row in rows if row.state in ("open", "acknowledged")),
    )


def flag_line(row: FlagRow) -> FlagLine:
    """One flag's row."""
    flag = row.flag
    return FlagLine(
        flag=flag.flag_id,
        animal=flag.code,
        rule=flag.rule,
        severity=flag.severity.value,
        state=row.state,
        since=flag.began.date(),
        raised=flag.raised,
        ended=flag.ended,
        summary=flag.summary,
        effect=flag.effect,
        effect_unit=flag.effect_unit,
        rests_on=flag.rests_on,
        compared_with=flag.compared_with,
        reference_size=flag.reference_size,
        false_alarms_a_year=flag.false_alarms_a_year,
        evidence=flag.evidence,
        said=tuple(
            f"{word.at:%Y-%m-%d} {word.who}: {word.said.value}{f' ({word.note})' if word.note else ''}"
            for word in row.words
        ),
    )


def _indicator(series: Followed, others: Reference | None) -> IndicatorLine:
    watched = series.watched
    others_low, others_usual, others_high = others.band(watched) if others else (None, None, None)
    last = series.readings[-1] if series.readings else None
    compared = next((one for one in reversed(series.readings) if one.reference is not None), None)
    reference = compared.reference if compared else None
    low, usual, high = reference.band(watched) if reference else (None, None, None)
    return IndicatorLine(
        indicator=watched.name,
        unit=watched.unit,
        sightings=len(series.readings),
        last=watched.scale.back(last.reading.value) if last else None,
        last_on=last.reading.day if last else None,
        usual=usual,
        usual_low=low,
        usual_high=high,
        compared_with=reference.source.value if reference else None,
        reference_size=reference.sightings if reference else None,
        spreads_off=last.score if last else None,
        others_usual=others_usual,
        others_low=others_low,
        others_high=others_high,
        others=others.source.value if others else None,
        others_size=others.animals if others else None,
    )
