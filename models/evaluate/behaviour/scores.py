"""What a comparison says. None stands where something cannot be said, such as the precision of what nobody named."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share (0..1) with its 95 % bootstrap interval over videos; without an interval where there is one video."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One behaviour, in seconds: what was rightly named against what was named and what was there."""

    behaviour: str
    precision: Estimate
    recall: Estimate
    f1: Estimate
    seconds: float  # true
    bouts: int  # true
    named_s: float  # predicted, in labelled time


@dataclass(frozen=True, slots=True)
class Confusion:
    """Seconds by what is true (rows; the last is `empty`) and what was said (columns; `unknown`, then `no track`)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    seconds: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class SegmentScore:
    """Whole bouts that match one to one with at least this overlap (F1@k of Lea et al. 2017)."""

    overlap: float  # temporal intersection over union
    f1: Estimate
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class EdgeError:
    """How far the starts or ends of matched bouts lie from the true ones."""

    bouts: int  # whose true edge is not cut off
    median_s: float | None  # of the absolute error
    p90_s: float | None
    bias_s: float | None  # median of predicted less true: below 0 is too early


@dataclass(frozen=True, slots=True)
class Bin:
    """Named time whose probability lies from `low` to `high`."""

    low: float
    high: float
    seconds: float
    probability: float | None  # mean
    right: float | None  # share of the time in which the name was right


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether a bout said with 70 % is right in 70 % of the time."""

    error: float | None  # expected calibration error, weighted by time
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What is left when only bouts of at least this probability are named."""

    threshold: float
    named: float | None  # share of the animals' labelled time
    error: float | None  # share of the named time in which the name is wrong


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything about one comparison."""

    videos: int
    subjects: int
    bouts: int  # true ones with an animal that can be told
    seconds: float  # of them
    right: Estimate  # share of the seconds rightly named
    unknown_share: float | None  # of the seconds, tracked and left unnamed
    no_track_share: float | None  # of the seconds
    empty_s: float  # labelled as having nobody in view
    false_s: float  # of these, named all the same
    untold_s: float  # labelled `unknown`: left out of everything else
    macro_f1: Estimate  # mean over the behaviours that are truly there
    macro_precision: Estimate  # over those of them that were ever named
    macro_recall: Estimate
    classes: tuple[ClassScore, ...]
    confusion: Confusion
    segments: tuple[SegmentScore, ...]
    start_error: EdgeError
    end_error: EdgeError
    calibration: Calibration
    risk: tuple[RiskPoint, ...]
