"""Why a file or folder could not be read, in words that help the person who holds the card."""

import errno
from pathlib import Path

from pipeline.errors import OutOfReachError

_REASONS = {
    errno.EACCES: "permission denied; give the account that runs Ethotrap read access",
    errno.EPERM: "permission denied; give the account that runs Ethotrap read access",
    errno.ENOENT: "it is not there; was the card pulled out, or does a link point to nothing?",
    errno.ELOOP: "it is a link that leads back to itself",
    errno.EIO: "the card or disk gave a read error; copy it again, and replace the card if that fails too",
    errno.EISDIR: "it is a folder",
}
_PIECE_BYTES = 1 << 20


def explain(error: OSError) -> str:
    """The reason of a failed read and what to do about it, as a phrase that follows "cannot be read: "."""
    return _REASONS.get(error.errno or 0) or error.strerror or "the system gave no reason"


def read_through(path: Path) -> None:
    """Read a file to its end, to tell a broken video from a card that cannot be read now.

    Args:
        path: a file that gave less than was expected of it.

    Raises:
        OutOfReachError: the file is not there, may not be read, or the card or disk gives read errors.
    """
    try:
        with path.open("rb") as file:
            while file.read(_PIECE_BYTES):
                pass
    except OSError as error:
        raise OutOfReachError(f"{path} cannot be read: {explain(error)}") from error
