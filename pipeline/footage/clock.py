"""When was it filmed? The decision between what a file's tags say, and the arithmetic of zones and wrong clocks.

Kept apart throughout: what the camera wrote (`CaptureTime.camera_clock`), which tag said so, the zone in which the
camera's clock runs, and the correction that a person gave for it. docs/capture-time.md explains the order to users.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.errors import ConfigError
from pipeline.footage.stamps import Candidate, read_stamp
from pipeline.values import CaptureTime

FIRST_YEAR = 2001  # a clock that began anew in 2000 runs on for weeks, and no trap filmed video then
RESET_DAYS = frozenset(
    {date(1904, 1, 1), date(1970, 1, 1), date(2000, 1, 1)}
)  # clocks that nobody set count from these
FUTURE_SLACK = timedelta(hours=24)  # clocks run ahead, and zones are mistaken
AGREEMENT = timedelta(minutes=5)  # tags are written at the start or at the end of a clip
_REFUSED = re.compile(  # what `choose_capture_time` notes of a candidate that it does not take
    r"(?P<tag>.+?) (?:says (?P<clock>[-\d]+ [:\d]+)(?P<offset>[+-]\d\d:\d\d)?, which is refused: "
    r"|holds \"(?P<wrote>.*)\", which is no date with a time$)",
    re.DOTALL,
)
BIG_SHIFT = timedelta(days=1)  # a correction of this size says that a person knew the clock had been reset


def parse_zone(name: str) -> tzinfo:
    """The zone called `name`: an IANA name such as "Asia/Vladivostok", or a fixed offset such as "+10:00".

    Raises:
        ConfigError: there is no such zone.
    """
    if match := re.fullmatch(r"([+-])(\d{2}):([0-5]\d)", name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        if offset < timedelta(hours=24):
            return timezone(-offset if match[1] == "-" else offset)
    try:
        return iana_zone(name)
    except ConfigError as error:
        raise ConfigError(f"{error} or an offset such as +10:00") from error


def iana_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name such as "Asia/Vladivostok".

    Raises:
        ConfigError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"{name!r} is no time zone; write an IANA name such as Asia/Vladivostok") from error


def to_utc(clock: datetime, zone: tzinfo) -> tuple[datetime, str]:
    """The moment (aware, UTC) at which a clock in `zone` showed `clock` (naive), and a note if that is not certain.

    Where clocks were put back and showed a time twice, the first is taken. A time that was skipped when clocks were put
    forward is read as that of a clock that nobody put forward.

    Raises:
        OverflowError: the moment lies outside the years 1 to 9999.
    """
    first, second = (clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    moment = first.astimezone(UTC)
    if first.utcoffset() == second.utcoffset():
        return moment, ""
    if moment.astimezone(zone).replace(tzinfo=None) == clock:
        return moment, f"{clock} came twice in {zone} when clocks were put back; the first is taken"
    return moment, f"{clock} never came in {zone}, where clocks were put forward then; the camera's was probably not"


def choose_capture_time(
    candidates: Sequence[Candidate], zone: str, clock_shift_s: float, now: datetime
) -> tuple[CaptureTime | None, tuple[str, ...]]:
    """The capture time by the first candidate that can be believed, and notes in words on what was refused and why.

    Refused are times before 2001, the whole days from which unset clocks count, and times more than 24 h after `now`.
    A shift of a day or more says that a person knows of a reset clock: then only the corrected time is judged.
    A time without an offset of its own is, once corrected, the wall clock in `zone`.

    Args:
        candidates: in the order of belief, as `tags.candidates` gives them.
        zone: IANA name or fixed offset in which the camera's clock runs.
        clock_shift_s: seconds to add to what the camera said.
        now: aware; nothing is filmed after it.

    Returns:
        The time, or None if no candidate can be believed, with at least one note then.

    Raises:
        ConfigError: `zone` is no time zone.
    """
    camera_zone, shift = parse_zone(zone), timedelta(seconds=clock_shift_s)
    chosen: CaptureTime | None = None
    notes: list[str] = []
    for candidate in candidates:
        if candidate.clock is None:
            notes.append(f'{candidate.tag} holds "{candidate.wrote}", which is no date with a time')
            continue
        own_zone = camera_zone if candidate.offset is None else timezone(candidate.offset)
        moment, doubt, refusal = _judge(candidate.clock, own_zone, shift, now)
        if refusal or moment is None:
            offset = "" if candidate.offset is None else _offset_name(candidate.offset)
            notes.append(f"{candidate.tag} says {candidate.clock}{offset}, which is refused: {refusal}")
        elif chosen is None:
            name = zone if candidate.offset is None else _offset_name(candidate.offset)
            own = candidate.offset is not None
            chosen = CaptureTime(moment, candidate.clock, candidate.tag, name, clock_shift_s, own)
            notes += [doubt] if doubt else []
        elif abs(moment - chosen.at) > AGREEMENT:
            believed = f"{chosen.tag} was believed, which says {chosen.camera_clock}"
            notes.append(f"{candidate.tag} says {candidate.clock}; {believed}")
    if not candidates:
        notes.append("undated: neither a tag nor the file's name says when it was filmed")
    return chosen, tuple(notes)


def refused_in(notes: Iterable[str]) -> tuple[Candidate, ...]:
    """What `choose_capture_time` refused, by its notes: a correction that comes later may make it believable.

    Args:
        notes: as they are on record; those on other things are passed over.
    """
    said = []
    for match in filter(None, map(_REFUSED.match, notes)):
        if match["clock"] is None:
            said.append(Candidate(match["tag"], match["wrote"], None))
        else:
            said.append(read_stamp(match["tag"], match["clock"], match["offset"] or ""))
    return tuple(said)


def _judge(clock: datetime, zone: tzinfo, shift: timedelta, now: datetime) -> tuple[datetime | None, str, str]:
    """The corrected moment, a doubt about it, and the reason to refuse it ("" if there is none)."""
    if clock.date() in RESET_DAYS and abs(shift) < BIG_SHIFT:
        return None, "", "a clock that was never set counts from that day"
    try:
        moment, doubt = to_utc(clock + shift, zone)  # by the law of the corrected day, not that of a clock gone wrong
        local = moment.astimezone(zone)
    except OverflowError:
        return None, "", "it lies outside every calendar"
    corrected = f" ({local.replace(tzinfo=None)} after the deployment's correction)" if shift else ""
    if local.year < FIRST_YEAR:
        return None, "", f"it lies before trap cameras filmed{corrected}"
    if moment > now + FUTURE_SLACK:
        return None, "", f"it lies in the future{corrected}"
    return moment, doubt, ""


def _offset_name(offset: timedelta) -> str:
    sign = "-" if offset < timedelta() else "+"
    minutes = int(abs(offset).total_seconds()) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
