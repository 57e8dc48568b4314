"""Capture times in AVI files: RIFF's own tags, and EXIF where a camera has put it."""

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.footage import exif
from pipeline.footage.stamps import Candidate, read_stamp

_MOST_CHUNKS = 2000  # of headers; pictures are skipped as one
_TEXT_TAGS = {b"IDIT": "RIFF:IDIT", b"ICRD": "RIFF:ICRD"}
_PICTURES = b"movi"
_HEAD_OF_PICTURE = 65536  # an EXIF segment ends within this


def read_avi(file: BinaryIO) -> list[Candidate]:
    """The capture times in an AVI file, EXIF's before RIFF's; [] if it holds none.

    Only headers and the head of the first picture are read. A torn file gives what stands before the tear.

    Raises:
        OSError: the file cannot be read.
    """
    times: list[Candidate] = []
    for kind, place, size in _chunks(file):
        file.seek(place)
        if kind in _TEXT_TAGS:
            text = file.read(min(size, 64)).decode("ascii", errors="replace")
            times.append(read_stamp(_TEXT_TAGS[kind], text))
        elif kind == b"strd":
            times += _from_stream_data(file.read(min(size, _HEAD_OF_PICTURE)))
        elif kind == _PICTURES:
            times += _from_first_picture(file, place + size)
    return sorted(times, key=lambda time: not time.tag.startswith("EXIF"))


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place of the content and its size, of every chunk; lists are entered, all but that of the pictures."""
    place = 12  # behind "RIFF", its size and "AVI "
    for _ in range(_MOST_CHUNKS):
        file.seek(place)
        head = file.read(12)
        if len(head) < 8:
            return
        kind, size = head[:4], int.from_bytes(head[4:8], "little")
        place += 8
        if kind in {b"LIST", b"RIFF"}:
            kind, inside = head[8:], place + 4
            if kind != _PICTURES:
                place = inside
                continue
            yield kind, inside, size - 4
        else:
            yield kind, place, size
        place += size + size % 2


def _from_stream_data(data: bytes) -> list[Candidate]:
    # ExifTool, RIFF.pm: "AVIF" and four zeros stand where a TIFF header would; always little-endian.
    return exif.read_directory(data, 8, "<") if data.startswith(b"AVIF") else []


def _from_first_picture(file: BinaryIO, end: int) -> list[Candidate]:
    place = file.tell()
    while place < end:
        file.seek(place)
        head = file.read(12)
        if len(head) < 12:
            break
        if head[:4] == b"LIST":
            place += 12
        elif head[2:4] in {b"dc", b"db"}:
            file.seek(place + 8)
            return exif.read_jpeg(file.read(_HEAD_OF_PICTURE))
        else:
            size = int.from_bytes(head[4:8], "little")
            place += 8 + size + size % 2
    return []
