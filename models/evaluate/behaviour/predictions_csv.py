"""Predictions of a table, as `ethotrap bouts --csv` prints them."""

from collections import defaultdict
from pathlib import Path

from models.evaluate.behaviour.labels_csv import Row, read_table
from models.evaluate.behaviour.predictions import PredictedTrack, PredictedVideo
from models.evaluate.behaviour.values import Conditions, PredictedBout
from pipeline.errors import ConfigError


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
