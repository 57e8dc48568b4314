from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.behaviour.comparing import by_behaviour, compare
from models.behaviour.examples import IGNORED, examples_of
from models.behaviour.measured import EITHER, NOBODY, Measured, TrueBout, read_measured, whose
from models.behaviour.measuring import REAL, measure_labelled
from models.behaviour.probing import told_of_trees
from pipeline.settings import BehaviourSettings, load_settings
from tests.models.made_up_clips import CODES, HALF_S, clip
from tests.models.test_probing import Stubborn


@pytest.fixture(scope="module")
def settings() -> BehaviourSettings:
    return load_settings().behaviour


@pytest.fixture(scope="module")
def measured(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    folder = tmp_path_factory.mktemp("labelled")
    video = min(shipped.glob("LOC03/**/*.MP4"))
    (folder / "a.MP4").symlink_to(video)
    (folder / "labels.csv").write_text(
        "file,start_s,end_s,behaviour\na.MP4,0,2,walk\na.MP4,2,,investigate|groom\nb.MP4,0,1,walk\na.MP4,0,1,herding\n",
        encoding="utf-8",
    )
    out = folder / "out"
    assert measure_labelled(folder / "labels.csv", out, 1) == 1, "the video that is not there costs itself"
    return read_measured(out / "a.npz")


class TestLabelledVideos:
    def test_other_peoples_words_are_translated_and_hold_for_every_animal_there(self, measured: Measured) -> None:
        assert measured.split == REAL
        walking = EITHER.join(("travel", "family_travel"))
        assert {bout.behaviour for bout in measured.bouts} == {walking, f"investigate{EITHER}groom"}
        assert {bout.animal for bout in measured.bouts} == set(range(len(measured.samples)))

    def test_a_label_without_an_end_ends_with_the_video(self, measured: Measured) -> None:
        assert max(bout.end_s for bout in measured.bouts) == measured.duration_s

    def test_of_videos_that_show_the_labelled_animal_in_the_middle_one_beside_it_has_no_label(
        self, shipped: Path, tmp_path: Path
    ) -> None:
        beside, amid = sorted(shipped.glob("LOC03/**/*.MP4"))
        for video in (beside, amid):
            (tmp_path / video.name).symlink_to(video)
        rows = "".join(f"{video.name},rest\n" for video in (beside, amid))
        (tmp_path / "labels.csv").write_text(f"file,behaviour\n{rows}", encoding="utf-8")
        assert measure_labelled(tmp_path / "labels.csv", tmp_path, 1, centred=True) == 2
        without, labelled = (read_measured(tmp_path / f"{video.stem}.npz") for video in (beside, amid))
        assert not without.bouts
        assert [whose(owner) for owner in without.owner] == [NOBODY]
        assert [bout.animal for bout in labelled.bouts] == [0] == [whose(owner) for owner in labelled.owner]


class TestEitherOfTwo:
    either = TrueBout(0, f"travel{EITHER}rest", "", 0.0, 2 * HALF_S)

    @pytest.mark.parametrize("said", ["travel", "rest"])
    def test_each_of_two_behaviours_is_right(self, settings: BehaviourSettings, said: str) -> None:
        scores = compare([replace(clip(1, 1), bouts=(self.either,))], Stubborn(said, said), settings)
        assert scores.right.value == pytest.approx(1.0)

    def test_nothing_is_learned_from_it(self) -> None:
        (example,) = examples_of([replace(clip(1, 1), bouts=(self.either,))], CODES)
        assert np.all(example.labels == IGNORED)


class TestSite:
    def test_a_tag_helps_an_unsure_classifier_to_marking_at_that_camera_alone(
        self, settings: BehaviourSettings
    ) -> None:
        marking = replace(clip(1, 1, ("spray", "spray")), subject="spray")
        elsewhere = replace(clip(2, 2, ("travel", "travel")), subject="travel")
        unsure = Stubborn("travel", "travel", codes=("travel", "spray", "unknown"), belief=0.5)
        clips = [marking, elsewhere]
        assert by_behaviour(compare(clips, unsure, settings)) == "spray 0.00 (8 s), travel 0.67 (8 s)"
        told = "spray 1.00 (8 s), travel 1.00 (8 s)"
        assert by_behaviour(told_of_trees(clips, unsure, settings)) == told
        assert by_behaviour(told_of_trees(clips, unsure, settings, placed=True)) != told  # this one marks elsewhere
