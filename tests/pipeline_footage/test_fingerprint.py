import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import UnreadableError
from pipeline.footage.discover import find_videos
from pipeline.footage.fingerprint import fingerprint, fingerprint_of_copied, media_id

Filming = Callable[..., Path]


def test_a_card_copied_twice_gives_the_same_ids(tmp_path: Path, film: Filming) -> None:
    for number, codec in enumerate(["mpeg4", "mjpeg"]):
        film(tmp_path / "card" / "100RECNX" / f"IMG_{number}.AVI", "avi", codec)
    shutil.copytree(tmp_path / "card", tmp_path / "copy of card")
    ids = [media_id(fingerprint(found.path)) for found in find_videos([tmp_path])]
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_the_whole_content_counts_and_nothing_else(tmp_path: Path) -> None:
    content = bytes(range(256)) * 20_000
    path = tmp_path / "long.mp4"
    path.write_bytes(content)
    assert fingerprint(path) == hashlib.sha256(content).hexdigest()
    path.write_bytes(content[:-1] + b"!")
    assert fingerprint(path) != hashlib.sha256(content).hexdigest()


def test_the_beginning_of_a_file_has_the_fingerprint_that_it_had_when_there_was_no_more(tmp_path: Path) -> None:
    half, path = bytes(range(256)) * 10_000, tmp_path / "long.mp4"
    path.write_bytes(half + b"the rest")
    (found,) = find_videos([path])
    whole, beginning = fingerprint_of_copied(found, len(half))
    assert (whole, beginning) == (fingerprint(path), hashlib.sha256(half).hexdigest())
    assert fingerprint_of_copied(found, 10 * len(half)) == (whole, whole)


def test_the_id_is_16_digits_of_the_content() -> None:
    assert media_id(hashlib.sha256(b"").hexdigest()) == "e3b0c44298fc1c14"


def test_a_file_that_is_gone_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"gone\.mp4 cannot be read: it is not there"):
        fingerprint(tmp_path / "gone.mp4")
