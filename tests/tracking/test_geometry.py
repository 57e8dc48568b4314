import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.tracking.geometry import interpolate, iou, paired_iou, pixel_window, shared_of_smaller, touches_edge

SHARE = st.floats(0, 1)


@st.composite
def box(draw: st.DrawFn, least: float = 0.001) -> tuple[float, float, float, float]:
    """A box inside the picture, at least `least` of it each way."""
    w, h = draw(st.floats(least, 1)), draw(st.floats(least, 1))
    return draw(st.floats(0, 1 - w)), draw(st.floats(0, 1 - h)), w, h


@st.composite
def boxes(draw: st.DrawFn) -> np.ndarray:
    return np.array(draw(st.lists(box(), min_size=1, max_size=6)))


class TestOverlap:
    @given(boxes(), boxes())
    def test_it_is_symmetric_and_a_share(self, some: np.ndarray, others: np.ndarray) -> None:
        overlap = iou(some, others)
        assert overlap.shape == (len(some), len(others))
        assert ((overlap >= 0) & (overlap <= 1 + 1e-9)).all()
        np.testing.assert_allclose(overlap, iou(others, some).T)

    @given(boxes())
    def test_a_box_overlaps_itself_wholly(self, some: np.ndarray) -> None:
        np.testing.assert_allclose(np.diag(iou(some, some)), 1)

    @given(boxes(), boxes(), st.floats(0.1, 5000), st.floats(0.1, 5000))
    def test_the_unit_does_not_matter(self, some: np.ndarray, others: np.ndarray, x: float, y: float) -> None:
        unit = np.array([x, y, x, y])
        np.testing.assert_allclose(iou(some * unit, others * unit), iou(some, others), atol=1e-9)

    def test_by_arithmetic(self) -> None:
        one = np.array([0.0, 0.0, 2.0, 2.0])
        half_aside, apart, inside = [1.0, 0, 2, 2], [5.0, 5, 1, 1], [0.0, 0, 1, 1]
        np.testing.assert_allclose(iou(one, np.array([half_aside, apart, inside])), [[1 / 3, 0, 1 / 4]])

    def test_boxes_without_area_overlap_nothing(self) -> None:
        nothing = np.array([0.5, 0.5, 0.0, 0.0])
        assert iou(nothing, nothing).item() == 0

    def test_nothing_found_overlaps_nothing(self) -> None:
        assert iou(np.array([0.1, 0.1, 0.2, 0.2]), np.empty((0, 4))).shape == (1, 0)

    def test_overlap_is_that_of_each_pair(self) -> None:
        one, nothing = (0.1, 0.4, 0.2, 0.2), (0.0, 0.0, 0.0, 0.0)
        others = np.array([one, (0.2, 0.4, 0.2, 0.2), nothing])
        assert paired_iou(np.array([one, one, nothing]), others) == pytest.approx([1, 1 / 3, 0])

    @given(boxes(), st.integers(1, 5))
    def test_each_pair_overlaps_as_it_does_among_all(self, some: np.ndarray, by: int) -> None:
        others = np.roll(some, by, axis=0)
        np.testing.assert_array_equal(paired_iou(some, others), np.diag(iou(some, others)))

    @given(box(0.01), st.floats(0, 1), st.floats(0, 1), st.floats(0.2, 1), st.floats(0.2, 1))
    def test_a_box_within_a_box_is_shared_wholly(
        self, outer: tuple[float, ...], dx: float, dy: float, sw: float, sh: float
    ) -> None:
        x, y, w, h = outer
        inner = [x + dx * (1 - sw) * w, y + dy * (1 - sh) * h, sw * w, sh * h]
        assert shared_of_smaller(np.array([outer]), np.array([inner])) == pytest.approx(1)
        assert shared_of_smaller(np.array([inner]), np.array([outer])) == pytest.approx(1)

    @given(boxes(), st.data())
    def test_what_is_shared_of_the_smaller_is_at_least_the_overlap(self, some: np.ndarray, data: st.DataObject) -> None:
        others = np.array(data.draw(st.lists(box(), min_size=len(some), max_size=len(some))))
        shared = shared_of_smaller(some, others)
        assert ((shared >= np.diag(iou(some, others)) - 1e-9) & (shared <= 1 + 1e-9)).all()


class TestInterpolation:
    @given(boxes(), st.data())
    def test_known_boxes_are_met_exactly(self, some: np.ndarray, data: st.DataObject) -> None:
        gaps = data.draw(hnp.arrays(float, len(some), elements=st.floats(0.01, 10)))
        t = np.cumsum(gaps)
        np.testing.assert_allclose(interpolate(t, some, t), some)

    @given(boxes(), st.floats(-100, 100))
    def test_every_box_lies_between_the_known_ones(self, some: np.ndarray, when: float) -> None:
        (between,) = interpolate(np.arange(len(some), dtype=float), some, np.array([when]))
        assert (between >= some.min(axis=0) - 1e-12).all()
        assert (between <= some.max(axis=0) + 1e-12).all()

    def test_half_way_in_time_is_half_way_in_space(self) -> None:
        t, known = np.array([1.0, 3.0]), np.array([[0, 0, 0.2, 0.2], [0.4, 0.2, 0.4, 0.2]])
        np.testing.assert_allclose(interpolate(t, known, np.array([2.0])), [[0.2, 0.1, 0.3, 0.2]])

    def test_beyond_the_ends_the_box_stays(self) -> None:
        t, known = np.array([1.0, 3.0]), np.array([[0, 0, 0.2, 0.2], [0.4, 0.2, 0.4, 0.2]])
        np.testing.assert_allclose(interpolate(t, known, np.array([0.0, 9.0])), known)


class TestEdge:
    @pytest.mark.parametrize(
        "at_the_edge", [(0, 0.3, 0.2, 0.2), (0.3, 0, 0.2, 0.2), (0.8, 0.3, 0.2, 0.2), (0.3, 0.8, 0.2, 0.2)]
    )
    def test_each_edge_counts(self, at_the_edge: tuple[float, ...]) -> None:
        assert touches_edge(np.array([at_the_edge, (0.3, 0.3, 0.2, 0.2)])).tolist() == [True, False]

    @given(box())
    def test_it_is_the_same_in_a_mirror(self, one: tuple[float, float, float, float]) -> None:
        x, y, w, h = one
        assume(min(abs(x - 0.008), abs(1 - x - w - 0.008)) > 1e-9)
        assert touches_edge(np.array([one])) == touches_edge(np.array([[1 - x - w, y, w, h]]))


class TestPixelWindow:
    @given(box(), st.integers(2, 4000), st.integers(2, 4000), st.floats(0, 1))
    def test_it_lies_inside_the_picture_and_holds_something(
        self, one: tuple[float, float, float, float], width: int, height: int, margin: float
    ) -> None:
        rows, columns = pixel_window(one, width, height, margin)
        assert 0 <= rows.start <= rows.stop - 2 <= height - 2
        assert 0 <= columns.start <= columns.stop - 2 <= width - 2

    @given(box(0.02), st.integers(100, 4000), st.integers(100, 4000))
    def test_it_covers_the_box_and_hardly_more(
        self, one: tuple[float, float, float, float], width: int, height: int
    ) -> None:
        x, y, w, h = one
        rows, columns = pixel_window(one, width, height)
        for window, near, far, side in ((columns, x, x + w, width), (rows, y, y + h, height)):
            assert window.start <= near * side + 1e-6
            assert window.start > near * side - 2
            assert far * side - 1e-6 <= window.stop < far * side + 2

    @given(box(), st.floats(0, 1), st.floats(0, 1))
    def test_a_wider_margin_never_shows_less(self, one: tuple[float, float, float, float], a: float, b: float) -> None:
        narrow, wide = (pixel_window(one, 320, 180, margin) for margin in sorted((a, b)))
        for small, large in zip(narrow, wide, strict=True):
            assert large.start <= small.start < small.stop <= large.stop

    def test_by_arithmetic(self) -> None:
        assert pixel_window((0.25, 0.5, 0.5, 0.25), 100, 40) == (slice(20, 30), slice(25, 75))
        assert pixel_window((0.25, 0.5, 0.5, 0.25), 100, 40, margin=0.1) == (slice(19, 31), slice(20, 80))
