"""A training can start from the network that an earlier one wrote, and know more behaviours afterwards."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.behaviour.exporting import read_committee, write_network
from models.behaviour.learning import learn
from models.behaviour.temporal import Committee, widened
from models.registry import weights_path
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.errors import ModelError
from tests.models.made_up_clips import CODES, SEEN, simulated

EPOCHS = 6
EXAMPLES = simulated().examples
CUES = torch.tensor(EXAMPLES[0].cues.values[None])
LOOKS = torch.tensor(EXAMPLES[0].cues.embedding[None])


@pytest.fixture(scope="module")
def committee() -> Committee:
    return learn(EXAMPLES, len(CODES), 1, EPOCHS)


@pytest.fixture(scope="module")
def written(committee: Committee, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("networks") / "earlier.onnx"
    write_network(committee, CODES, {}, SEEN, path)
    return path


def beliefs(committee: Committee) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(committee(CUES, LOOKS)[0][0])


def loss(committee: Committee) -> float:
    """Of the examples' labels, a step in the mean."""
    found = []
    for one in EXAMPLES:
        with torch.no_grad():
            said = committee(torch.tensor(one.cues.values[None]), torch.tensor(one.cues.embedding[None]))[0][0]
        found.append(-np.log(said.numpy()[np.arange(len(one.labels)), one.labels].clip(1e-9)).mean())
    return float(np.mean(found))


def test_what_was_written_is_read_again(committee: Committee, written: Path) -> None:
    networks, codes = read_committee(written)
    assert codes == CODES
    np.testing.assert_allclose(beliefs(Committee(networks, 1.0).eval()), beliefs(committee), atol=1e-5)


def test_a_training_can_start_from_the_network_that_ships() -> None:
    path = weights_path("behaviour")
    networks, codes = read_committee(path)
    assert len(networks) > 1
    assert codes == BehaviourNetwork(path).codes


def test_a_wider_network_believes_as_before_and_hardly_in_what_it_never_saw(committee: Committee) -> None:
    wanted = ("mating", *CODES[::-1])
    grown = Committee([widened(network, CODES, wanted) for network in committee.networks], 1.0).eval()
    after = beliefs(grown)
    assert after[:, 0].max() < 0.2
    known = after[:, 1:] / after[:, 1:].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(known, beliefs(committee)[:, ::-1], atol=1e-5)


def test_it_goes_on_from_what_it_knew(written: Path) -> None:
    networks, _ = read_committee(written)
    before = loss(Committee(networks, 1.0).eval())
    longer, anew = learn(EXAMPLES, len(CODES), 2, 2, start=networks), learn(EXAMPLES, len(CODES), 2, 2)
    assert loss(longer) < before
    assert loss(longer) < loss(anew)
    assert loss(Committee(networks, 1.0).eval()) == before  # copies learned


def test_it_can_be_used_once_it_is_written(written: Path, tmp_path: Path) -> None:
    networks, _ = read_committee(written)
    wanted = (*CODES, "mating")
    write_network(
        Committee([widened(one, CODES, wanted) for one in networks], 1.0), wanted, {}, SEEN, tmp_path / "on.onnx"
    )
    assert BehaviourNetwork(tmp_path / "on.onnx").codes == wanted


@pytest.mark.parametrize("content", [b"", b"no network at all"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "torn.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"torn\.onnx: no training can start from this file"):
        read_committee(path)


def test_so_is_one_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.onnx"):
        read_committee(tmp_path / "none.onnx")
