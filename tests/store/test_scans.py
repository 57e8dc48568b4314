"""What one scan after another makes of the archive while people move files about and cards are still being copied.

The files are real ones; what an analysis would find in them is made up.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.footage.placing import place_and_date
from pipeline.footage.tags import candidates
from pipeline.night import Plan, plan
from pipeline.settings import load_settings
from pipeline.store.footage import each_footage
from pipeline.store.identities import By, new, undo
from pipeline.store.individual_rows import sighting_rows
from pipeline.store.labels import Word, label_found, label_in_view, labels_for, unattached_labels
from pipeline.store.ledger import status
from pipeline.store.queries import BoutQuery, bouts, people_in_view, sightings, tracks, videos
from pipeline.store.reels import reel_candidates
from pipeline.store.result import Failure, FlankView
from pipeline.store.results import save_analysis, save_failure
from pipeline.store.views import tracks_to_propose_for
from pipeline.values import Footage, Kind, State
from tests.store.archive_samples import LEFT, animal, doing, found

SHIPPED = "LOC01/CAM1/20250612/100RECNX/IMG_0001.MP4"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def video(shipped):
    """A whole video's bytes."""
    return (shipped / SHIPPED).read_bytes()


@pytest.fixture
def card(tmp_path):
    folder = tmp_path / "footage"
    folder.mkdir()
    return folder


@pytest.fixture
def scan(store, card):
    """Scan the card, with the deployments table if there is one beside it."""
    table = card.parent / "deployments.csv"
    return lambda: plan(store, [card], load_settings(environment={}), table if table.is_file() else None)


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def analyse(store, this: Plan):
    """Let each pending video show an animal that travels, and its left flank."""
    flank = FlankView(1, 2.0, "left", 0.9, 0.7, Path("views/1.jpg"))
    for one in this.pending:
        place = place_and_date(one.paths[0], this.roots, this.deployments, "+10:00", candidates(one.paths[0]), NOW)
        video = Footage(one.paths[0], one.media_id, one.size_bytes, *place)
        shown = found(video, [animal(1, LEFT)], [doing("travel")], key=this.key)
        save_analysis(store, replace(shown, views=(flank,)))


def fail(store, this: Plan):
    for one in this.pending:
        save_failure(store, Failure(one.media_id, this.key, "cannot be opened as a video", transient=False))


def known(this: Plan):
    """The run's number of files that are done."""
    return this.seen - this.copies - len(this.spoilt) - len(this.pending) - len(this.failed_before)


@pytest.mark.parametrize(("old", "new"), [("LOC01", "LOC02"), ("LOC02", "LOC01"), ("inbox", "LOC02")])
def test_a_card_that_is_moved_to_its_right_place_has_that_place_from_then_on(store, card, scan, video, old, new):
    header = "deploymentID,locationID,latitude,longitude,deploymentStart,deploymentEnd"
    rows = [f"d-{name},{name},43,131,2025-01-01T00:00:00,2026-01-01T00:00:00" for name in ("LOC01", "LOC02")]
    (card.parent / "deployments.csv").write_text("\n".join([header, *rows]))
    put(card / old / "IMG_0001.MP4", video)
    analyse(store, scan())
    (card / old).rename(card / new)
    assert len(scan().placed_anew) == 1
    (one,) = each_footage(store)
    assert (one.path, one.deployment.location_id) == (card / new / "IMG_0001.MP4", new)
    assert [(row.file, row.location) for row in bouts(store)] == [(card / new / "IMG_0001.MP4", new)]


@pytest.mark.parametrize(("old", "new"), [("a", "b"), ("b", "a")])
def test_a_video_that_failed_is_still_said_to_have_where_it_was_moved_to(store, card, scan, video, old, new):
    put(card / old / "IMG_0001.MP4", video[: len(video) // 2])
    fail(store, scan())
    (card / old).rename(card / new)
    again = scan()
    assert [one.file for one in again.failed_before] == [card / new / "IMG_0001.MP4"]
    assert (again.pending, known(again)) == ((), 0)


def test_a_file_without_a_video_that_is_gone_is_complained_of_no_more(store, card, scan, video):
    put(card / "empty.MP4", b"")
    put(card / "good.MP4", video)
    (card / "other card").symlink_to(card.parent / "not plugged in")
    analyse(store, scan())
    assert [one.file.name for one in status(store).failed] == ["empty.MP4", "other card"]
    (card / "empty.MP4").unlink()
    put(card.parent / "not plugged in" / "IMG_0002.MP4", video + b"more")
    assert len(scan().pending) == 1
    assert (status(store).failed, status(store).counts[State.FAILED]) == ((), 0)


def test_half_a_video_counts_no_more_once_the_whole_is_there(store, card, scan, video):
    path = put(card / "IMG_0001.MP4", video[: len(video) * 7 // 10])
    analyse(store, scan())
    (half,) = bouts(store)
    word = label_found(store, half.bout, Word("anna", behaviour="play"))
    new(store, By("anna"), code="Leo 7M", track_id=f"{half.media}.1")
    path.write_bytes(video)
    analyse(store, scan())
    (whole,) = bouts(store)
    assert (whole.file, whole.media != half.media) == (path, True)
    assert len([*tracks(store), *sightings(store), *videos(store), *each_footage(store)]) == 4
    assert {row.media for row in (*tracks(store), *videos(store))} == {whole.media}
    assert status(store).counts == {State.ANALYSED: 1, State.PENDING: 0, State.BLANK: 0, State.FAILED: 0}
    assert labels_for(store, half.media) == [word]
    assert unattached_labels(store) == [(path, word)]
    assert [row.bout for row in bouts(store, BoutQuery(media=(half.media,)))] == [half.bout]


def test_a_person_in_half_a_video_is_in_the_whole(store, card, scan, video):
    path = put(card / "IMG_0001.MP4", video[: len(video) // 3])
    analyse(store, scan())
    (half,) = bouts(store)
    label_in_view(store, half.media, Word("anna", species="person"))
    for content in (video[: len(video) // 2], video):
        path.write_bytes(content)
        analyse(store, scan())
    (whole,) = bouts(store)
    assert whole.media != half.media
    assert [one.barred for one in reel_candidates(store)] == ["a person in the video"]
    assert [(row.media, row.kinds) for row in people_in_view(store)] == [(whole.media, (Kind.PERSON,))]


def test_who_was_recognised_in_half_a_video_is_known_in_the_whole(store, card, scan, video):
    def recognised():
        return [(row.individual, row.media, row.tracks) for row in sighting_rows(store)]

    path = put(card / "IMG_0001.MP4", video[: len(video) // 2])
    analyse(store, scan())
    (half,) = videos(store)
    new(store, By("anna"), code="Leo 7M", track_id=f"{half.media}.1")
    path.write_bytes(video[: len(video) * 7 // 10])
    scan()
    path.write_bytes(video)
    analyse(store, scan())
    (whole,) = videos(store)
    assert recognised() == [("Leo 7M", whole.media, (f"{whole.media}.1",))]
    assert tracks_to_propose_for(store) == []
    new(store, By("boris"), code="Leo 8M", track_id=f"{whole.media}.1")
    assert recognised() == [("Leo 8M", whole.media, (f"{whole.media}.1",))]
    undo(store, By("boris"))
    assert recognised() == [("Leo 7M", whole.media, (f"{whole.media}.1",))]
    put(card / "copy" / "IMG_0001.MP4", video[: len(video) // 2])
    scan()
    assert recognised() == [("Leo 7M", half.media, (f"{half.media}.1",))], "half of it is there again, by itself"


def test_half_a_video_that_failed_makes_no_later_run_fail(store, card, scan, video):
    path = put(card / "IMG_0001.MP4", video[: len(video) * 7 // 10])
    fail(store, scan())
    path.write_bytes(video)
    analyse(store, scan())
    again = scan()
    assert (status(store).failed, again.failed_before, again.pending, known(again)) == ((), (), (), 1)


def test_a_new_card_that_uses_the_paths_of_the_last_one_takes_nothing_from_it(store, card, scan, video):
    path = put(card / "DCIM" / "IMG_0001.MP4", video)
    analyse(store, scan())
    (first,) = videos(store)
    path.write_bytes(video[:1000] + b"another night" + video)
    fail(store, scan())
    path.write_bytes(video[:1000] + b"a third night, and more" + video)
    analyse(store, scan())
    assert first.media in {row.media for row in bouts(store)}
    assert status(store).counts == {State.ANALYSED: 2, State.PENDING: 0, State.BLANK: 0, State.FAILED: 1}
    assert scan().failed_before == ()


def test_half_a_video_counts_for_as_long_as_it_lies_anywhere(store, card, scan, video):
    half = video[: len(video) // 2]
    one, other = put(card / "IMG_0001.MP4", half), put(card / "copy" / "IMG_0001.MP4", half)
    fail(store, scan())
    one.write_bytes(video)
    analyse(store, scan())
    assert [found.file for found in status(store).failed] == [other]
    other.write_bytes(video)
    scan()
    assert status(store).failed == ()
    other.write_bytes(half)
    assert [found.file for found in scan().failed_before] == [other]


def test_half_a_video_is_known_for_one_even_if_it_could_not_be_read_in_between(store, card, scan, video):
    path = put(card / "IMG_0001.MP4", video[: len(video) // 2])
    analyse(store, scan())
    path.write_bytes(b"")
    scan()
    assert ([one.reason for one in status(store).failed], len(bouts(store))) == (["empty file (0 bytes)"], 1)
    path.unlink()
    scan()
    assert (status(store).failed, len(bouts(store))) == ((), 1)
    path.write_bytes(video)
    analyse(store, scan())
    (whole,) = bouts(store)
    assert whole.file == path
    assert tracks_to_propose_for(store) == [f"{whole.media}.1"]


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_run(store, card, video):
    path = put(card / "IMG_0002.MP4", video[: len(video) // 2])
    put(card / "IMG_0001.MP4", video[:1000])

    def copy_on(_doing, _done, _total):
        with path.open("ab") as file:
            file.write(video[path.stat().st_size :])

    first = plan(store, [card], load_settings(environment={}), step=copy_on)
    assert [one.complaint for one in first.spoilt] == [f"{path} is still being copied; the next run will take it"]
    assert [one.paths for one in first.pending] == [(card / "IMG_0001.MP4",)]
    second = plan(store, [card], load_settings(environment={}))
    assert (len(second.pending), second.spoilt, status(store).failed) == (2, (), ())


def test_a_card_that_is_away_is_told_until_it_is_back_and_costs_the_others_nothing(store, card, video):
    away = card.parent / "other card"
    put(card / "IMG_0001.MP4", video)
    settings = load_settings(environment={})
    first = plan(store, [away, card], settings, None)
    assert ([one.path for one in first.spoilt], len(first.pending)) == ([away], 1)
    assert [(one.file, one.transient) for one in status(store).failed] == [(away, True)]
    put(away / "IMG_0002.MP4", video[:-1])
    again = plan(store, [away, card], settings, None)
    assert (len(again.spoilt), len(again.pending)) == (0, 2)
    assert status(store).failed == ()
