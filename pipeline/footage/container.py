"""Which video container a file's first bytes announce, whatever the file is called.

The table is our own because there are few containers and the answer must be certain. puremagic 1.30 knows the common
ones too, but it does not know an MPEG transport stream, calls 4 kB of zeros ".xxx" with confidence 0.8 and a text file
called .mp4 an ".odt" document, so this table would still be needed beside it.
"""

from codecs import getincrementaldecoder
from enum import StrEnum

HEAD_BYTES = 4096  # what `recognise` wants to see: room for several packets of a transport stream


class Container(StrEnum):
    """A file format that can hold video."""

    QUICKTIME = "MP4 or QuickTime"
    AVI = "AVI"
    ASF = "ASF"
    MATROSKA = "Matroska"
    TRANSPORT_STREAM = "MPEG transport stream"
    PROGRAM_STREAM = "MPEG program stream"
    FLASH = "Flash video"
    RAW_H264 = "raw H.264"
    ANIMATION = "GIF animation"


_STARTS = {
    bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"): Container.ASF,
    b"\x00\x00\x01\xba": Container.PROGRAM_STREAM,
    b"\x00\x00\x01\xb3": Container.PROGRAM_STREAM,
    b"FLV\x01": Container.FLASH,
    b"\x00\x00\x00\x01\x67": Container.RAW_H264,
    b"\x00\x00\x00\x01\x27": Container.RAW_H264,
}

# Box types that open a QuickTime file, from Apple's QuickTime File Format; cameras before 2005 write no ftyp.
_FIRST_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}

# ftyp brands of pictures and sound, from the registry at mp4ra.org.
_OTHER_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif", b"jp2 ", b"jpx ", b"crx ", b"M4A ", b"M4B "}

_OTHER_CONTENT = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
}


def recognise(head: bytes) -> Container | None:
    """The container that a file's first bytes announce, or None if they announce no video.

    Args:
        head: the first `HEAD_BYTES` bytes of the file, or all of it if it is shorter.
    """
    for start, container in _STARTS.items():
        if head.startswith(start):
            return container
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Container.AVI
    if head.startswith(b"\x1a\x45\xdf\xa3") and (b"matroska" in head[:80] or b"webm" in head[:80]):
        return Container.MATROSKA
    if head.startswith(b"GIF8") and b"NETSCAPE2.0" in head:  # the extension that makes a GIF run on
        return Container.ANIMATION
    if _is_quicktime(head):
        return Container.QUICKTIME
    if _has_sync_bytes(head, 0, 188) or _has_sync_bytes(head, 4, 192):
        return Container.TRANSPORT_STREAM
    return None


def describe_other(head: bytes) -> str:
    """What a file without video holds instead, as words that follow "holds ".

    Args:
        head: the first bytes of a file that `recognise` did not know; not empty.
    """
    for start, content in _OTHER_CONTENT.items():
        if head.startswith(start):
            return content
    if not any(head):
        return "only zeros where its header belongs, as a failing card writes"
    if _is_text(head):
        return "text"
    return "no video format that Ethotrap knows"


def _is_quicktime(head: bytes) -> bool:
    size, kind, brand = head[:4], head[4:8], head[8:12]
    if kind == b"ftyp":
        return brand not in _OTHER_BRANDS
    # A text may begin "The free ...": its first four letters would be a size of over 500 MB.
    return kind in _FIRST_BOXES and not all(0x20 <= byte < 0x7F for byte in size)


def _has_sync_bytes(head: bytes, first: int, step: int) -> bool:
    places = range(first, len(head), step)
    return len(places) >= 4 and all(head[place] == 0x47 for place in places) and not _is_text(head)


def _is_text(head: bytes) -> bool:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        text = getincrementaldecoder(encoding)().decode(head)  # incremental: the last letter may be cut
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\r\n\f\ufeff" for letter in text)
