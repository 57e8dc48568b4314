"""The schedule after a power cut in the middle of a night."""

import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from pipeline.night import only_run
from tests.flows.conftest import command, environment, recorded, wait_for


@pytest.mark.timeout(600)
def test_nights_go_on_after_everything_was_killed_in_the_middle_of_one(three: Path, tmp_path: Path) -> None:
    archive, log = tmp_path / "archive", tmp_path / "log.txt"
    arguments = command("serve", three, "--archive", archive, "--cron", "* * * * *")
    with log.open("w") as out:
        serving = subprocess.Popen(arguments, env=environment(), stdout=out, stderr=out)
    wait_for(lambda: list((archive / "work").glob("*/*")), 180)
    everyone = [psutil.Process(serving.pid), *psutil.Process(serving.pid).children(recursive=True)]
    for process in everyone:
        process.send_signal(signal.SIGKILL)
    serving.wait()
    assert recorded(archive, "RUNNING")

    with log.open("w") as out:
        again = subprocess.Popen(arguments, env=environment(), stdout=out, stderr=out)
    try:
        wait_for(lambda: recorded(archive, "COMPLETED"), 240)
        with only_run(archive):  # stands for a night that takes longer than until the next one
            wait_for(lambda: recorded(archive, "CANCELLED"), 120)
    finally:
        again.send_signal(signal.SIGINT)
        again.wait(60)
    assert {message for _, message in recorded(archive, "CRASHED")} == {"stopped or killed before its end"}
    assert {name for name, _ in recorded(archive, "CANCELLED")} == {"Skipped"}
    said = log.read_text()
    assert "Runs stopped or killed before their end: " in said
    assert "Skipped: another run is working on" in said
    assert "Traceback" not in said
