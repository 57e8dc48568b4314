"""How scores become probabilities: fitted numbers in configs/coat-matching.yaml, with what they were fitted on."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.individuals.flanks import FlankRule
from pipeline.settings import CONFIGS
from pipeline.yaml_file import read_yaml

CALIBRATION = CONFIGS / "coat-matching.yaml"


@dataclass(frozen=True, slots=True)
class SameRule:
    """Log-odds that two views show one animal."""

    base: float
    score: float  # for one unit of log(1 + score)


@dataclass(frozen=True, slots=True)
class FoundRule:
    """Log-odds that an animal would have been found if it were known."""

    base: float
    features: float  # for one unit of log(1 + features of the query)


@dataclass(frozen=True, slots=True)
class Calibration:
    """All fitted numbers of coat matching."""

    version: int  # scores of different versions are not to be compared
    trained_on: str
    same: SameRule
    found: FoundRule
    flank: FlankRule


def read_calibration(path: Path = CALIBRATION) -> Calibration:
    """The calibration in a file, the shipped one by default.

    Raises:
        ConfigError: the file cannot be read, or a number is missing or too many.
    """
    tree = read_yaml(path, "the calibration")
    try:
        return Calibration(
            version=int(tree["version"]),
            trained_on=str(tree["trained_on"]),
            same=SameRule(**{name: float(value) for name, value in tree["same"].items()}),
            found=FoundRule(**{name: float(value) for name, value in tree["found"].items()}),
            flank=FlankRule(**{name: float(value) for name, value in tree["flank"].items()}),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path} is no calibration of coat matching ({error}); restore the shipped file") from error
