"""The pictures of a health report. Shades of grey, hatches and markers carry what they say: they may be printed."""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pipeline.health.baseline import BAND
from pipeline.health.change import Compared, Followed
from pipeline.health.history import History, Park
from pipeline.health.rhythm import Budget, Rhythm
from pipeline.plain_text import in_one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 9.0  # inches
MOST_STATIONS = 10
MOST_BEHAVIOURS = 6
_HATCHES = ("", "////", "....", "xx", "\\\\\\\\", "++", "oo")
_FACES = ("0.25", "1", "0.85", "1", "0.6", "1", "1")
_RULES: dict[Any, Any] = {
    "font.size": 9,
    "svg.hashsalt": "ethotrap",
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@dataclass(frozen=True, slots=True)
class Marked:
    """A flag on the time line: its number in the list, and from when to when sightings speak for it."""

    number: int
    began: date
    last: date


def time_line(history: History, park: Park, marked: Sequence[Marked]) -> str:
    """When and where it was seen, over when each of its stations watched; flags above.

    Returns:
        A picture as a data URI, SVG, as all functions here do.
    """
    counts = Counter(visit.location for visit in history.visits)
    stations = [name for name, _ in counts.most_common(MOST_STATIONS)]
    figure, axes = _figure(0.9 + 0.24 * (len(stations) + 1 + len(marked)))
    first = history.visits[0].day
    for row, station in enumerate(stations):
        for start, days in _spells(sorted(night for night in park.nights.get(station, ()) if first <= night)):
            axes.broken_barh([(start, timedelta(days=days))], (row - 0.32, 0.64), facecolor="0.88", edgecolor="none")  # type: ignore[list-item]
    for visit in history.visits:
        row = stations.index(visit.location) if visit.location in stations else len(stations)
        axes.plot(visit.day, row, marker="o", color="0", markersize=3.5, linestyle="none")  # type: ignore[arg-type]
    for row, one in enumerate(marked):
        axes.plot([one.began, one.last], [-1 - row] * 2, color="0", linewidth=4, marker="|", markersize=9)  # type: ignore[arg-type]
    others = [f"{len(counts) - len(stations)} other stations"] if len(counts) > len(stations) else []
    labels = [f"{_shown(name or 'unknown place')} ({counts[name]})" for name in stations] + others
    flags = [f"flag {one.number}" for one in marked]
    axes.set_yticks([*(-1 - row for row in range(len(marked))), *range(len(labels))], [*flags, *labels])
    axes.set_ylim(len(labels) - 0.5, -0.6 - len(marked))
    _time_axis(axes, first, park.until)
    return _picture(figure)


def indicator(history: History, followed: Followed, flagged: Mapping[str, int], last_day: date) -> str:
    """One indicator over time: readings, what was usual for the animal, and which readings speak for a flag.

    Args:
        history: the animal.
        followed: the indicator, at least one reading.
        flagged: for the ids of sightings that speak for a flag, the flag's number in the list.
        last_day: the end of the axis.
    """
    watched = followed.watched
    figure, axes = _figure(2.0)
    drawn = [one for one in followed.readings if _level(one, followed) is not None]
    days = [one.reading.day for one in drawn]
    values = [watched.scale.back(one.reading.value - (_level(one, followed) or 0.0)) for one in drawn]
    _band(axes, drawn, followed)
    axes.plot(days, values, marker="o", color="0.35", markersize=3.5, linestyle="none")  # type: ignore[arg-type]
    for one, day, value in zip(drawn, days, values, strict=True):
        number = flagged.get(history.visits[one.reading.number].sighting)
        if number is not None:
            axes.plot(day, value, marker="D", color="0", markersize=6, linestyle="none")  # type: ignore[arg-type]
            axes.annotate(str(number), (day, value), xytext=(5, 4), textcoords="offset points", fontsize=8)
    axes.set_ylabel(watched.unit)
    if values:
        told = [history.visits[one.reading.number].sighting in flagged for one in drawn]
        low, high = _limits(values, [value for value, speaks in zip(values, told, strict=True) if speaks])
        axes.set_ylim(low, high)
        for day, value in zip(days, values, strict=True):
            if not low <= value <= high:  # far off: an arrow at the edge says that there is more
                edge, marker = (high, "^") if value > high else (low, "v")
                axes.plot(day, edge, marker=marker, color="0", markersize=6, clip_on=False)  # type: ignore[arg-type]
    _time_axis(axes, history.visits[0].day, last_day)
    return _picture(figure)


def hours(found: Rhythm) -> str:
    """At which hours of the sun it passed cameras: of late as bars, before as a line."""
    figure, axes = _figure(2.1)
    width = 1.5
    places = [width * number for number in range(16)]

    def share(seen: Sequence[float]) -> list[float]:
        counts = Counter(int(hour / width) for hour in seen)
        return [100 * counts[number] / max(len(seen), 1) for number in range(16)]

    axes.bar(
        places,
        share(found.hours_late),
        width,
        align="edge",
        color="0.8",
        edgecolor="0",
        hatch="////",
        label=f"last {len(found.hours_late)} sightings",
    )
    if found.hours_before:
        axes.stairs(
            share(found.hours_before),
            [*places, 24.0],
            color="0",
            linewidth=2,
            label=f"{len(found.hours_before)} before",
        )
    axes.set_xlim(0, 24)
    axes.set_xticks(range(0, 25, 3))
    axes.set_xlabel("hour of the sun (12: it stands in the south)")
    axes.set_ylabel("% of sightings")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return _picture(figure)


def time_budget(found: Rhythm) -> str:
    """Shares of the time with a named behaviour, before and of late."""
    figure, axes = _figure(1.8)
    names = list(dict.fromkeys([*found.before.shares, *found.late.shares]))
    shown, rest = names[:MOST_BEHAVIOURS], names[MOST_BEHAVIOURS:]
    parts: list[tuple[str, Budget]] = [("before", found.before), ("of late", found.late)]
    parts = [(name, part) for name, part in parts if part.seconds]
    left = [0.0] * len(parts)
    for number, name in enumerate([*shown, *(["other"] if rest else [])]):
        shares = [
            100 * (sum(part.shares.get(one, 0.0) for one in rest) if name == "other" else part.shares.get(name, 0.0))
            for _, part in parts
        ]
        axes.barh(
            [f"{label} ({part.sightings})" for label, part in parts],
            shares,
            left=left,
            height=0.6,
            edgecolor="0",
            color=_FACES[number],
            hatch=_HATCHES[number],
            label=_shown(name.replace("_", " ")),
        )
        left = [start + share for start, share in zip(left, shares, strict=True)]
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of the time with a named behaviour")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1.15))
    return _picture(figure)


def park_line(histories: Sequence[History], raised: Mapping[int, Sequence[date]], last_day: date) -> str:
    """Every animal's sightings, one row each, with a triangle where a flag was raised."""
    figure, axes = _figure(0.7 + 0.17 * len(histories))
    for row, history in enumerate(histories):
        days = [visit.day for visit in history.visits]
        axes.plot(days, [row] * len(days), marker="|", color="0.35", markersize=6, linestyle="none")  # type: ignore[arg-type]
        for day in raised.get(history.animal.individual_id, ()):
            axes.plot(day, row, marker="v", color="0", markersize=6, linestyle="none")  # type: ignore[arg-type]
    axes.set_yticks(range(len(histories)), [_shown(one.animal.code) for one in histories], fontsize=8)
    axes.set_ylim(len(histories) - 0.5, -0.5)
    axes.grid(axis="y", color="0.92")
    _time_axis(axes, min(one.visits[0].day for one in histories), last_day)
    return _picture(figure)


def _band(axes: "Axes", drawn: Sequence[Compared], followed: Followed) -> None:
    """What was usual when each reading was made: the median as a line, the band as hatched grey."""
    scale = followed.watched.scale
    known = [(one, one.reference, _level(one, followed) or 0.0) for one in drawn if one.reference is not None]
    days = [one.reading.day for one, _, _ in known]
    middles = [reference.median - level for _, reference, level in known]
    ends = [BAND * reference.spread for _, reference, _ in known]
    if len(days) > 1:
        low = [scale.back(middle - end) for middle, end in zip(middles, ends, strict=True)]
        high = [scale.back(middle + end) for middle, end in zip(middles, ends, strict=True)]
        axes.fill_between(days, low, high, step="mid", facecolor="0.9", edgecolor="0.7", hatch="//", linewidth=0)  # type: ignore[arg-type]
        axes.step(days, [scale.back(middle) for middle in middles], where="mid", color="0", linewidth=1)  # type: ignore[arg-type]


def _limits(values: Sequence[float], speaking: Sequence[float]) -> tuple[float, float]:
    """Limits that leave out a reading far beyond the others, so that those can be told apart; never one of a flag."""
    inner = sorted(values)
    cut = max(1, len(inner) // 50) if len(inner) > 10 else 0
    inner = sorted([*inner[cut : len(inner) - cut], *speaking])
    margin = 0.15 * (inner[-1] - inner[0]) or 0.1
    return max(0.0, inner[0] - margin), inner[-1] + margin


def _level(one: Compared, followed: Followed) -> float | None:
    """What the station adds to the reading; None if that is not known, so that the reading cannot be drawn."""
    return followed.stations.get(one.reading.station) if followed.watched.by_station else 0.0


def _spells(nights: Sequence[date]) -> list[tuple[Any, int]]:
    """Nights in a row: the first one, and how many."""
    found: list[tuple[date, int]] = []
    for night in nights:
        if found and (night - found[-1][0]).days == found[-1][1]:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((night, 1))
    return [(start, days) for start, days in found]


def _time_axis(axes: "Axes", first: date, last: date) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=4, maxticks=12)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    margin = max((last - first) / 100, timedelta(days=1))  # so that the first and the last sighting are seen whole
    axes.set_xlim(first - margin, last + margin)  # type: ignore[arg-type]


def _shown(name: str) -> str:
    """A name that people chose, as it is: what stands between two dollar signs is no formula."""
    return in_one_line(name).replace("$", r"\$")


def _figure(height: float) -> "tuple[Figure, Axes]":
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with rc_context(_RULES):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        return figure, figure.subplots()


def _picture(figure: "Figure") -> str:
    from matplotlib import rc_context

    drawn = BytesIO()
    with rc_context(_RULES):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"
