"""What is wrong with a command is said in words, with status 2, before anything starts."""

import subprocess
from pathlib import Path

import pytest

from pipeline.night import only_run
from pipeline.store.open import open_store
from tests.flows.conftest import REPOSITORY, Ethotrap, command, environment
from tests.flows.test_bad_files import bound_by_permissions

EMPTY_ROW = "dep1,91,131,2024-05-01T00:00:00,,,"
TABLE = f"deploymentID,latitude,longitude,deploymentStart,deploymentEnd,locationID,cameraID\n{EMPTY_ROW}\n"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card without videos: what is promised here does not depend on them."""
    folder = tmp_path / "card"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("verb", ["run", "analyse", "serve"])
@pytest.mark.parametrize(("named", "words"), [([], "no footage is named"), ([""], "a path is empty")])
def test_a_command_without_footage_is_refused(
    ethotrap: Ethotrap, tmp_path: Path, verb: str, named: list[str], words: str
) -> None:
    ended = ethotrap(verb, *named, "--archive", tmp_path / "archive")
    assert ended.status == 2
    assert words in ended.err + ended.out
    assert "Traceback" not in ended.err
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize(
    ("option", "wrong"),
    [("--timezone", "Asia/Nowhere"), ("--timezone", ""), ("--cron", "at two"), ("--cron", "61 2 * * *")],
)
def test_a_wrong_schedule_is_refused(ethotrap: Ethotrap, card: Path, tmp_path: Path, option: str, wrong: str) -> None:
    ended = ethotrap("serve", card, "--archive", tmp_path / "archive", option, wrong, timeout=60)
    assert ended.status == 2
    assert ended.err.startswith(f"ethotrap: {option}: {wrong!r} is no ")
    assert not (tmp_path / "archive" / "prefect" / "server.log").exists()


@pytest.mark.parametrize("verb", ["run", "analyse", "serve"])
def test_an_archive_that_cannot_be_written_to_is_refused(card: Path, tmp_path: Path, verb: str) -> None:
    archive = tmp_path / "archive"
    open_store(archive)
    archive.chmod(0o555)
    status, said = as_plain_user(verb, card, "--archive", archive)
    assert status == 2
    assert said.startswith(f"ethotrap: cannot write to the archive folder {archive}: Permission denied")


def test_a_file_in_the_place_of_the_archive_or_of_prefects_folder_is_refused(
    ethotrap: Ethotrap, card: Path, tmp_path: Path
) -> None:
    taken, archive = tmp_path / "taken", tmp_path / "archive"
    taken.touch()
    archive.mkdir()
    (archive / "prefect").touch()
    for chosen, place in ((taken, taken), (archive, archive / "prefect")):
        ended = ethotrap("run", card, "--archive", chosen)
        assert ended.status == 2
        assert f"{place}: File exists" in ended.err
        assert "Traceback" not in ended.err


def test_a_dry_run_reads_an_archive_that_it_may_not_write_to(card: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    open_store(archive)
    archive.chmod(0o555)
    status, said = as_plain_user("run", card, "--archive", archive, "--dry-run")
    assert (status, said) == (0, "")


def test_a_run_while_another_has_the_archive_says_only_that(ethotrap: Ethotrap, card: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    with only_run(archive):
        ended = ethotrap("run", card, "--archive", archive)
    assert ended.status == 2
    assert ended.err.startswith(f"ethotrap: another run is working on {archive}; wait until it has ended")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "mode", [["run", "--dry-run"], ["run", "--dry-run", "--json"], ["analyse"], ["analyse", "--json"]]
)
def test_what_is_wrong_in_the_deployments_table_is_said_in_every_mode(
    ethotrap: Ethotrap, card: Path, tmp_path: Path, mode: list[str]
) -> None:
    table = tmp_path / "deployments.csv"
    table.write_text(TABLE)
    ended = ethotrap(mode[0], card, "--archive", tmp_path / "archive", "-d", table, *mode[1:])
    problem = "deployments.csv row 2, latitude: 91 lies outside -90 to 90; correct it; the row is left out"
    assert ended.status == 0
    assert ended.err.splitlines()[0] == f"deployments table: {problem}"
    if "--json" in mode:
        assert ended.json()["table_problems"] == [problem]


def as_plain_user(*arguments: object) -> tuple[int, str]:
    """Status and standard error of the command, given by somebody whom file permissions bind."""
    done = subprocess.run(
        command(*arguments),
        preexec_fn=bound_by_permissions(),
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stderr
