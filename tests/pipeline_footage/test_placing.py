from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.footage.deployments import Deployments, Row
from pipeline.footage.placing import fitting, place_and_date
from pipeline.footage.stamps import Candidate
from pipeline.values import CaptureTime, Deployment

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROOT = Path("/cards")
Placed = tuple[str | None, CaptureTime | None, tuple[str, ...]]


def row(name: str, place: str = "", camera: str = "", months: str = "01-12", folder: str = "", shift: float = 0) -> Row:
    """A deployment in 2024, from the first of one month to the first of another."""
    first, last = months.split("-")
    start, end = (datetime(2024, int(month), 1, tzinfo=UTC) for month in (first, last))
    return Row(2, Deployment(name, place, 43.0, 131.0, start, end, "+10:00", shift, camera_id=camera), folder)


def placed(path: str, rows: Sequence[Row], filmed: str = "2024-05-01 12:00:00") -> Placed:
    candidates = [Candidate("tag", filmed, datetime.fromisoformat(filmed))] if filmed else []
    deployment, captured, notes = place_and_date(ROOT / path, [ROOT], Deployments(tuple(rows)), "UTC", candidates, NOW)
    return deployment.deployment_id if deployment else None, captured, notes


def test_the_path_column_wins_over_names() -> None:
    rows = [row("dep1", folder="S1/spring"), row("S1", "S1", "cam1")]
    assert placed("S1/spring/100RECNX/a.AVI", rows)[0] == "dep1"
    assert placed("S1/autumn/100RECNX/a.AVI", rows)[0] == "S1"


def test_the_path_column_may_be_the_end_of_the_folders_name_and_the_deepest_counts() -> None:
    rows = [row("outer", folder="S1"), row("inner", folder="S1/visit 2"), row("other", folder="isit 2")]
    assert placed("region/S1/visit 2/DCIM/a.AVI", rows)[0] == "inner"
    assert placed("region/S1/visit 1/DCIM/a.AVI", rows)[0] == "outer"


def test_the_path_column_may_name_the_scanned_folder_itself() -> None:
    assert placed("a.AVI", [row("dep1", folder="cards"), row("dep2", folder="/cards/S2")])[0] == "dep1"


def test_a_folder_called_as_the_deployment_wins_over_station_and_camera() -> None:
    rows = [row("dep1", "S2", "cam2"), row("dep2", "S1", "cam1")]
    assert placed("S1/cam1/dep1/100RECNX/a.AVI", rows)[0] == "dep1"


def test_station_and_camera_find_the_deployment_whose_time_it_was() -> None:
    rows = [row("winter", "S1", "cam1", "1-4"), row("spring", "S1", "cam1", "4-7"), row("left", "S1", "cam2", "4-7")]
    assert placed("S1/cam1/100RECNX/a.AVI", rows)[0] == "spring"
    assert placed("S1/cam1/100RECNX/a.AVI", rows, "2024-02-01 12:00:00")[0] == "winter"
    assert placed("S1/cam2/a.AVI", rows)[0] == "left"


def test_a_station_with_two_cameras_is_not_guessed() -> None:
    name, captured, notes = placed("S1/a.AVI", [row("left", "S1", "cam1"), row("right", "S1", "cam2")])
    assert name is None
    assert captured is not None
    assert notes == ("its folders fit the deployments left, right, and more than one was out when it was filmed",)


@pytest.mark.parametrize(
    ("filmed", "reason"),
    [("", "an undated file cannot tell which"), ("2025-05-01 12:00:00", "none was out when it was filmed")],
)
def test_between_deployments_that_the_time_cannot_tell_apart_none_is_taken(filmed: str, reason: str) -> None:
    rows = [row("winter", "S1", "cam1", "1-4"), row("spring", "S1", "cam1", "4-7")]
    name, _, notes = placed("S1/cam1/a.AVI", rows, filmed)
    assert name is None
    assert notes[-1] == f"its folders fit the deployments winter, spring, and {reason}"


def test_zone_and_shift_are_the_deployments_even_where_they_decide_which_it_is() -> None:
    rows = [row("slow", "S1", "cam1", "5-6", shift=86400), row("right", "S1", "cam1", "4-5")]
    name, captured, notes = placed("S1/cam1/a.AVI", rows, "2024-05-01 09:30:00")
    assert (name, notes) == (
        None,
        ("its folders fit the deployments slow, right, and more than one was out when it was filmed",),
    )
    name, captured, notes = placed("S1/cam1/a.AVI", rows, "2024-05-01 11:00:00")
    assert captured is not None
    assert (name, captured.at, captured.zone) == ("slow", datetime(2024, 5, 2, 1, tzinfo=UTC), "+10:00")
    assert captured.clock_shift_s == 86400


def test_a_file_dated_outside_its_deployment_stays_with_it_and_is_noted() -> None:
    name, captured, notes = placed("dep1/a.AVI", [row("dep1", months="4-6")], "2024-03-01 12:00:00")
    assert name == "dep1"
    assert captured is not None
    assert notes == (
        "dated 2024-03-01 12:00:00+10:00, before dep1 began (2024-04-01 10:00:00+10:00); "
        "check the camera's clock and the deployments table",
    )
    assert (
        "after dep1 ended (2024-06-01" in placed("dep1/a.AVI", [row("dep1", months="4-6")], "2024-07-01 12:00:00")[2][0]
    )


def test_an_undated_file_stays_with_the_only_deployment_that_its_folders_fit() -> None:
    name, captured, notes = placed("S1/cam1/a.AVI", [row("dep1", "S1", "cam1")], "")
    assert (name, captured) == ("dep1", None)
    assert len(notes) == 1


def test_footage_that_the_table_does_not_know_is_told_and_still_dated_in_the_sites_zone() -> None:
    name, captured, notes = placed("S9/cam9/a.AVI", [row("dep1", "S1", "cam1"), row("dep2")])
    assert name is None
    assert captured is not None
    assert captured.at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert notes == ("no row of the deployments table fits the folders that the file lies in",)


KNOWN = row("autumn", "S1", "cam1", shift=3600).deployment
FROM_FOLDERS = Deployment("S9/north", "S9", None, None, None, None, "UTC", location_name="S9")


def placed_again(
    rows: Sequence[Row] | None, on_record: Deployment, path: str = "S1/cam1/a.AVI"
) -> tuple[Deployment | None, CaptureTime | None, tuple[str, ...]]:
    """Of a file filmed at noon by its camera, on the first of May."""
    said = [Candidate("tag", "", datetime(2024, 5, 1, 12))]  # noqa: DTZ001 - a camera's clock
    table = None if rows is None else Deployments(tuple(rows))
    return place_and_date(ROOT / path, [ROOT], table, "UTC", said, NOW, on_record=on_record)


@pytest.mark.parametrize("rows", [None, [], [row("lake", "S7", "cam7")]], ids=["no table", "no row", "another season"])
def test_a_place_on_record_stays_with_its_zone_and_shift_where_no_row_fits(rows: list[Row] | None) -> None:
    deployment, captured, notes = placed_again(rows, KNOWN)
    assert deployment == KNOWN
    assert captured is not None
    assert (captured.at, captured.zone) == (datetime(2024, 5, 1, 3, tzinfo=UTC), "+10:00")
    assert captured.clock_shift_s == 3600
    assert notes == ()


def test_a_row_that_fits_wins_over_the_place_on_record() -> None:
    assert placed_again([row("spring", "S1", "cam1")], KNOWN)[0] == row("spring", "S1", "cam1").deployment


@pytest.mark.parametrize(
    ("months", "kept", "filmed"),
    [
        pytest.param("06-09", True, "2024-05-01 12:00:00", id="filmed in the season on record"),
        pytest.param("06-09", True, "", id="undated"),
        pytest.param("06-09", True, "2002-01-05 12:00:00", id="by a clock that was reset"),
        pytest.param("06-09", False, "2024-07-01 12:00:00", id="filmed in the row's season"),
        pytest.param("02-06", False, "2024-05-01 12:00:00", id="renamed"),
        pytest.param("02-06", False, "", id="renamed, and undated"),
        pytest.param("02-04", True, "2024-05-01 12:00:00", id="renamed and cut short before it was filmed"),
    ],
)
@pytest.mark.parametrize("ends", [True, False], ids=["ended", "still out"])
def test_the_only_row_for_a_folder_takes_over_what_it_renames_and_nothing_of_another_season(
    months: str, kept: bool, filmed: str, ends: bool
) -> None:
    spring = row("spring", "S1", "cam1", months="02-06", shift=3600).deployment
    on_record = spring if ends else replace(spring, end=None)
    later = row("later", "S1", "cam1", months=months).deployment
    said = [Candidate("tag", filmed, datetime.fromisoformat(filmed))] if filmed else []
    table = Deployments((Row(2, later),))
    assert place_and_date(ROOT / "S1/a.AVI", [ROOT], table, "UTC", said, NOW, on_record=on_record)[0] == (
        on_record if kept else later
    )


def test_a_table_that_names_the_deployment_on_record_has_the_last_word() -> None:
    """The two folders were mixed up: what lies in S1 is the autumn's, though it was filmed in spring."""
    spring, autumn = row("spring", "S2", "cam2", months="02-06"), row("autumn", "S1", "cam1", months="08-10")
    assert placed_again([spring, autumn], spring.deployment)[0] == autumn.deployment


def test_without_a_table_a_place_that_came_from_folders_follows_the_folders() -> None:
    found = placed_again(None, FROM_FOLDERS)[0]
    assert found is not None
    assert found.deployment_id == "S1/cam1"


def test_a_table_that_knows_nothing_of_it_takes_no_place_away_that_came_from_folders() -> None:
    assert placed_again([row("lake", "S7", "cam7")], FROM_FOLDERS)[0] == FROM_FOLDERS


def test_letter_case_and_ways_of_writing_accents_do_not_matter() -> None:
    assert placed("TAI\u0308_T124/a.AVI", [row("Taï_t124")])[0] == "Taï_t124"


@pytest.mark.parametrize(
    ("path", "name", "place"),
    [
        ("S1/cam1/dep1/100RECNX/IMG_0001.AVI", "S1/cam1/dep1", "S1"),
        ("S1/DCIM/100MEDIA/IMG_0001.AVI", "S1", "S1"),
        ("S1/visit 2/DCIM/100_BTCF/sorted/IMG_0001.AVI", "S1/visit 2", "S1"),
        ("S1/IMG_0001.AVI", "S1", "S1"),
    ],
)
def test_without_a_table_folders_name_the_deployment(path: str, name: str, place: str) -> None:
    deployment, captured, notes = place_and_date(ROOT / path, [Path("/other"), ROOT], None, "+10:00", [], NOW)
    assert deployment == Deployment(name, place, None, None, None, None, "+10:00", location_name=place)
    assert captured is None
    assert len(notes) == 1


@pytest.mark.parametrize("path", ["IMG_0001.AVI", "DCIM/100RECNX/IMG_0001.AVI"])
def test_without_a_table_and_folders_there_is_no_deployment(path: str) -> None:
    assert place_and_date(ROOT / path, [ROOT], None, "+10:00", [], NOW)[0] is None
    assert place_and_date(ROOT / path, [ROOT / path], None, "+10:00", [], NOW)[0] is None


def test_a_table_made_ready_once_tells_the_same_rows_whatever_else_stands_in_it() -> None:
    rows = [row("dep1", "S1", "cam1"), row("dep2", "S1", "cam2"), row("S9", "S2", "cam3"), row("x", folder="b/S3")]
    others = [row(f"other {number}", f"L{number}", f"C{number}", folder=f"f{number}") for number in range(50)]
    fit = fitting(Deployments((*others[:25], *rows, *others[25:])))
    folders = {"S1/cam2": ["dep2"], "s1": ["dep1", "dep2"], "CAM3": ["S9"], "S1/s9": ["S9"], "a/b/S3": ["x"], "S3": []}
    for folder, names in folders.items():
        assert [one.deployment.deployment_id for one in fit(ROOT / folder).rows] == names
