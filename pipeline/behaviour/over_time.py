"""Values over time: smoothed, and how fast they change."""

import numpy as np

from pipeline.values import Array


def smooth_over_time(t: Array, values: Array, width_s: float) -> Array:
    """Weighted mean of the neighbours in time, the weights a Gaussian of the given full width at half maximum.

    Args:
        t: (n,) rising seconds.
        values: (n,).
        width_s: seconds.
    """
    sigma = width_s / 2.355
    result = np.empty(len(t))
    for i, now in enumerate(t):
        first, last = np.searchsorted(t, [now - 3 * sigma, now + 3 * sigma])
        last = max(last, first + 1)
        weights = np.exp(-0.5 * ((t[first:last] - now) / sigma) ** 2)
        result[i] = np.average(values[first:last], weights=weights)
    return result


def slope_over_time(t: Array, values: Array, width_s: float) -> Array:
    """Change a second of each column: the slope of a straight line fitted around each sample by weighted least squares.

    The weights are a Gaussian, as in `smooth_over_time`; a sample alone within three of its standard deviations is
    fitted with its next neighbours instead. After Cleveland 1979 (locally weighted regression, JASA 74: 829-836).

    Args:
        t: (n,) rising seconds.
        values: (n, k).
        width_s: seconds, the weights' full width at half maximum.

    Returns:
        (n, k); 0 for a single sample.
    """
    sigma = width_s / 2.355
    slopes = np.zeros_like(values)
    if len(t) < 2:
        return slopes
    for i, now in enumerate(t):
        first, last = np.searchsorted(t, [now - 3 * sigma, now + 3 * sigma])
        weights = np.exp(-0.5 * ((t[first:last] - now) / sigma) ** 2)
        if last - first < 2:
            first, last = max(i - 1, 0), min(i + 2, len(t))
            weights = np.ones(last - first)
        away = t[first:last] - np.average(t[first:last], weights=weights)
        slopes[i] = (weights * away) @ values[first:last] / ((weights * away) @ away)
    return slopes
