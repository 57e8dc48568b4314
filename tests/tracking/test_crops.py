import numpy as np
import pytest

from pipeline.tracking.crops import GONE_S, MOST_PICTURES, BestCrops, Read, crop
from pipeline.values import Detection, Kind

SIZE = 32


def shade(value: int) -> np.ndarray:
    return np.full((120, 200, 3), value, np.uint8)


def detection(score: float = 0.8, width: float = 0.3, left: float = 0.3) -> Detection:
    return Detection((left, 0.3, width, 0.3), score, Kind.ANIMAL)


def brightness(crops: np.ndarray) -> np.ndarray:
    assert crops.shape == (len(crops), SIZE, SIZE, 3)
    return crops.mean(axis=(1, 2, 3), dtype=np.float32)[:, None]


def best(keep: int) -> BestCrops:
    return BestCrops(keep, SIZE, brightness)


def shades(crops: BestCrops, *tracks: int) -> list[int]:
    return [int(one) for one in crops.of(*tracks or (1,))[:, 0]]


def test_the_best_come_first_and_the_rest_goes() -> None:
    crops = best(keep=3)
    for t, score in enumerate([0.2, 0.9, 0.5, 0.7, 0.3]):
        crops.offer(1, t, shade(10 * (t + 1)), detection(score))

    assert crops.of(1).shape == (3, 1)
    assert shades(crops) == [20, 40, 30]


def test_larger_is_better_than_smaller_at_the_same_score() -> None:
    crops = best(keep=1)
    crops.offer(1, 0.0, shade(10), detection(width=0.1))
    crops.offer(1, 1.0, shade(20), detection(width=0.4))
    crops.offer(1, 2.0, shade(30), detection(width=0.2))
    assert shades(crops) == [20]


def test_a_whole_animal_is_better_than_one_cut_off_at_the_edge() -> None:
    crops = best(keep=1)
    crops.offer(1, 0.0, shade(10), detection(score=0.9, left=0.0))
    crops.offer(1, 1.0, shade(20), detection(score=0.6))
    assert shades(crops) == [20]


def test_of_pictures_taken_close_together_only_the_best_stays() -> None:
    crops = best(keep=4)
    for i, score in enumerate([0.7, 0.9, 0.8]):
        crops.offer(1, i * 0.1, shade(10 * (i + 1)), detection(score))
    crops.offer(1, 2.0, shade(50), detection(0.5))
    assert shades(crops) == [20, 50]


def test_tracks_are_kept_apart() -> None:
    crops = best(keep=4)
    crops.offer(1, 0.0, shade(10), detection())
    crops.offer(2, 0.0, shade(20), detection())
    assert (shades(crops, 1), shades(crops, 2)) == ([10], [20])


def test_a_track_that_was_never_seen_has_none() -> None:
    assert best(keep=4).of(7).shape == (0, 0)


def test_of_the_parts_of_a_track_the_best_count() -> None:
    crops = best(keep=2)
    for t, (track, score) in enumerate([(1, 0.5), (1, 0.9), (2, 0.7), (2, 0.3)]):
        crops.offer(track, t, shade(10 * (t + 1)), detection(score))
    assert shades(crops, 1, 2) == [20, 30]


class TestManyTracks:
    """Each is seen twice, one after the other, as on the cards of a busy trap."""

    EVERY_S = 1.0

    def seen(self, read: Read, count: int) -> BestCrops:
        crops = BestCrops(8, SIZE, read)
        for track in range(count):
            t = track * self.EVERY_S
            crops.offer(track, t, shade(track % 200), detection(0.4))
            crops.offer(track, t + 0.5, shade(track % 200 + 1), detection(0.8))
        return crops

    def test_do_not_fill_the_memory(self) -> None:
        held = [self.seen(brightness, count).pictures for count in (MOST_PICTURES, 5 * MOST_PICTURES)]
        assert all(2 * GONE_S / self.EVERY_S <= pictures <= MOST_PICTURES + 1 for pictures in held)

    def test_lose_nothing_that_is_known_of_them(self) -> None:
        crops = self.seen(brightness, 2 * MOST_PICTURES)
        assert all(shades(crops, track) == [track % 200 + 1, track % 200] for track in range(2 * MOST_PICTURES))

    def test_are_read_once(self) -> None:
        read: list[int] = []

        def count(crops: np.ndarray) -> np.ndarray:
            read.append(len(crops))
            return brightness(crops)

        crops = self.seen(count, 2 * MOST_PICTURES)
        assert 0 < sum(read) < 4 * MOST_PICTURES
        for _ in range(2):
            for track in range(2 * MOST_PICTURES):
                crops.of(track)
        assert sum(read) == 4 * MOST_PICTURES

    def test_are_not_read_before_there_are_many(self) -> None:
        def refuse(crops: np.ndarray) -> np.ndarray:
            raise AssertionError(f"{len(crops)} were read")

        assert self.seen(refuse, MOST_PICTURES // 2).pictures == MOST_PICTURES

    def test_whoever_comes_back_after_it_was_read_may_still_be_seen_better(self) -> None:
        crops = self.seen(brightness, 2 * MOST_PICTURES)
        later = 2 * MOST_PICTURES * self.EVERY_S
        crops.offer(0, later, shade(250), detection(0.9))
        crops.offer(0, later + 1, shade(240), detection(0.1))
        assert shades(crops, 0) == [250, 1, 0, 240]


def test_a_crop_shows_the_box_with_a_little_around_it() -> None:
    picture = shade(0)
    picture[30:90, 50:150] = 200
    seen = crop(picture, (0.25, 0.25, 0.5, 0.5), 120)

    assert seen.shape == (120, 120, 3)
    inside = seen[:, :, 0] > 100
    assert inside.mean() == pytest.approx(1 / 1.2**2, abs=0.03)
    assert not inside[[0, -1]].any()
    assert not inside[:, [0, -1]].any()
