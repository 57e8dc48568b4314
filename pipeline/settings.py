"""Ethotrap's settings: one typed tree, read from YAML, every key with its unit, bounds and meaning.

`configs/default.yaml` holds every default. A park's own file needs to name only the keys that differ;
environment variables such as `ETHOTRAP_DETECTOR__RATE_HZ=8` win over both.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipeline.errors import ConfigError
from pipeline.footage.clock import iana_zone
from pipeline.yaml_file import fault, read_yaml

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
DEFAULT_SETTINGS = CONFIGS / "default.yaml"
ENVIRONMENT_PREFIX = "ETHOTRAP_"
NETWORK_SUFFIX = ".onnx"  # of a file that `behaviour.model` names by its path
RULES = "rules"  # the value of `behaviour.model` that stands for no network
BASE_KEY = "extends"  # in a file that names only what differs from one that ships

Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteSettings(_Section):
    """Where the traps stand."""

    timezone: str = Field(description="IANA zone in which cameras' clocks run unless a deployment says otherwise")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return iana_zone(value).key
        except ConfigError as error:
            raise ValueError(str(error)) from error


class DetectorSettings(_Section):
    """Which network looks for animals, and how."""

    model: str = Field(description="a name from models/registry.yaml")
    rate_hz: float = Field(gt=0, le=60, description="pictures a second that the detector looks at")
    idle_s: float = Field(ge=0, description="seconds after which it looks again although nothing has moved; 0: always")
    close_up_side: int = Field(ge=0, description="pixels of a second, smaller look for animals that fill the picture")
    min_score: float = Field(ge=0, le=1, description="boxes below this score are dropped")
    iou: float = Field(gt=0, le=1, description="boxes overlapping more than this are one (non-maximum suppression)")


class TrackingSettings(_Section):
    """How boxes become tracks."""

    start_score: float = Field(ge=0, le=1, description="a track starts only from a box of at least this score")
    high_score: float = Field(ge=0, le=1, description="boxes from here up are matched first (ByteTrack's first round)")
    match_distance: float = Field(gt=0, le=1, description="largest 1 - IoU at which a box still belongs to a track")
    buffer_s: float = Field(gt=0, description="seconds that a lost track is remembered")
    min_seen: int = Field(ge=1, description="a track needs at least this many boxes that the detector saw")
    peak_score: float = Field(
        ge=0, le=1, description="the mean of a track's `min_seen` best scores must reach this, or its species be sure"
    )
    hold_change: float = Field(ge=0, le=1, description="it is held while at most this share of its place changes")
    hold_max_s: float = Field(gt=0, description="seconds that an animal is held without the detector seeing it")
    join_gap_s: float = Field(ge=0, description="seconds that may lie between two parts of one track")


class SpeciesSettings(_Section):
    """How a track gets its species."""

    model: str = Field(description="a name from models/registry.yaml")
    list: str = Field(description="species of the region, a file in configs/ or a path")
    crops: int = Field(ge=1, le=64, description="best crops of a track that are asked")
    person_from: float = Field(ge=0, le=1, description="from this belief on a track may be a person or a vehicle")
    min_probability: float = Field(ge=0, le=1, description="below this the species is 'unknown'")
    min_region_share: float = Field(ge=0, le=1, description="least share of belief on the region's species")


class BehaviourSettings(_Section):
    """How tracks become bouts."""

    model: str = Field(
        description="a name from models/registry.yaml, the path of an .onnx file, or `rules`, which need no network;"
        " where it is left as it is, an archive that has learned a network of its own is analysed with that"
    )
    sure_from: float = Field(
        ge=0,
        le=1,
        description="belief from which the network's word counts of strangers; below it the rules speak; 0: never",
    )
    ethogram: str = Field(description="the ethogram, a file in configs/ or a path; it may extend the one that ships")
    min_bout_s: float = Field(ge=0, description="seconds below which a bout is merged into its neighbours")
    min_probability: float = Field(ge=0, le=1, description="below this a bout is 'unknown'")
    min_lead: float = Field(
        ge=0, le=1, description="a bout is 'unknown' if another behaviour is likelier than this much below its own"
    )
    also_from: float = Field(
        gt=0, le=1, description="probability from which a bout is said to show a second behaviour that may go with it"
    )
    marking_tree_odds: float = Field(
        gt=0, le=100, description="how many times as likely scent-marking is where the deployment is a marking tree"
    )

    @property
    def model_file(self) -> Path | None:
        """The network's file where `model` is a path; None where it is a name."""
        return Path(self.model) if self.model.endswith(NETWORK_SUFFIX) else None


class ClipSettings(_Section):
    """How bouts become playable files."""

    padding_s: float = Field(ge=0, le=30, description="seconds before and after the bout")
    crf: int = Field(ge=0, le=51, description="x264 quality, lower is better")
    preset: Preset = Field(description="x264 speed")
    skip: tuple[str, ...] = Field(description="behaviours that get no clip")


class RunSettings(_Section):
    """How a night's work is spread."""

    workers: int = Field(ge=1, description="child processes, each with its own models")
    batch: int = Field(ge=1, description="videos a Prefect task")
    timeout_s: float = Field(gt=0, description="seconds after which a video is given up, beside timeout_per_mb")
    timeout_per_mb: float = Field(ge=0, description="further seconds allowed for each megabyte of video")
    analysis_width: int = Field(ge=64, description="pixels; wider pictures are first scaled down to this")


class Settings(_Section):
    """Everything that changes what Ethotrap does."""

    site: SiteSettings
    detector: DetectorSettings
    tracking: TrackingSettings
    species: SpeciesSettings
    behaviour: BehaviourSettings
    clips: ClipSettings
    run: RunSettings


def find_config(name: str) -> Path:
    """The file that a setting names: as given if it exists, else inside `configs/`.

    Raises:
        ConfigError: there is no such file in either place.
    """
    for candidate in (Path(name), CONFIGS / name):
        if candidate.is_file():
            return candidate
    raise ConfigError(f"no file {name!r}, neither as given nor in {CONFIGS}")


def shipped_config(name: object, named_by: Path) -> Path:
    """The file in `configs/` that another file extends.

    Args:
        name: what stands there.
        named_by: the file in which it stands, for the message.

    Raises:
        ConfigError: no such file ships.
    """
    path = CONFIGS / str(name)
    if not isinstance(name, str) or path.parent != CONFIGS or not path.is_file():
        raise ConfigError(f"{named_by} extends {name!r}, which is no file in {CONFIGS}; write the name of one that is")
    return path


def load_settings(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the defaults, then `path`, then `ETHOTRAP_SECTION__KEY` variables, the last one winning.

    Args:
        path: a YAML file that names the keys to change; None for the defaults alone.
        environment: variables to read; the process's own by default.

    Raises:
        ConfigError: the file is missing, is no YAML, or holds a wrong key or value; every such key is named.
    """
    tree = _read_yaml(DEFAULT_SETTINGS)
    if path is not None:
        _merge(tree, _read_yaml(path))
    _merge(tree, _from_environment(os.environ if environment is None else environment))
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {fault(e)} (got {e['input']!r})" for e in error.errors()]
        source = f"{path or 'the defaults'} or the environment"
        raise ConfigError("\n".join([f"wrong settings in {source}:", *lines])) from error


def _read_yaml(path: Path) -> dict[str, Any]:
    tree = read_yaml(path, "the settings file")
    if not isinstance(tree, dict):
        raise ConfigError(f"{path} holds no settings: expected sections such as 'detector:'")
    return tree


def _merge(tree: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(tree.get(key), dict):
            _merge(tree[key], value)
        else:
            tree[key] = value


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in environment.items():
        section, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if name.startswith(ENVIRONMENT_PREFIX) and separator:
            try:
                tree.setdefault(section, {})[key] = yaml.safe_load(value)
            except yaml.YAMLError as error:
                raise ConfigError(f"the environment variable {name} holds no YAML value: {value!r}") from error
    return tree
