"""The health report of one animal: an HTML page for a vet or a keeper of the registry, also in grey print."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from pathlib import Path
from urllib.parse import quote

from pipeline.health import plots
from pipeline.health.absence import NEEDED
from pipeline.health.assess import Assessed
from pipeline.health.baseline import Reference
from pipeline.health.change import Followed
from pipeline.health.cubs import last_play, together
from pipeline.health.history import History, ShownClip, Visit
from pipeline.health.others import beside_others
from pipeline.health.page import RULES, STYLE, flag_card, plot, preamble, table
from pipeline.health.rhythm import LATE, LEAST_PAST, rhythm
from pipeline.page import page
from pipeline.store.flag_words import FlagRow, Health

BEST_CLIPS = 6
_NOTE = (
    "A dot is a sighting, the hatched band what was usual for this animal then (median and two robust spreads to either"
    " side), a numbered diamond a sighting that speaks for the flag of that number, an arrow at the edge a reading"
    " beyond it."
)


def animal_report(health: Health, individual_id: int, archive: Path, out: Path) -> str:
    """The page as HTML.

    Args:
        health: every animal and every flag.
        individual_id: whose report.
        archive: folder of the clips.
        out: where the page will lie, for the links to the clips.
    """
    found = health.animals[individual_id]
    history, rows = found.history, health.flags_of(individual_id)
    visits = {visit.sighting: visit for other in health.animals.values() for visit in other.history.visits}
    links = links_to_clips(visits, archive, out)
    numbers = {row.flag.flag_id: number for number, row in enumerate(rows, start=1)}
    parts = [_head(health, found), "<h2>Flags</h2>", preamble()]
    parts += [flag_card(row, numbers[row.flag.flag_id], visits, links) for row in rows]
    if not rows:
        below = "What could not be compared is listed below." if history.visits else "There is no sighting to compare."
        parts.append(f"<p>None. {below}</p>")
    if history.visits:
        parts += [
            "<h2>Sightings</h2>",
            plot(
                plots.time_line(history, health.park, _marked(rows, visits, numbers)), "sightings by station over time"
            ),
            '<p class="small">Grey: the station was watching. Black: from when to when sightings speak for a flag.</p>',
            *_indicators(health, found, rows, numbers),
            *_rhythm(history),
            *_family(health, history),
            *_clips(history, archive, out),
        ]
    return page(f"{history.animal.code}: health report", STYLE, "\n".join(parts))


def _head(health: Health, found: Assessed) -> str:
    animal, history = found.history.animal, found.history
    last = history.visits[-1].day if history.visits else None
    stage = history.stage_at(last or health.park.until)
    mother = health.animals.get(animal.mother_id) if animal.mother_id is not None else None
    facts = {
        "Names": ", ".join(animal.names),
        "Species, sex, age": ", ".join(filter(None, (animal.species, animal.sex, stage))),
        "Mother": mother.history.animal.code if mother else "",
        "Marks": "; ".join(animal.marks),
        "Tags by people": "; ".join(animal.tags),
        "Sightings": _sightings(history),
        "Last seen": _last_seen(found, health.park.until),
        "Seen playing last": _played(history),
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts.items() if text)
    return (
        f"<h1>{escape(animal.code)}: how it has been doing</h1>"
        f'<p class="small">From sightings up to {health.park.until}, as people recognised it.</p><dl>{rows}</dl>'
    )


def _sightings(history: History) -> str:
    undated = f"; {history.undated} undated, left out" if history.undated else ""
    if not history.visits:
        return f"none dated{undated}"
    return f"{len(history.visits)} from {history.visits[0].day} on{undated}"


def _last_seen(found: Assessed, until: date) -> str:
    if not found.history.visits:
        return ""
    last = found.history.visits[-1].day
    text = f"{last}, {(until - last).days} days before {until}"
    if found.gap is None:
        return f"{text}; its own interval cannot be told: that needs {NEEDED}"
    return (
        f"{text}; it comes by every {found.gap.usual_nights:.0f} watched nights of its stations, and"
        f" {found.gap.watched_nights:.0f} have passed"
    )


def _played(history: History) -> str:
    played = last_play(history)
    return f"{played.day} (a good sign)" if played else ""


def _marked(rows: Sequence[FlagRow], visits: Mapping[str, Visit], numbers: Mapping[str, int]) -> list[plots.Marked]:
    found = []
    for row in rows:
        days = [visits[one].day for one in row.flag.evidence if one in visits]
        if days and row.state != "dismissed":
            found.append(plots.Marked(numbers[row.flag.flag_id], min(days), max(*days, row.flag.raised.date())))
    return found


def _indicators(health: Health, found: Assessed, rows: Sequence[FlagRow], numbers: Mapping[str, int]) -> list[str]:
    parts = ["<h2>What was measured</h2>", f'<p class="small">{_NOTE}</p>']
    for place, series in enumerate(found.followed):
        flagged = {
            sighting: numbers[row.flag.flag_id]
            for row in reversed(rows)
            if row.flag.rule == series.watched.name and row.state != "dismissed"
            for sighting in row.flag.evidence
        }
        if len(series.readings) > 1:
            title = RULES[series.watched.name].capitalize()
            others = beside_others(health.animals, found.history.animal.individual_id, place)
            words = f"{footing(found.history, series)}{_beside(others, series)}"
            parts.append(f"<h3>{title}</h3><p class='small'>{escape(words)}</p>")
            picture = plots.indicator(found.history, series, flagged, health.park.until)
            parts.append(plot(picture, f"{title} over time"))
    return [*parts, _not_assessable(found)]


def _beside(others: Reference | None, series: Followed) -> str:
    if others is None:
        return ""
    low, middle, high = others.band(series.watched)
    return f" Usual for {others.animals} {others.source}: {middle:.2f} ({low:.2f} to {high:.2f})."


def footing(history: History, series: Followed) -> str:
    """What one indicator's series rests on, in words."""
    told, watched = len(series.readings), series.watched
    text = f"{watched.name}, {watched.unit}: told in {told} of {len(history.visits)} sightings."
    last = next((one.reference for one in reversed(series.readings) if one.reference), None)
    if last is None:
        return f"{text} Too few to compare it with itself."
    low, middle, high = last.band(watched)
    level = " at the station of the last reading" if watched.by_station else ""
    text += f" Usual{level}: {middle:.2f} ({low:.2f} to {high:.2f}), from {last.source}: {last.sightings}."
    if watched.by_station:
        unknown = sum(one.reading.station not in series.stations for one in series.readings)
        text += " The stations are levelled in the picture."
        text += f" Not drawn, since the level of their station is not known: {unknown}." if unknown else ""
    return text


def _not_assessable(found: Assessed) -> str:
    visits, lines = found.history.visits, []
    names = dict.fromkeys(name for visit in visits for name in visit.readings)
    for name in names:
        without = [one for visit in visits if (one := visit.readings.get(name)) and one.value is None]
        if without:
            reason, number = Counter(one.not_assessable for one in without).most_common(1)[0]
            lines.append(
                f"<tr><td>{escape(name)}</td><td class='n'>{len(without)} of {len(visits)}</td>"
                f"<td>{escape(reason)} ({number})</td></tr>"
            )
    if not lines:
        return ""
    return f"<h3>Not assessable</h3>{table(('indicator', 'sightings', 'most often because'), lines)}"


def _rhythm(history: History) -> list[str]:
    found = rhythm(history.visits)
    parts = ["<h2>Time and hours</h2>"]
    parts.append(
        '<p class="small">Traps film what moves in front of them, so rest is seen less often than it happens; only the'
        " same animal then and now is compared.</p>"
    )
    if found.before.seconds or found.late.seconds:
        parts.append(plot(plots.time_budget(found), "time budget before and of late"))
    if found.hours_late:
        parts.append(plot(plots.hours(found), "hours of the sun before and of late"))
    if found.divergence is None or found.chance is None:
        parts.append(f"<p>Hours cannot be compared below {LEAST_PAST + LATE} sightings at known places.</p>")
    else:
        parts.append(
            f"<p>The hours of the last {LATE} sightings differ from those before by {found.divergence:.2f} bits"
            f" (Jensen-Shannon; 0 alike, 1 nothing in common). Without any change, so much or more comes in"
            f" {found.chance:.0%} of comparisons.</p>"
        )
    return parts


def _family(health: Health, mother: History) -> list[str]:
    key = mother.animal.individual_id
    lines = []
    for other in health.animals.values():
        if other.history.animal.mother_id == key:
            pair = together(other.history, health.park)
            text = "not often enough seen with her to tell"
            if pair is not None:
                one = pair[0]
                text = (
                    f"with her in {one.seen_together} of {one.seen_together + one.mother_without} sightings up to"
                    f" {one.last_together}; {one.misses} of her sightings without it since, while it was so young"
                )
            lines.append(f"<tr><td>{escape(other.history.animal.code)}</td><td>{escape(text)}</td></tr>")
    return [f"<h2>Her young</h2>{table((), lines)}"] if lines else []


def _clips(history: History, archive: Path, out: Path) -> list[str]:
    best = best_clips(history.visits)
    if not best:
        return []
    figures = "".join(
        f'<figure><a href="{escape(address(archive / clip.clip, out))}">'
        f'<img src="{escape(address(archive / clip.poster, out))}" alt="{escape(clip.behaviour)}"></a>'
        f"<figcaption>{escape(clip.behaviour)}, {visit.at:%Y-%m-%d %H:%M}, {escape(visit.location)}</figcaption>"
        "</figure>"
        for visit, clip in best
    )
    return [f'<h2>Best clips</h2><div class="clips">{figures}</div>']


def best_clips(visits: Sequence[Visit], number: int = BEST_CLIPS) -> list[tuple[Visit, ShownClip]]:
    """The best-looking clips: first the best one of each behaviour, then the next ones; one a sighting."""
    found: list[tuple[Visit, ShownClip]] = []
    taken: set[str] = set()
    seen: Counter[str] = Counter()
    every = sorted(((visit, clip) for visit in visits for clip in visit.clips), key=lambda pair: -pair[1].quality)
    while len(found) < number:
        left = [(visit, clip) for visit, clip in every if visit.sighting not in taken]
        if not left:
            break
        visit, clip = min(left, key=lambda pair: (seen[pair[1].behaviour], -pair[1].quality))
        found.append((visit, clip))
        taken.add(visit.sighting)
        seen[clip.behaviour] += 1
    return found


def address(path: Path, out: Path) -> str:
    """A link from a page to a file that holds wherever both are moved together."""
    return quote(Path(os.path.relpath(path.resolve(), out.resolve().parent)).as_posix())


def links_to_clips(visits: Mapping[str, Visit], archive: Path, out: Path) -> dict[str, str]:
    """For each sighting with a clip the address of its best one.

    Args:
        visits: by their ids.
        archive: folder of the clips.
        out: where the page will lie.
    """
    return {
        key: address(archive / max(visit.clips, key=lambda clip: clip.quality).clip, out)
        for key, visit in visits.items()
        if visit.clips
    }
