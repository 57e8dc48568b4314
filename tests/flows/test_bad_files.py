"""A bad file costs itself and nothing more."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.flows.conftest import FEW_LOOKS, REPOSITORY, Ethotrap, command, environment


@pytest.fixture
def card(tmp_path: Path, shipped: Path) -> Path:
    """A card with one good clip and every kind of bad file."""
    folder = tmp_path / "card"
    folder.mkdir()
    good = shipped / "LOC01/CAM1/20250612/100RECNX/IMG_0001.MP4"
    shutil.copyfile(good, folder / "good.MP4")
    index_last = folder / "index-last.mp4"
    with av.open(str(good)) as source, av.open(str(index_last), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    whole = index_last.read_bytes()
    index_last.unlink()
    (folder / "truncated.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("This is no video.")
    with av.open(str(folder / "no-frames.avi"), "w") as target:
        target.add_stream("mpeg4", rate=10, width=64, height=48, pix_fmt="yuv420p")
        target.start_encoding()
    shutil.copyfile(shipped / "LOC02/CAM2/20250612/100RECNX/IMG_0001.MP4", folder / "forbidden.mp4")
    (folder / "forbidden.mp4").chmod(0)
    return folder


def test_each_bad_file_has_its_own_plain_reason_and_the_good_one_is_analysed(
    card: Path, tmp_path: Path, ethotrap: Ethotrap
) -> None:
    archive = tmp_path / "archive"
    status = as_plain_user("analyse", card, "--archive", archive)
    assert status == 1
    found = ethotrap("status", "--archive", archive, "--json").json()
    assert found["videos"] == {"pending": 0, "analysed": 1, "blank": 0, "failed": 5}
    reasons = {Path(one["file"]).name: one["reason"] for one in found["failed"]}
    assert "cannot be opened as a video" in reasons["truncated.mp4"]
    assert reasons["empty.mp4"] == "empty file (0 bytes)"
    assert "holds text" in reasons["text.mp4"]
    assert "permission denied" in reasons["forbidden.mp4"]
    assert "holds no picture" in reasons["no-frames.avi"]
    assert len(set(reasons.values())) == 5
    (report,) = (archive / "reports").glob("*.md")
    for name, reason in reasons.items():
        assert name in report.read_text()
        assert reason in report.read_text()

    (card / "forbidden.mp4").chmod(0o644)
    assert as_plain_user("analyse", card, "--archive", archive) == 1
    after = ethotrap("status", "--archive", archive, "--json").json()
    assert after["videos"] == {"pending": 0, "analysed": 1, "blank": 1, "failed": 4}


def test_a_card_of_stills_is_said_to_hold_no_video(tmp_path: Path, ethotrap: Ethotrap) -> None:
    (tmp_path / "100RECNX").mkdir()
    (tmp_path / "100RECNX" / "IMG_0001.JPG").write_bytes(b"\xff\xd8\xff\xe0")
    ended = ethotrap("analyse", tmp_path / "100RECNX", "--archive", tmp_path / "archive", "--json")
    assert ended.status == 0
    assert ended.json()["counts"]["seen"] == 0
    assert "No video was found there" in ended.err


def test_names_of_any_bytes_end_no_night_and_steer_no_terminal(tmp_path: Path, ethotrap: Ethotrap) -> None:
    """As of an archive that was packed in another encoding, or of a card that is damaged."""
    card = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    card.mkdir()
    for name in (b"ba\xffd.mp4", b"\x1b]0;title\x07.mp4", b"a\n## b`<img>.mp4"):
        (card / os.fsdecode(name)).touch()
    archive = tmp_path / "archive"
    ended = ethotrap("run", card, "--archive", archive)
    assert (ended.status, "Traceback" in ended.err) == (1, False)
    assert "\\x1b]0;title\\x07.mp4" in ended.out
    assert "\x1b" not in ended.out + ended.err
    (report,) = (archive / "reports").glob("*.md")
    listed = report.read_text().partition("## Failed")[2]
    assert f"- `{tmp_path}/caf\\xe9/ba\\xffd.mp4`: empty file (0 bytes)" in listed
    assert f"- `` {tmp_path}/caf\\xe9/a\\n## b`<img>.mp4 ``: empty file (0 bytes)" in listed


def as_plain_user(*arguments: object) -> int:
    """Run the command as somebody whom file permissions bind."""
    done = subprocess.run(
        command(*arguments), preexec_fn=bound_by_permissions(), cwd=REPOSITORY, env=environment(FEW_LOOKS), timeout=300
    )
    return done.returncode


def bound_by_permissions() -> Callable[[], None] | None:
    """What a child process does first so that file permissions bind it: root gives up the right to pass them over."""
    return _pass_over_no_permissions if os.geteuid() == 0 else None


def _pass_over_no_permissions() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    drop_from_bounding_set, dac_override, dac_read_search = 24, 1, 2  # linux/prctl.h, linux/capability.h
    for capability in (dac_override, dac_read_search):
        if libc.prctl(drop_from_bounding_set, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "cannot give up root's rights")
