"""Health indicators of the shipped pipeline on simulated walks, scored against what is true of the walkers.

The clips go through the same run as a night's footage; what the archive then says of each walker's longest track is
laid beside the truth. Everything here is about simulated animals.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.evaluate.chances import auc_interval, rank_correlation, rank_interval, roc_auc, share_interval
from models.evaluate.compared import Compared
from models.evaluate.simulated import Done, Provenance, Start, analysed, compare_all, provenance
from models.evaluate.truths import TrueAnimal
from pipeline.errors import EthotrapError
from pipeline.settings import Settings
from pipeline.store.open import Store
from pipeline.store.queries import TrackQuery, sightings
from pipeline.values import Array, Indicator

STEADY_FPS = 15.0  # frames a second from which a gait is asked for
TOO_SLOW_FPS = 10.0  # below which nothing about steps may be claimed
CLOSE = 0.1  # share of the true stride frequency by which an estimate may be off
SLIGHT = (0.14, 0.16)  # limps that count as one of 0.15
CLEAR = 0.14  # limps from here up
LIMPING = ("gait_asymmetry", "head_bob", "back_bob")
STEPS = ("stride_frequency", *LIMPING)

Interval = tuple[float, float]  # of 95 %


@dataclass(frozen=True, slots=True)
class Walker:
    """One simulated animal that was followed: its truth and what the pipeline said of it."""

    clip: str
    fps: float
    animal: TrueAnimal
    indicators: Mapping[str, Indicator]

    def value(self, name: str) -> float | None:
        """An indicator's value; None if it was not assessable or is not there."""
        one = self.indicators.get(name)
        return None if one is None else one.value


@dataclass(frozen=True, slots=True)
class StrideScore:
    """How well strides were counted, of walks at `STEADY_FPS` and above."""

    walks: int
    assessed: int
    close: int  # of the assessed, within `CLOSE` of the truth
    interval: Interval | None  # of the share that is close; None if none was assessed
    worst: tuple[str, ...]  # clips that were not close, with estimate over truth


@dataclass(frozen=True, slots=True)
class LimpScore:
    """How well one indicator tells limping from sound walkers."""

    indicator: str
    limps: str  # which
    sound: int  # walkers
    limping: int
    auc: float | None
    interval: Interval | None
    curve: tuple[tuple[float, float, float], ...]  # threshold, share of limping at or above it, share of sound


@dataclass(frozen=True, slots=True)
class GirthScore:
    """How well girth is ranked among those seen from the side."""

    assessed: int
    spearman: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class HealthScore:
    """How the health indicators did on a folder of simulated walks."""

    about: Provenance
    walkers: int
    followed: int
    stride: StrideScore
    limps: tuple[LimpScore, ...]
    girth: GirthScore
    claimed_too_slow: int  # indicators that rest on steps, claimed below `TOO_SLOW_FPS`
    stumbles: tuple[int, int]  # counted (truly none), and walkers of whom it was assessed
    reasons: Mapping[str, Mapping[str, int]]  # why not assessable, by indicator; N for any number


def score_health(
    folder: Path,
    archive: Path | None,
    settings: Settings,
    start: Start | None = None,
    done: Done | None = None,
) -> HealthScore:
    """Follow every clip of a folder and score the indicators of the walkers.

    Args:
        folder: of `ethotrap simulate`.
        archive: where the analyses are kept; None for a passing one.
        settings: what the pipeline runs under.
        start: told how much is to be analysed.
        done: told how much of it is finished.

    Raises:
        ConfigError: the folder holds no simulated clip.
        EthotrapError: no clip could be scored, or the run as a whole cannot be done.
    """
    with analysed(folder, archive, settings, start, done) as (store, key, clips, faults):
        compared, more_faults = compare_all(store, key, clips)
        if not compared:
            raise EthotrapError("; ".join(["no clip could be scored", *faults, *more_faults]))
        found = [walker for one in compared for walker in _walkers(store, one)]
    walkers = sum(animal.stride_hz is not None for one in compared for animal in one.clip.animals)
    about = provenance([one.clip for one in compared], key, (*faults, *more_faults))
    return score_walkers(found, about, walkers)


def score_walkers(found: Sequence[Walker], about: Provenance, walkers: int) -> HealthScore:
    """Score walkers that were followed.

    Args:
        found: them.
        about: the clips.
        walkers: how many there were, followed or not.
    """
    slow = [walker for walker in found if walker.fps < TOO_SLOW_FPS]
    stumbles = [value for walker in found if (value := walker.value("stumbles")) is not None]
    return HealthScore(
        about=about,
        walkers=walkers,
        followed=len(found),
        stride=_stride(found),
        limps=tuple(_limps(found, name, limps) for name in LIMPING for limps in ("0.15", "0.15 and more")),
        girth=_girth(found),
        claimed_too_slow=sum(walker.value(name) is not None for walker in slow for name in STEPS),
        stumbles=(round(sum(stumbles)), len(stumbles)),
        reasons=_reasons(found),
    )


def _walkers(store: Store, one: Compared) -> list[Walker]:
    """Every walker of a clip with the indicators of its longest track."""
    seen = sightings(store, TrackQuery(media=(one.media,))) if one.media else []
    fps = 1 / float(np.median(np.diff(one.clip.times))) if len(one.clip.times) > 1 else 0.0
    walkers = []
    for number, animal in enumerate(one.clip.animals):
        own = [track for track, owner in enumerate(one.owners) if owner == number]
        if animal.stride_hz is None or not own:
            continue
        longest = max(own, key=lambda track: len(one.tracks[track].frame))
        walkers.append(Walker(one.clip.name, fps, animal, {i.name: i for i in seen[longest].indicators}))
    return walkers


def _stride(found: Sequence[Walker]) -> StrideScore:
    steady = [walker for walker in found if walker.fps >= STEADY_FPS - 0.5]
    ratios = {
        walker.clip: value / walker.animal.stride_hz
        for walker in steady
        if (value := walker.value("stride_frequency")) is not None and walker.animal.stride_hz
    }
    off = {clip: ratio for clip, ratio in ratios.items() if abs(ratio - 1) > CLOSE}
    return StrideScore(
        walks=len(steady),
        assessed=len(ratios),
        close=len(ratios) - len(off),
        interval=share_interval(len(ratios) - len(off), len(ratios)) if ratios else None,
        worst=tuple(f"{clip}: {ratio:.2f}" for clip, ratio in off.items()),
    )


def _limps(found: Sequence[Walker], name: str, limps: str) -> LimpScore:
    highest = SLIGHT[1] if limps == "0.15" else 1.0
    valued = [(walker.animal.limp, value) for walker in found if (value := walker.value(name)) is not None]
    sound = np.array([value for limp, value in valued if limp == 0])
    limping = np.array([value for limp, value in valued if CLEAR <= limp <= highest])
    auc = roc_auc(limping, sound) if len(sound) and len(limping) else None
    return LimpScore(
        indicator=name,
        limps=limps,
        sound=len(sound),
        limping=len(limping),
        auc=auc,
        interval=None if auc is None else auc_interval(auc, len(limping), len(sound)),
        curve=tuple(_curve(limping, sound)) if auc is not None else (),
    )


def _curve(limping: Array, sound: Array) -> list[tuple[float, float, float]]:
    thresholds = np.unique(np.concatenate([limping, sound]))[::-1]
    return [(float(one), float((limping >= one).mean()), float((sound >= one).mean())) for one in thresholds]


def _girth(found: Sequence[Walker]) -> GirthScore:
    pairs = [(walker.animal.girth, value) for walker in found if (value := walker.value("girth_length")) is not None]
    if len(pairs) < 5:
        return GirthScore(len(pairs), None, None)
    spearman = rank_correlation(*np.array(pairs).T)
    return GirthScore(len(pairs), spearman, rank_interval(spearman, len(pairs)))


def _reasons(found: Sequence[Walker]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for walker in found:
        for name, one in walker.indicators.items():
            if one.value is None:
                plain = re.sub(r"\d+(\.\d+)?", "N", one.not_assessable)
                counted.setdefault(name, Counter())[plain] += 1
    return {name: dict(reasons.most_common()) for name, reasons in sorted(counted.items())}
