"""A Prefect server of our own, that lives and dies with the process that started it.

Prefect can start a server by itself, but that one survives when its parent is killed. `python -m flows.server PORT`
is the same server, which ends by itself as soon as its parent is gone.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.errors import StoreError
from pipeline.workers import end_with_parent

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"  # nothing listens beyond this machine
OWN_NAMES = (HOST, "localhost", "::1")  # of this machine; the two others for whoever comes through a tunnel
START_LIMIT_S = 180.0  # a first start makes Prefect's own database, on a slow disk for a minute or more


def quiet(home: Path) -> Mapping[str, str]:
    """Settings for Prefect: its files in `home`, no word to anybody, little to the terminal. The user's own win.

    Args:
        home: folder for Prefect's own database.
    """
    wanted = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # a server that is gone is an error, not a second database
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_CLI_PROMPT": "false",
    }
    return {name: os.environ.get(name, value) for name, value in wanted.items()}


@contextmanager
def prefect_server(home: Path) -> Iterator[bool]:
    """Have a Prefect server, and point this process to it: the one that PREFECT_API_URL names, or a new one.

    Must be entered before Prefect is imported, since that is when it reads its settings; or after `quiet` is in force.

    Args:
        home: folder for the new server's database.

    Yields:
        Whether the server is a new one, so that all its runs are of this archive.

    Raises:
        StoreError: the new server does not start; the message quotes it.
    """
    os.environ.update(quiet(home.absolute()))
    if os.environ.get("PREFECT_API_URL"):
        yield False
        return
    port = _free_port()
    log = home / "server.log"
    child = _start(port, log)
    os.environ["PREFECT_API_URL"] = f"http://{HOST}:{port}/api"
    try:
        if "prefect" in sys.modules:
            from prefect.context import refresh_global_settings_context

            refresh_global_settings_context()
        _wait_until_ready(child, port, log)
        yield True
    finally:
        del os.environ["PREFECT_API_URL"]
        child.terminate()
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _start(port: int, log: Path) -> "subprocess.Popen[bytes]":
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        out = log.open("w", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"the Prefect server has no place for its files: {error.filename}: {error.strerror}; remove or free it"
        ) from error
    with out:
        return subprocess.Popen(
            [sys.executable, "-m", "flows.server", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ},
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise StoreError(f"the Prefect server ended at once; its last words in {log}:\n{_tail(log)}")
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/api/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise StoreError(f"the Prefect server has not answered for {START_LIMIT_S:.0f} s; its last words:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def served_here() -> "ASGIApp":
    """Prefect's server for programs and pages of this machine alone.

    Prefect answers whatever asks: any web page, through the browser of whoever looks at it on this machine, could read
    reports and start runs. Browsers say from where a page is (Origin), and by what name it found us (Host).
    """
    from prefect.server.api.server import create_app
    from starlette.datastructures import Headers
    from starlette.responses import PlainTextResponse

    prefects = create_app()

    async def answer(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] in ("http", "websocket") and not is_from_here(Headers(scope=scope)):
            await PlainTextResponse("for pages of this machine alone", 403)(scope, receive, send)
        else:
            await prefects(scope, receive, send)

    return answer


def is_from_here(headers: Mapping[str, str]) -> bool:
    """Whether a request is made under a name of this machine, by a program or by a page that is from here, too."""
    names = [f"//{headers.get('host', '')}", *([headers["origin"]] if "origin" in headers else [])]
    return all(urlsplit(name).hostname in OWN_NAMES for name in names)


def main(port: int) -> None:
    """Serve Prefect's API on this machine until the parent process ends."""
    import uvicorn

    end_with_parent(os.getppid())
    uvicorn.run(
        served_here,
        factory=True,
        host=HOST,
        port=port,
        log_level="error",
        timeout_keep_alive=60,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
