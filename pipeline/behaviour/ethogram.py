"""The ethogram: which behaviours there are, and what each means.

A park need not write a whole ethogram. Its own file may extend the one that ships and name only what differs, by code:

    extends: ethogram.yaml
    behaviours:
      - {code: rub, name: cheek rub}      # renamed: the code, and so every label given, stays
      - {code: mating, enabled: false}    # switched off: nobody can give it any more
      - code: wallow                      # added: all fields are needed
        ...
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import ConfigError
from pipeline.settings import BASE_KEY, shipped_config
from pipeline.values import Array
from pipeline.yaml_file import fault, read_yaml

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
    at_once_with: tuple[str, ...] = Field(default=(), description="codes that may hold at the same time")
    camtrap_dp: str = Field(min_length=1, description="the word for Camtrap DP's column `behavior`")
    recognised: bool = Field(default=False, description="one of the classifiers that ship can name it")
    enabled: bool = Field(default=True, description="False: neither the classifier nor a person can give it")


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
        if not self.get(UNKNOWN).enabled:
            raise ValueError(f"{UNKNOWN} cannot be switched off: it is what the classifier says when it cannot tell")
        for behaviour in self.behaviours:
            for relation in ("confusable_with", "at_once_with"):
                strangers = [code for code in getattr(behaviour, relation) if code not in codes]
                if strangers:
                    raise ValueError(f"{behaviour.code} is {relation} {', '.join(strangers)}, which is not defined")
            if {behaviour.code, UNKNOWN} & set(behaviour.at_once_with):
                raise ValueError(f"{behaviour.code} can go at once with other behaviours alone, not with {UNKNOWN}")
        return self

    def codes(self) -> list[str]:
        """Every code, in order, those switched off too."""
        return [behaviour.code for behaviour in self.behaviours]

    def enabled_codes(self) -> list[str]:
        """Every code that can be given, in order."""
        return [behaviour.code for behaviour in self.behaviours if behaviour.enabled]

    def at_once(self) -> Mapping[str, frozenset[str]]:
        """For each code that can be given, those that may hold at the same time; if one entry says so, both may."""
        given = {one.code: set(one.at_once_with) for one in self.behaviours if one.enabled}
        return {
            code: frozenset(other for other, theirs in given.items() if other in own or code in theirs)
            for code, own in given.items()
        }

    def what_counts(self) -> list[tuple[str, bool, list[str]]]:
        """All of it that can change a result: each code in order, whether it can be given, and what it goes with."""
        return [(one.code, one.enabled, sorted(one.at_once_with)) for one in self.behaviours]

    def name_of(self, code: str) -> str:
        """What people read for a code; the code itself where there is none such, as of an older ethogram."""
        return next((one.name for one in self.behaviours if one.code == code), code)

    def code_of(self, word: str) -> str:
        """The code that a person means by a code or a name, in whatever case.

        Raises:
            ConfigError: there is none, and the message lists those that there are; or several have this name.
        """
        meant = word.casefold()
        if meant in self.codes():
            return meant
        named = [one.code for one in self.behaviours if one.name.casefold() == meant]
        if len(named) > 1:
            raise ConfigError(f"several behaviours are called {word!r}; give the code of one: {', '.join(named)}")
        return self.get(named[0] if named else word).code

    def get(self, code: str) -> Behaviour:
        """The entry of a code, switched off or not.

        Raises:
            ConfigError: there is none; the message lists those that there are.
        """
        for behaviour in self.behaviours:
            if behaviour.code == code:
                return behaviour
        raise ConfigError(f"the ethogram has no behaviour {code!r}; it has {', '.join(self.enabled_codes())}")

    def get_enabled(self, code: str) -> Behaviour:
        """The entry of a code that can be given.

        Raises:
            ConfigError: there is none, or it is switched off; the message lists those that can be given.
        """
        behaviour = self.get(code)
        if not behaviour.enabled:
            raise ConfigError(
                f"the behaviour {code!r} is switched off in the ethogram; it has {', '.join(self.enabled_codes())}"
            )
        return behaviour


def only_enabled(probabilities: Array, codes: Sequence[str], ethogram: Ethogram) -> Array:
    """Probabilities in which what the ethogram lacks or has switched off belongs to `unknown`.

    Args:
        probabilities: (n, k), one column a code; rows may sum to anything.
        codes: the k codes of the columns, `unknown` among them.
        ethogram: the park's.

    Returns:
        (n, k): columns that cannot be given are 0, and `unknown` has gained what they lost, so each row's sum stays.

    Raises:
        ValueError: `unknown` is not among the codes, or there are not as many codes as columns.
    """
    if UNKNOWN not in codes or probabilities.shape[1:] != (len(codes),):
        raise ValueError(f"expected a column for each code and {UNKNOWN!r} among them: {probabilities.shape}, {codes}")
    given = set(ethogram.enabled_codes())
    barred = np.array([code not in given for code in codes])
    kept = np.where(barred, 0.0, probabilities)
    kept[:, list(codes).index(UNKNOWN)] += probabilities[:, barred].sum(axis=1)
    return np.asarray(kept)


def load_ethogram(path: Path) -> Ethogram:
    """Read and check an ethogram, or a park's file that extends the one that ships.

    Raises:
        ConfigError: a file cannot be read, or an entry is wrong; the message names the file and the entry.
    """
    tree = read_yaml(path, "the ethogram")
    if isinstance(tree, dict) and BASE_KEY in tree:
        tree = _extended(tree, path)
    try:
        return Ethogram.model_validate(tree)
    except ValidationError as error:
        lines = [f"  {_place(e['loc'], tree)}: {fault(e)}" for e in error.errors()]
        raise ConfigError("\n".join([f"wrong ethogram {path}:", *lines])) from error


def _extended(tree: dict[str, Any], path: Path) -> dict[str, Any]:
    """The shipped ethogram's tree with a park's changes: entries of known codes are changed, others added."""
    base = read_yaml(shipped_config(tree[BASE_KEY], path), "the ethogram")
    changes = tree.get("behaviours") or []
    if not isinstance(changes, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("code"), str) for entry in changes
    ):
        raise ConfigError(f"wrong ethogram {path}: expected a list 'behaviours' whose every entry has a 'code'")
    codes = [entry["code"] for entry in changes]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ConfigError(f"wrong ethogram {path}: defined twice: {', '.join(twice)}")
    entries = {entry["code"]: entry for entry in base["behaviours"]}
    for entry in changes:
        entries[entry["code"]] = entries.get(entry["code"], {}) | entry
    rest = {key: value for key, value in tree.items() if key not in (BASE_KEY, "behaviours")}
    return {**base, **rest, "behaviours": list(entries.values())}


def _place(loc: tuple[int | str, ...], tree: Any) -> str:
    """Where something is wrong: `behaviours.3.name`, and the code that stands there."""
    where = ".".join(map(str, loc)) or "behaviours"
    if len(loc) > 1 and loc[0] == "behaviours" and isinstance(loc[1], int):
        entry = tree["behaviours"][loc[1]]
        if isinstance(entry, dict) and "code" in entry:
            return f"{where} (of {entry['code']!r})"
    return where
