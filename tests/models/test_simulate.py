"""The simulated trap, and the three clips of it that ship."""

import csv
import importlib.util
import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from ctypes.util import find_library
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.simulate.camera import Camera, ground_under_pixels, project
from models.simulate.gait import Line, plan_walk, walking
from models.simulate.pose import LEGS, Stance

CLIPS = {
    "walks-past": "LOC01/CAM1/20250612/100RECNX/IMG_0001.MP4",
    "stops-and-sits": "LOC01/CAM1/20250612/100RECNX/IMG_0002.MP4",
    "windy-empty": "LOC02/CAM2/20250612/100RECNX/IMG_0001.MP4",
}
DETECTOR = Path(__file__).parents[2] / "models" / "weights" / "megadetector-lite.onnx"
MEGABYTE = 1_000_000

needs_renderer = pytest.mark.skipif(
    importlib.util.find_spec("dm_control") is None or find_library("OSMesa") is None,
    reason="needs ethotrap[simulate] and Debian's libosmesa6",
)

Film = NDArray[np.uint8]


def read_film(path: Path) -> Film:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def read_truth(shipped: Path, clip: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((shipped / CLIPS[clip]).with_suffix(".json").read_text(encoding="utf-8"))
    return tree


def read_deployments(shipped: Path) -> list[dict[str, str]]:
    with (shipped / "deployments.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Intersection over union of two x, y, w, h boxes."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(wide, 0) * max(high, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


# The clips that ship.


def test_the_clips_are_small_enough_to_ship(shipped: Path) -> None:
    sizes = [path.stat().st_size for path in shipped.rglob("*.MP4")]
    assert len(sizes) == len(CLIPS)
    assert max(sizes) < MEGABYTE
    assert sum(sizes) < 3 * MEGABYTE


@pytest.mark.parametrize("clip", CLIPS)
def test_truth_describes_the_video_beside_it(shipped: Path, clip: str) -> None:
    truth = read_truth(shipped, clip)
    frames, height, width, _ = read_film(shipped / CLIPS[clip]).shape
    video = truth["video"]
    assert truth["clip"] == clip
    assert (video["frames"], video["height"], video["width"]) == (frames, height, width)
    with av.open(str(shipped / CLIPS[clip])) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert float(stream.average_rate or 0) == video["fps"]
        assert container.metadata["creation_time"][:19] == truth["captured_at"][:19]


@pytest.mark.parametrize("clip", CLIPS)
def test_every_frame_has_a_box_inside_the_picture_or_none(shipped: Path, clip: str) -> None:
    truth = read_truth(shipped, clip)
    for animal in truth["animals"]:
        assert len(animal["boxes"]) == len(animal["visible_share"]) == truth["video"]["frames"]
        for box, share in zip(animal["boxes"], animal["visible_share"], strict=True):
            assert 0 <= share <= 1
            if box is None:
                assert share == 0
            else:
                x, y, w, h = box
                assert 0 <= x < x + w <= 1.00001
                assert 0 <= y < y + h <= 1.00001


@pytest.mark.parametrize("clip", CLIPS)
def test_behaviours_follow_one_another_while_the_animal_is_there(shipped: Path, clip: str) -> None:
    truth = read_truth(shipped, clip)
    for animal in truth["animals"]:
        there = [index / truth["video"]["fps"] for index, box in enumerate(animal["boxes"]) if box]
        bouts = animal["behaviours"]
        assert {bout["behaviour"] for bout in bouts} <= {"travel", "vigilance", "rest"}
        assert bouts[0]["start_s"] == pytest.approx(min(there), abs=0.01)
        assert bouts[-1]["end_s"] == pytest.approx(max(there) + 1 / truth["video"]["fps"], abs=0.01)
        for before, after in pairwise(bouts):
            assert before["start_s"] < before["end_s"] == after["start_s"]


def test_one_animal_crosses_the_picture_and_leaves_it(shipped: Path) -> None:
    (animal,) = read_truth(shipped, "walks-past")["animals"]
    boxes = animal["boxes"]
    assert boxes[0] is None
    assert boxes[-1] is None
    seen = [box for box in boxes if box]
    assert seen[0][0] == 0
    assert seen[-1][0] + seen[-1][2] == pytest.approx(1, abs=1e-4)
    whole = [box for box in seen if box[0] > 0.01 and box[0] + box[2] < 0.99]
    middles = [x + w / 2 for x, _, w, _ in whole]
    assert middles[-1] - middles[0] > 0.5
    widths = [w for _, _, w, _ in whole]
    assert max(widths) - min(widths) > 0.02  # its legs open and close


def test_one_animal_sits_still_until_the_end(shipped: Path) -> None:
    truth = read_truth(shipped, "stops-and-sits")
    (animal,) = truth["animals"]
    rest = animal["behaviours"][-1]
    assert rest["behaviour"] == "rest"
    assert rest["end_s"] - rest["start_s"] >= 6
    sitting = np.array(animal["boxes"][round(rest["start_s"] * truth["video"]["fps"]) :])
    assert np.ptp(sitting, axis=0).max() < 0.03


def test_the_windy_clip_moves_and_holds_no_animal(shipped: Path) -> None:
    assert read_truth(shipped, "windy-empty")["animals"] == []
    film = read_film(shipped / CLIPS["windy-empty"]).astype(np.float32).mean(axis=3)
    change = np.abs(film[15:] - film[:-15]).mean(axis=0)
    grass, trees = change[260:], change[:90]
    assert grass.mean() > 4 * trees.mean()


@pytest.mark.parametrize("clip", CLIPS)
def test_each_clip_was_filmed_within_its_deployment(shipped: Path, clip: str) -> None:
    location, camera = CLIPS[clip].split("/")[:2]
    (deployment,) = [row for row in read_deployments(shipped) if row["locationID"] == location]
    assert deployment["cameraID"] == camera
    start, end = (datetime.fromisoformat(deployment[name]) for name in ("deploymentStart", "deploymentEnd"))
    assert start < datetime.fromisoformat(read_truth(shipped, clip)["captured_at"]) < end


@pytest.mark.skipif(not DETECTOR.is_file(), reason=f"needs {DETECTOR.name}; build it with python -m models.build")
@pytest.mark.parametrize("clip", ["walks-past", "stops-and-sits"])
def test_the_shipped_detector_finds_the_animal(shipped: Path, clip: str) -> None:
    truth = read_truth(shipped, clip)
    (animal,) = truth["animals"]
    clear = [index for index, share in enumerate(animal["visible_share"]) if share >= 0.6][::4]
    found = detect(read_film(shipped / CLIPS[clip])[clear])
    right = [
        any(score >= 0.3 and overlap(box, animal["boxes"][index]) >= 0.5 for box, score in boxes)
        for index, boxes in zip(clear, found, strict=True)
    ]
    assert np.mean(right) >= 0.8


@pytest.mark.skipif(not DETECTOR.is_file(), reason=f"needs {DETECTOR.name}; build it with python -m models.build")
def test_the_shipped_detector_finds_nothing_in_the_empty_clip(shipped: Path) -> None:
    found = detect(read_film(shipped / CLIPS["windy-empty"])[::8])
    assert [score for boxes in found for _, score in boxes if score >= 0.15] == []


def detect(film: Film) -> list[list[tuple[tuple[float, ...], float]]]:
    """Boxes (x, y, w, h as shares) and scores in each frame."""
    from ultralytics import YOLO

    model = YOLO(str(DETECTOR), task="detect")
    found = []
    for picture in film:
        (result,) = model.predict(picture[..., ::-1].copy(), imgsz=(384, 640), conf=0.05, verbose=False)
        boxes = [(x - w / 2, y - h / 2, w, h) for x, y, w, h in result.boxes.xywhn.tolist()]
        found.append(list(zip(boxes, result.boxes.conf.tolist(), strict=True)))
    return found


# The simulator. Rendering happens in a child process: OSMesa and torch crash one another when both are loaded.


def render(clip: str, frames: range, empty: bool) -> tuple[Film, list[Any]]:
    os.environ["MUJOCO_GL"] = "osmesa"
    from models.simulate.clips import film_clip, shipped_clips

    (chosen,) = [one for one in shipped_clips() if one.name == clip]
    shots = list(film_clip(replace(chosen, actor=None) if empty else chosen, 7, frames))
    return np.stack([shot.picture for shot in shots]), [shot.box for shot in shots]


def render_in_child(clip: str, frames: range, empty: bool = False) -> tuple[Film, list[Any]]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(render, clip, frames, empty).result()


@needs_renderer
def test_the_same_seed_gives_the_same_pixels_whichever_frames_are_asked_for() -> None:
    once, boxes = render_in_child("walks-past", range(40, 52, 6))
    again, _ = render_in_child("walks-past", range(46, 47))
    assert np.array_equal(once[1], again[0])
    assert not np.array_equal(once[0], once[1])
    assert boxes[0] != boxes[1]


@needs_renderer
@pytest.mark.parametrize("clip", ["walks-past", "stops-and-sits"])
def test_the_true_box_lies_where_the_picture_differs_from_the_empty_place(clip: str) -> None:
    frames = range(38, 54, 15)
    pictures, boxes = render_in_child(clip, frames)
    places, none = render_in_child(clip, frames, empty=True)
    assert none == [None, None]
    for picture, place, box in zip(pictures, places, boxes, strict=True):
        height, width, _ = picture.shape
        brighter = picture.astype(int).sum(axis=2) - place.astype(int).sum(axis=2) > 60  # a shadow only darkens
        rows, columns = np.nonzero(brighter)
        inside = (
            (columns >= box[0] * width - 2)
            & (columns <= (box[0] + box[2]) * width + 2)
            & (rows >= box[1] * height - 2)
            & (rows <= (box[1] + box[3]) * height + 2)
        )
        assert inside.mean() > 0.99
        assert len(rows) > 0.15 * box[2] * box[3] * width * height


@given(row=st.integers(200, 359), column=st.integers(0, 639))
def test_a_ground_point_is_seen_in_the_pixel_that_looks_at_it(row: int, column: int) -> None:
    camera = Camera()
    x, y = ground_under_pixels(camera)[row, column]
    (seen,) = project(camera, np.array([[x, y, 0.0]]))
    assert seen == pytest.approx([column + 0.5, row + 0.5], abs=1e-6)


@given(heading=st.floats(-3.1, 3.1), speed=st.floats(0.3, 1.0))
def test_a_paw_on_the_ground_stays_where_it_is(heading: float, speed: float) -> None:
    stand = Stance(
        trunk=np.array([0.0, 0.0, 0.4]),
        paws=np.array([[-0.5, 0.1, 0.04], [-0.5, -0.1, 0.04], [0.2, 0.1, 0.04], [0.2, -0.1, 0.04]]),
    )
    walk, line = plan_walk([(0, speed), (4, speed)]), Line(x=1.0, y=2.0, heading=heading)
    paws = np.array([walking(walk, line, stand, second).paws for second in np.arange(1.0, 3.0, 1 / 30)])
    for leg in range(len(LEGS)):
        planted = np.flatnonzero(paws[:, leg, 2] == paws[:, leg, 2].min())
        together = planted[:-1][np.diff(planted) == 1]
        assert len(together) > 10
        moved = np.linalg.norm(paws[together + 1, leg, :2] - paws[together, leg, :2], axis=1)
        assert moved.max() < 0.005  # metres
