"""Results appear together or not at all, and the same results twice are the same database."""

import pickle
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import StoreError
from pipeline.store.contents import contents
from pipeline.store.ledger import record_files, status
from pipeline.store.open import open_store
from pipeline.store.queries import bouts, tracks
from pipeline.store.result import number_bouts, summarise_track
from pipeline.store.results import referenced_files, save_analysis
from pipeline.values import Indicator, Kind, Track
from tests.store.archive_samples import KEY, animal, doing, footage, found, seen, stored, two_animals


def test_saving_twice_changes_nothing(store):
    stored(store, two_animals())
    before = contents(store)
    assert stored(store, two_animals()) == ()
    assert contents(store) == before


def test_saving_a_person_twice_changes_nothing(store):
    passing = found(footage("/a/1.mp4"), [animal(1), animal(2, kind=Kind.PERSON)])
    stored(store, passing)
    before = contents(store)
    stored(store, passing)
    assert contents(store) == before


def test_the_order_of_saving_does_not_matter(tmp_path):
    results = [two_animals(f"/a/{number}.mp4") for number in range(4)]
    archives = open_store(tmp_path / "forward"), open_store(tmp_path / "backward")
    for store, order in zip(archives, (results, results[::-1]), strict=True):
        for result in order:
            stored(store, result)
    assert contents(archives[0]) == contents(archives[1])


def test_a_new_analysis_replaces_the_old_one_and_names_the_files_left_over(store):
    stored(store, two_animals())
    old = referenced_files(store)
    key = replace(KEY, code_version="2.0")
    new = found(footage("/card/IMG_0001.MP4"), [animal(1)], [doing("rest")], key=key)
    assert frozenset(stored(store, new)) == old
    assert [row.behaviour for row in bouts(store)] == ["rest"]
    assert {path.suffix for path in referenced_files(store)} == {".mp4", ".jpg", ".parquet"}


def test_other_videos_are_left_alone(store):
    stored(store, two_animals("/a/1.mp4"))
    stored(store, two_animals("/a/2.mp4"))
    stored(store, found(footage("/a/1.mp4"), key=replace(KEY, code_version="2.0")))
    assert {row.file for row in tracks(store)} == {Path("/a/2.mp4")}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda result: replace(result, bouts=number_bouts([doing("play", track=9)])),
        lambda result: replace(result, bouts=number_bouts([doing("play", probability=1.5)])),
        lambda result: replace(result, bouts=number_bouts([doing("play", start_s=5, end_s=4)])),
        lambda result: replace(result, indicators=(Indicator(1, "speed", "m/s", None, 0.0),)),
        lambda result: replace(result, indicators=(Indicator(1, "speed", "m/s", float("nan"), 0.0),)),
        lambda result: replace(result, indicators=(Indicator(1, "speed", "m/s", 1.0, 0.0, steps=-1),)),
        lambda result: replace(result, indicators=(Indicator(1, "speed", "m/s", 1.0, 0.0, visible_share=1.1),)),
        lambda result: replace(result, boxes_path=Path("/elsewhere/boxes.parquet")),
        lambda result: replace(result, boxes_path=Path("../boxes.parquet")),
    ],
    ids=[
        "no such track",
        "probability",
        "ends early",
        "no reason",
        "not a number",
        "steps",
        "share",
        "absolute path",
        "outside",
    ],
)
def test_a_result_with_one_wrong_part_leaves_nothing_behind(store, wrong):
    record_files(store, [seen("/card/IMG_0001.MP4")])
    before = contents(store)
    with pytest.raises(StoreError):
        save_analysis(store, wrong(two_animals()))
    assert contents(store) == before


def test_numbers_may_come_from_numpy(store):
    one = replace(doing("play"), start_s=np.float64(1.5), probability=np.float32(0.5), censored_end=np.bool_(True))
    stored(
        store,
        found(footage("/a/1.mp4"), [animal(1)], [one], [Indicator(1, "speed", "m/s", np.float32(2), np.int64(3))]),
    )
    (row,) = bouts(store)
    assert (row.start_s, row.probability, row.censored_end) == (1.5, 0.5, True)


def test_results_travel_between_processes():
    result = two_animals()
    assert pickle.loads(pickle.dumps(result)) == result
    assert len(pickle.dumps(result)) < 10_000


def test_bouts_are_numbered_within_their_track_by_start():
    numbered = number_bouts([doing("b", 2, 5, 6), doing("a", 2, 0, 5), doing("c", 1, 3, 4)])
    assert [(one.bout.track, one.number, one.bout.behaviour) for one in numbered] == [
        (1, 1, "c"),
        (2, 1, "a"),
        (2, 2, "b"),
    ]


def test_a_summary_keeps_a_tracks_place_about_every_half_second():
    t = np.arange(300) / 30
    boxes = np.column_stack([t / 20, np.full(300, 0.4), np.full(300, 0.2), np.full(300, 0.3)])
    track = Track(1, Kind.ANIMAL, 0.9, np.arange(300), t, boxes, t < 5, np.where(t < 5, 0.8, np.nan))
    summary = summarise_track(track)
    places = np.array(summary.places)
    assert (summary.frames, summary.seen_share, summary.median_height) == (300, 0.5, pytest.approx(0.3))
    assert places[0, 0] == 0
    assert places[-1, 0] == pytest.approx(summary.end_s, abs=1e-3)
    assert np.diff(places[:, 0]).max() <= 0.6
    assert np.allclose(places[:, 1], places[:, 0] / 20, atol=1e-3)


def test_a_summary_of_one_frame_has_one_place():
    one = np.array([2.0])
    track = Track(1, Kind.ANIMAL, 0.9, np.array([60]), one, np.full((1, 4), 0.2), one > 0, one)
    assert summarise_track(track).places == ((2.0, 0.2, 0.2, 0.2, 0.2),)


def test_a_summary_of_a_long_track_stays_small():
    t = np.arange(100_000) / 25
    track = Track(1, Kind.ANIMAL, 0.9, np.arange(100_000), t, np.full((100_000, 4), 0.2), t >= 0, t)
    assert len(summarise_track(track).places) <= 240


def test_readers_see_whole_results_while_a_writer_writes(store):
    results = [two_animals(f"/a/{number}.mp4") for number in range(30)]
    record_files(store, [seen(result.footage.path) for result in results])

    def write():
        for _ in range(2):
            for result in results:
                save_analysis(store, result)

    def read():
        sizes = []
        while not writing.done():
            rows = bouts(store)
            per_video = {row.media: 0 for row in rows}
            for row in rows:
                per_video[row.media] += 1
            assert set(per_video.values()) <= {3}
            sizes.append(len(per_video))
        return sizes

    with ThreadPoolExecutor(3) as pool:
        writing = pool.submit(write)
        readers = [pool.submit(read) for _ in range(2)]
        writing.result(timeout=120)
        for sizes in (reader.result(timeout=120) for reader in readers):
            assert sizes == sorted(sizes)
    assert len(bouts(store)) == 90


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.store.archive_samples import two_animals, animal, doing, footage, found, KEY
from dataclasses import replace
from sqlalchemy import event
from pipeline.store.open import open_store
from pipeline.store.results import save_analysis

store, left = open_store(Path(sys.argv[2])), int(sys.argv[3])

@event.listens_for(store.engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

key = replace(KEY, code_version="2.0")
acts = [doing("rest"), doing("hunt", 1, 10, 12)]
save_analysis(store, found(footage("/card/IMG_0001.MP4"), [animal(1)], acts, key=key))
"""


def test_a_writer_killed_in_the_middle_leaves_nothing_half_done(tmp_path):
    disturbed, undisturbed = open_store(tmp_path / "disturbed"), open_store(tmp_path / "undisturbed")
    for store in (disturbed, undisturbed):
        stored(store, two_animals())
    before = contents(disturbed)
    for statements in (3, 6, 9, 12):
        assert _write(disturbed.archive, statements) == -signal.SIGKILL
        assert contents(disturbed) == before
    for store in (disturbed, undisturbed):
        assert _write(store.archive, 0) == 0
    assert contents(disturbed) == contents(undisturbed)
    assert {row.behaviour for row in bouts(disturbed)} == {"rest", "hunt"}
    assert status(disturbed).counts["analysed"] == 1


def _write(archive, statements):
    command = [sys.executable, "-c", KILLED_WRITER, str(Path(__file__).parents[2]), str(archive), str(statements)]
    return subprocess.run(command, check=False, timeout=120).returncode
