"""What the tests of labels share: the ethogram and the words that ship."""

import pytest

from models.evaluate.behaviour.mapping import Translator, load_translator
from pipeline.behaviour.ethogram import Ethogram, load_ethogram
from pipeline.settings import find_config


@pytest.fixture(scope="session")
def ethogram() -> Ethogram:
    return load_ethogram(find_config("ethogram.yaml"))


@pytest.fixture(scope="session")
def translator(ethogram: Ethogram) -> Translator:
    return load_translator(find_config("behaviour-mapping.yaml"), ethogram)
