from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from pipeline.highlights.cut import CutRequest, cut_clips
from pipeline.settings import ClipSettings
from pipeline.values import Clip
from pipeline.video.decode import open_video

pytestmark = pytest.mark.footage


def cut(source: Path, out: Path, start: float, end: float, padding: float) -> Clip:
    request = CutRequest("bout", start, end, np.array([start]), np.array([[0.3, 0.3, 0.4, 0.4]]))
    settings = ClipSettings(padding_s=padding, crf=18, preset="ultrafast", skip=())
    with open_video(source) as video:
        (clip,) = cut_clips(video.frames(), video.info, [request], out, settings)
    return clip


def test_four_k_stays_four_k(footage: Path, tmp_path: Path) -> None:
    source = footage / "clips" / "otter_ir_4k-hevc.mp4"
    clip = cut(source, tmp_path, 0.2, 0.4, padding=0.1)
    with av.open(str(clip.path)) as container:
        pictures = list(container.decode(video=0))
    assert {(picture.width, picture.height, picture.format.name) for picture in pictures} == {(3840, 2160, "yuv420p")}
    assert len(pictures) == 13
    poster = cv2.imread(str(clip.poster))
    assert poster is not None
    assert poster.shape == (720, 1280, 3)


def test_every_trap_container_can_be_cut(footage: Path, tmp_path: Path) -> None:
    sources = sorted(p for p in (footage / "containers").rglob("*") if p.suffix.lower() in {".avi", ".asf", ".mp4"})
    assert len(sources) == 33
    for source in sources:
        with open_video(source) as video:
            times = [frame.t for _, frame in zip(range(40), video.frames(), strict=False)]
        clip = cut(source, tmp_path, times[5], times[10], padding=0.5)
        within = [t for t in times if times[5] - 0.5 - 1e-6 <= t <= times[10] + 0.5 + 1e-6]
        with av.open(str(clip.path)) as container:
            shown = [clip.start_s + float(picture.time) for picture in container.decode(video=0)]
        np.testing.assert_allclose(shown[: len(within)], within, atol=1e-4, err_msg=source.name)
