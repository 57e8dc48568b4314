from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.settings import TrackingSettings, load_settings
from pipeline.tracking.link import SOUGHT_S, Linker, Sighting, changed_share
from pipeline.values import Detection
from tests.tracking.scenes import Box, Grey, box_at, found, scene

RATE_HZ = 6.0
HERE, THERE = (100, 70), (200, 90)
GREYS = hnp.arrays(np.float32, (24, 24), elements=st.floats(0, 255, width=32))

Watch = Callable[..., Linker]


@pytest.fixture
def tracking() -> TrackingSettings:
    return load_settings(environment={}).tracking


@pytest.fixture
def watch(tracking: TrackingSettings) -> Watch:
    """Links so many seconds of a video: what each picture shows and what the detector says of it, by time."""

    def link(
        seconds: float, picture: Callable[[float], Grey], detections: Callable[[float], list[Detection]], **changes: Any
    ) -> Linker:
        linker = Linker(tracking.model_copy(update=changes), RATE_HZ)
        for frame in range(round(seconds * RATE_HZ)):
            t = frame / RATE_HZ
            linker.update(frame, t, picture(t), detections(t))
        return linker

    return link


def the_track(linker: Linker) -> list[Sighting]:
    (sightings,) = linker.sightings.values()
    return sightings


def is_held(sighting: Sighting) -> bool:
    return bool(np.isnan(sighting.score))


def noisy(*animals: tuple[int, int]) -> Callable[[float], Grey]:
    return lambda t: scene(*animals, seed=round(t * RATE_HZ))


class TestLinking:
    def test_an_animal_that_walks_is_one_track(self, watch: Watch) -> None:
        def place(t: float) -> tuple[int, int]:
            return round(20 + 40 * t), 70

        linker = watch(5, lambda t: scene(place(t)), lambda t: [found(*place(t))])

        track = the_track(linker)
        assert [s.frame for s in track] == list(range(30))
        assert [s.box for s in track] == [box_at(*place(s.t)) for s in track]

    def test_an_animal_that_gallops_on_by_more_than_its_length_is_one_track(self, watch: Watch) -> None:
        def place(t: float) -> tuple[int, int]:
            return round(10 + 70 * t * RATE_HZ), 70  # an animal is 64 pixels long

        linker = watch(0.6, lambda t: scene(place(t)), lambda t: [found(*place(t))])
        assert [s.box for s in the_track(linker)] == [box_at(*place(i / RATE_HZ)) for i in range(4)]

    def test_of_two_that_run_after_one_another_each_keeps_its_track(self, watch: Watch) -> None:
        """Even if the one behind is missed twice, when the one ahead has left and was last seen near by."""

        def places(t: float) -> list[tuple[int, int]]:
            ahead, behind = (round(start + 40 * t * RATE_HZ) for start in (75, 0))
            return [(left, 70) for left in (ahead, behind) if left <= 250]

        def detected(t: float) -> list[Detection]:
            missed = round(t * RATE_HZ) in (3, 4)
            return [found(*place) for place in (places(t)[:1] if missed else places(t))]

        linker = watch(1.2, lambda t: scene(*places(t)), detected)
        starts = [{round(s.box[0] * 320 - 40 * s.t * RATE_HZ) for s in track} for track in linker.sightings.values()]
        assert sorted(starts, key=min) == [{0}, {75}]

    def test_an_animal_is_found_again_where_it_stopped_unseen(self, watch: Watch) -> None:
        def place(t: float) -> tuple[int, int]:
            return round(20 + 120 * min(t, 1.0)), 70

        linker = watch(2.5, lambda t: scene(place(t)), lambda t: [] if 1 <= t < 2 else [found(*place(t))])
        assert [s.t for s in the_track(linker) if not is_held(s)][-1] == pytest.approx(2.5 - 1 / RATE_HZ)

    def test_two_animals_are_two_tracks(self, watch: Watch) -> None:
        linker = watch(3, noisy(HERE, THERE), lambda _: [found(*THERE), found(*HERE)])

        places = {track: {s.box for s in sightings} for track, sightings in linker.sightings.items()}
        assert sorted(places.values(), key=min) == [{box_at(*HERE)}, {box_at(*THERE)}]

    def test_a_faint_box_starts_no_track(self, watch: Watch) -> None:
        assert watch(3, noisy(HERE), lambda _: [found(*HERE, score=0.1)]).sightings == {}

    def test_a_faint_box_goes_on_with_a_track(self, watch: Watch) -> None:
        linker = watch(3, noisy(HERE), lambda t: [found(*HERE, score=0.8 if t < 1 else 0.1)])
        assert len(the_track(linker)) == 18
        assert not any(is_held(s) for s in the_track(linker))

    def test_ids_begin_anew_with_every_video(self, watch: Watch) -> None:
        for _ in range(2):
            assert list(watch(1, noisy(HERE), lambda _: [found(*HERE)]).sightings) == [1]

    def test_an_update_tells_which_detection_belongs_to_which_track(self, tracking: TrackingSettings) -> None:
        linker = Linker(tracking, RATE_HZ)
        first = dict(linker.update(0, 0.0, scene(HERE, THERE), [found(*HERE), found(*THERE)]))
        second = dict(linker.update(1, 0.2, scene(HERE, THERE), [found(*THERE), found(*HERE)]))
        assert {track: 1 - index for track, index in first.items()} == second

    def test_it_follows_while_a_track_is_alive_and_for_the_buffer_after(self, tracking: TrackingSettings) -> None:
        linker = Linker(tracking, RATE_HZ)
        following = []
        for frame in range(30):
            t = frame / RATE_HZ
            here = t < 1
            linker.update(frame, t, scene(HERE) if here else scene(), [found(*HERE)] if here else [])
            following.append(linker.following)
        assert all(following[: round((1 + tracking.buffer_s) * RATE_HZ) - 1])
        assert not any(following[round((1 + tracking.buffer_s) * RATE_HZ) + 2 :])


class TestMissing:
    """Who is worth a closer look."""

    @pytest.fixture
    def missed(self, tracking: TrackingSettings) -> Callable[..., list[Box]]:
        """Who is missed at a time, after an animal was seen at a place for so many looks, and then nothing any more."""

        def run(place: tuple[int, int], looks: int, after_s: float, picture: Grey, *detections: Detection) -> list[Box]:
            linker = Linker(tracking, RATE_HZ)
            t = 0.0
            for frame in range(looks):
                t = frame / RATE_HZ
                linker.update(frame, t, scene(place, seed=frame), [found(*place)])
            return linker.missed(t + after_s, picture, list(detections))

        return run

    def test_an_animal_that_was_just_there(self, missed: Callable[..., list[Box]]) -> None:
        assert missed(HERE, 6, 0.2, scene((110, 75))) == [box_at(*HERE)]

    def test_not_one_that_sits_unchanged_and_is_held(self, missed: Callable[..., list[Box]]) -> None:
        assert missed(HERE, 6, 0.2, scene(HERE, seed=9)) == []

    def test_not_one_that_was_seen(self, missed: Callable[..., list[Box]]) -> None:
        assert missed(HERE, 6, 0.2, scene((110, 75)), found(110, 75)) == []

    def test_not_one_that_has_been_gone_for_long(self, missed: Callable[..., list[Box]]) -> None:
        assert missed(HERE, 6, SOUGHT_S + 0.1, scene()) == []

    def test_not_one_that_may_have_been_a_flicker(
        self, missed: Callable[..., list[Box]], tracking: TrackingSettings
    ) -> None:
        assert missed(HERE, tracking.min_seen - 1, 0.2, scene()) == []

    def test_not_one_that_has_probably_left_the_picture(self, missed: Callable[..., list[Box]]) -> None:
        assert missed((0, 70), 6, 0.2, scene()) == []

    def test_where_its_place_is_now_if_the_camera_has_turned(self, tracking: TrackingSettings) -> None:
        linker = Linker(tracking, RATE_HZ)
        for frame in range(8):
            detections = [found(*HERE)] if frame < 6 else []
            picture = scene(HERE) if frame < 6 else np.roll(scene(), 12, axis=1)
            linker.update(frame, frame / RATE_HZ, picture, detections)
        ((x, *_),) = linker.missed(8 / RATE_HZ, np.roll(scene(), 12, axis=1), [])
        assert x * 320 == pytest.approx(HERE[0] + 12, abs=1)


class TestHolding:
    def test_an_animal_that_stops_and_is_no_longer_detected_is_still_there(self, watch: Watch) -> None:
        linker = watch(10, noisy(HERE), lambda t: [found(*HERE)] if t < 1 else [])

        track = the_track(linker)
        assert [s.frame for s in track] == list(range(60))
        assert [is_held(s) for s in track] == [False] * 6 + [True] * 54
        assert {s.box for s in track} == {box_at(*HERE)}

    def test_it_is_dropped_when_it_leaves(self, watch: Watch) -> None:
        linker = watch(10, lambda t: scene(*([HERE] if t < 5 else [])), lambda t: [found(*HERE)] if t < 1 else [])
        assert the_track(linker)[-1].t == pytest.approx(5 - 1 / RATE_HZ)

    def test_it_is_taken_up_again_when_it_is_detected_again(self, watch: Watch) -> None:
        linker = watch(9, noisy(HERE), lambda t: [found(*HERE)] if t < 1 or t >= 8 else [])

        track = the_track(linker)
        assert len(track) == 54
        assert [s.frame for s in track if not is_held(s)] == [*range(6), *range(48, 54)]

    @pytest.mark.parametrize("light", [-25, 25])
    def test_a_change_of_light_does_not_matter(self, watch: Watch, light: int) -> None:
        linker = watch(5, lambda t: scene(HERE, light=light if t > 2 else 0), lambda t: [found(*HERE)] if t < 1 else [])
        assert the_track(linker)[-1].frame == 29

    def test_it_is_held_for_so_long_and_no_longer(self, watch: Watch) -> None:
        linker = watch(8, noisy(HERE), lambda t: [found(*HERE)] if t < 1 else [], hold_max_s=3.0)
        last_seen = 5 / RATE_HZ
        assert the_track(linker)[-1].t == pytest.approx(last_seen + 3.0)

    def test_an_animal_on_the_move_is_not_held(self, watch: Watch) -> None:
        """Its place may well look unchanged after it has gone: grass is grass."""

        def place(t: float) -> tuple[int, int]:
            return round(20 + 120 * t), 70

        linker = watch(4, lambda _: scene(), lambda t: [found(*place(t))] if t < 1 else [])
        assert not any(is_held(s) for s in the_track(linker))

    def test_what_the_detector_sees_is_not_held_beside_it(self, watch: Watch) -> None:
        def shifted(t: float) -> list[Detection]:
            return [found(HERE[0] + (8 if t > 1 else 0), HERE[1])]

        track = the_track(watch(3, noisy(HERE), shifted))
        assert not any(is_held(s) for s in track)
        assert len({s.frame for s in track}) == len(track) == 18

    def test_a_held_box_is_nobody_if_it_starts_a_track(self, watch: Watch) -> None:
        """Where boxes must fit well and faint ones start tracks, an old place may start one beside its animal's."""

        def place(t: float) -> tuple[int, int]:
            return 20 + 15 * round(t * RATE_HZ), 70

        def something_in_front(t: float) -> Grey:
            picture = scene()
            if 1 <= t < 2.3:
                picture[:, ::4] = 255
            return picture

        linker = watch(
            4,
            something_in_front,
            lambda t: [found(*place(t))] if t < 1 else [],
            start_score=0.1,
            high_score=0.2,
            match_distance=0.3,
        )
        assert [s.box for s in the_track(linker)] == [box_at(*place(i / RATE_HZ)) for i in range(6)]


class TestLookingBack:
    def test_an_animal_noticed_late_was_there_before(self, watch: Watch) -> None:
        linker = watch(6, noisy(HERE), lambda t: [found(*HERE)] if t >= 3 else [])

        track = the_track(linker)
        assert [s.frame for s in track] == list(range(36))
        assert all(is_held(s) for s in track if s.t < 3)
        assert {s.box for s in track} == {box_at(*HERE)}

    def test_only_as_long_as_its_place_looked_the_same(self, watch: Watch) -> None:
        linker = watch(6, lambda t: scene(*([HERE] if t >= 2 else [])), lambda t: [found(*HERE)] if t >= 3 else [])
        assert the_track(linker)[0].t == pytest.approx(2)

    def test_no_further_than_ten_seconds(self, watch: Watch) -> None:
        linker = watch(16, noisy(HERE), lambda t: [found(*HERE)] if t >= 14 else [])
        assert the_track(linker)[0].t == pytest.approx(14 + 1 / RATE_HZ - 10)


class TestTracingBack:
    """A track begins with a sure box; before, the animal may have been boxed faintly."""

    @staticmethod
    def walking(t: float) -> tuple[int, int]:
        return round(20 + 40 * t), 70

    def faint_until(
        self, sure_from: float, but_not: tuple[float, float] = (9, 9)
    ) -> Callable[[float], list[Detection]]:
        def detections(t: float) -> list[Detection]:
            score = 0.8 if t >= sure_from - 0.01 else 0.1
            return [] if but_not[0] <= t < but_not[1] else [found(*self.walking(t), score=score)]

        return detections

    def test_faint_boxes_that_lead_to_it_are_its_own(self, watch: Watch) -> None:
        track = the_track(watch(4, lambda t: scene(self.walking(t)), self.faint_until(2.0)))
        assert [s.frame for s in track] == list(range(24))
        assert [s.box for s in track] == [box_at(*self.walking(s.t)) for s in track]
        assert [s.score for s in track] == [0.1] * 12 + [0.8] * 12

    def test_a_box_may_be_missing_in_between(self, watch: Watch) -> None:
        track = the_track(watch(4, lambda t: scene(self.walking(t)), self.faint_until(2.0, but_not=(1.0, 1.4))))
        assert track[0].frame == 0
        assert {6, 7, 8}.isdisjoint(s.frame for s in track)

    def test_but_not_for_long(self, watch: Watch) -> None:
        track = the_track(watch(4, lambda t: scene(self.walking(t)), self.faint_until(2.0, but_not=(0.8, 1.6))))
        assert track[0].t == pytest.approx(10 / RATE_HZ)

    def test_a_leap_in_its_first_picture_costs_nothing(self, watch: Watch) -> None:
        def place(t: float) -> tuple[int, int]:
            return (20, 70) if t == 0 else (round(85 + 20 * t), 70)

        track = the_track(watch(2, lambda t: scene(place(t)), lambda t: [found(*place(t))]))
        assert track[0].box == box_at(20, 70)

    def test_a_box_far_from_it_is_not_its_own(self, watch: Watch) -> None:
        def detections(t: float) -> list[Detection]:
            return [found(*HERE)] if t >= 1 else [found(*THERE, score=0.1)]

        track = the_track(watch(3, lambda t: scene(*([HERE] if t >= 1 else [])), detections))
        assert {s.box for s in track} == {box_at(*HERE)}

    def test_a_second_box_on_an_animal_that_has_a_track_is_nobodys(self, watch: Watch) -> None:
        def detections(t: float) -> list[Detection]:
            second = found(HERE[0] + 8, HERE[1], score=0.1) if t < 3 else found(*THERE)
            return [found(*HERE), second]

        linker = watch(5, lambda t: scene(*([HERE] if t < 3 else [HERE, THERE])), detections)
        assert {s.box for s in linker.sightings[max(linker.sightings)]} == {box_at(*THERE)}

    def test_no_box_is_in_two_tracks(self, watch: Watch) -> None:
        def beside(t: float) -> tuple[int, int]:
            return self.walking(t)[0], 110

        def detections(t: float) -> list[Detection]:
            scores = (0.8 if t >= 2 else 0.1), (0.8 if t >= 1 else 0.1)
            return [found(*self.walking(t), score=scores[0]), found(*beside(t), score=scores[1])]

        linker = watch(4, lambda t: scene(self.walking(t), beside(t)), detections)
        taken = [(s.frame, s.box) for sightings in linker.sightings.values() for s in sightings]
        assert len(taken) == len(set(taken)) == 48


class TestMotionWithin:
    def test_the_first_sighting_has_none_and_every_later_one_has(self, watch: Watch) -> None:
        for first_seen in (0, 3):
            linker = watch(5, noisy(HERE), lambda t, since=first_seen: [found(*HERE)] if t >= since else [])
            motion = np.array([s.inner_motion for s in the_track(linker)])
            assert np.flatnonzero(np.isnan(motion)).tolist() == [0]
            assert (motion[1:] == 0).all()

    def test_an_animal_that_turns_moves_and_one_that_sits_does_not(self, watch: Watch) -> None:
        def turning(t: float) -> Grey:
            picture = scene(HERE)
            if t > 2:
                left, top = HERE
                picture[top : top + 36, left : left + 32] = picture[top : top + 36, left : left + 32][:, ::-1]
            return picture

        track = the_track(watch(4, turning, lambda _: [found(*HERE)]))
        moved = [s.t for s in track if s.inner_motion > 0.2]
        assert moved == pytest.approx([2 + 1 / RATE_HZ])

    @given(GREYS)
    def test_a_place_is_unchanged_from_itself_in_any_light(self, patch: np.ndarray) -> None:
        assert changed_share(patch, patch) == 0
        assert changed_share(patch, patch + np.float32(50)) == 0

    @given(GREYS, GREYS)
    def test_the_changed_share_is_a_share(self, before: np.ndarray, after: np.ndarray) -> None:
        assert 0 <= changed_share(before, after) <= 1

    def test_a_change_counts_only_where_it_is(self) -> None:
        before = np.random.default_rng(0).normal(100, 20, (24, 24)).astype(np.float32)
        after = before.copy()
        after[:12, :12] += 30
        assert changed_share(before, after) == pytest.approx(0.25)
