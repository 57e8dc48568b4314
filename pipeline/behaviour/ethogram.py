"""The ethogram: which behaviours there are, and what each means."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import ConfigError

UNKNOWN = "unknown"


class Behaviour(BaseModel):
    """One entry of the ethogram."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="what commands, columns and exports write")
    name: str = Field(min_length=1, description="what people read")
    category: str = Field(min_length=1, description="group, such as scent-marking")
    type: Literal["state", "point"] = Field(description="has a duration, or happens at once")
    definition: str = Field(min_length=1, description="how to tell it")
    after: str = Field(min_length=1, description="the source of the definition")
    confusable_with: tuple[str, ...] = Field(description="codes that look alike")
    camtrap_dp: str = Field(min_length=1, description="the word for Camtrap DP's column `behavior`")
    recognised: bool = Field(default=False, description="the classifier that ships can name it")


class Ethogram(BaseModel):
    """All behaviours, in the order of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(ge=1, description="raise it whenever a definition changes")
    behaviours: tuple[Behaviour, ...]

    @model_validator(mode="after")
    def _consistent(self) -> "Ethogram":
        codes = self.codes()
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"defined twice: {', '.join(twice)}")
        if UNKNOWN not in codes:
            raise ValueError(f"there must be an entry {UNKNOWN!r}: it is what the classifier says when it cannot tell")
        for behaviour in self.behaviours:
            strangers = [code for code in behaviour.confusable_with if code not in codes]
            if strangers:
                raise ValueError(f"{behaviour.code} is confusable_with {', '.join(strangers)}, which is not defined")
        return self

    def codes(self) -> list[str]:
        """Every code, in order."""
        return [behaviour.code for behaviour in self.behaviours]

    def get(self, code: str) -> Behaviour:
        """The entry of a code.

        Raises:
            ConfigError: there is none; the message lists those that there are.
        """
        for behaviour in self.behaviours:
            if behaviour.code == code:
                return behaviour
        raise ConfigError(f"the ethogram has no behaviour {code!r}; it has {', '.join(self.codes())}")


def load_ethogram(path: Path) -> Ethogram:
    """Read and check an ethogram.

    Raises:
        ConfigError: the file cannot be read, or an entry is wrong; the message names it.
    """
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Ethogram.model_validate(tree)
    except OSError as error:
        raise ConfigError(f"cannot read the ethogram {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"the ethogram {path} is no YAML: {error}") from error
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'behaviours'}: {e['msg']}" for e in error.errors()]
        raise ConfigError("\n".join([f"wrong ethogram {path}:", *lines])) from error
