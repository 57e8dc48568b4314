"""The small, immutable values that travel through the pipeline, in the order in which they are made.

Times inside a video are seconds from its first picture, taken from presentation time stamps.
Boxes are `x, y, w, h` as shares (0..1) of the picture, `x, y` the top left corner.
Lengths are body lengths unless a name says otherwise.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Kind(StrEnum):
    """What a detection or a track is, in the terms that privacy and alerts need."""

    ANIMAL = "animal"
    PERSON = "person"
    VEHICLE = "vehicle"
    UNKNOWN = "unknown"  # an animal more likely than not, but too likely a person or a vehicle to be shown in a film


PEOPLE = (Kind.PERSON, Kind.VEHICLE)  # they have no species and no behaviour
PERHAPS_PEOPLE = (*PEOPLE, Kind.UNKNOWN)
BLANK = "blank"  # the species that a person gives to what is none: a stump, a shadow, grass (after Camtrap DP's term)
NO_ANIMALS = (*PEOPLE, BLANK)  # what a track may be called that has no behaviour


class State(StrEnum):
    """Where a video stands in the ledger."""

    PENDING = "pending"
    ANALYSED = "analysed"
    BLANK = "blank"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One camera at one place for one stretch of time (a row of Camtrap DP's deployments.csv)."""

    deployment_id: str
    location_id: str
    latitude: float | None  # degrees, WGS 84
    longitude: float | None
    start: datetime | None  # aware
    end: datetime | None  # aware
    zone: str  # IANA name or fixed offset such as "+10:00" in which the camera's clock runs
    clock_shift_s: float = 0.0  # added to what the camera said
    clock_shift_reason: str = ""
    location_name: str = ""
    camera_id: str = ""
    camera_model: str = ""
    feature_type: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When a video was filmed, and on whose word."""

    at: datetime  # aware, UTC, corrected by the deployment's shift
    camera_clock: datetime  # naive: exactly what the camera wrote
    tag: str  # which tag said so, such as "QuickTime:creation_time"
    zone: str
    clock_shift_s: float
    own_offset: bool | None = field(default=None, compare=False)  # the tag named the zone; None: nobody wrote it down


@dataclass(frozen=True, slots=True)
class Footage:
    """One video's content, found at one or more paths."""

    path: Path
    media_id: str  # first 16 hex digits of the content's SHA-256
    size_bytes: int
    deployment: Deployment | None = None
    captured: CaptureTime | None = None
    time_notes: tuple[str, ...] = ()  # why it is undated, or dated outside its deployment


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a container declares about its picture, before anything is decoded."""

    container: str
    codec: str
    width: int  # square pixels as shown, after rotation
    height: int
    declared_frames: int | None
    declared_duration_s: float | None
    declared_fps: float | None
    rotation: int = 0  # degrees counter-clockwise that a player must turn the picture: 0, 90, 180, 270


@dataclass(frozen=True, slots=True)
class DecodeReport:
    """What decoding really gave, to be set beside what was declared."""

    decoded_frames: int
    decoded_duration_s: float
    damaged_packets: int
    longest_gap_s: float
    complaint: str = ""  # empty if the whole declared video was read


@dataclass(frozen=True, slots=True)
class Detection:
    """One box that the detector gave in one picture."""

    box: tuple[float, float, float, float]
    score: float  # 0..1
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One animal, person or vehicle through one video: a box for every frame from first to last."""

    number: int  # 1, 2, ... in order of appearance
    kind: Kind
    kind_probability: float
    frame: NDArray[np.int64]  # (n,) index of the decoded frame
    t: Array  # (n,) seconds
    boxes: Array  # (n, 4)
    seen: NDArray[np.bool_]  # (n,) the detector saw it in this very frame; False: filled
    score: Array  # (n,) the detector's score; NaN where filled
    species: str = "unknown"
    species_probability: float = 0.0
    species_scores: dict[str, float] = field(default_factory=dict)

    @property
    def start_s(self) -> float:
        """Time of the first box, seconds."""
        return float(self.t[0])

    @property
    def end_s(self) -> float:
        """Time of the last box, seconds."""
        return float(self.t[-1])

    @property
    def seen_share(self) -> float:
        """Share (0..1) of the frames in which the detector itself saw it."""
        return float(self.seen.mean())


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What was seen inside a track's boxes, sample by sample; NaN where it is not known.

    Cells divide the square window around the box (`pipeline.tracking.looks`), row by row from the top left.
    """

    silhouette: Array  # (n, c, c) share 0..1 of a cell that differs from the scene without the animal
    change: Array  # (n, c, c) share 0..1 of a cell that changed since the picture before
    flow: Array  # (n, c, c, 2) to the right and downward, window sides a second
    embedding: NDArray[np.float16]  # (n, d) the species network's features of the crop; d may be 0


def in_scene(boxes: Array, drift: Array | None) -> Array:
    """Boxes as they would lie if the camera had not turned since the video began.

    Args:
        boxes: (n, 4).
        drift: (n, 2) to where the scene has gone in each picture; None: the camera hangs still.

    Returns:
        (n, 4).
    """
    return boxes if drift is None else boxes - np.pad(drift, ((0, 0), (0, 2)))


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What was measured of one track in the pictures that the detector looked at. All arrays are (n,) or (n, 4)."""

    t: Array  # seconds, rising
    boxes: Array  # (n, 4)
    seen: NDArray[np.bool_]  # the detector saw it; False: held, since nothing had changed where it sat
    inner_motion: Array  # share (0..1) of the box's cells that changed since the sample before; NaN for the first
    sharpness: Array  # 0..1; NaN where held
    looks: Looks | None = None  # None: nothing but boxes is known
    drift: Array | None = None  # (n, 2) to where the scene has gone since the video began; None: the camera hangs still

    @property
    def scene_boxes(self) -> Array:
        """(n, 4) the boxes as they would lie if the camera had not turned since the video began."""
        return in_scene(self.boxes, self.drift)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """A track's motion as time series, free of resolution and frame rate. All arrays are (n,), one value a sample."""

    t: Array  # seconds
    speed: Array  # body lengths a second, smoothed
    stretch: Array  # width over height of the box, both in pixels
    height: Array  # box height in body lengths
    inner_motion: Array  # picture change inside the box a second, 0..1 of full scale; NaN if not measured
    visible: NDArray[np.bool_]  # the box is whole, big enough and backed by detections nearby
    body_length: float  # share of the picture's width that one body length takes
    edge: NDArray[np.bool_]  # the box touches the picture's edge
    approach: Array  # body lengths a second along the line of sight, positive towards the camera
    is_thing: bool = False  # what is followed never moves, or may as well be a stump: it is nobody's company
    goes_nowhere: bool = False  # it stays in its place throughout: nobody travels with it


@dataclass(frozen=True, slots=True)
class MarkedTree:
    """A tree in view on which animals leave scent."""

    trunk: tuple[float, float] | None = None  # its left and right edges, shares of the picture's width; None: not known


@dataclass(frozen=True, slots=True)
class Bout:
    """One behaviour of one animal from start to end."""

    track: int
    behaviour: str
    start_s: float
    end_s: float
    probability: float  # 0..1
    censored_start: bool  # it was already going on when the video began
    censored_end: bool
    evidence: str
    also: tuple[str, ...] = ()  # what else it does meanwhile, the likelier first


@dataclass(frozen=True, slots=True)
class Indicator:
    """One health indicator of one sighting, or the reason why there is none."""

    track: int
    name: str
    unit: str
    value: float | None
    rests_on_s: float  # seconds of the sighting that it rests on
    not_assessable: str = ""  # "" when there is a value
    steps: int | None = None  # strides or steps that it rests on, as its docstring says; None where on neither
    sharpness: float | None = None  # 0..1, of the pictures that it rests on; None where that is not known
    infrared: bool | None = None  # they have no colour
    visible_share: float | None = None  # 0..1, of the sighting's time in which the whole animal was in view


@dataclass(frozen=True, slots=True)
class ClipQuality:
    """How good a bout looks, each 0..1; what reels are chosen by."""

    size: float  # share of the picture that the animal fills, mean over the bout
    sharpness: float
    wholeness: float  # share of the bout's frames in which the box keeps clear of the picture's edge


@dataclass(frozen=True, slots=True)
class Clip:
    """A playable file that shows one bout, cut from the original."""

    path: Path
    poster: Path
    start_s: float  # where in the source the first picture lies, from its pts
    end_s: float  # where the last one lies
    quality: ClipQuality
