"""Capture times in EXIF, as some cameras put it into AVI files."""

import struct
from collections.abc import Iterator

from pipeline.footage.stamps import Candidate, read_stamp

# Tag numbers from EXIF 2.32 (CIPA DC-008): the time, its offset from UTC, and the name that is reported.
_TIMES = (
    (0x9003, 0x9011, "EXIF:DateTimeOriginal"),
    (0x9004, 0x9012, "EXIF:DateTimeDigitized"),
    (0x0132, 0x9010, "EXIF:DateTime"),
)
_EXIF_POINTER = 0x8769
_ASCII = 2
_MOST_ENTRIES = 500  # a damaged count must not cost time


def read_tiff(data: bytes) -> list[Candidate]:
    """The capture times in EXIF's TIFF block, which begins with its byte order ("II" or "MM"); [] if it holds none."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        return []
    return read_directory(data, int(struct.unpack(f"{order}I", data[4:8])[0]), order)


def read_jpeg(picture: bytes) -> list[Candidate]:
    """The capture times in a JPEG picture's EXIF segment; its first 64 KiB are enough. [] if it holds none."""
    place = 2
    while picture[place : place + 1] == b"\xff" and len(picture) >= place + 4:
        marker, length = picture[place + 1], int.from_bytes(picture[place + 2 : place + 4], "big")
        segment = picture[place + 4 : place + 2 + length]
        if marker == 0xE1 and segment.startswith(b"Exif\0\0"):
            return read_tiff(segment[6:])
        if marker == 0xDA or length < 2:
            break
        place += 2 + length
    return []


def read_directory(data: bytes, place: int, order: str) -> list[Candidate]:
    """The capture times in the TIFF directory at `place` and in the EXIF directory that it points to.

    Args:
        data: the block from whose first byte the directory's offsets count.
        place: where the directory begins.
        order: byte order for `struct`, "<" or ">".
    """
    texts: dict[int, str] = {}
    for tag, kind, count, value in _entries(data, place, order):
        if tag == _EXIF_POINTER:
            inner = int(struct.unpack(f"{order}I", value)[0])
            texts.update((t, _text(data, c, v, order)) for t, k, c, v in _entries(data, inner, order) if k == _ASCII)
        elif kind == _ASCII:
            texts[tag] = _text(data, count, value, order)
    return [read_stamp(name, texts[time], texts.get(offset, "")) for time, offset, name in _TIMES if time in texts]


def _entries(data: bytes, place: int, order: str) -> Iterator[tuple[int, int, int, bytes]]:
    """Tag, kind, count and the four bytes that hold the value or its place, for each whole entry."""
    if not 0 <= place <= len(data) - 2:
        return
    entries = int(struct.unpack(f"{order}H", data[place : place + 2])[0])
    for number in range(min(entries, _MOST_ENTRIES)):
        entry = data[place + 2 + 12 * number : place + 14 + 12 * number]
        if len(entry) < 12:
            return
        yield struct.unpack(f"{order}HHI4s", entry)


def _text(data: bytes, count: int, value: bytes, order: str) -> str:
    if count > 4:
        place = int(struct.unpack(f"{order}I", value)[0])
        value = data[place : place + min(count, 64)]
    return value.decode("ascii", errors="replace")
