from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import ConfigError, NoFramesError
from pipeline.highlights.pictures import cropped
from pipeline.highlights.reel import make_reel

MakeVideo = Callable[..., Path]
ReadVideo = Callable[[Path], list[tuple[float, int]]]


def test_clips_follow_one_another_at_a_steady_rate(
    tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
) -> None:
    slow = make_video(tmp_path / "slow.mp4", [0.0, 0.4, 0.8])
    fast = make_video(tmp_path / "fast.mp4", [n / 50 for n in range(11)])
    report = make_reel([slow, fast], tmp_path / "film.mp4", width=320, height=192)
    film = read_video(report.path)
    np.testing.assert_allclose([t for t, _ in film], [n / 25 for n in range(len(film))], atol=1e-4)
    assert [number for _, number in film[:30]] == [0] * 10 + [1] * 10 + [2] * 10
    assert [number for _, number in film[30:]] == [0, 2, 4, 6, 8, 10]
    assert report.clips == (slow, fast)
    assert report.damaged == ()
    assert report.seconds == pytest.approx(len(film) / 25)


def test_pictures_of_variable_rate_are_shown_within_half_a_step_of_their_time(
    tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
) -> None:
    times = list(np.cumsum([0.0, *([0.05, 0.11, 0.3, 0.07] * 5)]))
    clip = make_video(tmp_path / "clip.mp4", times)
    film = read_video(make_reel([clip], tmp_path / "film.mp4", width=160, height=96).path)
    first_shown = {number: t for t, number in reversed(film)}
    np.testing.assert_allclose([first_shown[n] for n in range(len(times))], times, atol=0.5 / 25 + 1e-3)


def test_a_pause_of_the_camera_does_not_freeze_the_film(
    tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
) -> None:
    clip = make_video(tmp_path / "clip.mp4", [0.0, 0.4, 20.0, 20.4])
    film = read_video(make_reel([clip], tmp_path / "film.mp4", width=160, height=96).path)
    assert [number for _, number in film] == [0] * 10 + [1] * 25 + [2] * 10 + [3] * 10


@pytest.mark.parametrize(("share", "rows"), [(0.0, 0), (0.0625, 46), (0.1, 72), (0.3, 216)])
def test_no_row_is_left_of_what_is_cropped(share: float, rows: int) -> None:
    """45 rows are 0.0625 of 720: one of them stayed as a thin line."""
    picture = av.VideoFrame(64, 720, "yuv420p")
    assert (cropped(picture, share, 0).height, cropped(picture, 0, share).height) == (720 - rows, 720 - rows)


@pytest.mark.parametrize(
    ("size", "inside", "outside"),
    [((96, 160), (90, 160), (90, 20)), ((160, 48), (90, 160), (10, 160))],
    ids=["upright", "wide"],
)
def test_another_shape_gets_black_bars_and_keeps_its_own(
    tmp_path: Path, make_video: MakeVideo, size: tuple[int, int], inside: tuple[int, int], outside: tuple[int, int]
) -> None:
    clip = make_video(tmp_path / "clip.mp4", [n / 25 for n in range(10)], size=size)
    report = make_reel([clip], tmp_path / "film.mp4", width=320, height=180)
    with av.open(str(report.path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.average_rate) == ("h264", "yuv420p", 25)
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape == (180, 320, 3)
    assert picture[outside].max() < 8
    assert picture[inside].min() > 25
    lit = picture.max(axis=2) > 20
    height, width = lit.any(axis=1).sum(), lit.any(axis=0).sum()
    assert width / height == pytest.approx(size[0] / size[1], rel=0.05)


def test_a_bad_clip_costs_itself_only_and_is_listed(
    tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
) -> None:
    good = make_video(tmp_path / "good.mp4", [n / 25 for n in range(10)])
    text, missing, broken = tmp_path / "text.mp4", tmp_path / "missing.mp4", tmp_path / "broken.mp4"
    text.write_text("not a film")
    broken.write_bytes(good.read_bytes()[:400])
    report = make_reel([text, good, missing, broken, good], tmp_path / "film.mp4", width=160, height=96)
    assert [number for _, number in read_video(report.path)] == [*range(10), *range(10)]
    assert report.clips == (good, good)
    assert [path for path, _ in report.damaged] == [text, missing, broken]
    assert "no such file" in report.damaged[1][1]


def test_without_a_single_good_clip_there_is_no_film(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a film")
    with pytest.raises(NoFramesError, match="none of the 1 clips can be read"):
        make_reel([tmp_path / "text.mp4"], tmp_path / "film.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["text.mp4"]


def test_progress_rises_to_the_whole(tmp_path: Path, make_video: MakeVideo) -> None:
    clips = [make_video(tmp_path / f"{n}.mp4", [n / 25 for n in range(30)]) for n in range(2)]
    seen: list[tuple[float, float]] = []
    make_reel(
        clips, tmp_path / "film.mp4", width=160, height=96, progress=lambda done, total: seen.append((done, total))
    )
    done = [share for share, _ in seen]
    assert done == sorted(done)
    assert seen[-1] == (pytest.approx(2.4), pytest.approx(2.4))


def test_nothing_of_the_clips_is_in_the_film(tmp_path: Path, make_video: MakeVideo) -> None:
    clip = make_video(tmp_path / "gorge.mp4", [n / 25 for n in range(30)], metadata={"comment": "den of Leo 12"})
    report = make_reel([clip], tmp_path / "film.mp4", width=160, height=96)
    content = report.path.read_bytes()
    assert b"den of Leo" not in content
    assert b"gorge" not in content


def test_wrong_names_and_sides_are_refused_before_any_work(tmp_path: Path, make_video: MakeVideo) -> None:
    clip = make_video(tmp_path / "clip.mp4", [0.0, 0.04])
    before = clip.read_bytes()
    with pytest.raises(ConfigError, match=r"must end in \.mp4"):
        make_reel([clip], tmp_path / "film.avi")
    with pytest.raises(ConfigError, match="one of the clips"):
        make_reel([clip], clip, overwrite=True)
    with pytest.raises(ConfigError, match="both sides must be even"):
        make_reel([clip], tmp_path / "film.mp4", width=1279)
    assert clip.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_film_is_replaced_only_when_asked(tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo) -> None:
    clip = make_video(tmp_path / "clip.mp4", [0.0, 0.04])
    film = tmp_path / "film.mp4"
    film.write_bytes(b"an older film")
    with pytest.raises(ConfigError, match="exists already"):
        make_reel([clip], film)
    assert film.read_bytes() == b"an older film"
    make_reel([clip], film, width=160, height=96, overwrite=True)
    assert len(read_video(film)) == 2
