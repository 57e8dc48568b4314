from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.behaviour.examples import thinned
from pipeline.behaviour.cues import CUES, FAMILIES, LONGEST_STILL_S, RATE_HZ, cues_of, mirrored
from pipeline.behaviour.features import measure
from pipeline.behaviour.pairs import MANY, PAIR_CUES
from pipeline.tracking.looks import CELLS
from pipeline.values import Array, Looks, Samples
from tests.behaviour.tracks import PICTURE, samples_of

ASPECT = PICTURE[0] / PICTURE[1]
T = np.arange(0, 6, 1 / 6)
Way = Callable[[Array], Array]


def walk(t: Array) -> Array:
    """A walk to the right with a bob: the middle of the box, pixels of PICTURE."""
    return np.column_stack([400 + 120 * t, 600 + 6 * np.sin(2 * np.pi * 0.9 * t)])


def looks(n: int, seed: int = 0) -> Looks:
    random = np.random.default_rng(seed)
    grid = random.random((2, n, CELLS, CELLS))
    return Looks(grid[0], grid[1], random.normal(0, 0.3, (n, CELLS, CELLS, 2)), np.zeros((n, 3), dtype=np.float16))


def cues(*samples: Samples, number: int = 0, aspect: float = ASPECT) -> Array:
    features = [measure(one, aspect) for one in samples]
    return cues_of(samples, features, aspect, number).values.astype(float)


def of(table: Array, name: str) -> Array:
    return table[:, CUES.index(name)]


def test_every_cue_belongs_to_one_family_and_has_a_name_of_its_own() -> None:
    assert len(set(CUES)) == len(CUES) == sum(len(names) for names in FAMILIES.values())


class TestInvariance:
    @given(st.sampled_from([0.25, 0.5, 2.0, 3.0]))
    def test_the_pictures_resolution_does_not_matter(self, scale: float) -> None:
        large = (round(PICTURE[0] * scale), round(PICTURE[1] * scale))
        small = samples_of(T, walk(T), (200, 130), looks=looks(len(T)))
        other = samples_of(T, walk(T) * scale, (200 * scale, 130 * scale), large, looks=looks(len(T)))
        np.testing.assert_allclose(cues(small), cues(other, aspect=large[0] / large[1]), atol=0.02)

    @pytest.mark.parametrize("every", [2, 3])
    def test_half_and_a_third_of_the_pictures_show_the_same_motion(self, every: int) -> None:
        """Speed, shape and company stay down to 2 pictures a second; movement inside the box can no longer be known."""
        whole = samples_of(T, walk(T), (200, 130), looks=looks(len(T)))
        table, thin = cues(whole), cues(thinned(whole, every))
        steps = min(len(table), len(thin))
        for name in ("speed", "slow speed", "stretch", "height", "length", "share of picture"):
            np.testing.assert_allclose(of(table, name)[:steps], of(thin, name)[:steps], atol=0.12, err_msg=name)
        assert (of(table, "movement known") == 1).all()
        assert (of(thin, "movement known") == 0).all()
        assert (thin[:, [CUES.index(name) for name in FAMILIES["flow"]]] == 0).all()

    def test_a_mirror_image_gives_mirrored_cues(self) -> None:
        samples = samples_of(T, walk(T), (200, 130), looks=looks(len(T)))
        boxes = samples.boxes.copy()
        boxes[:, 0] = 1 - boxes[:, 0] - boxes[:, 2]
        seen = samples.looks
        assert seen is not None
        turned = replace(
            seen,
            silhouette=seen.silhouette[:, :, ::-1],
            change=seen.change[:, :, ::-1],
            flow=seen.flow[:, :, ::-1] * np.array([-1.0, 1.0]),
        )
        reflected = cues(replace(samples, boxes=boxes, looks=turned))
        np.testing.assert_allclose(mirrored(cues(samples).astype(np.float32)), reflected, atol=1e-5)

    @given(hnp.arrays(np.float32, (3, len(CUES)), elements=st.floats(-3, 3, width=32)))
    def test_twice_mirrored_is_as_before(self, values: np.ndarray) -> None:
        np.testing.assert_array_equal(mirrored(mirrored(values)), values)


class TestMotion:
    def test_steady_motion_has_its_own_speed_in_body_lengths_a_second(self) -> None:
        samples = samples_of(T, np.column_stack([400 + 100 * T, np.full(len(T), 600.0)]), (200, 130))
        np.testing.assert_allclose(np.expm1(of(cues(samples), "speed")), 0.5, atol=0.01)
        np.testing.assert_allclose(of(cues(samples), "straightness"), 1, atol=0.02)

    @pytest.mark.parametrize(("lasts", "told"), [(2.5, 2.5), (4, LONGEST_STILL_S), (30, LONGEST_STILL_S)])
    def test_it_says_how_long_the_animal_keeps_its_place_up_to_long(self, lasts: float, told: float) -> None:
        t = np.arange(0, lasts + 1e-9, 1 / 6)
        still = samples_of(t, np.tile([600.0, 600.0], (len(t), 1)), (200, 130))
        np.testing.assert_allclose(np.expm1(of(cues(still), "still for")), told, atol=1e-6)

    def test_one_that_walks_keeps_no_place(self) -> None:
        assert (of(cues(samples_of(T, walk(T), (200, 130))), "still for") == 0).all()

    def test_the_grid_is_even_and_starts_with_the_track(self) -> None:
        uneven = np.sort(np.random.default_rng(1).uniform(2, 9, 30))
        samples = samples_of(uneven, walk(uneven - 2), (200, 130))
        found = cues_of([samples], [measure(samples, ASPECT)], ASPECT, 0)
        assert found.t[0] == uneven[0]
        assert found.t[-1] <= uneven[-1] + 1e-9
        np.testing.assert_allclose(np.diff(found.t), 1 / RATE_HZ)

    def test_a_track_of_one_sample_has_cues(self) -> None:
        table = cues(samples_of(np.zeros(1), np.array([[600.0, 600.0]]), (200, 130)))
        assert table.shape == (1, len(CUES))
        assert np.isfinite(table).all()


class TestPairs:
    @staticmethod
    def beside(gap: float, t: Array = T, size: float = 1.0) -> tuple[Samples, Samples]:
        own = samples_of(t, np.tile([600.0, 600.0], (len(t), 1)), (200, 130))
        other = samples_of(t, np.tile([600.0 + gap, 600.0], (len(t), 1)), (200 * size, 130 * size))
        return own, other

    def test_alone_there_is_no_company(self) -> None:
        table = cues(self.beside(100)[0])
        assert (table[:, [CUES.index(name) for name in PAIR_CUES]] == 0).all()

    def test_company_has_a_distance_in_body_lengths_and_a_size(self) -> None:
        table = cues(*self.beside(300, size=0.5))
        np.testing.assert_allclose(np.exp(of(table, "distance")), 1.5, rtol=1e-5)
        np.testing.assert_allclose(np.exp(of(table, "its size")), 0.5, rtol=1e-5)
        assert (of(table, "company") == 1).all()

    def test_far_away_is_no_company_yet_counts(self) -> None:
        table = cues(*self.beside(1400))
        assert (of(table, "company") == 0).all()
        np.testing.assert_allclose(np.expm1(of(table, "how many")), 1)

    def test_what_never_moves_is_no_company(self) -> None:
        own, stump = self.beside(300)
        still = replace(looks(len(T)), change=np.zeros((len(T), CELLS, CELLS)))
        table = cues(own, replace(stump, looks=still))
        assert (table[:, [CUES.index(name) for name in PAIR_CUES]] == 0).all()

    def test_more_than_many_are_many(self) -> None:
        crowd = [self.beside(400 * n)[1] for n in range(-4, 5) if n]
        table = cues(self.beside(0)[0], *crowd)
        np.testing.assert_allclose(np.expm1(of(table, "how many")), MANY)

    def test_one_that_comes_nearer_closes_in(self) -> None:
        own, _ = self.beside(0)
        chaser = samples_of(T, np.column_stack([1400 - 100 * T, np.full(len(T), 600.0)]), (200, 130))
        np.testing.assert_allclose(np.sinh(of(cues(own, chaser), "closing"))[3:-3], 0.5, atol=0.02)

    def test_two_that_walk_together_go_the_same_way_and_the_second_is_behind(self) -> None:
        first = samples_of(T, walk(T) + np.array([300, 0]), (200, 130))
        second = samples_of(T, walk(T), (200, 130))
        assert (of(cues(second, first), "same way") > 0.9).all()
        assert (of(cues(second, first), "behind it") < -0.9).all() or (of(cues(second, first), "behind it") > 0.9).all()
        assert np.sign(of(cues(second, first), "behind it")[5]) == -np.sign(of(cues(first, second), "behind it")[5])

    def test_a_neighbour_counts_only_while_it_is_there(self) -> None:
        own, late = self.beside(300, T)[0], self.beside(300, T[18:])[1]
        company = of(cues(own, late), "company")
        assert company[:16].max() == 0
        assert company[19:].min() == 1
