"""What one scan after another makes of the archive while people move files about and cards are still being copied.

The files are real ones; what an analysis would find in them is made up.
"""

from datetime import UTC, datetime

import pytest

from pipeline.footage.placing import place_and_date
from pipeline.footage.tags import candidates
from pipeline.night import Plan, plan
from pipeline.settings import load_settings
from pipeline.store.footage import recorded_footage
from pipeline.store.ledger import status
from pipeline.store.queries import bouts
from pipeline.store.result import Failure
from pipeline.store.results import save_analysis, save_failure
from pipeline.values import Footage, State
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
    """Let each pending video show an animal that travels."""
    for one in this.pending:
        place = place_and_date(one.paths[0], this.roots, this.deployments, "+10:00", candidates(one.paths[0]), NOW)
        video = Footage(one.paths[0], one.media_id, one.size_bytes, *place)
        save_analysis(store, found(video, [animal(1, LEFT)], [doing("travel")], key=this.key))


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
    assert scan().placed_anew == 1
    (one,) = recorded_footage(store)
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
