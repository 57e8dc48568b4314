from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import Settings, load_settings
from pipeline.tracking.follow import Followed, Namer, follow, next_due
from pipeline.tracking.species import CROP_SIZE, NAMELESS, Name
from pipeline.values import Detection, Kind
from pipeline.video.decode import open_video
from tests.tracking.blobs import (
    HEIGHT,
    NAMED,
    WHITE,
    WIDTH,
    Called,
    Picture,
    Place,
    blob_video,
    find_light,
    walking,
)

Detect = Callable[[Picture], list[Detection]]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(environment={})


@pytest.fixture
def run(settings: Settings) -> Callable[..., Followed]:
    def run(path: Path, detect: Detect = find_light, namer: Namer | None = None, names_kinds: bool = False) -> Followed:
        with open_video(path) as video:
            return follow(video, detect, namer or Called(), names_kinds, settings)

    return run


class TestTrack:
    @pytest.fixture
    def stamps(self) -> list[float]:
        """12 pictures a second at first, then 5, then a gap of half a second."""
        return [*np.arange(0, 2, 1 / 12), *np.arange(2, 4, 1 / 5), 4.5, 4.6, 4.8, 5.0]

    def test_it_has_a_box_for_every_decoded_frame_where_the_animal_was(
        self, tmp_path: Path, run: Callable[..., Followed], stamps: list[float]
    ) -> None:
        place = walking(0.12)
        (track,) = run(blob_video(tmp_path / "walk.mp4", [(place, WHITE)], 5, times=stamps)).tracks

        assert track.number == 1
        assert track.frame.tolist() == list(range(track.frame[0], track.frame[-1] + 1))
        assert track.start_s == 0
        assert track.end_s > 4.7
        np.testing.assert_allclose(track.t, np.array(stamps)[track.frame], atol=0.001)
        truth = np.array([place(t) for t in track.t])
        np.testing.assert_allclose(track.boxes, truth, atol=0.012)

    def test_frames_that_the_detector_saw_are_told_from_those_filled_in(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        (track,) = run(blob_video(tmp_path / "walk.mp4", [(walking(0.12), WHITE)], 5)).tracks

        assert track.seen.tolist() == [i % 2 == 0 for i in range(len(track.seen))]  # 6 of 12 pictures a second
        assert track.seen_share == pytest.approx(0.5, abs=0.02)
        assert np.isnan(track.score[~track.seen]).all()
        assert (track.score[track.seen] == 0.8).all()

    def test_its_samples_are_what_was_measured_when_it_was_looked_at(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        followed = run(blob_video(tmp_path / "walk.mp4", [(walking(0.12), WHITE)], 5))
        (track,), (samples,) = followed.tracks, followed.samples

        np.testing.assert_allclose(samples.t, track.t[track.seen])
        np.testing.assert_allclose(samples.boxes, track.boxes[track.seen])
        assert samples.seen.all()
        assert np.isnan(samples.inner_motion[0])
        assert ((samples.sharpness >= 0) & (samples.sharpness <= 1)).all()

    def test_an_animal_that_comes_and_goes_has_a_track_only_while_it_is_there(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        def passing(t: float) -> tuple[float, float, float, float] | None:
            return (0.05 + 0.15 * t, 0.4, 0.2, 0.3) if 2 <= t < 4 else None

        (track,) = run(blob_video(tmp_path / "passing.mp4", [(passing, WHITE)], 7)).tracks
        assert 2 <= track.start_s <= 2.4
        assert 3.7 <= track.end_s < 4

    @pytest.mark.parametrize(("share", "tracks"), [(0.9, 1), (0.3, 0)])
    def test_one_that_the_detector_sees_faintly_has_one_where_the_species_network_is_sure_of_it(
        self, tmp_path: Path, run: Callable[..., Followed], share: float, tracks: int
    ) -> None:
        def faintly(picture: Picture) -> list[Detection]:
            return [replace(one, score=0.3) for one in find_light(picture)]

        path = blob_video(tmp_path / "walk.mp4", [(walking(0.12), WHITE)], 5)
        assert len(run(path, faintly, Called(replace(NAMED, region_share=share))).tracks) == tracks

    def test_one_that_is_vouched_for_and_may_be_a_person_is_there_once(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        looks = iter(range(1000))

        def once_clearly(picture: Picture) -> list[Detection]:
            score = 0.6 if next(looks) == 5 else 0.27
            return [replace(one, score=score) for one in find_light(picture)]

        person = replace(NAMED, kinds={Kind.ANIMAL: 0.2, Kind.PERSON: 0.8}, region_share=0.9)
        path = blob_video(tmp_path / "walk.mp4", [(walking(0.12), WHITE)], 5)
        (track,) = run(path, once_clearly, Called(person)).tracks
        assert track.kind is Kind.PERSON

    def test_frames_between_a_look_that_found_it_and_one_that_did_not_go_to_the_nearer_look(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        def passing(t: float) -> tuple[float, float, float, float] | None:
            return (0.05 + 0.15 * t, 0.4, 0.2, 0.3) if 2.01 <= t < 4.01 else None

        thirty = [frame / 30 for frame in range(210)]
        (track,) = run(blob_video(tmp_path / "passing.mp4", [(passing, WHITE)], 7, times=thirty)).tracks
        looked = track.t[track.seen]
        assert track.start_s == pytest.approx(looked[0] - 2 / 30, abs=0.001)  # looks are five pictures apart
        assert track.end_s == pytest.approx(looked[-1] + 2 / 30, abs=0.001)
        assert not track.seen[[0, 1, -2, -1]].any()
        np.testing.assert_array_equal(track.boxes[[0, -1]], track.boxes[track.seen][[0, -1]])

    def test_a_video_filmed_on_its_side_gives_boxes_in_the_picture_as_shown(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        place = walking(0.1)
        path = blob_video(tmp_path / "turned.mp4", [(place, WHITE)], 4, turned=90)
        (track,) = run(path).tracks
        truth = np.array([place(t) for t in track.t])
        np.testing.assert_allclose(track.boxes, truth, atol=0.02)

    def test_no_track_goes_on_over_a_time_in_which_nothing_was_filmed(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        stamps = [*np.arange(0, 3, 1 / 12), *np.arange(23, 26, 1 / 12)]  # a recorder that films what moves

        def again_there(t: float) -> tuple[float, float, float, float]:
            return 0.05 + 0.12 * (t if t < 3 else t - 20), 0.4, 0.2, 0.3

        path = blob_video(tmp_path / "paused.mp4", [(again_there, WHITE)], 6, times=stamps)
        first, second = run(path).tracks
        assert (first.start_s, first.end_s) == pytest.approx((0, stamps[35]), abs=0.001)
        assert (second.start_s, second.end_s) == pytest.approx((23, stamps[-1]), abs=0.2)

    def test_nothing_to_see_gives_nothing(self, tmp_path: Path, run: Callable[..., Followed]) -> None:
        assert run(blob_video(tmp_path / "empty.mp4", [], 3)) == Followed((), (), infrared=True)  # grey


class TestLooking:
    @staticmethod
    def counted(looks: list[int]) -> Detect:
        def detect(picture: Picture) -> list[Detection]:
            looks.append(1)
            return find_light(picture)

        return detect

    def test_the_detector_looks_at_the_rate_that_was_asked_for(
        self, tmp_path: Path, run: Callable[..., Followed], settings: Settings
    ) -> None:
        looks: list[int] = []
        run(blob_video(tmp_path / "walk.mp4", [(walking(0.1), WHITE)], 6, fps=25), self.counted(looks))
        assert len(looks) == pytest.approx(6 * settings.detector.rate_hz, abs=1)

    def test_an_empty_scene_is_only_glanced_at_now_and_then(
        self, tmp_path: Path, run: Callable[..., Followed], settings: Settings
    ) -> None:
        looks: list[int] = []
        run(blob_video(tmp_path / "empty.mp4", [], 9), self.counted(looks))
        assert len(looks) == pytest.approx(9 / settings.detector.idle_s, abs=1)

    @pytest.mark.parametrize("fps", [12, 24, 30, 60])
    def test_looks_are_evenly_spaced_where_the_rates_allow(
        self, tmp_path: Path, run: Callable[..., Followed], fps: int
    ) -> None:
        """Whole milliseconds, as Matroska counts, miss a grid of sixths of a second by a little."""
        path = blob_video(tmp_path / "walk.mkv", [(walking(0.12), WHITE)], 4, fps=fps)
        (samples,) = run(path).samples
        np.testing.assert_allclose(np.diff(samples.t), 1 / 6, atol=0.0011)

    @given(st.floats(0.5, 30), st.floats(1, 60), st.integers(50, 300))
    def test_the_rate_is_kept_over_time_whatever_the_rate_of_the_video(
        self, rate_hz: float, fps: float, frames: int
    ) -> None:
        due, looks = 0.0, 0
        for i in range(frames):
            if i / fps >= due:
                looks += 1
                due = next_due(due, i / fps, rate_hz)
        most = frames * min(rate_hz, fps) / fps
        assert most / 2 - 1 <= looks <= most + 2

    def test_after_a_gap_it_does_not_try_to_catch_up(self) -> None:
        assert next_due(due=1.0, t=31.0, rate_hz=5) == pytest.approx(31.2)

    def test_an_animal_that_is_found_only_from_nearer_keeps_its_track(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        wholes: list[int] = []

        def short_sighted(picture: Picture) -> list[Detection]:
            is_whole = picture.shape[:2] == (180, 320)
            wholes.extend([1] * is_whole)
            return [] if is_whole and len(wholes) > 6 else find_light(picture)

        (track,) = run(blob_video(tmp_path / "walk.mp4", [(walking(0.12), WHITE)], 4), short_sighted).tracks
        assert track.end_s > 3.5
        np.testing.assert_allclose(track.boxes, [walking(0.12)(t) for t in track.t], atol=0.015)


class TestName:
    @staticmethod
    def walk(tmp_path: Path) -> Path:
        return blob_video(tmp_path / "walk.mp4", [(walking(0.12), WHITE)], 4)

    def test_an_animal_has_the_species_that_its_crops_say(self, tmp_path: Path, run: Callable[..., Followed]) -> None:
        (track,) = run(self.walk(tmp_path)).tracks
        assert track.kind is Kind.ANIMAL
        assert track.kind_probability == pytest.approx(0.9)
        assert (track.species, track.species_probability) == ("leopard", 0.8)
        assert track.species_scores == NAMED.scores

    def test_the_crops_show_the_animal(self, tmp_path: Path, run: Callable[..., Followed], settings: Settings) -> None:
        namer = Called()
        run(self.walk(tmp_path), namer=namer)
        (crops,) = namer.shown
        assert crops.shape == (settings.species.crops, CROP_SIZE, CROP_SIZE, 3)
        assert all((crop[60:160, 60:160] > 200).all() for crop in crops)

    @pytest.mark.parametrize("kind", [Kind.PERSON, Kind.VEHICLE])
    def test_the_crops_tell_people_and_vehicles_where_the_detector_does_not(
        self, tmp_path: Path, run: Callable[..., Followed], kind: Kind
    ) -> None:
        name = Name({Kind.ANIMAL: 0.1, kind: 0.9}, "leopard", 0.9, {"leopard": 0.9})
        (track,) = run(self.walk(tmp_path), namer=Called(name)).tracks
        assert track.kind is kind
        assert track.kind_probability == pytest.approx(0.9)
        assert (track.species, track.species_scores) == (kind.value, {})
        assert track.species_probability == track.kind_probability

    def test_the_detector_is_believed_where_it_tells_kinds_apart(
        self, tmp_path: Path, run: Callable[..., Followed]
    ) -> None:
        def a_person(picture: Picture) -> list[Detection]:
            return [Detection(d.box, d.score, Kind.PERSON) for d in find_light(picture)]

        (track,) = run(self.walk(tmp_path), a_person, names_kinds=True).tracks
        assert (track.kind, track.kind_probability, track.species) == (Kind.PERSON, 1.0, "person")

    def test_it_is_the_kind_of_most_of_its_sightings(self, tmp_path: Path, run: Callable[..., Followed]) -> None:
        looks: list[int] = []

        def unsure(picture: Picture) -> list[Detection]:
            looks.append(1)
            kind = Kind.PERSON if len(looks) % 4 == 0 else Kind.ANIMAL
            return [Detection(d.box, d.score, kind) for d in find_light(picture)]

        (track,) = run(self.walk(tmp_path), unsure, names_kinds=True).tracks
        assert track.kind is Kind.ANIMAL
        assert track.kind_probability == pytest.approx(0.75, abs=0.05)

    @pytest.mark.parametrize("other", [Kind.PERSON, Kind.VEHICLE])
    def test_an_animal_that_may_be_a_person_is_named_and_of_unknown_kind(
        self, tmp_path: Path, run: Callable[..., Followed], settings: Settings, other: Kind
    ) -> None:
        """A person taken for an animal may end up in a film, a leopard taken for a person loses what it did."""
        belief = settings.species.person_from
        name = Name({Kind.ANIMAL: 1 - belief, other: belief}, "leopard", 0.9, {"leopard": 0.9})
        (track,) = run(self.walk(tmp_path), namer=Called(name)).tracks
        assert (track.kind, track.species) == (Kind.UNKNOWN, "leopard")
        assert track.kind_probability == pytest.approx(1 - belief)

    def test_so_is_one_that_may_be_either_a_person_or_a_vehicle(
        self, tmp_path: Path, run: Callable[..., Followed], settings: Settings
    ) -> None:
        half = settings.species.person_from / 2
        name = Name(
            {Kind.ANIMAL: 1 - 2 * half, Kind.PERSON: half, Kind.VEHICLE: half}, "leopard", 0.9, {"leopard": 0.9}
        )
        (track,) = run(self.walk(tmp_path), namer=Called(name)).tracks
        assert track.kind is Kind.UNKNOWN

    def test_what_is_rather_a_person_is_one(self, tmp_path: Path, run: Callable[..., Followed]) -> None:
        name = Name({Kind.ANIMAL: 0.49, Kind.PERSON: 0.51}, "leopard", 0.9, {"leopard": 0.9})
        (track,) = run(self.walk(tmp_path), namer=Called(name)).tracks
        assert (track.kind, track.species) == (Kind.PERSON, "person")

    @pytest.mark.parametrize(
        ("kinds", "is_kept"),
        [
            ({Kind.PERSON: 1.0}, True),
            ({Kind.VEHICLE: 1.0}, True),
            ({Kind.ANIMAL: 0.6, Kind.PERSON: 0.4}, True),
            ({Kind.ANIMAL: 1.0}, False),
        ],
    )
    def test_a_glimpse_is_a_track_only_if_it_may_show_a_person_or_a_vehicle(
        self, tmp_path: Path, run: Callable[..., Followed], kinds: dict[Kind, float], is_kept: bool
    ) -> None:
        def glimpse(t: float) -> tuple[float, float, float, float] | None:
            return (0.3, 0.4, 0.2, 0.3) if t < 0.2 else None

        path = blob_video(tmp_path / "glimpse.mp4", [(glimpse, WHITE)], 3)
        followed = run(path, namer=Called(Name(kinds, "unknown", 0.0, {})))
        assert [track.kind is Kind.ANIMAL for track in followed.tracks] == [False] * is_kept
        assert len(followed.samples) == is_kept

    def test_what_nobody_can_name_is_unknown(self, tmp_path: Path, run: Callable[..., Followed]) -> None:
        (track,) = run(self.walk(tmp_path), namer=Called(NAMELESS)).tracks
        assert (track.kind, track.kind_probability) == (Kind.UNKNOWN, 0.0)
        assert track.species == "unknown"


def test_memory_does_not_grow_with_length(tmp_path: Path, run: Callable[..., Followed]) -> None:
    process = psutil.Process()

    def back_and_forth(t: float) -> tuple[float, float, float, float]:
        return (0.4 + 0.3 * float(np.sin(t)), 0.4, 0.15, 0.2)

    def peak(seconds: float, place: Place = back_and_forth) -> int:
        most = 0

        def detect(picture: Picture) -> list[Detection]:
            nonlocal most
            most = max(most, process.memory_info().rss)
            return find_light(picture)

        run(blob_video(tmp_path / f"{seconds}.mp4", [(place, WHITE)], seconds, fps=6), detect)
        return most

    peak(20)  # what libraries keep once they have been used
    short, long = peak(20), peak(200)
    kept_all = (200 - 20) * 6 * WIDTH * HEIGHT  # bytes, had the pictures been kept, even small and grey
    assert long - short < 0.4 * kept_all
