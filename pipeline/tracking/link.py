"""Link the boxes of successive pictures into tracks, and keep an animal that sits still though the detector loses it.

Linking is Ultralytics' ByteTrack, a fresh one for every video, with a motion model of animals
(`pipeline.tracking.motion_model`). Its buffer counts updates, so it is given in seconds here and translated. A
galloping animal moves on by more than its own length between two looks, so that its boxes do not overlap; they are
enlarged before they are compared (after Yang et al. 2023, WACV: buffered intersection over union).
Cubs at play and cats that rear are boxed faintly for seconds, so by default all but the faintest boxes take part in its
first round: in its second they could not find a lost track.

ByteTrack forgets an animal that the detector misses for a while, and a small cat sitting in infrared is missed in three
pictures of four. But it is still there as long as nothing has changed where it sat. So before each update every living
track without a box of its own is compared with what its place looked like when it was last seen. If it was still and
that is unchanged, ByteTrack is handed the old box again, marked as held. When a track begins, the last seconds are gone
through backwards: for boxes that no track took and that lead to it, and for its place unchanged, since an animal that
sits there when the video starts has sat there before the detector first noticed it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import cv2
import numpy as np
from numpy.typing import NDArray
from ultralytics.engine.results import Boxes

from pipeline.settings import TrackingSettings
from pipeline.tracking.camera_motion import AT_REST, CameraMotion, Shift, steadied
from pipeline.tracking.exposure import relit
from pipeline.tracking.geometry import EDGE, iou, pixel_window, shared_of_smaller
from pipeline.tracking.looks import Look, look_at
from pipeline.tracking.motion_model import AnimalTracker
from pipeline.values import Detection, Kind

GLANCE_WIDTH = 320  # pixels; places are compared on a small grey picture, which also averages sensor noise away
PATCH = 24  # cells each way into which a place is cut for comparison
SAME_ANIMAL_SHARE = 0.5  # of the smaller box, from which a box that nobody took is a second one on a taken animal
TRACED_GAP_S = 0.5  # seconds without any box over which a new track is traced back
SOUGHT_S = 1.0  # seconds over which an animal that the detector misses is looked for from nearer
LOOK_BACK_S = 10.0  # how far back a new track is sought; bounds the memory that old pictures take
STILL_IOU = 0.6  # a track whose last two boxes overlap less than this was on the move, and is not held
GLANCES_KEPT = 100  # pictures, 17 s at six a second, until all tracks are known: 5.5 MiB
REACH = 0.4  # of a box's width and height, by which it is enlarged on every side before boxes are linked
SAME_PLACE_IOU = 0.3  # above this a box and a track's last place are the same animal's
CELL_CHANGE = 10.0  # grey levels of 255 by which a cell must differ to count as changed, beyond the contrast's share
CONTRAST_SHARE = 0.35  # a cell must also differ by this share of the patch's own contrast

Box = tuple[float, float, float, float]
Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where one track was in one sampled picture."""

    frame: int
    t: float  # seconds
    box: Box
    score: float  # the detector's; NaN where held
    kind: Kind
    inner_motion: float  # share of the box's cells that changed since the sighting before; NaN for the first
    look: Look
    drift: Shift = AT_REST  # where the scene has gone in the picture since the video began, if the camera turned


@dataclass(slots=True)
class _Place:
    """What a track last looked like, and where."""

    box: Box
    kind: Kind
    seen_t: float
    patch: NDArray[np.float32]  # when the detector last saw it
    latest: NDArray[np.float32]  # in the last picture, seen or held
    still: bool  # it had hardly moved when it was last seen
    drift: Shift  # of the scene then


@dataclass(frozen=True, slots=True)
class Glance:
    """One sampled picture, small."""

    frame: int
    t: float  # seconds
    grey: Grey
    drift: Shift  # of the scene since the video began
    unlinked: list[Detection]  # that no track has taken so far


_Traced = tuple[Glance, Detection, NDArray[np.float32]]  # a picture, what was there, and what it looked like


@dataclass(slots=True)
class Linker:
    """Links the sampled pictures of one video, in order. Make a new one for each video."""

    settings: TrackingSettings
    rate_hz: float  # pictures a second that `update` will be given
    sightings: dict[int, list[Sighting]] = field(default_factory=dict)  # by track id, in time order
    glances: list[Glance] = field(default_factory=list)  # the first pictures, as many as are kept
    camera: CameraMotion = field(default_factory=CameraMotion)  # what it has done so far
    _places: dict[int, _Place] = field(default_factory=dict)
    _tracker: AnimalTracker = field(init=False)
    _past: deque[Glance] = field(init=False)

    def __post_init__(self) -> None:
        self._tracker = AnimalTracker(
            SimpleNamespace(
                track_high_thresh=self.settings.high_score,
                track_low_thresh=0.0,
                new_track_thresh=self.settings.start_score,
                track_buffer=max(1, round(self.settings.buffer_s * self.rate_hz)),
                match_thresh=self.settings.match_distance,
                fuse_score=False,  # weak boxes in infrared would never match if their score weighed in
            ),
            step_s=1 / self.rate_hz,
        )
        self._past = deque(maxlen=max(1, round(LOOK_BACK_S * self.rate_hz)))

    @property
    def following(self) -> bool:
        """A track is alive, or was lost too recently to be given up."""
        return bool(self._tracker.tracked_stracks or self._tracker.lost_stracks)

    @property
    def latest(self) -> Grey:
        """The last picture that `update` was given, small, without what a camera that hangs still swayed."""
        return self._past[-1].grey

    def relight(self, factor: float) -> None:
        """Make all that is kept of the pictures so far that many times as bright, since the camera did so.

        Args:
            factor: above 0.
        """
        lit = {one.frame: replace(one, grey=relit(one.grey, factor)) for one in (*self._past, *self.glances)}
        self._past = deque((lit[one.frame] for one in self._past), self._past.maxlen)
        self.glances = [lit[one.frame] for one in self.glances]
        for seen in self.sightings.values():
            seen[:] = [replace(s, look=replace(s.look, picture=relit(s.look.picture, factor))) for s in seen]
        for place in self._places.values():
            place.patch, place.latest = place.patch * np.float32(factor), place.latest * np.float32(factor)

    def update(self, frame: int, t: float, grey: Grey, detections: list[Detection]) -> list[tuple[int, int]]:
        """Take in the next sampled picture.

        Args:
            frame: its index among the decoded frames.
            t: its time, seconds, later than the last.
            grey: (h, w) uint8; a wide one is shrunk first.
            detections: what the detector found in it.

        Returns:
            Pairs of track id and index into `detections`, one for each track that was seen.
        """
        small = shrink(grey)
        if self._past and t - self._past[-1].t > max(self.settings.buffer_s, 2 / self.rate_hz):
            self._give_up_all(small.shape)
        watched = bool(detections) or self.following
        drift = self.camera.update(t, small, [d.box for d in detections]) if watched else self.camera.pause()
        glance = Glance(frame, t, steadied(small, self.camera.sway), drift, [])
        held = self._still_there(glance, detections)
        rows = self._tracker.update(self._as_boxes(detections, held, grey.shape))
        seen = []
        for row in rows:
            track, index = int(row[4]), int(row[7])
            if index < len(detections):
                self._see(track, glance, detections[index])
                seen.append((track, index))
            else:
                self._hold(track, glance)
        glance.unlinked.extend(_left_over(detections, {index for _, index in seen}))
        self._past.append(glance)
        if len(self.glances) < GLANCES_KEPT:
            self.glances.append(glance)
        return seen

    def missed(self, t: float, grey: Grey, detections: list[Detection]) -> list[Box]:
        """Where animals were last that were seen lately and have no box now, the latest seen first.

        Whoever sits where nothing has changed is not among them, since `update` holds it, nor is who was last seen at
        the left or right side of the picture, and has probably left it.

        Args:
            t: seconds, later than the last picture that `update` was given.
            grey: (h, w) uint8; a wide one is shrunk first.
            detections: what the detector found.
        """
        small, drift = shrink(grey), self.camera.drift
        missed = []
        for track, place in self._without_box(detections):
            times_seen = sum(not np.isnan(one.score) for one in self.sightings[track])
            is_sought = t - place.seen_t <= SOUGHT_S and times_seen >= self.settings.min_seen
            if is_sought and not self._to_be_held(place, t, small, drift) and not at_a_side(place.box):
                missed.append(place)
        return [_turned(place.box, place.drift, drift) for place in sorted(missed, key=lambda one: -one.seen_t)]

    def _still_there(self, glance: Glance, detections: list[Detection]) -> list[Box]:
        """Places of living tracks that look unchanged and have no detection of their own."""
        without_box = self._without_box(detections)
        return [place.box for _, place in without_box if self._to_be_held(place, glance.t, glance.grey, glance.drift)]

    def _without_box(self, detections: list[Detection]) -> Iterator[tuple[int, _Place]]:
        """Living tracks, and their places, where the detector sees nothing."""
        found = np.array([d.box for d in detections], dtype=float).reshape(-1, 4)
        for track in [*self._tracker.tracked_stracks, *self._tracker.lost_stracks]:
            place = self._places.get(track.track_id)
            if place is not None and not (iou(np.array(place.box), found) > SAME_PLACE_IOU).any():
                yield track.track_id, place

    def _to_be_held(self, place: _Place, t: float, grey: Grey, drift: Shift) -> bool:
        """Whether an animal without a box is still at its place: it was still, and what it looked like is unchanged."""
        if not place.still or place.drift != drift or t - place.seen_t > self.settings.hold_max_s:
            return False
        return changed_share(place.patch, _patch(grey, place.box)) <= self.settings.hold_change

    def _give_up_all(self, shape: tuple[int, ...]) -> None:
        """Nothing was filmed for longer than a lost animal is looked for: who comes now need not be who was there.

        The tracker counts pictures, so it is shown as many empty ones as it takes.
        """
        while self.following:
            self._tracker.update(self._as_boxes([], [], shape))
        self._past.clear()

    def _as_boxes(self, detections: list[Detection], held: list[Box], shape: tuple[int, ...]) -> Boxes:
        height, width = shape[:2]
        rows = np.zeros((len(detections) + len(held), 6), dtype=np.float32)
        for row, box in zip(rows, [*(d.box for d in detections), *held], strict=True):
            x, y, w, h = _reaching(box, self.camera.drift)
            row[:4] = x, y, x + w, y + h
        rows[:, :4] *= width, height, width, height
        rows[: len(detections), 4] = [d.score for d in detections]
        # High enough to be matched, too low to start a track of its own.
        rows[len(detections) :, 4] = self.settings.high_score
        return Boxes(rows, (height, width))

    def _see(self, track: int, glance: Glance, detection: Detection) -> None:
        patch = _patch(glance.grey, detection.box)
        place = self._places.get(track)
        latest = place.latest if place else None
        if place is None:
            self.sightings[track], latest = self._look_back(glance, patch, detection)
        motion = np.nan if latest is None else changed_share(latest, patch)
        still = place is None or bool(iou(np.array(place.box), np.array(detection.box))[0, 0] >= STILL_IOU)
        self._places[track] = _Place(detection.box, detection.kind, glance.t, patch, patch, still, glance.drift)
        self.sightings[track].append(
            Sighting(
                glance.frame,
                glance.t,
                detection.box,
                detection.score,
                detection.kind,
                motion,
                self._look(glance, detection.box),
                glance.drift,
            )
        )

    def _hold(self, track: int, glance: Glance) -> None:
        place = self._places.get(track)
        if place is None:  # a held box can start a track where `start_score` is not above `high_score`: nobody's
            return
        patch = _patch(glance.grey, place.box)
        motion = changed_share(place.latest, patch)
        place.latest = patch
        look = self._look(glance, place.box)
        seen = Sighting(glance.frame, glance.t, place.box, np.nan, place.kind, motion, look, glance.drift)
        self.sightings[track].append(seen)

    def _look_back(
        self, glance: Glance, patch: NDArray[np.float32], detection: Detection
    ) -> tuple[list[Sighting], NDArray[np.float32] | None]:
        """Sightings, earliest first, in the pictures before a track began.

        With them comes what it looked like in the last of those; None if there is no such picture.
        """
        sightings: list[Sighting] = []
        latest: NDArray[np.float32] | None = None
        before: Glance | None = None
        for past, found, there in reversed(self._traced_back(glance, patch, detection)):
            motion = np.nan if latest is None else changed_share(latest, there)
            look = look_between(past, before, found.box)
            seen = Sighting(past.frame, past.t, found.box, found.score, found.kind, motion, look, past.drift)
            sightings.append(seen)
            latest, before = there, past
        return sightings, latest

    def _traced_back(self, glance: Glance, patch: NDArray[np.float32], detection: Detection) -> list[_Traced]:
        """Where the animal was before, latest first: boxes that lead to it and no track took, or its place unchanged.

        A track begins with a sure box. Before, the animal may have been boxed faintly, or so far off from one picture
        to the next that ByteTrack did not go on.
        """
        traced: list[_Traced] = []
        known, unbroken = glance, True
        for earlier in reversed(self._past):
            found = self._leading_to(detection, known, earlier)
            if found is not None:
                earlier.unlinked.remove(found)
                detection, patch, known, unbroken = found, _patch(earlier.grey, found.box), earlier, True
                traced.append((earlier, found, patch))
                continue
            there = _patch(earlier.grey, detection.box)
            unbroken = unbroken and earlier.drift == known.drift
            if unbroken and changed_share(patch, there) <= self.settings.hold_change:
                known = earlier
                traced.append((earlier, replace(detection, score=np.nan), there))
            elif known.t - earlier.t > TRACED_GAP_S:
                break
            else:
                unbroken = False
        return traced

    def _leading_to(self, detection: Detection, known: Glance, earlier: Glance) -> Detection | None:
        """The box that no track took in an earlier picture and that best fits one in a later one; None if none fits."""
        if not earlier.unlinked:
            return None
        boxes = [_reaching(d.box, earlier.drift) for d in earlier.unlinked]
        fit = iou(np.array(_reaching(detection.box, known.drift)), np.array(boxes))[0]
        best = int(fit.argmax())
        return earlier.unlinked[best] if fit[best] >= 1 - self.settings.match_distance else None

    def _look(self, glance: Glance, box: Box) -> Look:
        return look_between(glance, self._past[-1] if self._past else None, box)


def changed_share(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    """Share (0..1) of a place's cells that look different, whatever the light as a whole did.

    A cell counts if it differs by more than `CELL_CHANGE` grey levels and by more than `CONTRAST_SHARE` of the
    place's own contrast (its standard deviation), after the mean of each patch is taken away.

    Args:
        before: (n, n) grey levels.
        after: likewise.
    """
    difference = np.abs((before - before.mean()) - (after - after.mean()))
    return float((difference > max(CELL_CHANGE, CONTRAST_SHARE * float(before.std()))).mean())


def _left_over(detections: list[Detection], taken: set[int]) -> list[Detection]:
    """What no track took, but for second boxes on an animal that one did take."""
    boxes = np.array([detections[index].box for index in sorted(taken)], dtype=float).reshape(-1, 4)
    left = [d for index, d in enumerate(detections) if index not in taken]
    shared = [shared_of_smaller(np.repeat([d.box], len(boxes), axis=0), boxes) for d in left]
    return [d for d, shares in zip(left, shared, strict=True) if not (shares >= SAME_ANIMAL_SHARE).any()]


def at_a_side(box: Box) -> bool:
    """Whether a box reaches the picture's left or right side, where animals come and go.

    Args:
        box: shares of the picture.
    """
    return box[0] <= EDGE or box[0] + box[2] >= 1 - EDGE


def _turned(box: Box, before: Shift, after: Shift) -> Box:
    """Where a box's place in the scene lies in the picture after the scene went on from one drift to another."""
    return box[0] + after[0] - before[0], box[1] + after[1] - before[1], box[2], box[3]


def _reaching(box: Box, drift: Shift) -> Box:
    """A box as boxes are compared: enlarged by `REACH`, and as it would lie if the camera had not turned."""
    x, y, w, h = box
    return x - drift[0] - REACH * w, y - drift[1] - REACH * h, (1 + 2 * REACH) * w, (1 + 2 * REACH) * h


def look_between(glance: Glance, before: Glance | None, box: Box) -> Look:
    """One track's window; what moves in it is known if the camera did not turn meanwhile.

    Args:
        glance: the picture.
        before: the sampled picture before, None if there is none.
        box: shares of the picture.
    """
    if before is None or before.drift != glance.drift:
        return look_at(glance.grey, box, None, 0.0)
    return look_at(glance.grey, box, before.grey, glance.t - before.t)


def shrink(grey: Grey) -> Grey:
    """A picture at most `GLANCE_WIDTH` pixels wide.

    Args:
        grey: (h, w) uint8.
    """
    if grey.shape[1] <= GLANCE_WIDTH:
        return grey
    scale = GLANCE_WIDTH / grey.shape[1]
    size = (max(2, round(grey.shape[1] * scale)), max(2, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _patch(grey: Grey, box: Box) -> NDArray[np.float32]:
    window = grey[pixel_window(box, grey.shape[1], grey.shape[0])]
    return cv2.resize(window, (PATCH, PATCH), interpolation=cv2.INTER_AREA).astype(np.float32)
