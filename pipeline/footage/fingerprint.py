"""A file's identity: the digest of all that it holds, so that a card copied twice is one card."""

import hashlib
from pathlib import Path

from pipeline.errors import UnreadableError
from pipeline.footage.access import explain


def fingerprint(path: Path) -> str:
    """SHA-256 of the whole file as 64 hexadecimal digits, read in pieces so that memory does not grow with its size.

    Raises:
        UnreadableError: the file cannot be read to its end.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {explain(error)}") from error


def media_id(sha256: str) -> str:
    """The short id under which a video's content is known: the first 16 digits of its `fingerprint`."""
    return sha256[:16]
