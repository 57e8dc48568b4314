from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.behaviour.ethogram import UNKNOWN, load_ethogram
from pipeline.errors import ConfigError
from pipeline.settings import find_config


def entry(code: str, **fields: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": code,
        "category": "test",
        "type": "state",
        "definition": "Does it.",
        "after": "us",
        "confusable_with": [],
        "camtrap_dp": code,
        **fields,
    }


def written(path: Path, *entries: dict[str, Any], version: Any = 1) -> Path:
    path.write_text(yaml.safe_dump({"version": version, "behaviours": list(entries)}))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ethogram.yaml"


class TestShipped:
    def test_it_loads_and_every_entry_can_be_asked_for(self) -> None:
        ethogram = load_ethogram(find_config("ethogram.yaml"))
        assert [ethogram.get(code).code for code in ethogram.codes()] == ethogram.codes()
        assert {"travel", "play", "spray", "chase", "stalk", UNKNOWN} <= set(ethogram.codes())

    def test_an_unknown_code_is_refused_with_the_list_of_those_that_exist(self) -> None:
        ethogram = load_ethogram(find_config("ethogram.yaml"))
        with pytest.raises(ConfigError, match=r"no behaviour 'dance'; it has travel, chase, .*unknown"):
            ethogram.get("dance")


class TestWrong:
    def test_a_code_given_twice_is_named(self, path: Path) -> None:
        with pytest.raises(ConfigError, match=r"ethogram.yaml:\n.*defined twice: play"):
            load_ethogram(written(path, entry("play"), entry("play"), entry(UNKNOWN)))

    def test_unknown_has_to_be_there(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="there must be an entry 'unknown'"):
            load_ethogram(written(path, entry("play")))

    def test_a_code_to_be_confused_with_has_to_exist(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="play is confusable_with dance, which is not defined"):
            load_ethogram(written(path, entry("play", confusable_with=["dance"]), entry(UNKNOWN)))

    @pytest.mark.parametrize(
        ("field", "value"), [("code", "Big Cat"), ("type", "event"), ("definition", ""), ("camtrap_dp", "")]
    )
    def test_a_wrong_field_is_named_with_its_place(self, path: Path, field: str, value: str) -> None:
        with pytest.raises(ConfigError, match=rf"behaviours\.1\.{field}: "):
            load_ethogram(written(path, entry(UNKNOWN), {**entry("play"), field: value}))

    def test_a_field_that_is_missing_or_not_known_is_named(self, path: Path) -> None:
        lacking = {key: value for key, value in entry("play").items() if key != "after"}
        with pytest.raises(ConfigError, match=r"behaviours\.0\.after: (.|\n)*behaviours\.1\.colour: "):
            load_ethogram(written(path, lacking, entry(UNKNOWN, colour="red")))

    def test_a_file_that_is_not_there(self, path: Path) -> None:
        with pytest.raises(ConfigError, match=r"cannot read the ethogram .*ethogram.yaml: No such file"):
            load_ethogram(path)

    def test_a_file_that_is_no_yaml(self, path: Path) -> None:
        path.write_text("behaviours: [")
        with pytest.raises(ConfigError, match=r"ethogram.yaml is no YAML"):
            load_ethogram(path)

    def test_a_file_that_is_no_text(self, path: Path) -> None:
        path.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(ConfigError, match=r"ethogram.yaml is no YAML"):
            load_ethogram(path)

    @pytest.mark.parametrize("text", ["", "[]", "version: 1"])
    def test_a_file_without_behaviours(self, path: Path, text: str) -> None:
        path.write_text(text)
        with pytest.raises(ConfigError, match=r"wrong ethogram .*ethogram.yaml"):
            load_ethogram(path)
