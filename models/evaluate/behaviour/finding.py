"""Which analysed video a label means: labels name videos in many ways."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path, PureWindowsPath

from models.evaluate.behaviour.labels import VIDEOS, LabelledVideo
from models.evaluate.behaviour.predictions import PredictedVideo

NOT_ANALYSED = "video not analysed"
SEVERAL = "video whose name several analysed ones bear"


class Finder:
    """Looks videos up by the id of their content, their path, or the end of their path."""

    def __init__(self, videos: Iterable[PredictedVideo]) -> None:
        self._by_id: dict[str, PredictedVideo] = {}
        self._by_name: dict[str, list[PredictedVideo]] = defaultdict(list)
        for video in videos:
            self._by_id[video.video] = video
            for name in {video.file.name.casefold(), video.file.stem.casefold()}:
                self._by_name[name].append(video)
        self._shared = _alike([_folders(video.file) for video in self._by_id.values()])

    def find(self, labelled: LabelledVideo) -> PredictedVideo | str:
        """The video that the labels mean, or why there is none.

        The file beside the labels comes first, then the id, then the path: its name, and its folders from there
        upwards. They must agree as far as both paths go. Only an absolute path may part from the analysed video's
        higher up, since other computers keep footage elsewhere: above the folder that all analysed videos share, above
        the one named after the place, and above at least one that agrees. Of several videos, the one that agrees in
        most folders is meant. Where there is none, the labels may have been made on a converted copy of a video, which
        differs in how its name ends.
        """
        if labelled.name in self._by_id:
            return self._by_id[labelled.name]
        if labelled.beside is not None:
            here = labelled.beside.resolve()
            same = [one for one in self._by_name[here.name.casefold()] if _resolved(one.file) == here]
            if same:
                return same[0]
        path = PureWindowsPath(labelled.name)  # takes both kinds of slash, with and without a drive
        found = self._agreeing_most(path, path.name)
        if not found and path.suffix.casefold() in VIDEOS:
            found = self._agreeing_most(path, path.stem)
        if not found:
            return NOT_ANALYSED
        return found[0] if len(found) == 1 else SEVERAL

    def _agreeing_most(self, path: PureWindowsPath, name: str) -> list[PredictedVideo]:
        """Of the videos of a name, those whose folders agree best with a path; none if the path contradicts all."""
        agreement = [(self._agreeing(path, one), one) for one in self._by_name[name.casefold()]]
        most = max((count for count, _ in agreement if count is not None), default=None)
        return [one for count, one in agreement if count == most] if most is not None else []

    def _agreeing(self, path: PureWindowsPath, video: PredictedVideo) -> int | None:
        """Folders that agree, from the file's own upwards; None if the paths cannot be of one video."""
        given, known = _folders(path)[::-1], _folders(video.file)[::-1]
        agreeing = _alike([given, known])
        if agreeing == min(len(given), len(known)):
            return agreeing
        place = video.place.casefold()
        telling = max(1, len(known) - self._shared, known.index(place) + 1 if place in known else 0)
        return agreeing if path.anchor and agreeing >= telling else None


def _resolved(path: Path) -> Path:
    return path.resolve() if path.is_absolute() else path


def _folders(path: Path | PureWindowsPath) -> list[str]:
    """The folders of a path from the top on, without its root or drive, and without the `..` that it may begin with."""
    folders = PureWindowsPath(path).parent
    return [folder.casefold() for folder in folders.parts if folder not in (folders.anchor, "..")]


def _alike(paths: Sequence[Sequence[str]]) -> int:
    """How many folders all of them begin with."""
    return sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False)))
