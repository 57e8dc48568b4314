from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.footage.deployments import read_deployments, within
from pipeline.values import Deployment

COLUMNS = "deploymentID,latitude,longitude,deploymentStart,deploymentEnd,cameraID,timeZone,clockShiftSeconds"
GOOD = "dep1,43.1,131.4,2024-03-01T00:00:00+10:00,2024-06-01T00:00:00+10:00,cam1,,"
EXAMPLE = Path(__file__).parents[2] / "configs" / "deployments-example.csv"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "deployments.csv"


def problems_of(table: Path, *rows: str) -> list[str]:
    table.write_text("\n".join([COLUMNS, *rows]), encoding="utf-8")
    return [problem.removeprefix("deployments.csv ") for problem in read_deployments(table, "+10:00").problems]


def test_the_example_table_is_whole() -> None:
    read = read_deployments(EXAMPLE, "Asia/Vladivostok")
    assert read.problems == ()
    first, second, third = (row.deployment for row in read.rows)
    assert first.start == datetime(2024, 3, 2, 1, tzinfo=UTC)
    assert first.tags == ("markingTree:0.42-0.51", "pair:left")
    assert (second.clock_shift_s, second.clock_shift_reason[:14]) == (3600.0, "clock one hour")
    assert (third.end, third.zone, third.camera_model) == (None, "+10:00", "Browning-Spec Ops")
    assert [row.folder for row in read.rows] == ["", "", "den-07/spring card"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (GOOD.replace("43.1", "143.1"), "latitude: 143.1 lies outside -90 to 90; correct it"),
        (GOOD.replace("131.4", "east"), "longitude: 'east' is no number; write it with a point, such as 43.25"),
        (GOOD.replace("131.4", "inf"), "longitude: inf lies outside -180 to 180; correct it"),
        (GOOD.replace("43.1", "NA"), "latitude and longitude: one of them is empty; give both, or neither"),
        (GOOD.replace("dep1", ""), "deploymentID: it is empty; give every deployment a name of its own"),
        (
            GOOD.replace("2024-03-01T00:00:00+10:00", "2024-03-01"),
            "deploymentStart: '2024-03-01' is no date with a time; write it as 2024-05-01T18:30:00+10:00",
        ),
        (
            GOOD.replace("2024-03", "2025-03"),
            "deploymentEnd: 2024-05-31T14:00:00+00:00 lies before the start, 2025-02-28T14:00:00+00:00; "
            "correct one of them",
        ),
        (
            GOOD.replace("cam1,", "cam1,Asia/Vladivostock"),
            "timeZone: 'Asia/Vladivostock' is no time zone; "
            "write an IANA name such as Asia/Vladivostok or an offset such as +10:00",
        ),
        (
            GOOD + ",stray",
            "its last cells: there are more cells than columns; put quotes around text that holds the separator",
        ),
        (GOOD + "1e12", "clockShiftSeconds: 1e12 lies outside -3162240000 to 3162240000; correct it"),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason_and_costs_no_other(table: Path, row: str, problem: str) -> None:
    problems = problems_of(table, row, "", GOOD.replace("dep1", "dep2"))
    assert problems == [f"row 2, {problem}; the row is left out"]
    assert [row.deployment.deployment_id for row in read_deployments(table, "+10:00").rows] == ["dep2"]


def test_an_id_given_twice_costs_the_second_row(table: Path) -> None:
    problems = problems_of(table, GOOD, "", GOOD.replace("cam1", "cam2"))
    assert problems == ["row 4, deploymentID: 'dep1' is that of row 2 too; give it another; the row is left out"]


def test_what_is_empty_leaves_the_row_in_and_is_told(table: Path) -> None:
    problems = problems_of(table, "dep1,,,,,,,")
    (row,) = read_deployments(table, "+10:00").rows
    assert (row.deployment.latitude, row.deployment.start, row.deployment.end) == (None, None, None)
    assert [problem.split(":")[0] for problem in problems] == [
        "row 2, latitude and longitude",
        "row 2, deploymentStart",
    ]


def test_no_two_places_become_one_for_want_of_a_location_id(table: Path) -> None:
    rows = ["ridge-01,Ridge", ",Ridge", ",", ","]
    lines = [f"{GOOD.replace('dep1', f'dep{number}')},{row}" for number, row in enumerate(rows, start=1)]
    table.write_text("\n".join([f"{COLUMNS},locationID,locationName", *lines]), encoding="utf-8")
    found = read_deployments(table, "+10:00").rows
    assert [row.deployment.location_id for row in found] == ["ridge-01", "Ridge", "dep3", "dep4"]


def test_cells_that_a_short_row_lacks_are_empty(table: Path) -> None:
    problems = problems_of(table, GOOD.rstrip(","), "dep2")
    read = [row.deployment for row in read_deployments(table, "+10:00").rows]
    assert [(row.deployment_id, row.camera_id, row.start is None) for row in read] == [
        ("dep1", "cam1", False),
        ("dep2", "", True),
    ]
    assert [problem.partition(":")[0] for problem in problems] == [
        "row 3, latitude and longitude",
        "row 3, deploymentStart",
    ]


def test_a_marked_tree_that_cannot_be_read_is_told_and_costs_nothing_else(table: Path) -> None:
    tagged = [f"{COLUMNS},deploymentTags", f"{GOOD},feeder:no|markingTree:birch"]
    table.write_text("\n".join(tagged), encoding="utf-8")
    read = read_deployments(table, "+10:00")
    assert [row.deployment.tags for row in read.rows] == [("feeder:no", "markingTree:birch")]
    (problem,) = read.problems
    assert problem.startswith("deployments.csv row 2, deploymentTags: markingTree:birch is not understood; write")


def test_one_camera_in_two_deployments_at_once_is_flagged_and_both_are_kept(table: Path) -> None:
    later = GOOD.replace("dep1", "dep2").replace("2024-06", "2024-08").replace("2024-03", "2024-05")
    apart = GOOD.replace("dep1", "dep3").replace("2024-06", "2024-03").replace("2024-03-01T", "2024-02-01T", 1)
    problems = problems_of(table, GOOD, later, apart, later.replace("dep2", "dep4").replace("cam1", "cam2"))
    assert problems == [
        "rows 2 and 3, deploymentStart and deploymentEnd: camera cam1 is in two deployments at once; "
        "correct the times or the cameraID"
    ]
    assert len(read_deployments(table, "+10:00").rows) == 4


def test_a_camera_moved_at_the_same_minute_is_no_overlap(table: Path) -> None:
    after = GOOD.replace("dep1", "dep2").replace("2024-06", "2024-09").replace("2024-03", "2024-06")
    assert problems_of(table, GOOD, after) == []


def test_a_camera_still_out_overlaps_what_begins_later(table: Path) -> None:
    out = GOOD.replace("2024-06-01T00:00:00+10:00", "")
    assert len(problems_of(table, out, GOOD.replace("dep1", "dep2").replace("2024-0", "2025-0"))) == 1


@pytest.mark.parametrize("end", ["9999-12-31T00:00:00", "2024-05-02T12:00:00"])
def test_an_end_that_has_not_come_yet_is_none_and_is_told(table: Path, end: str) -> None:
    table.write_text(f"{COLUMNS}\n{GOOD}".replace("2024-06-01T00:00:00", end), encoding="utf-8")
    before, after = (datetime(2024, 5, day, tzinfo=UTC) for day in (2, 3))
    read = read_deployments(table, "+10:00", now=before)
    assert [row.deployment.end for row in read.rows] == [None]
    told = "deployments.csv row 2, deploymentEnd: it has not come yet; until then the camera counts as still out"
    assert read.problems == (told,)
    assert bool(read_deployments(table, "+10:00", now=after).problems) == (end > "9999")


def test_a_time_without_offset_is_local_to_the_row(table: Path) -> None:
    assert problems_of(table, "dep1,43,131,2013-07-01 12:00,,cam1,Asia/Vladivostok,") == []
    (row,) = read_deployments(table, "UTC").rows
    assert row.deployment.start == datetime(2013, 7, 1, 1, tzinfo=UTC)


def test_a_spreadsheets_semicolons_and_byte_order_mark_are_understood(table: Path) -> None:
    table.write_bytes(b"\xef\xbb\xbf" + f"{COLUMNS}\r\n{GOOD}\r\n".replace(",", ";").encode())
    (row,) = read_deployments(table, "+10:00").rows
    assert (row.deployment.deployment_id, row.deployment.latitude) == ("dep1", 43.1)


def test_names_of_columns_are_known_whatever_their_case_and_the_spaces_around_them(table: Path) -> None:
    table.write_text(
        " DEPLOYMENTID, latitude ,longitude,deploymentstart,deploymentEnd,timezone,clockshiftseconds\n"
        "dep1,43,131,2013-07-01 12:00,,+03:00,3600\n"
    )
    read = read_deployments(table, "UTC")
    assert read.problems == ()
    (row,) = read.rows
    assert (row.deployment.zone, row.deployment.clock_shift_s) == ("+03:00", 3600.0)
    assert row.deployment.start == datetime(2013, 7, 1, 9, tzinfo=UTC)


def test_a_column_that_resembles_one_that_counts_is_told_and_others_are_nobodys_business(table: Path) -> None:
    header = COLUMNS.replace("clockShiftSeconds", "clockShift")
    table.write_text(f"{header},time_zone,habitat,ranger,\n{GOOD}3600,UTC,,,\n")
    assert read_deployments(table, "+10:00").problems == (
        "deployments.csv row 1, clockShift: there is no such column, so it counts for nothing; "
        "if clockShiftReason or clockShiftSeconds is meant, rename it so",
    )
    table.write_text(f"{header.replace('timeZone', 'time_zone')}\n{GOOD}\n")
    misspelt, _ = read_deployments(table, "+10:00").problems
    assert "time_zone: there is no such column" in misspelt
    assert "if timeZone is meant" in misspelt


def test_camtraprs_columns_for_days_without_a_working_camera_are_told_to_count_for_nothing(table: Path) -> None:
    table.write_text(f"{COLUMNS},Problem1_from,Problem1_to\n{GOOD},2024-04-01,2024-05-01\n")
    assert [problem.split(":")[0] for problem in read_deployments(table, "+10:00").problems] == [
        "deployments.csv row 1, Problem1_from",
        "deployments.csv row 1, Problem1_to",
    ]


def test_a_column_that_is_there_twice_is_told(table: Path) -> None:
    table.write_text(f"{COLUMNS},timezone,note,note\n{GOOD},+03:00,,\n")
    read = read_deployments(table, "+10:00")
    assert [problem.split(",")[1] for problem in read.problems] == [
        " timeZone: 2 columns have this name",
        " note: 2 columns have this name",
    ]
    assert read.rows[0].deployment.zone == "+03:00"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "lacks the column deploymentID, latitude"),
        (COLUMNS.replace("latitude,", "").encode(), "lacks the column latitude;"),
        (b'deploymentID,"' + b"never closed\n" * 20_000, "is no CSV table: field larger than field limit"),
        (f'{COLUMNS},note\n{GOOD},\n{GOOD},"a 5" pole\n{GOOD},'.encode(), "no CSV table: .*, in row 3; a quote"),
        (f'{COLUMNS}\n{GOOD}\n"{GOOD}\n{GOOD}'.encode(), "no CSV table: unexpected end of data, in row 3; a quote"),
        ("deploymentID,Широта".encode("cp1251"), "is not in UTF-8; save it from the spreadsheet"),
    ],
)
def test_a_table_that_is_none_is_refused_as_a_whole(table: Path, content: bytes, message: str) -> None:
    table.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_deployments(table, "+10:00")


def test_a_table_that_is_not_there_is_named(table: Path) -> None:
    with pytest.raises(ConfigError, match=r"deployments\.csv cannot be read: it is not there"):
        read_deployments(table, "+10:00")


MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(st.none() | MOMENTS, st.none() | MOMENTS, MOMENTS)
def test_a_missing_start_or_end_sets_no_bound(start: datetime | None, end: datetime | None, moment: datetime) -> None:
    deployment = Deployment("dep1", "", None, None, start, end, "UTC")
    too_early = start is not None and moment - start < timedelta()
    too_late = end is not None and moment - end > timedelta()
    assert within(deployment, moment) == (not too_early and not too_late)
