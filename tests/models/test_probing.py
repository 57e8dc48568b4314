import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.behaviour.altering import WAYS, Way, alter_folder, alter_labelled
from models.behaviour.measured import REAL, Measured
from models.behaviour.probing import ablation, changed_share, without
from models.registry import weights_path
from pipeline.behaviour.classifier import Scene
from pipeline.behaviour.cues import FAMILIES, LOOK
from pipeline.behaviour.features import measure
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.settings import BehaviourSettings, load_settings
from pipeline.values import Array, Samples
from pipeline.video.decode import open_video, upright_bgr
from tests.models.made_up_clips import HALF_S, clip
from tests.video.filming import film


@dataclass(frozen=True)
class Stubborn:
    """Says the same of every animal, from a second on another thing."""

    first: str
    then: str
    turns: float = 1000.0
    codes: tuple[str, ...] = ("travel", "rest", "unknown")
    belief: float = 0.96
    shortest_s: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, scene: Scene, number: int) -> Array:
        late = scene.samples[number].t >= self.turns
        place = np.where(late, self.codes.index(self.then), self.codes.index(self.first))
        others = (1 - self.belief) / (len(self.codes) - 1)
        return np.asarray(others + (self.belief - others) * np.eye(len(self.codes))[place])

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        return {}


@dataclass(frozen=True)
class ByPlace:
    """Calls an animal by where it is, so that other pictures of it get another name."""

    codes: tuple[str, ...] = ("travel", "rest", "unknown")
    shortest_s: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, scene: Scene, number: int) -> Array:
        right = scene.samples[number].boxes[:, 0] > 0.5
        return np.asarray(0.02 + 0.94 * np.eye(3)[right.astype(int)])

    def grounds(self, scene: Scene, number: int) -> Mapping[str, Array]:
        return {}


def two_in_a_real_video() -> Measured:
    """The one of `clip`, and the same animal once more, lower in the picture and farther left."""
    one = clip(1, 1)
    (samples,) = one.samples
    other = replace(samples, boxes=samples.boxes + np.array([-0.2, 0.3, 0, 0]))
    owner = tuple(np.full(len(samples.t), number, dtype=np.int64) for number in (0, 1))
    bouts = tuple(replace(bout, animal=animal) for animal in (0, 1) for bout in one.bouts)
    return replace(one, clip="video.mp4", split=REAL, samples=(samples, other), owner=owner, bouts=bouts)


def flipped(samples: Samples) -> Samples:
    boxes = samples.boxes.copy()
    boxes[:, 0] = 1 - boxes[:, 0] - boxes[:, 2]
    return replace(samples, boxes=boxes)


@pytest.fixture(scope="module")
def settings() -> BehaviourSettings:
    return load_settings().behaviour


class TestChange:
    def test_the_same_pictures_change_nothing(self, settings: BehaviourSettings) -> None:
        clips = [clip(number, number) for number in range(3)]
        assert changed_share(clips, clips[::-1], Stubborn("travel", "rest", HALF_S), settings) == (0.0, 0.0)

    def test_what_gets_another_name_counts_by_its_time(self, settings: BehaviourSettings) -> None:
        before = clip(1, 1)
        (one,) = before.samples
        after = replace(before, samples=(replace(one, boxes=one.boxes * (0, 1, 1, 1)),))
        there = (one.boxes[:, 0] > 0.5).mean()
        differs, lost = changed_share([before], [after], ByPlace(), settings)
        assert differs == pytest.approx(there, abs=0.05)
        assert differs > 0.2
        assert lost == 0

    def test_a_track_that_is_gone_is_lost_and_not_changed(self, settings: BehaviourSettings) -> None:
        before = clip(1, 1)
        gone = replace(before, samples=(), owner=())
        assert changed_share([before], [gone], Stubborn("travel", "rest"), settings) == (0.0, 1.0)


class TestChangeOfRealVideos:
    """Nobody knows their true animals: of each track the copy's that lies on the same place is asked."""

    def test_tracks_are_found_again_in_whatever_order_and_file(self, settings: BehaviourSettings) -> None:
        before = two_in_a_real_video()
        turned = replace(before, clip="video.MP4", samples=before.samples[::-1], owner=before.owner[::-1])
        assert changed_share([before], [turned], ByPlace(), settings) == (0.0, 0.0)
        numbered_anew = replace(turned, owner=before.owner)
        assert changed_share([before], [numbered_anew], ByPlace(), settings) == (0.0, 0.0)

    def test_a_mirrored_copy_is_compared_with_what_it_mirrors(self, settings: BehaviourSettings) -> None:
        before = two_in_a_real_video()
        copy = replace(before, samples=tuple(flipped(one) for one in before.samples))
        says = Stubborn("travel", "rest")
        assert changed_share([before], [copy], says, settings, mirrored=True) == (0.0, 0.0)
        assert changed_share([before], [copy], says, settings)[1] > 0.5, "elsewhere in the picture: lost"

    def test_a_track_where_none_was_is_nobody_s(self, settings: BehaviourSettings) -> None:
        before = two_in_a_real_video()
        alone = replace(before, samples=before.samples[:1], owner=before.owner[:1])
        assert changed_share([alone], [before], ByPlace(), settings) == (0.0, 0.0)
        assert changed_share([before], [alone], Stubborn("travel", "rest"), settings)[1] == pytest.approx(0.5, abs=0.05)


def test_leaving_out_each_family_is_scored_beside_having_them_all(settings: BehaviourSettings) -> None:
    network = BehaviourNetwork(weights_path("behaviour"))
    found = ablation([clip(number, number) for number in range(2)], network, settings)
    assert set(found) == {"all", LOOK, *FAMILIES} - {"quality"}
    (samples,), aspect = clip(1, 1).samples, clip(1, 1).aspect
    scene = Scene((samples,), (measure(samples, aspect),), aspect)
    for family in ("motion", "silhouette"):
        assert np.abs(without(network, family)(scene, 0) - network(scene, 0)).max() > 0.01


@pytest.mark.parametrize("way", WAYS)
def test_a_poorer_copy_keeps_its_truth_and_its_times(shipped: Path, tmp_path: Path, way: Way) -> None:
    clips = shipped / "LOC03"
    assert alter_folder(clips, tmp_path, way) == 2
    for copy in sorted(tmp_path.rglob("*.MP4")):
        original = clips / copy.relative_to(tmp_path)
        if way != "mirrored":
            assert copy.with_suffix(".json").read_bytes() == original.with_suffix(".json").read_bytes()
        with open_video(original) as first, open_video(copy) as second:
            times = [frame.t for frame in first.frames()]
            kept = times[::2] if way == "half-rate" else times
            assert [frame.t for frame in second.frames()] == pytest.approx(kept, abs=0.002)
            assert second.info.width == (first.info.width // 2 if way == "half-size" else first.info.width)
        if way in ("half-size", "harder"):
            assert copy.stat().st_size < original.stat().st_size


def test_in_a_mirrored_copy_animals_are_where_the_mirror_shows_them(shipped: Path, tmp_path: Path) -> None:
    clips = shipped / "LOC03"
    assert alter_folder(clips, tmp_path, "mirrored") == 2
    for copy in sorted(tmp_path.rglob("*.MP4")):
        original = clips / copy.relative_to(tmp_path)
        with open_video(original) as first, open_video(copy) as second:
            for one, other in zip(first.frames(), second.frames(), strict=True):
                seen = [upright_bgr(frame.picture, 320).astype(float) for frame in (one, other)]
                assert np.abs(seen[0][:, ::-1] - seen[1]).mean() < 6
        trees = [json.loads(path.with_suffix(".json").read_text()) for path in (original, copy)]
        boxes = [np.array([box for box in tree["animals"][0]["boxes"] if box is not None]) for tree in trees]
        np.testing.assert_allclose(boxes[0][:, 0], 1 - boxes[1][:, 0] - boxes[1][:, 2])
        np.testing.assert_array_equal(boxes[0][:, 1:], boxes[1][:, 1:])


def test_a_settling_camera_begins_too_dark_or_too_bright_in_turn(shipped: Path, tmp_path: Path) -> None:
    clips = shipped / "LOC03"
    assert alter_folder(clips, tmp_path, "settling") == 2
    first, last = [], []
    for copy in sorted(tmp_path.rglob("*.MP4")):
        with open_video(clips / copy.relative_to(tmp_path)) as original, open_video(copy) as altered:
            pairs = zip(original.frames(), altered.frames(), strict=True)
            levels = [[upright_bgr(one.picture, 320).mean() for one in pair] for pair in pairs]
        first.append(levels[0][1] / levels[0][0])
        last.append(levels[-1][1] / levels[-1][0])
    assert first[0] == pytest.approx(0.35, abs=0.05)
    assert first[1] > 1.4
    assert last == pytest.approx([1, 1], abs=0.03)


def test_a_swaying_camera_comes_and_goes_by_a_few_thousandths_of_the_picture(shipped: Path, tmp_path: Path) -> None:
    clips = shipped / "LOC03"
    assert alter_folder(clips, tmp_path, "swaying") == 2
    for copy in sorted(tmp_path.rglob("*.MP4")):
        with open_video(clips / copy.relative_to(tmp_path)) as original, open_video(copy) as altered:
            pairs = zip(original.frames(), altered.frames(), strict=True)
            greys = [[cv2.cvtColor(upright_bgr(o.picture, 640), cv2.COLOR_BGR2GRAY) for o in pair] for pair in pairs]
        shifts = np.array([cv2.phaseCorrelate(*(np.float32(grey) for grey in pair))[0] for pair in greys]) / 640
        assert 0.0005 < np.hypot(*shifts.T).max() < 0.004
        assert np.abs(shifts.mean(axis=0)).max() < 0.001


def test_copies_of_real_videos_keep_what_people_said_of_them(tmp_path: Path) -> None:
    grey = (np.full((60, 84, 3), 100, dtype=np.uint8) for _ in range(8))
    film(tmp_path / "walk.mp4", grey, fps=4)
    table = tmp_path / "labels.csv"
    table.write_text("file,start_s,end_s,behaviour\nwalk.mp4,0,1,travel\nwalk.mp4,1,2,feed\ngone.mp4,0,1,rest\n")
    out = tmp_path / "out"
    assert alter_labelled(table, out, "again") == 1
    assert (out / "labels.csv").read_text().split() == [
        *("file,start_s,end_s,behaviour", "walk.MP4,0,1,travel", "walk.MP4,1,2,feed", "gone.MP4,0,1,rest")
    ]
    with open_video(out / "walk.MP4") as copy:
        assert (copy.info.width, copy.info.height, len(list(copy.frames()))) == (84, 60, 8)


def test_copies_never_replace_what_they_are_copies_of(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("file,behaviour\na/walk.mp4,travel\nb/walk.mp4,feed\n")
    for folder in "ab":
        (tmp_path / folder).mkdir()
        film(tmp_path / folder / "walk.mp4", (np.zeros((60, 84, 3), dtype=np.uint8) for _ in range(2)), fps=4)
    with pytest.raises(ValueError, match="holds the originals"):
        alter_labelled(table, tmp_path / "a" / "..", "again")
    with pytest.raises(ValueError, match="holds the originals"):
        alter_folder(tmp_path, tmp_path, "again")
    with pytest.raises(ValueError, match=r"two of its videos have one name"):
        alter_labelled(table, tmp_path / "out", "again")
