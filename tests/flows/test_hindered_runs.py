"""What hinders a run costs time and nothing more: a card that is pulled out, a full disk, a kill before the report."""

import json
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline import night
from pipeline.analyse import Networks, analyse, load_networks
from pipeline.behaviour.weights import CURRENT
from pipeline.errors import StoreError
from pipeline.job import Job
from pipeline.report import VideoSummary, report_path
from pipeline.settings import Settings, load_settings
from pipeline.store.footage import each_footage
from pipeline.store.ledger import status
from pipeline.store.open import Store, open_store
from pipeline.store.result import AnalysisResult, Failure
from pipeline.store.results import save_analysis
from pipeline.values import Footage, Kind, State
from pipeline.workers import Outcome, analyse_all, worker_pool
from tests.flows.conftest import Ethotrap, wait_for
from tests.models.three_class_network import three_class_network_registered
from tests.store.archive_samples import animal, footage, found, stored
from tests.tracking.blobs import BLUE, blob_video, walking
from tests.video.filming import cut_off, film, noises

SMALL = {"ETHOTRAP_DETECTOR__MODEL": "by-colour", "ETHOTRAP_BEHAVIOUR__MODEL": "rules", "ETHOTRAP_RUN__WORKERS": "1"}
COLUMNS = "deploymentID,locationID,latitude,longitude,deploymentStart,deploymentEnd,timeZone,clockShiftSeconds"
LAST_YEAR = f"{COLUMNS}\nriver-2025,LOC01,43,131,2025-06-01T00:00:00+10:00,2025-07-01T00:00:00+10:00,+10:00,3600\n"
THIS_YEAR = f"{COLUMNS}\nlake-2026,LOC09,43,131,2026-06-01T00:00:00+10:00,2026-07-01T00:00:00+10:00,+10:00,\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """With a detector for which blue is an animal."""
    with three_class_network_registered(tmp_path_factory.mktemp("models")):
        yield load_settings(environment=SMALL)


@pytest.fixture(scope="module")
def networks(settings: Settings) -> Networks:
    return load_networks(settings)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "archive")


@contextmanager
def pulled_out(card: Path) -> Iterator[None]:
    away = card.rename(card.with_name(f"{card.name} is away"))
    try:
        yield
    finally:
        away.rename(card)


class TestACardThatIsPulledOut:
    def test_costs_what_only_it_held_one_run(self, tmp_path: Path, store: Store, settings: Settings) -> None:
        card, disk = tmp_path / "a card", tmp_path / "disk"
        card.mkdir()
        disk.mkdir()
        film(card / "only here.mp4", noises(5))
        film(card / "copied.mp4", noises(6))
        (disk / "copied.mp4").write_bytes((card / "copied.mp4").read_bytes())
        broken = cut_off(film(disk / "broken.mp4", noises(7)), 0.5)

        this = night.plan(store, [card, disk], settings)
        assert len(this.pending) == 3
        with pulled_out(card):
            report = night.run(store, this)
        assert {video.path: (video.state, video.transient) for video in report.videos} == {
            card / "only here.mp4": (State.FAILED, True),
            disk / "copied.mp4": (State.BLANK, False),
            broken: (State.FAILED, False),
        }
        again = night.plan(store, [card, disk], settings)
        assert [media.paths for media in again.pending] == [(card / "only here.mp4",)]
        assert [one.file for one in again.failed_before] == [broken]

    def test_while_a_video_is_read_is_not_taken_for_a_damaged_file(
        self, tmp_path: Path, settings: Settings, networks: Networks
    ) -> None:
        card = tmp_path / "card"
        card.mkdir()
        path = cut_off(film(card / "half.avi", noises(20), codec="mjpeg", pix_fmt="yuvj420p"), 0.6)
        assert not isinstance(analyse(job(path, settings, tmp_path), networks), Failure)

        def pulling(*_pictures: object) -> list[Any]:
            path.unlink(missing_ok=True)
            return []

        outcome = analyse(job(path, settings, tmp_path), replace(networks, detect=pulling))  # type: ignore[arg-type]
        assert isinstance(outcome, Failure)
        assert outcome.transient
        assert "was the card pulled out" in outcome.reason


class TestAFullDisk:
    def test_is_told_in_words_and_passes(self, tmp_path: Path, settings: Settings, networks: Networks) -> None:
        path = blob_video(tmp_path / "IMG_0001.MP4", [(walking(0.1), BLUE)], 3)
        with files_of_at_most(1000):
            outcome = analyse(job(path, settings, tmp_path), networks)
        assert isinstance(outcome, Failure)
        assert outcome.transient
        assert "check that the disk has room" in outcome.reason
        assert "report it" not in outcome.reason

    def test_ends_the_run_before_more_is_analysed_for_nothing(
        self, tmp_path: Path, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "card").mkdir()
        for number in (1, 2, 3):
            film(tmp_path / "card" / f"{number}.mp4", noises(number))

        def filled_meanwhile(_bytes: int) -> None:
            monkeypatch.setattr(night, "ROOM_BYTES", 10**18)

        with pytest.raises(StoreError, match=r"all but full, with .* MB left; make room and run again"):
            night.run(store, night.plan(store, [tmp_path / "card"], settings), done=filled_meanwhile)
        assert status(store).counts[State.BLANK] == 1
        assert status(store).counts[State.PENDING] == 2
        with pytest.raises(StoreError, match="all but full"):
            night.run(store, night.plan(store, [tmp_path / "card"], settings))
        monkeypatch.undo()
        assert night.run(store, night.plan(store, [tmp_path / "card"], settings)).counts()["blank"] == 2


class TestADatabaseThatIsAwayForAWhile:
    def test_costs_no_video_that_was_kept_a_second_analysis(
        self, tmp_path: Path, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "card").mkdir()
        for number in (1, 2, 3):
            blob_video(tmp_path / "card" / f"{number}.MP4", [(walking(0.1 * number), BLUE)], 3)
        asked: list[str] = []

        def away_once(store: Store, result: AnalysisResult) -> tuple[Path, ...]:
            asked.append(str(result.footage.path))
            if len(asked) == 2:
                raise StoreError("the database does not answer")
            return save_analysis(store, result)

        def once_more(work: Callable[[night.Batch], list[VideoSummary]], todo: list[night.Batch]) -> list[VideoSummary]:
            (batch,) = todo
            with pytest.raises(StoreError):
                work(batch)
            return work(batch)

        monkeypatch.setattr(night, "save_analysis", away_once)
        report = night.run(store, night.plan(store, [tmp_path / "card"], settings), once_more)
        assert report.counts()["analysed"] == 3
        assert len(asked) == 4
        assert asked.count(asked[0]) == 1
        assert asked[1] == asked[2]

    def test_leaves_no_process_at_work_on_what_is_tried_anew(self, tmp_path: Path, settings: Settings) -> None:
        brief = film(tmp_path / "brief.mp4", noises(2))
        long = blob_video(tmp_path / "long.mp4", [(walking(0.001), BLUE)], 600)
        jobs = [job(path, settings, tmp_path / path.stem) for path in (brief, long)]

        at_work: list[psutil.Process] = []

        def away(_job: Job, _outcome: Outcome) -> None:
            wait_for((tmp_path / "long" / "work").is_dir, 60)
            at_work.extend(workers_started())
            raise StoreError("the database does not answer")

        with worker_pool(settings) as workers:
            with pytest.raises(StoreError):
                analyse_all(workers, jobs, away)
            (one,) = at_work
            one.wait(10)


class TestAWorkerThatIsKilledAsItStarts:
    """As for want of memory, which the networks take most of."""

    def test_costs_nothing_but_time(self, tmp_path: Path, store: Store, settings: Settings) -> None:
        (tmp_path / "card").mkdir()
        for number in range(1, 21):
            film(tmp_path / "card" / f"{number}.mp4", noises(number))
        small_batches = settings.model_copy(update={"run": settings.run.model_copy(update={"batch": 3})})
        this = night.plan(store, [tmp_path / "card"], small_batches)
        killer = threading.Thread(target=kill_the_first_worker)
        killer.start()
        report = night.run(store, this, at_once)
        killer.join()
        assert report.counts()["analysed"] + report.counts()["blank"] == 20
        assert report.whole


def kill_the_first_worker() -> None:
    while not (started := workers_started()):
        time.sleep(0.05)
    started[0].kill()


def workers_started() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]


def at_once(work: Callable[[night.Batch], list[VideoSummary]], todo: list[night.Batch]) -> list[VideoSummary]:
    """Batches side by side, as Prefect's tasks are."""
    with ThreadPoolExecutor(len(todo)) as threads:
        return [summary for found in threads.map(work, todo) for summary in found]


class TestAPowerCut:
    def test_finds_on_the_disk_what_the_database_refers_to(
        self, tmp_path: Path, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "card").mkdir()
        blob_video(tmp_path / "card" / "IMG_0001.MP4", [(walking(0.1), BLUE)], 3)
        settled: set[int] = set()  # their inodes, for they are moved afterwards
        through = os.fsync

        def watched(handle: int) -> None:
            settled.add(os.fstat(handle).st_ino)
            through(handle)

        def only_then(store: Store, result: AnalysisResult) -> tuple[Path, ...]:
            files = [path for path in (store.archive / "media").rglob("*") if path.is_file()]
            assert {path.suffix for path in files} >= {".mp4", ".jpg", ".parquet"}
            assert [
                path for path in files for one in (path, *path.parents[:4]) if one.stat().st_ino not in settled
            ] == []
            return save_analysis(store, result)

        monkeypatch.setattr(os, "fsync", watched)
        monkeypatch.setattr(night, "save_analysis", only_then)
        assert night.run(store, night.plan(store, [tmp_path / "card"], settings)).counts()["analysed"] == 1


class TestAPlaceOnRecord:
    def test_survives_a_new_analysis_without_its_table(self, tmp_path: Path, store: Store, settings: Settings) -> None:
        card = tmp_path / "card"
        (card / "LOC01").mkdir(parents=True)
        film(card / "LOC01" / "20250614_054218.mp4", noises(5))
        last_year, this_year = table(tmp_path / "2025.csv", LAST_YEAR), table(tmp_path / "2026.csv", THIS_YEAR)

        night.run(store, night.plan(store, [card], settings, last_year))
        before = the_only(store)
        assert before.deployment
        assert before.deployment.deployment_id == "river-2025"
        assert before.captured
        assert before.captured.at == datetime(2025, 6, 13, 20, 42, 18, tzinfo=UTC)

        this = night.plan(store, [card], with_other_clips(settings, 1.5))
        with pulled_out(card):
            night.run(store, this)
        assert status(store).counts[State.FAILED] == 1
        assert the_only(store) == before
        for padding_s, wanted in ((1.0, None), (0.5, this_year)):
            report = night.run(store, night.plan(store, [card], with_other_clips(settings, padding_s), wanted))
            assert report.counts()["blank"] == 1
            assert the_only(store) == before


class TestTheReportAfterAKill:
    """The run that found these ended before it could write its own."""

    def test_lists_people_and_what_was_read_in_part_once(
        self, tmp_path: Path, store: Store, settings: Settings
    ) -> None:
        stored(store, found(footage("/card/poachers.mp4"), [animal(1, kind=Kind.PERSON, species="person")]))
        (tmp_path / "another card").mkdir()

        def run() -> str:
            report = night.run(store, night.plan(store, [tmp_path / "another card"], settings))
            assert report.counts()["analysed"] == 0
            numbers = json.loads((store.archive / report_path(report)).with_suffix(".json").read_text())
            assert [one["path"] for one in numbers["unreported"]] == [str(video.path) for video in report.unreported]
            return (store.archive / report_path(report)).read_text()

        text = run()
        assert "- `/card/poachers.mp4`: 1 person track(s)" in text
        assert text.index("## People or vehicles in view") < text.index("## What was done")
        assert "- `/card/poachers.mp4`: 2 damaged packets" in text
        assert "| analysed by a run that ended before its report | 1 |" in text
        assert "poachers" not in run()


def job(path: Path, settings: Settings, folder: Path) -> Job:
    return Job(
        media_id="0123456789abcdef",
        path=path,
        size_bytes=path.stat().st_size,
        roots=(path.parent,),
        deployments=None,
        now=datetime(2026, 3, 1, tzinfo=UTC),
        key=night.analysis_key(settings),
        settings=settings,
        work=folder / "work",
    )


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow larger, bytes: to who writes it, that is a disk without room."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


def with_other_clips(settings: Settings, padding_s: float) -> Settings:
    """Settings that make every video pending anew."""
    return settings.model_copy(update={"clips": settings.clips.model_copy(update={"padding_s": padding_s})})


def table(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def the_only(store: Store) -> Footage:
    (known,) = each_footage(store)
    return known


@pytest.mark.parametrize("spoilt", ["media", "reports"])
def test_an_archive_whose_disk_fails_ends_the_run_in_words(ethotrap: Ethotrap, tmp_path: Path, spoilt: str) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / spoilt).write_text("where a folder should be")
    command = ("analyse", film(tmp_path / "noise.mp4", noises(5)), "--archive", archive)
    env = {"ETHOTRAP_RUN__WORKERS": "1"}
    ended = ethotrap(*command, env=env)
    assert ended.status == 2
    assert f"{archive / spoilt}" in "".join(ended.err.split())
    assert "check the disk of the archive and run again" in " ".join(ended.err.split())
    assert "Traceback" not in ended.err
    (archive / spoilt).unlink()
    assert ethotrap(*command, env=env).status == 0


def test_a_behaviour_network_that_is_damaged_is_named_and_costs_no_video(ethotrap: Ethotrap, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    (archive / CURRENT).parent.mkdir(parents=True)
    (archive / CURRENT).write_bytes(b"copied in part")
    film(tmp_path / "noise.mp4", noises(5))
    ended = ethotrap("analyse", tmp_path / "noise.mp4", "--archive", archive, env={"ETHOTRAP_RUN__WORKERS": "1"})
    assert ended.status == 2
    assert "behaviour.onnx: this is no behaviour network, or a damaged one" in " ".join(ended.err.split())
    assert "Traceback" not in ended.err
    assert status(open_store(archive)).counts[State.PENDING] == 1
