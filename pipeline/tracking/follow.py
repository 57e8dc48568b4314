"""Follow every animal, person and vehicle through one video, from its pictures to finished tracks."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.highlights.quality import sharpness
from pipeline.settings import Settings
from pipeline.tracking.assemble import Chain, assemble, fleeting
from pipeline.tracking.crops import BestCrops
from pipeline.tracking.gate import MotionGate
from pipeline.tracking.geometry import interpolate, pixel_window
from pipeline.tracking.link import Linker
from pipeline.tracking.species import CROP_SIZE, Name
from pipeline.values import Array, Detection, Kind, Samples, Track
from pipeline.video.decode import Video, upright_bgr

Detect = Callable[[NDArray[np.uint8]], list[Detection]]
NameCrops = Callable[[NDArray[np.uint8]], Name]

ROUNDING_S = 0.001  # a picture this much too early is in time: some containers count whole milliseconds


@dataclass(frozen=True, slots=True)
class Followed:
    """The tracks of one video, and what was measured of each on the way."""

    tracks: tuple[Track, ...]
    samples: tuple[Samples, ...]  # one a track, in the same order


def follow(video: Video, detect: Detect, name: NameCrops, detector_names_kinds: bool, settings: Settings) -> Followed:
    """Read a video once and follow what moves in it.

    Args:
        video: freshly opened; its pictures are used up.
        detect: boxes in a (h, w, 3) blue, green, red picture.
        name: kind and species from a track's crops.
        detector_names_kinds: the detector tells people and vehicles from animals by itself. If not, its one class
            means "something", and the crops say what.
        settings: all of them.
    """
    linker = Linker(settings.tracking, min(settings.detector.rate_hz, video.info.declared_fps or 1000.0))
    gate = MotionGate(settings.detector.idle_s)
    crops = BestCrops(settings.species.crops, CROP_SIZE)
    sharp: dict[tuple[int, int], float] = {}
    times: list[float] = []
    due = 0.0
    for frame in video.frames():
        times.append(frame.t)
        if frame.t < due - ROUNDING_S:
            continue
        due = next_due(due, frame.t, settings.detector.rate_hz)
        picture = upright_bgr(frame.picture, settings.run.analysis_width, video.info.rotation)
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        detections = detect(picture) if gate.must_look(frame.t, grey, linker.following) else []
        for track, index in linker.update(frame.index, frame.t, grey, detections):
            crops.offer(track, frame.t, picture, detections[index])
            window = grey[pixel_window(detections[index].box, grey.shape[1], grey.shape[0])]
            sharp[track, frame.index] = sharpness(window)

    def named(chain: Chain) -> tuple[Chain, Name, Kind, float]:
        said = name(crops.of(*chain.ids))
        return chain, said, *_vote(chain, said, detector_names_kinds, settings.species.person_from)

    found = [named(chain) for chain in assemble(linker.sightings, settings.tracking)]
    glimpses = [named(chain) for chain in fleeting(linker.sightings, settings.tracking)]
    found += [glimpse for glimpse in glimpses if glimpse[2] in (Kind.PERSON, Kind.VEHICLE)]
    found.sort(key=lambda entry: (entry[0].start, entry[0].ids))
    t = np.array(times)
    tracks = tuple(_track(number, t, *entry) for number, entry in enumerate(found, start=1))
    return Followed(tracks, tuple(_samples(entry[0], sharp) for entry in found))


def next_due(due: float, t: float, rate_hz: float) -> float:
    """When the next picture is to be looked at, keeping to a grid of `rate_hz` so that rounding does not add up.

    Args:
        due: seconds; when this one was to be looked at.
        t: seconds; when it really came.
        rate_hz: pictures a second that are wanted.
    """
    step = 1.0 / rate_hz
    following = due + step
    return following if following > t else t + step


def _track(number: int, times: Array, chain: Chain, name: Name, kind: Kind, probability: float) -> Track:
    """A track with a box for every decoded frame between the chain's first and last sighting."""
    first, last = chain.sightings[0].frame, chain.sightings[-1].frame
    frames = np.arange(first, last + 1)
    seen = np.zeros(len(frames), dtype=bool)
    score = np.full(len(frames), np.nan)
    for sighting in chain.sightings:
        if not np.isnan(sighting.score):
            seen[sighting.frame - first] = True
            score[sighting.frame - first] = sighting.score
    is_animal = kind is Kind.ANIMAL
    return Track(
        number=number,
        kind=kind,
        kind_probability=probability,
        frame=frames,
        t=times[first : last + 1],
        boxes=interpolate(chain.times(), chain.boxes(), times[first : last + 1]),
        seen=seen,
        score=score,
        species=name.species if is_animal else kind.value,
        species_probability=name.probability if is_animal else probability,
        species_scores=name.scores if is_animal else {},
    )


def _vote(chain: Chain, name: Name, detector_names_kinds: bool, person_from: float) -> tuple[Kind, float]:
    """Kind of a whole track: the detector's scores added up by class, or what its crops say on average.

    The crops' word for a person or a vehicle counts from `person_from` on, even against a likelier animal: a person
    taken for an animal may end up in a film, an animal taken for a person is only looked at once more.
    """
    if detector_names_kinds:
        votes: dict[Kind, float] = {}
        for sighting in chain.sightings:
            if not np.isnan(sighting.score):
                votes[sighting.kind] = votes.get(sighting.kind, 0.0) + sighting.score
    else:
        votes = dict(name.kinds)
        barring = {kind: votes[kind] for kind in (Kind.PERSON, Kind.VEHICLE) if votes.get(kind, 0.0) >= person_from}
        if barring:
            kind = max(barring, key=lambda k: barring[k])
            return kind, barring[kind]
    if not votes:
        return Kind.UNKNOWN, 0.0
    kind = max(votes, key=lambda k: votes[k])
    return kind, votes[kind] / sum(votes.values())


def _samples(chain: Chain, sharp: dict[tuple[int, int], float]) -> Samples:
    def sharpness_at(frame: int) -> float:
        return next((sharp[track, frame] for track in chain.ids if (track, frame) in sharp), np.nan)

    return Samples(
        t=chain.times(),
        boxes=chain.boxes(),
        seen=~np.isnan(chain.scores()),
        inner_motion=np.array([s.inner_motion for s in chain.sightings]),
        sharpness=np.array([sharpness_at(s.frame) for s in chain.sightings]),
    )
