import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.tracking.motion_model import AnimalMotion

WIDTH_TO_HEIGHT, HEIGHT = 1.6, 80.0  # of a box, the second in pixels
SPEEDS = st.floats(-6, 6)  # box heights a second, across and down
RATES_HZ = st.floats(2, 10)


def box(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x, y, WIDTH_TO_HEIGHT, HEIGHT])


def expected_next(looks: list[NDArray[np.float64]], rate_hz: float) -> NDArray[np.float64]:
    """Where the centre is believed to be one look after these."""
    model = AnimalMotion(1 / rate_hz)
    mean, covariance = model.initiate(looks[0])
    for look in looks[1:]:
        means, covariances = model.multi_predict(mean[None], covariance[None])
        mean, covariance = model.update(means[0], covariances[0], look)
    means, _ = model.multi_predict(mean[None], covariance[None])
    return np.asarray(means[0, :2])


@given(across=SPEEDS, down=SPEEDS, rate_hz=RATES_HZ)
def test_a_steady_runner_is_expected_where_it_will_be_from_its_third_look_on(
    across: float, down: float, rate_hz: float
) -> None:
    step = HEIGHT / rate_hz * np.array([across, down])
    seen = [box(*(100 + i * step)) for i in range(3)]
    miss = np.linalg.norm(expected_next(seen, rate_hz) - (100 + 3 * step))
    assert miss <= 0.25 * np.linalg.norm(step) + 1e-6


@given(across=SPEEDS, down=SPEEDS, rate_hz=RATES_HZ)
def test_one_that_stops_is_expected_to_have_stopped_half_a_second_later(
    across: float, down: float, rate_hz: float
) -> None:
    step = HEIGHT / rate_hz * np.array([across, down])
    still = int(np.ceil(0.5 * rate_hz)) + 1
    seen = [box(*(100 + min(i, 5) * step)) for i in range(5 + still)]
    miss = np.linalg.norm(expected_next(seen, rate_hz) - (100 + 5 * step))
    assert miss <= 0.35 * np.linalg.norm(step) + 1e-6


def test_one_that_keeps_still_is_expected_there() -> None:
    assert expected_next([box(100, 50)] * 5, 6.0) == pytest.approx([100, 50])
