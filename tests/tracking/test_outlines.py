"""Cut-outs of a moving animal, and the outline that is read from them against the empty scene."""

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tracking.cutouts import HIGH, KEPT, WIDE, CutOuts, brightness, cut_out
from pipeline.tracking.link import Sighting
from pipeline.tracking.looks import Look
from pipeline.tracking.outlines import outlines
from pipeline.values import Kind

HEIGHT, WIDTH = 180, 320
LOOK = Look(np.zeros((18, 18), np.uint8), np.zeros((3, 6, 6), np.float16))
GROUND = np.random.default_rng(3).integers(60, 120, (HEIGHT, WIDTH)).astype(np.uint8)


def sighting(t: float, box: tuple[float, float, float, float]) -> Sighting:
    return Sighting(round(t * 25), t, box, 0.8, Kind.ANIMAL, 0.0, LOOK)


def block_at(t: float) -> tuple[float, float, float, float]:
    """The box of something that crosses the picture in five seconds."""
    return 0.05 + 0.14 * t, 0.4, 0.2, 0.25


def picture(t: float) -> av.VideoFrame:
    """The ground with a bright block on it."""
    grey = GROUND.copy()
    x, y, w, h = block_at(t)
    grey[round(y * HEIGHT) : round((y + h) * HEIGHT), round(x * WIDTH) : round((x + w) * WIDTH)] = 200
    return av.VideoFrame.from_ndarray(grey, format="gray")


def watched(seconds: float, fps: int = 25) -> CutOuts:
    """A block that is seen six times a second."""
    cuts, seen = CutOuts(0), {1: [sighting(0.0, block_at(0.0))]}
    for index in range(round(seconds * fps)):
        t = index / fps
        looked = t - seen[1][-1].t >= 1 / 6
        if looked:
            seen[1].append(sighting(t, block_at(t)))
        cuts.take(index, t, picture(t), seen, looked)
    return cuts


class TestCutOut:
    @settings(max_examples=30, deadline=None)
    @given(st.floats(-0.1, 0.9), st.floats(-0.1, 0.9), st.floats(0.05, 0.5), st.floats(0.05, 0.5))
    def test_it_says_where_its_pixels_lie(self, x: float, y: float, w: float, h: float) -> None:
        ramp = np.broadcast_to(np.arange(WIDTH) * 0.5, (HEIGHT, WIDTH)).astype(np.uint8)
        (left, top, wide, high), pixels = cut_out(ramp, np.array([x, y, w, h]))
        columns = (left + (np.arange(WIDE) + 0.5) * wide / WIDE) * WIDTH - 0.5
        rows = (top + (np.arange(HIGH) + 0.5) * high / HIGH) * HEIGHT - 0.5
        inside = pixels[np.ix_((rows > 2) & (rows < HEIGHT - 3), (columns > 2) & (columns < WIDTH - 3))]
        expected = columns[(columns > 2) & (columns < WIDTH - 3)] * 0.5
        assert np.abs(inside - expected).max(initial=0.0) <= 2
        assert left <= x + 1 / WIDTH
        assert left + wide >= x + w - 1 / WIDTH

    def test_once_the_camera_has_brightened_earlier_ones_and_their_scene_are_as_bright(self) -> None:
        before, cuts = watched(1.0), watched(1.0)
        cuts.relight(1.2)
        for dim, bright in zip(before.of([1]), cuts.of([1]), strict=True):
            np.testing.assert_allclose(bright.grey, 1.2 * dim.grey, atol=0.51)
        nobody: list[list[tuple[float, float, float, float]]] = [[] for _ in cuts.backdrop.times]
        np.testing.assert_allclose(cuts.backdrop.scene(nobody), 1.2 * before.backdrop.scene(nobody), atol=0.51)

    def test_brightness_stands_upright(self) -> None:
        grey = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        grey[0, -1] = 255  # the upper right corner becomes the upper left one
        assert brightness(av.VideoFrame.from_ndarray(grey, format="gray"), 90)[0, 0] == 255

    def test_brightness_has_square_pixels(self) -> None:
        grey = av.VideoFrame.from_ndarray(np.zeros((HEIGHT, WIDTH), dtype=np.uint8), format="gray")
        assert brightness(grey, 90, Fraction(3, 2)).shape == (WIDTH * 3 // 2, HEIGHT)

    @pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "rgb24", "gray"])
    def test_brightness_comes_from_any_pixel_format(self, pixels: str) -> None:
        frame = av.VideoFrame.from_ndarray(np.full((HEIGHT, WIDTH), 120, np.uint8), format="gray")
        found = brightness(frame.reformat(format=pixels))
        assert found.shape == (HEIGHT, WIDTH)
        assert abs(float(found.mean()) - 120) < 15


class TestCutOuts:
    def test_a_moving_track_is_cut_out_of_every_picture_between_looks(self) -> None:
        cuts = watched(3.0).of([1])
        assert len(cuts) > 60
        assert np.diff([cut.frame for cut in cuts]).max() == 1

    def test_what_keeps_its_place_is_not(self) -> None:
        cuts, seen = CutOuts(0), {1: [sighting(t / 6, (0.3, 0.3, 0.2, 0.2)) for t in range(6)]}
        cuts.take(30, 1.0, picture(1.0), seen, looked=False)
        assert cuts.of([1]) == []

    def test_memory_is_bounded(self) -> None:
        cuts, seen = CutOuts(0), {1: [sighting(0.0, block_at(0.0)), sighting(0.5, block_at(0.5))]}
        still = picture(0.5)
        for index in range(2 * KEPT):
            t = 0.5 + index / 30
            seen[1] = [sighting(t - 0.5, block_at(0.0)), sighting(t, block_at(0.5))]
            cuts.take(index, t, still, seen, looked=False)
        kept = cuts.of([1])
        assert (len(kept), kept[-1].frame) == (KEPT, 2 * KEPT - 1)


class TestOutlines:
    def test_a_block_has_the_height_length_and_depth_that_it_has(self) -> None:
        t = np.arange(0, 3, 1 / 6)
        boxes = np.array([block_at(now) for now in t])
        found = outlines(watched(3.0).of([1]), t, boxes, GROUND.astype(np.float32))
        assert found is not None
        assert np.nanmedian(found.height) == pytest.approx(0.25, rel=0.06)
        assert np.nanmedian(found.length) == pytest.approx(0.2 * WIDTH / (0.25 * HEIGHT), rel=0.08)
        assert np.nanmedian(found.trunk) == pytest.approx(1.0, rel=0.08)
        assert np.nanmedian(found.back) == pytest.approx(0.6, abs=0.02)
        assert np.nanmedian(found.filled) > 0.9

    def test_what_looks_like_the_scene_has_no_outline(self) -> None:
        wall = GROUND.astype(np.float32)
        wall[round(0.4 * HEIGHT) : round(0.65 * HEIGHT)] = 200
        t = np.arange(0, 3, 1 / 6)
        cuts = [
            replace(cut, grey=cut_out(wall.astype(np.uint8), np.array(block_at(cut.t)))[1])
            for cut in watched(3.0).of([1])
        ]
        cuts = [replace(cut, where=cut_out(GROUND, np.array(block_at(cut.t)))[0]) for cut in cuts]
        found = outlines(cuts, t, np.array([block_at(now) for now in t]), wall)
        assert found is not None
        assert np.isnan(found.hind_spread).all()

    def test_without_cut_outs_there_is_nothing_to_measure(self) -> None:
        assert outlines([], np.arange(3.0), np.zeros((3, 4)), GROUND.astype(np.float32)) is None
