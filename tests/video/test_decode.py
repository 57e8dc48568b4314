import itertools
import multiprocessing
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pebble import ProcessPool

from pipeline.errors import NoFramesError, UnreadableError
from pipeline.values import DecodeReport, VideoInfo
from pipeline.video.decode import open_video, upright_bgr
from tests.video.damaged import times_of
from tests.video.filming import (
    cut_off,
    empty_avi,
    film,
    film_whose_pixels_change,
    film_with_preview,
    mirrored,
    moved,
    noise,
    noises,
    scratched,
    with_unknown_sound,
)

IN_FRONT = {"movflags": "faststart"}  # the MP4's index before its pictures


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessPool]:
    """Another process: a damaged video can crash the decoder, and with it the interpreter."""
    with ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    avi = film(folder / "whole.avi", noises(8), codec="mjpeg", pix_fmt="yuvj420p")
    mp4 = film(folder / "whole.mp4", noises(8), options=IN_FRONT)
    return {".avi": avi.read_bytes(), ".mp4": mp4.read_bytes()}


def read(path: Path) -> tuple[list[float], VideoInfo, DecodeReport]:
    with open_video(path) as video:
        times = [frame.t for frame in video.frames()]
        return times, video.info, video.report()


class TestTimes:
    def test_a_steady_video_counts_on_at_its_rate(self, tmp_path: Path) -> None:
        times, info, report = read(film(tmp_path / "steady.mp4", noises(50), fps=25))

        assert times == pytest.approx(np.arange(50) / 25)
        assert info.declared_fps == 25
        assert report.longest_gap_s == pytest.approx(0.04)

    def test_pictures_are_numbered_from_0(self, tmp_path: Path) -> None:
        with open_video(film(tmp_path / "steady.mp4", noises(5))) as video:
            assert [frame.index for frame in video.frames()] == [0, 1, 2, 3, 4]

    @pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
    def test_a_varying_rate_is_told_by_the_stamps(self, tmp_path: Path, suffix: str) -> None:
        stamps = [0.0, 0.04, 0.08, 0.6, 0.64, 1.5]
        times, _, report = read(film(tmp_path / f"varying{suffix}", noises(6), times=stamps))

        assert times == pytest.approx(stamps, abs=0.001)
        assert report.longest_gap_s == pytest.approx(0.86, abs=0.001)

    @pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
    def test_the_first_picture_is_at_0_wherever_the_stamps_begin(self, tmp_path: Path, suffix: str) -> None:
        times, _, _ = read(film(tmp_path / f"late{suffix}", noises(4), times=[7.0, 7.1, 7.2, 7.5]))

        assert times == pytest.approx([0, 0.1, 0.2, 0.5], abs=0.001)

    @pytest.mark.parametrize("name", ["leaping.mp4", "leaping.mkv"])
    def test_a_leap_of_the_stamps_is_passed_over_and_told(self, tmp_path: Path, name: str) -> None:
        stamps = [number / 10 + 7200 * (number >= 5) for number in range(9)]

        times, info, report = read(film(tmp_path / name, noises(9), times=stamps, fps=10))

        assert times == pytest.approx(np.arange(9) / 10, abs=0.002)
        assert info.declared_fps == pytest.approx(10, abs=0.1)
        assert report.decoded_duration_s == pytest.approx(0.9, abs=0.01)
        assert report.complaint.startswith("its time stamps leap by 7200 s between two pictures")

    def test_an_avi_whose_pictures_are_not_kept_in_order_is_steady(self, tmp_path: Path) -> None:
        times, _, report = read(film(tmp_path / "reordered.avi", noises(30), fps=12))

        assert times == pytest.approx(np.arange(30) / 12)
        assert report.complaint == ""

    def test_a_stream_without_container_has_the_rate_that_it_names(self, tmp_path: Path) -> None:
        times, info, _ = read(film(tmp_path / "pi.h264", noises(30), fps=12))

        assert info.declared_fps == 12
        assert times == pytest.approx(np.arange(30) / 12)

    @settings(max_examples=15)
    @given(st.lists(st.integers(1, 3000), min_size=1, max_size=12), st.integers(0, 5000))
    def test_times_follow_the_stamps_and_not_the_index(
        self, tmp_path_factory: pytest.TempPathFactory, gaps_ms: list[int], start_ms: int
    ) -> None:
        stamps = np.cumsum([start_ms, *gaps_ms]) / 1000
        path = film(tmp_path_factory.mktemp("varying") / "any.mp4", noises(len(stamps)), times=stamps.tolist())

        times, _, _ = read(path)

        assert times == pytest.approx(stamps - stamps[0], abs=0.001)


class TestFormats:
    @pytest.mark.parametrize(
        ("name", "codec", "pix_fmt", "container", "decoder"),
        [
            ("h264.mp4", "libx264", "yuv420p", "mov", "h264"),
            ("hevc.mp4", "libx265", "yuv420p", "mov", "hevc"),
            ("hevc-10-bit.mp4", "libx265", "yuv420p10le", "mov", "hevc"),
            ("mpeg4.avi", "mpeg4", "yuv420p", "avi", "mpeg4"),
            ("mpeg4.mp4", "mpeg4", "yuv420p", "mov", "mpeg4"),
            ("jpeg.avi", "mjpeg", "yuvj422p", "avi", "mjpeg"),
            ("windows.asf", "wmv2", "yuv420p", "asf", "wmv2"),
        ],
    )
    def test_what_traps_write_is_read_whole(
        self, tmp_path: Path, name: str, codec: str, pix_fmt: str, container: str, decoder: str
    ) -> None:
        path = film(tmp_path / name, noises(20, 96, 64), fps=20, codec=codec, pix_fmt=pix_fmt)

        times, info, report = read(path)

        assert times == pytest.approx(np.arange(20) / 20, abs=0.002)
        assert (info.container, info.codec, info.width, info.height) == (container, decoder, 96, 64)
        assert info.declared_duration_s == pytest.approx(1.0, abs=0.01)
        assert (report.decoded_frames, report.damaged_packets, report.complaint) == (20, 0, "")

    def test_the_pixel_format_may_change_at_the_second_picture(self, tmp_path: Path) -> None:
        path = film_whose_pixels_change(tmp_path / "changing.avi", "yuvj420p", "yuvj422p", 6)

        with open_video(path) as video:
            seen = [(f.picture.format.name, upright_bgr(f.picture, 64).shape) for f in video.frames()]

        assert seen == [("yuvj420p", (48, 64, 3)), *[("yuvj422p", (48, 64, 3))] * 5]

    @pytest.mark.parametrize("name", ["drone.mp4", "drone.mkv"])
    @pytest.mark.parametrize("is_cover", [True, False])
    def test_a_cover_or_a_small_preview_is_not_taken_for_the_video(
        self, tmp_path: Path, name: str, is_cover: bool
    ) -> None:
        path = film_with_preview(tmp_path / name, list(noises(12, 96, 64)), noise(0, 32, 32), is_cover=is_cover)

        times, info, report = read(path)

        assert times == pytest.approx(np.arange(12) / 10, abs=0.001)
        assert (info.codec, info.width, info.height, report.complaint) == ("h264", 96, 64, "")

    def test_pictures_that_change_their_size_are_brought_to_the_first_ones(self, tmp_path: Path) -> None:
        path = film(tmp_path / "joined.ts", noises(8, 96, 64))
        path.write_bytes(path.read_bytes() + film(tmp_path / "upright.ts", noises(8, 64, 112)).read_bytes())

        with open_video(path) as video:
            sizes = [(frame.picture.width, frame.picture.height) for frame in video.frames()]

        assert sizes == [(96, 64)] * 16
        assert video.report().complaint == ""

    def test_sound_that_nothing_can_decode_does_not_matter(self, tmp_path: Path) -> None:
        path = film(tmp_path / "loud.avi", noises(10), codec="mjpeg", pix_fmt="yuvj420p", sound_s=0.5)
        times, _, report = read(with_unknown_sound(path))

        assert len(times) == 10
        assert report.complaint == ""


class TestOrientation:
    @pytest.mark.parametrize(("turned", "shown"), [(0, (64, 48)), (90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
    def test_the_size_is_the_one_that_a_player_shows(self, tmp_path: Path, turned: int, shown: tuple[int, int]) -> None:
        _, info, _ = read(film(tmp_path / "turned.mp4", noises(2, 64, 48), turned=turned))

        assert info.rotation == turned
        assert (info.width, info.height) == shown

    @pytest.mark.parametrize(
        ("aspect", "turned", "shown"),
        [
            (Fraction(4, 3), 0, (128, 64)),
            (Fraction(4, 3), 90, (64, 128)),
            (Fraction(1, 2), 0, (96, 128)),
            (Fraction(300), 0, (96, 64)),  # nobody films so: the words are damaged
        ],
    )
    def test_pixels_that_are_not_square_are_made_so(
        self, tmp_path: Path, aspect: Fraction, turned: int, shown: tuple[int, int]
    ) -> None:
        path = film(tmp_path / "squeezed.mp4", noises(2, 96, 64), turned=turned, pixel_aspect=aspect)
        with open_video(path) as video:
            seen = [
                upright_bgr(frame.picture, 1280, video.info.rotation, video.pixel_aspect) for frame in video.frames()
            ]

        assert (video.info.width, video.info.height) == shown
        assert [picture.shape for picture in seen] == [(*shown[::-1], 3)] * 2

    @pytest.mark.parametrize("turned", [0, 90, 180, 270])
    def test_a_picture_is_turned_upright(self, tmp_path: Path, turned: int) -> None:
        upright = np.zeros((96, 96, 3), np.uint8)
        upright[:48, :48] = 255  # white in the top left quarter
        stored = np.ascontiguousarray(np.rot90(upright, -turned // 90))

        with open_video(film(tmp_path / "turned.mp4", [stored], turned=turned)) as video:
            (frame,) = video.frames()
            seen = upright_bgr(frame.picture, 96, video.info.rotation)

        quarters = [seen[10:38, 10:38], seen[10:38, 58:86], seen[58:86, 10:38], seen[58:86, 58:86]]
        assert [int(quarter.mean()) > 128 for quarter in quarters] == [True, False, False, False]

    @pytest.mark.parametrize(
        ("across", "down", "turned"), [(False, False, 0), (True, False, 0), (False, True, 180), (True, True, 180)]
    )
    def test_a_mirror_image_stands_upright_and_is_not_mirrored(
        self, tmp_path: Path, across: bool, down: bool, turned: int
    ) -> None:
        path = mirrored(film(tmp_path / "mirrored.mp4", noises(2)), across=across, down=down)
        assert read(path)[1].rotation == turned

    @pytest.mark.parametrize("turned", [0, 90])
    def test_a_picture_is_reduced_to_the_width_asked_for_and_never_enlarged(self, tmp_path: Path, turned: int) -> None:
        with open_video(film(tmp_path / "wide.mp4", noises(1, 128, 64), turned=turned)) as video:
            (frame,) = video.frames()
        width, height = (64, 128) if turned == 90 else (128, 64)

        reduced = upright_bgr(frame.picture, width // 2, turned)
        assert reduced.shape == (height // 2, width // 2, 3)
        assert reduced.dtype == np.uint8
        assert upright_bgr(frame.picture, 4000, turned).shape == (height, width, 3)


class TestDeclaredAgainstDecoded:
    def test_a_whole_video_gives_no_complaint(self, tmp_path: Path) -> None:
        _, info, report = read(film(tmp_path / "whole.mp4", noises(50)))

        assert info.declared_frames == report.decoded_frames == 50
        assert report.decoded_duration_s == pytest.approx(2.0)
        assert report.complaint == ""

    def test_pictures_that_a_cut_without_encoding_hides_are_not_missing(self, tmp_path: Path) -> None:
        whole = film(tmp_path / "whole.mp4", noises(50))
        times, info, report = read(moved(tmp_path / "cut.mp4", whole, -0.6))

        assert len(times) == info.declared_frames == 35
        assert report.complaint == ""

    @pytest.mark.parametrize("name", ["piece.mkv", "piece.ts"])
    def test_a_piece_of_a_longer_recording_is_whole(self, tmp_path: Path, name: str) -> None:
        times, info, report = read(moved(tmp_path / name, film(tmp_path / "whole.mp4", noises(50)), 3600))

        assert len(times) == 50
        assert info.declared_duration_s == pytest.approx(2.0, abs=0.01)
        assert report.complaint == ""

    def test_sound_that_goes_on_longer_leaves_no_picture_missing(self, tmp_path: Path) -> None:
        _, info, report = read(film(tmp_path / "loud.mkv", noises(25), sound_s=10))

        assert info.declared_duration_s == pytest.approx(1.0, abs=0.01)
        assert report.complaint == ""

    def test_a_matroska_cut_in_the_middle_says_so(self, tmp_path: Path) -> None:
        _, info, report = read(cut_off(film(tmp_path / "cut.mkv", noises(100)), 0.5))

        assert info.declared_duration_s == pytest.approx(4.0, abs=0.05)
        assert report.complaint.endswith("of 4.0 declared seconds could be decoded")

    @pytest.mark.parametrize(("name", "options"), [("cut.avi", None), ("cut.mp4", IN_FRONT)])
    def test_a_video_cut_in_the_middle_is_read_up_to_there_and_says_so(
        self, tmp_path: Path, name: str, options: dict[str, str] | None
    ) -> None:
        path = film(tmp_path / name, noises(60), codec="mpeg4", options=options)

        times, info, report = read(cut_off(path, 0.6))

        assert info.declared_frames == 60
        assert 20 < len(times) < 40
        assert report.decoded_frames == len(times)
        assert report.complaint.startswith(f"{len(times)} of 60 declared frames could be decoded")

    def test_damage_in_the_middle_is_passed_over_and_counted(self, tmp_path: Path) -> None:
        path = film(tmp_path / "damaged.avi", noises(30), codec="mjpeg", pix_fmt="yuvj420p")
        content = bytearray(path.read_bytes())
        packet = content.index(b"00dc", len(content) // 2)
        size = int.from_bytes(content[packet + 4 : packet + 8], "little")
        content[packet + 8 : packet + 8 + size] = bytes(size)
        path.write_bytes(content)

        times, _, report = read(path)

        assert len(times) == 29
        assert report.damaged_packets == 1
        assert report.longest_gap_s == pytest.approx(0.08)
        assert report.complaint == "1 damaged packets were passed over"

    @pytest.mark.parametrize("name", ["damaged.mkv", "damaged.ts"])
    def test_damage_is_told_also_where_no_number_of_pictures_is_declared(self, tmp_path: Path, name: str) -> None:
        path = film(tmp_path / name, noises(60))
        assert read(path)[2].complaint == ""

        assert read(scratched(path))[2].complaint.startswith("data are missing; ")

    def test_a_transport_stream_cut_in_the_middle_is_read_up_to_there(self, tmp_path: Path) -> None:
        times, _, _ = read(cut_off(film(tmp_path / "cut.ts", noises(60)), 0.5))

        assert 25 < len(times) < 35

    def test_the_report_counts_only_what_was_read_so_far(self, tmp_path: Path) -> None:
        with open_video(film(tmp_path / "whole.mp4", noises(20))) as video:
            assert video.report().decoded_frames == 0
            list(itertools.islice(video.frames(), 8))
            assert video.report().decoded_frames in (7, 8)  # the last one is counted when the next is asked for


class TestRefusals:
    def test_an_mp4_cut_off_before_its_index(self, tmp_path: Path) -> None:
        path = cut_off(film(tmp_path / "IMG_0001.MP4", noises(40)), 0.7)
        with pytest.raises(UnreadableError, match=r"^IMG_0001.MP4: .*cut off before its index was written"):
            read(path)

    def test_a_video_without_a_picture(self, tmp_path: Path) -> None:
        with pytest.raises(NoFramesError, match=r"^IMG_0001.AVI: .*holds no picture.*lost power while recording"):
            read(empty_avi(tmp_path / "IMG_0001.AVI"))

    def test_an_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "IMG_0001.MP4").touch()
        with pytest.raises(UnreadableError, match=r"^IMG_0001.MP4: empty file \(0 bytes\)"):
            read(tmp_path / "IMG_0001.MP4")

    def test_text_that_is_called_a_video(self, tmp_path: Path) -> None:
        (tmp_path / "notes.mp4").write_text("Battery changed, card full.\n" * 50)
        with pytest.raises(UnreadableError, match=r"^notes.mp4: cannot be opened as a video .*no video at all"):
            read(tmp_path / "notes.mp4")

    def test_a_file_that_is_gone(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableError, match=r"^gone.mp4: there is no such file any more; was the card taken out"):
            read(tmp_path / "gone.mp4")

    def test_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "100RECNX").mkdir()
        with pytest.raises(UnreadableError, match=r"^100RECNX: is a folder, not a video"):
            read(tmp_path / "100RECNX")

    def test_sound_alone(self, tmp_path: Path) -> None:
        path = film(tmp_path / "loud.avi", noises(2), codec="mjpeg", pix_fmt="yuvj420p", sound_s=0.5)
        path.write_bytes(path.read_bytes().replace(b"vids", b"txts"))
        with pytest.raises(UnreadableError, match=r"^loud.avi: holds no picture stream"):
            read(path)


class TestDamageAnywhere:
    @example(".mp4", 0.5, b"\xff" * 400, 0.75)
    @given(
        suffix=st.sampled_from([".avi", ".mp4"]),
        where=st.one_of(st.floats(0, 0.15), st.floats(0, 1)),  # the indexes lie in front
        damage=st.binary(min_size=1, max_size=400),
        kept=st.one_of(st.just(1.0), st.floats(0.1, 1)),
    )
    def test_a_damaged_video_is_refused_or_read_with_rising_times(
        self,
        process: ProcessPool,
        whole: dict[str, bytes],
        tmp_path_factory: pytest.TempPathFactory,
        suffix: str,
        where: float,
        damage: bytes,
        kept: float,
    ) -> None:
        content = bytearray(whole[suffix])
        at = int(where * (len(content) - len(damage)))
        content[at : at + len(damage)] = damage
        path = tmp_path_factory.mktemp("damaged") / f"damaged{suffix}"
        path.write_bytes(content[: int(len(content) * kept)])

        outcome = process.schedule(times_of, args=(path,), timeout=60).result()

        if isinstance(outcome, str):
            assert path.name in outcome
        else:
            assert outcome[0] == 0
            assert all(before < after for before, after in itertools.pairwise(outcome))


@pytest.mark.footage
class TestRealFiles:
    def test_every_container_gives_pictures_with_rising_times(self, footage: Path) -> None:
        paths = sorted(path for path in (footage / "containers").rglob("*") if path.is_file())
        assert len(paths) == 33
        for path in paths:
            times, info, report = read(path)
            assert report.decoded_frames == len(times) > 90, path
            assert all(before < after for before, after in itertools.pairwise(times)), path
            if info.declared_frames and len(times) < 0.98 * info.declared_frames:
                assert f"{len(times)} of {info.declared_frames} declared frames" in report.complaint, path

    def test_a_file_that_declares_more_than_it_holds(self, footage: Path) -> None:
        (path,) = (footage / "containers" / "chimpandsee" / "Gas_D4").rglob("EK000018.AVI")
        times, info, report = read(path)

        assert info.declared_frames == 1627
        assert report.decoded_frames == len(times) == 1559
        assert 0.4 < report.longest_gap_s <= 0.5
        assert report.complaint == "1559 of 1627 declared frames could be decoded (96%)"
