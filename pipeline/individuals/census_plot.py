"""The census over the years, as a picture that can be read in grey print."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import StoreError
from pipeline.individuals.census import Census

_INCHES = (8.0, 5.2)
_PARTS = (  # what, face in shades of grey, hatching
    ("adult females", "0.15", ""),
    ("adult males", "0.55", ""),
    ("adults of unknown sex", "0.85", ""),
    ("adolescents", "1.0", "////"),
    ("cubs", "1.0", "...."),
    ("one flank only", "1.0", "xx"),
    ("of unknown age", "1.0", ""),
)


def plot_years(years: Sequence[Census], out: Path) -> None:
    """Draw one bar a year, and the trap nights below, since who is seen depends on how long the traps watched.

    Args:
        years: one census a year, rising; at least one.
        out: a picture file; its ending (.png, .pdf, .svg) says of which kind.

    Raises:
        StoreError: the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, layout="constrained")
    FigureCanvasAgg(figure)
    animals, nights = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    labels = [str(one.first_day.year) for one in years]
    below = [0] * len(years)
    for (name, face, hatch), counts in zip(_PARTS, zip(*map(_counts, years), strict=True), strict=True):
        if not any(counts):
            continue
        bars = animals.bar(labels, counts, bottom=below, width=0.6, color=face, hatch=hatch, edgecolor="0", label=name)
        shown = [str(count) if count else "" for count in counts]
        texts = animals.bar_label(bars, labels=shown, label_type="center", fontsize=8)
        for text in texts:
            text.set_bbox({"facecolor": "1", "edgecolor": "none", "pad": 1})
        below = [low + count for low, count in zip(below, counts, strict=True)]
    animals.set_ylabel("known animals seen")
    animals.yaxis.get_major_locator().set_params(integer=True)
    if any(below):
        animals.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8, reverse=True)
    nights.bar(labels, [one.effort.trap_nights for one in years], width=0.6, color="0.4", edgecolor="0")
    nights.set_ylabel("trap nights")
    nights.set_ylim(0, 1.1 * max(1, *(one.effort.trap_nights for one in years)))
    for panel in (animals, nights):
        panel.spines[["top", "right"]].set_visible(False)
    try:
        figure.savefig(out, dpi=150)
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot draw the census to {out}: {error}; choose a file such as census.png") from error


def _counts(census: Census) -> tuple[int, ...]:
    sexes = census.by_sex
    return (
        sexes["female"],
        sexes["male"],
        sexes["unknown"],
        len(census.adolescents),
        sum(len(litter.cubs) for litter in census.litters),
        len(census.one_flank),
        len(census.unknown_age),
    )
