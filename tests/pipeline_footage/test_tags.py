import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.errors import OutOfReachError
from pipeline.footage.asf import read_asf
from pipeline.footage.quicktime import read_quicktime
from pipeline.footage.riff import read_avi
from pipeline.footage.stamps import read_stamp
from pipeline.footage.tags import candidates, from_name

Filming = Callable[..., Path]
FILMED = datetime(2024, 5, 1, 18, 30, 5)  # noqa: DTZ001
APPLE_KEY = "com.apple.quicktime.creationdate"
CLOCKS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(lambda c: c.replace(microsecond=0))  # noqa: DTZ001


def exif_of(order: str = ">", **texts: str) -> bytes:
    """An EXIF segment as Pillow writes it, times in the EXIF directory of their own."""
    exif = Image.Exif()
    exif.endian = order
    numbers = {"original": 0x9003, "digitized": 0x9004, "offset": 0x9011}
    exif.get_ifd(0x8769).update({numbers[name]: text for name, text in texts.items() if name in numbers})
    if "changed" in texts:
        exif[0x0132] = texts["changed"]
    return exif.tobytes()


def chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def avi_with(*chunks: bytes) -> io.BytesIO:
    """An AVI file of headers alone, as a camera that lost power leaves it."""
    header = b"LIST" + chunk(b"", b"hdrl" + chunk(b"avih", bytes(56)) + b"".join(chunks))
    return io.BytesIO(b"RIFF" + chunk(b"", b"AVI " + header + b"LIST\0\0\0\0movi"))


@pytest.mark.parametrize("container_format", ["mp4", "mov"])
def test_quicktimes_creation_time_is_read_as_pyav_reads_it(
    tmp_path: Path, film: Filming, container_format: str
) -> None:
    path = film(tmp_path / "IMG_0001.MP4", container_format, creation_time="2024-05-01T18:30:05Z")
    (found,) = candidates(path)
    with av.open(str(path)) as container:
        assert datetime.fromisoformat(container.metadata["creation_time"]).replace(tzinfo=None) == FILMED
    assert (found.tag, found.clock, found.offset) == ("QuickTime:creation_time", FILMED, None)


def test_a_quicktime_time_never_set_is_given_as_1904(tmp_path: Path, film: Filming) -> None:
    (found,) = candidates(film(tmp_path / "IMG_0001.MP4"))
    assert found.clock == datetime(1904, 1, 1)  # noqa: DTZ001


def test_seconds_since_1970_in_a_quicktime_header_are_understood(tmp_path: Path, film: Filming) -> None:
    path = film(tmp_path / "IMG_0001.MP4", creation_time="2024-05-01T18:30:05Z")
    since_1904 = int((FILMED - datetime(1904, 1, 1)).total_seconds())  # noqa: DTZ001
    since_1970 = int((FILMED - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
    content = path.read_bytes().replace(since_1904.to_bytes(4, "big"), since_1970.to_bytes(4, "big"))
    assert [found.clock for found in read_quicktime(io.BytesIO(content))] == [FILMED]


def box(kind: bytes, *content: bytes) -> bytes:
    return (8 + sum(map(len, content))).to_bytes(4, "big") + kind + b"".join(content)


def test_apples_key_is_read_where_apple_puts_it_and_behind_the_pictures() -> None:
    keys = box(b"keys", bytes(7), b"\2", box(b"mdta", b"com.apple.quicktime.make"), box(b"mdta", APPLE_KEY.encode()))
    values = box(b"ilst", box(b"\0\0\0\2", box(b"data", bytes(8), b"2024-05-01T18:30:05+1000")))
    movie = box(b"moov", box(b"meta", box(b"hdlr", bytes(24)), keys, values))
    (found,) = read_quicktime(io.BytesIO(b"\0\0\0\1mdat" + (316).to_bytes(8, "big") + bytes(300) + movie))
    assert (found.clock, found.offset) == (FILMED, timedelta(hours=10))


def test_apples_key_comes_first_and_keeps_its_offset(tmp_path: Path, film: Filming) -> None:
    apple = {APPLE_KEY: "2024-05-01T18:30:05+1000", "creation_time": "2024-05-01T08:30:05Z"}
    first, second = candidates(film(tmp_path / "clip.mov", "mov", **apple))
    assert (first.tag, first.clock, first.offset) == ("QuickTime:creationdate", FILMED, timedelta(hours=10))
    assert second.tag == "QuickTime:creation_time"


def test_asfs_creation_date_is_read(tmp_path: Path, film: Filming) -> None:
    path = film(tmp_path / "PICT0001.ASF", "asf", "msmpeg4", creation_time="2024-05-01T18:30:05Z")
    (found,) = candidates(path)
    assert (found.tag, found.clock) == ("ASF:creation date", FILMED)


def test_riffs_icrd_is_read(tmp_path: Path, film: Filming) -> None:
    (found,) = candidates(film(tmp_path / "PICT0001.AVI", "avi", date="2024-05-01 18:30:05"))
    assert (found.tag, found.clock) == ("RIFF:ICRD", FILMED)


def test_an_icrd_without_a_time_of_day_gives_no_clock(tmp_path: Path, film: Filming) -> None:
    (found,) = candidates(film(tmp_path / "PICT0001.AVI", "avi", date="2024-05-01"))
    assert (found.wrote, found.clock) == ("2024-05-01", None)


@pytest.mark.parametrize(
    "text",
    [
        b"Wed May 01 18:30:05 2024\n\0",
        b"WED MAY  1 18:30:05 2024\0",
        b"2024:05:01 18:30:05\0",
        b"2024-05-01  18:30:05\0\0",
        b"2024/05/01/ 18:30:05",
        b"2024/ 5/ 1  6:30:05PM",
    ],
)
def test_riffs_idit_is_read_in_all_its_ways_of_writing(text: bytes) -> None:
    (found,) = read_avi(avi_with(chunk(b"IDIT", text)))
    assert (found.tag, found.clock) == ("RIFF:IDIT", FILMED)


def test_idit_of_a_torn_file_is_read_and_what_is_torn_off_is_not_missed() -> None:
    whole = avi_with(chunk(b"IDIT", b"Wed May 01 18:30:05 2024\n\0")).getvalue()
    for length in range(len(whole)):
        found = read_avi(io.BytesIO(whole[:length]))
        assert [one.clock for one in found] in ([], [None], [FILMED])


def test_exif_in_the_first_picture_of_a_motion_jpeg_comes_before_riffs_tags(tmp_path: Path, film: Filming) -> None:
    exif = exif_of(original="2024:05:01 18:30:05", offset="+10:00", changed="2024:06:01 00:00:00")
    path = film(tmp_path / "IMG_0001.AVI", "avi", "mjpeg", exif, date="2024-05-02 00:00:00")
    first, second, third = candidates(path)
    assert (first.tag, first.clock, first.offset) == ("EXIF:DateTimeOriginal", FILMED, timedelta(hours=10))
    assert (second.tag, third.tag) == ("EXIF:DateTime", "RIFF:ICRD")


def test_exif_in_an_avis_stream_data_is_read() -> None:
    block = exif_of("<", digitized="2024:05:01 18:30:05").removeprefix(b"Exif\0\0")
    (found,) = read_avi(avi_with(b"LIST" + chunk(b"", b"strl" + chunk(b"strd", b"AVIF\0\0\0\0" + block[8:]))))
    assert (found.tag, found.clock) == ("EXIF:DateTimeDigitized", FILMED)


def test_exif_is_found_behind_sound_in_a_record_and_behind_a_jpegs_own_header() -> None:
    exif = exif_of(original="2024:05:01 18:30:05")
    picture = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9) + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    record = b"LIST" + chunk(b"", b"rec " + chunk(b"01wb", bytes(33)) + chunk(b"00dc", picture))
    movie = b"LIST" + chunk(b"", b"movi" + record)
    (found,) = read_avi(io.BytesIO(b"RIFF" + chunk(b"", b"AVI " + movie)))
    assert (found.tag, found.clock) == ("EXIF:DateTimeOriginal", FILMED)


def test_a_motion_jpeg_without_exif_says_nothing(tmp_path: Path, film: Filming) -> None:
    assert candidates(film(tmp_path / "IMG_0001.AVI", "avi", "mjpeg")) == ()


@pytest.mark.parametrize(
    ("name", "clock"),
    [
        ("20240501_183005_Panthera pardus_252212_1267525_Left", FILMED),
        ("2024-05-01 18.30.05", FILMED),
        ("den-07__RCX-0117__2024-05-01__18-30-05(1)", FILMED),
        ("VID_20240501T183005", FILMED),
        ("2024_0501_183005_001", FILMED),
        ("20240501183005-IMG_0001", FILMED),
        ("2024-05-01 18h30m05s", FILMED),
        ("2024-05-01 06.30.05 p.m. Amur", FILMED),
        ("20240501_183005 amur leopard", FILMED),
        ("2024-05-01 18-30-05 AM", FILMED),
        ("FID_30_Mambeleme_2013-1-28_0021", None),
        ("20240501_0012", None),
        ("20240501 18300512", None),
        ("20240501_256199", None),
    ],
)
def test_a_file_name_gives_a_time_only_if_it_has_date_and_time(name: str, clock: datetime | None) -> None:
    (found,) = from_name(name)
    assert found.clock == clock


@pytest.mark.parametrize(
    "name", ["IMG_0001", "04250002", "PICT0146", "RCNX0099", "20241345_000000", "688_12345678901234"]
)
def test_a_running_number_is_no_date(name: str) -> None:
    assert from_name(name) == ()


@given(
    CLOCKS,
    st.sampled_from(["%Y%m%d_%H%M%S", "%Y-%m-%d %H.%M.%S", "%Y%m%d%H%M%S", "%Y-%m-%d %I-%M-%S %p", "%Y%m%d_%I%M%S%p"]),
)
def test_every_clock_survives_being_written_into_a_name(clock: datetime, pattern: str) -> None:
    (found,) = from_name(f"IMG_{clock:{pattern}}_7")
    assert found.clock == clock


@given(
    CLOCKS, st.sampled_from(["%Y:%m:%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%a %b %d %H:%M:%S %Y", "%Y/%m/%d %I:%M:%S %p"])
)
def test_every_clock_survives_being_written_into_a_tag(clock: datetime, pattern: str) -> None:
    assert read_stamp("tag", f" {clock:{pattern}}\0").clock == clock


@pytest.mark.parametrize(
    "text",
    ["", "0000:00:00 00:00:00", "2024:02:30 10:00:00", "2024:05:01 25:00:00", "    :  :     :  :  ", "yesterday"],
)
def test_what_is_no_moment_gives_no_clock(text: str) -> None:
    assert read_stamp("tag", text).clock is None


@pytest.mark.parametrize("offset", ["Z", "+00:00", "-0000", ""])
def test_an_offset_of_zero_says_nothing(offset: str) -> None:
    assert read_stamp("tag", f"2024-05-01T18:30:05{offset}").offset is None


def test_the_file_name_comes_last(tmp_path: Path, film: Filming) -> None:
    path = film(tmp_path / "20240501_183100.MP4", creation_time="2024-05-01T18:30:05Z")
    assert [found.tag for found in candidates(path)] == ["QuickTime:creation_time", "file name"]


def test_when_the_file_was_changed_is_never_asked(tmp_path: Path, film: Filming) -> None:
    assert candidates(film(tmp_path / "IMG_0001.AVI", "avi")) == ()


def test_a_file_that_is_gone_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(OutOfReachError, match=r"gone\.mp4 cannot be read"):
        candidates(tmp_path / "gone.mp4")


def test_an_asf_object_of_absurd_size_ends_the_search() -> None:
    assert read_asf(io.BytesIO(bytes(30) + bytes(16) + b"\xff" * 8 + bytes(100))) == []


@pytest.fixture(scope="module")
def headers(tmp_path_factory: pytest.TempPathFactory, film: Filming) -> list[bytes]:
    folder = tmp_path_factory.mktemp("films")
    when = "2024-05-01T18:30:05Z"
    exif = exif_of(original="2024:05:01 18:30:05")
    return [
        film(folder / "a.mov", "mov", **{APPLE_KEY: when, "creation_time": when}).read_bytes(),
        film(folder / "b.avi", "avi", "mjpeg", exif, date="2024-05-01").read_bytes(),
        film(folder / "c.asf", "asf", "msmpeg4", creation_time=when).read_bytes(),
    ]


SHARES = st.floats(0, 1, exclude_max=True)
DAMAGE = st.lists(st.tuples(SHARES, st.sampled_from([0, 1, 127, 128, 255])), max_size=6)


@given(number=st.integers(0, 2), damage=DAMAGE, torn_at=SHARES)
def test_damaged_headers_never_stop_a_reader(
    headers: list[bytes], number: int, damage: list[tuple[float, int]], torn_at: float
) -> None:
    content = bytearray(headers[number])
    for place, value in damage:
        content[int(place * len(content))] = value
    for whole_or_torn in (bytes(content), bytes(content[: int(torn_at * len(content))])):
        found = (read_quicktime, read_avi, read_asf)[number](io.BytesIO(whole_or_torn))
        assert all(one.tag and (one.clock is None or one.clock.tzinfo is None) for one in found)
