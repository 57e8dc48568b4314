"""What the archive answers with. Field names of these rows are the keys of every `--json` listing: keep them stable.

A person's word wins: `behaviour` and `species` are the person's where there is one, else the machine's. Both stand
beside them in `human_...` and `machine_...`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path

from pipeline.store.matching import Label
from pipeline.store.result import AnalysisKey
from pipeline.values import ClipQuality, DecodeReport, Footage, Indicator, Kind, State, VideoInfo

_PLAIN = frozenset({str, int, float, bool})


@dataclass(frozen=True, slots=True)
class BoutRow:
    """One bout, as a list shows it."""

    bout: str
    media: str
    file: Path
    track: int  # its number in the video
    species: str
    behaviour: str
    start_s: float
    end_s: float
    probability: float  # the machine's, of its own behaviour
    location: str | None
    captured_at: datetime | None  # start of the video, with the offset of the camera's zone; None: undated
    kind: Kind
    machine_species: str
    human_species: str | None
    machine_behaviour: str
    human_behaviour: str | None
    clip: Path | None
    poster: Path | None
    evidence: str
    also: tuple[str, ...]  # what else the machine saw meanwhile, likeliest first; none where a person named the bout
    censored_start: bool  # it was already going on when the video or the track began
    censored_end: bool


@dataclass(frozen=True, slots=True)
class OpenBout:
    """Of a bout whose behaviour no person has named, what says how much naming it would teach."""

    bout: str
    behaviour: str
    machine_behaviour: str
    probability: float
    start_s: float
    end_s: float
    location: str | None


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One animal, person or vehicle through one video, as a list shows it."""

    media: str
    file: Path
    track: int
    species: str
    start_s: float
    end_s: float
    seen_share: float
    kind: Kind
    kind_probability: float
    species_probability: float  # the machine's, of its own species
    machine_species: str
    human_species: str | None
    location: str | None
    captured_at: datetime | None


@dataclass(frozen=True, slots=True)
class MediaRow:
    """One video, with what its file declares and what decoding gave."""

    media: str
    file: Path
    state: State
    reason: str
    location: str | None
    deployment: str | None
    captured_at: datetime | None
    camera_clock: str | None
    time_tag: str | None
    clock_shift_s: float | None
    time_notes: tuple[str, ...]
    size_bytes: int
    container: str | None
    codec: str | None
    width: int | None
    height: int | None
    declared_frames: int | None
    decoded_frames: int | None
    declared_duration_s: float | None
    decoded_duration_s: float | None
    declared_fps: float | None
    damaged_packets: int | None
    longest_gap_s: float | None
    decode_complaint: str | None
    code_version: str | None  # of the last analysis, as are the two below
    models: Mapping[str, str] | None
    settings_digest: str | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One track with its health indicators."""

    track: TrackRow
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class InView:
    """A video that shows a person or a vehicle."""

    media: str
    file: Path
    kinds: tuple[Kind, ...]
    location: str | None
    captured_at: datetime | None


@dataclass(frozen=True, slots=True)
class BoutDetail:
    """Everything about one bout: what was seen, on what evidence, by which models, and what people said."""

    bout: BoutRow
    clip_start_s: float | None
    clip_end_s: float | None
    quality: ClipQuality | None
    track: TrackRow
    species_scores: Mapping[str, float]
    indicators: tuple[Indicator, ...]
    labels: tuple[Label, ...]  # of the video, withdrawn ones too
    footage: Footage
    copies: tuple[Path, ...]  # every file with this content
    info: VideoInfo
    decoded: DecodeReport
    analysed: AnalysisKey
    analysed_at: datetime
    boxes: Path | None


def as_json(value: object) -> object:
    """A row, or anything in one, as plain JSON values: fields become keys, times ISO 8601, paths text."""
    if value is None or type(value) in _PLAIN:  # most of what there is; exactly these, for an Enum may be a str
        return value
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset)):
        return [as_json(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
