"""Predictions of a table, as `ethotrap bouts --csv` prints them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from models.evaluate.behaviour.finding import SEVERAL, Finder
from models.evaluate.behaviour.labels import LabelledVideo
from models.evaluate.behaviour.labels_csv import Row, Table, read_table
from models.evaluate.behaviour.predictions import PredictedTrack, PredictedVideo
from models.evaluate.behaviour.values import Conditions, PredictedBout
from pipeline.errors import ConfigError


class TablePredictions:
    """The bouts of a CSV file; only an archive knows which other videos were analysed and found empty.

    Args:
        path: the file.
        analysed: the archive's videos. Those that the file does not name count as videos in which nothing was found,
            unless it names none of them at all: then they are other footage, and the file's own are all that there are.

    Raises:
        ConfigError: the file cannot be read, a column lacks, a row is wrong, or its video may be one of several; the
            message names it.
    """

    def __init__(self, path: Path, analysed: Sequence[PredictedVideo] = ()) -> None:
        self.kind = f"the bouts of {path}"
        bouts, own = _read(read_table(path))
        known = _known(path, own, analysed)
        others = f"{path} names no video in which nothing was found, and "
        if known or (analysed and not own):
            self.notes = (f"{others}every other one that the archive has analysed counts as such",)
        else:
            analysed = ()
            self.notes = (f"{others}no archive of its videos says which those are: animals missed there do not count",)
        self.videos = [*analysed, *(video for name, video in own.items() if name not in known)]
        self._found: dict[str, dict[int, list[PredictedBout]]] = defaultdict(lambda: defaultdict(list))
        for bout in bouts:
            self._found[known.get(bout.video, bout.video)][int(bout.subject)].append(bout)

    def tracks(self, video: str) -> list[PredictedTrack]:
        """The tracks of one video; they have no boxes."""
        return [PredictedTrack(number, tuple(bouts)) for number, bouts in sorted(self._found[video].items())]


def _read(table: Table) -> tuple[list[PredictedBout], dict[str, PredictedVideo]]:
    """A table's bouts, and their videos by what it calls them."""
    named = next((name for name in ("media", "file", "video") if name in table.columns), None)
    said = next((name for name in ("machine_behaviour", "behaviour") if name in table.columns), None)
    if named is None or said is None:
        raise ConfigError(f"{table.path} has no columns 'file' and 'behaviour'; it has {', '.join(table.columns)}")
    bouts: list[PredictedBout] = []
    videos: dict[str, PredictedVideo] = {}
    for number, row in table.rows:
        try:
            bout = _bout(row, row[named], row[said])
        except (KeyError, ValueError) as error:
            raise ConfigError(
                f"{table.path}, line {number}: expected start_s, end_s and, if given, track and probability as numbers"
            ) from error
        bouts.append(bout)
        camera = row.get("location", "")
        videos[bout.video] = PredictedVideo(
            bout.video, Path(row.get("file") or bout.video), Conditions(camera=camera), place=camera
        )
    return bouts, videos


def _known(path: Path, own: Iterable[str], analysed: Sequence[PredictedVideo]) -> dict[str, str]:
    """The id of each of a table's videos that is one of the archive's, by what the table calls it."""
    finder = Finder(analysed)
    found = {name: finder.find(LabelledVideo(name, ())) for name in own}
    known = {name: video.video for name, video in found.items() if isinstance(video, PredictedVideo)}
    unclear = [name for name, video in found.items() if video == SEVERAL]
    if unclear:
        raise ConfigError(
            f"{path}: the archive has several videos that {unclear[0]} may mean; name its folders, or its id as 'media'"
        )
    return known


def _bout(row: Row, video: str, behaviour: str) -> PredictedBout:
    if not video or not behaviour:
        raise ValueError
    track = int(row.get("track") or 1)
    probability = float(row["probability"]) if row.get("probability") else None
    return PredictedBout(video, str(track), behaviour, float(row["start_s"]), float(row["end_s"]), probability)
