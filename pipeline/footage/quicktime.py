"""Capture times in MP4 and QuickTime files."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

from pipeline.footage.stamps import Candidate, read_stamp

_MOST_BOXES = 2000  # of headers; pictures are skipped as one
# ISO/IEC 14496-12, 8.2.2: seconds since 1904, in UTC by the book; trap cameras write their wall clock.
_MAC_EPOCH = datetime(1904, 1, 1)  # noqa: DTZ001
_UNIX_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
_APPLE_KEY = b"com.apple.quicktime.creationdate"
_MOST_METADATA = 1 << 20

_Box = tuple[bytes, int, int]


def read_quicktime(file: BinaryIO) -> list[Candidate]:
    """The capture times in an MP4 or QuickTime file: Apple's key, the movie's creation time, then the tracks'.

    Only box headers and small boxes are read, wherever they stand. A time that was never set is given as 1904-01-01.

    Raises:
        OSError: the file cannot be read.
    """
    end = file.seek(0, 2)
    movie = next((box for box in _boxes(file, 0, end) if box[0] == b"moov"), None)
    if movie is None:
        return []
    apple: list[Candidate] = []
    times: list[Candidate] = []
    boxes = list(_boxes(file, *movie[1:]))
    # Apple puts `meta` into the movie, FFmpeg one level deeper.
    boxes += [inner for kind, start, stop in boxes if kind == b"udta" for inner in list(_boxes(file, start, stop))]
    for kind, start, stop in boxes:
        if kind == b"meta":
            apple += _apple_date(file, start, stop)
        elif kind == b"mvhd":
            times.append(_creation_time(file, start, "QuickTime:creation_time"))
        elif kind == b"trak":
            times += _track_times(file, start, stop)
    clocks = [time.clock for time in times]
    return apple + [time for number, time in enumerate(times) if time.clock not in clocks[:number]]


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """Kind, start and end of the content of each box between two places of the file."""
    for _ in range(_MOST_BOXES):
        file.seek(start)
        head = file.read(16)
        if start + 8 > end or len(head) < 8:
            return
        size, kind, content = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1:
            size, content = int.from_bytes(head[8:16], "big"), start + 16
        stop = end if size == 0 else min(start + size, end)
        if stop < content:
            return
        yield kind, content, stop
        start = stop


def _track_times(file: BinaryIO, start: int, stop: int) -> list[Candidate]:
    return [
        _creation_time(file, header_start, "QuickTime:track creation_time")
        for media, media_start, media_stop in list(_boxes(file, start, stop))
        if media == b"mdia"
        for header, header_start, _ in list(_boxes(file, media_start, media_stop))
        if header == b"mdhd"
    ]


def _creation_time(file: BinaryIO, start: int, tag: str) -> Candidate:
    file.seek(start)
    version = file.read(4)[:1]
    seconds = int.from_bytes(file.read(8 if version == b"\1" else 4), "big")
    # Some writers count from 1970. Counted from 1904 that would lie before 1970, so the two cannot be mixed up.
    epoch = _UNIX_EPOCH if 0 < seconds < (_UNIX_EPOCH - _MAC_EPOCH).total_seconds() else _MAC_EPOCH
    try:
        clock = epoch + timedelta(seconds=seconds)
    except OverflowError:
        return Candidate(tag, f"{seconds} s since 1904", None)
    return Candidate(tag, clock.isoformat(" "), clock)


def _apple_date(file: BinaryIO, start: int, stop: int) -> list[Candidate]:
    """Apple's key, from a QuickTime `meta` box: `keys` names them, `ilst` holds their values by number."""
    file.seek(start)
    if file.read(8)[4:] != b"hdlr":
        start += 4  # in MP4 a version comes first
    parts = {kind: (content, end) for kind, content, end in _boxes(file, start, stop)}
    if not {b"keys", b"ilst"} <= parts.keys():
        return []
    content, end = parts[b"keys"]
    names = [_content(file, box) for box in list(_boxes(file, content + 8, end))]
    if _APPLE_KEY not in names:
        return []
    wanted = names.index(_APPLE_KEY) + 1
    texts = [
        _content(file, value)[8:].decode("utf-8", errors="replace")
        for kind, item_start, item_end in list(_boxes(file, *parts[b"ilst"]))
        if int.from_bytes(kind, "big") == wanted
        for value in list(_boxes(file, item_start, item_end))
        if value[0] == b"data"
    ]
    return [read_stamp("QuickTime:creationdate", text) for text in texts[:1]]


def _content(file: BinaryIO, box: _Box) -> bytes:
    file.seek(box[1])
    return file.read(min(box[2] - box[1], _MOST_METADATA))
