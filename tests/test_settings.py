from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.job import settings_digest
from pipeline.settings import DEFAULT_SETTINGS, Settings, find_config, load_settings


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "park.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def defaults() -> Settings:
    return load_settings(environment={})


class TestSources:
    def test_every_default_is_in_the_shipped_file(self, defaults: Settings) -> None:
        assert defaults.detector.model == "megadetector-lite-tuned"
        assert defaults.site.timezone == "Asia/Vladivostok"
        assert load_settings(DEFAULT_SETTINGS, {}) == defaults

    def test_a_park_names_only_what_differs(self, tmp_path: Path, defaults: Settings) -> None:
        mine = load_settings(written(tmp_path, "detector:\n  rate_hz: 3\n"), {})
        assert mine.detector.rate_hz == 3
        assert mine == defaults.model_copy(update={"detector": defaults.detector.model_copy(update={"rate_hz": 3.0})})

    def test_the_environment_wins_over_both(self, tmp_path: Path, defaults: Settings) -> None:
        path = written(tmp_path, "detector:\n  rate_hz: 3\n  idle_s: 9\n")
        mine = load_settings(path, {"ETHOTRAP_DETECTOR__RATE_HZ": "8", "ETHOTRAP_CLIPS__SKIP": "[unknown, rest]"})
        assert (mine.detector.rate_hz, mine.detector.idle_s) == (8, 9)
        assert mine.clips.skip == ("unknown", "rest")
        assert mine.tracking == defaults.tracking

    def test_the_process_environment_is_read_by_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ETHOTRAP_RUN__WORKERS", "5")
        assert load_settings().run.workers == 5

    def test_other_variables_are_none_of_its_business(self, defaults: Settings) -> None:
        environment = {"ETHOTRAP_ARCHIVE": "/data", "OTHER_DETECTOR__RATE_HZ": "8", "HOME": "/home/ranger"}
        assert load_settings(environment=environment) == defaults

    def test_settings_cannot_be_changed_by_accident(self, defaults: Settings) -> None:
        with pytest.raises(ValueError, match="frozen"):
            defaults.run.workers = 3


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("detector:\n  rate: 6\n", r"detector\.rate: there is no such key"),
            ("detectors:\n  rate_hz: 6\n", r"detectors: there is no such key"),
            ("detector:\n  rate_hz: often\n", r"detector\.rate_hz: .*number.* \(got 'often'\)"),
            ("detector:\n  rate_hz: 0\n", r"detector\.rate_hz: .*greater than 0 \(got 0\)"),
            ("tracking:\n  hold_change: 15\n", r"tracking\.hold_change: .*less than or equal to 1 \(got 15\)"),
            ("run:\n  workers: 0\n", r"run\.workers: "),
            ("clips:\n  preset: best\n", r"clips\.preset: "),
            ("site:\n  timezone: Vladivostok\n", r"site\.timezone: 'Vladivostok' is no time zone"),
            ("detector:\n", r"detector: "),
        ],
    )
    def test_a_wrong_key_or_value_is_named_with_the_file(self, tmp_path: Path, text: str, complaint: str) -> None:
        with pytest.raises(ConfigError, match=rf"wrong settings in .*park\.yaml(.|\n)*{complaint}"):
            load_settings(written(tmp_path, text), {})

    def test_all_of_them_are_named_at_once(self, tmp_path: Path) -> None:
        path = written(tmp_path, "detector:\n  rate: 6\nrun:\n  workers: 0\n")
        with pytest.raises(ConfigError, match=r"detector\.rate: (.|\n)*run\.workers: "):
            load_settings(path, {})

    @pytest.mark.parametrize(
        ("name", "value", "complaint"),
        [
            ("ETHOTRAP_DETECTOR__RATE", "6", r"detector\.rate: "),
            ("ETHOTRAP_DETECTOR__RATE_HZ", "often", r"detector\.rate_hz: "),
            ("ETHOTRAP_DETECTORS__RATE_HZ", "6", r"detectors: "),
            ("ETHOTRAP_DETECTOR__MODEL", "[half", r" variable ETHOTRAP_DETECTOR__MODEL holds no YAML value: '\[half'"),
        ],
    )
    def test_so_is_a_wrong_variable(self, name: str, value: str, complaint: str) -> None:
        with pytest.raises(ConfigError, match=rf"environment(.|\n)*{complaint}"):
            load_settings(environment={name: value})

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"cannot read the settings file .*park.yaml: No such file"):
            load_settings(tmp_path / "park.yaml", {})

    @pytest.mark.parametrize("content", [b"detector: [", b"\xff\xfe\x00"])
    def test_a_file_that_is_no_yaml(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "park.yaml"
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=r"park.yaml is no YAML"):
            load_settings(path, {})

    @pytest.mark.parametrize("text", ["", "- detector\n", "just words\n"])
    def test_a_file_without_sections(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(ConfigError, match=r"park.yaml holds no settings: expected sections such as 'detector:'"):
            load_settings(written(tmp_path, text), {})


class TestDigest:
    def test_it_is_the_same_for_the_same_settings(self, defaults: Settings) -> None:
        assert settings_digest(defaults) == settings_digest(load_settings(environment={}))
        assert len(settings_digest(defaults)) == 12

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("ETHOTRAP_DETECTOR__RATE_HZ", "5"),
            ("ETHOTRAP_TRACKING__HOLD_CHANGE", "0.3"),
            ("ETHOTRAP_SPECIES__CROPS", "4"),
            ("ETHOTRAP_BEHAVIOUR__MIN_BOUT_S", "1"),
            ("ETHOTRAP_CLIPS__PADDING_S", "3"),
            ("ETHOTRAP_SITE__TIMEZONE", "Asia/Tokyo"),
            ("ETHOTRAP_RUN__ANALYSIS_WIDTH", "640"),
        ],
    )
    def test_it_changes_with_what_changes_a_result(self, defaults: Settings, variable: str, value: str) -> None:
        assert settings_digest(load_settings(environment={variable: value})) != settings_digest(defaults)

    @pytest.mark.parametrize("key", ["WORKERS", "BATCH", "TIMEOUT_S", "TIMEOUT_PER_MB"])
    def test_it_does_not_change_with_how_the_work_is_spread(self, defaults: Settings, key: str) -> None:
        assert settings_digest(load_settings(environment={f"ETHOTRAP_RUN__{key}": "7"})) == settings_digest(defaults)

    def test_it_changes_with_the_content_of_the_species_list(self, tmp_path: Path) -> None:
        own = tmp_path / "species.yaml"
        own.write_bytes(find_config("species.yaml").read_bytes())
        settings = load_settings(environment={"ETHOTRAP_SPECIES__LIST": str(own)})
        before = settings_digest(settings)
        own.write_text(own.read_text() + "\n# a remark\n")
        assert settings_digest(settings) != before


class TestNamedFiles:
    def test_a_bare_name_means_the_file_that_ships(self) -> None:
        assert find_config("ethogram.yaml") == DEFAULT_SETTINGS.parent / "ethogram.yaml"

    def test_a_path_means_that_file(self, tmp_path: Path) -> None:
        assert find_config(str(written(tmp_path, "x: 1"))) == tmp_path / "park.yaml"

    def test_a_file_that_is_nowhere_is_named(self) -> None:
        with pytest.raises(ConfigError, match=r"no file 'leopards.yaml', neither as given nor in .*configs"):
            find_config("leopards.yaml")
