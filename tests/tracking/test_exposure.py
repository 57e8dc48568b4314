from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.settings import load_settings
from pipeline.tracking.exposure import SETTLES_S, STEADY, Exposure, brightening, relit
from pipeline.tracking.follow import follow
from pipeline.tracking.link import Linker
from pipeline.values import Detection, Kind, Samples
from pipeline.video.decode import open_video
from tests.tracking.blobs import Called
from tests.tracking.scenes import HEIGHT, WIDTH, Grey, box_at, found, scene
from tests.video.filming import film

STEP = 1 / 6
STEADY_CAMERA = (1.0,) * 12
SETTLING = (0.3, 0.45, 0.6, 0.75, 0.85, *STEADY_CAMERA[5:])  # as of a trap that wakes up in the dark


def filmed(exposure: float, *animals: tuple[int, int], seed: int = 0) -> Grey:
    """The forest as a camera films it whose exposure is so many times the right one."""
    lit = scene(*animals, noise=0).astype(float) * exposure
    return np.clip(lit + np.random.default_rng(seed).normal(0, 3, lit.shape), 0, 255).astype(np.uint8)


class TestBrightening:
    @given(st.floats(0.2, 1.8), st.floats(0.2, 1.8))
    def test_it_is_the_quotient_of_the_two_exposures(self, before: float, after: float) -> None:
        assume(abs(np.log(after / before)) > 1.2 * STEADY)
        told = brightening(filmed(before), filmed(after, seed=1), [])
        assert told == pytest.approx(after / before, rel=0.06)

    @given(st.floats(0.3, 1.8), st.floats(-0.03, 0.03))
    def test_a_camera_that_hardly_changes_is_steady(self, exposure: float, change: float) -> None:
        assert brightening(filmed(exposure), filmed(exposure * (1 + change), seed=1), []) == 1.0

    def test_an_animal_that_comes_is_no_change_of_light_even_without_a_box(self) -> None:
        herd = [(left, top) for left in (0, 70, 140) for top in (20, 60, 100)]
        assert brightening(filmed(1.0), filmed(1.0, *herd, seed=1), []) == 1.0

    def test_light_is_told_from_what_lies_beside_the_animals(self) -> None:
        herd = [(left, top) for left in (0, 64, 128, 192, 256) for top in (0, 36, 72, 108)]
        boxes = [box_at(*place) for place in herd]
        assert brightening(filmed(0.5), filmed(1.0, *herd, seed=1), boxes) == pytest.approx(2.0, rel=0.06)

    def test_a_shadow_over_half_of_the_scene_is_not_the_cameras(self) -> None:
        shaded = filmed(1.0, seed=1)
        shaded[:, : WIDTH // 2] = relit(shaded[:, : WIDTH // 2], 0.6)
        assert brightening(filmed(1.0), shaded, []) == 1.0

    def test_black_pictures_tell_nothing(self) -> None:
        black = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        assert brightening(black, filmed(1.0), []) == 1.0
        assert brightening(black, black, []) == 1.0

    def test_a_tiny_picture_is_borne(self) -> None:
        assert brightening(np.full((2, 3), 50, np.uint8), np.full((2, 3), 100, np.uint8), []) == pytest.approx(2.0)


class TestExposure:
    def test_what_is_told_adds_up_to_the_whole_change(self) -> None:
        exposure = Exposure()
        told = [exposure.update(i * STEP, filmed(share, seed=i), []) for i, share in enumerate(SETTLING)]
        assert told[0] == 1.0
        assert np.prod(told) == pytest.approx(1 / SETTLING[0], rel=0.1)
        assert set(told[-6:]) == {1.0}

    def test_small_steps_add_up(self) -> None:
        exposure = Exposure()
        shares = np.linspace(1.0, 0.6, 24)
        told = [exposure.update(i * STEP, filmed(share, seed=i), []) for i, share in enumerate(shares)]
        assert np.prod(told) == pytest.approx(0.6, rel=0.1)

    def test_later_in_the_video_the_camera_has_settled(self) -> None:
        exposure = Exposure()
        assert exposure.update(SETTLES_S - STEP, filmed(1.0), []) == 1.0
        assert exposure.update(SETTLES_S + STEP, filmed(0.5, seed=1), []) == 1.0


def test_a_sitting_animal_is_held_while_the_camera_settles() -> None:
    place = 130, 70
    linker, exposure = Linker(load_settings(environment={}).tracking, 1 / STEP), Exposure()
    for number, share in enumerate((0.3, 0.3, 0.3, 0.3, 0.45, 0.7, 1.0, 1.0, 1.0, 1.0)):
        picture = filmed(share, place, seed=number)
        factor = exposure.update(number * STEP, picture, [box_at(*place)])
        if factor != 1.0:
            linker.relight(factor)
        linker.update(number, number * STEP, picture, [found(*place)] if number < 4 else [])

    (track,) = linker.sightings.values()
    assert [one.frame for one in track] == list(range(10))


class TestASettlingCamera:
    """An animal stands in view from the start, in a film that a camera begins too dark."""

    PLACE = 130, 70
    SETTLING = (0.2, 0.3, 0.5, 0.7, 0.9, *(1.0,) * 13)

    @pytest.fixture
    def steady(self, tmp_path: Path) -> Samples:
        return self.followed(tmp_path / "steady.mp4", (1.0,) * len(self.SETTLING))

    @pytest.fixture
    def settling(self, tmp_path: Path) -> Samples:
        return self.followed(tmp_path / "settling.mp4", self.SETTLING)

    def followed(self, path: Path, exposures: tuple[float, ...]) -> Samples:
        with open_video(film(path, self._pictures(exposures), fps=6)) as video:
            told = follow(video, self._detect, Called(), False, load_settings(environment={}))
        return told.samples[0]

    def _pictures(self, exposures: tuple[float, ...]) -> Iterator[Grey]:
        for number, share in enumerate(exposures):
            left = self.PLACE[0] if number < 9 else 250  # it goes at last, so that the scene behind it is seen
            rich = np.clip(2.5 * scene((left, self.PLACE[1]), noise=0).astype(float) - 115, 5, 255) * share
            grain = np.random.default_rng(number).normal(0, 2, rich.shape)
            yield np.dstack([np.clip(rich + grain, 0, 255).astype(np.uint8)] * 3)

    def _detect(self, picture: Grey) -> list[Detection]:
        light = (picture[..., 0] > 0.5 * picture.max()).mean(axis=0)
        left = self.PLACE[0] if light[130:194].sum() > light[250:314].sum() else 250
        return [Detection(box_at(left, self.PLACE[1]), 0.8, Kind.ANIMAL)]

    def test_nothing_seems_to_move_because_of_it(self, settling: Samples) -> None:
        assert settling.looks is not None
        assert np.nanmax(settling.looks.change[1:9]) < 0.02
        assert np.nanmax(settling.inner_motion[1:9]) < 0.02

    def test_its_silhouette_is_what_it_is_before_a_steady_camera(self, steady: Samples, settling: Samples) -> None:
        assert steady.looks is not None
        assert settling.looks is not None
        np.testing.assert_allclose(settling.looks.silhouette[:9], steady.looks.silhouette[:9], atol=0.1)
        assert np.nanmean(steady.looks.silhouette[:9]) > 0.2
