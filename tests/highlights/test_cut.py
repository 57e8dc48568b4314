import struct
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DecodingError, StoreError
from pipeline.highlights.cut import PIXELS_AT_ONCE, CutRequest, cut_clips, waves
from pipeline.settings import ClipSettings
from pipeline.values import Clip, VideoInfo
from pipeline.video.decode import Frame, open_video
from tests.video.filming import film

MakeVideo = Callable[..., Path]
ReadVideo = Callable[[Path], list[tuple[float, int]]]

SETTINGS = ClipSettings(padding_s=0.5, crf=18, preset="ultrafast", skip=())
STEADY = [n / 25 for n in range(100)]
UNSTEADY = list(np.cumsum([0.0, *([0.04, 0.033, 0.1, 0.051, 0.21] * 12)]))
CENTRE = (0.3, 0.3, 0.4, 0.4)


def bout(start: float, end: float, name: str = "bout", box: tuple[float, ...] = CENTRE) -> CutRequest:
    return CutRequest(name, start, end, np.array([start, end]), np.array([box, box]))


def cut(source: Path, out: Path, *requests: CutRequest, pixel_aspect: Fraction = Fraction(1)) -> list[Clip]:
    with open_video(source) as video:
        return cut_clips(video.frames(), video.info, requests, out, SETTINGS, pixel_aspect)


def assert_shows(clip: Clip, source: Iterable[tuple[float, int]], start: float, end: float, read: ReadVideo) -> None:
    """The clip holds exactly the source's pictures between two times, each at its own time to within a tick."""
    expected = [(t, number) for t, number in source if start - 1e-6 <= t <= end + 1e-6]
    shown = read(clip.path)
    assert [number for _, number in shown] == [number for _, number in expected]
    np.testing.assert_allclose([clip.start_s + t for t, _ in shown], [t for t, _ in expected], atol=2 / 90_000)
    assert (clip.start_s, clip.end_s) == pytest.approx((expected[0][0], expected[-1][0]), abs=1e-4)


class TestTimes:
    @pytest.mark.parametrize("times", [STEADY, UNSTEADY], ids=["steady", "variable"])
    def test_each_picture_keeps_its_time(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo, times: list[float]
    ) -> None:
        source = make_video(tmp_path / "source.mp4", times)
        (clip,) = cut(source, tmp_path, bout(1.2, 2.0))
        assert_shows(clip, read_video(source), 0.7, 2.5, read_video)

    def test_a_source_that_does_not_start_at_zero(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
    ) -> None:
        source = make_video(tmp_path / "source.mkv", [7.5 + t for t in UNSTEADY])
        from_first = [(t - 7.5, number) for t, number in read_video(source)]
        (clip,) = cut(source, tmp_path, bout(1.2, 2.0))
        # Matroska rounds times to 1 ms, for every picture on its own.
        expected = [number for t, number in from_first if 0.7 - 1e-3 <= t <= 2.5 + 1e-3]
        shown = read_video(clip.path)
        assert [number for _, number in shown] == expected
        np.testing.assert_allclose(
            [clip.start_s + t for t, _ in shown], [dict(map(reversed, from_first))[n] for n in expected], atol=1e-3
        )

    def test_padding_ends_where_the_video_does(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
    ) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        early, late = cut(source, tmp_path, bout(0.2, 0.6, "early"), bout(3.8, 3.96, "late"))
        assert_shows(early, read_video(source), 0.0, 1.1, read_video)
        assert_shows(late, read_video(source), 3.3, 3.96, read_video)

    def test_a_bout_of_one_picture(self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo) -> None:
        source = make_video(tmp_path / "source.mp4", [0.0, 5.0, 10.0])
        (clip,) = cut(source, tmp_path, bout(5.0, 5.0))
        assert (clip.start_s, clip.end_s) == (5.0, 5.0)
        assert [number for _, number in read_video(clip.path)] == [1]

    def test_overlapping_bouts_come_from_one_reading_in_the_order_asked_for(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
    ) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        clips = cut(source, tmp_path, bout(2.0, 3.0, "b"), bout(1.0, 2.4, "a"), bout(2.0, 2.2, "c"))
        assert [clip.path.stem for clip in clips] == ["b", "a", "c"]
        for clip, (start, end) in zip(clips, [(1.5, 3.5), (0.5, 2.9), (1.5, 2.7)], strict=True):
            assert_shows(clip, read_video(source), start, end, read_video)

    def test_reading_stops_behind_the_last_bout(self, tmp_path: Path, make_video: MakeVideo) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        with open_video(source) as video:
            cut_clips(video.frames(), video.info, [bout(0.4, 0.6)], tmp_path, SETTINGS)
            assert video.report().decoded_frames < 35

    def test_the_last_picture_stays_as_long_as_the_one_before(self, tmp_path: Path, make_video: MakeVideo) -> None:
        source = make_video(tmp_path / "source.mp4", [n / 2 for n in range(8)])
        (clip,) = cut(source, tmp_path, bout(1.0, 2.0))
        with av.open(str(clip.path)) as container:
            stream = container.streams.video[0]
            assert float(stream.duration * stream.time_base) == pytest.approx(clip.end_s - clip.start_s + 0.5)


class TestSources:
    @pytest.mark.parametrize(
        ("name", "codec", "pix_fmt"),
        [
            ("a.mp4", "libx265", "yuv420p"),
            ("a.mp4", "libx265", "yuv420p10le"),
            ("a.avi", "mjpeg", "yuvj422p"),
            ("a.avi", "mpeg4", "yuv420p"),
            ("a.mkv", "ffv1", "bgr0"),
        ],
    )
    def test_any_codec_and_pixel_format_becomes_one_that_plays(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo, name: str, codec: str, pix_fmt: str
    ) -> None:
        source = make_video(tmp_path / name, STEADY, codec=codec, pix_fmt=pix_fmt)
        (clip,) = cut(source, tmp_path / "out", bout(1.0, 2.0))
        assert_shows(clip, read_video(source), 0.5, 2.5, read_video)
        with av.open(str(clip.path)) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.pix_fmt, len(container.streams)) == ("h264", "yuv420p", 1)

    @pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p", "yuvj422p"])
    def test_brightness_stays_whatever_the_range_of_the_source(
        self, tmp_path: Path, make_video: MakeVideo, pix_fmt: str
    ) -> None:
        codec = "mjpeg" if pix_fmt.startswith("yuvj") else "libx264"
        source = make_video(tmp_path / "source.avi", STEADY, codec=codec, pix_fmt=pix_fmt)
        (clip,) = cut(source, tmp_path, bout(1.0, 2.0))
        with av.open(str(clip.path)) as container:
            rgb = next(container.decode(video=0)).to_ndarray(format="rgb24")
        np.testing.assert_allclose(rgb[80, 80], (110, 110, 110), atol=4)

    def test_pictures_that_change_their_format_and_size_on_the_way(self, tmp_path: Path, read_video: ReadVideo) -> None:
        looks = [((160, 96), "yuvj420p"), ((160, 96), "yuvj422p"), ((80, 48), "yuvj422p"), ((160, 96), "gray")]

        def frames() -> Iterable[Frame]:
            for index, ((width, height), pix_fmt) in enumerate(looks):
                grey = np.full((height, width, 3), 60 * index, np.uint8)
                yield Frame(index, index / 25, av.VideoFrame.from_ndarray(grey, "rgb24").reformat(format=pix_fmt))

        info = VideoInfo("avi", "mjpeg", 160, 96, None, None, 25.0)
        (clip,) = cut_clips(frames(), info, [bout(0.0, 0.12)], tmp_path, SETTINGS)
        with av.open(str(clip.path)) as container:
            shown = list(container.decode(video=0))
        assert [(picture.width, picture.height) for picture in shown] == [(160, 96)] * 4
        brightness = [picture.to_ndarray(format="rgb24").mean() for picture in shown]
        np.testing.assert_allclose(brightness, [0, 60, 120, 180], atol=4)

    @pytest.mark.parametrize("turned", [90, 180, 270])
    def test_a_camera_on_its_side_gives_an_upright_clip(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo, turned: int
    ) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY, turned=turned)
        (clip,) = cut(source, tmp_path, bout(1.0, 2.0))
        assert [number for _, number in read_video(clip.path)] == list(range(13, 63))
        with av.open(str(clip.path)) as container:
            picture = next(container.decode(video=0))
        assert picture.rotation == 0
        assert (picture.width, picture.height) == ((160, 96) if turned == 180 else (96, 160))

    def test_pixels_that_are_not_square_are_stretched(self, tmp_path: Path, make_video: MakeVideo) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY, pixel_aspect=Fraction(4, 3))
        (clip,) = cut(source, tmp_path, bout(1.0, 2.0), pixel_aspect=Fraction(4, 3))
        with av.open(str(clip.path)) as container:
            picture = next(container.decode(video=0))
            assert container.streams.video[0].sample_aspect_ratio in (None, 1)
        assert (picture.width, picture.height) == (212, 96)

    def test_an_odd_row_and_column_are_cut_off(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
    ) -> None:
        source = make_video(tmp_path / "source.avi", STEADY, codec="mjpeg", pix_fmt="yuvj422p", size=(161, 97))
        (clip,) = cut(source, tmp_path, bout(1.0, 2.0))
        assert_shows(clip, read_video(source), 0.5, 2.5, read_video)
        with av.open(str(clip.path)) as container:
            assert (container.streams.video[0].width, container.streams.video[0].height) == (160, 96)

    def test_a_damaged_stretch_leaves_the_other_pictures_at_their_times(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
    ) -> None:
        source = make_video(tmp_path / "source.avi", STEADY, codec="mjpeg", pix_fmt="yuvj422p")
        content = bytearray(source.read_bytes())
        size = len(content)
        content[size // 2 : size // 2 + size // 20] = b"\0" * (size // 20)
        source.write_bytes(content)
        with open_video(source) as video:
            times = [frame.t for frame in video.frames()]
        (clip,) = cut(source, tmp_path, bout(1.0, 3.0))
        shown = [clip.start_s + t for t, _ in read_video(clip.path)]
        np.testing.assert_allclose(shown, [t for t in times if 0.5 <= t <= 3.5 + 1e-6], atol=1e-4)


class TestWhatTheFileTells:
    def test_nothing_of_the_source_is_in_it(self, tmp_path: Path, make_video: MakeVideo) -> None:
        secrets = {
            "title": "Gorge camera 7",
            "comment": "den of Leo 12",
            "location": "+43.1200+131.4500/",
            "creation_time": "2024-05-06T07:08:09Z",
        }
        source = make_video(tmp_path / "secret-gorge.mp4", STEADY, metadata=secrets)
        with av.open(str(source)) as container:
            assert container.metadata["comment"] == "den of Leo 12"
        (clip,) = cut(source, tmp_path / "out", bout(1.0, 2.0))
        with av.open(str(clip.path)) as container:
            told = {*container.metadata, *container.streams.video[0].metadata}
            assert told == {"major_brand", "minor_version", "compatible_brands", "language", "handler_name"}
        content = clip.path.read_bytes() + clip.poster.read_bytes()
        for word in (*secrets.values(), "secret-gorge", "Lavf", str(tmp_path)):
            assert word.encode() not in content

    def test_the_same_input_gives_the_same_bytes(self, tmp_path: Path, make_video: MakeVideo) -> None:
        source = make_video(tmp_path / "source.mp4", UNSTEADY)
        (first,) = cut(source, tmp_path / "first", bout(1.0, 4.0))
        (second, _) = cut(source, tmp_path / "second", bout(1.0, 4.0), bout(0.5, 2.0, "other"))
        assert first.path.read_bytes() == second.path.read_bytes()
        assert first.poster.read_bytes() == second.poster.read_bytes()

    def test_the_index_lies_in_front_so_that_it_plays_while_it_loads(
        self, tmp_path: Path, make_video: MakeVideo
    ) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        (clip,) = cut(source, tmp_path, bout(1.0, 2.0))
        assert top_level_boxes(clip.path) == ["ftyp", "moov", "free", "mdat"]


def top_level_boxes(path: Path) -> list[str]:
    content, at, names = path.read_bytes(), 0, []
    while at < len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        names.append(name.decode())
        at += size
    return names


class TestPoster:
    def test_it_is_the_picture_in_which_the_animal_is_large_and_whole(
        self, tmp_path: Path, make_video: MakeVideo
    ) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        times = np.array(STEADY)
        boxes = np.tile([0.45, 0.45, 0.1, 0.1], (100, 1))
        boxes[60:] = [0.0, 0.2, 0.6, 0.6]  # large, and cut off on the left
        boxes[40] = [0.2, 0.2, 0.6, 0.6]  # large and whole
        (clip,) = cut(source, tmp_path, CutRequest("bout", 1.0, 3.0, times, boxes))
        poster = cv2.imread(str(clip.poster), cv2.IMREAD_GRAYSCALE)
        assert poster is not None
        assert poster.shape == (96, 160)
        bits = "".join(str(int(poster[24, 10 + 20 * bit] > 130)) for bit in range(8))
        assert int(bits, 2) == 40

    def test_quality_is_measured_over_the_bout_without_its_padding(self, tmp_path: Path, make_video: MakeVideo) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        boxes = np.tile([0.0, 0.0, 1.0, 1.0], (100, 1))
        boxes[25:51] = [0.25, 0.25, 0.5, 0.5]
        (clip,) = cut(source, tmp_path, CutRequest("bout", 1.0, 2.0, np.array(STEADY), boxes))
        assert (clip.quality.size, clip.quality.wholeness) == (0.25, 1.0)
        assert 0 < clip.quality.sharpness < 1

    def test_a_trap_of_few_pixels_does_not_pass_for_a_sharp_one(self, tmp_path: Path) -> None:
        fur = np.random.default_rng(4).integers(60, 180, (180, 320, 3)).astype(np.uint8)
        fur = np.asarray(cv2.resize(fur, (1280, 720), interpolation=cv2.INTER_CUBIC), np.uint8)
        qualities = []
        for lines in (720, 360, 180):
            scene = np.asarray(cv2.resize(fur, (lines * 16 // 9, lines), interpolation=cv2.INTER_AREA), np.uint8)
            (clip,) = cut(film(tmp_path / f"{lines}.mp4", [scene] * 12), tmp_path, bout(0.0, 0.4))
            qualities.append(clip.quality.sharpness)
        assert qualities == sorted(qualities, reverse=True)
        assert qualities[2] < 0.75 * qualities[0]


class TestFailures:
    def test_a_video_that_ends_too_early_is_an_error_and_leaves_nothing(
        self, tmp_path: Path, make_video: MakeVideo
    ) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        out = tmp_path / "out"
        with pytest.raises(DecodingError, match=r"ended before the bout at 9\.00 s"):
            cut(source, out, bout(9.0, 9.5))
        with pytest.raises(DecodingError, match=r"no picture lies between 4\.30 and 4\.40 s"):
            cut(source, out, bout(4.3, 4.4))
        assert list(out.iterdir()) == []

    def test_frames_that_fail_midway_leave_no_half_clip(self, tmp_path: Path, make_video: MakeVideo) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)

        def failing() -> Iterable[Frame]:
            for frame in video.frames():
                if frame.t > 1.5:
                    raise DecodingError("the card was pulled")
                yield frame

        out = tmp_path / "out"
        with open_video(source) as video, pytest.raises(DecodingError, match="pulled"):
            cut_clips(failing(), video.info, [bout(0.1, 0.4, "whole"), bout(1.0, 2.0)], out, SETTINGS)
        assert sorted(path.name for path in out.iterdir()) == ["whole.jpg", "whole.mp4"]

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path, make_video: MakeVideo) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(StoreError, match=r"file/bout\.mp4"):
            cut(source, tmp_path / "file", bout(1.0, 2.0))

    def test_clips_of_an_earlier_run_are_replaced(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo
    ) -> None:
        source = make_video(tmp_path / "source.mp4", STEADY)
        (tmp_path / "bout.mp4").write_bytes(b"old")
        (tmp_path / ".bout.mp4.part").write_bytes(b"left by a run that was killed")
        (clip,) = cut(source, tmp_path, bout(1.0, 2.0))
        assert len(read_video(clip.path)) == 50
        assert not (tmp_path / ".bout.mp4.part").exists()


class TestEncoding:
    def test_a_source_of_key_pictures_only_gives_a_key_picture_every_two_seconds(
        self, tmp_path: Path, make_video: MakeVideo
    ) -> None:
        source = make_video(tmp_path / "source.avi", STEADY, codec="mjpeg", pix_fmt="yuvj422p")
        (clip,) = cut(source, tmp_path, bout(0.0, 4.0))
        with av.open(str(clip.path)) as container:
            keys = [float(picture.time) for picture in container.decode(video=0) if picture.key_frame]
        assert keys == [0.0, 2.0]

    @pytest.mark.parametrize("declared", [1e-4, 90_000.0, None])
    def test_a_wild_declared_rate_changes_no_time(
        self, tmp_path: Path, make_video: MakeVideo, read_video: ReadVideo, declared: float | None
    ) -> None:
        source = make_video(tmp_path / "source.mp4", UNSTEADY)
        with open_video(source) as video:
            info = replace(video.info, declared_fps=declared)
            (clip,) = cut_clips(video.frames(), info, [bout(1.2, 2.0)], tmp_path, SETTINGS)
        assert_shows(clip, read_video(source), 0.7, 2.5, read_video)


@st.composite
def bouts(draw: st.DrawFn) -> list[CutRequest]:
    spans = draw(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 20)), max_size=25))
    return [bout(start, start + length, f"{number:02}") for number, (start, length) in enumerate(spans)]


@given(bouts(), st.sampled_from([(848, 480), (1920, 1080), (3840, 2160), (7680, 4320)]))
def test_waves_hold_every_bout_once_and_never_too_many_at_a_time(
    requests: list[CutRequest], size: tuple[int, int]
) -> None:
    info = VideoInfo("mov", "hevc", *size, None, None, 30.0)
    shared = waves(requests, info, SETTINGS)
    assert sorted(request.name for wave in shared for request in wave) == [request.name for request in requests]
    most = max(1, PIXELS_AT_ONCE // (size[0] * size[1]))
    for wave in shared:
        for request in wave:
            t = request.start_s - SETTINGS.padding_s
            open_then = [r for r in wave if r.start_s - SETTINGS.padding_s <= t <= r.end_s + SETTINGS.padding_s]
            assert len(open_then) <= most
