"""A date and time as a camera wrote it, before anyone has judged it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Candidate:
    """One tag's word on when a video was filmed."""

    tag: str  # where it stood, such as "RIFF:IDIT"
    wrote: str  # what stood there, for a person to read
    clock: datetime | None  # naive: the camera's wall clock; None if that is no date with a time
    offset: timedelta | None = None  # from UTC, if the tag names one that is not zero


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# EXIF's "2024:05:01 18:30:05", ISO 8601's "2024-05-01T18:30:05+10:00", and what Casio cameras write into IDIT
# (ExifTool, RIFF.pm): "2001/ 1/27  1:42PM", "2005/11/28/ 09:19".
_NUMERIC = re.compile(
    r"(?P<year>\d{4})[-:/.]\s*(?P<month>\d{1,2})[-:/.]\s*(?P<day>\d{1,2})/?[T\s]+"
    r"(?P<hour>\d{1,2}):\s*(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d+)?\s*(?P<half>[AP]M)?\s*"
    r"(?P<offset>[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
# C's asctime, "Mon Mar 10 15:04:43 2003", which AVI's IDIT holds as a rule.
_ASCTIME = re.compile(
    rf"[a-z]{{3}}\s+(?P<month>{'|'.join(_MONTHS)})\s+(?P<day>\d{{1,2}})\s+"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})\s+(?P<year>\d{4})",
    re.IGNORECASE,
)


def read_stamp(tag: str, text: str, offset: str = "") -> Candidate:
    """What a tag's text says, as a candidate; `clock` is None if the text is no date with a time.

    An offset of zero is dropped: cameras that know no zone write their wall clock and a "Z" behind it.

    Args:
        tag: the tag's name, kept in the candidate.
        text: the tag's text; blanks and zero bytes around it do not matter.
        offset: what a tag beside it says of the offset from UTC, such as EXIF's "+10:00"; "" if nothing does.
    """
    text = text.strip("\0 \t\r\n")
    match = _NUMERIC.match(text) or _ASCTIME.match(text)
    if match is None:
        return Candidate(tag, text, None)
    parts = match.groupdict(default="")
    return Candidate(tag, text, _clock(parts), _offset(offset or parts.get("offset", "")))


def _clock(parts: Mapping[str, str]) -> datetime | None:
    name = parts["month"].lower()
    month = _MONTHS.index(name) + 1 if name in _MONTHS else name
    hour = int(parts["hour"])
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half.upper() == "PM" else 0)
    return clock_of(parts["year"], month, parts["day"], hour, parts["minute"], parts["second"] or 0)


def clock_of(*numbers: str | int) -> datetime | None:
    """The naive time that year, month, day, hour, minute, second name, or None if there is no such moment."""
    try:
        year, month, day, hour, minute, second = map(int, numbers)
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- a camera's clock knows no zone
    except ValueError:
        return None


def _offset(text: str) -> timedelta | None:
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", text.strip("\0 "))
    if match is None:
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if not timedelta() < size < timedelta(hours=24):
        return None
    return -size if match[1] == "-" else size
