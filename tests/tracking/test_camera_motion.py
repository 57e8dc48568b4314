from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import load_settings
from pipeline.tracking.camera_motion import AT_REST, Box, CameraMotion, Shift, scene_shift, shifted
from pipeline.tracking.link import Linker
from pipeline.tracking.looks import window_of
from pipeline.values import Detection, Kind
from tests.tracking.scenes import ANIMAL_HEIGHT, ANIMAL_WIDTH, COAT, FOREST, HEIGHT, WIDTH, Grey, box_at, scene

STEP = 1 / 6
PIXEL = 1 / WIDTH
BEYOND = 400  # pixels of forest on each side of the first view


def _forest() -> Grey:
    """Trunks, boughs and leaves: light and dark at three scales."""
    random = np.random.default_rng(5)
    width, height = WIDTH + 2 * BEYOND, HEIGHT + 2 * BEYOND
    coarse = [random.normal(0, 22, (height // cell, width // cell)) for cell in (40, 14, 4)]
    layers = [cv2.resize(one, (width, height), interpolation=cv2.INTER_CUBIC) for one in coarse]
    return np.clip(110 + sum(layers), 0, 255).astype(np.uint8)


WIDE = _forest()


def view(right: float, down: float, animal: tuple[int, int] | None = None, seed: int = 0) -> Grey:
    """What a camera sees that has turned by so many pixels; an animal at a place (left, top) in its picture."""
    middle = BEYOND + right + WIDTH / 2 - 0.5, BEYOND + down + HEIGHT / 2 - 0.5
    picture = cv2.getRectSubPix(WIDE, (WIDTH, HEIGHT), middle).astype(float)
    if animal is not None:
        left, top = animal
        picture[top : top + ANIMAL_HEIGHT, left : left + ANIMAL_WIDTH] = COAT
    grain = np.random.default_rng(seed).normal(0, 2, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def after(*pictures: Grey) -> Shift:
    camera = CameraMotion()
    return [camera.update(i * STEP, picture, []) for i, picture in enumerate(pictures)][-1]


def shift_between(before: Grey, then: Grey, animals: Sequence[Box]) -> Shift:
    told = scene_shift(before, then, animals, animals)
    assert told is not None
    return told


class TestACameraThatTurns:
    @given(right=st.floats(-110, 110), down=st.floats(-50, 50))
    def test_the_scene_goes_the_other_way_by_as_much(self, right: float, down: float) -> None:
        across, below = shift_between(view(0, 0), view(right, down, seed=1), [])
        if np.hypot(right, down) > 1.5:
            assert across * WIDTH == pytest.approx(-right, abs=0.4)
            assert below * HEIGHT == pytest.approx(-down, abs=0.4)

    def test_turns_add_up(self) -> None:
        across, down = after(*(view(9 * i, -4 * i, seed=i) for i in range(12)))
        assert across * WIDTH == pytest.approx(-99, abs=1.5)
        assert down * HEIGHT == pytest.approx(44, abs=1.5)

    def test_a_slow_turn_is_noticed_once_it_has_added_up(self) -> None:
        across, _ = after(*(view(0.4 * i, 0, seed=i) for i in range(30)))
        assert across * WIDTH == pytest.approx(-0.4 * 29, abs=2)

    def test_an_animal_that_it_follows_does_not_hide_the_turn(self) -> None:
        animal = 130, 70
        before, then = view(0, 0, animal), view(12, 0, animal, seed=1)
        across, _ = shift_between(before, then, [box_at(*animal)])
        assert across * WIDTH == pytest.approx(-12, abs=0.4)

    def test_nor_does_one_that_gallops_past_a_third_of_the_picture_between_two_looks(self) -> None:
        animal = 130, 70
        camera = CameraMotion()
        for i in range(6):
            across, _ = camera.update(i * STEP, view(100 * i - 250, 0, animal, seed=i), [box_at(*animal)])
        assert across * WIDTH == pytest.approx(-500, abs=2)

    def test_what_it_does_while_nothing_is_followed_does_not_count(self) -> None:
        camera = CameraMotion()
        camera.update(0, view(0, 0), [])
        camera.pause()
        assert camera.update(1, view(60, 0), []) == AT_REST


class TestACameraThatHangsStill:
    def test_noise_and_light_move_nothing(self) -> None:
        assert after(*(scene(seed=i, light=3 * i) for i in range(12))) == AT_REST

    def test_an_animal_without_a_box_moves_nothing(self) -> None:
        assert after(*(scene((10 + 20 * i, 70), seed=i) for i in range(12))) == AT_REST

    def test_leaves_over_a_third_of_the_picture_move_nothing(self) -> None:
        windy = [view(0, 0, seed=i) for i in range(12)]
        for i, picture in enumerate(windy):
            picture[: HEIGHT // 3] = view(3 * np.sin(i), 0, seed=i)[: HEIGHT // 3]
        assert after(*windy) == AT_REST

    @pytest.mark.parametrize("boxed", [False, True])
    @pytest.mark.parametrize("step", [7, 20, 45])
    def test_an_animal_before_a_floor_without_a_corner_moves_nothing(self, step: int, boxed: bool) -> None:
        floor = cv2.resize(FOREST[:3, :4], (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        camera = CameraMotion()
        for i in range(12):
            place = 10 + step * i % 200, 70 + i
            picture = floor.copy()
            picture[place[1] : place[1] + ANIMAL_HEIGHT, place[0] : place[0] + ANIMAL_WIDTH] = COAT
            assert camera.update(i * STEP, picture, [box_at(*place)] if boxed else []) == AT_REST

    @pytest.mark.parametrize("shade", [0, 128, 255])
    def test_a_picture_without_any_corner_moves_nothing(self, shade: int) -> None:
        assert after(*(np.full((HEIGHT, WIDTH), shade, dtype=np.uint8) for _ in range(3))) == AT_REST


class TestShifted:
    def test_nothing_is_copied_at_rest(self) -> None:
        picture = scene()
        assert shifted(picture, AT_REST) is picture

    @given(right=st.integers(-30, 30), down=st.integers(-20, 20))
    def test_the_picture_before_comes_to_lie_as_the_one_after(self, right: int, down: int) -> None:
        moved = shifted(view(0, 0), (-right / WIDTH, -down / HEIGHT))
        inner = slice(30, -30), slice(40, -40)
        np.testing.assert_allclose(moved[inner].astype(int), view(right, down)[inner].astype(int), atol=16)


class TestAnAnimalThatACameraFollows:
    """It stays in the middle of the picture while the forest goes by."""

    ANIMAL = 130, 70
    TURN = 6  # pixels a look

    @pytest.fixture
    def linker(self) -> Linker:
        linker = Linker(load_settings(environment={}).tracking, 1 / STEP)
        seen = [Detection(box_at(*self.ANIMAL), 0.8, Kind.ANIMAL)]
        for i in range(18):
            linker.update(i, i * STEP, view(self.TURN * i, 0, self.ANIMAL, seed=i), seen)
        return linker

    def test_it_is_one_track_that_walks_through_the_scene(self, linker: Linker) -> None:
        (track,) = linker.sightings.values()
        assert {s.box for s in track} == {box_at(*self.ANIMAL)}
        gone = np.array([s.drift for s in track])
        np.testing.assert_allclose(-gone[:, 0] / PIXEL, self.TURN * np.arange(18), atol=1.5)

    def test_the_ground_around_it_does_not_flow(self, linker: Linker) -> None:
        (track,) = linker.sightings.values()
        _, across, _ = track[-1].look.motion.astype(float)
        side = window_of(view(0, 0), track[-1].box).shape[0]
        assert np.abs(across[0]).max() * STEP * side < self.TURN / 2
