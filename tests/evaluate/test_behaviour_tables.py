"""Labels are read from tables of ours and of BORIS, and what cannot be used is told."""

from pathlib import Path

import pytest

from models.evaluate.behaviour.labels import Labels
from models.evaluate.behaviour.labels_csv import read_table
from models.evaluate.behaviour.mapping import Translator
from models.evaluate.behaviour.reading import read_labels
from models.evaluate.behaviour.values import EMPTY
from pipeline.errors import ConfigError
from tests.evaluate.labels import written


def bouts_of(labels: Labels) -> list[tuple[str, str, tuple[str, ...], float, float]]:
    return [(b.video, b.subject, b.behaviours, b.start_s, b.end_s) for v in labels.videos for b in v.bouts]


class TestOwnTables:
    def test_bouts_with_times_light_and_two_right_answers(self, tmp_path: Path, translator: Translator) -> None:
        text = (
            "file,start_s,end_s,species,light,behaviour,note\n"
            "a.mp4,0.0,8.5,cat,ir,vigilance,sits\n"
            "a.mp4,8.5,9.7,cat,ir,investigate|groom,\n"
            "a.mp4,10,15,,ir,empty,\n"
        )
        labels = read_labels(written(tmp_path / "clips.csv", text), translator)
        assert bouts_of(labels) == [
            ("a.mp4", "", ("vigilance",), 0, 8.5),
            ("a.mp4", "", ("investigate", "groom"), 8.5, 9.7),
            ("a.mp4", "", (EMPTY,), 10, 15),
        ]
        assert [bout.censored_start for bout in labels.videos[0].bouts] == [True, False, False]
        assert labels.videos[0].conditions.light == "infrared"

    def test_labels_without_times_hold_for_the_whole_video(self, tmp_path: Path, translator: Translator) -> None:
        labels = read_labels(written(tmp_path / "labels.csv", "file,behaviour\nx.gif,Auto-Groom\n"), translator)
        assert bouts_of(labels) == [("x.gif", "", ("groom",), 0, float("inf"))]
        assert labels.notes == ("the labels have no columns 'start_s' and 'end_s', so each holds for its whole video",)

    @pytest.mark.parametrize(
        ("columns", "note"),
        [
            ("start_s", "the labels have no column 'end_s', so each lasts until its video ends"),
            ("end_s", "the labels have no column 'start_s', so each lasts from its video's start on"),
        ],
    )
    def test_one_column_of_times_that_lacks_is_told(
        self, tmp_path: Path, translator: Translator, columns: str, note: str
    ) -> None:
        labels = read_labels(written(tmp_path / "l.csv", f"file,{columns},behaviour\nx,2,rest\n"), translator)
        assert labels.notes == (note,)

    @pytest.mark.parametrize(
        ("columns", "meant"),
        [
            ("start,end", "rename 'start', 'end',"),
            ("Start (s),Stop (s)", "rename 'start \\(s\\)', 'stop \\(s\\)',"),
            ("start_s,end", "rename 'end',"),
            ("Begin frame,end_s", "rename 'begin frame',"),
        ],
    )
    def test_times_in_columns_of_other_names_are_not_taken_for_none(
        self, tmp_path: Path, translator: Translator, columns: str, meant: str
    ) -> None:
        path = written(tmp_path / "l.csv", f"file,{columns},behaviour\na,0,2,travel\na,2,5,rest\n")
        with pytest.raises(ConfigError, match=rf"l\.csv has the columns file, .*'start_s' and 'end_s'.*{meant}"):
            read_labels(path, translator)

    def test_columns_that_only_look_like_times_are_passed_over(self, tmp_path: Path, translator: Translator) -> None:
        text = "file,endangered,time,start_s,end_s,censored_start,end_note,behaviour\na,no,5:00,1,2,yes,,rest\n"
        labels = read_labels(written(tmp_path / "l.csv", text), translator)
        assert bouts_of(labels) == [("a", "", ("rest",), 1, 2)]
        assert labels.notes == ()

    def test_what_happens_at_once_has_no_edges_that_could_be_missed(
        self, tmp_path: Path, translator: Translator
    ) -> None:
        text = "file,start_s,end_s,behaviour\na,2,2,spray\na,3,5,travel\n"
        (video,) = read_labels(written(tmp_path / "labels.csv", text), translator).videos
        assert [(b.start_s, b.end_s, b.censored_start, b.censored_end) for b in video.bouts] == [
            (1.5, 2.5, True, True),
            (3, 5, False, False),
        ]

    def test_what_has_no_meaning_is_counted_and_not_dropped_in_silence(
        self, tmp_path: Path, translator: Translator
    ) -> None:
        text = "file,behaviour\nx,Infant-Carrying\ny,dancing\nz,dancing\nw,feed|dancing\nv,\nu,feed\n"
        labels = read_labels(written(tmp_path / "labels.csv", text), translator)
        assert len(bouts_of(labels)) == 1
        assert labels.left_out == {
            "no behaviour given": 1,
            "no behaviour of ours: Infant-Carrying": 1,
            "no behaviour of ours: dancing": 2,
            "no behaviour of ours: feed|dancing": 1,
        }

    def test_what_was_withdrawn_from_an_archive_counts_no_more(self, tmp_path: Path, translator: Translator) -> None:
        text = "media,behaviour,withdrawn_at\nx,feed,2026-11-28T19:19:22+00:00\nx,rest,\n"
        labels = read_labels(written(tmp_path / "labels.csv", text), translator)
        (video,) = labels.videos
        assert [bout.behaviours for bout in video.bouts] == [("rest",)]
        assert labels.left_out == {"label that was withdrawn": 1}

    def test_the_video_beside_the_labels_is_found(self, tmp_path: Path, translator: Translator) -> None:
        written(tmp_path / "x.mp4", "")
        labels = read_labels(written(tmp_path / "l.csv", "file,behaviour\nx.mp4,rest\ny.mp4,rest\n"), translator)
        assert [video.beside for video in labels.videos] == [tmp_path / "x.mp4", None]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "are empty"),
            ("clip,what\n", "no columns 'file' and 'behaviour'; it has clip, what"),
            ("file,behaviour,start_s\na,rest,soon\n", "line 2: start_s is 'soon'"),
            ("file,behaviour,start_s,end_s\na,rest,5,4\n", "line 2: it ends at 4.0 s, before it starts at 5.0 s"),
            ("file,behaviour,end_s\na,rest,-4\n", "line 2: it ends at -4.0 s, before it starts at 0.0 s"),
            ("file,behaviour,start_s,end_s\na,rest,0,1\na,rest,-3,5\n", "line 3: it starts at -3.0 s; times are sec"),
            ("file,behaviour,start_s\na,rest,inf\n", "line 2: it starts at inf s"),
            ("file,behaviour\n,rest\n", "line 2: no file is named"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_line(
        self, tmp_path: Path, translator: Translator, text: str, message: str
    ) -> None:
        with pytest.raises(ConfigError, match=message):
            read_labels(written(tmp_path / "labels.csv", text), translator)

    def test_a_file_that_is_not_there_or_no_text(self, tmp_path: Path, translator: Translator) -> None:
        with pytest.raises(ConfigError, match=r"cannot read the labels .*no\.csv"):
            read_labels(tmp_path / "no.csv", translator)
        (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(ConfigError, match=r"bad\.csv are no text in UTF-8"):
            read_labels(tmp_path / "bad.csv", translator)


class TestBoris:
    """Header rows as BORIS 7 and 8 write them."""

    SEVEN = (
        "Observation id,Observation date,Description,Media file,Total length,FPS,Subject,Behavior,"
        "Behavioral category,Modifiers,Behavior type,Start (s),Stop (s),Duration (s),Comment start,Comment stop"
    )
    EIGHT = (
        "Observation id,Observation date,Description,Observation type,Source,Time offset (s),Coding duration,"
        "Media duration (s),FPS (frame/s),Subject,Observation duration by subject by observation,Behavior,"
        "Behavioral category,Behavior type,Start (s),Stop (s),Duration (s),Media file name,Image index start,"
        "Image index stop,Image file path start,Image file path stop,Comment start,Comment stop"
    )

    def test_version_seven(self, tmp_path: Path, translator: Translator) -> None:
        rows = (
            "o1,2026-03-01 10:00:00,,C:\\cards\\LOC1\\IMG_1.MP4,20.0,30.0,Leo 45F,travel,,,STATE,1.5,4.0,2.5,,\n"
            "o1,2026-03-01 10:00:00,,C:\\cards\\LOC1\\IMG_1.MP4,20.0,30.0,No focal subject,spray,,,POINT,6.0,6.0,NA,,\n"
        )
        labels = read_labels(written(tmp_path / "b.csv", f"{self.SEVEN}\n{rows}"), translator)
        video = "C:\\cards\\LOC1\\IMG_1.MP4"
        assert bouts_of(labels) == [
            (video, "Leo 45F", ("travel",), 1.5, 4.0),
            (video, "", ("spray",), 5.5, 6.5),  # what happens at once is given a second
        ]
        cut_off = [(bout.censored_start, bout.censored_end) for bout in labels.videos[0].bouts]
        assert cut_off == [(False, False), (True, True)]  # whose edges are nobody's word

    def test_version_eight_with_tabs(self, tmp_path: Path, translator: Translator) -> None:
        row = ["o1", "2026", "", "Media file(s)", "player #1:IMG_1.MP4", "0.0", "20", "20.0", "30.0", "b", "20"]
        rest = ["Head_Up", "", "STATE", "0.0", "2.0", "2.0", "LOC1/IMG_1.MP4", "0", "60", "", "", "", ""]
        text = "\n".join(["\t".join(self.EIGHT.split(",")), "\t".join(row + rest)])
        labels = read_labels(written(tmp_path / "b.tsv", text), translator)
        assert bouts_of(labels) == [("LOC1/IMG_1.MP4", "b", ("vigilance",), 0, 2)]

    def test_an_early_version_eight_names_its_video_only_as_a_source(
        self, tmp_path: Path, translator: Translator
    ) -> None:
        head = "Observation id,Source,Subject,Behavior,Behavior type,Start (s),Stop (s)"
        rows = "o,player #1:c/a.mp4,,travel,STATE,1,2\no,player #1:a.mp4|player #2:b.mp4,,travel,STATE,1,2\n"
        labels = read_labels(written(tmp_path / "b.csv", f"{head}\n{rows}"), translator)
        assert [video.name for video in labels.videos] == ["c/a.mp4"]
        assert labels.left_out == {"BORIS observation of several videos, whose times run on": 1}

    def test_what_has_no_sure_time_in_one_video_is_left_out_and_told(
        self, tmp_path: Path, translator: Translator
    ) -> None:
        head = "Observation id,Media file,Time offset (s),Subject,Behavior,Behavior type,Start (s),Stop (s)"
        rows = "o,a.mp4;b.mp4,0,,travel,STATE,1,2\no,a.mp4,12,,travel,STATE,1,2\no,a.mp4,0,,sneeze,POINT,1,\n"
        labels = read_labels(written(tmp_path / "b.csv", f"{head}\n{rows}"), translator)
        assert labels.videos == ()
        assert labels.left_out == {
            "BORIS observation of several videos, whose times run on": 1,
            "BORIS observation with a time offset": 1,
            "no behaviour of ours: sneeze": 1,
        }

    @pytest.mark.parametrize(
        ("times", "message"),
        [
            ("-3,5", r"b\.csv, line 2: it starts at -3\.0 s"),
            ("5,4", r"b\.csv, line 2: it ends at 4\.0 s, before it starts at 5\.0 s"),
        ],
    )
    def test_times_that_cannot_be_are_named_with_their_line(
        self, tmp_path: Path, translator: Translator, times: str, message: str
    ) -> None:
        text = f"Observation id,Media file,Subject,Behavior,Start (s),Stop (s)\no,a.mp4,,travel,{times}\n"
        with pytest.raises(ConfigError, match=message):
            read_labels(written(tmp_path / "b.csv", text), translator)

    def test_another_export_of_boris_says_which_is_wanted(self, tmp_path: Path, translator: Translator) -> None:
        text = "Observation id,Media file path,Subject,Behavior,Time,Status\no,a.mp4,,travel,1.0,START\n"
        with pytest.raises(ConfigError, match="Aggregated events"):
            read_labels(written(tmp_path / "b.csv", text), translator)

    def test_decimal_commas_between_semicolons(self, tmp_path: Path) -> None:
        table = read_table(written(tmp_path / "b.csv", "\ufeffObservation id;Start (s)\no;1,5\n"))
        assert table.columns == ("observation id", "start (s)")
        assert table.rows[0][1]["start (s)"] == "1,5"
