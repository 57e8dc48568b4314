"""Everything in a file and its name that may say when it was filmed, in the order in which it is believed."""

import re
from pathlib import Path

from pipeline.errors import OutOfReachError
from pipeline.footage.access import explain
from pipeline.footage.asf import read_asf
from pipeline.footage.container import HEAD_BYTES, Container, recognise
from pipeline.footage.quicktime import read_quicktime
from pipeline.footage.riff import read_avi
from pipeline.footage.stamps import Candidate, clock_of

_READERS = {Container.QUICKTIME: read_quicktime, Container.AVI: read_avi, Container.ASF: read_asf}

# "20180516_112634", "2024-05-01 12.00.05", "2009-04-10__00-07-00(1)" (camtrapR), "2019_0312_141516", "20240501120005",
# "2024-05-01 06-30-05 PM".
# The time needs all six digits: in "2013-1-28_0021" the four are the camera's running number.
_DATE_TIME = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-._:]?(\d\d)[-._:]?(\d\d)[ _T-]{0,3}"
    r"(\d\d)[-._:h]?(\d\d)[-._:m]?(\d\d)(?!\d)(?:[ ._-]?([ap])\.?m(?![a-z]))?",
    re.IGNORECASE,
)
_DATE_ONLY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-._]?)(\d{1,2})\2(\d{1,2})(?!\d)")
FILE_NAME = "file name"


def candidates(path: Path) -> tuple[Candidate, ...]:
    """What the file's tags and then its name say of the time it was filmed, the most believed first.

    Reads a few kilobytes, without PyAV: damaged files cannot crash it, and it may run outside the decoding child.
    When the file was last changed is not asked: copying a card changes that.

    Raises:
        OutOfReachError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            container = recognise(file.read(HEAD_BYTES))
            reader = _READERS.get(container) if container else None
            found = reader(file) if reader else []
    except OSError as error:
        raise OutOfReachError(f"{path} cannot be read: {explain(error)}") from error
    return (*found, *from_name(path.stem))


def from_name(stem: str) -> tuple[Candidate, ...]:
    """What a file's name, without its suffix, says of the time it was filmed.

    A date without a time is given with `clock` None: it says too little, and the notes say so.
    """
    for match in _DATE_TIME.finditer(stem):
        year, month, day, hour, minute, second, half = match.groups()
        if half and int(hour) <= 12:
            hour = int(hour) % 12 + 12 * (half in "pP")
        if clock := clock_of(year, month, day, hour, minute, second):
            return (Candidate(FILE_NAME, match[0], clock),)
    for match in _DATE_ONLY.finditer(stem):
        year, _, month, day = match.groups()
        if clock_of(year, month, day, 0, 0, 0):
            return (Candidate(FILE_NAME, match[0], None),)
    return ()
