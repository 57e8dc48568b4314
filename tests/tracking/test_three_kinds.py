"""Animals, people and vehicles all the way from a detector that tells them apart to the night's report."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars
import pytest

from pipeline.analyse import Networks, analyse, load_networks
from pipeline.job import Job, analysis_key
from pipeline.report import NightReport, as_markdown, summarise
from pipeline.settings import Settings, load_settings
from pipeline.store.result import AnalysisResult
from pipeline.tracking.follow import Followed, follow
from pipeline.values import Kind, State
from pipeline.video.decode import open_video
from tests.models.three_class_network import three_class_network_registered
from tests.tracking.blobs import BLUE, GREEN, RED, blob_video, walking

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """With a detector that the park has added to the registry: blue is an animal, red a person, green a vehicle."""
    with three_class_network_registered(tmp_path_factory.mktemp("models")):
        # The blobs look like nothing that the behaviour network has learned from; to the rules their way is enough.
        yield load_settings(environment={"ETHOTRAP_DETECTOR__MODEL": "by-colour", "ETHOTRAP_BEHAVIOUR__MODEL": "rules"})


@pytest.fixture(scope="module")
def networks(settings: Settings) -> Networks:
    return load_networks(settings)


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An animal above, a person in the middle, a vehicle below, all crossing the picture."""
    blobs = [(walking(0.1, top=top), colour) for top, colour in ((0.1, BLUE), (0.4, RED), (0.7, GREEN))]
    return blob_video(tmp_path_factory.mktemp("card") / "IMG_0001.MP4", blobs, 5)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive") / "work"


def analysed(video: Path, networks: Networks, settings: Settings, work: Path) -> AnalysisResult:
    """What the pipeline makes of one video."""
    job = Job(
        media_id="0123456789abcdef",
        path=video,
        size_bytes=video.stat().st_size,
        roots=(video.parent,),
        deployments=None,
        now=NOW,
        key=analysis_key(settings),
        settings=settings,
        work=work,
    )
    outcome = analyse(job, networks)
    assert isinstance(outcome, AnalysisResult)
    return outcome


@pytest.fixture(scope="module")
def result(crossing: Path, networks: Networks, settings: Settings, work: Path) -> AnalysisResult:
    return analysed(crossing, networks, settings, work)


def test_each_is_followed_as_what_the_detector_says(crossing: Path, networks: Networks, settings: Settings) -> None:
    assert networks.detector_names_kinds
    with open_video(crossing) as video:
        followed: Followed = follow(video, networks.detect, networks.species, networks.detector_names_kinds, settings)

    rows = {Kind.ANIMAL: 0.1, Kind.PERSON: 0.4, Kind.VEHICLE: 0.7}
    assert {track.kind for track in followed.tracks} == set(rows)
    assert len(followed.tracks) == 3
    for track in followed.tracks:
        assert track.kind_probability == 1
        assert track.boxes[:, 1] == pytest.approx(rows[track.kind], abs=0.02)
        assert track.end_s - track.start_s > 4.5


def test_all_three_are_in_the_result(result: AnalysisResult) -> None:
    assert result.state is State.ANALYSED
    species = {track.kind: track.species for track in result.tracks}
    assert species.keys() == {Kind.ANIMAL, Kind.PERSON, Kind.VEHICLE}
    assert (species[Kind.PERSON], species[Kind.VEHICLE]) == ("person", "vehicle")


def test_only_the_animal_behaves(result: AnalysisResult) -> None:
    (animal,) = (track.number for track in result.tracks if track.kind is Kind.ANIMAL)
    assert [one.bout.behaviour for one in result.bouts] == ["travel"]
    assert {one.bout.track for one in result.bouts} == {animal}
    assert {indicator.track for indicator in result.indicators} == {animal}


@pytest.mark.parametrize(("speed", "behaviour"), [(0.1, "travel"), (0.0, "unknown")])
def test_what_may_be_a_person_behaves_only_if_it_is_seen_to_go_somewhere(
    tmp_path: Path, networks: Networks, settings: Settings, speed: float, behaviour: str
) -> None:
    """It is blue, an animal, for six tenths of the time, and red, a person, for the rest."""
    way = walking(speed)
    blobs = [(lambda t: way(t) if t < 3 else None, BLUE), (lambda t: way(t) if t >= 3 else None, RED)]
    found = analysed(blob_video(tmp_path / "IMG_0002.MP4", blobs, 5), networks, settings, tmp_path / "work")
    assert [track.kind for track in found.tracks] == [Kind.UNKNOWN]
    assert [one.bout.behaviour for one in found.bouts] == [behaviour]


def test_what_may_be_a_person_and_stays_is_nobodys_company(
    tmp_path: Path, networks: Networks, settings: Settings
) -> None:
    stump = walking(0.0, left=0.4, top=0.7)
    blobs = [(lambda t: stump(t) if t < 3 else None, BLUE), (lambda t: stump(t) if t >= 3 else None, RED)]
    passer_by = (walking(0.1, top=0.4), BLUE)
    found = analysed(blob_video(tmp_path / "IMG_0003.MP4", [*blobs, passer_by], 5), networks, settings, tmp_path / "w")
    (walker,) = [track.number for track in found.tracks if track.kind is Kind.ANIMAL]
    (bout,) = [one.bout for one in found.bouts if one.bout.track == walker]
    assert bout.behaviour == "travel"
    assert "another animal" not in bout.evidence


def test_the_boxes_of_all_three_are_kept_for_every_frame(result: AnalysisResult, work: Path) -> None:
    assert result.boxes_path is not None
    boxes = polars.read_parquet(work / result.boxes_path)
    assert len(boxes) == sum(track.frames for track in result.tracks)


def test_the_report_puts_people_and_vehicles_first(result: AnalysisResult, crossing: Path) -> None:
    summary = summarise(crossing, result)
    report = NightReport(NOW, NOW + timedelta(minutes=1), 1, 0, 0, (), (), (summary,))

    assert (summary.animals, summary.people, summary.vehicles) == (1, 1, 1)
    assert report.people_or_vehicles == (summary,)
    assert report.counts()["people_or_vehicles"] == 1
    headings = [line for line in as_markdown(report).splitlines() if line.startswith("## ")]
    assert headings[0] == "## People or vehicles in view"
    assert f"- `{crossing}`: 1 person, 1 vehicle track(s)" in as_markdown(report)


def test_what_may_be_a_person_raises_an_alert_and_counts_as_an_animal(result: AnalysisResult, crossing: Path) -> None:
    doubtful = tuple(replace(track, kind=Kind.UNKNOWN) for track in result.tracks if track.kind is Kind.ANIMAL)
    summary = summarise(crossing, replace(result, tracks=doubtful))
    report = NightReport(NOW, NOW + timedelta(minutes=1), 1, 0, 0, (), (), (summary,))
    assert (summary.animals, summary.people) == (1, 0)
    assert f"- `{crossing}`: 1 possible person or vehicle track(s)" in as_markdown(report)


def test_an_animal_alone_raises_no_alert(result: AnalysisResult, crossing: Path) -> None:
    alone = AnalysisResult(
        result.footage,
        result.key,
        result.info,
        result.report,
        tuple(track for track in result.tracks if track.kind is Kind.ANIMAL),
        result.bouts,
        result.indicators,
        result.seconds,
    )
    report = NightReport(NOW, NOW, 1, 0, 0, (), (), (summarise(crossing, alone),))
    assert report.people_or_vehicles == ()
    assert "People or vehicles" not in as_markdown(report)
