"""What the shipped pipeline measured of one simulated clip, beside what is true of it.

Following animals costs most, so it is done once and kept; cues can then be made anew in seconds, also as if the clip
had fewer pictures a second.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.analyse import Networks
from pipeline.settings import Settings
from pipeline.tracking.follow import follow
from pipeline.tracking.geometry import interpolate, paired_iou
from pipeline.values import PEOPLE, Array, DecodeReport, Looks, Samples, VideoInfo
from pipeline.video.decode import open_video
from pipeline.whole_file import whole_file

MATCH_IOU = 0.3  # a track is a true animal's where their boxes overlap at least this much
NOBODY = -1
REAL = "real"  # the `split` of footage that nobody simulated
EITHER = "|"  # joins behaviours of which each is right; nothing is learned from such a bout


@dataclass(frozen=True, slots=True)
class TrueBout:
    """One stretch of behaviour of one true animal."""

    animal: int
    behaviour: str  # a code, or several joined by `EITHER`
    sub_behaviour: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One clip."""

    clip: str
    camera: int
    light: str
    split: str
    subject: str
    fps: float
    duration_s: float
    aspect: float
    samples: tuple[Samples, ...]  # of its animals' tracks
    owner: tuple[NDArray[np.int64], ...]  # for each track and sample the true animal, or NOBODY
    bouts: tuple[TrueBout, ...]


def measure_clip(video: Path, truth: Path, networks: Networks, settings: Settings) -> Measured:
    """Follow the animals of a simulated clip and find out whose track is whose.

    Args:
        video: the clip.
        truth: the JSON beside it.
        networks: as the pipeline loads them.
        settings: as the pipeline has them.

    Raises:
        VideoError: the clip cannot be read.
    """
    tree = json.loads(truth.read_text(encoding="utf-8"))
    samples, info, report = follow_animals(video, networks, settings)
    return Measured(
        clip=str(tree["clip"]),
        camera=int(tree["camera"]),
        light=str(tree["light"]),
        split=str(tree["split"]),
        subject=str(tree["subject"]),
        fps=float(tree["video"]["fps"]),
        duration_s=report.decoded_duration_s,
        aspect=info.width / info.height,
        samples=samples,
        owner=tuple(_owners(one, tree) for one in samples),
        bouts=true_bouts(tree["animals"]),
    )


def follow_animals(
    video: Path, networks: Networks, settings: Settings
) -> tuple[tuple[Samples, ...], VideoInfo, DecodeReport]:
    """What the pipeline measures of every animal of a video, looks included; people and vehicles are left out.

    Args:
        video: the file.
        networks: as the pipeline loads them.
        settings: as the pipeline has them.

    Raises:
        VideoError: the file cannot be read.
    """
    with open_video(video) as opened:
        followed = follow(
            opened,
            networks.detect,
            networks.species,
            networks.detector_names_kinds,
            settings,
            networks.species.describe,
        )
        samples = tuple(
            one for track, one in zip(followed.tracks, followed.samples, strict=True) if track.kind not in PEOPLE
        )
        return samples, opened.info, opened.report()


def true_bouts(animals: Sequence[dict[str, Any]]) -> tuple[TrueBout, ...]:
    """Every bout of a scene's truth.

    Args:
        animals: as in the JSON (`models.simulate.annotation.SceneAnimal`).
    """
    return tuple(
        TrueBout(number, bout["behaviour"], bout["sub_behaviour"] or "", bout["start_s"], bout["end_s"])
        for number, animal in enumerate(animals)
        for bout in animal["behaviours"]
    )


def owned_as_in(copy: Measured, first: Measured, mirrored: bool) -> Measured:
    """A copy of a real video, of which no true animals are known: whose track is whose follows from the first's.

    Args:
        copy: measured on another rendering of the same video.
        first: measured on the video as it is.
        mirrored: the copy shows it mirrored.

    Returns:
        The copy, its tracks' owners being those of the first's tracks that their boxes fit best.
    """
    known = {}
    for owner, samples in zip(first.owner, first.samples, strict=True):
        boxes = samples.boxes.copy()
        if mirrored:
            boxes[:, 0] = 1 - boxes[:, 0] - boxes[:, 2]
        known[whose(owner)] = (samples.t, boxes)
    known.pop(NOBODY, None)
    return replace(copy, owner=tuple(_best_fitting(one, known) for one in copy.samples))


def _owners(samples: Samples, tree: dict[str, Any]) -> NDArray[np.int64]:
    """(n,) the true animal whose box fits best at each sample."""
    times = np.array(tree["video"]["times_s"])
    known = {}
    for number, animal in enumerate(tree["animals"]):
        seen = np.array([box is not None for box in animal["boxes"]])
        if seen.any():
            known[number] = (times[seen], np.array([box for box in animal["boxes"] if box is not None]))
    return _best_fitting(samples, known)


def _best_fitting(samples: Samples, known: Mapping[int, tuple[Array, Array]]) -> NDArray[np.int64]:
    """(n,) which of the animals, whose times and boxes are known, fits best at each sample; NOBODY where none does."""
    best = np.full(len(samples.t), NOBODY, dtype=np.int64)
    most = np.full(len(samples.t), MATCH_IOU)
    for number, (times, boxes) in known.items():
        near = np.abs(samples.t[:, None] - times[None]).min(axis=1) < 0.25
        overlap = paired_iou(samples.boxes, interpolate(times, boxes, samples.t)) * near
        better = overlap > most
        best[better], most[better] = number, overlap[better]
    return best


def whose(owner: NDArray[np.int64]) -> int:
    """The true animal, or NOBODY, that a track is on for most of its samples.

    Args:
        owner: (n,) of one track, n at least 1.
    """
    return int(Counter(owner.tolist()).most_common(1)[0][0])


def write_measured(measured: Measured, path: Path) -> None:
    """Keep it as one .npz file, all of it or nothing."""
    arrays: dict[str, Any] = {}
    for number, (samples, owner) in enumerate(zip(measured.samples, measured.owner, strict=True)):
        looks = samples.looks
        arrays |= {f"{number}/{name}": getattr(samples, name) for name in _ARRAYS}
        arrays[f"{number}/owner"] = owner
        if samples.drift is not None:
            arrays[f"{number}/drift"] = samples.drift
        if looks is not None:
            arrays |= {f"{number}/{f.name}": np.asarray(getattr(looks, f.name), np.float16) for f in fields(Looks)}
    head = {name: getattr(measured, name) for name in _HEAD} | {"tracks": len(measured.samples)}
    head["bouts"] = [[b.animal, b.behaviour, b.sub_behaviour, b.start_s, b.end_s] for b in measured.bouts]
    with whole_file(path) as unfinished, unfinished.open("wb") as stream:
        np.savez_compressed(stream, head=np.array(json.dumps(head)), **arrays)


def read_measured(path: Path) -> Measured:
    """What `write_measured` wrote."""
    with path.open("rb") as opened, np.load(opened) as file:
        head = json.loads(str(file["head"]))
        tracks = range(head.pop("tracks"))
        samples = tuple(_read_samples(file, number) for number in tracks)
        owners = tuple(file[f"{number}/owner"] for number in tracks)
    bouts = tuple(TrueBout(*bout) for bout in head.pop("bouts"))
    return Measured(**head, samples=samples, owner=owners, bouts=bouts)


def _read_samples(file: Mapping[str, Any], number: int) -> Samples:
    looks = None
    if f"{number}/flow" in file:
        looks = Looks(
            silhouette=file[f"{number}/silhouette"].astype(float),
            change=file[f"{number}/change"].astype(float),
            flow=file[f"{number}/flow"].astype(float),
            embedding=file[f"{number}/embedding"],
        )
    return Samples(
        t=file[f"{number}/t"],
        boxes=file[f"{number}/boxes"],
        seen=file[f"{number}/seen"],
        inner_motion=file[f"{number}/inner_motion"],
        sharpness=file[f"{number}/sharpness"],
        looks=looks,
        drift=file.get(f"{number}/drift"),
    )


def truth_on(measured: Measured, track: int, t: Array) -> list[str | None]:
    """What the animal of a track truly does at each second; None where the track is nobody's or it is not in sight.

    Args:
        measured: the clip.
        track: from 0.
        t: (n,) seconds.
    """
    samples, owner = measured.samples[track], measured.owner[track]
    nearest = np.abs(samples.t[None] - t[:, None]).argmin(axis=1)
    said: list[str | None] = []
    for second, animal in zip(t, owner[nearest], strict=True):
        found = [b for b in measured.bouts if b.animal == animal and b.start_s <= second < b.end_s]
        said.append(found[0].behaviour if found else None)
    return said


_ARRAYS = ("t", "boxes", "seen", "inner_motion", "sharpness")
_HEAD = ("clip", "camera", "light", "split", "subject", "fps", "duration_s", "aspect")
