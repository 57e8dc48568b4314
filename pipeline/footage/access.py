"""Why a file or folder could not be read, in words that help the person who holds the card."""

import errno

_REASONS = {
    errno.EACCES: "permission denied; give the account that runs Ethotrap read access",
    errno.EPERM: "permission denied; give the account that runs Ethotrap read access",
    errno.ENOENT: "it is not there; was the card pulled out, or does a link point to nothing?",
    errno.ELOOP: "it is a link that leads back to itself",
    errno.EIO: "the card or disk gave a read error; copy it again, and replace the card if that fails too",
    errno.EISDIR: "it is a folder",
}


def explain(error: OSError) -> str:
    """The reason of a failed read and what to do about it, as a phrase that follows "cannot be read: "."""
    return _REASONS.get(error.errno or 0) or error.strerror or "the system gave no reason"
