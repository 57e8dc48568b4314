"""Killed at any moment and started again, a run ends as if nothing had happened."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from pipeline.store.contents import contents
from pipeline.store.open import DATABASE, open_store
from tests.flows.conftest import FEW_LOOKS, Ethotrap, command, environment
from tests.flows.test_night import digests

KILLS = 10


@pytest.mark.timeout(1500)
def test_ten_kills_at_random_moments_change_nothing(ethotrap: Ethotrap, three: Path, tmp_path: Path) -> None:
    wanted = tmp_path / "undisturbed"
    arguments = ("analyse", three, "--deployments", three / "deployments.csv", "--archive")
    started = time.monotonic()
    assert ethotrap(*arguments, wanted, env=FEW_LOOKS).status == 0
    took = time.monotonic() - started

    moments = random.Random(20251114)
    archives = [tmp_path / "killed-1"]
    reached = []
    for _ in range(KILLS):
        kill_after(moments.uniform(0.1, 1.0) * took, *arguments, archives[-1])
        reached.append(stage(archives[-1]))
        if reached[-1] == "done":
            # Nothing is left to disturb: begin again, so that every kill meets a run that has work to do.
            archives.append(tmp_path / f"killed-{len(archives) + 1}")
    assert set(reached) - {"done"}, "no kill met a run at work"

    undisturbed = contents(open_store(wanted, read_only=True)), digests(wanted)
    for killed in archives:
        assert ethotrap(*arguments, killed, env=FEW_LOOKS).status == 0
        assert (contents(open_store(killed, read_only=True)), digests(killed)) == undisturbed
        assert not list((killed / "work").glob("*"))


def kill_after(seconds: float, *arguments: object) -> None:
    quiet = subprocess.DEVNULL
    run = subprocess.Popen(command(*arguments), env=environment(FEW_LOOKS), stdout=quiet, stderr=quiet)
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        children = psutil.Process(run.pid).children(recursive=True)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive, "the workers outlive the run that started them"


def stage(archive: Path) -> str:
    """How far a run got: no ledger yet, some videos kept, all of them."""
    if not (archive / DATABASE).exists():
        return "before the ledger"
    kept = len(list((archive / "media").glob("*/*/*"))) if (archive / "media").exists() else 0
    return "done" if kept == 3 else f"{kept} kept"
