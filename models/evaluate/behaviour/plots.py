"""The two pictures of an evaluation. Matplotlib is loaded only here, and only when a picture is drawn."""

import math
from collections.abc import Sequence
from pathlib import Path

from models.evaluate.behaviour.scores import Calibration, RiskPoint

SIZE_INCHES = (5.0, 4.2)
DPI = 120
LABEL_GAP = 0.06  # of the axes' length: thresholds whose points lie closer are not written twice


def draw_reliability(calibration: Calibration, path: Path) -> None:
    """How often bouts of each probability are right, as a PNG; the size of a dot tells how much time it rests on."""
    from matplotlib.figure import Figure  # takes half a second to load

    figure = Figure(SIZE_INCHES, DPI, layout="constrained")
    axes = figure.add_subplot()
    whole = sum(one.seconds for one in calibration.bins)
    known = [(one.probability, one.right, one.seconds) for one in calibration.bins if one.seconds]
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="perfectly calibrated")
    if known:
        probabilities, right, seconds = zip(*known, strict=True)
        axes.plot(probabilities, right, color="tab:green")
        axes.scatter(probabilities, right, s=[20 + 200 * one / whole for one in seconds], color="tab:green")
    error = "none" if calibration.error is None else f"{calibration.error:.3f}"
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability that was given", ylabel="share of the time that was right")
    axes.set_title(f"Reliability: {whole:.0f} s named, expected error {error}")
    axes.legend(loc="upper left", frameon=False)
    figure.savefig(path, format="png")


def draw_risk(risk: Sequence[RiskPoint], path: Path) -> None:
    """The error among what is named against how much is named, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(SIZE_INCHES, DPI, layout="constrained")
    axes = figure.add_subplot()
    known = [(one.named, one.error, one.threshold) for one in risk if one.named is not None and one.error is not None]
    if known:
        axes.plot([one[0] for one in known], [one[1] for one in known], color="tab:blue", marker="o", markersize=3)
        last = (-1.0, -1.0)
        for one in known:
            if math.dist(one[:2], last) > LABEL_GAP:
                axes.annotate(f"{one[2]:g}", one[:2], textcoords="offset points", xytext=(4, 4))
                last = one[:2]
    axes.set(
        xlim=(0, 1.02), ylim=(0, 1.02), xlabel="share of the time that is named", ylabel="share of it that is wrong"
    )
    axes.set_title("Naming only from a least probability on")
    figure.savefig(path, format="png")
