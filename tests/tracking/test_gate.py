import numpy as np
import pytest

from pipeline.tracking.gate import MotionGate
from tests.tracking.scenes import HEIGHT, WIDTH, Grey, scene

STEP_S = 1 / 6


def looks(pictures: list[Grey], idle_s: float = 1e9, tracks_alive: bool = False) -> list[bool]:
    gate = MotionGate(idle_s)
    return [gate.must_look(i * STEP_S, picture, tracks_alive) for i, picture in enumerate(pictures)]


def test_the_first_picture_is_looked_at() -> None:
    assert looks([scene()]) == [True]


def test_a_scene_without_motion_is_not_looked_at_again_although_the_camera_is_noisy() -> None:
    assert not any(looks([scene(seed=i) for i in range(30)])[1:])


@pytest.mark.parametrize("light", [-40, -15, 15, 40])
def test_a_change_of_light_is_no_motion(light: int) -> None:
    assert not any(looks([scene(light=light * i // 10, seed=i) for i in range(10)])[1:])


def test_a_small_animal_that_comes_into_view_is_looked_at() -> None:
    hare = scene()
    hare[100:108, 150:160] = 230  # 0.14 % of the picture
    assert hare[100:108, 150:160].size < 0.002 * WIDTH * HEIGHT
    assert looks([scene(seed=1), scene(seed=2), hare]) == [True, False, True]


def test_it_is_measured_against_the_last_picture_looked_at_so_that_slow_motion_adds_up() -> None:
    def creeping(i: int) -> Grey:
        return scene((40 + i // 2, 70), seed=i)

    seen = looks([creeping(i) for i in range(40)])
    assert 3 <= sum(seen) < 40


def test_while_something_is_followed_every_picture_counts() -> None:
    assert all(looks([scene(seed=i) for i in range(10)], tracks_alive=True))


def test_now_and_then_it_looks_although_nothing_moved() -> None:
    seen = looks([scene(seed=i) for i in range(25)], idle_s=2.0)
    assert np.flatnonzero(seen).tolist() == [0, 12, 24]


def test_an_idle_time_of_nothing_means_always() -> None:
    assert all(looks([scene()] * 5, idle_s=0))


@pytest.mark.parametrize(("width", "height"), [(26, 20), (1920, 1080), (3, 400)])
def test_pictures_of_any_shape_will_do(width: int, height: int) -> None:
    dark, light = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    light[height // 3 : height // 2] = 250
    assert looks([dark, dark, light]) == [True, False, True]
