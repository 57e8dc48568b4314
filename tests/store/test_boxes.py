"""Per-frame boxes in Parquet."""

import os

import numpy as np
import polars as pl
import pytest

from pipeline.errors import StoreError
from pipeline.store.boxes import read_boxes, write_boxes
from pipeline.values import Kind, Track


def track(number, frames):
    t = np.asarray(frames) / 25
    boxes = np.column_stack([t / 10, t / 20, np.full(len(t), 0.25), np.full(len(t), 0.5)])
    seen = np.asarray(frames) % 2 == 0
    return Track(number, Kind.ANIMAL, 0.9, np.asarray(frames), t, boxes, seen, np.where(seen, 0.75, np.nan))


def test_boxes_come_back_as_written(tmp_path):
    write_boxes(tmp_path / "boxes" / "video.parquet", [track(2, [1, 2]), track(1, [0, 1, 2])])
    boxes = read_boxes(tmp_path / "boxes" / "video.parquet")
    assert boxes.columns == ["track", "frame", "t", "x", "y", "w", "h", "seen", "score"]
    assert boxes["track"].to_list() == [1, 1, 1, 2, 2]
    assert boxes["frame"].to_list() == [0, 1, 2, 1, 2]
    assert boxes["seen"].to_list() == [True, False, True, False, True]
    assert boxes["score"].to_list() == [0.75, None, 0.75, None, 0.75]
    assert boxes.filter(pl.col("track") == 1)["x"].to_list() == pytest.approx([0, 0.004, 0.008])


def test_the_same_tracks_give_the_same_file(tmp_path):
    for name in ("a", "b"):
        write_boxes(tmp_path / name, [track(1, range(100))])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_writing_again_replaces_the_file_and_leaves_nothing_else(tmp_path):
    write_boxes(tmp_path / "video.parquet", [track(1, range(100))])
    write_boxes(tmp_path / "video.parquet", [])
    assert read_boxes(tmp_path / "video.parquet").is_empty()
    assert [path.name for path in tmp_path.iterdir()] == ["video.parquet"]


def test_a_damaged_or_missing_file_is_named(tmp_path):
    (tmp_path / "bad.parquet").write_bytes(b"not parquet")
    for name in ("bad.parquet", "missing.parquet"):
        with pytest.raises(StoreError, match=name):
            read_boxes(tmp_path / name)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write the boxes"):
        write_boxes(tmp_path / "file" / "video.parquet", [track(1, [0])])


def test_a_full_disk_is_told_in_words_and_leaves_nothing(tmp_path):
    path = tmp_path / "video.parquet"
    path.with_name(f".video.parquet.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"cannot write the boxes to .*No space left.*check that the disk has room"):
        write_boxes(path, [track(1, range(100))])
    assert list(tmp_path.iterdir()) == []
