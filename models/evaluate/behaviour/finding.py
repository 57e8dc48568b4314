"""Which analysed video a label means: labels name videos in many ways."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePath, PurePosixPath

from models.evaluate.behaviour.labels import LabelledVideo
from models.evaluate.behaviour.predictions import PredictedVideo


class Finder:
    """Looks videos up by the id of their content, their path, or the end of their path."""

    def __init__(self, videos: Iterable[PredictedVideo]) -> None:
        self._by_id: dict[str, PredictedVideo] = {}
        self._by_name: dict[str, list[PredictedVideo]] = defaultdict(list)
        for video in videos:
            self._by_id[video.video] = video
            for name in {video.file.name.casefold(), video.file.stem.casefold()}:
                self._by_name[name].append(video)

    def find(self, labelled: LabelledVideo) -> PredictedVideo | str:
        """The video that the labels mean, or why there is none.

        The file beside the labels comes first, then the id, then the path that agrees in most parts from its end on.
        """
        if labelled.name in self._by_id:
            return self._by_id[labelled.name]
        if labelled.beside is not None:
            here = labelled.beside.resolve()
            same = [one for one in self._by_name[here.name.casefold()] if _resolved(one.file) == here]
            if same:
                return same[0]
        path = PurePosixPath(labelled.name.replace("\\", "/"))
        found = self._by_name[path.name.casefold()]
        if not found:
            return "video not analysed"
        agreement = {one.video: _parts_agreeing(path, one.file) for one in found}
        best = [one for one in found if agreement[one.video] == max(agreement.values())]
        return best[0] if len(best) == 1 else "video whose name several analysed ones bear"


def _resolved(path: Path) -> Path:
    return path.resolve() if path.is_absolute() else path


def _parts_agreeing(path: PurePath, other: PurePath) -> int:
    """Folders that agree, from the file's own upwards."""
    agreeing = 0
    for one, another in zip(reversed(path.parts[:-1]), reversed(other.parts[:-1]), strict=False):
        if one.casefold() != another.casefold():
            break
        agreeing += 1
    return agreeing
