import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import UnreadableError
from pipeline.footage.discover import find_videos

Filming = Callable[..., Path]


def complaints(root: Path) -> dict[str, str]:
    return {found.path.name: found.complaint for found in find_videos([root])}


def test_all_33_trap_videos_are_found_and_nothing_else_there(footage: Path) -> None:
    found = list(find_videos([footage / "containers"]))
    assert len(found) == 33
    assert not any(one.complaint for one in found)
    assert [one.path for one in found] == sorted((one.path for one in found), key=lambda path: path.parts)


def test_stills_and_tables_are_passed_over(footage: Path) -> None:
    assert list(find_videos([footage / "stills", footage / "annotations", footage / "labelled-bouts"])) == []
    assert len(list(find_videos([footage / "clips"]))) == 8


@pytest.mark.parametrize(
    ("container_format", "codec"),
    [
        ("mp4", "mpeg4"),
        ("mov", "mjpeg"),
        ("avi", "mjpeg"),
        ("asf", "msmpeg4"),
        ("matroska", "mpeg4"),
        ("webm", "libvpx"),
        ("mpegts", "mpeg2video"),
        ("mpeg", "mpeg1video"),
        ("vob", "mpeg2video"),
        ("flv", "flv1"),
        ("3gp", "mpeg4"),
        ("h264", "libx264"),
    ],
)
def test_a_video_is_found_whatever_it_is_called(
    tmp_path: Path, film: Filming, container_format: str, codec: str
) -> None:
    path = film(tmp_path / "card" / "00001.bin", container_format, codec)
    (found,) = find_videos([tmp_path])
    assert (found.path, found.complaint, found.size_bytes) == (path, "", path.stat().st_size)


def test_a_gif_animation_is_video_where_it_is_named_as_data_sets_publish_clips(tmp_path: Path, film: Filming) -> None:
    path = film(tmp_path / "Trot.gif", "gif", "gif")
    assert list(find_videos([tmp_path])) == []
    (found,) = find_videos([path])
    assert found.complaint == ""


@pytest.mark.parametrize("first", [b"moov", b"mdat", b"wide", b"free"])
def test_quicktime_of_old_cameras_needs_no_ftyp(tmp_path: Path, first: bytes) -> None:
    (tmp_path / "old").write_bytes(b"\0\0\0\x10" + first + bytes(8))
    assert complaints(tmp_path) == {"old": ""}


def test_what_is_called_a_video_and_is_none_is_given_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("the free text of a note, which begins like a box of QuickTime's\n")
    (tmp_path / "0.mp4").write_text("Заметки", encoding="utf-16")
    (tmp_path / "b.AVI").touch()
    (tmp_path / "c.mov").write_bytes(bytes(5000))
    (tmp_path / "d.mp4").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    (tmp_path / "e.mts").write_bytes(b"G" * 2000)
    (tmp_path / "f.mkv").write_bytes(bytes(range(200, 256)))
    os.mkfifo(tmp_path / "g.mp4")
    (tmp_path / "h.mp4").symlink_to(tmp_path / "gone.mp4")
    (tmp_path / "i.mp4").symlink_to("i.mp4")
    assert complaints(tmp_path) == {
        "0.mp4": "is called .mp4 but holds text",
        "a.mp4": "is called .mp4 but holds text",
        "b.AVI": "empty file (0 bytes)",
        "c.mov": "is called .mov but holds only zeros where its header belongs, as a failing card writes",
        "d.mp4": "is called .mp4 but holds a JPEG picture",
        "e.mts": "is called .mts but holds text",
        "f.mkv": "is called .mkv but holds no video format that Ethotrap knows",
        "g.mp4": "is no ordinary file",
        "h.mp4": "cannot be read: it is not there; was the card pulled out, or does a link point to nothing?",
        "i.mp4": "cannot be read: it is a link that leads back to itself",
    }


@pytest.mark.parametrize(
    "content",
    [
        b"The free software that this is",
        b"The moov tree grows\n",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"\0\0\0\x20ftypM4A \0\0\0\0",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"G" * 1000,
        "Заметки о леопарде".encode(),
        b"",
    ],
)
def test_other_files_are_passed_over_in_silence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    assert complaints(tmp_path) == {}


def test_a_file_named_as_a_root_is_always_given(tmp_path: Path) -> None:
    note, still = tmp_path / "note", tmp_path / "IMG_0001.JPG"
    note.write_text("hello")
    still.write_bytes(b"\xff\xd8\xff\xe0")
    assert [found.complaint for found in find_videos([note, still])] == [
        "was named as footage but holds text",
        "was named as footage but holds a JPEG picture",
    ]


def test_small_copies_beside_the_videos_are_passed_over_unless_they_are_named(tmp_path: Path, film: Filming) -> None:
    whole, copy = film(tmp_path / "GX010001.MP4"), tmp_path / "GL010001.LRV"
    copy.write_bytes(whole.read_bytes())
    assert [found.path for found in find_videos([tmp_path])] == [whole]
    assert [found.path for found in find_videos([copy])] == [copy]


def test_hidden_files_and_the_systems_folders_are_passed_over(tmp_path: Path, film: Filming) -> None:
    for hidden in (".Trash-1000/files/a.mp4", "._IMG_0001.MP4", "System Volume Information/b.avi", "DCIM/.c.mp4"):
        path = tmp_path / hidden
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0\0\0\x10ftypisom")
    shown = film(tmp_path / "DCIM" / "100RECNX" / "IMG_0001.MP4")
    assert [found.path for found in find_videos([tmp_path])] == [shown]


def test_a_folder_that_links_to_its_parent_is_walked_once(tmp_path: Path, film: Filming) -> None:
    path = film(tmp_path / "station" / "camera" / "IMG_0001.AVI", "avi")
    (tmp_path / "station" / "camera" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert [found.path for found in find_videos([tmp_path])] == [path]


def test_roots_that_overlap_give_each_file_once(tmp_path: Path, film: Filming) -> None:
    path = film(tmp_path / "station" / "IMG_0001.MP4")
    assert [found.path for found in find_videos([tmp_path, tmp_path / "station", path])] == [path]


def test_roots_of_which_none_is_there_are_refused_before_the_walk(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"no-such-card: it is not there"):
        find_videos([tmp_path / "no-such-card", tmp_path / "nor-this"])


def test_a_root_that_is_not_there_costs_itself_alone(tmp_path: Path, film: Filming) -> None:
    path, away = film(tmp_path / "station" / "IMG_0001.MP4"), tmp_path / "no-such-card"
    found = {one.path: one.complaint for one in find_videos([away, tmp_path / "station"])}
    assert found[path] == ""
    assert found[away].startswith("cannot be read: it is not there")


def test_what_may_not_be_read_is_given_with_what_to_do(without_rights: Path) -> None:
    (without_rights / "locked.mp4").write_bytes(b"\0\0\0\x10ftypisom")
    (without_rights / "locked.mp4").chmod(0)
    (without_rights / "locked.jpg").touch(mode=0)
    for name, mode in (("closed", 0), ("listed only", 0o400)):
        folder = without_rights / name
        (folder / "100RECNX").mkdir(parents=True)
        (folder / "inside.mp4").touch()
        folder.chmod(mode)
    denied = "cannot be read: permission denied; give the account that runs Ethotrap read access"
    assert complaints(without_rights) == {
        "locked.mp4": denied,
        "closed": f"this folder {denied}",
        "100RECNX": denied,
        "inside.mp4": denied,
    }
