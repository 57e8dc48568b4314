"""Labels name videos in many ways; each means one analysed video, or none."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from models.evaluate.behaviour.finding import NOT_ANALYSED, SEVERAL, Finder
from models.evaluate.behaviour.labels import LabelledVideo
from models.evaluate.behaviour.predictions import PredictedVideo


class TestNames:
    VIDEOS = (PredictedVideo("1", Path("/c/LOC1/IMG_1.MP4")), PredictedVideo("2", Path("/c/LOC2/IMG_1.MP4")))

    CARD = "CAM1/20250612/100RECNX"  # every card has such folders, and begins with IMG_0001
    CARDS = (
        PredictedVideo("1", Path(f"/data/footage/LOC01/{CARD}/IMG_0001.MP4")),
        PredictedVideo("2", Path(f"/data/footage/LOC02/{CARD}/IMG_0001.MP4")),
        PredictedVideo("3", Path(f"/data/footage/LOC02/{CARD}/IMG_0002.MP4")),
        PredictedVideo("4", Path(f"/data/footage/LOC01/{CARD}/IMG_0004.MP4")),
        PredictedVideo("5", Path(f"/data/footage/LOC02/{CARD}/IMG_0004.MP4")),
    )

    def found(self, videos: Sequence[PredictedVideo], name: str) -> str:
        got = Finder(videos).find(LabelledVideo(name, ()))
        return got if isinstance(got, str) else got.video

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("2", "2"),
            ("LOC1/IMG_1.MP4", "1"),
            ("D:\\footage\\loc2\\img_1.mp4", "2"),
            ("LOC2/IMG_1", "2"),
            ("IMG_1.MP4", SEVERAL),
            ("IMG_2.MP4", NOT_ANALYSED),
        ],
    )
    def test_a_video_is_found_by_id_or_by_the_end_of_its_path(self, name: str, found: str) -> None:
        assert self.found(self.VIDEOS, name) == found

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            (f"LOC09/{CARD}/IMG_0001.MP4", NOT_ANALYSED),
            (f"/mnt/usb/LOC09/{CARD}/IMG_0001.MP4", NOT_ANALYSED),
            ("E:\\cards\\LOC09\\IMG_0002.MP4", NOT_ANALYSED),
            (f"LOC03/{CARD}/IMG_0004.MP4", NOT_ANALYSED),
            (f"/mnt/usb/LOC02/{CARD}/IMG_0001.MP4", "2"),
            ("D:\\LOC02\\CAM1\\20250612\\100RECNX\\IMG_0001.MP4", "2"),
            (f"../footage/LOC02/{CARD}/IMG_0001.MP4", "2"),
            (f"/old/data/footage/LOC02/{CARD}/IMG_0001.MP4", "2"),
            (f"{CARD}/IMG_0002.MP4", "3"),
            (f"{CARD}/IMG_0001.MP4", SEVERAL),
            ("IMG_0002.MP4", "3"),
        ],
    )
    def test_folders_that_contradict_mean_another_video_while_other_roots_do_not(self, name: str, found: str) -> None:
        assert self.found(self.CARDS, name) == found

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("LOC1/IMG_1.mp4", "1"),  # as BORIS needs it
            ("LOC2/IMG_1.mp4", "3"),  # one of its own comes before a copy of another
            ("LOC2/IMG_2.mp4", NOT_ANALYSED),
            ("IMG_1.mov", SEVERAL),
            ("LOC1/IMG_1.jpg", NOT_ANALYSED),  # the photo that a trap takes with the video
        ],
    )
    def test_labels_made_on_a_converted_copy_are_of_the_video(self, name: str, found: str) -> None:
        listed = (
            PredictedVideo("1", Path("/c/LOC1/IMG_1.AVI")),
            PredictedVideo("2", Path("/c/LOC2/IMG_1.AVI")),
            PredictedVideo("3", Path("/c/LOC2/IMG_1.MP4")),
        )
        assert self.found(listed, name) == found

    def test_a_path_with_more_folders_than_the_analysed_one_is_found(self) -> None:
        listed = (PredictedVideo("1", Path("LOC01/IMG_0001.MP4")), PredictedVideo("2", Path("LOC02/IMG_0001.MP4")))
        assert self.found(listed, "footage/LOC02/IMG_0001.MP4") == "2"
        assert self.found(listed, "footage/LOC03/IMG_0001.MP4") == NOT_ANALYSED

    def test_one_card_alone_is_told_from_others_by_its_place(self) -> None:
        """All analysed videos share all folders, so only the place says that LOC01 is no folder of another computer."""
        card = [PredictedVideo("1", Path(f"/data/LOC01/{self.CARD}/IMG_0001.MP4"), place="LOC01")]
        assert self.found(card, f"/mnt/usb/LOC01/{self.CARD}/IMG_0001.MP4") == "1"
        assert self.found(card, f"/mnt/usb/LOC09/{self.CARD}/IMG_0001.MP4") == NOT_ANALYSED

    def test_of_one_card_without_a_place_a_folder_at_least_must_agree_and_all_of_a_relative_path(self) -> None:
        card = [PredictedVideo("1", Path(f"/data/LOC01/{self.CARD}/IMG_0001.MP4"))]
        assert self.found(card, "E:\\100RECNX\\IMG_0001.MP4") == "1"
        assert self.found(card, "E:\\cards\\IMG_0001.MP4") == NOT_ANALYSED
        assert self.found(card, f"/mnt/LOC01/{self.CARD}/IMG_0001.MP4") == "1"
        assert self.found(card, f"LOC09/{self.CARD}/IMG_0001.MP4") == NOT_ANALYSED

    def test_the_file_beside_the_labels_comes_first(self) -> None:
        got = Finder(self.VIDEOS).find(LabelledVideo("IMG_1.MP4", (), beside=Path("/c/LOC2/IMG_1.MP4")))
        assert isinstance(got, PredictedVideo)
        assert got.video == "2"
