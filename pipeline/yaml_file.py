"""YAML files that people write: reading one, and saying in plain words what is wrong in it."""

from pathlib import Path
from typing import Any

import yaml
from pydantic_core import ErrorDetails

from pipeline.errors import ConfigError


def read_yaml(path: Path, what: str) -> Any:
    """The tree in a file.

    Args:
        path: the file.
        what: what it is, for the message, such as `the settings file`.

    Raises:
        ConfigError: it cannot be read, or is no YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {what} {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{what} {path} is no YAML: {error}") from error


def fault(error: ErrorDetails) -> str:
    """What is wrong at one place, as people say it: pydantic speaks of extra inputs where a key is misspelt."""
    if error["type"] == "extra_forbidden":
        return "there is no such key; is it misspelt, or in the wrong place?"
    return error["msg"].removeprefix("Value error, ").replace("Input should be", "it should be", 1)
