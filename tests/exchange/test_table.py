"""CSV tables: what a researcher opens in R or a spreadsheet."""

import csv
import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import StoreError
from pipeline.exchange.table import export_csv
from pipeline.individuals.animals import LifeStage
from pipeline.individuals.decisions import Traits
from pipeline.store.footage import each_footage, record_footage
from pipeline.store.identities import By, new, set_traits
from pipeline.store.labels import Word, add_label
from pipeline.store.ledger import record_files
from pipeline.store.open import open_store
from pipeline.store.result import AnalysisKey, AnalysisResult, FileSeen, NumberedBout, TrackSummary
from pipeline.store.results import save_analysis
from pipeline.values import (
    Bout,
    CaptureTime,
    Clip,
    ClipQuality,
    DecodeReport,
    Deployment,
    Footage,
    Indicator,
    Kind,
    VideoInfo,
)

SHA = hashlib.sha256(b"a video").hexdigest()
MEDIA = SHA[:16]


@pytest.fixture
def store(tmp_path):
    """One analysed video with one bout, its clip, an indicator and a person's word; one broken file."""
    store = open_store(tmp_path / "archive")
    record_files(store, [FileSeen(Path("/card/Бобр, 1.mp4"), 10, 1, SHA)])
    # Moscow left daylight saving time at 2014-10-26 02:00; the bout begins after the change, the video before it.
    clock = datetime.fromisoformat("2014-10-26T01:59:58")
    time = CaptureTime(datetime(2014, 10, 25, 21, 59, 58, tzinfo=UTC), clock, "EXIF", "Europe/Moscow", 0)
    place = Deployment("d", "river", 43.1, 131.5, None, None, "Europe/Moscow")
    clip = Clip(Path("clips/1.mp4"), Path("clips/1.jpg"), 2.0, 9.0, ClipQuality(0.3, 0.5, 1.0))
    result = AnalysisResult(
        footage=Footage(Path("/card/Бобр, 1.mp4"), MEDIA, 10, place, time, ("a note", "another")),
        key=AnalysisKey("1.0", {"detector": "aa", "species": "bb"}, "cc"),
        info=VideoInfo("avi", "mjpeg", 640, 480, None, None, 15.0),
        report=DecodeReport(150, 10.0, 0, 0.1),
        tracks=(
            TrackSummary(
                1, Kind.ANIMAL, 0.9, "leopard", 0.8, {}, 0.0, 9.0, 135, 0.5, 0.4, ((0.0, 0.1, 0.1, 0.4, 0.4),)
            ),
        ),
        bouts=(NumberedBout(Bout(1, "play", 4.0, 7.0, 0.6, False, True, 'rolls, "kicks"'), 1, clip),),
        indicators=(Indicator(1, "speed", "body lengths/s", None, 0.0, "it never travelled"),),
        seconds=1.0,
    )
    save_analysis(store, result)
    word = Word("anna", behaviour="scent-mark", note="two\nlines")
    add_label(store, MEDIA, 4, 7, word, box=(0.1, 0.1, 0.4, 0.4), at=datetime(2026, 1, 1, tzinfo=UTC))
    cub = Traits(stage=LifeStage.CUB, stage_from=date(2014, 9, 1), tags=("kinked tail", "wound"))
    new(store, By("anna"), track_id=f"{MEDIA}.1", code="Leo 45F", traits=cub)
    return store


def table(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_seven_tables_are_written(store, tmp_path):
    written = export_csv(store, tmp_path / "out")
    names = ["media", "tracks", "bouts", "labels", "indicators", "individuals", "sightings"]
    assert [path.name for path in written] == [f"{name}.csv" for name in names]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in written)
    assert [len(table(path)) for path in written] == [1] * 7


def test_a_bout_has_both_words_apart_and_times_with_the_offset_of_its_moment(store, tmp_path):
    export_csv(store, tmp_path)
    (bout,) = table(tmp_path / "bouts.csv")
    assert (bout["behaviour"], bout["machine_behaviour"], bout["human_behaviour"]) == (
        "scent-mark",
        "play",
        "scent-mark",
    )
    assert (bout["censored_start"], bout["censored_end"], bout["evidence"]) == ("false", "true", 'rolls, "kicks"')
    assert bout["captured_at"] == "2014-10-26T01:59:58+04:00"
    assert datetime.fromisoformat(bout["start_at"]) == datetime(2014, 10, 25, 22, 0, 2, tzinfo=UTC)
    assert (bout["file"], bout["clip"], bout["poster"]) == ("/card/Бобр, 1.mp4", "clips/1.mp4", "clips/1.jpg")


def test_a_video_has_what_was_declared_and_decoded_and_by_what_it_was_analysed(store, tmp_path):
    export_csv(store, tmp_path)
    (video,) = table(tmp_path / "media.csv")
    assert (video["declared_frames"], video["decoded_frames"], video["state"]) == ("", "150", "analysed")
    assert (video["models"], video["time_notes"]) == ("detector aa; species bb", "a note | another")


def test_a_label_has_its_box_in_four_columns(store, tmp_path):
    export_csv(store, tmp_path)
    (label,) = table(tmp_path / "labels.csv")
    assert [float(label[name]) for name in "xywh"] == [0.1, 0.1, 0.4, 0.4]
    assert (label["who"], label["note"], label["at"]) == ("anna", "two\nlines", "2026-01-01T00:00:00+00:00")


def test_an_indicator_has_a_value_or_the_reason_why_not(store, tmp_path):
    export_csv(store, tmp_path)
    (indicator,) = table(tmp_path / "indicators.csv")
    assert (indicator["value"], indicator["not_assessable"]) == ("", "it never travelled")
    assert (indicator["media"], indicator["track"], indicator["location"]) == (MEDIA, "1", "river")


def test_a_cub_is_a_juvenile_and_an_adolescent_a_subadult_in_exports(store, tmp_path):
    export_csv(store, tmp_path)
    (sighting,), (animal,) = table(tmp_path / "sightings.csv"), table(tmp_path / "individuals.csv")
    assert (sighting["individual"], sighting["sex"], sighting["stage"]) == ("Leo 45F", "female", "juvenile")
    assert (sighting["tracks"], sighting["captured_at"]) == (f"{MEDIA}.1", "2014-10-26T01:59:58+04:00")
    assert (animal["code"], animal["stage"], animal["tags"]) == ("Leo 45F", "juvenile", "kinked tail | wound")
    grown = Traits(stage=LifeStage.ADOLESCENT, stage_from=date(2014, 10, 20))
    set_traits(store, "Leo 45F", grown, By("anna"))
    export_csv(store, tmp_path)
    assert {table(tmp_path / f"{name}.csv")[0]["stage"] for name in ("sightings", "individuals")} == {"subadult"}


def test_times_of_filming_have_one_form_though_animals_come_into_view_between_seconds(store, tmp_path):
    (known,) = each_footage(store)
    late = replace(known.captured, at=known.captured.at + timedelta(seconds=0.5), clock_shift_s=0.5)
    record_footage(store, [replace(known, captured=late)])
    export_csv(store, tmp_path)
    moment = "2014-10-26T01:59:58+04:00"
    for name in ("media", "tracks", "bouts", "indicators", "sightings"):
        assert table(tmp_path / f"{name}.csv")[0]["captured_at"] == moment, name
    (animal,) = table(tmp_path / "individuals.csv")
    assert (animal["first_seen"], animal["last_seen"]) == (moment, moment)


def test_every_column_is_documented(store, tmp_path):
    told = set(re.findall(r"`(\w+)`", (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")))
    for path in export_csv(store, tmp_path):
        assert set(pl.read_csv(path).columns) - told == set(), path.name


def test_common_tools_read_the_tables(store, tmp_path):
    for path in export_csv(store, tmp_path):
        assert pl.read_csv(path).height == 1


def test_exporting_again_gives_the_same_bytes(store, tmp_path):
    first, second = ([path.read_bytes() for path in export_csv(store, tmp_path)] for _ in range(2))
    assert first == second


def test_an_empty_archive_gives_headers(tmp_path):
    for path in export_csv(open_store(tmp_path / "empty"), tmp_path / "out"):
        assert table(path) == []
        assert path.read_text().startswith(("media,", "bout,", "label_id,", "code,", "sighting,"))


def test_a_folder_that_cannot_be_written_is_named(store, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot write the tables to .*file"):
        export_csv(store, tmp_path / "file")


def test_what_a_spreadsheet_would_run_is_text(store, tmp_path):
    set_traits(store, "Leo 45F", Traits(names=("=HYPERLINK(1)",)), By("anna"))
    add_label(store, MEDIA, 4, 7, Word("=cmd", "rest", note="+1"), at=datetime(2026, 1, 2, tzinfo=UTC))
    export_csv(store, tmp_path)
    (label,) = (row for row in table(tmp_path / "labels.csv") if row["behaviour"] == "rest")
    assert (label["who"], label["note"], label["start_s"]) == ("'=cmd", "'+1", "4.0")
    (animal,) = table(tmp_path / "individuals.csv")
    assert animal["names"] == "'=HYPERLINK(1)"
