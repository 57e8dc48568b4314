"""Labels meet the tracks of an archive: by box where there are boxes, else by time; and the command says it all."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from flows.command import status_of
from models.behaviour.cameras import camera_number
from models.evaluate.behaviour import Scores
from models.evaluate.behaviour.evaluating import Evaluation, evaluate
from models.evaluate.behaviour.labels import Boxes, LabelledVideo, Labels
from models.evaluate.behaviour.labels_archive import read_archive_labels
from models.evaluate.behaviour.pairing import pair
from models.evaluate.behaviour.predictions import ArchivePredictions, analysed_videos
from models.evaluate.behaviour.predictions_csv import TablePredictions
from models.evaluate.behaviour.reading import merged
from models.evaluate.behaviour.report import facts
from models.evaluate.behaviour.values import TrueBout
from pipeline.behaviour.weights import FOLDER, OWN
from pipeline.errors import ConfigError
from pipeline.store.boxes import write_boxes
from pipeline.store.labels import Word, add_label, label_found, withdraw_label
from pipeline.store.ledger import record_files
from pipeline.store.open import Store, open_store
from pipeline.store.result import AnalysisKey, AnalysisResult, FileSeen, number_bouts, summarise_track
from pipeline.store.results import save_analysis
from pipeline.values import Bout, DecodeReport, Deployment, Footage, Indicator, Kind, Track, VideoInfo

LEFT, RIGHT = (0.1, 0.4, 0.2, 0.2), (0.6, 0.4, 0.2, 0.2)
DIGEST = "ab" * 32


def track(number: int, box: tuple[float, float, float, float], start_s: float = 0.0, end_s: float = 10.0) -> Track:
    t = np.arange(start_s, end_s, 0.1)
    n = len(t)
    return Track(
        number=number,
        kind=Kind.ANIMAL,
        kind_probability=0.9,
        frame=np.arange(n),
        t=t,
        boxes=np.tile(box, (n, 1)),
        seen=np.ones(n, dtype=bool),
        score=np.full(n, 0.8),
    )


def bout(number: int, behaviour: str, start_s: float, end_s: float, probability: float = 0.8) -> Bout:
    return Bout(number, behaviour, start_s, end_s, probability, False, False, "")


def keep(
    store: Store,
    path: str,
    tracks: list[Track],
    bouts: list[Bout],
    digest: str = DIGEST,
    site: Deployment | None = None,
    *,
    network: str = "",
    infrared: bool | None = None,
) -> str:
    """Write a video of 10 s at 10 pictures/s into the archive, with its boxes, named by a network of that digest."""
    media = digest[:16]
    record_files(store, [FileSeen(Path(path), 1000, 5, digest)])
    boxes = Path("media") / f"{media}.parquet"
    write_boxes(store.archive / boxes, tracks)
    result = AnalysisResult(
        footage=Footage(Path(path), media, 1000, site),
        key=AnalysisKey("1", {OWN: network} if network else {}, "s"),
        info=VideoInfo("mp4", "h264", 640, 360, 100, 10.0, 10.0),
        report=DecodeReport(100, 10.0, 0, 0.1),
        tracks=tuple(summarise_track(one) for one in tracks),
        bouts=number_bouts(bouts),
        indicators=tuple(Indicator(1, "speed", "m/s", 1.0, 1.0, infrared=infrared) for _ in tracks[:1]),
        seconds=1.0,
        boxes_path=boxes if tracks else None,
    )
    save_analysis(store, result)
    return media


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "archive")


def site(name: str) -> Deployment:
    return Deployment(f"{name}-2026", name, 43.1, 131.5, None, None, "Asia/Vladivostok")


def true(behaviour: str, start_s: float, end_s: float, subject: str = "", video: str = "IMG_1") -> TrueBout:
    return TrueBout(video, subject, (behaviour,), start_s, end_s)


def labels(*bouts: TrueBout, boxes: dict[str, Boxes] | None = None) -> Labels:
    return Labels("labels", (LabelledVideo(bouts[0].video, bouts, boxes=boxes or {}),), {})


def boxed(box: tuple[float, float, float, float], start_s: float = 0.0, end_s: float = 10.0) -> Boxes:
    t = np.arange(start_s, end_s, 1 / 30)
    return Boxes(t, np.tile(box, (len(t), 1)))


def scored(given: Labels, store: Store) -> Scores:
    return evaluate(given, "here", ArchivePredictions(store)).scores


class TestBoxes:
    def test_each_animal_gets_the_tracks_that_lie_on_it(self, store: Store) -> None:
        tracks = [track(1, RIGHT), track(2, LEFT, 0, 5), track(3, LEFT, 5, 10)]
        keep(store, "/c/IMG_1.MP4", tracks, [bout(1, "rest", 0, 10), bout(2, "travel", 0, 5), bout(3, "travel", 5, 10)])
        given = labels(
            true("travel", 0, 10, "a"), true("rest", 0, 10, "b"), boxes={"a": boxed(LEFT), "b": boxed(RIGHT)}
        )
        found = evaluate(given, "here", ArchivePredictions(store))
        scores = found.scores
        assert found.notes == ()
        assert scores.right.value == pytest.approx(1)
        assert scores.segments[2].f1.value == 1  # the two parts of the torn track are one bout of one animal

    def test_a_track_on_no_animal_is_a_stray_and_its_names_are_counted_apart(self, store: Store) -> None:
        keep(store, "/c/IMG_1.MP4", [track(1, RIGHT)], [bout(1, "rest", 0, 6), bout(1, "unknown", 6, 10)])
        paired = pair(labels(true("rest", 0, 10, "a"), boxes={"a": boxed(LEFT)}), ArchivePredictions(store))
        assert (paired.stray_tracks, paired.stray_s) == (1, 6)
        assert paired.predicted == ()

    def test_a_track_that_is_on_the_animal_for_less_than_half_is_not_its(self, store: Store) -> None:
        keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "rest", 0, 10)])
        t = np.arange(0, 10, 0.1)
        moving = Boxes(t, np.where((t < 4)[:, None], np.array(LEFT), np.array(RIGHT)))
        assert pair(labels(true("rest", 0, 10, "a"), boxes={"a": moving}), ArchivePredictions(store)).stray_tracks == 1
        moving = Boxes(t, np.where((t < 6)[:, None], np.array(LEFT), np.array(RIGHT)))
        assert pair(labels(true("rest", 0, 10, "a"), boxes={"a": moving}), ArchivePredictions(store)).stray_tracks == 0


class TestTime:
    def test_without_boxes_each_bout_meets_the_track_that_shares_most_time_with_it(self, store: Store) -> None:
        tracks = [track(1, LEFT, 0, 5), track(2, LEFT, 5, 10), track(3, RIGHT, 1, 2)]
        keep(
            store,
            "/c/IMG_1.MP4",
            tracks,
            [bout(1, "travel", 0, 5.5), bout(2, "rest", 5.5, 10), bout(3, "travel", 1, 2)],
        )
        scores = scored(labels(true("travel", 0, 5), true("rest", 5, 10)), store)
        assert scores.right.value == pytest.approx(0.95)
        assert scores.no_track_share == pytest.approx(0.05)

    def test_a_predicted_bout_over_two_true_ones_stays_whole(self, store: Store) -> None:
        keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 7), bout(1, "rest", 7, 10)])
        scores = scored(labels(true("travel", 0, 4), true("rest", 4, 10)), store)
        assert scores.end_error.median_s == pytest.approx(3)  # travel; the video cuts off the end of rest
        assert scores.end_error.bouts == 1

    def test_a_label_without_an_end_lasts_as_long_as_the_video(self, store: Store) -> None:
        keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 7)])
        scores = scored(labels(true("travel", 0, float("inf"))), store)
        assert (scores.seconds, scores.right.value) == pytest.approx((10, 0.7))

    def test_a_label_after_the_end_is_left_out_and_told(self, store: Store) -> None:
        keep(store, "/c/IMG_1.MP4", [], [])
        given = labels(true("travel", 0, 5), true("rest", 11, 12))
        found = evaluate(given, "here", ArchivePredictions(store))
        assert found.left_out == {"label after the video's end: IMG_1": 1}
        assert found.scores.no_track_share == 1

    def test_labels_of_nothing_that_was_analysed_say_so(self, store: Store) -> None:
        with pytest.raises(ConfigError, match=r"no label in here can be compared .*video not analysed: IMG_1 \(1\)"):
            scored(labels(true("travel", 0, 5)), store)

    def test_boxes_of_labels_need_boxes_of_tracks(self, tmp_path: Path) -> None:
        path = tmp_path / "bouts.csv"
        path.write_text("file,track,behaviour,start_s,end_s\nIMG_1,1,rest,0,10\nIMG_1,2,travel,0,4\n")
        given = labels(true("rest", 0, 10, "a"), boxes={"a": boxed(LEFT)})
        found = evaluate(given, "here", TablePredictions(path))
        assert found.scores.right.value == 1
        assert "where labels or predictions have no boxes" in found.notes[0]


def test_the_place_of_an_archives_video_is_its_location_and_its_camera_is_its_deployment(store: Store) -> None:
    keep(store, "/data/river/IMG_1.MP4", [], [], site=site("river"))
    (video,) = analysed_videos(store)
    assert (video.place, video.conditions.camera, video.seconds) == ("river", "river-2026", 10)


def test_labels_that_contradict_each_other_are_told_since_either_counts_as_right(store: Store) -> None:
    keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)])
    two_people = labels(true("travel", 0, 6), true("rest", 2, 10), true("unknown", 0, 10))
    found = evaluate(two_people, "here", ArchivePredictions(store))
    assert found.scores.right.value == 0.6
    assert found.notes[0].startswith("in 4.0 s labels name different behaviours of one subject at once")
    agreed = labels(true("travel", 0, 6), true("travel", 2, 10))
    assert not any("different behaviours" in note for note in evaluate(agreed, "", ArchivePredictions(store)).notes)


def test_light_is_what_the_analysis_saw_where_labels_do_not_tell(store: Store) -> None:
    keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)], infrared=True)
    keep(store, "/c/IMG_2.MP4", [track(1, LEFT)], [bout(1, "rest", 0, 10)], "cd" * 32, infrared=False)
    keep(store, "/c/IMG_3.MP4", [], [], "ef" * 32)
    assert [one.conditions.light for one in analysed_videos(store)] == ["infrared", "day", ""]
    both = merged([labels(true("travel", 0, 10)), labels(true("rest", 0, 10, video="IMG_2"))])
    by = evaluate(both, "here", ArchivePredictions(store)).by["light"]
    assert {light: scores.seconds for light, scores in by.items()} == {"day": 10.0, "infrared": 10.0}


def test_locations_whose_labels_the_network_learned_from_are_told_apart(store: Store) -> None:
    own, (river, ridge) = "12" * 32, (site(name) for name in ("river", "ridge"))
    keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)], site=river, network=own)
    keep(store, "/c/IMG_2.MP4", [track(1, LEFT)], [bout(1, "rest", 0, 10)], "cd" * 32, ridge, network=own)
    keep(store, "/c/IMG_3.MP4", [track(1, LEFT)], [bout(1, "rest", 0, 10)], "ef" * 32, river, network="34" * 32)
    people = {"learned": {"cameras": [camera_number("river")]}, "calibrated": {"cameras": []}}
    (store.archive / FOLDER).mkdir()
    (store.archive / FOLDER / "behaviour-20261101.json").write_text(json.dumps({"sha256": own, "people": people}))
    (store.archive / FOLDER / "behaviour-20261102.json").write_text("{")
    names = ("IMG_1", "IMG_2", "IMG_3")
    found = evaluate(
        merged([labels(true("travel", 0, 10, video=name)) for name in names]), "here", ArchivePredictions(store)
    )
    shares = {value: scores.right.value for value, scores in found.by["learned"].items()}
    assert shares == {"a location that it learned from": 1.0, "another location": 0.0}
    assert any("learned from labels of some of these locations" in fact for fact in facts(found))


class TestPeoplesWord:
    AT = datetime(2026, 3, 1, tzinfo=UTC)

    def scored(self, store: Store) -> Evaluation:
        said = ArchivePredictions(store)
        return evaluate(read_archive_labels(store, said), "archive", said)

    def test_the_machine_is_judged_by_what_people_said_of_its_bouts(self, store: Store) -> None:
        media = keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 6), bout(1, "rest", 6, 10)])
        label_found(store, f"{media}.1.1", Word("A", "travel"))
        label_found(store, f"{media}.1.2", Word("A", "vigilance"))
        found = self.scored(store)
        assert found.scores.right.value == pytest.approx(0.6)
        assert found.scores.subjects == 1
        assert found.scores.start_error.bouts == found.scores.end_error.bouts == 0
        assert "starts and ends are the machine's own" in found.notes[0]

    def test_the_newer_word_counts_and_a_withdrawn_one_does_not(self, store: Store) -> None:
        media = keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)])
        label_found(store, f"{media}.1.1", Word("A", "rest"), at=self.AT)
        label_found(store, f"{media}.1.1", Word("B", "travel"), at=self.AT + timedelta(days=1))
        last = label_found(store, f"{media}.1.1", Word("C", "play"), at=self.AT + timedelta(days=2))
        assert self.scored(store).scores.right.value == 0
        withdraw_label(store, last.label_id, who="C")
        assert self.scored(store).scores.right.value == 1

    def test_a_newer_word_on_a_part_takes_only_that_part(self, store: Store) -> None:
        media = keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)])
        add_label(store, media, 0, 10, Word("A", "rest"), box=LEFT, at=self.AT)
        add_label(store, media, 4, 7, Word("A", "travel"), box=LEFT, at=self.AT + timedelta(days=1))
        assert self.scored(store).scores.right.value == pytest.approx(0.3)

    def test_an_animal_that_the_machine_did_not_follow_is_missed(self, store: Store) -> None:
        media = keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)])
        add_label(store, media, 0, 10, Word("A", "travel"), box=RIGHT)
        assert self.scored(store).scores.no_track_share == 1

    def test_a_word_on_species_alone_says_nothing_of_behaviour(self, store: Store) -> None:
        media = keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)])
        label_found(store, f"{media}.1.1", Word("A", species="leopard"))
        with pytest.raises(ConfigError, match="there are none"):
            self.scored(store)

    def test_what_is_named_where_a_person_saw_nothing_is_wrong(self, store: Store) -> None:
        bouts = [bout(1, "travel", 0, 10), bout(2, "travel", 0, 10)]
        media = keep(store, "/c/IMG_1.MP4", [track(1, LEFT), track(2, RIGHT)], bouts)
        label_found(store, f"{media}.1.1", Word("A", "travel"))
        label_found(store, f"{media}.2", Word("A", species="blank"), at=self.AT)
        (travel,) = self.scored(store).scores.classes
        assert (travel.precision.value, travel.recall.value) == (pytest.approx(0.5, abs=0.01), 1.0)
        label_found(store, f"{media}.2", Word("B", species="leopard"), at=self.AT + timedelta(days=1))
        (travel,) = self.scored(store).scores.classes
        assert travel.precision.value == 1.0


class TestPredictionsInATable:
    def test_they_are_the_machines_words(self, tmp_path: Path) -> None:
        path = tmp_path / "bouts.csv"
        path.write_text(
            "bout,media,file,track,behaviour,start_s,end_s,probability,location,machine_behaviour\n"
            "m.2.1,m,/c/IMG_1.MP4,2,play,0,4,0.7,river,chase\n"
        )
        found = TablePredictions(path)
        (one,) = found.tracks("m")
        assert (one.number, one.bouts[0].behaviour, one.bouts[0].probability) == (2, "chase", 0.7)
        assert found.videos[0].conditions.camera == found.videos[0].place == "river"

    def table(self, path: Path, *videos: str) -> Path:
        rows = [f"{video},1,travel,0,10\n" for video in videos]
        path.write_text("".join(["file,track,behaviour,start_s,end_s\n", *rows]))
        return path

    @pytest.mark.parametrize("name", ["/c/LOC1/IMG_1.MP4", "LOC1/IMG_1.MP4", DIGEST[:16]])
    def test_an_animal_in_a_video_without_any_bout_is_missed(self, store: Store, tmp_path: Path, name: str) -> None:
        """LOC2's video was analysed and nothing found, so that no table of bouts can name it."""
        keep(store, "/c/LOC1/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)])
        keep(store, "/c/LOC2/IMG_1.MP4", [], [], "cd" * 32)
        said = TablePredictions(self.table(tmp_path / "bouts.csv", name), analysed_videos(store))
        both = [true("travel", 0, 10, video=f"LOC{number}/IMG_1.MP4") for number in (1, 2)]
        found = evaluate(merged([labels(one) for one in both]), "here", said)
        assert (found.scores.videos, found.scores.right.value, found.scores.no_track_share) == (2, 0.5, 0.5)
        assert "every other one that the archive has analysed counts as such" in found.notes[-1]

    def test_a_table_without_any_bout_misses_everything(self, store: Store, tmp_path: Path) -> None:
        keep(store, "/c/LOC1/IMG_1.MP4", [], [])
        said = TablePredictions(self.table(tmp_path / "bouts.csv"), analysed_videos(store))
        assert evaluate(labels(true("travel", 0, 10)), "here", said).scores.no_track_share == 1

    def test_without_an_archive_of_its_videos_it_says_that_misses_are_not_counted(
        self, store: Store, tmp_path: Path
    ) -> None:
        keep(store, "/other/IMG_9.MP4", [], [])
        path = self.table(tmp_path / "bouts.csv", "IMG_1")
        for analysed in ([], analysed_videos(store)):
            said = TablePredictions(path, analysed)
            assert [video.video for video in said.videos] == ["IMG_1"]
            assert "animals missed there do not count" in said.notes[0]

    def test_a_name_that_several_videos_of_the_archive_bear_is_refused(self, store: Store, tmp_path: Path) -> None:
        keep(store, "/c/LOC1/IMG_1.MP4", [], [])
        keep(store, "/c/LOC2/IMG_1.MP4", [], [], "cd" * 32)
        path = self.table(tmp_path / "bouts.csv", "IMG_1.MP4")
        with pytest.raises(ConfigError, match=r"bouts\.csv: the archive has several videos that IMG_1\.MP4 may mean"):
            TablePredictions(path, analysed_videos(store))

    @pytest.mark.parametrize("row", ["a,1,rest,0,x", "a,one,rest,0,1", ",1,rest,0,1", "a,1,,0,1"])
    def test_a_wrong_row_is_named(self, tmp_path: Path, row: str) -> None:
        path = tmp_path / "bouts.csv"
        path.write_text(f"file,track,behaviour,start_s,end_s\n{row}\n")
        with pytest.raises(ConfigError, match=r"bouts\.csv, line 2"):
            TablePredictions(path)


class TestCommand:
    def test_it_prints_the_tables_and_writes_a_report_with_plots(
        self, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        keep(store, "/c/LOC1/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 4), bout(1, "rest", 4, 10, 0.6)])
        other = "cd" * 32
        keep(store, "/c/LOC2/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)], other)
        table = tmp_path / "clips.csv"
        table.write_text(
            "file,start_s,end_s,light,behaviour\nLOC1/IMG_1.MP4,0,5,ir,travel\nLOC1/IMG_1.MP4,5,10,ir,rest\n"
            "LOC2/IMG_1.MP4,0,10,day,rest\nLOC2/IMG_1.MP4,0,10,day,dancing\n"
        )
        out = tmp_path / "out"
        command = ["evaluate", "behaviour", str(table), "--archive", str(store.archive), "--out", str(out)]
        assert status_of(command) == 0
        printed = capsys.readouterr().out
        assert "Compared: 2 videos, 2 subjects, 3 true bouts, 20.0 s." in printed
        assert "no behaviour of ours: dancing" in printed
        assert "compared with the track that shares most time with it" in printed
        assert all((out / name).read_bytes()[:4] == b"\x89PNG" for name in ("reliability.png", "risk-coverage.png"))
        text = (out / "behaviour.md").read_text()
        assert "## By light" in text
        assert "| infrared | 1 | 10.0 | 0.90 | 0.90 |" in text
        tree = json.loads((out / "behaviour.json").read_text())
        assert tree["scores"]["right"]["value"] == pytest.approx(9 / 20)
        assert tree["by"]["frame_rate"]["5 to 15 pictures/s"]["videos"] == 2
        assert status_of([*command, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == tree

    def test_a_table_of_predictions_is_completed_from_the_archive_where_that_is_there(
        self, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)])
        keep(store, "/c/IMG_2.MP4", [], [], "cd" * 32)
        Path("labels.csv").write_text("file,start_s,end_s,behaviour\nIMG_1,0,10,travel\nIMG_2,0,10,travel\n")
        Path("bouts.csv").write_text("file,behaviour,start_s,end_s\n/c/IMG_1.MP4,travel,0,10\n")
        command = ["evaluate", "behaviour", "labels.csv", "--predictions", "bouts.csv"]
        assert status_of([*command, "--archive", str(store.archive)]) == 0
        assert "without a track: 50.0%" in capsys.readouterr().out
        assert status_of(command) == 0
        printed = capsys.readouterr().out
        assert "Compared: 1 videos" in printed
        assert "animals missed there do not count" in printed
        assert status_of([*command, "--archive", "no-such-archive"]) != 0
        assert "no-such-archive holds no archive" in capsys.readouterr().err

    def test_what_people_said_of_the_archive_is_the_word_archive(
        self, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        media = keep(store, "/c/IMG_1.MP4", [track(1, LEFT)], [bout(1, "travel", 0, 10)])
        label_found(store, f"{media}.1.1", Word("A", "travel"))
        out = str(tmp_path / "out")
        assert status_of(["evaluate", "behaviour", "archive", "-a", str(store.archive), "--out", out]) == 0
        assert "Rightly named: 1.00 of the time" in capsys.readouterr().out

    @pytest.mark.parametrize("option", ["--predictions", "--mapping", "--vocabulary"])
    def test_what_people_said_goes_with_no_other_table(
        self, store: Store, option: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        command = ["evaluate", "behaviour", "archive", "-a", str(store.archive), option, "other"]
        assert status_of(command) == 2
        assert "go with a file of labels" in capsys.readouterr().err

    def test_labels_that_are_not_there_are_an_error_with_a_name(
        self, store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert status_of(["evaluate", "behaviour", "no.csv", "-a", str(store.archive)]) == 2
        assert "cannot read the labels no.csv" in capsys.readouterr().err


def test_a_report_can_be_made_of_labels_that_say_only_that_nobody_is_there(store: Store, tmp_path: Path) -> None:
    from models.evaluate.behaviour.report import write_report

    keep(store, "/c/IMG_1.MP4", [], [])
    found = evaluate(labels(true("empty", 0, 10)), "here", ArchivePredictions(store))
    for path in write_report(replace(found, notes=("a|b",)), tmp_path / "out"):
        assert path.stat().st_size > 0
