import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows.command import status_of

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "ETHOTRAP_"))}
    return {**clean, **(changes or {})}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "flows.command", *(str(argument) for argument in arguments)]


def recorded(archive: Path, state: str) -> list[tuple[str, str]]:
    """Name and message of the state of every run that Prefect has in such a state."""
    wanted = (
        "SELECT s.name, s.message FROM flow_run r JOIN flow_run_state s ON s.id = r.state_id WHERE r.state_type = ?"
    )
    with closing(sqlite3.connect(f"file:{archive / 'prefect' / 'prefect.db'}?mode=ro", uri=True)) as database:
        return list(database.execute(wanted, (state,)))


def wait_for(condition: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not happened in time"
        time.sleep(0.5)


Ethotrap = Callable[..., Ended]

# For tests of what becomes of files, not of what is seen in them: the detector's time is most of theirs.
FEW_LOOKS = {"ETHOTRAP_DETECTOR__RATE_HZ": "2", "ETHOTRAP_DETECTOR__CLOSE_UP_SIDE": "0"}


@pytest.fixture(scope="session")
def ethotrap() -> Ethotrap:
    """Run the command line as a user does, in a process of its own."""

    def run(*arguments: object, env: Mapping[str, str] | None = None, timeout: float = 400) -> Ended:
        done = subprocess.run(
            command(*arguments), capture_output=True, text=True, timeout=timeout, env=environment(env), cwd=REPOSITORY
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


Say = Callable[..., Any]


@pytest.fixture
def say_to(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Say]:
    """Give commands to an archive, in this process; what they print, as JSON where asked for, or their complaint."""

    def to(archive: Path) -> Say:
        monkeypatch.setenv("ETHOTRAP_ARCHIVE", str(archive))
        monkeypatch.setenv("ETHOTRAP_WHO", "A. Petrova")

        def give(*words: object, status: int = 0) -> Any:
            assert status_of([str(word) for word in words]) == status
            said = capsys.readouterr()
            if status:
                return " ".join(said.err.split())
            return json.loads(said.out) if "--json" in words else said.out

        return give

    return to


# One that walks, one that rests and a windy place: as much as a night needs to show itself.
THREE = (
    "LOC01/CAM1/20250612/100RECNX/IMG_0001.MP4",
    "LOC04/CAM4/20250612/100RECNX/IMG_0002.MP4",
    "LOC02/CAM2/20250612/100RECNX/IMG_0001.MP4",
)


@pytest.fixture(scope="session")
def three(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three of the clips that ship, in their folders, and the deployments table."""
    folder = tmp_path_factory.mktemp("three") / "footage"
    for name in THREE:
        (folder / name).parent.mkdir(parents=True)
        shutil.copyfile(shipped / name, folder / name)
    shutil.copyfile(shipped / "deployments.csv", folder / "deployments.csv")
    return folder


@dataclass(frozen=True)
class Demo:
    """Three of the clips that ship, analysed once by the nightly flow."""

    archive: Path
    run: Ended


@pytest.fixture(scope="session")
def demo(ethotrap: Ethotrap, three: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    archive = tmp_path_factory.mktemp("demo") / "an archive"
    run = ethotrap("run", three, "--archive", archive, "--deployments", three / "deployments.csv")
    return Demo(archive, run)
