"""From what people said of an archive's bouts to measured clips to learn from.

Boxes alone are kept of an analysis, so each labelled video is followed again; what was measured is kept in the
archive's `training` folder, and a later training follows only what was labelled since.
"""

import hashlib
import json
import logging
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import pipeline
from models import registry
from models.behaviour.cameras import camera_number, part_cameras
from models.behaviour.measured import NOBODY, Measured, TrueBout, follow_animals, read_measured, write_measured
from models.evaluate.behaviour.labels import Boxes
from models.evaluate.behaviour.labels_archive import newest_first, said_of_behaviour, track_of
from models.evaluate.behaviour.predictions import PredictedTrack
from models.evaluate.behaviour.values import EMPTY
from pipeline.errors import VideoError
from pipeline.job import KIND_HEAD
from pipeline.settings import RULES, Settings
from pipeline.store.ledger import Fingerprint, known_fingerprints
from pipeline.store.matching import Label
from pipeline.store.open import Store
from pipeline.store.queries import videos
from pipeline.store.result import ID_DIGITS
from pipeline.workers import Ended, networks_here, time_limit, worker_pool

logger = logging.getLogger(__name__)

KEPT = "training"  # folder of the archive
PEOPLE = "people"  # their clips' `split`; cameras decide which part of the training a clip goes to

Step = Callable[[int, int], None]  # bytes done so far, and in all


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that people said and nothing can be learned from."""

    what: str  # the video's file
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What people taught."""

    clips: tuple[Measured, ...]  # each with at least one labelled bout
    left_out: tuple[LeftOut, ...]

    @property
    def bouts(self) -> int:
        """How many stretches of behaviour are labelled."""
        return sum(len(clip.bouts) for clip in self.clips)


@dataclass(frozen=True, slots=True)
class _Video:
    media: str
    file: Path
    size_bytes: int
    camera: int
    location: str  # "" if it is not known
    kept: Path  # where what was measured of it lies, or will lie


def taught_by_people(store: Store, settings: Settings, step: Step | None = None) -> Taught:
    """Every labelled video whose file is still there, followed again, with what people said of its animals.

    A video that is missing, changed or damaged costs itself alone and is listed, as is a label on no animal.

    Args:
        store: the archive.
        settings: as the nightly run has them.
        step: told how far it is.

    Raises:
        ModelError: a network is missing.
        ConfigError: the species list is wrong.
    """
    said = _where_behaviour_is_said(store)
    found, left_out = _labelled_videos(store, settings, said)
    measured, failed = _measure(store.archive, found, settings, step)
    left_out += failed
    clips = []
    for video in found:
        if video.media in measured:
            clip, lost = with_labels(measured[video.media], said[video.media])
            left_out += (
                [LeftOut(str(video.file), f"labels that lie on no animal that was followed: {lost}")] if lost else []
            )
            clips += [clip] if clip.bouts else []
    return Taught(tuple(clips), tuple(left_out))


def check_enough(store: Store, settings: Settings) -> None:
    """Refuse where there are too few labels to train with, before videos are followed for hours.

    Labels are counted, so what lies on no animal is found out only later.

    Args:
        store: the archive.
        settings: as the nightly run has them.

    Raises:
        ConfigError: labels lack; the message says how many, and at which locations.
    """
    said = _where_behaviour_is_said(store)
    found, _ = _labelled_videos(store, settings, said)
    labels: Counter[int] = Counter()
    for video in found:
        labels[video.camera] += sum(one.behaviour is not None for one in said[video.media])
    part_cameras(labels, {video.camera: video.location for video in found if video.location})


def with_labels(clip: Measured, labels: Sequence[Label]) -> tuple[Measured, int]:
    """A measured clip with people's labels as its truth, each track being an animal of its own.

    A label belongs to the track that lies on its box at the middle of its stretch; without a box it speaks of every
    animal that is there then. Of two labels on the same time of one animal the newer counts.

    Args:
        clip: what was measured.
        labels: in force, each naming a behaviour, or that there is no animal: from that nothing is learned.

    Returns:
        The clip, and how many labels lie on no track.
    """
    tracks = [PredictedTrack(number, (), Boxes(one.t, one.boxes)) for number, one in enumerate(clip.samples)]
    of_track: dict[int, list[Label]] = defaultdict(list)
    lost = 0
    for label in labels:
        if label.box is None:
            middle = (label.start_s + label.end_s) / 2
            meant = [number for number, one in enumerate(clip.samples) if one.t[0] <= middle <= one.t[-1]]
        else:
            track = track_of(label, tracks)
            meant = [] if track is None else [track]
        lost += not meant
        for number in meant:
            of_track[number].append(label)
    bouts = [
        TrueBout(number, bout.behaviours[0], "", bout.start_s, bout.end_s)
        for number, own in sorted(of_track.items())
        for bout in sorted(newest_first(own, str(number)), key=lambda one: one.start_s)
        if bout.behaviours != (EMPTY,)
    ]
    owner = tuple(np.full(len(one.t), number, dtype=np.int64) for number, one in enumerate(clip.samples))
    return replace(clip, owner=owner, bouts=tuple(bouts)), lost


def measuring_digest(settings: Settings) -> str:
    """12 hex digits that stand for all that decides what is measured of a video; part of the name that it is kept by.

    Raises:
        ModelError: a network is missing.
    """
    names = (settings.detector.model, settings.species.model, KIND_HEAD)
    sections = settings.model_dump(mode="json", include={"detector", "tracking", "species"})
    said = [
        pipeline.__version__,
        [registry.digest(name) for name in names],
        sections,
        settings.run.analysis_width,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]


def _where_behaviour_is_said(store: Store) -> dict[str, list[Label]]:
    """As `said_of_behaviour`, of the videos in which a label names a behaviour."""
    told = said_of_behaviour(store)
    return {media: labels for media, labels in told.items() if any(one.behaviour for one in labels)}


def _labelled_videos(
    store: Store, settings: Settings, said: Mapping[str, Sequence[Label]]
) -> tuple[list[_Video], list[LeftOut]]:
    copies: dict[str, list[tuple[Path, Fingerprint]]] = defaultdict(list)
    for path, known in known_fingerprints(store).items():
        copies[known.sha256[:ID_DIGITS]].append((path, known))
    digest = measuring_digest(settings)
    found: list[_Video] = []
    left_out: list[LeftOut] = []
    for row in videos(store, said):
        here = [path for path, known in sorted(copies[row.media], key=lambda one: one[0]) if _is_same(path, known)]
        kept = store.archive / KEPT / f"{row.media}-{digest}.npz"
        if here or kept.is_file():
            file = here[0] if here else row.file
            camera = camera_number(row.location)
            found.append(_Video(row.media, file, row.size_bytes, camera, row.location or "", kept))
        else:
            left_out.append(LeftOut(str(row.file), "the file is not there any more, or its content has changed"))
    return found, left_out


def _is_same(path: Path, known: Fingerprint) -> bool:
    try:
        stat = path.stat()
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (known.size_bytes, known.mtime_ns)


def _measure(
    archive: Path, found: Sequence[_Video], settings: Settings, step: Step | None
) -> tuple[dict[str, Measured], list[LeftOut]]:
    """By media, what was measured; child processes follow what is not kept yet, since decoding can kill one."""
    measured: dict[str, Measured] = {}
    for video in found:
        if (kept := _read_kept(video)) is not None:
            measured[video.media] = kept
    todo = [video for video in found if video.media not in measured]
    if not todo:
        return measured, []
    (archive / KEPT).mkdir(exist_ok=True)
    # The classifier plays no part in following, and the one in use may be unfit: that may be why it is trained again.
    behaviour = settings.behaviour.model_copy(update={"model": RULES})
    settings = settings.model_copy(update={"behaviour": behaviour})
    failed: list[LeftOut] = []
    done, total = 0, sum(video.size_bytes for video in todo)
    with worker_pool(settings) as workers:
        limits = [time_limit(settings, video.size_bytes) for video in todo]
        futures = [
            workers.schedule(_follow_here, (video, settings), limit) for video, limit in zip(todo, limits, strict=True)
        ]
        for video, future, limit in zip(todo, futures, limits, strict=True):
            end = workers.result_or_end(future, limit)
            complaint = end.reason if isinstance(end, Ended) else end
            kept = None if complaint else _read_kept(video)
            if kept is None:
                failed.append(LeftOut(str(video.file), complaint or "what was measured could not be read again"))
            else:
                measured[video.media] = kept
            done += video.size_bytes
            if step:
                step(done, total)
    return measured, failed


def _read_kept(video: _Video) -> Measured | None:
    """What was measured earlier, at the camera where the video belongs now; None if it is not there, or damaged."""
    try:
        return replace(read_measured(video.kept), camera=video.camera)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None


def _follow_here(video: _Video, settings: Settings) -> str:
    """Follow a video in this worker process and keep what was measured; why that could not be done, or ""."""
    networks = networks_here()  # what cannot be loaded costs every video, so it is no one's own complaint
    try:
        samples, info, report = follow_animals(video.file, networks, settings)
        rate = report.decoded_frames / report.decoded_duration_s if report.decoded_duration_s else 0.0
        clip = Measured(
            clip=video.media,
            camera=video.camera,
            light="",
            split=PEOPLE,
            subject="",
            fps=rate,
            duration_s=report.decoded_duration_s,
            aspect=info.width / info.height,
            samples=samples,
            owner=tuple(np.full(len(one.t), NOBODY, dtype=np.int64) for one in samples),
            bouts=(),
        )
        write_measured(clip, video.kept)
    except (VideoError, OSError, MemoryError) as error:
        return str(error)
    except Exception as error:  # as in the nightly run: what is unforeseen costs this file alone
        logger.exception("%s: unforeseen error", video.file)
        return f"unforeseen {error.__class__.__name__}: {error}; please report it with the log"
    return ""
