"""Fits the few numbers of configs/coat-matching.yaml, see `python -m models.identity`."""
