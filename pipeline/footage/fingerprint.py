"""A file's identity: the digest of all that it holds, so that a card copied twice is one card."""

import hashlib
import os
from pathlib import Path

from pipeline.errors import UnreadableError
from pipeline.footage.access import explain
from pipeline.footage.discover import Found

PIECE_BYTES = 2**20


def fingerprint(path: Path) -> str:
    """SHA-256 of the whole file as 64 hexadecimal digits, read in pieces so that memory does not grow with its size.

    Raises:
        UnreadableError: the file cannot be read to its end.
    """
    return _fingerprints(path, 0)[0]


def fingerprint_of_copied(found: Found, first_bytes: int = 0) -> tuple[str, str]:
    """The `fingerprint` of a file that is copied to its end, and that of its first bytes alone, from one reading.

    Args:
        found: the file as the scan found it.
        first_bytes: how many these are; of a shorter file, all.

    Raises:
        UnreadableError: the file cannot be read to its end, or has changed since it was found.
    """
    whole, beginning, status = _fingerprints(found.path, first_bytes)
    if (status.st_size, status.st_mtime_ns) != (found.size_bytes, found.mtime_ns):
        raise UnreadableError(f"{found.path} is still being copied; the next run will take it")
    return whole, beginning


def media_id(sha256: str) -> str:
    """The short id under which a video's content is known: the first 16 digits of its `fingerprint`."""
    return sha256[:16]


def _fingerprints(path: Path, first_bytes: int) -> tuple[str, str, os.stat_result]:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while first_bytes > 0 and (piece := file.read(min(first_bytes, PIECE_BYTES))):
                digest.update(piece)
                first_bytes -= len(piece)
            beginning = digest.hexdigest()
            return hashlib.file_digest(file, lambda: digest).hexdigest(), beginning, os.fstat(file.fileno())
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {explain(error)}") from error
