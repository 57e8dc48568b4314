"""What the species network calls the animals of known species."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.evaluate.compared import Compared

BIG_CATS = frozenset({"leopard", "tiger"})  # of the region's species


@dataclass(frozen=True, slots=True)
class NamingRow:
    """The tracks of one species in one light."""

    species: str  # the true one
    light: str
    tracks: int
    called: Mapping[str, int]  # most frequent first
    right: float  # share (0..1) called by its own code
    big_cat: float  # share called one of BIG_CATS


def naming_rows(compared: Sequence[Compared]) -> list[NamingRow]:
    """A row for every true species and light of which there is a track, in that order."""
    called: dict[tuple[str, str], Counter[str]] = {}
    for one in compared:
        for track, owner in zip(one.tracks, one.owners, strict=True):
            if owner is None or one.clip.animals[owner].is_person:
                continue
            key = (one.clip.animals[owner].species, one.clip.light)
            called.setdefault(key, Counter())[track.species] += 1
    return [_row(*key, called[key]) for key in sorted(called)]


def _row(species: str, light: str, called: Counter[str]) -> NamingRow:
    tracks = called.total()
    return NamingRow(
        species=species,
        light=light,
        tracks=tracks,
        called=dict(called.most_common()),
        right=called[species] / tracks,
        big_cat=sum(count for name, count in called.items() if name in BIG_CATS) / tracks,
    )
