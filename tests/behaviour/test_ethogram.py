from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flows.command import status_of
from pipeline.behaviour.ethogram import UNKNOWN, Ethogram, load_ethogram, only_enabled
from pipeline.errors import ConfigError
from pipeline.job import settings_digest
from pipeline.settings import find_config, load_settings


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

    def test_each_class_has_a_definition_after_a_source_and_a_word_for_exports(self) -> None:
        for behaviour in load_ethogram(find_config("ethogram.yaml")).behaviours:
            assert behaviour.enabled
            assert len(behaviour.definition) > 20
            assert behaviour.after
            assert behaviour.camtrap_dp
            assert behaviour.code not in behaviour.confusable_with


class TestPark:
    """A park's own file that extends the one that ships."""

    def park(self, path: Path, *entries: dict[str, Any], **keys: Any) -> Ethogram:
        path.write_text(yaml.safe_dump({"extends": "ethogram.yaml", "behaviours": list(entries), **keys}))
        return load_ethogram(path)

    def test_without_entries_it_is_the_shipped_one(self, path: Path) -> None:
        assert self.park(path) == load_ethogram(find_config("ethogram.yaml"))

    def test_a_class_can_be_added_renamed_and_switched_off(self, path: Path) -> None:
        ethogram = self.park(
            path,
            entry("wallow", confusable_with=["rest"]),
            {"code": "rub", "name": "cheek rub"},
            {"code": "mating", "enabled": False},
            version=7,
        )
        shipped = load_ethogram(find_config("ethogram.yaml"))
        assert ethogram.codes() == [*shipped.codes(), "wallow"]
        assert ethogram.enabled_codes() == [code for code in ethogram.codes() if code != "mating"]
        assert ethogram.get("rub").name == "cheek rub"
        assert ethogram.get("rub").definition == shipped.get("rub").definition
        assert ethogram.version == 7

    def test_two_go_together_if_either_entry_says_so(self, path: Path) -> None:
        ethogram = self.park(
            path, entry("wallow", at_once_with=["groom"]), {"code": "rub", "enabled": False}, entry("drum")
        )
        at_once = ethogram.at_once()
        assert at_once["groom"] == {"wallow"}
        assert at_once["wallow"] == {"groom"}
        assert at_once["drum"] == set()
        assert "camera_interaction" in at_once["spray"]
        assert "rub" not in at_once
        assert "rub" not in at_once["camera_interaction"]

    def test_a_switched_off_class_can_be_read_but_not_given(self, path: Path) -> None:
        ethogram = self.park(path, {"code": "mating", "enabled": False})
        assert ethogram.get("mating").name == "mating"
        with pytest.raises(ConfigError, match=r"'mating' is switched off in the ethogram; it has travel, "):
            ethogram.get_enabled("mating")
        assert ethogram.get_enabled("play").code == "play"

    def test_a_class_that_is_new_needs_every_field(self, path: Path) -> None:
        with pytest.raises(ConfigError, match=r"ethogram.yaml:\n(.|\n)*name \(of 'wallow'\): Field required"):
            self.park(path, {"code": "wallow"})

    def test_unknown_cannot_be_switched_off(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="unknown cannot be switched off"):
            self.park(path, {"code": UNKNOWN, "enabled": False})

    @pytest.mark.parametrize("base", ["park.yaml", "../configs/ethogram.yaml", 3, None])
    def test_what_it_extends_has_to_ship(self, path: Path, base: Any) -> None:
        with pytest.raises(ConfigError, match=r"ethogram.yaml extends .*, which is no file in .*configs"):
            self.park(path, extends=base)

    def test_entries_need_a_code_of_their_own(self, path: Path) -> None:
        with pytest.raises(ConfigError, match=r"wrong ethogram .*: defined twice: play"):
            self.park(path, {"code": "play", "name": "a"}, {"code": "play", "name": "b"})
        with pytest.raises(ConfigError, match=r"wrong ethogram .*: expected a list 'behaviours' .* 'code'"):
            self.park(path, {"name": "a"})

    @pytest.mark.parametrize(
        ("change", "counts"),
        [
            ({"code": "mating", "enabled": False}, True),
            ({"code": "rest", "at_once_with": ["groom"]}, True),
            ({"code": "rub", "name": "cheek rub", "definition": "Rubs a cheek."}, False),
        ],
    )
    def test_what_can_be_named_changes_results_and_what_it_is_called_does_not(
        self, path: Path, change: dict[str, Any], counts: bool
    ) -> None:
        self.park(path)
        settings = load_settings(environment={"ETHOTRAP_BEHAVIOUR__ETHOGRAM": str(path)})
        before = settings_digest(settings)
        self.park(path, change)
        assert (settings_digest(settings) != before) is counts

    def test_people_may_say_a_name_for_a_code(self, path: Path) -> None:
        ethogram = self.park(path, {"code": "rub", "name": "Cheek rub"})
        assert [ethogram.code_of(word) for word in ("rub", "cheek RUB", "Rest")] == ["rub", "rub", "rest"]
        assert [ethogram.name_of(code) for code in ("rub", "of old")] == ["Cheek rub", "of old"]
        with pytest.raises(ConfigError, match="the ethogram has no behaviour 'purr'; it has travel, "):
            ethogram.code_of("purr")

    def test_a_name_that_two_behaviours_have_asks_for_a_code(self, path: Path) -> None:
        ethogram = self.park(path, {"code": "rub", "name": "scent-mark"}, {"code": "spray", "name": "Scent-mark"})
        with pytest.raises(ConfigError, match=r"several behaviours are called 'scent-mark'; give .* spray, rub"):
            ethogram.code_of("scent-mark")
        named_like_another = self.park(path, {"code": "rub", "name": "spray"})
        assert named_like_another.code_of("Spray") == "spray"

    def test_nobody_can_label_with_a_class_that_is_switched_off(
        self, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.park(path, {"code": "mating", "enabled": False})
        monkeypatch.setenv("ETHOTRAP_BEHAVIOUR__ETHOGRAM", str(path))
        assert status_of(["label", "3f2a9c0d11e4b7a8.1.2", "--behaviour", "mating"]) == 2
        assert "'mating' is switched off" in capsys.readouterr().err


class TestOnlyEnabled:
    """What a classifier may not say goes to `unknown`."""

    CODES = ("travel", "mating", UNKNOWN, "dance")

    @pytest.fixture
    def ethogram(self, path: Path) -> Ethogram:
        return load_ethogram(written(path, entry("travel"), entry("mating", enabled=False), entry(UNKNOWN)))

    def test_the_belief_in_what_is_off_or_not_there_goes_to_unknown(self, ethogram: Ethogram) -> None:
        given = np.array([[0.4, 0.3, 0.1, 0.2], [1.0, 0.0, 0.0, 0.0]])
        before = given.copy()
        kept = only_enabled(given, self.CODES, ethogram)
        assert kept == pytest.approx(np.array([[0.4, 0, 0.6, 0], [1.0, 0, 0, 0]]))
        assert (given == before).all()

    def test_no_samples_give_none(self, ethogram: Ethogram) -> None:
        assert only_enabled(np.zeros((0, 4)), self.CODES, ethogram).shape == (0, 4)

    @given(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=5))
    def test_each_row_keeps_its_sum(self, rows: list[list[float]]) -> None:
        ethogram = Ethogram.model_validate(
            {"version": 1, "behaviours": [entry("travel", enabled=False), entry(UNKNOWN)]}
        )
        kept = only_enabled(np.array(rows), self.CODES, ethogram)
        assert kept.sum(axis=1) == pytest.approx(np.array(rows).sum(axis=1))
        assert (kept[:, [0, 1, 3]] == 0).all()

    def test_the_columns_have_to_be_named_and_unknown_among_them(self, ethogram: Ethogram) -> None:
        with pytest.raises(ValueError, match="a column for each code"):
            only_enabled(np.zeros((2, 3)), self.CODES, ethogram)
        with pytest.raises(ValueError, match="'unknown' among them"):
            only_enabled(np.zeros((2, 1)), ["travel"], ethogram)


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

    def test_so_does_one_that_may_hold_at_the_same_time(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="play is at_once_with dance, which is not defined"):
            load_ethogram(written(path, entry("play", at_once_with=["dance"]), entry(UNKNOWN)))

    @pytest.mark.parametrize("other", ["play", UNKNOWN])
    def test_nothing_goes_with_itself_or_with_unknown(self, path: Path, other: str) -> None:
        with pytest.raises(ConfigError, match="play can go at once with other behaviours alone"):
            load_ethogram(written(path, entry("play", at_once_with=[other]), entry(UNKNOWN)))

    @pytest.mark.parametrize(
        ("field", "value"), [("code", "Big Cat"), ("type", "event"), ("definition", ""), ("camtrap_dp", "")]
    )
    def test_a_wrong_field_is_named_with_its_place(self, path: Path, field: str, value: str) -> None:
        with pytest.raises(ConfigError, match=rf"behaviours\.1\.{field} \(of '.*'\): "):
            load_ethogram(written(path, entry(UNKNOWN), {**entry("play"), field: value}))

    def test_a_field_that_is_missing_or_not_known_is_named(self, path: Path) -> None:
        lacking = {key: value for key, value in entry("play").items() if key != "after"}
        with pytest.raises(
            ConfigError, match=r"behaviours\.0\.after \(of 'play'\): (.|\n)*1\.colour \(of 'unknown'\): "
        ):
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
