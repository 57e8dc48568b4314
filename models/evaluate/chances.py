"""How sure a share, a ROC curve's area or a rank correlation is, from as few walks as there are."""

import math

import numpy as np

from pipeline.values import Array

Z95 = 1.959964  # standard deviations of a 95 % interval


def share_interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927, JASA 22: 209-212).

    Args:
        hits: how many.
        of: of how many, at least one.
    """
    return _wilson(hits / of, of)


def roc_auc(positive: Array, negative: Array) -> float:
    """Area under the ROC curve: how often one of the first scores higher than one of the second, ties half.

    Args:
        positive: (n,) at least one.
        negative: (m,) at least one.
    """
    higher = (positive[:, None] > negative[None]).mean()
    return float(higher + 0.5 * (positive[:, None] == negative[None]).mean())


def auc_interval(auc: float, positive: int, negative: int) -> tuple[float, float]:
    """A cautious 95 % interval of an area under a ROC curve: that of a share of as many as the smaller group has.

    The usual standard errors are 0 for an area of 1, however few were compared; this one is not.

    Args:
        auc: 0..1.
        positive: how many scored, at least one.
        negative: likewise.
    """
    return _wilson(auc, min(positive, negative))


def rank_correlation(values: Array, others: Array) -> float:
    """Spearman's rank correlation, ties given their mean rank; 0 if either does not vary.

    Args:
        values: (n,).
        others: (n,).
    """
    first, second = (_ranks(one) for one in (values, others))
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def rank_interval(correlation: float, count: int) -> tuple[float, float]:
    """95 % interval of Spearman's correlation, by Fisher's z with a standard error of 1.03 / sqrt(n - 3).

    After Fieller, Hartley and Pearson 1957, Tests for rank correlation coefficients, Biometrika 44: 470-481.

    Args:
        correlation: -1..1.
        count: of pairs, more than three.
    """
    z, half = math.atanh(min(max(correlation, -0.9999), 0.9999)), Z95 * 1.03 / math.sqrt(count - 3)
    return math.tanh(z - half), math.tanh(z + half)


def _wilson(share: float, of: int) -> tuple[float, float]:
    square = Z95**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z95 / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _ranks(values: Array) -> Array:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])
