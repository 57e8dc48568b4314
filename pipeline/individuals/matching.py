"""Which known individuals a view resembles: one query against all known views of the same flank.

After HotSpotter (Crall et al. 2013): each feature of the query votes for the individuals that own its nearest
neighbours, by how much nearer they are than the nearest stranger (LNBNN, McCann & Lowe 2012, "Local naive Bayes nearest
neighbor for image classification"). Votes count where the matched features lie alike on both bodies. Neighbours are
searched exactly, so nothing depends on chance, and an individual gets one vote a feature however many views it has.

Where few individuals are known, mirror images of their coats are strangers too: they have the same species' spots in
the same light and show nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from pipeline.individuals.pattern import DIMENSIONS, UNIT, Pattern, mirrored
from pipeline.individuals.verify import Side, agreeing

VOTERS = 3  # individuals that one feature votes for: a twice registered animal must not silence itself
SHORTLIST = 10  # individuals whose views are compared feature by feature
_OWN_DISTANCE = 0.25  # body sides from which on another feature of the query is a stranger to it
_ENOUGH = 20  # individuals and mirrored views; with fewer, a feature's nearest stranger is farther than it should be
_BLOCK = 40_000  # descriptors turned into floating point at a time; keeps memory small

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class KnownView:
    """One view of a known individual."""

    individual: str
    view: str  # the registry's name for it
    flank: str  # left or right
    pattern: Pattern


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """All known views of one flank, those of an individual one after the other."""

    flank: str
    views: tuple[KnownView, ...]
    individuals: tuple[str, ...]
    first_view: NDArray[np.int64]  # (individuals + 1,) where the views of each begin
    strangers: NDArray[
        np.uint8
    ]  # (s, 128) of mirror images, which show nobody; none where enough individuals are known


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """How well one known individual fits a query."""

    individual: str
    view: str  # its view with the most agreement
    score: float  # sum of votes that agree in place, 0 for none
    inliers: int  # features of the query whose match agrees in place
    points: Floats  # (m, 4) x, y in the query and x, y in that view, shares of their pictures; strongest first


def build_gallery(views: Iterable[KnownView], flank: str) -> Gallery:
    """Makes views ready to be searched; views of the other flank, and those without features, are left out."""
    usable = sorted(
        (view for view in views if view.flank == flank and len(view.pattern)), key=lambda v: (v.individual, v.view)
    )
    counts = [(name, len(list(group))) for name, group in groupby(view.individual for view in usable)]
    mirrors = [view.pattern.descriptors for view in _spread(usable)[: max(_ENOUGH - len(counts), 0)]]
    return Gallery(
        flank=flank,
        views=tuple(usable),
        individuals=tuple(name for name, _ in counts),
        first_view=np.cumsum([0] + [count for _, count in counts]),
        strangers=mirrored(np.concatenate([np.zeros((0, DIMENSIONS), np.uint8), *mirrors])),
    )


def _spread(views: Sequence[KnownView]) -> list[KnownView]:
    """The views so that the first ones are of as many individuals as there are."""
    rank = {name: iter(range(len(views))) for name in {view.individual for view in views}}
    turns = [(next(rank[view.individual]), view) for view in views]
    return [view for _, view in sorted(turns, key=lambda turn: turn[0])]


def match(query: Pattern, gallery: Gallery) -> tuple[Match, ...]:
    """The known individuals that resemble the query, best first; at most SHORTLIST, those without a vote left out.

    Args:
        query: of the gallery's flank.
        gallery: what is known.
    """
    if not len(query) or not gallery.individuals:
        return ()
    wanted = query.descriptors.astype(np.float32) / UNIT
    likeness = _likeness(wanted, gallery)
    stranger = _stranger(query, wanted, likeness, gallery.strangers)
    votes = (likeness - stranger[:, None]).clip(0).sum(axis=0)
    order = np.lexsort((np.arange(len(votes)), -votes))[:SHORTLIST]
    found = [_compare(query, wanted, stranger, gallery, int(number)) for number in order if votes[number] > 0]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (-one.score, one.individual)))


def _likeness(wanted: Floats, gallery: Gallery) -> Floats:
    """(features, individuals) cosine of each feature and the individual's nearest one."""
    result = np.empty((len(wanted), len(gallery.individuals)), np.float32)
    for number in range(len(gallery.individuals)):
        views = gallery.views[gallery.first_view[number] : gallery.first_view[number + 1]]
        nearest = [(known @ wanted.T).max(axis=0) for known in _blocks(views)]
        result[:, number] = np.maximum.reduce(nearest) / UNIT
    return result


def _blocks(views: Sequence[KnownView]) -> Iterator[Floats]:
    """The descriptors of all views, some at a time."""
    sizes = np.cumsum([len(view.pattern) for view in views])
    for _, some in groupby(zip(sizes // _BLOCK, views, strict=True), key=lambda one: one[0]):
        yield np.concatenate([view.pattern.descriptors for _, view in some]).astype(np.float32)


def _stranger(query: Pattern, wanted: Floats, likeness: Floats, strangers: NDArray[np.uint8]) -> Floats:
    """(features,) how like the nearest stranger is.

    Strangers are the individuals beyond the VOTERS nearest, mirror images, and the query itself elsewhere.

    The spots of one coat resemble one another, so that even a gallery of one individual has a stranger to measure by.
    """
    apart = np.linalg.norm(query.points[:, None] - query.points[None], axis=2) > _OWN_DISTANCE
    own = np.where(apart, wanted @ wanted.T, 0).max(axis=1)
    if len(strangers):
        nobody = np.concatenate([mirrored(query.descriptors), strangers]).astype(np.float32) / UNIT
        own = np.maximum(own, (wanted @ nobody.T).max(axis=1))
    if likeness.shape[1] <= VOTERS:
        return np.asarray(own, np.float32)
    others = np.partition(likeness, -VOTERS - 1, axis=1)[:, -VOTERS - 1]
    return np.asarray(np.maximum(own, others), np.float32)


def _compare(query: Pattern, wanted: Floats, stranger: Floats, gallery: Gallery, number: int) -> Match | None:
    """The query against all views of one individual; None if nothing agrees in place."""
    votes = np.zeros(len(query), np.float32)
    best_sum, best_view, best_points = 0.0, "", np.zeros((0, 4), np.float32)
    for index in range(gallery.first_view[number], gallery.first_view[number + 1]):
        view = gallery.views[index]
        mine, theirs, weights = _agreed(query, wanted, stranger, view.pattern)
        votes[mine] = np.maximum(votes[mine], weights)
        if weights.sum() > best_sum:
            order = np.argsort(-weights, kind="stable")
            points = np.hstack([query.places[mine[order]], view.pattern.places[theirs[order]]])
            best_sum, best_view, best_points = float(weights.sum()), view.view, points
    if not best_view:
        return None
    return Match(gallery.individuals[number], best_view, float(votes.sum()), int((votes > 0).sum()), best_points)


def _agreed(
    query: Pattern, wanted: Floats, stranger: Floats, known: Pattern
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Features of the query, those of the known view that they match and agree in place with, and their votes."""
    likeness = wanted @ (known.descriptors.astype(np.float32) / UNIT).T
    theirs = likeness.argmax(axis=1)
    gain = likeness[np.arange(len(query)), theirs] - stranger
    order = np.lexsort((np.arange(len(gain)), -gain))
    order = order[gain[order] > 0]
    _, firsts = np.unique(theirs[order], return_index=True)  # one spot can be matched once
    mine = order[np.sort(firsts)]
    theirs, weights = theirs[mine], gain[mine]
    agreed = agreeing(
        Side(query.points[mine], query.scales[mine]), Side(known.points[theirs], known.scales[theirs]), weights
    )
    return mine[agreed], theirs[agreed], weights[agreed]
