"""A network can be taught further behaviours, and what it knew stays as it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.behaviour.examples import Example
from models.behaviour.exporting import read_committee, write_network
from models.behaviour.extending import extend
from models.behaviour.learning import learn
from models.behaviour.temporal import Committee, Extended
from models.registry import weights_path
from pipeline.behaviour.cues import CUES
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.errors import ModelError
from tests.models.made_up_clips import CODES, SEEN, simulated

EPOCHS, FURTHER_EPOCHS = 6, 30
WANTED = (*CODES, "mating")
EXAMPLES = simulated().examples


def mating(number: int) -> Example:
    """A pair that nothing else looks like: far into one another."""
    like = EXAMPLES[number]
    values = like.cues.values.copy()
    values[:, CUES.index("overlap")] = 3.0
    labels = np.full(len(like.labels), WANTED.index("mating"))
    return replace(like, cues=replace(like.cues, values=values), labels=labels)


MATING = [mating(number) for number in range(20)]


@pytest.fixture(scope="module")
def known() -> Committee:
    return learn(EXAMPLES, len(CODES), 1, EPOCHS)


@pytest.fixture(scope="module")
def extended(known: Committee) -> Extended:
    learned, held = [*EXAMPLES, *MATING[:10]], [*EXAMPLES[:10], *MATING[10:]]
    return extend(known, ["mating"], WANTED, learned, held, 1, FURTHER_EPOCHS)


def beliefs(committee: Committee, example: Example) -> np.ndarray:
    with torch.no_grad():
        said, _ = committee(torch.tensor(example.cues.values[None]), torch.tensor(example.cues.embedding[None]))
    return np.asarray(said[0])


def test_it_knows_the_further_behaviour_on_animals_that_it_did_not_learn_from(extended: Extended) -> None:
    for example in MATING[10:]:
        assert beliefs(extended, example)[:, -1].mean() > 0.5
    for example in EXAMPLES[10:20]:
        assert beliefs(extended, example)[:, -1].mean() < 0.5


def test_its_beliefs_in_what_it_knew_keep_their_shares(known: Committee, extended: Extended) -> None:
    for example in (*EXAMPLES[:3], *MATING[:3]):
        before, after = beliefs(known, example), beliefs(extended, example)
        np.testing.assert_allclose(after.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(after[:, :-1], before * (1 - after[:, -1:]), atol=1e-5)


def test_it_can_be_used_once_it_is_written(extended: Extended, tmp_path: Path) -> None:
    write_network(extended, WANTED, {}, SEEN, tmp_path / "extended.onnx")
    assert BehaviourNetwork(tmp_path / "extended.onnx").codes == WANTED


def test_what_was_written_is_read_again_as_it_was_before(known: Committee, extended: Extended, tmp_path: Path) -> None:
    for name, network, codes in (("known", known, CODES), ("extended", extended, WANTED)):
        path = tmp_path / f"{name}.onnx"
        write_network(network, codes, {}, SEEN, path)
        read, its_codes = read_committee(path)
        assert its_codes == CODES
        np.testing.assert_allclose(beliefs(read, EXAMPLES[0]), beliefs(known, EXAMPLES[0]), atol=1e-5)


def test_the_network_that_ships_can_be_extended() -> None:
    path = weights_path("behaviour")
    committee, codes = read_committee(path)
    assert len(committee.networks) > 1
    assert codes == BehaviourNetwork(path).codes[: len(codes)]


@pytest.mark.parametrize("content", [b"", b"no network at all"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "torn.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"torn\.onnx: no training can start from this file"):
        read_committee(path)


def test_so_is_one_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.onnx"):
        read_committee(tmp_path / "none.onnx")
