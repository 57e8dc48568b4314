import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.highlights.quality import clip_quality, frame_appeal, sharpness, size_appeal, whole
from pipeline.values import ClipQuality

RANDOM = np.random.default_rng(4)
FUR = RANDOM.integers(60, 180, (120, 160)).astype(np.uint8)
FUR = np.asarray(cv2.resize(FUR, (320, 240), interpolation=cv2.INTER_CUBIC), np.uint8)


@st.composite
def boxes_and_sharpness(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 20))
    corners = draw(hnp.arrays(float, (n, 4), elements=st.floats(0, 1)))
    boxes = np.column_stack([corners[:, :2], corners[:, 2:] * (1 - corners[:, :2])])
    return boxes, draw(hnp.arrays(float, n, elements=st.floats(0, 1)))


class TestSharpness:
    @given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=300)))
    def test_any_picture_lies_between_0_and_1(self, grey: np.ndarray) -> None:
        assert 0 <= sharpness(grey) < 1

    def test_more_blur_is_less_sharp(self) -> None:
        values = [sharpness(FUR), *(sharpness(cv2.GaussianBlur(FUR, (0, 0), sigma)) for sigma in (1, 2, 4))]
        assert values == sorted(values, reverse=True)
        assert values[0] > 0.6
        assert values[-1] < 0.05

    def test_brightness_does_not_matter(self) -> None:
        assert sharpness(FUR + np.uint8(40)) == pytest.approx(sharpness(FUR))

    def test_an_animal_is_as_sharp_in_4k_as_when_it_is_reduced(self) -> None:
        large = np.asarray(cv2.resize(FUR, (1280, 960), interpolation=cv2.INTER_CUBIC), np.uint8)
        assert sharpness(large) == pytest.approx(sharpness(FUR), abs=0.1)

    def test_nothing_to_see_is_not_sharp(self) -> None:
        assert sharpness(np.full((50, 50), 90, np.uint8)) == 0
        assert sharpness(np.zeros((0, 7), np.uint8)) == 0


class TestFrames:
    def test_a_box_is_whole_only_if_it_keeps_clear_of_all_four_edges(self) -> None:
        boxes = [
            [0.2, 0.2, 0.5, 0.5],
            [0, 0.2, 0.5, 0.5],
            [0.2, 0, 0.5, 0.5],
            [0.5, 0.2, 0.5, 0.5],
            [0.2, 0.5, 0.5, 0.5],
        ]
        assert whole(np.array(boxes)).tolist() == [True, False, False, False, False]

    def test_the_best_sizes_are_a_tenth_to_six_tenths_of_the_picture(self) -> None:
        np.testing.assert_allclose(size_appeal(np.array([0, 0.05, 0.1, 0.4, 0.6, 1])), [0, 0.5, 1, 1, 1, 0.5])

    @given(boxes_and_sharpness())
    def test_it_lies_between_nothing_and_one(self, drawn: tuple[np.ndarray, np.ndarray]) -> None:
        boxes, sharp = drawn
        appeal = frame_appeal(boxes, sharp)
        assert ((appeal >= 0) & (appeal <= 1 + 1e-12)).all()

    def test_what_makes_a_frame_better(self) -> None:
        middle, speck, cut_off = [0.3, 0.3, 0.5, 0.5], [0.5, 0.5, 0.02, 0.02], [0.5, 0.3, 0.5, 0.5]
        assert frame_appeal(np.array([speck, middle, cut_off]), np.array([0.5, 0.5, 0.5])).argmax() == 1
        assert frame_appeal(np.array([middle, middle, middle]), np.array([0.1, 0.2, 0.6])).argmax() == 2
        assert frame_appeal(np.array([speck, cut_off]), np.array([0.5, 0.5])).argmax() == 1


class TestClipQuality:
    def test_it_is_the_mean_over_the_bout(self) -> None:
        boxes = np.array([[0.2, 0.2, 0.5, 0.4], [0.0, 0.2, 0.2, 0.5]])
        quality = clip_quality(boxes, np.array([0.2, 0.8]))
        assert quality == ClipQuality(size=pytest.approx(0.15), sharpness=pytest.approx(0.5), wholeness=0.5)

    @given(boxes_and_sharpness())
    def test_all_parts_lie_between_0_and_1(self, drawn: tuple[np.ndarray, np.ndarray]) -> None:
        quality = clip_quality(*drawn)
        for part in (quality.size, quality.sharpness, quality.wholeness):
            assert 0 <= part <= 1 + 1e-12

    def test_a_bout_without_boxes_is_refused(self) -> None:
        with pytest.raises(ValueError, match="without boxes"):
            clip_quality(np.empty((0, 4)), np.empty(0))
