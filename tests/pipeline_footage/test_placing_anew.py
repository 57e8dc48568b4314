from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.footage.deployments import Deployments, Row
from pipeline.footage.placing import place_and_date
from pipeline.footage.placing_anew import left_behind, placed_anew
from pipeline.footage.stamps import Candidate, read_stamp
from pipeline.footage.tags import candidates, from_name
from pipeline.values import CaptureTime, Deployment, Footage
from tests.pipeline_footage.conftest import Filming

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SPRING = Deployment(
    "river-spring",
    "river",
    43.0,
    131.0,
    datetime(2026, 3, 1, tzinfo=UTC),
    datetime(2026, 5, 1, tzinfo=UTC),
    "Asia/Vladivostok",
)
CLOCK = datetime(2026, 3, 2, 12)  # noqa: DTZ001 - a camera's clock
FILMED = CaptureTime(datetime(2026, 3, 2, 2, tzinfo=UTC), CLOCK, "RIFF:IDIT", "Asia/Vladivostok", 0.0)
KNOWN = Footage(Path("/cards/river/100RECNX/IMG_0001.AVI"), "a" * 16, 1000, SPRING, FILMED)
UNDATED = replace(KNOWN, captured=None, time_notes=("undated: neither a tag nor the file's name says when",))


def anew(known: Footage, *rows: Deployment, there: Path | None = None) -> list[Footage]:
    table = Deployments(tuple(Row(number, row) for number, row in enumerate(rows, start=2)))
    return placed_anew([known], {known.media_id: there} if there else {}, table, "UTC", NOW)


def test_a_table_that_says_the_same_changes_nothing() -> None:
    assert anew(KNOWN, SPRING) == []


def test_a_shift_that_is_entered_later_corrects_a_video_whose_card_is_away() -> None:
    corrected = replace(SPRING, clock_shift_s=3600.0, clock_shift_reason="an hour slow")
    (found,) = anew(KNOWN, corrected)
    assert found.deployment == corrected
    assert found.captured == replace(FILMED, at=FILMED.at + timedelta(hours=1), clock_shift_s=3600.0)


def test_the_time_is_put_right_also_where_another_video_has_brought_the_correction_in() -> None:
    corrected = replace(SPRING, clock_shift_s=3600.0)
    (found,) = anew(replace(KNOWN, deployment=corrected), corrected)
    assert found.captured
    assert found.captured.at == FILMED.at + timedelta(hours=1)


def test_a_video_that_falls_out_of_its_moved_dates_stays_in_the_deployment_as_it_is_now_with_a_note() -> None:
    moved = replace(SPRING, start=datetime(2026, 4, 1, tzinfo=UTC), clock_shift_s=60.0)
    summer = replace(SPRING, deployment_id="river-summer", start=SPRING.end, end=None)
    (found,) = anew(KNOWN, moved, summer)
    assert found.deployment == moved
    assert found.captured == replace(FILMED, at=FILMED.at + timedelta(minutes=1), clock_shift_s=60.0)
    assert [note.partition(" (")[0] for note in found.time_notes] == [
        "dated 2026-03-02 12:01:00+10:00, before river-spring began"
    ]


def test_videos_that_stay_where_a_row_was_split_are_told_and_those_of_other_seasons_are_not() -> None:
    march = replace(SPRING, deployment_id="march", end=datetime(2026, 3, 20, tzinfo=UTC))
    april = replace(SPRING, deployment_id="april", start=datetime(2026, 4, 2, tzinfo=UTC))
    split = Deployments((Row(2, march), Row(3, april)))
    autumn = replace(SPRING, deployment_id="autumn", start=datetime(2026, 9, 1, tzinfo=UTC), end=None)
    (told,) = left_behind([(april, 9, KNOWN.path), (SPRING, 3, KNOWN.path)], split)
    assert told.startswith("3 known videos stay in river-spring, which no row names any more: their times fit none of")
    assert "march, april, such as /cards/river/" in told
    for others in (Deployments((Row(2, autumn),)), Deployments((Row(2, replace(march, location_id="lake")),))):
        for earlier in (SPRING, replace(SPRING, end=None), replace(SPRING, start=None)):
            assert list(left_behind([(earlier, 3, KNOWN.path)], others)) == []


def test_corrected_coordinates_and_tags_are_taken_over() -> None:
    corrected = replace(SPRING, latitude=43.5, tags=("markingTree:true",))
    assert anew(KNOWN, corrected) == [replace(KNOWN, deployment=corrected)]


def test_a_row_that_was_forgotten_places_the_video() -> None:
    lost = replace(KNOWN, deployment=None, captured=replace(FILMED, at=FILMED.at + timedelta(hours=10), zone="UTC"))
    assert anew(lost, SPRING) == [KNOWN]


def deployments(ids: Sequence[str]) -> st.SearchStrategy[Deployments]:
    """Tables of up to three rows, whose cameras lie, overlap and are corrected as they please."""
    one = st.builds(
        lambda name, place, camera, days, zone, shift: Deployment(
            name,
            place,
            43.0,
            131.0,
            NOW + timedelta(days=days[0]),
            NOW + timedelta(days=days[1]) if days[1] > days[0] else None,
            zone,
            shift,
            camera_id=camera,
        ),
        st.sampled_from(ids),
        st.sampled_from(["river", "hill"]),
        st.sampled_from(["", "cam1", "cam2"]),
        st.tuples(st.integers(-400, -10), st.integers(-400, -10)),
        st.sampled_from(["Asia/Vladivostok", "Europe/Amsterdam", "+05:30"]),
        st.sampled_from([0.0, 3600.0, -30 * 86400.0, 9000 * 86400.0]),
    )
    rows = st.lists(one, max_size=3, unique_by=lambda row: row.deployment_id)
    return rows.map(lambda found: Deployments(tuple(Row(number, row) for number, row in enumerate(found, start=2))))


@given(
    deployments(["a", "b"]),
    deployments(["b", "c"]),
    st.sampled_from(["river/cam1", "hill", "b"]),
    st.one_of(
        st.none(),
        st.datetimes(datetime(2025, 1, 1), datetime(2026, 6, 1)),  # noqa: DTZ001 - a camera's clock
        st.just(datetime(2000, 1, 1, 0, 5)),  # noqa: DTZ001
    ),
)
def test_from_memory_a_video_comes_out_as_if_it_were_analysed_anew_and_only_once(
    before: Deployments, after: Deployments, folder: str, clock: datetime | None
) -> None:
    said = () if clock is None else (read_stamp("RIFF:IDIT", f"{clock:%Y-%m-%d %H:%M:%S}"),)
    path = Path("/cards") / folder / "IMG_0001.AVI"
    known = Footage(path, KNOWN.media_id, 1000, *place_and_date(path, (), before, "UTC", said, NOW))
    assert placed_anew([known], {}, before, "UTC", NOW) == []
    (now,) = placed_anew([known], {}, after, "UTC", NOW) or [known]
    assert placed_anew([now], {}, after, "UTC", NOW) == []
    fresh = place_and_date(path, (), after, "UTC", said, NOW, on_record=known.deployment)
    assert (now.deployment, now.captured) == fresh[:2]


def test_the_table_of_another_season_takes_no_place_away() -> None:
    autumn = replace(SPRING, deployment_id="lake-autumn", location_id="lake")
    assert anew(KNOWN, autumn) == []
    assert anew(KNOWN) == []


def test_what_was_never_placed_waits_for_its_analysis() -> None:
    assert anew(Footage(KNOWN.path, KNOWN.media_id, 1000), SPRING) == []


def test_a_time_with_an_offset_of_its_own_keeps_it() -> None:
    own = CaptureTime(FILMED.at, datetime(2026, 3, 2, 11), "QuickTime:creationdate", "+09:00", 0.0)  # noqa: DTZ001
    corrected = replace(SPRING, latitude=43.5)
    assert anew(replace(KNOWN, captured=own), SPRING) == []
    assert anew(replace(KNOWN, captured=own), corrected) == [replace(KNOWN, deployment=corrected, captured=own)]


def test_an_undated_video_is_asked_again_for_a_known_shift_may_date_it(tmp_path: Path) -> None:
    named = tmp_path / "2000-01-01_12-00-00.AVI"
    named.write_bytes(b"no video, but a name")
    corrected = replace(SPRING, clock_shift_s=(datetime(2026, 3, 2) - datetime(2000, 1, 1)).total_seconds())  # noqa: DTZ001
    (found,) = anew(UNDATED, corrected, there=named)
    assert found.captured
    assert found.captured.at == datetime(2026, 3, 2, 2, tzinfo=UTC)
    assert found.captured.tag == "file name"


def test_only_the_file_with_the_videos_own_content_is_asked(tmp_path: Path) -> None:
    reused = tmp_path / "river" / "IMG_0001.AVI"
    reused.parent.mkdir()
    reused.write_bytes(b"another video of a card that was used again")
    known = replace(KNOWN, path=reused)
    (found,) = anew(known, replace(SPRING, clock_shift_s=60.0))
    assert found.captured
    assert found.captured.tag == "RIFF:IDIT"


def analysed(path: Path, said: tuple[Candidate, ...], row: Deployment) -> Footage:
    """As an analysis with that row alone in the table leaves it on record."""
    table = Deployments((Row(2, row),))
    return Footage(path, KNOWN.media_id, 1000, *place_and_date(path, (), table, "UTC", said, NOW))


def test_notes_that_only_the_file_can_give_stay_and_count_for_nothing(tmp_path: Path, film: Filming) -> None:
    path = film(tmp_path / "river" / "IMG_20260302_120000.MP4")
    known = analysed(path, candidates(path), SPRING)
    assert known.captured
    assert known.captured.tag == "file name"
    assert "which is refused" in known.time_notes[0]
    assert anew(known, SPRING, there=path) == []
    assert anew(known, SPRING) == []


def test_a_clock_that_was_reset_is_put_right_though_the_card_is_away() -> None:
    said = (read_stamp("RIFF:IDIT", "2000-01-01 00:00:12"), *from_name("2026-03-02"))
    known = analysed(KNOWN.path, said, SPRING)
    assert known.captured is None
    corrected = replace(SPRING, clock_shift_s=(CLOCK - datetime(2000, 1, 1)).total_seconds())  # noqa: DTZ001
    (found,) = anew(known, corrected)
    assert found.captured
    assert (found.captured.at, found.captured.tag) == (FILMED.at + timedelta(seconds=12), "RIFF:IDIT")
    (moved,) = anew(known, replace(SPRING, latitude=43.5))
    assert (moved.captured, moved.time_notes[:1]) == (None, known.time_notes[:1])


def test_an_undated_video_whose_card_is_away_keeps_its_notes() -> None:
    assert anew(replace(UNDATED, time_notes=("RIFF:IDIT says 2000-01-01 00:00:12, which is refused",)), SPRING) == []


def test_an_offset_that_the_camera_wrote_stays_though_it_is_also_that_of_the_row() -> None:
    in_place = replace(SPRING, zone="+10:00")
    said = (read_stamp("QuickTime:creationdate", "2026-03-02T12:00:00+1000"),)
    known = analysed(KNOWN.path, said, in_place)
    assert known.captured == replace(FILMED, tag="QuickTime:creationdate", zone="+10:00")
    corrected = replace(in_place, zone="UTC")
    assert anew(known, corrected) == [replace(known, deployment=corrected)]


def test_a_wall_clock_is_read_in_the_corrected_zone_though_both_are_fixed_offsets() -> None:
    in_place = replace(SPRING, zone="+10:00")
    known = analysed(KNOWN.path, (read_stamp("RIFF:IDIT", "2026-03-02 12:00:00"),), in_place)
    (found,) = anew(known, replace(in_place, zone="UTC"))
    assert found.captured
    assert (found.captured.at, found.captured.zone) == (FILMED.at + timedelta(hours=10), "UTC")


def test_what_keeps_its_place_has_its_time_by_that_place() -> None:
    """Its folder was renamed, so that no row fits, and the correction came in with other videos of the deployment."""
    corrected = replace(SPRING, clock_shift_s=3600.0)
    moved = replace(KNOWN, path=Path("/cards/renamed/IMG_0001.AVI"), deployment=corrected)
    (found,) = anew(moved)
    assert found.deployment == corrected
    assert found.captured
    assert found.captured.at == FILMED.at + timedelta(hours=1)
