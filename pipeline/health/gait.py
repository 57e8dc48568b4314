"""How an animal walks: how often it strides, how evenly, and how its head and back go along.

Screening numbers from one camera and mostly one flank. They say that a sighting is worth a look, never what is wrong.
"""

import numpy as np

from pipeline.health.stride import Stride, harmonics, stride_of
from pipeline.health.walk import Walk
from pipeline.values import Indicator

LEAST_RATE_HZ = 10.0  # outlines a second for a stride: twice the highest frequency asked for, and some
EVEN_RATE_HZ = 14.0  # for differences between steps, which last fractions of one
FEWEST_STRIDES = 3
SIDEWAYS = 20.0  # degrees from the picture's plane up to which an animal is seen from the side

_STRIDE = ("stride_frequency", "strides/s")
_ASYMMETRY = ("gait_asymmetry", "(a-b)/(a+b) of alternate steps")
_BOBS = {"head_bob": "head", "back_bob": "back"}
_BOB_UNIT = "share of power at one a stride"


def gait(track: int, walk: Walk | str) -> tuple[Indicator, ...]:
    """Stride frequency, gait asymmetry, and the bobbing of head and back.

    Args:
        track: its number.
        walk: what of the sighting shows a gait, or why nothing does.
    """
    names = (_STRIDE, _ASYMMETRY, *((name, _BOB_UNIT) for name in _BOBS))
    if isinstance(walk, str):
        return tuple(Indicator(track, name, unit, None, 0.0, walk) for name, unit in names)
    stride = stride_of(walk) if walk.rate_hz >= LEAST_RATE_HZ else None
    return (
        stride_frequency(track, walk, stride),
        gait_asymmetry(track, walk, stride),
        *(bob(track, walk, stride, name) for name in _BOBS),
    )


def stride_frequency(track: int, walk: Walk, stride: Stride | None) -> Indicator:
    """Strides a second (all four legs once) of a steady walk or trot.

    The lag after which the legs' places in the lower third of the outline are most like what they were
    (`pipeline.health.stride`), after Gibson et al. on quadruped gait frequency from wildlife footage. At least three
    strides, at 10 outlines a second or more, whole in the picture; 0.5 to 4 strides a second. Where a stride has fewer
    than eight pictures, a slower one may be found. Steps: strides.
    """
    name, unit = _STRIDE
    why = _too_slow(walk, LEAST_RATE_HZ) or _no_stride(stride) or _too_few(stride)
    if why or stride is None:
        return Indicator(track, name, unit, None, walk.lasts_s, why, _strides(stride))
    return Indicator(track, name, unit, stride.hz, walk.lasts_s, steps=_strides(stride))


def gait_asymmetry(track: int, walk: Walk, stride: Stride | None) -> Indicator:
    """|a - b| / (a + b), a and b the times between alternate steps: of the fore or the hind legs, the greater.

    In an even gait the two legs of a pair are half a stride apart, and the mean of their paws' places, ahead of the
    trunk, moves twice a stride and not once. If one leg comes early or late by a share s of a stride, the mean moves
    once a stride as well, with an amplitude of A sin(pi s), A being how far one leg swings; and s is half of
    |a - b| / (a + b). So the asymmetry is 2/pi arcsin(once / A). `once` is fitted to the mean of what is seen of the
    pair's legs; A comes from their spread, which in an even gait is A |sin|: the root of twice its mean square. That
    unevenness shows in the odd harmonics of a stride is what Menz et al. 2003's harmonic ratio and trials with lame
    horses (Peham et al. 1996) rest on.

    At least three strides, at 14 outlines a second or more, seen within 20 degrees of the side. Weak to fair: a
    screening number, from one flank; hind and fore legs are not told apart in it. Steps: those of one pair of legs.
    """
    name, unit = _ASYMMETRY
    steps = None if stride is None else int(2 * stride.count)
    why = _why_not_even(walk, stride)
    if why or stride is None:
        return Indicator(track, name, unit, None, walk.lasts_s, why, steps)
    value = max(pair_asymmetry(walk, stride, pair) for pair in ("fore", "hind"))
    return Indicator(track, name, unit, value, walk.lasts_s, steps=steps)


def pair_asymmetry(walk: Walk, stride: Stride, pair: str) -> float:
    """The asymmetry (0..1) of one pair of legs, as `gait_asymmetry` explains.

    Args:
        walk: seen from the side.
        stride: its stride.
        pair: `fore` or `hind`.
    """
    once, _ = harmonics(walk.t, walk.of(f"{pair}_place"), stride.hz)
    swing = float(np.sqrt(2 * np.mean(walk.of(f"{pair}_spread") ** 2)))
    return float(2 / np.pi * np.arcsin(min(once / swing, 1.0))) if swing > 0 else 0.0


def bob(track: int, walk: Walk, stride: Stride | None, name: str) -> Indicator:
    """Share (0..1) of the power of a bobbing top line that comes once a stride rather than twice.

    P1 / (P1 + P2), P the squared amplitudes of the top line's height at one and two a stride. A sound walker's head and
    back rise twice a stride; a lame one's head or rump nods once, when the sore leg bears weight (Buchner et al. 1996,
    head and trunk movement adaptations in horses with induced lameness). Conditions as for `gait_asymmetry`. Weak to
    fair: where hardly anything bobs, the share says little. Steps: those of one pair of legs.

    Args:
        track: its number.
        walk: of the animal.
        stride: its stride, if one was found.
        name: `head_bob` or `back_bob`.
    """
    steps = None if stride is None else int(2 * stride.count)
    why = _why_not_even(walk, stride)
    line = walk.of(_BOBS[name])
    known = ~np.isnan(line)
    if not why and known.mean() < 0.8:
        why = "the top line is hidden in too many pictures"
    if why or stride is None:
        return Indicator(track, name, _BOB_UNIT, None, walk.lasts_s, why, steps)
    once, twice = harmonics(walk.t[known], line[known], stride.hz) ** 2
    total = float(once + twice)
    return Indicator(track, name, _BOB_UNIT, float(once) / total if total > 0 else 0.0, walk.lasts_s, steps=steps)


def _why_not_even(walk: Walk, stride: Stride | None) -> str:
    """Why differences between left and right cannot be judged; "" if they can."""
    if why := _too_slow(walk, EVEN_RATE_HZ):
        return why
    if walk.aslant > SIDEWAYS:
        return f"it walks {walk.aslant:.0f} degrees aslant; up to {SIDEWAYS:.0f} it is seen from the side"
    return _no_stride(stride) or _too_few(stride)


def _too_slow(walk: Walk, least_hz: float) -> str:
    if walk.rate_hz >= least_hz:
        return ""
    return f"{walk.rate_hz:.1f} pictures a second are too few; {least_hz:.0f} are needed"


def _no_stride(stride: Stride | None) -> str:
    return "" if stride is not None else "no regular stride can be made out"


def _too_few(stride: Stride | None) -> str:
    if stride is None or stride.count >= FEWEST_STRIDES:
        return ""
    return f"only {stride.count:.1f} strides are whole in the picture; {FEWEST_STRIDES} are needed"


def _strides(stride: Stride | None) -> int | None:
    return None if stride is None else int(stride.count)
