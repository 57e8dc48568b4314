import errno
import os
from pathlib import Path

import pytest

from pipeline.whole_file import whole_file


def fill_the_disk(path: Path) -> None:
    path.write_text("half of")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_file_appears_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "boxes.parquet"

    with whole_file(path) as unfinished:
        unfinished.write_text("all of it")
        assert not path.exists()

    assert path.read_text() == "all of it"
    assert list(tmp_path.iterdir()) == [path]


def test_an_older_file_stays_until_then(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("of last night")

    with whole_file(path) as unfinished:
        unfinished.write_text("of this night")
        assert path.read_text() == "of last night"

    assert path.read_text() == "of this night"


def test_what_is_broken_off_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("of last night")

    with pytest.raises(OSError, match="No space left"), whole_file(path) as unfinished:
        fill_the_disk(unfinished)

    assert path.read_text() == "of last night"
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_never_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "report.md"):
        pass


def test_two_processes_do_not_write_into_each_others_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bouts.csv"
    with whole_file(path) as mine:
        mine.write_text("mine")
        monkeypatch.setattr(os, "getpid", lambda: 1)
        with whole_file(path) as theirs:
            theirs.write_text("theirs")
        assert path.read_text() == "theirs"

    assert path.read_text() == "mine"
