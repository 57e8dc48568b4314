import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tracking.looks import BACKDROP_PICTURES, CELLS, KEPT, Backdrop, look_at, silhouette, window_of
from tests.tracking.scenes import ANIMAL_WIDTH, FOREST, HEIGHT, WIDTH, box_at, scene

STEP = 1 / 6


class TestLook:
    def test_what_moves_to_the_right_flows_to_the_right_in_window_sides_a_second(self) -> None:
        look = look_at(scene((104, 60)), box_at(104, 60), scene((100, 60)), STEP)
        _, across, down = look.motion.astype(float)
        middle = slice(1, -1), slice(1, -1)
        side = 1.3 * ANIMAL_WIDTH
        assert np.median(across[middle][1:3]) == pytest.approx(4 / side / STEP, rel=0.35)
        assert abs(np.median(down[middle])) < 0.1

    def test_nothing_moves_where_nothing_moves(self) -> None:
        change, across, down = look_at(scene((100, 60), seed=1), box_at(100, 60), scene((100, 60), seed=2), STEP).motion
        assert change.max() < 0.2
        assert max(np.abs(across).max(), np.abs(down).max()) < 0.2

    def test_a_change_of_light_is_no_change_of_the_animal(self) -> None:
        look = look_at(scene((100, 60), light=25), box_at(100, 60), scene((100, 60)), STEP)
        assert look.motion[0].max() < 0.2

    @pytest.mark.parametrize("step_s", [0.5, 0.0])
    def test_pictures_too_far_apart_show_no_movement(self, step_s: float) -> None:
        assert np.isnan(look_at(scene((100, 60)), box_at(100, 60), scene((90, 60)), step_s).motion).all()

    def test_the_first_picture_shows_no_movement(self) -> None:
        assert np.isnan(look_at(scene((100, 60)), box_at(100, 60), None, 0.0).motion).all()

    @given(
        x=st.floats(-0.1, 1),
        y=st.floats(-0.1, 1),
        w=st.floats(0.001, 0.9),
        h=st.floats(0.001, 0.9),
        size=st.integers(3, 90),
    )
    def test_a_window_has_one_size_wherever_the_box_lies(
        self, x: float, y: float, w: float, h: float, size: int
    ) -> None:
        grey = np.arange(size * (size + 7), dtype=np.int64).reshape(size, size + 7).astype(np.uint8)
        assert window_of(grey, (x, y, w, h)).shape == (48, 48)


class TestSilhouette:
    @staticmethod
    def passing(count: int, light: int = 0) -> tuple[Backdrop, list[list[tuple[float, float, float, float]]]]:
        """An animal that walks through, and the boxes in the pictures that the backdrop keeps."""
        backdrop = Backdrop()
        boxes = {}
        for number in range(count):
            place = (round(number * (WIDTH - ANIMAL_WIDTH) / count), 60)
            backdrop.offer(float(number), scene(place, seed=number, light=light))
            boxes[float(number)] = box_at(*place)
        return backdrop, [[boxes[t]] for t in backdrop.times]

    def test_the_scene_is_found_behind_an_animal_that_passes(self) -> None:
        backdrop, covered = self.passing(12)
        assert np.abs(backdrop.scene(covered) - FOREST).mean() < 3

    def test_what_an_animal_always_covered_is_not_known(self) -> None:
        backdrop = Backdrop()
        for number in range(5):
            backdrop.offer(float(number), scene((100, 60)))
        found = backdrop.scene([[box_at(100, 60)]] * 5)
        assert np.isnan(found[80, 130])
        assert not np.isnan(found[10, 10])

    @pytest.mark.parametrize("light", [0, 20])
    def test_an_animal_stands_out_from_the_scene_whatever_the_light(self, light: int) -> None:
        backdrop, covered = self.passing(12)
        box = box_at(120, 60)
        look = look_at(scene((120, 60), light=light), box, None, 0.0)
        cells = silhouette(look.picture, backdrop.scene(covered), box)
        assert cells[2:4, 1:5].mean() > 0.6  # a box twice as wide as high fills the middle rows of its square window
        assert cells[0].mean() < 0.15

    def test_where_the_scene_is_not_known_neither_is_the_silhouette(self) -> None:
        unknown = np.full((HEIGHT, WIDTH), np.nan, dtype=np.float32)
        look = look_at(scene((100, 60)), box_at(100, 60), None, 0.0)
        assert np.isnan(silhouette(look.picture, unknown, box_at(100, 60))).all()
        assert look.picture.shape == (KEPT, KEPT)
        assert silhouette(look.picture, unknown, box_at(100, 60)).shape == (CELLS, CELLS)


@given(st.integers(1, 2000), st.floats(0.05, 3))
def test_the_backdrop_keeps_a_bounded_number_of_pictures_from_the_whole_video(count: int, step: float) -> None:
    backdrop, tiny = Backdrop(), np.zeros((2, 2), dtype=np.uint8)
    for number in range(count):
        backdrop.offer(number * step, tiny)
    assert 1 <= len(backdrop.times) <= BACKDROP_PICTURES
    assert (np.diff(backdrop.times) > 0).all()
    assert backdrop.times[-1] >= (count - 1) * step - max(2 * (count * step) / BACKDROP_PICTURES, 2)
