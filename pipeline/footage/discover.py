"""Find the video on cards and in folders, by what files hold and not by what they are called."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import stat_result
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from pipeline.errors import UnreadableError
from pipeline.footage.access import explain
from pipeline.footage.container import HEAD_BYTES, Container, describe_other, recognise

logger = logging.getLogger(__name__)

# .ts and .mod are left out: they are TypeScript and music more often. Where they hold video they are found anyway.
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".avi", ".divx", ".asf", ".wmv", ".mkv", ".webm"}
    | {".mts", ".m2ts", ".m2t", ".mpg", ".mpeg", ".mpe", ".vob", ".flv", ".h264"}
)

# What systems keep on cards and disks for themselves, beside names that begin with a dot.
SYSTEM_FOLDERS = frozenset(
    {"System Volume Information", "$RECYCLE.BIN", "RECYCLER", "lost+found", "#recycle", "@eaDir"}
)

# Small copies that GoPro and DJI cameras write beside each video: every animal would be counted twice.
COPY_SUFFIXES = frozenset({".lrv", ".lrf"})


@dataclass(frozen=True, slots=True)
class Found:
    """One file that is a video, or ought to be one."""

    path: Path
    size_bytes: int
    mtime_ns: int  # for noticing that a file changed; never a capture time
    complaint: str = ""  # why it cannot be analysed, in words; empty for a video


def find_videos(roots: Sequence[Path]) -> Iterator[Found]:
    """Every video under `roots`, and everything there that is called a video and is none.

    Folders are walked to any depth in order of names, links included, each folder and file once. Hidden names, which
    begin with a dot such as `.Trash` and `._IMG_0001.MP4`, and the system's own folders are passed over, and so are
    stills, GIF animations, other files, and the small copies that some cameras write beside their videos. A folder that
    cannot be read is given with a complaint. Files are opened for reading only.

    Args:
        roots: folders and files, hidden ones too; a file named here is given whatever it is, and what is not there with
            a complaint.

    Raises:
        UnreadableError: no root is there; raised by the call itself, before anything is walked.
    """
    missing: list[str] = []
    for root in roots:
        try:
            root.stat()
        except OSError as error:
            missing.append(f"cannot look for footage in {root}: {explain(error)}")
    if missing and len(missing) == len(roots):
        raise UnreadableError(missing[0])
    return _walk(roots)


def _walk(roots: Sequence[Path]) -> Iterator[Found]:
    seen: set[Path] = set()
    waiting = list(reversed(roots))
    named = frozenset(roots)
    while waiting:
        path = waiting.pop()
        wanted = path in named or path.suffix.lower() in VIDEO_SUFFIXES
        found = status = None
        try:
            status = path.stat()
            if not S_ISDIR(status.st_mode):
                found = _inspect(path, status, wanted=wanted)
            elif _first_visit(path, seen):
                waiting.extend(_children(path))
        except OSError as error:
            found = _unreadable(path, status, error, wanted=wanted)
        if found is not None and (found.complaint or _first_visit(path, seen)):
            yield found


def _children(folder: Path) -> list[Path]:
    """What is to be walked in a folder, last name first."""
    kept = [child for child in folder.iterdir() if not _is_passed_over(child.name)]
    return sorted(kept, key=lambda child: child.name, reverse=True)


def _first_visit(path: Path, seen: set[Path]) -> bool:
    real = path.resolve()
    if real in seen:
        return False
    seen.add(real)
    return True


def _is_passed_over(name: str) -> bool:
    return name.startswith(".") or name in SYSTEM_FOLDERS or Path(name).suffix.lower() in COPY_SUFFIXES


def _inspect(path: Path, status: stat_result, *, wanted: bool) -> Found | None:
    """The file as found, or None if it is neither a video nor `wanted` as one."""
    container = None
    if not S_ISREG(status.st_mode):
        complaint = "is no ordinary file"
    else:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        container = recognise(head)
        complaint = "" if container else _complaint(path, head)
    if not wanted and (complaint or container is Container.ANIMATION):
        return None
    return Found(path, status.st_size, status.st_mtime_ns, complaint)


def _complaint(path: Path, head: bytes) -> str:
    if not head:
        return "empty file (0 bytes)"
    name = f"is called {path.suffix}" if path.suffix.lower() in VIDEO_SUFFIXES else "was named as footage"
    return f"{name} but holds {describe_other(head)}"


def _unreadable(path: Path, status: stat_result | None, error: OSError, *, wanted: bool) -> Found | None:
    """The entry with a complaint, or None if it can be neither a video nor a folder of them."""
    reason = explain(error)
    if status is not None and S_ISDIR(status.st_mode):
        return Found(path, 0, status.st_mtime_ns, f"this folder cannot be read: {reason}")
    if status is None:  # not even looked at: without a suffix it may be a folder
        size, mtime, maybe_video = 0, 0, wanted or not path.suffix
    else:
        size, mtime, maybe_video = status.st_size, status.st_mtime_ns, wanted
    if not maybe_video:
        logger.warning("%s cannot be read: %s; it is not called a video, so it is passed over", path, reason)
        return None
    return Found(path, size, mtime, f"cannot be read: {reason}")
