"""Logistic regression with a quadratic penalty, small enough to need no library."""

import numpy as np

from pipeline.values import Array

PENALTY = 0.05  # on each weight, keeps parting data from asking for endless ones
_ROUNDS = 50


def fit_logistic(inputs: Array, truth: Array, weights: Array | None = None) -> Array:
    """Weights of greatest penalised likelihood, by Newton's method (iteratively reweighted least squares).

    Args:
        inputs: (n, m).
        truth: (n,) of 0 and 1.
        weights: (n,) how much each row counts; all 1 by default.

    Returns:
        (m + 1,) the base, which is not penalised, then a weight for each column.
    """
    columns = np.column_stack([np.ones(len(inputs)), inputs])
    counts = np.ones(len(inputs)) if weights is None else weights
    penalty = PENALTY * np.diag([1e-6, *np.ones(inputs.shape[1])])
    found = np.zeros(columns.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-(columns @ found).clip(-30, 30)))
        slope = columns.T @ (counts * (truth - chance)) - penalty @ found
        bend = (columns * (counts * chance * (1 - chance))[:, None]).T @ columns + penalty
        step = np.linalg.solve(bend, slope)
        found = found + step * min(1.0, 2 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return found
