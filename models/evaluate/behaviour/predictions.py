"""What was predicted: the tracks of an archive's videos with their bouts and boxes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from models.behaviour.cameras import camera_number
from models.behaviour.replacing import cameras_taught
from models.evaluate.behaviour.labels import Boxes
from models.evaluate.behaviour.values import Conditions, PredictedBout, frame_rate_band
from pipeline.behaviour.weights import OWN
from pipeline.store.box_files import box_files
from pipeline.store.boxes import read_boxes
from pipeline.store.open import Store
from pipeline.store.queries import BoutQuery, bouts, infrared_in, videos
from pipeline.store.rows import MediaRow
from pipeline.values import PEOPLE, State

TOGETHER = 400  # videos asked for in one query
LEARNED_FROM, OTHER = "a location that it learned from", "another location"
LIGHT = {True: "infrared", False: "day", None: ""}  # by whether a video's pictures have no colour


@dataclass(frozen=True, slots=True)
class PredictedVideo:
    """One video that was analysed."""

    video: str  # the id of its content, or what the CSV calls it
    file: Path
    conditions: Conditions = field(default_factory=Conditions)
    seconds: float | None = None
    place: str = ""  # the location that it was filmed at, often the name of one of its folders; "" if it is not known


@dataclass(frozen=True, slots=True)
class PredictedTrack:
    """What was said of one track; the bouts' `subject` is its number."""

    number: int
    bouts: tuple[PredictedBout, ...]
    boxes: Boxes | None = None


class Predictions(Protocol):
    """Where predictions come from."""

    @property
    def kind(self) -> str:
        """What they are, in words."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What a reader of the scores has to know of them."""
        ...

    @property
    def videos(self) -> Sequence[PredictedVideo]:
        """Every video that was analysed."""
        ...

    def tracks(self, video: str) -> Sequence[PredictedTrack]:
        """The tracks of one of them."""
        ...


def analysed_videos(store: Store) -> list[PredictedVideo]:
    """Every video that an archive has analysed, also those in which nothing was found."""
    infrared, taught = infrared_in(store), cameras_taught(store.archive)
    return [
        PredictedVideo(
            row.media,
            row.file,
            Conditions(
                LIGHT[infrared.get(row.media)],
                frame_rate_band(_rate(row.decoded_frames, row.decoded_duration_s)),
                row.deployment or row.location or "",
                _learned(row, taught),
            ),
            row.decoded_duration_s,
            row.location or "",
        )
        for row in videos(store)
        if row.state in (State.ANALYSED, State.BLANK)
    ]


class ArchivePredictions:
    """The bouts that an archive's database holds, by the machine's word alone; people and vehicles have none."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._box_files = box_files(store)
        self._bouts: dict[str, dict[int, list[PredictedBout]]] = {}
        self.kind = f"the bouts of {store.archive}"
        self.notes: tuple[str, ...] = ()
        self.videos = analysed_videos(store)

    def expect(self, wanted: Iterable[str]) -> None:
        """Fetch the bouts of these videos at once, for `tracks` to give."""
        ids = sorted(set(wanted) - set(self._bouts))
        for first in range(0, len(ids), TOGETHER):
            some = tuple(ids[first : first + TOGETHER])
            self._bouts |= {media: defaultdict(list) for media in some}
            for row in bouts(self._store, BoutQuery(media=some, of_no_animals=True)):
                if row.kind not in PEOPLE:
                    said = row.machine_behaviour, row.start_s, row.end_s, row.probability
                    self._bouts[row.media][row.track].append(PredictedBout(row.media, str(row.track), *said))

    def tracks(self, video: str) -> list[PredictedTrack]:
        """The tracks of one video, with boxes."""
        self.expect([video])
        boxes = self._boxes(video) if self._bouts[video] else {}
        return [
            PredictedTrack(number, tuple(found), boxes.get(number))
            for number, found in sorted(self._bouts[video].items())
        ]

    def _boxes(self, video: str) -> dict[int, Boxes]:
        if video not in self._box_files:
            return {}
        frame = read_boxes(self._box_files[video]).sort("track", "t")
        return {
            int(number): Boxes(part["t"].to_numpy(), part.select("x", "y", "w", "h").to_numpy().astype(float))
            for (number,), part in frame.partition_by("track", as_dict=True).items()
        }


def _learned(row: MediaRow, taught: Mapping[str, frozenset[int]]) -> str:
    """Whether the archive's own network that named a video learned from its location; "" if none of these did."""
    cameras = taught.get((row.models or {}).get(OWN, ""))
    if cameras is None:
        return ""
    return LEARNED_FROM if camera_number(row.location) in cameras else OTHER


def _rate(frames: int | None, seconds: float | None) -> float | None:
    return frames / seconds if frames and seconds else None


def as_subject(found: Iterable[PredictedBout], subject: str) -> list[PredictedBout]:
    """Bouts of a track as what was said of a subject."""
    return [replace(bout, subject=subject) for bout in found]
