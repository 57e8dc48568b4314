"""Scores of health indicators, from walkers whose truth and whose estimates are made up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluate.chances import auc_interval, rank_correlation, rank_interval, roc_auc, share_interval
from models.evaluate.health import HealthScore, Walker, score_walkers
from models.evaluate.health_report import as_markdown
from models.evaluate.simulated import Provenance
from models.evaluate.truths import TrueAnimal
from pipeline.store.result import AnalysisKey
from pipeline.values import Indicator

ABOUT = Provenance(3, 24.0, {"test": 3}, 9, (), AnalysisKey("1.0", {}, "cc"), ())


def walker(
    clip: str, fps: float = 20.0, hz: float = 1.2, limp: float = 0.0, girth: float = 1.0, **found: float | str
) -> Walker:
    """One with indicators that have a value, or the reason why not."""
    animal = TrueAnimal("leopard", np.zeros((1, 4)), np.ones(1), ("travel",), hz, limp, girth)
    indicators = {
        name: Indicator(1, name, "", None, 0.0, value) if isinstance(value, str) else Indicator(1, name, "", value, 1.0)
        for name, value in found.items()
    }
    return Walker(clip, fps, animal, indicators)


def scored(*walkers: Walker) -> HealthScore:
    return score_walkers(walkers, ABOUT, len(walkers))


class TestStride:
    def test_an_estimate_counts_if_it_is_within_a_tenth(self) -> None:
        score = scored(
            walker("a", stride_frequency=1.25),
            walker("b", stride_frequency=0.6),
            walker("c", stride_frequency="only 2 strides"),
            walker("d", fps=12, stride_frequency=1.2),
        ).stride
        assert (score.walks, score.assessed, score.close, score.worst) == (3, 2, 1, ("b: 0.50",))

    def test_claims_below_ten_frames_a_second_are_counted(self) -> None:
        score = scored(walker("a", fps=8, stride_frequency=1.2, head_bob="too few"), walker("b", gait_asymmetry=0.1))
        assert score.claimed_too_slow == 1


class TestLimps:
    def test_a_limp_of_015_is_set_against_sound_walkers(self) -> None:
        score = scored(
            walker("a", gait_asymmetry=0.02),
            walker("b", gait_asymmetry=0.12),
            walker("c", limp=0.15, gait_asymmetry=0.1),
            walker("d", limp=0.15, gait_asymmetry=0.2),
            walker("e", limp=0.4, gait_asymmetry=0.01),
            walker("f", limp=0.05, gait_asymmetry=0.9),
        )
        slight, clear = (one for one in score.limps if one.indicator == "gait_asymmetry")
        assert (slight.limping, slight.sound, slight.auc) == (2, 2, 0.75)
        assert (clear.limping, clear.auc) == (3, 0.5)
        assert slight.curve[-1] == (0.02, 1.0, 1.0)

    def test_without_sound_walkers_there_is_no_curve(self) -> None:
        slight = scored(walker("a", limp=0.15, gait_asymmetry=0.2)).limps[0]
        assert (slight.auc, slight.interval, slight.curve) == (None, None, ())


def test_girth_is_ranked_among_those_that_were_assessed() -> None:
    girths = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
    walkers = [walker(str(girth), girth=girth, girth_length=girth**2) for girth in girths]
    assert scored(*walkers, walker("aslant", girth_length="aslant")).girth.spearman == pytest.approx(1.0)
    assert scored(*walkers[:3]).girth.spearman is None


def test_reasons_are_counted_whatever_their_numbers() -> None:
    score = scored(walker("a", stops="only 1.5 s; 3 s needed"), walker("b", stops="only 0.2 s; 3 s needed"))
    assert score.reasons == {"stops": {"only N s; N s needed": 2}}


def test_the_report_says_how_many_rest_on_what() -> None:
    text = as_markdown(scored(walker("a", stride_frequency=1.2), walker("b", stops="only 1 s")))
    assert "within 10% of the truth: 1 of 1 assessed (95 % interval 0.21 to 1.00), of 2 walks" in text
    assert "| stops | only N s | 1 |" in text


class TestChances:
    def test_wilsons_interval_is_as_in_his_paper(self) -> None:
        assert share_interval(9, 10) == pytest.approx((0.596, 0.982), abs=0.001)

    @given(st.integers(1, 50), st.data())
    def test_a_share_lies_in_its_interval(self, of: int, data: st.DataObject) -> None:
        hits = data.draw(st.integers(0, of))
        low, high = share_interval(hits, of)
        assert 0 <= low <= hits / of + 1e-9
        assert hits / of - 1e-9 <= high <= 1

    def test_ties_count_half(self) -> None:
        assert roc_auc(np.array([1.0, 2.0]), np.array([1.0, 0.0])) == pytest.approx(0.875)

    def test_a_perfect_curve_from_few_walkers_is_not_certain(self) -> None:
        assert auc_interval(1.0, 5, 40) == pytest.approx(share_interval(5, 5))

    @given(st.lists(st.integers(0, 5), min_size=4, max_size=30))
    def test_ranks_of_rising_values_are_theirs(self, values: list[int]) -> None:
        series = np.array(values, dtype=float)
        expected = 1.0 if len(set(values)) > 1 else 0.0
        assert rank_correlation(series, series**3) == pytest.approx(expected)

    def test_a_rank_correlation_has_an_interval_about_it(self) -> None:
        low, high = rank_interval(0.9, 30)
        assert low < 0.9 < high < 1
