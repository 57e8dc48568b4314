"""Animals that look strange can go on being named by an earlier network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.behaviour.exporting import read_network, write_network
from models.behaviour.learning import learn, scale_of
from models.behaviour.strangers import naming_strangers
from models.behaviour.temporal import Committee
from pipeline.behaviour.cues import CUES
from tests.models.made_up_clips import CODES, SEEN, simulated

EXAMPLES = simulated().examples
FURTHER = (*CODES[:1], "mating", *CODES[1:])


@pytest.fixture(scope="module")
def earlier() -> Committee:
    return Committee(list(learn(EXAMPLES, len(CODES), 1, 2).networks), 0.8).eval()


@pytest.fixture(scope="module")
def newer() -> Committee:
    others = [replace(one, cues=replace(one.cues, values=2 * one.cues.values)) for one in EXAMPLES]
    narrow = scale_of(others)
    narrow = replace(narrow, span=narrow.span[:, :4], strange_from=torch.tensor(0.3))
    return Committee(list(learn(others, len(FURTHER), 2, 2, scale=narrow).networks), 1.2).eval()


def strange() -> tuple[torch.Tensor, torch.Tensor]:
    random = np.random.default_rng(3)
    cues = torch.tensor(random.normal(size=(1, 30, len(CUES))), dtype=torch.float32)
    return cues, torch.tensor(1000 * random.normal(size=(1, 30, SEEN)), dtype=torch.float32)


def test_a_stranger_is_named_as_before_and_never_what_was_not_known(earlier: Committee, newer: Committee) -> None:
    together = Committee(list(newer.networks), newer.temperature, naming_strangers(earlier, CODES, FURTHER)).eval()
    cues, looks = strange()
    with torch.no_grad():
        assert float(newer.networks[0].familiar(looks)[0]) < 1e-6
        before, now = earlier(cues, looks)[0], together(cues, looks)[0]
    places = [FURTHER.index(code) for code in CODES]
    torch.testing.assert_close(now[..., places], before)
    assert float(now[..., FURTHER.index("mating")].max()) < 1e-9


def test_both_are_read_back_from_a_file_each_with_its_own_scale(
    earlier: Committee, newer: Committee, tmp_path: Path
) -> None:
    together = Committee(list(newer.networks), newer.temperature, naming_strangers(earlier, CODES, FURTHER)).eval()
    write_network(together, FURTHER, {}, SEEN, tmp_path / "network.onnx")
    read, codes = read_network(tmp_path / "network.onnx")
    assert codes == FURTHER
    cues, looks = strange()
    with torch.no_grad():
        for some in (looks, torch.zeros_like(looks)):
            torch.testing.assert_close(read(cues, some)[0], together(cues, some)[0])


def test_a_network_that_names_what_is_not_wanted_is_refused(earlier: Committee) -> None:
    with pytest.raises(ValueError, match=CODES[0]):
        naming_strangers(earlier, CODES, CODES[1:])
