"""Follow every animal, person and vehicle through one video, from its pictures to finished tracks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.highlights.quality import COLOURLESS, colour_spread, sharpness
from pipeline.settings import Settings
from pipeline.tracking.assemble import Chain, assemble, assemble_again, by_appearance, fleeting
from pipeline.tracking.camera_motion import AT_REST
from pipeline.tracking.closer import look_closer
from pipeline.tracking.crops import BestCrops, crop
from pipeline.tracking.cutouts import CutOuts
from pipeline.tracking.exposure import Exposure
from pipeline.tracking.foreground import completed
from pipeline.tracking.gate import MotionGate
from pipeline.tracking.geometry import interpolate, pixel_window
from pipeline.tracking.link import Linker, Sighting, shrink
from pipeline.tracking.looks import CELLS, Backdrop, Box, silhouette
from pipeline.tracking.outlines import Outlines, outlines
from pipeline.tracking.species import CROP_SIZE, NAMELESS, Name
from pipeline.values import PEOPLE, PERHAPS_PEOPLE, Array, Detection, Kind, Looks, Samples, Track
from pipeline.video.decode import Video, upright_bgr

ROUNDING_S = 0.001  # a picture this much too early is in time: some containers count whole milliseconds
EMBEDDING_SPACING_S = 1.0  # seconds between two crops of one track whose features are kept
EMBEDDINGS_A_PICTURE = (
    2  # tracks whose features are taken from one picture: a herd must not cost more than the detector
)
VOUCHED_SHARE = 0.6  # of the species network's belief on the region's species, from which faint boxes are an animal's

T = TypeVar("T")
U = TypeVar("U")
Detect = Callable[[NDArray[np.uint8]], list[Detection]]
Describe = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Watch = Callable[[int, float, NDArray[np.uint8], Box], None]


class Namer(Protocol):
    """Says what a track is, in two steps, so that its pictures need not be kept until the video is over."""

    def read(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, d) what is to be known of (n, CROP_SIZE, CROP_SIZE, 3) crops, one row each."""
        ...

    def name(self, readings: NDArray[np.float32]) -> Name:
        """Kind and species from what was read of the best crops of a track, (n, d); n may be 0."""
        ...


@dataclass(frozen=True, slots=True)
class Followed:
    """The tracks of one video, and what was measured of each on the way."""

    tracks: tuple[Track, ...]
    samples: tuple[Samples, ...]  # one a track, in the same order
    parts: tuple[tuple[int, ...], ...] = ()  # likewise, the linker's ids that went into it
    outlines: tuple[Outlines | None, ...] = ()  # likewise; None where nothing could be measured
    infrared: bool = False  # the pictures have no colour


@dataclass(slots=True)
class _Seen:
    """What was measured of the pictures themselves, by the linker's track id and the frame's index."""

    sharp: dict[tuple[int, int], float] = field(default_factory=dict)
    embedding: dict[tuple[int, int], NDArray[np.float16]] = field(default_factory=dict)
    _embedded_t: dict[int, float] = field(default_factory=dict)
    _frame: int = -1
    _in_frame: int = 0

    def wants_embedding(self, track: int, frame: int, t: float) -> bool:
        """Whether a track's features are due in this picture; if so, they count as taken."""
        if frame != self._frame:
            self._frame, self._in_frame = frame, 0
        is_due = t - self._embedded_t.get(track, -np.inf) >= EMBEDDING_SPACING_S - ROUNDING_S
        if not is_due or self._in_frame >= EMBEDDINGS_A_PICTURE:
            return False
        self._in_frame += 1
        self._embedded_t[track] = t
        return True


@dataclass(slots=True)
class _Gathered:
    """All that is left of a video when it has been watched to its end."""

    linker: Linker
    crops: BestCrops
    cuts: CutOuts
    backdrop: Backdrop = field(default_factory=Backdrop)
    seen: _Seen = field(default_factory=_Seen)
    times: list[float] = field(default_factory=list)  # seconds, of every decoded frame
    colour: list[float] = field(default_factory=list)  # spread of colour, of each picture that was looked at


def follow(
    video: Video,
    detect: Detect,
    namer: Namer,
    detector_names_kinds: bool,
    settings: Settings,
    describe: Describe | None = None,
    watch: Watch | None = None,
) -> Followed:
    """Read a video once and follow what moves in it.

    Args:
        video: freshly opened; its pictures are used up.
        detect: boxes in a (h, w, 3) blue, green, red picture.
        namer: tells kind and species from a track's crops.
        detector_names_kinds: the detector tells people and vehicles from animals by itself. If not, its one class
            means "something", and the crops say what.
        settings: all of them.
        describe: (n, d) features of (n, CROP_SIZE, CROP_SIZE, 3) crops, which go into the samples' looks; None for
            none, which is quicker.
        watch: shown each box that the detector saw and the linker took: the linker's id, seconds, the (h, w, 3) blue,
            green, red picture, and the box.
    """
    gathered = _watched(video, detect, namer, settings, describe, watch)
    linker = gathered.linker

    def said_of(chain: Chain) -> Name:
        return namer.name(gathered.crops.of(*chain.ids))

    def named(chain: Chain) -> tuple[Chain, Name, Kind, float]:
        said = said_of(chain)
        return chain, said, *_vote(chain, said, detector_names_kinds, settings.species.person_from)

    def vouched(chain: Chain) -> bool:
        said = said_of(chain)
        return said.species != NAMELESS.species and said.region_share >= VOUCHED_SHARE

    whole = assemble(linker.sightings, settings.tracking, vouched)
    if linker.camera.drift == AT_REST:
        whole = assemble_again(completed(whole, linker.glances), settings.tracking)
    found = [named(chain) for chain in whole]
    taken = {number for chain in whole for number in chain.ids}
    brief = [chain for chain in fleeting(linker.sightings, settings.tracking) if taken.isdisjoint(chain.ids)]
    found += [glimpse for glimpse in map(named, brief) if glimpse[2] in PERHAPS_PEOPLE]
    found.sort(key=lambda entry: by_appearance(entry[0]))
    t, around_s = np.array(gathered.times), 0.5 / linker.rate_hz
    chains = [entry[0] for entry in found]
    scene = _scene(gathered.backdrop, chains)
    return Followed(
        tracks=tuple(_track(number, t, around_s, *entry) for number, entry in enumerate(found, start=1)),
        samples=tuple(_samples(chain, gathered.seen, scene) for chain in chains),
        parts=tuple(chain.ids for chain in chains),
        outlines=_outlines(gathered.cuts, chains) if linker.camera.hung_still else (None,) * len(chains),
        infrared=bool(gathered.colour) and float(np.median(gathered.colour)) < COLOURLESS,
    )


def _watched(
    video: Video, detect: Detect, namer: Namer, settings: Settings, describe: Describe | None, watch: Watch | None
) -> _Gathered:
    """Decode the video once, and link and measure what the detector sees in it."""
    rate_hz = min(settings.detector.rate_hz, video.info.declared_fps or 1000.0)
    linker = Linker(settings.tracking, rate_hz)
    gate = MotionGate(settings.detector.idle_s)
    crops = BestCrops(settings.species.crops, CROP_SIZE, namer.read)
    cuts = CutOuts(video.info.rotation, video.pixel_aspect)
    gathered = _Gathered(linker, crops, cuts)
    seen, exposure = gathered.seen, Exposure()
    due = 0.0
    for frame in video.frames():
        gathered.times.append(frame.t)
        if frame.t < due - ROUNDING_S:
            cuts.take(frame.index, frame.t, frame.picture, linker.sightings, looked=False)
            continue
        due = next_due(due, frame.t, settings.detector.rate_hz)
        picture = upright_bgr(frame.picture, settings.run.analysis_width, video.info.rotation, video.pixel_aspect)
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        gathered.colour.append(colour_spread(picture))
        detections = detect(picture) if gate.must_look(frame.t, grey, linker.following) else []
        glance = shrink(grey)
        brighter = exposure.update(frame.t, glance, [one.box for one in detections])
        if brighter != 1.0:
            linker.relight(brighter)
            gathered.backdrop.relight(brighter)
            cuts.relight(brighter)
        detections = detections + look_closer(picture, linker.missed(frame.t, glance, detections), detections, detect)
        linked = linker.update(frame.index, frame.t, glance, detections)
        if linker.camera.drift == AT_REST:
            gathered.backdrop.offer(frame.t, linker.latest)
        for track, index in linked:
            crops.offer(track, frame.t, picture, detections[index])
            if watch is not None:
                watch(track, frame.t, picture, detections[index].box)
            window = grey[pixel_window(detections[index].box, grey.shape[1], grey.shape[0])]
            seen.sharp[track, frame.index] = sharpness(window)
            if describe is not None and seen.wants_embedding(track, frame.index, frame.t):
                square = crop(picture, detections[index].box, CROP_SIZE)
                seen.embedding[track, frame.index] = describe(square[None])[0].astype(np.float16)
        cuts.take(frame.index, frame.t, frame.picture, linker.sightings, looked=True)
    return gathered


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


def _track(
    number: int, times: Array, around_s: float, chain: Chain, name: Name, kind: Kind, probability: float
) -> Track:
    """A track with a box for every decoded frame from a chain's first to its last sighting and shortly around them.

    The animal came between two looks and went between two, so frames that are nearer to the look that found it are its.
    """
    first = np.searchsorted(times, chain.start - around_s + ROUNDING_S)
    end = np.searchsorted(times, chain.end + around_s - ROUNDING_S)
    frames = np.arange(first, end)
    seen = np.zeros(len(frames), dtype=bool)
    score = np.full(len(frames), np.nan)
    for sighting in chain.sightings:
        if not np.isnan(sighting.score):
            seen[sighting.frame - first] = True
            score[sighting.frame - first] = sighting.score
    is_animal = kind not in PEOPLE
    return Track(
        number=number,
        kind=kind,
        kind_probability=probability,
        frame=frames,
        t=times[frames],
        boxes=interpolate(chain.times(), chain.boxes(), times[frames]),
        seen=seen,
        score=score,
        species=name.species if is_animal else kind.value,
        species_probability=name.probability if is_animal else probability,
        species_scores=name.scores if is_animal else {},
    )


def _vote(chain: Chain, name: Name, detector_names_kinds: bool, person_from: float) -> tuple[Kind, float]:
    """Kind of a whole track, and the belief in it: the detector's scores by class, or what its crops say on average.

    What is likeliest an animal, but from `person_from` on a person or a vehicle, whichever of the two, is of unknown
    kind, with the belief in the animal: its behaviour is named, and no film shows it, since a person taken for an
    animal must not be in one.
    """
    if detector_names_kinds:
        votes: dict[Kind, float] = {}
        for sighting in chain.sightings:
            if not np.isnan(sighting.score):
                votes[sighting.kind] = votes.get(sighting.kind, 0.0) + sighting.score
    else:
        votes = dict(name.kinds)
    if not votes:
        return Kind.UNKNOWN, 0.0
    kind = max(votes, key=lambda k: votes[k])
    beliefs = {one: vote / sum(votes.values()) for one, vote in votes.items()}
    is_doubtful = kind is Kind.ANIMAL and sum(beliefs.get(one, 0.0) for one in PEOPLE) >= person_from
    return Kind.UNKNOWN if is_doubtful else kind, beliefs[kind]


def _scene(backdrop: Backdrop, chains: Sequence[Chain]) -> NDArray[np.float32] | None:
    """(h, w) the scene without the animals; None if no picture was looked at."""
    times = backdrop.times
    if not len(times) or not chains:
        return None
    covered: list[list[Box]] = [[] for _ in times]
    for chain in chains:
        boxes = interpolate(chain.times(), chain.boxes(), times)
        for number in np.flatnonzero((times >= chain.start - 1.0) & (times <= chain.end + 1.0)):
            x, y, w, h = (float(value) for value in boxes[number])
            covered[number].append((x, y, w, h))
    return backdrop.scene(covered)


def _outlines(cuts: CutOuts, chains: Sequence[Chain]) -> tuple[Outlines | None, ...]:
    of_each = [cuts.of(chain.ids) for chain in chains]
    scene = _scene(cuts.backdrop, chains) if any(of_each) else None
    if scene is None:
        return (None,) * len(chains)
    return tuple(outlines(own, chain.times(), chain.boxes(), scene) for own, chain in zip(of_each, chains, strict=True))


def _samples(chain: Chain, seen: _Seen, scene: NDArray[np.float32] | None) -> Samples:
    return Samples(
        t=chain.times(),
        boxes=chain.boxes(),
        seen=~np.isnan(chain.scores()),
        inner_motion=np.array([s.inner_motion for s in chain.sightings]),
        sharpness=np.array([_first(seen.sharp, chain, s.frame, np.nan) for s in chain.sightings]),
        looks=None if scene is None else _looks(chain, seen, scene),
        drift=chain.drift(),
    )


def _looks(chain: Chain, seen: _Seen, scene: NDArray[np.float32]) -> Looks:
    every = [_first(seen.embedding, chain, s.frame, None) for s in chain.sightings]
    size = next((len(one) for one in every if one is not None), 0)
    unknown = np.full(size, np.nan, dtype=np.float16)
    motion = np.stack([s.look.motion for s in chain.sightings]).astype(float)
    if len({s.drift for s in chain.sightings}) > 1:
        motion[:] = np.nan  # between two turns such a camera is never quite still: all that lies behind seems to move
    return Looks(
        silhouette=np.stack([_silhouette(s, scene) for s in chain.sightings]).astype(float),
        change=motion[:, 0],
        flow=motion[:, 1:].transpose(0, 2, 3, 1),
        embedding=np.stack([unknown if one is None else one for one in every]),
    )


def _silhouette(sighting: Sighting, scene: NDArray[np.float32]) -> NDArray[np.float32]:
    """(CELLS, CELLS); NaN once the camera has turned, for the scene is the one before."""
    if sighting.drift != AT_REST:
        return np.full((CELLS, CELLS), np.nan, dtype=np.float32)
    return silhouette(sighting.look.picture, scene, sighting.box)


def _first(values: Mapping[tuple[int, int], T], chain: Chain, frame: int, otherwise: U) -> T | U:
    """What one of a chain's ids has for a frame."""
    return next((values[track, frame] for track in chain.ids if (track, frame) in values), otherwise)
