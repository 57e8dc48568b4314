"""What the rest of the pipeline hands to the store.

Small, picklable and free of SQLAlchemy, so that the processes that analyse video import it cheaply.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from pipeline.values import Bout, Clip, DecodeReport, Footage, Indicator, Kind, State, Track, VideoInfo

ID_DIGITS = 16
PLACE_STEP_S = 0.5
PLACE_LIMIT = 240

Place = tuple[float, float, float, float, float]  # t in seconds, then x, y, w, h as shares of the picture


@dataclass(frozen=True, slots=True)
class FileSeen:
    """One file as a scan found it."""

    path: Path
    size_bytes: int
    mtime_ns: int
    sha256: str | None  # 64 hex digits; None if it could not be read
    complaint: str = ""  # why it cannot be analysed at all, such as "empty file (0 bytes)"
    transient: bool = False  # the complaint may pass by itself, as a missing permission does
    continues: str | None = None  # id of the content that lay here before, if it was the beginning of this one

    @property
    def media_id(self) -> str | None:
        """Id of the file's content: the first 16 hex digits of its SHA-256; None if it was not read."""
        return None if self.sha256 is None else self.sha256[:ID_DIGITS]


@dataclass(frozen=True, slots=True)
class AnalysisKey:
    """All that decides what an analysis of a given content gives. Equal keys, equal results."""

    code_version: str
    models: Mapping[str, str]  # name to digest of the weights
    settings_digest: str

    @property
    def digest(self) -> str:
        """16 hex digits that stand for this key."""
        return _digest([self.code_version, sorted(self.models.items()), self.settings_digest])

    def analysis_id(self, media_id: str) -> str:
        """Id of the analysis of this content under this key: 16 hex digits."""
        return _digest([media_id, self.digest])


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """A track without its per-frame arrays, which live in Parquet."""

    number: int
    kind: Kind
    kind_probability: float  # 0..1
    species: str
    species_probability: float  # 0..1
    species_scores: Mapping[str, float]
    start_s: float
    end_s: float
    frames: int
    seen_share: float  # 0..1
    median_height: float  # of the box, share (0..1) of the picture's height
    places: tuple[Place, ...]  # the box about every half second: where labels are looked up


@dataclass(frozen=True, slots=True)
class NumberedBout:
    """A bout with its number within its track, and its clip once that is cut."""

    bout: Bout
    number: int  # 1, 2, ... within the track, in order of start
    clip: Clip | None = None  # path and poster relative to the archive


@dataclass(frozen=True, slots=True)
class FlankView:
    """One picture of one flank of a track's animal, for telling individuals apart."""

    track: int
    t: float  # seconds in the video
    flank: str  # left, right or other: the animal's own
    flank_probability: float  # 0..1
    quality: float  # 0..1, how well a pattern can be read
    picture: Path  # relative to the archive
    pattern: Path | None = None  # what a matcher keeps of it, relative to the archive


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """All that one analysis found in one video; it reaches the database as a whole or not at all."""

    footage: Footage
    key: AnalysisKey
    info: VideoInfo
    report: DecodeReport
    tracks: tuple[TrackSummary, ...]
    bouts: tuple[NumberedBout, ...]
    indicators: tuple[Indicator, ...]
    seconds: float  # what the analysis took
    boxes_path: Path | None = None  # per-frame boxes, relative to the archive; None without tracks
    views: tuple[FlankView, ...] = ()

    @property
    def state(self) -> State:
        """`analysed`, or `blank` when nothing was tracked."""
        return State.ANALYSED if self.tracks else State.BLANK


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one video could not be analysed, with whatever was learnt before it failed."""

    media_id: str
    key: AnalysisKey
    reason: str
    transient: bool  # worth another try next night although nothing changed
    seconds: float = 0.0
    footage: Footage | None = None
    info: VideoInfo | None = None
    report: DecodeReport | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """One run over the footage."""

    night_id: str
    started_at: datetime
    finished_at: datetime
    counts: Mapping[str, float] = field(default_factory=dict)
    report_path: Path | None = None  # relative to the archive


def track_id(media_id: str, track: int) -> str:
    """Id of a track: its video's id and its number in it, such as `3f2a9c0d11e4b7a8.1`."""
    return f"{media_id}.{track}"


def bout_id(media_id: str, track: int, number: int) -> str:
    """Id of a bout: its track's id and its number in that track, such as `3f2a9c0d11e4b7a8.1.2`."""
    return f"{media_id}.{track}.{number}"


def view_id(media_id: str, track: int, number: int) -> str:
    """Id of a flank view: its track's id and its number in that track, such as `3f2a9c0d11e4b7a8.1.v2`."""
    return f"{media_id}.{track}.v{number}"


def number_bouts(bouts: Sequence[Bout]) -> tuple[NumberedBout, ...]:
    """Bouts sorted by track, start and end, each with its number within its track. The order given does not matter."""
    count: defaultdict[int, int] = defaultdict(int)
    numbered = []
    for bout in sorted(bouts, key=lambda b: (b.track, b.start_s, b.end_s, b.behaviour)):
        count[bout.track] += 1
        numbered.append(NumberedBout(bout, count[bout.track]))
    return tuple(numbered)


def summarise_track(track: Track) -> TrackSummary:
    """What the database keeps of a track. Its boxes are thinned to one every half second, at most 240 of them."""
    return TrackSummary(
        number=track.number,
        kind=track.kind,
        kind_probability=float(track.kind_probability),
        species=track.species,
        species_probability=float(track.species_probability),
        species_scores={name: float(score) for name, score in track.species_scores.items()},
        start_s=track.start_s,
        end_s=track.end_s,
        frames=len(track.t),
        seen_share=track.seen_share,
        median_height=float(np.median(track.boxes[:, 3])),
        places=_places(track),
    )


def _places(track: Track) -> tuple[Place, ...]:
    wanted = min(PLACE_LIMIT, 2 + int((track.end_s - track.start_s) / PLACE_STEP_S))
    times = np.linspace(track.start_s, track.end_s, wanted)
    nearest = np.unique(np.clip(np.searchsorted(track.t, times), 0, len(track.t) - 1))
    rows = np.column_stack([track.t[nearest], track.boxes[nearest]]).round(4)
    return tuple((t, x, y, w, h) for t, x, y, w, h in rows.tolist())


def _digest(parts: object) -> str:
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
