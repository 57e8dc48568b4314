import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.behaviour.variation import FORGETTABLE, at_tempo, steps_at_tempo, varied
from pipeline.behaviour.cues import CUES, FAMILIES, cues_of
from pipeline.behaviour.features import measure
from pipeline.tracking.looks import CELLS
from pipeline.values import Array, Looks, Samples
from tests.behaviour.tracks import PICTURE, samples_of

ASPECT = PICTURE[0] / PICTURE[1]
T = np.arange(0, 6, 1 / 6)
RATES = ("speed", "across", "slow speed", "its speed", "closing", "flow across 1.1", "flow strength 1.1", "change 1.1")


def moving(t: Array, speed: float, flow: float, change: float) -> Samples:
    """A walk to the right, pixels of PICTURE a second, with the same flow and change in every cell of its box."""
    n = len(t)
    looks = Looks(
        silhouette=np.zeros((n, CELLS, CELLS)),
        change=np.full((n, CELLS, CELLS), change),
        flow=np.full((n, CELLS, CELLS, 2), flow),
        embedding=np.zeros((n, 0), dtype=np.float16),
    )
    return samples_of(t, np.column_stack([400 + speed * t, np.full(n, 600.0)]), (200, 130), looks=looks)


def cues(*samples: Samples) -> np.ndarray:
    return cues_of(samples, [measure(one, ASPECT) for one in samples], ASPECT, 0).values


class TestTempo:
    @pytest.mark.parametrize("tempo", [0.5, 0.8, 1.5])
    def test_a_quicker_animal_has_the_cues_of_one_that_really_is_quicker(self, tempo: float) -> None:
        usual = cues(moving(T, 100, 0.2, 0.1), moving(T, 40, 0.2, 0.1))
        quick = cues(moving(T, 100 * tempo, 0.2 * tempo, 0.1 * tempo), moving(T, 40 * tempo, 0.2, 0.1))
        for name in RATES:
            place = CUES.index(name)
            np.testing.assert_allclose(at_tempo(usual, tempo)[3:-3, place], quick[3:-3, place], atol=0.02, err_msg=name)

    def test_and_keeps_its_place_for_less_long(self) -> None:
        still = cues(moving(T, 0, 0.0, 0.0))
        place = CUES.index("still for")
        np.testing.assert_allclose(np.expm1(at_tempo(still, 2.0)[:, place]), np.expm1(still[:, place]) / 2, rtol=1e-5)

    def test_shape_and_silhouette_have_no_tempo(self) -> None:
        walk = cues(moving(T, 100, 0.2, 0.1))
        timeless = [CUES.index(name) for family in ("shape", "silhouette", "quality") for name in FAMILIES[family]]
        np.testing.assert_allclose(at_tempo(walk, 1.7)[:, timeless], walk[:, timeless], atol=1e-6)

    @given(st.floats(0.4, 2.5))
    def test_there_and_back_is_as_before(self, tempo: float) -> None:
        walk = cues(moving(T, 100, 0.2, 0.02))
        np.testing.assert_allclose(at_tempo(at_tempo(walk, tempo), 1 / tempo), walk, atol=1e-4)

    @given(st.integers(1, 200), st.floats(0.3, 3))
    def test_the_steps_shown_are_in_order_and_from_the_first_to_nearly_the_last(self, steps: int, tempo: float) -> None:
        shown = steps_at_tempo(steps, tempo)
        assert shown[0] == 0
        assert steps - 1 - tempo - 0.5 <= shown[-1] <= steps - 1
        assert (np.diff(shown) >= 0).all()
        assert len(shown) == pytest.approx((steps - 1) / tempo + 0.5, abs=0.51)


class TestVaried:
    @given(hnp.arrays(np.float32, (4, len(CUES)), elements=st.floats(0.5, 1, width=32)), st.integers(0, 2**32 - 1))
    def test_motion_is_never_missing_and_what_is_missing_is_a_whole_family(self, values: np.ndarray, seed: int) -> None:
        result = varied(values, np.random.default_rng(seed))
        for family, names in FAMILIES.items():
            gone = result[:, [CUES.index(name) for name in names]] == 0
            assert gone.all() or not gone.any()
            if family not in FORGETTABLE:
                assert not gone.any()

    def test_the_given_cues_stay_as_they_are(self) -> None:
        values = np.ones((4, len(CUES)), dtype=np.float32)
        varied(values, np.random.default_rng(0))
        assert (values == 1).all()
