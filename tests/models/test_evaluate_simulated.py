"""Scores against a simulated clip's truth, on tracks made by hand whose scores are known by arithmetic."""

import importlib.util
import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluate.alarms import empty_rows, people_score
from models.evaluate.compared import Compared, FoundTrack, compare
from models.evaluate.coverage import coverage, interval_of_share, sights_of
from models.evaluate.mot import IdentityScore, identity_score, require_trackeval
from models.evaluate.naming import naming_rows
from models.evaluate.simulated import has_stranger, score, score_simulated
from models.evaluate.simulated_report import as_markdown
from models.evaluate.truths import TrueAnimal, TrueClip, read_truths
from models.simulate.annotation import SceneAnimal, SceneBout, SceneTruth, SceneVideo, write_annotation
from pipeline.errors import ConfigError, EthotrapError
from pipeline.settings import load_settings
from pipeline.store.result import AnalysisKey
from pipeline.values import Kind

FRAMES = 10  # a second apart
HERE = (0.1, 0.1, 0.2, 0.2)
FAR = (0.7, 0.7, 0.2, 0.2)
HALF_OFF = (0.2, 0.1, 0.2, 0.2)  # shares half of HERE: an overlap of one third
KEY = AnalysisKey("0.0", {"network": "0123456789abcdef"}, "fedcba")

needs_trackeval = pytest.mark.skipif(
    importlib.util.find_spec("trackeval") is None, reason="needs the packages of ethotrap[evaluate]"
)


def animal(
    species: str = "leopard",
    box: tuple[float, ...] = HERE,
    visible: Iterable[float] = (1.0,) * FRAMES,
    behaviours: tuple[str, ...] = ("travel",) * FRAMES,
) -> TrueAnimal:
    return TrueAnimal(species, np.tile(box, (FRAMES, 1)), np.array(list(visible)), behaviours)


def clip(*animals: TrueAnimal, light: str = "day", wind: float = 0.1, subject: str = "travel") -> TrueClip:
    times = np.arange(FRAMES, dtype=float)
    name = f"test/LOC1/{subject}"
    return TrueClip(
        name, Path("clip.MP4"), subject, "test", (2_000_001, 2_000_002, 2_000_003), light, wind, times, animals
    )


def track(frames: Iterable[int], box: tuple[float, ...] = HERE, species: str = "leopard") -> FoundTrack:
    indices = np.array(list(frames))
    kind = Kind(species) if species in ("person", "vehicle") else Kind.ANIMAL
    return FoundTrack(kind, species, indices, np.tile(box, (len(indices), 1)))


def identities(*compared: Compared) -> IdentityScore:
    found = identity_score(compared)
    assert found is not None
    return found


def test_coverage_is_the_share_of_the_visible_time_with_a_box_on_the_animal() -> None:
    visible = [0.0, 0.4, *[0.5] * 8]
    (row, *_) = coverage(sights_of([compare(clip(animal(visible=visible)), [track(range(6))])]))
    assert row.visible_s == pytest.approx(8)
    assert row.covered == pytest.approx(4 / 8)
    assert row.covered_well == pytest.approx(4 / 8)
    assert row.median_iou == pytest.approx(1)


def test_a_box_that_overlaps_by_a_third_covers_and_does_not_fit() -> None:
    (row, *_) = coverage(sights_of([compare(clip(animal()), [track(range(10), HALF_OFF)])]))
    assert (row.covered, row.covered_well) == (1, 0)
    assert row.median_iou == pytest.approx(1 / 3)


def test_coverage_is_told_apart_by_light_and_by_what_the_animal_does_at_that_moment() -> None:
    by_day = clip(animal(behaviours=("stalk",) * 4 + ("rest",) * 6))
    by_night = clip(animal(), light="infrared")
    rows = {row.part: row for row in coverage(sights_of([compare(by_day, [track(range(4))]), compare(by_night, [])]))}
    assert {part: row.covered for part, row in rows.items()} == pytest.approx(
        {"all": 0.2, "day": 0.4, "infrared": 0, "stalk": 1, "rest": 0, "travel": 0}
    )
    assert rows["infrared"].median_iou is None
    assert rows["all"].clips == 2


def test_an_animal_that_is_never_visible_asks_for_nothing() -> None:
    assert coverage(sights_of([compare(clip(animal(visible=[0.4] * FRAMES)), [])])) == []


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 60)), min_size=1, max_size=8))
def test_the_interval_lies_between_the_worst_and_the_best_clip(clips: list[tuple[float, float]]) -> None:
    shares, seconds = np.array(clips).T
    low, high = interval_of_share(shares * seconds, seconds)
    assert shares.min() - 1e-9 <= low <= high <= shares.max() + 1e-9


def test_the_interval_of_many_clips_is_that_of_a_proportion() -> None:
    followed = np.repeat([1.0, 0.0], [160, 40])
    low, high = interval_of_share(followed, np.ones(200))
    error = 1.96 * np.sqrt(0.8 * 0.2 / 200)
    assert (low, high) == pytest.approx((0.8 - error, 0.8 + error), abs=0.015)


def test_a_track_beyond_the_clips_end_shows_that_truth_and_video_do_not_belong_together() -> None:
    with pytest.raises(ValueError, match="frame 10"):
        compare(clip(animal()), [track(range(11))])


@pytest.mark.parametrize(
    ("here", "far", "owner"), [(6, 4, 0), (4, 6, 1), (3, 2, 0), (2, 2, None)], ids=lambda value: str(value)
)
def test_a_track_belongs_to_the_animal_on_which_it_is_longest(here: int, far: int, owner: int | None) -> None:
    boxes = np.array([HERE] * here + [FAR] * far + [(0.4, 0.4, 0.1, 0.1)] * (10 - here - far))
    wanders = FoundTrack(Kind.ANIMAL, "leopard", np.arange(10), boxes)
    assert compare(clip(animal(), animal(box=FAR)), [wanders]).owners == (owner,)


@needs_trackeval
def test_a_perfect_track_scores_one() -> None:
    found = identities(compare(clip(animal()), [track(range(10))]))
    assert (found.hota, found.detection, found.association, found.idf1, found.mota) == pytest.approx((1, 1, 1, 1, 1))
    assert (found.switches, found.fragmentations, found.unfollowed, found.false_tracks) == (0, 0, 0, 0)
    assert found.tracks_an_animal == 1


@needs_trackeval
def test_half_a_track_finds_half_and_associates_half() -> None:
    found = identities(compare(clip(animal()), [track(range(5))]))
    assert (found.hota, found.detection, found.association) == pytest.approx((0.5, 0.5, 0.5))
    assert (found.idf1, found.mota) == pytest.approx((2 / 3, 0.5))


@needs_trackeval
def test_a_torn_track_costs_association_and_one_switch() -> None:
    found = identities(compare(clip(animal()), [track(range(5)), track(range(5, 10))]))
    assert (found.hota, found.detection, found.association) == pytest.approx((np.sqrt(0.5), 1, 0.5))
    assert (found.idf1, found.mota) == pytest.approx((0.5, 0.9))
    assert (found.switches, found.fragmentations, found.tracks_an_animal) == (1, 0, 2)


@needs_trackeval
@pytest.mark.parametrize("elsewhere", [(), (track(range(10), FAR),)], ids=["alone", "with a track on nothing"])
def test_an_animal_lost_for_a_while_is_one_fragmentation(elsewhere: tuple[FoundTrack, ...]) -> None:
    found = identities(compare(clip(animal()), [track([0, 1, 2, 3, 6, 7, 8, 9]), *elsewhere]))
    assert (found.switches, found.fragmentations) == (0, 1)
    assert found.false_tracks == len(elsewhere)


@needs_trackeval
def test_two_tracks_that_swap_animals_are_two_switches() -> None:
    both = clip(animal(), animal(box=FAR))
    boxes = np.array([HERE] * 5 + [FAR] * 5)
    tracks = [
        FoundTrack(Kind.ANIMAL, "leopard", np.arange(10), boxes),
        FoundTrack(Kind.ANIMAL, "leopard", np.arange(10), boxes[::-1]),
    ]
    found = identities(compare(both, tracks))
    assert found.switches == 2
    assert (found.detection, found.association) == pytest.approx((1, 1 / 3))  # 5 of 10 + 10 - 5
    assert (found.idf1, found.mota) == pytest.approx((0.5, 0.9))


@needs_trackeval
def test_a_box_on_an_animal_that_hides_counts_neither_way() -> None:
    hides = clip(animal(visible=[1.0] * 5 + [0.2] * 5))
    for frames in (range(10), range(5)):
        found = identities(compare(hides, [track(frames)]))
        assert (found.hota, found.mota) == pytest.approx((1, 1))


@needs_trackeval
def test_a_track_in_an_empty_clip_is_false_and_one_on_a_person_is_not_scored() -> None:
    followed = compare(clip(animal()), [track(range(10))])
    empty = compare(clip(subject="empty"), [track(range(5))])
    person = compare(clip(animal("person"), subject="person"), [track(range(10))])
    found = identities(followed, empty, person)
    assert (found.detection, found.mota) == pytest.approx((10 / 15, 0.5))
    assert (found.frames, found.animals, found.false_tracks) == (20, 1, 1)


def test_without_trackeval_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EthotrapError, match="pip install --no-deps trackeval"):
        require_trackeval()


def test_empty_clips_are_counted_by_light_and_wind() -> None:
    still, windy = clip(subject="empty"), clip(subject="empty", light="infrared", wind=0.8)
    rows = {row.part: row for row in empty_rows([compare(still, []), compare(windy, [track(range(3)), track([5])])])}
    assert {part: (row.clips, row.alarmed) for part, row in rows.items()} == {
        "all": (2, 1),
        "day": (1, 0),
        "infrared": (1, 1),
        "windy": (1, 1),
    }
    assert rows["all"].kinds == {"animal": 2}


def test_what_people_are_taken_for_is_told_apart_from_tracks_beside_them() -> None:
    walks = clip(animal("person"), subject="person")
    tracks = [track(range(6), species="person"), track(range(6, 8)), track(range(10), FAR)]
    people = people_score([compare(walks, tracks), compare(clip(animal()), [track(range(10))])])
    assert people is not None
    assert people.covered is not None
    assert (people.clips, people.covered.covered) == (1, pytest.approx(0.8))
    assert (people.kinds, people.elsewhere) == ({"person": 1, "animal": 1}, {"animal": 1})


def test_what_species_are_called_is_told_by_light_with_the_share_of_big_cats() -> None:
    by_day = compare(
        clip(animal("leopard"), animal("deer", FAR)),
        [
            track(range(5)),
            track(range(5, 8), species="tiger"),
            track([9], species="wolf"),
            track(range(10), FAR, "boar"),
        ],
    )
    by_night = compare(clip(animal("leopard"), light="infrared"), [track(range(10), FAR, "fox")])
    rows = naming_rows([by_day, by_night])
    assert [(row.species, row.light, row.tracks) for row in rows] == [("deer", "day", 1), ("leopard", "day", 3)]
    assert (rows[1].right, rows[1].big_cat) == pytest.approx((1 / 3, 2 / 3))
    assert rows[0].called == {"boar": 1}


@pytest.mark.parametrize("seed", [0, 1_999_999, 3_000_000])
def test_a_clip_with_a_seed_of_another_split_is_a_stranger(seed: int) -> None:
    own = clip(animal())
    assert not has_stranger(own)
    assert has_stranger(replace(own, seeds=(*own.seeds, seed)))


@needs_trackeval
def test_the_report_says_whether_every_seed_is_the_splits_own() -> None:
    own = compare(clip(animal()), [track(range(10))])
    stray = replace(own, clip=replace(own.clip, name="test/LOC1/stray", seeds=(7,)))
    assert "Every seed is one of this split's own" in as_markdown(score([own], KEY))
    assert "Seeds of another split are in 1 clips: test/LOC1/stray" in as_markdown(score([own, stray], KEY))
    assert "- one.MP4: torn" in as_markdown(score([own], KEY, ["one.MP4: torn"]))


def scene() -> SceneTruth:
    """Two frames of a tiger that comes into the picture."""
    tiger = SceneAnimal(
        individual="tiger 2000003",
        species="tiger",
        coat=2_000_003,
        size=1.0,
        girth=1.0,
        limp=0.0,
        lame_leg=None,
        tail=1.0,
        stride_hz=1.5,
        asymmetry=0.0,
        boxes=(None, HERE),
        visible_share=(0.0, 0.9),
        silhouettes=(None, None),
        flanks=(None, "left"),
        joints={},
        behaviours=(SceneBout("travel", None, None, 0.05, 0.2, False, True),),
        contacts=(),
    )
    return SceneTruth(
        clip="test/LOC1/travel-day-0000",
        seed=2_000_002,
        simulated=True,
        captured_at="2025-06-14T05:42:18+10:00",
        subject="travel",
        split="test",
        camera=2_000_001,
        light="day",
        weather="none",
        wind=0.1,
        shaded=True,
        video=SceneVideo(10.0, 2, 480, 270, (0.0, 0.1)),
        animals=(tiger,),
    )


def test_the_truth_that_the_simulator_writes_is_read_back(tmp_path: Path) -> None:
    write_annotation(scene(), tmp_path / "a.json")
    (tmp_path / "a.AVI").touch()
    write_annotation(replace(scene(), shaded=False), tmp_path / "measured-only.json")
    (tmp_path / "settings.json").write_text("{}", encoding="utf-8")
    (found,), faults = read_truths(tmp_path)
    assert faults == []
    assert (found.video, found.seeds) == (tmp_path / "a.AVI", (2_000_001, 2_000_002, 2_000_003))
    assert found.steps == pytest.approx([0.1, 0.1])
    (tiger,) = found.animals
    assert np.isnan(tiger.boxes[0]).all()
    assert tiger.boxes[1] == pytest.approx(HERE)
    assert tiger.behaviours == ("none", "travel")


def test_a_truth_that_cannot_be_used_costs_only_itself(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_annotation(scene(), tmp_path / f"{name}.json")
    for name in ("a", "c"):
        (tmp_path / f"{name}.MP4").touch()
    (tmp_path / "c.json").write_text('{"simulated": ', encoding="utf-8")
    clips, faults = read_truths(tmp_path)
    assert [clip.video.name for clip in clips] == ["a.MP4"]
    assert [fault.partition(": ")[0] for fault in faults] == [str(tmp_path / "b.json"), str(tmp_path / "c.json")]


def test_a_folder_without_simulated_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ethotrap simulate"):
        read_truths(tmp_path)


@needs_trackeval
def test_the_shipped_pipeline_is_scored_on_a_clip_and_a_torn_one_costs_itself(shipped: Path, tmp_path: Path) -> None:
    source = shipped / "LOC01" / "CAM1" / "20250612" / "100RECNX" / "IMG_0001.MP4"
    truth = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))
    frames = truth["video"]["frames"]
    truth["video"].setdefault("times_s", [index / truth["video"]["fps"] for index in range(frames)])
    for walker in truth["animals"]:
        walker.setdefault("species", "leopard")
    truth = {"subject": "travel", "split": "test", "camera": 0, "light": "day", "wind": 0.1} | truth
    folder, archive = tmp_path / "clips", tmp_path / "archive"
    folder.mkdir()
    shutil.copy(source, folder / "walk.MP4")
    (folder / "walk.json").write_text(json.dumps(truth), encoding="utf-8")
    (folder / "torn.MP4").write_bytes(source.read_bytes()[:2000])
    (folder / "torn.json").write_text(json.dumps(truth | {"clip": "torn"}), encoding="utf-8")

    told: list[tuple[int, int]] = []
    settings = load_settings(environment={})
    settings = settings.model_copy(update={"run": settings.run.model_copy(update={"workers": 1})})
    first = score_simulated(folder, archive, settings, lambda *what: told.append(what))
    assert first.about.clips == 1
    assert [fault.partition(":")[0] for fault in first.about.left_out] == ["torn"]
    assert first.coverage[0].covered >= 0.9
    assert first.identity is not None
    assert first.identity.tracks_an_animal == 1
    assert first.identity.mota >= 0.8

    again = score_simulated(folder, archive, settings, lambda *what: told.append(what))
    assert [videos for _, videos in told] == [2, 0]
    assert again == first
