"""The schedule: scheduled nights appear, one runs to its end, and one without its footage says so."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.flows.conftest import Ethotrap, command, environment, recorded, wait_for


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of a Prefect server of the test's own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"PREFECT_HOME": str(tmp_path / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    process = subprocess.Popen([sys.executable, "-m", "flows.server", str(port)], env=environment(settings))
    address = f"http://127.0.0.1:{port}/api"
    try:
        wait_for(lambda: reachable(address), 120)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://pages.example"}, {"Origin": "null"}, {"Host": "pages.example"}],
    ids=["a page from elsewhere", "a page from nowhere", "a name that was turned to this machine"],
)
def test_no_web_page_from_elsewhere_gets_an_answer(server: str, headers: dict[str, str]) -> None:
    for own in ({}, {"Origin": server.removesuffix("/api")}):
        with urllib.request.urlopen(urllib.request.Request(f"{server}/health", headers=own)) as answer:
            assert answer.status == 200
    asked = urllib.request.Request(f"{server}/flow_runs/filter", b"{}", {"Content-Type": "text/plain", **headers})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(asked)


@pytest.mark.timeout(400)
def test_nights_are_scheduled_and_one_runs_to_its_end(
    server: str, ethotrap: Ethotrap, shipped: Path, tmp_path: Path
) -> None:
    footage, archive = tmp_path / "footage", tmp_path / "archive"
    footage.mkdir()
    shutil.copyfile(shipped / "LOC02/CAM2/20250612/100RECNX/IMG_0001.MP4", footage / "IMG_0001.MP4")
    serving = subprocess.Popen(
        command("serve", footage, "--archive", archive, "--cron", "* * * * *", "--timezone", "Asia/Vladivostok"),
        env=environment({"PREFECT_API_URL": server}),
    )
    try:
        wait_for(lambda: len(runs(server, "SCHEDULED")) >= 3, 120)
        wait_for(lambda: runs(server, "COMPLETED"), 180)
    finally:
        children = psutil.Process(serving.pid).children(recursive=True)
        serving.send_signal(signal.SIGINT)
        serving.wait(60)
        _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    assert ethotrap("status", "--archive", archive, "--json").json()["videos"]["blank"] == 1
    (deployment,) = ask(server, "deployments/filter", {})
    assert deployment["schedules"][0]["schedule"]["timezone"] == "Asia/Vladivostok"
    assert not deployment["paused"]


@pytest.mark.timeout(400)
def test_a_night_without_its_footage_says_so_and_fails(tmp_path: Path) -> None:
    archive, log = tmp_path / "archive", tmp_path / "log.txt"
    with log.open("w") as out:
        arguments = command("serve", tmp_path / "not mounted", "--archive", archive, "--cron", "* * * * *")
        serving = subprocess.Popen(arguments, env=environment(), stdout=out, stderr=out)
    try:
        wait_for(lambda: "Runs at" in log.read_text(), 120)
        assert "warning: cannot look for footage in" in log.read_text()
        wait_for(lambda: recorded(archive, "FAILED"), 180)
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(60)
    assert all("not mounted: it is not there" in message for _, message in recorded(archive, "FAILED"))
    assert "Failed: cannot look for footage in" in log.read_text()
    assert "Traceback" not in log.read_text()


def runs(server: str, state: str) -> list[Any]:
    wanted = {"flow_runs": {"state": {"type": {"any_": [state]}}}}
    return list(ask(server, "flow_runs/filter", wanted))


def ask(server: str, path: str, body: object) -> Any:
    request = urllib.request.Request(
        f"{server}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def reachable(server: str) -> bool:
    try:
        with urllib.request.urlopen(f"{server}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
