"""How far a run is, with the time left, on the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import rich.progress as rp
from rich.console import Console


class Progress:
    """Two bars on standard error, reading the files and then analysing them; or silence."""

    _current: ClassVar["Progress | None"] = None

    def __init__(self, bars: rp.Progress | None = None) -> None:
        """Show on the given bars, or nowhere."""
        self._bars = bars
        self._reading: rp.TaskID | None = None
        self._videos: rp.TaskID | None = None

    @classmethod
    def current(cls) -> "Progress":
        """The progress that this process shows. A flow's parameters must be plain data, so it asks here."""
        return cls._current or cls()

    @classmethod
    @contextmanager
    def shown(cls) -> Iterator["Progress"]:
        """Show progress while the block runs, if standard error is a terminal."""
        console = Console(stderr=True)
        columns = (
            rp.TextColumn("{task.description}"),
            rp.BarColumn(),
            rp.TaskProgressColumn(),
            rp.DownloadColumn(),
            rp.TimeElapsedColumn(),
            rp.TextColumn("left"),
            rp.TimeRemainingColumn(),
        )
        with rp.Progress(*columns, console=console, disable=not console.is_terminal) as bars:
            cls._current = cls(bars)
            try:
                yield cls._current
            finally:
                cls._current = None

    def step(self, what: str, done: int, total: int) -> None:
        """Something before the analysis is `done` of `total` bytes far."""
        if self._bars is None:
            return
        if self._reading is None:
            self._reading = self._bars.add_task(what, total=total)
        self._bars.update(self._reading, completed=done)

    def start(self, total_bytes: int, videos: int) -> None:
        """The analysis of so much begins."""
        if self._bars is not None and videos:
            self._videos = self._bars.add_task(f"analysing {videos} videos", total=total_bytes)

    def advance(self, done_bytes: int) -> None:
        """A video of so many bytes is finished."""
        if self._bars is not None and self._videos is not None:
            self._bars.update(self._videos, advance=done_bytes)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, if that is a terminal, for work that counts what it has done: so many of so many."""
    console = Console(stderr=True)
    columns = (
        rp.TextColumn(what),
        rp.BarColumn(),
        rp.MofNCompleteColumn(),
        rp.TimeElapsedColumn(),
        rp.TextColumn("left"),
        rp.TimeRemainingColumn(),
    )
    with rp.Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(what, total=None)

        def step(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield step
