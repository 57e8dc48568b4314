"""The summary for a whole park: which animals to look at first, when each was last seen, and what cannot be told."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from pipeline.health import plots
from pipeline.health.absence import NEEDED
from pipeline.health.assess import Assessed
from pipeline.health.cubs import last_play
from pipeline.health.flags import NOBODY_KNOWN
from pipeline.health.page import STYLE, flag_card, plot, preamble, table
from pipeline.health.report import links_to_clips
from pipeline.page import page
from pipeline.store.flag_words import FlagRow, Health
from pipeline.store.individual_rows import code_order

CLOSED = ("ended", "dismissed")
_TITLE = "<h1>How the known animals have been doing</h1>"


def park_report(health: Health, archive: Path, out: Path) -> str:
    """The page as HTML; where no animal is known yet, how to enter one.

    Args:
        health: every animal and every flag.
        archive: folder of the clips.
        out: where the page will lie, for the links to the clips.
    """
    animals = in_order(health)
    if not animals:
        return page("Health summary of the park", STYLE, f"{_TITLE}\n<p>{escape(NOBODY_KNOWN)}</p>")
    shown = [row for row in health.flags if row.state not in CLOSED]
    visits = {visit.sighting: visit for one in animals for visit in one.history.visits}
    links = links_to_clips(visits, archive, out)
    seen = [one for one in animals if one.history.visits]
    parts = [
        _TITLE,
        f'<p class="small">{len(seen)} animals with dated sightings up to {health.park.until}, each as a person'
        f" recognised it; {sum(len(nights) for nights in health.park.nights.values())} station nights.</p>",
        f"<h2>Flags that stand: {len(shown)}</h2>",
        preamble(),
    ]
    for code in dict.fromkeys(row.flag.code for row in shown):
        parts.append(f"<h3>{escape(code)}</h3>")
        parts += [flag_card(row, None, visits, links) for row in shown if row.flag.code == code]
    if not shown:
        parts.append("<p>None.</p>")
    if seen:
        raised = {
            one.history.animal.individual_id: [row.flag.raised.date() for row in _shown(health, one)] for one in seen
        }
        picture = plots.park_line([one.history for one in seen], raised, health.park.until)
        parts += [
            "<h2>Sightings of every animal</h2>",
            plot(picture, "sightings of every animal over time"),
            '<p class="small">A stroke is a sighting, a triangle a flag that stands.</p>',
        ]
    parts += ["<h2>Every animal</h2>", _table(health, animals), *_limits(animals)]
    return page("Health summary of the park", STYLE, "\n".join(parts))


def in_order(health: Health) -> list[Assessed]:
    """Every animal, those with a code of their own first, by code with numbers in order."""
    return sorted(
        health.animals.values(), key=lambda one: (one.history.animal.provisional, code_order(one.history.animal.code))
    )


def _shown(health: Health, one: Assessed) -> Sequence[FlagRow]:
    return [row for row in health.flags_of(one.history.animal.individual_id) if row.state not in CLOSED]


def _table(health: Health, animals: Sequence[Assessed]) -> str:
    head = ("animal", "sex, age", "sightings", "last seen", "usual, watched nights", "passed", "flags", "played")
    lines = []
    for one in animals:
        history = one.history
        last = history.visits[-1].day if history.visits else None
        stage = history.stage_at(last) if last else None
        flags = ", ".join(row.flag.rule.replace("_", " ") for row in _shown(health, one))
        played = last_play(history)
        cells = (
            history.animal.code,
            ", ".join(filter(None, (history.animal.sex, stage))),
            str(len(history.visits)),
            str(last or "never, dated"),
            f"{one.gap.usual_nights:.0f}" if one.gap else "too few",
            f"{one.gap.watched_nights:.0f}" if one.gap else "",
            flags,
            str(played.day) if played else "",
        )
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return table(head, lines)


def _limits(animals: Sequence[Assessed]) -> list[str]:
    few = [one.history.animal.code for one in animals if one.gap is None]
    undated = sum(one.history.undated for one in animals)
    none = [one.history.animal.code for one in animals if not any(part.readings for part in one.followed)]
    lines = [
        f"A gap cannot be judged, which needs {NEEDED}: {', '.join(few) or 'none'}.",
        f"Nothing of their movement or shape could be told: {', '.join(none) or 'none'}.",
        f"Undated sightings, left out everywhere: {undated}.",
        "An animal that nobody recognises is in none of this.",
    ]
    return ["<h2>What this cannot tell</h2>", *(f"<p>{escape(line)}</p>" for line in lines)]
