from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.individuals.calibration import CALIBRATION, read_calibration


def test_the_shipped_numbers_can_be_read() -> None:
    assert read_calibration().version >= 1


def test_a_missing_number_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "coat-matching.yaml"
    path.write_text(CALIBRATION.read_text().replace("\nversion:", "\nversoin:"))

    with pytest.raises(ConfigError, match=r"coat-matching.yaml is no calibration .*version.*restore the shipped file"):
        read_calibration(path)


@pytest.mark.parametrize("content", ["", "- 1\n- 2\n", "version: one\n"])
def test_what_is_no_calibration_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "coat-matching.yaml"
    path.write_text(content)

    with pytest.raises(ConfigError, match="is no calibration of coat matching"):
        read_calibration(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the calibration .*No such file"):
        read_calibration(tmp_path / "coat-matching.yaml")
