import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.behaviour.over_time import smooth_over_time


class TestSmoothing:
    @given(st.lists(st.tuples(st.floats(0.01, 2), st.floats(-5, 5)), min_size=1, max_size=30), st.floats(0.1, 3))
    def test_it_stays_between_the_lowest_and_the_highest(
        self, steps: list[tuple[float, float]], width_s: float
    ) -> None:
        gaps, values = (np.array(column) for column in zip(*steps, strict=True))
        smooth = smooth_over_time(np.cumsum(gaps), values, width_s)
        assert (smooth >= values.min() - 1e-9).all()
        assert (smooth <= values.max() + 1e-9).all()

    def test_its_width_is_that_at_half_height(self) -> None:
        t = np.arange(-5, 5, 0.01)
        smooth = smooth_over_time(t, (np.abs(t) < 0.005).astype(float), 0.8)
        above = t[smooth >= smooth.max() / 2]
        assert above[-1] - above[0] == pytest.approx(0.8, abs=0.03)
