from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.footage.clock import choose_capture_time, parse_zone, refused_in, to_utc
from pipeline.footage.stamps import Candidate
from pipeline.footage.tags import candidates

Filming = Callable[..., Path]
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONES = st.sampled_from(["Asia/Vladivostok", "Europe/Amsterdam", "America/St_Johns", "+10:00", "-03:30", "UTC"])


def clock(text: str) -> datetime:
    return datetime.fromisoformat(text)


def said(text: str, tag: str = "tag", offset_h: float | None = None) -> Candidate:
    return Candidate(tag, text, clock(text), None if offset_h is None else timedelta(hours=offset_h))


@pytest.mark.parametrize(
    ("camera", "utc"),
    [
        ("2010-07-01 12:00", "2010-07-01 01:00+00:00"),  # summer time, UTC+11
        ("2011-01-15 12:00", "2011-01-15 02:00+00:00"),  # the last winter at UTC+10
        ("2012-01-15 12:00", "2012-01-15 01:00+00:00"),  # UTC+11 all year from March 2011
        ("2014-10-25 12:00", "2014-10-25 01:00+00:00"),
        ("2014-10-27 12:00", "2014-10-27 02:00+00:00"),  # UTC+10 for good
        ("2024-07-01 12:00", "2024-07-01 02:00+00:00"),
    ],
)
def test_vladivostoks_changes_of_law_are_known(camera: str, utc: str) -> None:
    captured, notes = choose_capture_time([said(camera)], "Asia/Vladivostok", 0, NOW)
    assert captured is not None
    assert captured.at == datetime.fromisoformat(utc)
    assert (captured.camera_clock, captured.tag, captured.zone, notes) == (clock(camera), "tag", "Asia/Vladivostok", ())


@pytest.mark.parametrize(("other", "told"), [("12:04", False), ("12:06", True), ("11:54", True)])
def test_tags_that_differ_by_more_than_a_clip_lasts_are_told(other: str, told: bool) -> None:
    found = [said("2024-07-01 12:00", "first"), said(f"2024-07-01 {other}", "second")]
    captured, notes = choose_capture_time(found, "Asia/Vladivostok", 0, NOW)
    assert captured is not None
    assert captured.tag == "first"
    assert bool(notes) is told


@given(st.datetimes(clock("2002-01-01"), clock("2025-01-01")), ZONES, st.floats(-1e7, 1e7))
def test_clock_zone_and_shift_give_the_moment_and_the_moment_gives_the_clock(
    wall: datetime, zone: str, shift: float
) -> None:
    captured, notes = choose_capture_time([Candidate("tag", str(wall), wall)], zone, shift, NOW)
    assert captured is not None
    assert (captured.camera_clock, captured.clock_shift_s) == (wall, shift)
    back = captured.at.astimezone(parse_zone(zone)).replace(tzinfo=None) - timedelta(seconds=shift)
    assert back == wall or any("never came" in note for note in notes)


@given(st.lists(st.datetimes(), max_size=3), ZONES, st.one_of(st.just(0.0), st.floats(-3.2e9, 3.2e9)))
def test_no_time_is_ever_in_the_future_or_in_the_year_of_an_unset_clock(
    walls: list[datetime], zone: str, shift: float
) -> None:
    captured, notes = choose_capture_time([Candidate("tag", str(wall), wall) for wall in walls], zone, shift, NOW)
    if captured is None:
        assert notes
        return
    local = captured.at.astimezone(parse_zone(zone))
    assert captured.at <= NOW + timedelta(hours=24)
    assert local.year >= 2001


@pytest.mark.parametrize(
    "text", ["1904-01-01 00:00:00", "1970-01-01 08:13:00", "2000-01-01 00:00:07", "2000-01-01 23:59:59"]
)
def test_the_days_of_unset_clocks_are_refused_in_words(text: str) -> None:
    captured, notes = choose_capture_time([said(text, "QuickTime:creation_time")], "+10:00", 0, NOW)
    assert captured is None
    assert notes == (
        f"QuickTime:creation_time says {text}, which is refused: a clock that was never set counts from that day",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1999-12-31 23:59:59", "it lies before trap cameras filmed"),
        ("2000-01-15 09:00:00", "it lies before trap cameras filmed"),
        ("0001-01-01 00:00:00", "it lies outside every calendar"),
        ("9999-12-31 23:59:59", "it lies in the future"),
        ("2026-06-02 22:00:01", "it lies in the future"),
    ],
)
def test_impossible_times_are_refused_in_words(text: str, reason: str) -> None:
    captured, notes = choose_capture_time([said(text)], "+10:00", 0, NOW)
    assert captured is None
    assert notes == (f"tag says {text}, which is refused: {reason}",)


def test_a_clock_up_to_a_day_fast_is_believed() -> None:
    captured, _ = choose_capture_time([said("2026-06-02 22:00:00")], "+10:00", 0, NOW)
    assert captured is not None
    assert captured.at == NOW + timedelta(hours=24)


def test_a_correction_by_a_person_rescues_a_reset_clock_and_its_words_are_kept() -> None:
    shift = (clock("2024-05-01") - clock("2000-01-01")).total_seconds()
    captured, notes = choose_capture_time([said("2000-01-01 06:00:00")], "+10:00", shift, NOW)
    assert captured is not None
    assert captured.at == datetime(2024, 4, 30, 20, tzinfo=UTC)
    assert (captured.camera_clock, captured.clock_shift_s, notes) == (clock("2000-01-01 06:00:00"), shift, ())


@pytest.mark.parametrize(
    ("camera", "zone", "utc"),
    [
        ("2000-01-01 00:05:00", "Europe/Amsterdam", "2024-06-01 10:05:00+00:00"),  # reset in winter, filmed in summer
        ("2000-05-01 00:05:00", "Europe/Amsterdam", "2024-09-30 10:05:00+00:00"),
        ("2000-01-01 00:05:00", "Asia/Vladivostok", "2024-06-01 02:05:00+00:00"),
        ("2010-06-01 00:05:00", "Asia/Vladivostok", "2034-10-31 02:05:00+00:00"),  # the law was another
    ],
)
def test_a_correction_gives_the_local_time_that_a_person_reckoned_it_from(camera: str, zone: str, utc: str) -> None:
    """A clip is known to be of noon on 1 June 2024; its camera said midnight of 1 January 2000."""
    shift = (clock("2024-06-01 12:00") - clock("2000-01-01")).total_seconds()
    captured, notes = choose_capture_time([said(camera)], zone, shift, datetime(2035, 1, 1, tzinfo=UTC))
    assert captured is not None
    assert (captured.at, notes) == (datetime.fromisoformat(utc), ())


def test_a_small_correction_rescues_no_reset_clock() -> None:
    assert choose_capture_time([said("2000-01-01 23:30:00")], "+10:00", 3600, NOW)[0] is None


def test_the_first_tag_that_can_be_believed_wins_and_the_others_are_told() -> None:
    tags = [
        said("1904-01-01 00:00:00", "QuickTime:creation_time"),
        Candidate("RIFF:ICRD", "2024-05-01", None),
        said("2024-05-01 18:30:05", "RIFF:IDIT"),
        said("2024-05-01 18:31:00", "EXIF:DateTime"),
        said("2024-05-01 08:30:05", "file name"),
    ]
    captured, notes = choose_capture_time(tags, "+10:00", 0, NOW)
    assert captured is not None
    assert captured.tag == "RIFF:IDIT"
    assert [note.split(", ")[0] for note in notes] == [
        "QuickTime:creation_time says 1904-01-01 00:00:00",
        'RIFF:ICRD holds "2024-05-01"',
        "file name says 2024-05-01 08:30:05; RIFF:IDIT was believed",
    ]


def test_a_tags_own_offset_counts_and_not_the_zone() -> None:
    captured, _ = choose_capture_time([said("2024-05-01 18:30:05", offset_h=-3.5)], "Asia/Vladivostok", 60, NOW)
    assert captured is not None
    assert captured.at == datetime(2024, 5, 1, 22, 1, 5, tzinfo=UTC)
    assert (captured.zone, captured.camera_clock) == ("-03:30", clock("2024-05-01 18:30:05"))


STAMPS = st.builds(
    lambda tag, clock, minutes: Candidate(
        tag, str(clock), clock.replace(microsecond=0), timedelta(minutes=minutes) if minutes else None
    ),
    st.sampled_from(["RIFF:IDIT", "QuickTime:track creation_time", "file name"]),
    st.datetimes(datetime(1000, 1, 1), datetime(1999, 12, 30)),  # noqa: DTZ001 - a camera's clock
    st.integers(-14 * 60, 14 * 60),
)
SCRAWLS = st.builds(Candidate, st.just("RIFF:ICRD"), st.text(max_size=20), st.none())


@given(st.lists(st.one_of(STAMPS, SCRAWLS), max_size=4), ZONES, st.floats(-1e7, 1e7))
def test_what_was_refused_can_be_read_from_the_notes(said: list[Candidate], zone: str, shift: float) -> None:
    captured, notes = choose_capture_time(said, zone, shift, NOW)
    if captured is None:
        again = refused_in((*notes, "no row of the deployments table fits the folders that the file lies in"))
        assert [(one.tag, one.clock, one.offset) for one in again] == [(one.tag, one.clock, one.offset) for one in said]
        assert choose_capture_time(again, zone, shift, NOW) == (captured, notes)


def test_nothing_said_stays_undated() -> None:
    captured, notes = choose_capture_time([], "+10:00", 0, NOW)
    assert captured is None
    assert notes == ("undated: neither a tag nor the file's name says when it was filmed",)


def test_an_hour_that_came_twice_is_the_first_and_is_noted() -> None:
    moment, note = to_utc(clock("2023-10-29 02:30"), parse_zone("Europe/Amsterdam"))
    assert moment == datetime(2023, 10, 29, 0, 30, tzinfo=UTC)
    assert "came twice in Europe/Amsterdam" in note


def test_an_hour_that_never_came_is_winter_time_and_is_noted() -> None:
    moment, note = to_utc(clock("2023-03-26 02:30"), parse_zone("Europe/Amsterdam"))
    assert moment == datetime(2023, 3, 26, 1, 30, tzinfo=UTC)
    assert "never came in Europe/Amsterdam" in note


@pytest.mark.parametrize("name", ["Asia/Vladivostock", "+25:00", "+10:75", "10", "", "../etc/passwd", "Asia"])
def test_a_zone_that_is_none_is_named_in_the_error(name: str) -> None:
    with pytest.raises(ConfigError, match="is no time zone; write an IANA name such as Asia/Vladivostok"):
        parse_zone(name)


def test_a_file_is_dated_by_its_tag(tmp_path: Path, film: Filming) -> None:
    path = film(tmp_path / "20200101_000000.MP4", creation_time="2024-05-01T18:30:05Z")
    captured, notes = choose_capture_time(candidates(path), "Asia/Vladivostok", -5, NOW)
    assert captured is not None
    assert captured.at == datetime(2024, 5, 1, 8, 30, tzinfo=UTC)
    assert captured.tag == "QuickTime:creation_time"
    assert notes == (
        "file name says 2020-01-01 00:00:00; QuickTime:creation_time was believed, which says 2024-05-01 18:30:05",
    )


def test_of_the_trap_videos_only_those_that_say_so_are_dated(footage: Path) -> None:
    files = [path for path in footage.glob("c*/**/*") if path.suffix.lower() in {".avi", ".mp4", ".asf"}]
    dated = {path.name: choose_capture_time(candidates(path), "Asia/Vladivostok", 0, NOW)[0] for path in files}
    said_so = {name: captured.tag for name, captured in dated.items() if captured}
    assert len(files) == 41
    assert said_so == {
        "20180516_112634_Cephalophus rufilatus_252212_1267525_Gauche.MP4": "file name",
        "otter_ir_4k-hevc.mp4": "QuickTime:creation_time",
    }
