"""What was predicted: the tracks of an archive's videos with their bouts and boxes, or those of a CSV file."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from models.evaluate.behaviour.labels import Boxes
from models.evaluate.behaviour.labels_csv import Row, read_table
from models.evaluate.behaviour.values import Conditions, PredictedBout, frame_rate_band
from pipeline.errors import ConfigError
from pipeline.store.box_files import box_files
from pipeline.store.boxes import read_boxes
from pipeline.store.open import Store
from pipeline.store.queries import BoutQuery, bouts, videos
from pipeline.values import PEOPLE, State

TOGETHER = 400  # videos asked for in one query


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
    def videos(self) -> Sequence[PredictedVideo]:
        """Every video that was analysed."""
        ...

    def tracks(self, video: str) -> Sequence[PredictedTrack]:
        """The tracks of one of them."""
        ...


class ArchivePredictions:
    """The bouts that an archive's database holds, by the machine's word alone; people and vehicles have none."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._box_files = box_files(store)
        self._bouts: dict[str, dict[int, list[PredictedBout]]] = {}
        self.kind = f"the bouts of {store.archive}"
        self.videos = [
            PredictedVideo(
                row.media,
                row.file,
                Conditions(
                    "",
                    frame_rate_band(_rate(row.decoded_frames, row.decoded_duration_s)),
                    row.deployment or row.location or "",
                ),
                row.decoded_duration_s,
                row.location or "",
            )
            for row in videos(store)
            if row.state in (State.ANALYSED, State.BLANK)
        ]

    def expect(self, wanted: Iterable[str]) -> None:
        """Fetch the bouts of these videos at once, for `tracks` to give."""
        ids = sorted(set(wanted) - set(self._bouts))
        for first in range(0, len(ids), TOGETHER):
            some = tuple(ids[first : first + TOGETHER])
            self._bouts |= {media: defaultdict(list) for media in some}
            for row in bouts(self._store, BoutQuery(media=some)):
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


class TablePredictions:
    """The bouts of a CSV file, as `ethotrap bouts --csv` prints them."""

    def __init__(self, path: Path) -> None:
        self.kind = f"the bouts of {path}"
        table = read_table(path)
        named = next((name for name in ("media", "file", "video") if name in table.columns), None)
        said = next((name for name in ("machine_behaviour", "behaviour") if name in table.columns), None)
        if named is None or said is None:
            raise ConfigError(f"{path} has no columns 'file' and 'behaviour'; it has {', '.join(table.columns)}")
        found: dict[str, dict[int, list[PredictedBout]]] = defaultdict(lambda: defaultdict(list))
        files: dict[str, PredictedVideo] = {}
        for number, row in table.rows:
            try:
                bout = _bout(row, row[named], row[said])
            except (KeyError, ValueError) as error:
                raise ConfigError(
                    f"{path}, line {number}: expected start_s, end_s and, if given, track and probability as numbers"
                ) from error
            found[bout.video][int(bout.subject)].append(bout)
            camera = row.get("location", "")
            files[bout.video] = PredictedVideo(
                bout.video, Path(row.get("file") or bout.video), Conditions(camera=camera), place=camera
            )
        self._found = found
        self.videos = list(files.values())

    def tracks(self, video: str) -> list[PredictedTrack]:
        """The tracks of one video; they have no boxes."""
        return [PredictedTrack(number, tuple(bouts)) for number, bouts in sorted(self._found[video].items())]


def _bout(row: Row, video: str, behaviour: str) -> PredictedBout:
    if not video or not behaviour:
        raise ValueError
    track = int(row.get("track") or 1)
    probability = float(row["probability"]) if row.get("probability") else None
    return PredictedBout(video, str(track), behaviour, float(row["start_s"]), float(row["end_s"]), probability)


def _rate(frames: int | None, seconds: float | None) -> float | None:
    return frames / seconds if frames and seconds else None


def as_subject(found: Iterable[PredictedBout], subject: str) -> list[PredictedBout]:
    """Bouts of a track as what was said of a subject."""
    return [replace(bout, subject=subject) for bout in found]
