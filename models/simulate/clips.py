"""The three clips that ship: one animal walks past, one stops and sits, one place is windy and empty."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from models.simulate.animal import Animal, bring_in, look
from models.simulate.camera import Camera
from models.simulate.deployments import ZONE
from models.simulate.film import write_film
from models.simulate.gait import Line, plan_walk, sitting_down, walking
from models.simulate.glade import Glade, grow_glade
from models.simulate.light import DAWN, NIGHT, NOON, Light
from models.simulate.pose import Pose, Stance
from models.simulate.trap import hidden_by_grass, take_picture
from models.simulate.truth import AnimalTruth, BehaviourTruth, Box, Truth, VideoTruth, write_truth

FPS = 15
CAMERA = Camera()

Motion = Callable[[Stance, float], Pose]


@dataclass(frozen=True, slots=True)
class Actor:
    """One individual and what it does."""

    name: str
    coat: int  # the seed of its pattern
    motion: Motion  # its pose at a second of the video
    behaviours: tuple[BehaviourTruth, ...]  # cut, in the truth, to the time in which it is in the picture


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip: where, in which light, for how long, and who comes by."""

    name: str
    file: str  # below the folder of all clips, without suffix
    place: int  # which of the seed's glades
    light: Light
    wind: float  # 0 still, 1 strong
    seconds: float
    captured_at: datetime  # aware
    quality: int  # x264's CRF; night's noise is dear, so it gets less
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """One rendered frame and what is true of it."""

    picture: NDArray[np.uint8]  # (h, w, 3) RGB
    box: Box | None
    visible: float  # 0..1


def shipped_clips() -> tuple[Clip, ...]:
    """The clips under tests/footage, in the order of their files."""
    passing = (BehaviourTruth("travel", 0.0, 8.0),)
    staying = (
        BehaviourTruth("travel", 0.0, 3.7),
        BehaviourTruth("vigilance", 3.7, 5.4),
        BehaviourTruth("rest", 5.4, 12.0),
    )
    return (
        Clip(
            name="walks-past",
            file="LOC01/CAM1/20250612/100RECNX/IMG_0001",
            place=0,
            light=DAWN,
            wind=0.12,
            seconds=8.0,
            captured_at=datetime(2025, 6, 14, 5, 42, 18, tzinfo=ZoneInfo(ZONE)),
            quality=23,
            actor=Actor("Vesna", 11, _walks_past, passing),
        ),
        Clip(
            name="stops-and-sits",
            file="LOC01/CAM1/20250612/100RECNX/IMG_0002",
            place=0,
            light=NIGHT,
            wind=0.05,
            seconds=12.0,
            captured_at=datetime(2025, 6, 15, 23, 7, 51, tzinfo=ZoneInfo(ZONE)),
            quality=25,
            actor=Actor("Taiga", 23, _stops_and_sits, staying),
        ),
        Clip(
            name="windy-empty",
            file="LOC02/CAM2/20250612/100RECNX/IMG_0001",
            place=2,
            light=NOON,
            wind=1.0,
            seconds=8.0,
            captured_at=datetime(2025, 6, 13, 14, 20, 5, tzinfo=ZoneInfo(ZONE)),
            quality=23,
        ),
    )


def film_clip(clip: Clip, seed: int, frames: range | None = None) -> Iterator[Shot]:
    """Renders a clip frame by frame.

    Args:
        clip: what to film.
        seed: the world's seed; the places and the noise follow from it.
        frames: which frames; all by default. A frame's pixels do not depend on which others are asked for.
    """
    glade = grow_glade(CAMERA, clip.light, 1000 * seed + clip.place)
    wanted = range(round(clip.seconds * FPS)) if frames is None else frames
    if clip.actor is None:
        for index in wanted:
            yield Shot(take_picture(glade, None, index / FPS, clip.wind, _noise(clip, seed, index)), None, 0.0)
        return
    with bring_in(CAMERA, clip.light, clip.actor.coat) as animal:
        for index in wanted:
            yield _shot(clip, clip.actor, animal, glade, index / FPS, _noise(clip, seed, index))


def make_clip(clip: Clip, seed: int, folder: Path) -> Truth:
    """Films a clip into `folder` and writes its truth beside it."""
    path = folder / f"{clip.file}.MP4"
    path.parent.mkdir(parents=True, exist_ok=True)
    boxes: list[Box | None] = []
    visible: list[float] = []

    def pictures() -> Iterator[NDArray[np.uint8]]:
        for shot in film_clip(clip, seed):
            boxes.append(shot.box)
            visible.append(shot.visible)
            yield shot.picture

    count = write_film(pictures(), path, FPS, clip.captured_at, clip.quality)
    truth = Truth(
        clip=clip.name,
        seed=seed,
        simulated=True,
        captured_at=clip.captured_at.isoformat(),
        video=VideoTruth(float(FPS), count, CAMERA.width, CAMERA.height),
        animals=() if clip.actor is None else (_truth_of(clip.actor, boxes, visible),),
    )
    write_truth(truth, path.with_suffix(".json"))
    return truth


def _walks_past(stand: Stance, second: float) -> Pose:
    return walking(plan_walk([(0, 0.8), (10, 0.8)]), Line(x=-3.05, y=2.75, heading=0.03), stand, second)


def _stops_and_sits(stand: Stance, second: float) -> Pose:
    walk = plan_walk([(0, 0.8), (2.6, 0.8), (3.7, 0.0), (12, 0.0)])
    pose = walking(walk, Line(x=2.75, y=2.65, heading=np.pi), stand, min(second, 3.7))
    if second <= 3.7:
        return pose
    share = float(np.clip((second - 3.9) / 1.5, 0, 1))
    gaze = float(np.interp(second, [3.7, 4.2, 9.0, 9.6], [0.0, 0.5, 0.5, 0.3]))
    return sitting_down(pose, share, second, gaze)


def _shot(clip: Clip, actor: Actor, animal: Animal, glade: Glade, second: float, noise: np.random.Generator) -> Shot:
    sight = look(animal, actor.motion(animal.stance, second))
    picture = take_picture(glade, sight, second, clip.wind, noise)
    if sight.box is None:
        return Shot(picture, None, 0.0)
    hidden = (sight.cover * hidden_by_grass(glade, second, clip.wind)).sum() / sight.cover.sum()
    return Shot(picture, sight.box, sight.inside * float(1 - hidden))


def _noise(clip: Clip, seed: int, index: int) -> np.random.Generator:
    """The sensor's noise of one frame, different in every clip."""
    return np.random.default_rng([seed, zlib.crc32(clip.name.encode()), index])


def _truth_of(actor: Actor, boxes: list[Box | None], visible: list[float]) -> AnimalTruth:
    """What the actor did, cut to the time from its first frame in the picture to the end of its last."""
    there = [index for index, box in enumerate(boxes) if box is not None]
    first, last = there[0] / FPS, (there[-1] + 1) / FPS
    bouts = tuple(
        BehaviourTruth(bout.behaviour, round(max(bout.start_s, first), 3), round(min(bout.end_s, last), 3))
        for bout in actor.behaviours
    )
    return AnimalTruth(actor.name, actor.coat, tuple(boxes), tuple(visible), bouts)
