import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.individuals.verify import Side, agreeing

angles = st.floats(-0.25, 0.25)
shifts = st.floats(-1.0, 1.0)
seeds = st.integers(0, 10_000)


def scattered(seed: int, n: int = 30) -> Side:
    random = np.random.default_rng(seed)
    return Side(random.uniform(0, 2, (n, 2)).astype(np.float32), random.uniform(0.05, 0.1, n).astype(np.float32))


@given(seeds, angles, st.floats(0.7, 1.4), shifts, shifts)
def test_matches_that_one_turn_and_one_enlargement_explain_all_agree(
    seed: int, angle: float, times: float, across: float, down: float
) -> None:
    query = scattered(seed)
    turn = times * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    known = Side((query.points @ turn.T + (across, down)).astype(np.float32), query.scales * np.float32(times))
    assert agreeing(query, known, np.ones(30, np.float32)).all()


@given(seeds)
def test_a_few_strays_among_good_matches_are_left_out(seed: int) -> None:
    query = scattered(seed)
    points = query.points.copy()
    points[:5] += np.float32(1.0)
    agreed = agreeing(query, Side(points, query.scales), np.ones(30, np.float32))
    assert agreed[5:].all()
    assert not agreed[:5].any()


def test_matches_thrown_together_by_chance_hardly_agree() -> None:
    shares = [agreeing(scattered(n), scattered(n + 500), np.ones(30, np.float32)).mean() for n in range(50)]
    assert np.mean(shares) < 0.25


@given(seeds)
def test_three_matches_prove_nothing(seed: int) -> None:
    query = scattered(seed, 3)
    assert not agreeing(query, query, np.ones(3, np.float32)).any()
