from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.settings import load_settings
from pipeline.tracking.camera_motion import (
    AT_REST,
    LEAST_SHIFT,
    LEAST_SWAY,
    MOST_SWAY,
    Box,
    CameraMotion,
    Shift,
    scene_shift,
    steadied,
)
from pipeline.tracking.follow import follow
from pipeline.tracking.link import Linker
from pipeline.values import Array, Detection, Kind, Samples
from pipeline.video.decode import open_video
from tests.tracking.blobs import Called, find_light
from tests.tracking.scenes import ANIMAL_HEIGHT, ANIMAL_WIDTH, COAT, FOREST, HEIGHT, WIDTH, Grey, box_at, scene
from tests.video.filming import film

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


def view(
    right: float, down: float, animal: tuple[int, int] | None = None, seed: int = 0, *, forest: Grey = WIDE
) -> Grey:
    """What a camera sees that has turned by so many pixels; an animal at a place (left, top) in its picture."""
    middle = BEYOND + right + WIDTH / 2 - 0.5, BEYOND + down + HEIGHT / 2 - 0.5
    picture = cv2.getRectSubPix(forest, (WIDTH, HEIGHT), middle).astype(float)
    if animal is not None:
        left, top = animal
        picture[top : top + ANIMAL_HEIGHT, left : left + ANIMAL_WIDTH] = COAT
    grain = np.random.default_rng(seed).normal(0, 2, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def shown(*pictures: Grey) -> CameraMotion:
    camera = CameraMotion()
    for i, picture in enumerate(pictures):
        camera.update(i * STEP, picture, [])
    return camera


def after(*pictures: Grey) -> Shift:
    return shown(*pictures).drift


def shift_between(before: Grey, then: Grey, animals: Sequence[Box]) -> Shift:
    told = scene_shift(before, then, animals, animals)
    assert told is not None
    return told


class TestACameraThatTurns:
    @given(right=st.floats(-110, 110), down=st.floats(-50, 50))
    def test_the_scene_goes_the_other_way_by_as_much(self, right: float, down: float) -> None:
        across, below = shift_between(view(0, 0), view(right, down, seed=1), [])
        assert (across, below) == pytest.approx((-right, -down), abs=0.4)

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
        assert across == pytest.approx(-12, abs=0.4)

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


class TestACameraThatSways:
    """About the place where it hangs, by fractions of a pixel of the small picture."""

    @staticmethod
    def places(furthest: float, looks: int = 40) -> list[tuple[float, float]]:
        return [(furthest * np.sin(2.1 * i), furthest / 2 * np.sin(1.3 * i)) for i in range(looks)]

    def test_has_not_turned_and_it_is_known_where_the_scene_lies(self) -> None:
        camera = CameraMotion()
        for i, (right, down) in enumerate(self.places(0.6)):
            assert camera.update(i * STEP, view(right, down, seed=i), []) == AT_REST
            assert camera.sway == pytest.approx((-right, -down), abs=LEAST_SWAY + 0.1)
        assert camera.hung_still

    def test_by_too_little_to_be_told_from_grain_hangs_still(self) -> None:
        camera = shown(*(view(*place, seed=i) for i, place in enumerate(self.places(0.08))))
        assert (camera.sway, camera.hung_still) == (AT_REST, True)

    def test_by_more_than_a_pixel_does_not_hang_still_although_it_has_not_turned(self) -> None:
        camera = shown(*(view(*place, seed=i) for i, place in enumerate(self.places((LEAST_SHIFT + MOST_SWAY) / 2))))
        assert camera.drift == AT_REST
        assert not camera.hung_still

    def test_farther_than_that_turns_and_sways_no_more(self) -> None:
        camera = CameraMotion()
        for i, (right, down) in enumerate(self.places(4)):
            camera.update(i * STEP, view(right, down, seed=i), [])
        assert np.array(camera.drift) * (WIDTH, HEIGHT) == pytest.approx((-right, -down), abs=LEAST_SHIFT + 0.2)
        assert (camera.sway, camera.hung_still) == (AT_REST, False)

    def test_begins_anew_after_a_pause(self) -> None:
        camera = shown(view(0, 0), view(0.7, 0, seed=1))
        assert camera.sway != AT_REST
        camera.pause()
        assert camera.sway == AT_REST
        camera.update(1, view(0.7, 0, seed=2), [])
        assert camera.sway == AT_REST

    @given(right=st.floats(-MOST_SWAY, MOST_SWAY), down=st.floats(-MOST_SWAY, MOST_SWAY))
    def test_its_pictures_can_be_put_back(self, right: float, down: float) -> None:
        swayed = cv2.GaussianBlur(view(right, down), (0, 0), 1)
        place = cv2.GaussianBlur(view(0, 0), (0, 0), 1)
        back = steadied(swayed, (-right, -down))
        inside = np.s_[3:-3, 3:-3]
        assert np.abs(back[inside].astype(float) - place[inside]).mean() < 1.5

    def test_a_picture_that_has_not_swayed_is_the_same(self) -> None:
        picture = view(0, 0)
        assert steadied(picture, AT_REST) is picture


class TestWhatMovesInsideABox:
    @staticmethod
    def change_seen(tmp_path: Path, turned: Callable[[int], float]) -> Array:
        """Of an animal in the middle of the picture, filmed by a camera that has turned by so many pixels."""

        def pictures() -> Iterator[NDArray[np.uint8]]:
            for i in range(36):
                picture = np.dstack([view(turned(i), 0, seed=i)] * 3)
                picture[70:110, 130:190] = 255 - i % 2 * 40
                yield picture

        settings = load_settings(environment={})
        with open_video(film(tmp_path / "turning.mp4", pictures(), fps=12)) as video:
            (samples,) = follow(video, find_light, Called(), False, settings).samples
        assert samples.looks is not None
        return samples.looks.change

    def test_is_known_if_the_camera_hangs_still(self, tmp_path: Path) -> None:
        assert np.isfinite(self.change_seen(tmp_path, lambda i: 0)[1:]).all()

    def test_is_not_known_if_it_turns_now_and_then(self, tmp_path: Path) -> None:
        assert np.isnan(self.change_seen(tmp_path, lambda i: 12 * (i // 18))).all()


class TestAnAnimalThatStandsBeforeACameraThatSways:
    """For 4 s, and then it is gone, so that the scene behind it is seen."""

    PLACE = 130, 70

    def seen(self, path: Path, furthest: float) -> Samples:
        left, top = BEYOND + self.PLACE[0], BEYOND + self.PLACE[1]
        inhabited = WIDE.copy()
        inhabited[top : top + ANIMAL_HEIGHT, left : left + ANIMAL_WIDTH] = COAT
        looks = range(48)
        forests = [inhabited if i < 24 else WIDE for i in looks]
        pictures = [view(furthest * np.sin(2.1 * i), 0, seed=i, forest=forests[i]) for i in looks]
        boxes = iter([[Detection(box_at(*self.PLACE), 0.8, Kind.ANIMAL)] if i < 24 else [] for i in looks])

        def detect(picture: NDArray[np.uint8]) -> list[Detection]:
            is_whole = picture.shape == (HEIGHT, WIDTH, 3)
            return next(boxes) if is_whole else []  # or a closer look at where it was

        with open_video(film(path, (np.dstack([one] * 3) for one in pictures), fps=6)) as video:
            told = follow(video, detect, Called(), False, load_settings(environment={}))
        return told.samples[0]

    def test_looks_as_before_one_that_hangs_still(self, tmp_path: Path) -> None:
        still, swaying = (self.seen(tmp_path / f"{furthest}.mp4", furthest) for furthest in (0, 0.7))
        assert still.looks is not None
        assert swaying.looks is not None
        assert np.nanmean(swaying.looks.change) < np.nanmean(still.looks.change) + 0.02
        np.testing.assert_allclose(swaying.looks.silhouette[:20], still.looks.silhouette[:20], atol=0.2)
        assert np.nanmean(still.looks.silhouette[:20]) > 0.2


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

    def test_what_moves_inside_its_box_is_not_known_while_the_camera_turns(self, linker: Linker) -> None:
        (track,) = linker.sightings.values()
        assert all(np.isnan(s.look.motion).all() for s in track)
