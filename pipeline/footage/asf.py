"""Capture times in ASF (WMV) files."""

from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from pipeline.footage.stamps import Candidate

_MOST_OBJECTS = 200
_HEADER_BYTES = 30  # the header object's id, size, number of objects and two reserved bytes
# ASF specification 01.20.05, 3.2: the file properties object. Its creation date counts 100 ns from 1601, in UTC by the
# book; trap cameras write their wall clock.
_FILE_PROPERTIES = UUID("8CABDCA1-A947-11CF-8EE4-00C00C205365").bytes_le
_EPOCH = datetime(1601, 1, 1)  # noqa: DTZ001


def read_asf(file: BinaryIO) -> list[Candidate]:
    """The creation date of an ASF file; [] if its header holds none.

    Raises:
        OSError: the file cannot be read.
    """
    end = file.seek(0, 2)
    place = _HEADER_BYTES
    for _ in range(_MOST_OBJECTS):
        file.seek(place)
        head = file.read(56)
        size = int.from_bytes(head[16:24], "little")
        if len(head) < 24 or size < 24:
            break
        if head[:16] == _FILE_PROPERTIES and len(head) == 56:
            ticks = int.from_bytes(head[48:56], "little")
            return [_candidate(ticks)]
        place = min(place + size, end)
    return []


def _candidate(ticks: int) -> Candidate:
    try:
        clock = _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return Candidate("ASF:creation date", f"{ticks} x 100 ns since 1601", None)
    return Candidate("ASF:creation date", clock.isoformat(" ", "seconds"), clock)
