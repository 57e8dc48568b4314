"""The measuring commands measure what they say."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluate.photos import recall, score_photos
from models.evaluate.tracking import covered_seconds
from pipeline.analyse import load_networks
from pipeline.settings import load_settings

tenths = st.integers(0, 300).map(lambda n: n / 10)
spans = st.lists(st.tuples(tenths, tenths).map(lambda ends: (min(ends), max(ends))), max_size=6)


@given(spans)
def test_time_covered_is_counted_once_however_spans_overlap(found: list[tuple[float, float]]) -> None:
    instants = np.arange(0, 30, 0.1) + 0.05
    inside = np.zeros(len(instants), dtype=bool)
    for start, end in found:
        inside |= (instants > start) & (instants < end)
    assert covered_seconds([(0.0, 30.0)], found) == pytest.approx(inside.sum() * 0.1, abs=1e-6)


def test_only_what_lies_in_the_stretches_counts() -> None:
    assert covered_seconds([(0.0, 2.0), (5.0, 6.0)], [(1.0, 5.5)]) == pytest.approx(1.5)
    assert covered_seconds([], [(1.0, 5.5)]) == 0
    assert covered_seconds([(0.0, 2.0)], []) == 0


def test_recall_falls_as_more_is_asked_of_a_box() -> None:
    shares = recall([0.0, 0.07, 0.15, 0.25, 0.9])
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert shares[0.05] == pytest.approx(0.8)
    assert shares[0.5] == pytest.approx(0.2)


@pytest.mark.footage
def test_leopards_in_photos_are_found_and_known(footage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores = score_photos(footage / "stills" / "amur-leopard", load_networks(load_settings()), "leopard")
    with capsys.disabled():
        sys.stdout.write(f"\n{scores}\n")
    assert scores.animals == 53
    assert scores.named >= 0.95
    assert scores.trap_like_recall[0.1] >= 0.88
    assert scores.recall[0.1] >= 0.54
