"""The ledger: what was seen, what is left to do, what failed and why."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.store.contents import contents
from pipeline.store.footage import (
    each_footage,
    filmed_in,
    known_deployments,
    last_videos,
    record_footage,
    recorded_places,
)
from pipeline.store.ledger import (
    Fingerprint,
    copy_ledger,
    known_fingerprints,
    nights,
    pending_media,
    record_files,
    save_night,
    status,
)
from pipeline.store.open import open_store
from pipeline.store.queries import bouts, videos
from pipeline.store.result import AnalysisKey, Failure, Night
from pipeline.store.results import save_analysis, save_failure
from pipeline.values import State
from tests.store.archive_samples import KEY, RIVER, captured, footage, found, seen, stored, two_animals

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEXT = replace(KEY, settings_digest="dd")


def test_new_content_is_pending_once_however_many_copies_it_has(store):
    record_files(store, [seen("/b/1.mp4", "same"), seen("/a/1.mp4", "same"), seen("/a/2.mp4")])
    assert [one.paths for one in pending_media(store, KEY)] == [
        (Path("/a/1.mp4"), Path("/b/1.mp4")),
        (Path("/a/2.mp4"),),
    ]
    assert status(store).counts == {State.PENDING: 2, State.ANALYSED: 0, State.BLANK: 0, State.FAILED: 0}


def test_a_second_scan_changes_nothing_but_when_files_were_last_seen(store):
    files = [seen("/a/1.mp4"), seen("/a/bad.mp4", sha256=None, complaint="empty file (0 bytes)")]
    record_files(store, files, now=NOON)
    before = contents(store)
    record_files(store, list(reversed(files)), now=NOON + timedelta(days=1))
    assert contents(store) == before


def test_known_files_need_not_be_read_again(store):
    record_files(store, [seen("/a/1.mp4"), seen("/a/locked.mp4", sha256=None, complaint="permission denied")])
    assert known_fingerprints(store) == {Path("/a/1.mp4"): Fingerprint(1000, 5, seen("/a/1.mp4").sha256)}


def test_a_path_whose_content_changed_points_to_the_new_content_and_the_old_stays_on_record(store):
    record_files(store, [seen("/a/1.mp4", "old")])
    record_files(store, [seen("/a/1.mp4", "new")])
    assert [one.sha256 for one in pending_media(store, KEY)] == [seen("/a/1.mp4", "new").sha256]
    assert {row.media for row in videos(store)} == {seen("/a/1.mp4", text).media_id for text in ("old", "new")}


def test_a_video_is_named_by_a_copy_that_is_still_there(store):
    record_files(store, [seen("/a/1.mp4", "same"), seen("/b/1.mp4", "same")])
    record_files(store, [seen("/a/1.mp4", "other")])
    names = {row.media: row.file for row in videos(store)}
    assert names[seen("", "same").media_id] == Path("/b/1.mp4")


@pytest.mark.parametrize("new", ["/a/1.mp4", "/c/1.mp4"])
def test_a_video_that_was_moved_is_named_by_where_it_is_now(store, new):
    record_files(store, [seen("/b/1.mp4", "same")], now=NOON)
    record_files(store, [seen(new, "same"), seen("/d/copy.mp4", "same")], now=NOON + timedelta(days=1))
    assert [row.file for row in videos(store)] == [Path(new)]
    record_files(store, [seen("/d/other.mp4")], now=NOON + timedelta(days=2))
    assert Path(new) in [row.file for row in videos(store)], "its card is away, and it keeps its name"


def test_analysed_videos_are_done_until_code_models_or_settings_change(store):
    stored(store, two_animals("/a/1.mp4"))
    assert pending_media(store, KEY) == []
    for other in (replace(KEY, code_version="2.0"), replace(KEY, models={"detector": "zz"}), NEXT):
        assert len(pending_media(store, other)) == 1


def test_a_tree_that_is_tagged_later_asks_for_a_new_naming_of_what_has_animals(store):
    stored(store, two_animals("/a/1.mp4"))
    stored(store, found(footage("/a/blank.mp4")))
    stored(store, two_animals("/b/1.mp4", deployment=None))
    tagged = replace(RIVER, tags=(*RIVER.tags, "markingTree:0.4-0.5"))
    record_footage(store, [footage("/a/1.mp4", deployment=tagged)])
    assert [one.paths for one in pending_media(store, KEY)] == [(Path("/a/1.mp4"),)]
    stored(store, two_animals("/a/1.mp4", deployment=replace(tagged, tags=("marking_tree:0.40-0.50",))))
    assert pending_media(store, KEY) == []
    record_footage(store, [footage("/a/1.mp4", deployment=RIVER)])
    assert len(pending_media(store, KEY)) == 1


def test_the_order_in_which_models_are_named_changes_no_key():
    assert KEY.digest == AnalysisKey("1.0", {"species": "bb", "detector": "aa"}, "cc").digest


def test_only_the_files_at_hand_are_asked_for(store):
    record_files(store, [seen("/a/1.mp4", "same"), seen("/b/1.mp4", "same"), seen("/c/2.mp4")])
    assert [one.paths for one in pending_media(store, KEY, paths={Path("/b/1.mp4")})] == [(Path("/b/1.mp4"),)]


def test_a_lasting_failure_is_tried_again_only_under_another_key_or_on_demand(store):
    record_files(store, [seen("/a/1.mp4")])
    save_failure(store, Failure(seen("/a/1.mp4").media_id, KEY, "it holds no picture", transient=False))
    assert pending_media(store, KEY) == []
    assert len(pending_media(store, KEY, retry_failed=True)) == 1
    assert len(pending_media(store, NEXT)) == 1


def test_a_passing_failure_is_tried_again(store):
    record_files(store, [seen("/a/1.mp4")])
    save_failure(store, Failure(seen("/a/1.mp4").media_id, KEY, "the worker ran out of memory", transient=True))
    assert len(pending_media(store, KEY)) == 1


def test_only_what_a_scan_would_have_met_is_complained_of_no_more(store):
    def spoilt(path):
        return seen(path, sha256=None, complaint="empty file (0 bytes)")

    gone, elsewhere, closed = map(spoilt, ("/a/gone.mp4", "/b/away.mp4", "/a/closed/1.mp4"))
    record_files(store, [gone, elsewhere, closed], [Path("/a"), Path("/b")])
    folder = seen("/a/closed", sha256=None, complaint="this folder cannot be read: permission denied")
    record_files(store, [folder], [Path("/a")])
    assert [str(one.file) for one in status(store).failed] == ["/a/closed", "/a/closed/1.mp4", "/b/away.mp4"]
    record_files(store, [], [Path("/a/closed/1.mp4")])
    assert [str(one.file) for one in status(store).failed] == ["/a/closed", "/b/away.mp4"]


def test_status_names_every_failed_file_with_its_reason(store):
    record_files(
        store,
        [
            seen("/a/1.mp4"),
            seen("/a/0.mp4", sha256=None, complaint="cannot be read: permission denied", transient=True),
        ],
    )
    save_failure(store, Failure(seen("/a/1.mp4").media_id, KEY, "it holds no picture", transient=False))
    now = status(store)
    assert [(one.file.name, one.reason, one.transient) for one in now.failed] == [
        ("0.mp4", "cannot be read: permission denied", True),
        ("1.mp4", "it holds no picture", False),
    ]
    assert now.counts[State.FAILED] == 2


def test_a_file_that_could_not_be_read_is_pending_once_it_can(store):
    record_files(store, [seen("/a/1.mp4", sha256=None, complaint="permission denied", transient=True)])
    record_files(store, [seen("/a/1.mp4")])
    assert status(store).failed == ()
    assert len(pending_media(store, KEY)) == 1


def test_a_failure_keeps_what_an_earlier_analysis_found(store):
    stored(store, two_animals("/a/1.mp4"))
    save_failure(store, Failure(seen("/a/1.mp4").media_id, NEXT, "decoding hung", transient=False))
    assert len(bouts(store)) == 3
    assert status(store).counts[State.FAILED] == 1


def test_a_success_after_failures_leaves_no_trace_of_them_in_the_state(store):
    result = two_animals("/a/1.mp4")
    record_files(store, [seen("/a/1.mp4")])
    save_failure(store, Failure(result.footage.media_id, KEY, "decoding hung", transient=True))
    save_analysis(store, result)
    assert status(store).failed == ()


def test_a_video_without_tracks_is_blank(store):
    stored(store, found(footage("/a/1.mp4")))
    assert status(store).counts[State.BLANK] == 1


def test_results_need_their_file_on_record(store):
    with pytest.raises(StoreError, match="not in the ledger"):
        save_analysis(store, two_animals("/a/1.mp4"))
    with pytest.raises(StoreError, match="not in the ledger"):
        save_failure(store, Failure("0" * 16, KEY, "decoding hung", transient=False))


def test_place_and_time_come_back_as_they_were_written(store):
    dated = footage("/a/1.mp4")
    undated = replace(footage("/a/2.mp4"), captured=None, deployment=None, time_notes=("the clock said 1970-01-01",))
    record_files(store, [seen("/a/1.mp4"), seen("/a/2.mp4")])
    record_footage(store, [dated, undated])
    assert list(each_footage(store)) == [dated, undated]
    assert recorded_places(store, [dated.media_id, undated.media_id, "none"]) == {dated.media_id: dated.deployment}


def test_the_last_video_of_a_deployment_is_told_by_the_cameras_calendar(store):
    late, empty = datetime(2026, 3, 1, 15, tzinfo=UTC), replace(RIVER, deployment_id="empty")
    ridge = replace(RIVER, deployment_id="ridge-2026", location_id="ridge", tags=())
    for one in (
        footage("/a/1.mp4", time=captured(late, "UTC")),
        footage("/a/2.mp4", time=captured(late, "Asia/Vladivostok")),
        footage("/a/3.mp4", time=captured(late - timedelta(days=9))),
        replace(footage("/b/1.mp4", deployment=ridge), captured=None),
        footage("/c/1.mp4", deployment=None),
    ):
        stored(store, found(one))
    record_footage(store, [footage("/a/1.mp4", deployment=empty)])
    record_footage(store, [footage("/a/1.mp4", time=captured(late, "UTC"))])
    assert known_deployments(store) == [ridge, RIVER]
    assert filmed_in(store) == [(ridge, 1, Path("/b/1.mp4")), (RIVER, 3, Path("/a/1.mp4"))]
    moved, silent = replace(RIVER, latitude=43.2), replace(RIVER, deployment_id="silent")
    assert known_deployments(store, [silent, moved]) == [ridge, moved, silent]
    assert last_videos(store) == {"river-2026": date(2026, 3, 2)}


@pytest.mark.parametrize("own_offset", [True, False, None])
def test_whether_the_camera_named_its_zone_itself_is_kept(store, own_offset):
    record_files(store, [seen("/a/1.mp4")])
    record_footage(store, [footage("/a/1.mp4", time=replace(captured(), own_offset=own_offset))])
    assert [one.captured.own_offset for one in each_footage(store)] == [own_offset]


def test_a_corrected_clock_needs_no_new_analysis(store):
    stored(store, two_animals("/a/1.mp4"))
    record_footage(store, [footage("/a/1.mp4", time=captured(NOON + timedelta(hours=5)))])
    assert {row.captured_at for row in bouts(store)} == {NOON + timedelta(hours=5)}
    assert pending_media(store, KEY) == []


def test_a_naive_time_is_refused(store):
    record_files(store, [seen("/a/1.mp4")])
    naive = footage("/a/1.mp4", time=replace(captured(), at=datetime(2026, 3, 1)))  # noqa: DTZ001 - what is tested
    with pytest.raises(ValueError, match="time zone"):
        record_footage(store, [naive])


def test_a_copied_ledger_has_the_same_left_to_do(store, tmp_path):
    stored(store, two_animals("/a/1.mp4"))
    record_files(store, [seen("/a/2.mp4"), seen("/a/broken.mp4", complaint="empty file (0 bytes)")])
    copy = open_store(tmp_path / "copy")
    copy_ledger(store, copy)
    assert pending_media(copy, KEY) == pending_media(store, KEY)
    assert list(each_footage(copy)) == list(each_footage(store))
    assert known_fingerprints(copy) == known_fingerprints(store)


def test_nights_are_kept_in_order(store):
    first = Night("n1", NOON, NOON + timedelta(hours=1), {"analysed": 3}, Path("reports/n1.md"))
    second = Night("n2", NOON + timedelta(days=1), NOON + timedelta(days=1, hours=1))
    save_night(store, second)
    save_night(store, replace(first, counts={"analysed": 1}))
    save_night(store, first)
    assert nights(store) == [first, second]


def test_names_that_are_no_utf8_are_kept_as_they_are(store):
    """Old cards hold names in old encodings; Python shows their bytes as lone surrogates."""
    odd = "/card/caf\udce9/IMG_0001.AVI"
    record_files(store, [seen(odd, "a")])
    (waiting,) = pending_media(store, KEY)
    assert waiting.paths == (Path(odd),)
    save_failure(store, Failure(waiting.media_id, KEY, f"{odd}: damaged", transient=False))
    (failed,) = status(store).failed
    assert (failed.file, failed.reason) == (Path(odd), f"{odd}: damaged")
