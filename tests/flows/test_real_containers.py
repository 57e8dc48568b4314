"""Thirty-three real trap files, several of which declare more than they hold, go through a whole run."""

from pathlib import Path

import pytest

from pipeline.store.open import open_store
from pipeline.store.queries import videos
from pipeline.values import State
from tests.flows.conftest import FEW_LOOKS, Ethotrap


@pytest.mark.footage
@pytest.mark.timeout(900)
def test_every_file_ends_in_the_ledger_with_its_counts(footage: Path, ethotrap: Ethotrap, tmp_path: Path) -> None:
    run = ethotrap("analyse", footage / "containers", "--archive", tmp_path, env=FEW_LOOKS, timeout=800)
    assert run.status == 0, run.out + run.err
    found = videos(open_store(tmp_path, read_only=True))
    assert len(found) == 33
    for video in found:
        assert video.state in (State.ANALYSED, State.BLANK), video.reason
        assert video.decoded_frames
        assert video.declared_frames or video.declared_duration_s, "ASF declares a duration and no frames"
        assert video.decoded_frames <= (video.declared_frames or video.decoded_frames)
    torn = {v.file.name: (v.declared_frames, v.decoded_frames) for v in found if v.decode_complaint}
    assert torn["EK000018.AVI"] == (1627, 1559)
    assert len(torn) == 4
    assert all(name in run.out for name in torn)
