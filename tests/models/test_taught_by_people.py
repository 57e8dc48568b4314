from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.behaviour.cameras import camera_number
from models.behaviour.examples import examples_of
from models.behaviour.measured import NOBODY
from models.behaviour.people import KEPT, Taught, taught_by_people, with_labels
from pipeline.footage.fingerprint import fingerprint
from pipeline.settings import Settings, load_settings
from pipeline.store.footage import record_footage
from pipeline.store.labels import Word, add_label, labels_for, withdraw_label
from pipeline.store.ledger import record_files
from pipeline.store.matching import Label
from pipeline.store.open import Store, open_store
from pipeline.store.result import FileSeen
from pipeline.values import Deployment, Footage
from tests.models.made_up_clips import clip

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
WALKS = "LOC01/CAM1/20250612/100RECNX/IMG_0001.MP4"  # as tests/flows/conftest.py has it
RIVER = Deployment("river-2026", "river", 43.1, 131.5, None, None, "Asia/Vladivostok")


def said(behaviour: str, start_s: float, end_s: float, box: tuple[float, ...] | None = None, later: int = 0) -> Label:
    place = None if box is None else (box[0], box[1], box[2], box[3])
    name = f"{behaviour} {start_s} {later}"
    return Label(name, "m", start_s, end_s, place, behaviour, None, "A. Petrova", NOON + timedelta(hours=later))


class TestLabels:
    made = replace(clip(1, 1), owner=(np.full(48, NOBODY),), bouts=())

    def box_at(self, second: float) -> tuple[float, ...]:
        samples = self.made.samples[0]
        return tuple(samples.boxes[np.abs(samples.t - second).argmin()].tolist())

    def test_a_label_belongs_to_the_track_on_its_box(self) -> None:
        here, lost = with_labels(self.made, [said("stalk", 0, 4, self.box_at(2))])
        assert lost == 0
        assert [(b.animal, b.behaviour, b.start_s, b.end_s) for b in here.bouts] == [(0, "stalk", 0, 4)]
        assert set(here.owner[0].tolist()) == {0}

    def test_a_label_on_no_track_is_counted_as_lost(self) -> None:
        elsewhere = (0.9, 0.05, 0.05, 0.05)
        assert with_labels(self.made, [said("stalk", 0, 4, elsewhere), said("rest", 50, 60)])[1] == 2

    def test_the_newer_word_takes_the_time_that_it_covers(self) -> None:
        labels = [said("rest", 2, 4, self.box_at(3), later=1), said("stalk", 0, 8, self.box_at(4))]
        bouts = with_labels(self.made, labels)[0].bouts
        assert [(b.behaviour, b.start_s, b.end_s) for b in bouts] == [("stalk", 0, 2), ("rest", 2, 4), ("stalk", 4, 8)]

    def test_nothing_is_learned_of_what_a_person_called_blank(self) -> None:
        blank = replace(said("", 4, 8, self.box_at(6), later=1), behaviour=None, species="blank")
        bouts = with_labels(self.made, [said("stalk", 0, 8, self.box_at(4)), blank])[0].bouts
        assert [(b.behaviour, b.start_s, b.end_s) for b in bouts] == [("stalk", 0, 4)]

    def test_a_label_without_a_box_speaks_of_every_animal_then_there(self) -> None:
        two = replace(self.made, samples=self.made.samples * 2, owner=self.made.owner * 2)
        assert [b.animal for b in with_labels(two, [said("rest", 5, 8)])[0].bouts] == [0, 1]


@dataclass(frozen=True)
class Park:
    """An archive with labels on a clip that ships, one that is gone and one that is no video."""

    store: Store
    media: str
    settings: Settings


@pytest.fixture(scope="module")
def park(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Park:
    folder = tmp_path_factory.mktemp("park")
    store = open_store(folder / "archive")
    broken = folder / "broken.MP4"
    broken.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(5000))
    files = [seen(shipped / WALKS), seen(broken), FileSeen(folder / "gone.MP4", 1000, 5, "f" * 64)]
    record_files(store, files)
    walks, _, _ = (one.media_id or "" for one in files)
    record_footage(store, [Footage(shipped / WALKS, walks, 1000, RIVER)])
    for one in files:
        add_label(store, one.media_id or "", 0.0, 3.0, Word("A. Petrova", "stalk"), at=NOON)
    add_label(store, walks, 1.0, 2.0, Word("A. Petrova", "travel"), at=NOON + timedelta(hours=1))
    wrong = add_label(store, walks, 0.0, 3.0, Word("A. Petrova", "rest"), at=NOON + timedelta(hours=2))
    withdraw_label(store, wrong.label_id, who="A. Petrova")
    add_label(store, walks, 0.0, 3.0, Word("A. Petrova", species="leopard"), at=NOON)
    settings = load_settings(environment={"ETHOTRAP_RUN__WORKERS": "1"})
    return Park(store, walks, settings)


def seen(path: Path) -> FileSeen:
    stat = path.stat()
    return FileSeen(path, stat.st_size, stat.st_mtime_ns, fingerprint(path))


@pytest.fixture(scope="module")
def taught(park: Park) -> Taught:
    return taught_by_people(park.store, park.settings)


class TestArchive:
    def test_a_labelled_video_is_followed_again_and_bears_what_people_said(self, taught: Taught, park: Park) -> None:
        (found,) = taught.clips
        assert (found.clip, found.camera, found.split) == (park.media, camera_number("river"), "people")
        assert {bout.behaviour for bout in found.bouts} == {"stalk", "travel"}
        codes = ("stalk", "travel", "unknown")
        example = max(examples_of([found], codes), key=lambda one: len(one.labels))
        assert {codes[label] for label in example.labels if label >= 0} == {"stalk", "travel"}
        assert example.cues.embedding.any()

    def test_what_is_missing_or_broken_is_listed_and_costs_nothing_else(self, taught: Taught) -> None:
        why = {Path(one.what).name: one.why for one in taught.left_out}
        assert set(why) == {"broken.MP4", "gone.MP4"}
        assert "not there any more" in why["gone.MP4"]

    def test_what_was_measured_once_is_kept(self, taught: Taught, park: Park) -> None:
        (kept,) = (park.store.archive / KEPT).glob("*.npz")
        before = kept.stat().st_mtime_ns
        next(Path(one.what) for one in taught.left_out if one.what.endswith("broken.MP4")).unlink()
        assert len(taught_by_people(park.store, park.settings).clips) == 1
        assert kept.stat().st_mtime_ns == before
        assert len(labels_for(park.store)) == 6
