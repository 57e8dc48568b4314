import numpy as np
import pytest

from pipeline.tracking.crops import BestCrops, crop
from pipeline.values import Detection, Kind

SIZE = 32


def shade(value: int) -> np.ndarray:
    return np.full((120, 200, 3), value, np.uint8)


def detection(score: float = 0.8, width: float = 0.3, left: float = 0.3) -> Detection:
    return Detection((left, 0.3, width, 0.3), score, Kind.ANIMAL)


def shades(crops: BestCrops, track: int = 1) -> list[int]:
    return [int(one.mean()) for one in crops.of(track)]


def test_the_best_come_first_and_the_rest_goes() -> None:
    crops = BestCrops(keep=3, size=SIZE)
    for t, score in enumerate([0.2, 0.9, 0.5, 0.7, 0.3]):
        crops.offer(1, t, shade(10 * (t + 1)), detection(score))

    assert crops.of(1).shape == (3, SIZE, SIZE, 3)
    assert shades(crops) == [20, 40, 30]


def test_larger_is_better_than_smaller_at_the_same_score() -> None:
    crops = BestCrops(keep=1, size=SIZE)
    crops.offer(1, 0.0, shade(10), detection(width=0.1))
    crops.offer(1, 1.0, shade(20), detection(width=0.4))
    crops.offer(1, 2.0, shade(30), detection(width=0.2))
    assert shades(crops) == [20]


def test_a_whole_animal_is_better_than_one_cut_off_at_the_edge() -> None:
    crops = BestCrops(keep=1, size=SIZE)
    crops.offer(1, 0.0, shade(10), detection(score=0.9, left=0.0))
    crops.offer(1, 1.0, shade(20), detection(score=0.6))
    assert shades(crops) == [20]


def test_of_pictures_taken_close_together_only_the_best_stays() -> None:
    crops = BestCrops(keep=4, size=SIZE, spacing_s=0.3)
    for i, score in enumerate([0.7, 0.9, 0.8]):
        crops.offer(1, i * 0.1, shade(10 * (i + 1)), detection(score))
    crops.offer(1, 2.0, shade(50), detection(0.5))
    assert shades(crops) == [20, 50]


def test_tracks_are_kept_apart() -> None:
    crops = BestCrops(keep=4, size=SIZE)
    crops.offer(1, 0.0, shade(10), detection())
    crops.offer(2, 0.0, shade(20), detection())
    assert (shades(crops, 1), shades(crops, 2)) == ([10], [20])


def test_a_track_that_was_never_seen_has_none() -> None:
    assert BestCrops(keep=4, size=SIZE).of(7).shape == (0, SIZE, SIZE, 3)


def test_a_crop_shows_the_box_with_a_little_around_it() -> None:
    picture = shade(0)
    picture[30:90, 50:150] = 200
    seen = crop(picture, (0.25, 0.25, 0.5, 0.5), 120)

    assert seen.shape == (120, 120, 3)
    inside = seen[:, :, 0] > 100
    assert inside.mean() == pytest.approx(1 / 1.2**2, abs=0.03)
    assert not inside[[0, -1]].any()
    assert not inside[:, [0, -1]].any()
