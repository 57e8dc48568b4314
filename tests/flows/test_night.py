"""One night over three of the clips that ship, as Prefect runs it and as a user sees it."""

import csv
import hashlib
import io
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from pipeline.store.boxes import read_boxes
from pipeline.store.contents import contents
from pipeline.store.open import open_store
from tests.flows.conftest import Demo, Ended, Ethotrap


def test_the_run_is_whole_and_says_what_it_found(demo: Demo) -> None:
    assert demo.run.status == 0, demo.run.err
    (report,) = (demo.archive / "reports").glob("*.json")
    counts = json.loads(report.read_text())["counts"]
    assert (counts["seen"], counts["analysed"], counts["blank"], counts["failed"]) == (3, 2, 1, 0)
    assert counts["animals"] == 2
    assert "animal tracks | 2" in report.with_suffix(".md").read_text()
    assert report.with_suffix(".md").name in demo.run.out.replace("\n", "")


def test_prefect_keeps_the_report_as_an_artifact(demo: Demo) -> None:
    with closing(sqlite3.connect(demo.archive / "prefect" / "prefect.db")) as database:
        rows = database.execute("SELECT data FROM artifact WHERE key = 'nightly-report'").fetchall()
        states = database.execute("SELECT state_type FROM flow_run").fetchall()
    assert len(rows) == 1
    assert "animal tracks" in rows[0][0]
    assert states == [("COMPLETED",)]


def test_nothing_is_left_running(demo: Demo) -> None:
    mine = [p for p in psutil.process_iter(["cmdline"]) if str(demo.archive) in " ".join(p.info["cmdline"] or [])]
    assert mine == []
    with closing(sqlite3.connect(demo.archive / "prefect" / "prefect.db")) as database:
        assert database.execute("SELECT count(*) FROM flow_run WHERE state_type = 'RUNNING'").fetchone() == (0,)


def test_bouts_as_json_have_the_documented_keys(demo: Demo, ethotrap: Ethotrap) -> None:
    bouts = ethotrap("bouts", "--archive", demo.archive, "--json").json()
    documented = {"bout", "media", "file", "track", "species", "behaviour", "start_s", "end_s", "probability"}
    assert bouts
    for bout in bouts:
        assert documented | {"location", "captured_at"} <= bout.keys()
        assert 0 <= bout["start_s"] < bout["end_s"]
        assert 0 <= bout["probability"] <= 1
        assert Path(bout["file"]).is_file()
        assert Path(bout["clip"]).is_file()
        assert Path(bout["poster"]).is_file()
    assert {(bout["location"], bout["captured_at"]) for bout in bouts} == {
        ("LOC01", "2025-06-14T05:42:18+10:00"),
        ("LOC04", "2025-06-15T13:36:47+10:00"),
    }


def test_the_walker_travels_and_who_lies_there_rests_first(demo: Demo, ethotrap: Ethotrap) -> None:
    bouts = ethotrap("bouts", "--archive", demo.archive, "--json").json()
    walker = [b["behaviour"] for b in bouts if b["location"] == "LOC01"]
    resting = [b for b in bouts if b["location"] == "LOC04"]
    assert walker == ["travel"]
    assert [b["behaviour"] for b in resting] == ["rest", "travel"]  # it lies on its side, gets up and leaves
    assert resting[-1]["censored_end"]


def test_csv_holds_the_same_bouts_as_json(demo: Demo, ethotrap: Ethotrap) -> None:
    rows = list(csv.DictReader(io.StringIO(ethotrap("bouts", "--archive", demo.archive, "--csv").out)))
    bouts = ethotrap("bouts", "--archive", demo.archive, "--json").json()
    assert [row["bout"] for row in rows] == [bout["bout"] for bout in bouts]


def test_filters_narrow_the_list(demo: Demo, ethotrap: Ethotrap) -> None:
    def listed(*filters: str) -> list[str]:
        return [b["bout"] for b in ethotrap("bouts", "--archive", demo.archive, "--json", *filters).json()]

    everything = listed()
    travel = listed("--behaviour", "travel")
    assert set(travel) < set(everything)
    assert listed("--since", "2025-06-15") == [b for b in everything if b not in listed("--until", "2025-06-15")]
    assert listed("--location", "LOC02") == []
    assert listed("--min-probability", "1.0") == []
    assert len(listed("--limit", "1")) == 1


def test_status_counts_every_video(demo: Demo, ethotrap: Ethotrap) -> None:
    status = ethotrap("status", "--archive", demo.archive, "--json").json()
    assert status["videos"] == {"pending": 0, "analysed": 2, "blank": 1, "failed": 0}
    assert status["failed"] == []
    assert status["people_or_vehicles"] == []


def test_tracks_have_a_box_for_every_frame(demo: Demo, ethotrap: Ethotrap) -> None:
    tracks = ethotrap("tracks", "--archive", demo.archive, "--json").json()
    assert len(tracks) == 2
    for track in tracks:
        assert {"media", "file", "track", "species", "start_s", "end_s", "seen_share"} <= track.keys()
        assert track["kind"] == "animal"
        (parquet,) = demo.archive.glob(f"media/*/{track['media']}/*/boxes.parquet")
        frames = read_boxes(parquet)["frame"].to_list()
        assert frames == list(range(frames[0], frames[-1] + 1))


def test_health_says_what_could_not_be_assessed(demo: Demo, ethotrap: Ethotrap) -> None:
    sightings = ethotrap("health", "indicators", "--archive", demo.archive, "--json").json()
    assert len(sightings) == 2
    for sighting in sightings:
        assert {one["name"] for one in sighting["indicators"]} >= {"travel_speed", "gait_asymmetry", "visible_time"}
        for one in sighting["indicators"]:
            assert (one["value"] is None) == bool(one["not_assessable"])
            assert one["infrared"] is not None


def test_a_second_run_changes_nothing(demo: Demo, ethotrap: Ethotrap, three: Path) -> None:
    before = contents(open_store(demo.archive, read_only=True)), digests(demo.archive)
    again = ethotrap("analyse", three, "--archive", demo.archive, "--deployments", three / "deployments.csv")
    assert again.status == 0
    assert (contents(open_store(demo.archive, read_only=True)), digests(demo.archive)) == before


def test_a_corrected_deployments_table_puts_known_videos_right_and_names_anew_before_a_marked_tree(
    demo: Demo, ethotrap: Ethotrap, three: Path, tmp_path: Path
) -> None:
    archive, table = tmp_path / "archive", tmp_path / "corrected.csv"
    shutil.copytree(demo.archive, archive, ignore=shutil.ignore_patterns("prefect"))
    text = (three / "deployments.csv").read_text().replace("Vladivostok,0,", "Vladivostok,3600,an hour slow")
    lines = [line.replace("none,,", "none,markingTree:true,") if "LOC01" in line else line for line in text.split("\n")]
    table.write_text("\n".join(lines))
    command = ("analyse", three, "--archive", archive, "--deployments", table)
    again = ethotrap(*command, "--json")
    assert again.status == 0, again.err
    counts = again.json()["counts"]
    assert (counts["known"], counts["placed_anew"], counts["analysed"]) == (2, 3, 1)
    assert "their time or deployment corrected by the table | 3 |" in Path(again.json()["report"]).read_text()
    bouts = ethotrap("bouts", "--archive", archive, "--json").json()
    assert {(bout["location"], bout["captured_at"]) for bout in bouts} == {
        ("LOC01", "2025-06-14T06:42:18+10:00"),
        ("LOC04", "2025-06-15T14:36:47+10:00"),
    }
    done = ethotrap(*command, "--json").json()["counts"]
    assert (done["known"], done["placed_anew"], done["analysed"]) == (3, 0, 0)


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(ethotrap: Ethotrap, three: Path, tmp_path: Path) -> None:
    dry = ethotrap("run", three, "--archive", tmp_path / "archive", "--dry-run", "--json")
    assert dry.status == 0
    assert len(dry.json()["pending"]) == 3
    assert not (tmp_path / "archive").exists()


def test_export_writes_a_table_of_each_kind(demo: Demo, ethotrap: Ethotrap, tmp_path: Path) -> None:
    assert ethotrap("export", "csv", "--out", tmp_path, "--archive", demo.archive).status == 0
    assert {path.name for path in tmp_path.iterdir()} >= {"media.csv", "tracks.csv", "bouts.csv", "labels.csv"}


def test_the_press_gets_a_film(demo: Demo, ethotrap: Ethotrap, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    made = ethotrap("reel", "--behaviour", "travel", "--out", film, "--archive", demo.archive)
    assert made.status == 0, made.err
    assert film.stat().st_size > 10_000
    refused = ethotrap("reel", "--behaviour", "travel", "--out", film, "--archive", demo.archive)
    assert refused.status == 2
    assert "exists already" in refused.err
    none = ethotrap("reel", "--behaviour", "play", "--out", tmp_path / "none.mp4", "--archive", demo.archive)
    assert none.status == 2
    assert "no clip fits" in none.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bouts", "--since", "yesterday"], "neither a day nor a time"),
        (["bouts", "--since", "0001-01-01"], "'0001-01-01' lies outside of the calendar"),
        (["show", "nothing.1.1"], "no bout 'nothing.1.1'"),
        (["label", "nothing.1.1", "--behaviour", "dance"], "no behaviour 'dance'"),
        (["models", "pull", "nothing"], "no model is called 'nothing'"),
        (["analyse", "/nowhere"], "/nowhere"),
        (["dance"], "Unknown command"),
        (["bouts", "--colour", "red"], "Unknown option"),
    ],
)
def test_wrong_usage_is_told_in_words_with_status_2(
    demo: Demo, ethotrap: Ethotrap, arguments: list[str], words: str
) -> None:
    ended: Ended = ethotrap(*arguments, env={"ETHOTRAP_ARCHIVE": str(demo.archive)})
    assert ended.status == 2
    assert words in ended.err + ended.out
    assert "Traceback" not in ended.err


def digests(archive: Path) -> dict[str, str]:
    files = [path for path in (archive / "media").rglob("*") if path.is_file()]
    return {str(path.relative_to(archive)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
