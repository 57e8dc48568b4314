"""Files that are whole when they appear: a reader sees the old one or the new one, and a full disk leaves no half."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to. It becomes `path`, in one step, if the block ends well, and is gone otherwise.

    Two processes may write the same file at once: each has a path of its own, and the last one to end wins.

    Args:
        path: the file; its folder is there.

    Raises:
        OSError: what was written cannot take its name.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
