"""Everything that is watched over the years, for every animal of an archive at once."""

from dataclasses import dataclass

from pipeline.health.absence import Gap, absence_flags, present_gap
from pipeline.health.change import Followed, follow
from pipeline.health.cubs import cub_flags
from pipeline.health.flags import NOTHING_DISMISSED, Dismissed, Flag, Severity
from pipeline.health.history import History, Park
from pipeline.health.pattern import pattern_flags
from pipeline.health.rhythm import rhythm_flags
from pipeline.health.whole_walk import walk_flags

_URGENCY = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Assessed:
    """One animal over time."""

    history: History
    followed: tuple[Followed, ...]
    gap: Gap | None  # since it was last seen; None below 5 captures
    flags: tuple[Flag, ...]  # the most urgent that still stand first, then those that have ended

    @property
    def standing(self) -> tuple[Flag, ...]:
        """Flags that have not ended."""
        return tuple(flag for flag in self.flags if flag.ended is None)


def assess(park: Park, dismissed: Dismissed = NOTHING_DISMISSED) -> dict[int, Assessed]:
    """Every animal of the park, by its id.

    Args:
        park: the animals and the watched nights.
        dismissed: for an animal and a rule, the sightings that people judged to be nothing out of the ordinary.
    """
    followed = follow(park, dismissed)
    return {key: _assess(history, park, followed[key], dismissed) for key, history in park.histories.items()}


def _assess(history: History, park: Park, followed: tuple[Followed, ...], dismissed: Dismissed) -> Assessed:
    flags = [flag for one in followed for flag in one.flags]
    flags += walk_flags(history, followed, dismissed)
    flags += absence_flags(history, park, dismissed)
    flags += cub_flags(history, park, dismissed)
    flags += rhythm_flags(history, dismissed)
    flags += pattern_flags(history, followed, dismissed)
    return Assessed(
        history=history,
        followed=followed,
        gap=present_gap(history, park),
        flags=tuple(sorted(flags, key=order)),
    )


def order(flag: Flag) -> tuple[bool, int, float, str]:
    """A key that sorts standing flags first, then the most urgent, then the latest."""
    return flag.ended is not None, -_URGENCY.index(flag.severity), -flag.raised.timestamp(), flag.flag_id
