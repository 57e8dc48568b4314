"""A light animal walks in over a dark floor, rears at a trunk, and comes down; the detector sees what the test says."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import load_settings
from pipeline.tracking.assemble import Chain, assemble_again
from pipeline.tracking.foreground import completed, usual_areas
from pipeline.tracking.geometry import iou
from pipeline.tracking.link import Glance
from tests.tracking.scenes import FOREST, HEIGHT, WIDTH, Box, sighting

FPS = 6
SECONDS = 6.0
WALKS_IN_S, REARS_S, DOWN_S = 1.5, 2.0, 4.0
STANDING, REARED = (0.4, 0.5, 0.2, 0.2), (0.45, 0.2, 0.17, 0.5)
LEGS = (0.47, 0.62, 0.03, 0.08)
ELSEWHERE = (0.1, 0.7, 0.2, 0.2)

Boxes = Callable[[float], Box | None]


def truth(t: float) -> Box:
    """Walks in from the left, rears, comes down again."""
    if REARS_S <= t < DOWN_S:
        return REARED
    return min(0.02 + 0.38 * t / WALKS_IN_S, STANDING[0]), *STANDING[1:]


def seeing(while_rearing: Box | None) -> Boxes:
    """What a detector boxes that knows animals on four feet alone."""
    return lambda t: while_rearing if REARS_S <= t < DOWN_S else truth(t)


def filmed(*animals: Boxes, grey: int = 230, seconds: float = SECONDS, wind: int = 0) -> list[Glance]:
    """Pictures of light animals on the forest's floor; wind makes one tuft of it swing."""
    glances = []
    for frame in range(round(seconds * FPS)):
        picture = np.clip(FOREST + np.random.default_rng(frame).normal(0, 2, FOREST.shape), 0, 255)
        picture[100:130, 40 + wind * (frame % 3) : 70 + wind * (frame % 3)] = 150 if wind else picture[100:130, 40:70]
        for animal in animals:
            box = animal(frame / FPS)
            if box is not None:
                x, y, w, h = box
                rows = slice(round(y * HEIGHT), round((y + h) * HEIGHT))
                picture[rows, round(x * WIDTH) : round((x + w) * WIDTH)] = grey
        glances.append(Glance(frame, frame / FPS, picture.astype(np.uint8), (0.0, 0.0), []))
    return glances


def chain(boxes: Boxes, number: int = 1, start: float = 0.0, end: float = SECONDS) -> Chain:
    """What is boxed from one time to another."""
    found = [(t, boxes(t)) for t in np.arange(round(start * FPS), round(end * FPS)) / FPS]
    return Chain((number,), tuple(sighting(t, box, fps=FPS) for t, box in found if box is not None))


def worst_overlap(found: Chain, true: Boxes, start: float = REARS_S, end: float = DOWN_S) -> float:
    """The least intersection over union with the truth; 0 if a picture has no box."""
    boxes = {one.frame: one.box for one in found.sightings}
    frames = range(round(start * FPS), round(end * FPS))
    return min(
        float(iou(np.array(boxes[f]), np.array(true(f / FPS)))[0, 0]) if f in boxes and true(f / FPS) else 0.0
        for f in frames
    )


def only(chains: Sequence[Chain]) -> Chain:
    (one,) = chains
    return one


class TestAnAnimalThatTheDetectorSeesInPart:
    def test_gets_the_box_of_all_that_stands_out(self) -> None:
        seen = chain(seeing(LEGS))
        assert worst_overlap(seen, truth) < 0.1
        assert worst_overlap(only(completed([seen], filmed(truth))), truth) > 0.7

    def test_keeps_its_boxes_elsewhere_and_the_detectors_scores(self) -> None:
        seen = chain(seeing(LEGS))
        found = only(completed([seen], filmed(truth)))
        assert [one.score for one in found.sightings] == [one.score for one in seen.sightings]
        assert found.sightings[: round(REARS_S * FPS)] == seen.sightings[: round(REARS_S * FPS)]

    @given(grey=st.integers(150, 250), left=st.floats(-0.25, 0.3))
    def test_wherever_it_stands_and_however_light_it_is(self, grey: int, left: float) -> None:
        def moved(boxes: Boxes) -> Boxes:
            def at(t: float) -> Box | None:
                box = boxes(t)
                return None if box is None else (box[0] + left, *box[1:]) if t >= WALKS_IN_S else None

            return at

        found = only(completed([chain(moved(seeing(LEGS)))], filmed(moved(truth), grey=grey)))
        assert worst_overlap(found, moved(truth)) > 0.6

    def test_also_where_it_rears_from_the_start_since_the_scene_is_seen_later(self) -> None:
        def reared_first(t: float) -> Box | None:
            return REARED if t < 2 else (0.45 - 0.3 * (t - 2), *STANDING[1:]) if t < 3 else None

        seen = chain(lambda t: LEGS if t < 2 else reared_first(t))
        found = only(completed([seen], filmed(reared_first)))
        assert worst_overlap(found, reared_first, 0, 2) > 0.6

    def test_has_one_track_though_its_parts_had_several(self) -> None:
        arms = chain(lambda t: (0.5, 0.22, 0.05, 0.08) if REARS_S <= t < DOWN_S else None, number=2)
        found = completed([chain(seeing(LEGS)), arms], filmed(truth))
        settings = load_settings(environment={}).tracking
        assert worst_overlap(only(assemble_again(found, settings)), truth) > 0.7

    def test_keeps_a_small_box_when_it_turns_its_tail_and_nothing_else_stands_out(self) -> None:
        def turning(t: float) -> Box:
            return (0.48, 0.6, 0.04, 0.1) if REARS_S <= t < DOWN_S else truth(t)

        seen = chain(turning)
        found = only(completed([seen], filmed(turning)))
        assert worst_overlap(found, turning) > 0.99


class TestAnAnimalThatTheDetectorMisses:
    def test_is_followed_by_what_stands_out(self) -> None:
        found = only(completed([chain(seeing(None))], filmed(truth)))
        assert worst_overlap(found, truth) > 0.6
        added = [one for one in found.sightings if REARS_S <= one.t < DOWN_S]
        assert all(np.isnan(one.score) for one in added), "the detector did not see it"

    def test_is_not_followed_when_it_has_gone(self) -> None:
        def goes(t: float) -> Box | None:
            return truth(t) if t < REARS_S else None

        seen = chain(goes)
        assert completed([seen], filmed(goes)) == [seen]

    def test_is_not_followed_out_of_the_picture(self) -> None:
        def leaves(t: float) -> Box | None:
            left = 0.6 + 0.3 * t
            return None if left > 1 else (left, 0.5, min(0.2, 1 - left), 0.2)

        seen = chain(leaves, end=4 / 3 * 0.9)
        found = only(completed([seen], filmed(leaves)))
        assert found.end <= seen.end + 2 / FPS

    def test_is_not_followed_by_grass_in_the_wind(self) -> None:
        def goes(t: float) -> Box | None:
            return (0.12 + 0.02 * t, 0.5, 0.2, 0.2) if t < 2 else None

        seen = chain(goes)
        assert only(completed([seen], filmed(goes, wind=4))).end <= seen.end + 2 / FPS

    def test_does_not_take_another_animal_for_it(self) -> None:
        def first(t: float) -> Box | None:
            return (0.3, 0.5, 0.2, 0.2) if 1 <= t < 3 else None

        def second(t: float) -> Box | None:
            return (max(0.9 - 0.2 * t, 0.32), 0.5, 0.2, 0.2)

        chains = [chain(first), chain(second, number=2)]
        kept, other = completed(chains, filmed(first, second))
        assert kept.end <= 3
        assert other == chains[1]


class TestTwoAnimals:
    def test_in_a_tangle_keep_their_own_boxes(self) -> None:
        def one(t: float) -> Box:
            return (min(0.1 + 0.1 * t, 0.4), 0.5, 0.15, 0.2)

        def two(t: float) -> Box:
            return (max(0.8 - 0.1 * t, 0.5), 0.5, 0.15, 0.2)

        def small(t: float) -> Box:
            return (0.42, 0.6, 0.04, 0.08) if t >= 4 else one(t)

        chains = [chain(small), chain(two, number=2)]
        assert completed(chains, filmed(one, two)) == chains

    def test_that_are_mostly_under_one_box_are_two_if_each_was_seen_for_certain(self) -> None:
        left, right = (0.4, 0.5, 0.08, 0.1), (0.485, 0.605, 0.08, 0.1)
        tangle = (0.4, 0.5, 0.165, 0.205)

        def one(t: float) -> Box:
            return left if 3 <= t < 4 else tangle

        def two(t: float) -> Box | None:
            return right if 3 <= t < 4 else None

        def lying(box: Box) -> Boxes:
            return lambda t: box if t >= 1 else None

        pictures = filmed(lying(left), lying(right), lying((0.46, 0.57, 0.05, 0.06)))  # they touch
        seen = [chain(one, start=1), chain(two, number=2)]
        assert completed(seen, pictures) == seen
        doubtful = replace(seen[1], sightings=tuple(replace(s, score=0.1) for s in seen[1].sightings))
        assert len(completed([seen[0], doubtful], pictures)) == 1


class TestNothing:
    """... of no chains, and nothing changes where it cannot be told."""

    def test_of_no_chains_is_nothing(self) -> None:
        assert completed([], filmed(truth)) == []

    def test_changes_where_no_picture_was_kept(self) -> None:
        seen = chain(seeing(LEGS))
        assert completed([seen], []) == [seen]

    def test_changes_while_the_camera_has_turned(self) -> None:
        seen = chain(seeing(LEGS))
        turned = [replace(one, drift=(0.1, 0.0)) if REARS_S <= one.t < DOWN_S else one for one in filmed(truth)]
        assert completed([seen], turned) == [seen]

    def test_changes_after_the_pictures_that_were_kept(self) -> None:
        seen = chain(seeing(LEGS))
        found = only(completed([seen], filmed(truth, seconds=REARS_S)))
        assert found.sightings == seen.sightings


def test_the_usual_area_is_that_of_large_boxes_near_by() -> None:
    seen = chain(seeing(LEGS))
    areas = usual_areas(seen)
    assert areas[round(3 * FPS)] == pytest.approx(STANDING[2] * STANDING[3])
    far = replace(seen.sightings[-1], t=100.0, frame=600, box=(0.1, 0.1, 0.5, 0.5))
    assert usual_areas(Chain((1,), (*seen.sightings, far)))[0] == areas[0]
