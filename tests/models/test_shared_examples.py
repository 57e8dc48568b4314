from pathlib import Path

import numpy as np
import pytest
import torch

from models.behaviour.examples import Example
from models.behaviour.learning import scale_of
from models.behaviour.shared_examples import SharedExamples, chosen, read_examples, write_examples
from models.behaviour.temporal import Scale, TemporalNetwork
from pipeline.errors import ModelError
from tests.models.made_up_clips import CODES, SEEN, simulated


@pytest.fixture(scope="module")
def scale() -> Scale:
    return scale_of(simulated().examples)


@pytest.fixture(scope="module")
def kept(scale: Scale, tmp_path_factory: pytest.TempPathFactory) -> Path:
    shared = simulated()
    unseen = shared.examples[0].without_look(SEEN)
    path = tmp_path_factory.mktemp("examples") / "examples.npz"
    write_examples(SharedExamples(CODES, {"travel": 1.0}, (*shared.examples, unseen)), scale, path)
    return path


def reduced(example: Example, scale: Scale) -> np.ndarray:
    with torch.no_grad():
        return TemporalNetwork(scale, 3).look(torch.tensor(example.cues.embedding[None]))[0].numpy()


def test_what_was_kept_comes_back(kept: Path) -> None:
    before, after = simulated(), read_examples(kept)
    assert (after.codes, after.shortest_s) == (CODES, {"travel": 1.0})
    assert len(after.examples) == len(before.examples) + 1
    for old, new in zip(before.examples, after.examples, strict=False):
        assert (new.clip, new.camera, new.light, new.fps) == (old.clip, old.camera, old.light, old.fps)
        np.testing.assert_array_equal(new.labels, old.labels)
        np.testing.assert_allclose(new.cues.values, old.cues.values, rtol=0.01, atol=1e-4)


def test_what_the_species_network_saw_is_reduced_to_the_same_numbers_again(kept: Path, scale: Scale) -> None:
    for old, new in zip(simulated().examples, read_examples(kept).examples, strict=False):
        assert new.cues.embedding.shape == old.cues.embedding.shape
        np.testing.assert_allclose(reduced(new, scale), reduced(old, scale), atol=0.01)


def test_where_no_crop_was_looked_at_nothing_is_seen_afterwards(kept: Path) -> None:
    assert not read_examples(kept).examples[-1].cues.embedding.any()


def test_a_file_that_is_missing_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="they ship with Ethotrap: install it again, or make them with"):
        read_examples(tmp_path / "none.npz")


def test_a_damaged_file_is_named(kept: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.npz"
    torn.write_bytes(kept.read_bytes()[:2000])
    with pytest.raises(ModelError, match=r"torn\.npz is damaged"):
        read_examples(torn)


def test_no_more_is_chosen_than_fits() -> None:
    examples = simulated().examples
    some = chosen(examples, seed=1, most_steps=300)
    assert 0 < sum(len(one.labels) for one in some) <= 300
    assert len({one.clip for one in some}) == len(some)
    assert [one.clip for one in chosen(examples, seed=1, most_steps=300)] == [one.clip for one in some]
