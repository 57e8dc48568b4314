"""The scores of health indicators on simulated walks, as Markdown."""

from collections.abc import Sequence

from models.evaluate.health import CLOSE, STEADY_FPS, TOO_SLOW_FPS, GirthScore, HealthScore, Interval, LimpScore


def as_markdown(score: HealthScore) -> str:
    """The whole report, in lines of any length, with a line break at the end."""
    about = score.about
    parts = [
        "# Health indicators on simulated walks",
        f"{about.clips} clips, {about.seconds:.0f} s, of {', '.join(about.splits)}; "
        f"{score.followed} of {score.walkers} walkers were followed. "
        f"Version {about.analysed.code_version}, settings {about.analysed.settings_digest}.",
        _strides(score),
        _table(
            ("indicator", "limps", "limping", "sound", "area under ROC", "95 % interval"),
            [_limp(one) for one in score.limps],
        ),
        _girth(score.girth),
        f"Claims about steps below {TOO_SLOW_FPS:.0f} frames a second: {score.claimed_too_slow}. "
        f"Stumbles counted where there are none: {score.stumbles[0]}, in {score.stumbles[1]} walks.",
        *_reasons(score),
    ]
    if about.left_out:
        parts.append("\n".join(["Not scored:", "", *(f"- {fault}" for fault in about.left_out)]))
    return "\n\n".join(parts) + "\n"


def _strides(score: HealthScore) -> str:
    stride = score.stride
    line = (
        f"Stride frequency within {CLOSE:.0%} of the truth: {stride.close} of {stride.assessed} assessed"
        f"{_within(stride.interval)}, of {stride.walks} walks at {STEADY_FPS:.0f} frames a second and above."
    )
    return line + (f" Estimate over truth of the others: {'; '.join(stride.worst)}." if stride.worst else "")


def _limp(one: LimpScore) -> tuple[str, ...]:
    auc = "" if one.auc is None else f"{one.auc:.2f}"
    return one.indicator, one.limps, str(one.limping), str(one.sound), auc, _within(one.interval, bare=True)


def _girth(girth: GirthScore) -> str:
    if girth.spearman is None:
        return f"Girth to length was assessed of {girth.assessed} walkers, too few to rank."
    ranks = f"a Spearman of {girth.spearman:.2f}{_within(girth.interval)}"
    return f"Girth to length ranks {girth.assessed} walkers with {ranks}."


def _within(interval: Interval | None, *, bare: bool = False) -> str:
    if interval is None:
        return ""
    text = f"{interval[0]:.2f} to {interval[1]:.2f}"
    return text if bare else f" (95 % interval {text})"


def _reasons(score: HealthScore) -> list[str]:
    rows = [(name, why, str(count)) for name, reasons in score.reasons.items() for why, count in reasons.items()]
    return ["## Not assessable", _table(("indicator", "because", "walkers"), rows)] if rows else []


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
