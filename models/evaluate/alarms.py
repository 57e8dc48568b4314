"""Tracks where nothing is, and what the tracks of people are taken for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.evaluate.compared import Compared
from models.evaluate.coverage import CoverageRow, cover, sights_of

WINDY_FROM = 0.6  # of the simulator's wind, which runs from 0 to 1


@dataclass(frozen=True, slots=True)
class EmptyRow:
    """Empty clips of one sort."""

    part: str
    clips: int
    alarmed: int  # clips in which something was tracked
    kinds: Mapping[str, int]  # of those tracks


@dataclass(frozen=True, slots=True)
class PeopleScore:
    """Clips with people in them."""

    clips: int
    covered: CoverageRow | None  # None if nobody is ever visible
    kinds: Mapping[str, int]  # of the tracks on people
    elsewhere: Mapping[str, int]  # of the tracks that are on nobody


def empty_rows(compared: Sequence[Compared]) -> list[EmptyRow]:
    """Empty clips, all of them, then by light, then the windy ones."""
    empty = [one for one in compared if one.clip.is_empty]
    parts = {"all": empty}
    parts |= {light: [one for one in empty if one.clip.light == light] for light in ("day", "infrared")}
    parts["windy"] = [one for one in empty if one.clip.wind >= WINDY_FROM]
    return [
        EmptyRow(part, len(ones), sum(bool(one.tracks) for one in ones), _kinds(ones))
        for part, ones in parts.items()
        if ones
    ]


def people_score(compared: Sequence[Compared]) -> PeopleScore | None:
    """What became of people; None if there are none."""
    with_people = [one for one in compared if one.clip.has_person]
    if not with_people:
        return None
    on: Counter[str] = Counter()
    elsewhere: Counter[str] = Counter()
    for one in with_people:
        for track, owner in zip(one.tracks, one.owners, strict=True):
            if owner is None:
                elsewhere[track.kind.value] += 1
            elif one.clip.animals[owner].is_person:
                on[track.kind.value] += 1
    return PeopleScore(len(with_people), cover("people", sights_of(with_people, people=True)), on, elsewhere)


def _kinds(compared: Sequence[Compared]) -> Counter[str]:
    return Counter(track.kind.value for one in compared for track in one.tracks)
