"""Proposes who tracks show by comparing the views of their flanks with those of the known animals.

A flank is never compared with the other one. Where it is not sure which flank a view shows, the view is compared with
both: a coat resembles no stranger's other flank more than any stranger's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryFile, gettempdir
from typing import IO

import numpy as np

from pipeline.errors import StoreError
from pipeline.individuals.animals import Flank
from pipeline.individuals.calibration import Calibration, read_calibration
from pipeline.individuals.flanks import SURE
from pipeline.individuals.identify import Candidate, Odds, identify, weigh, why_not, would_be_found
from pipeline.individuals.matching import KnownView, build_gallery
from pipeline.individuals.pattern import DIMENSIONS, Pattern, read_pattern
from pipeline.individuals.proposing import Match, Rank, View

FLANKS = (Flank.LEFT, Flank.RIGHT)

_NOTHING = np.zeros((0, DIMENSIONS), np.uint8)


def coat_matcher(known: Mapping[int, Sequence[View]]) -> Rank:
    """A matcher that compares coats, made ready for the views of each known animal.

    Args:
        known: views by the animal's id; those without a pattern are left out.

    Returns:
        What names the known animals that one track's views resemble, each with its best match; none where no coat can
        be seen. Views whose file is gone are left out.

    Raises:
        StoreError: the folder for temporary files has no room for the coats.
    """
    views = _set_down(
        KnownView(str(animal), view.view_id, flank, pattern)
        for animal, theirs in known.items()
        for view, pattern in _described(theirs)
        for flank in may_show(view)
    )
    galleries = {flank.value: build_gallery(views, flank) for flank in FLANKS}
    calibration = read_calibration()

    def rank(track: Sequence[View]) -> Iterator[Match]:
        best: dict[int, Match] = {}
        for view, pattern in _described(track):
            for flank in may_show(view):
                for candidate in identify(pattern, flank, galleries, calibration).candidates:
                    one = _match(view, candidate)
                    if one.individual_id not in best or one.score > best[one.individual_id].score:
                        best[one.individual_id] = one
        yield from best.values()

    return rank


def may_show(view: View) -> tuple[Flank, ...]:
    """The flanks that a view may show: the one that it was told to, or both where that is not sure."""
    if view.flank not in FLANKS:
        return ()
    return (view.flank,) if view.flank_probability >= SURE else FLANKS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the candidates of a track come to."""

    odds: Odds  # its chances in the order of the scores given
    reason: str  # why it cannot be told; empty if it can


def judge(
    scores: Sequence[float],
    views: Sequence[View],
    covered: Mapping[Flank, int],
    everybody: int,
    calibration: Calibration,
) -> Verdict:
    """How likely a track shows one of its candidates, a new animal, or nothing that can be told.

    Its views are few and show one coat, so the best of them counts: an animal is new as far as the view in which it
    would have been found most surely says so.

    Args:
        scores: of the candidates, each an animal of its own.
        views: of the track.
        covered: of how many known animals each flank has been seen.
        everybody: how many animals are known.
        calibration: what scores mean.
    """
    seen = any(may_show(view) for view in views)
    found, reason = 0.0, "no pattern is to be seen" if seen else "neither flank is in view"
    for view, pattern in _described(views):
        for flank in may_show(view):
            this, known = _odds_of_flank(view, flank), covered.get(flank, 0) / everybody if everybody else 1.0
            chance = would_be_found(len(pattern), calibration) * this * known
            if chance >= found:
                found, reason = chance, why_not(len(pattern), flank, calibration, this, known)
    odds = weigh(scores, found, calibration.same)
    return Verdict(odds, "" if odds.cannot_tell < max(odds.same, odds.new) else reason)


def _odds_of_flank(view: View, flank: Flank) -> float:
    if view.flank_probability >= SURE:
        return 1.0
    return view.flank_probability if flank is view.flank else 1 - view.flank_probability


def _match(view: View, candidate: Candidate) -> Match:
    found = candidate.match
    points = tuple((float(x), float(y), float(u), float(v)) for x, y, u, v in found.points)
    return Match(int(found.individual), found.score, view.view_id, found.view, points)


def _described(views: Sequence[View]) -> Iterator[tuple[View, Pattern]]:
    """Views with what their coats show."""
    for view in views:
        if view.pattern is not None and view.pattern.is_file():
            yield view, read_pattern(view.pattern)


def _set_down(views: Iterable[KnownView]) -> list[KnownView]:
    """The same, but for the descriptors' place, a file without a name: they are most of a gallery.

    The system keeps in memory what of it there is room for, and the file is gone with this process.
    """
    kept: list[tuple[KnownView, int]] = []  # and how many features each has
    with TemporaryFile(buffering=0) as file:
        for view in views:
            _write(file, view.pattern.descriptors.tobytes())
            light = replace(view, pattern=replace(view.pattern, descriptors=_NOTHING))
            kept.append((light, len(view.pattern)))
        if not file.tell():
            return [view for view, _ in kept]
        everything = np.memmap(file, np.uint8, "r").reshape(-1, DIMENSIONS)
    ends = np.cumsum([features for _, features in kept])
    return [
        replace(view, pattern=replace(view.pattern, descriptors=everything[end - features : end]))
        for (view, features), end in zip(kept, ends.tolist(), strict=True)
    ]


def _write(file: IO[bytes], data: bytes) -> None:
    try:
        while data:
            data = data[file.write(data) :]
    except OSError as error:
        raise StoreError(
            f"{gettempdir()} has no room for the coats of all known animals ({error.strerror}); make some, or name"
            " another folder with the variable TMPDIR"
        ) from error
