"""The twelve simulated clips that ship, and that they are what the simulator makes."""

import csv
import importlib.util
import json
import multiprocessing
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from ctypes.util import find_library
from datetime import datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.simulate.camera import Camera, ground_under_pixels, moved_px, project
from models.simulate.order import EMPTY, PERSON
from models.simulate.renderer import choose_renderer
from models.simulate.shipped import shipped_orders
from models.simulate.station import trunk_in_picture
from pipeline.footage.marked_tree import marked_tree

ORDERS = shipped_orders()
MEGABYTE = 1_000_000
REMADE = "sprays"  # has its animal in the first picture

needs_renderer = pytest.mark.skipif(
    importlib.util.find_spec("dm_control") is None or find_library("OSMesa") is None,
    reason="needs ethotrap[simulate] and Debian's libosmesa6",
)

Film = NDArray[np.uint8]


def video_of(shipped: Path, clip: str) -> Path:
    return shipped / f"{ORDERS[clip].name}.MP4"


def read_film(path: Path, count: int | None = None) -> Film:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in islice(container.decode(video=0), count)])


def read_truth(shipped: Path, clip: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(video_of(shipped, clip).with_suffix(".json").read_text(encoding="utf-8"))
    return tree


def read_deployments(shipped: Path) -> list[dict[str, str]]:
    with (shipped / "deployments.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_clips_are_those_that_were_ordered_and_small_enough_to_ship(shipped: Path) -> None:
    videos = sorted(shipped.rglob("*.MP4"))
    truths = [video.with_suffix(".json") for video in videos]
    assert videos == sorted(video_of(shipped, clip) for clip in ORDERS)
    assert truths == sorted(shipped.rglob("*.json"))
    assert max(path.stat().st_size for path in videos) < 2.6 * MEGABYTE
    assert sum(path.stat().st_size for path in videos + truths) < 12 * MEGABYTE
    assert sum(path.stat().st_size for path in truths) < 2 * MEGABYTE


@pytest.mark.parametrize("clip", ORDERS)
def test_truth_describes_the_video_beside_it(shipped: Path, clip: str) -> None:
    truth, order = read_truth(shipped, clip), ORDERS[clip]
    frames, height, width, _ = read_film(video_of(shipped, clip)).shape
    video = truth["video"]
    assert (truth["clip"], truth["subject"], truth["light"]) == (order.name, order.subject, order.light)
    assert (video["frames"], video["height"], video["width"]) == (frames, height, width)
    assert len(video["times_s"]) == frames
    assert 10 <= video["fps"] <= 15
    with av.open(str(video_of(shipped, clip))) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert float(stream.average_rate or 0) == pytest.approx(video["fps"], rel=0.01)
        assert container.metadata["creation_time"][:19] == truth["captured_at"][:19]


@pytest.mark.parametrize("clip", ORDERS)
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
                assert 0 <= x < x + w <= 1.00002
                assert 0 <= y < y + h <= 1.00002


@pytest.mark.parametrize("clip", ORDERS)
def test_who_was_ordered_does_what_was_ordered(shipped: Path, clip: str) -> None:
    truth, order = read_truth(shipped, clip), ORDERS[clip]
    names = [animal["individual"] for animal in truth["animals"]]
    if order.subject in (EMPTY, PERSON):
        assert names == ([] if order.subject == EMPTY else [PERSON])
        assert all(animal["behaviours"] == [] for animal in truth["animals"])
        return
    assert names == [one.name for one in order.cast]
    assert [animal["limp"] for animal in truth["animals"]] == [one.limp for one in order.cast]
    assert order.subject in {bout["behaviour"] for bout in truth["animals"][0]["behaviours"]}


@pytest.mark.parametrize("clip", ORDERS)
def test_behaviours_follow_one_another_while_the_animal_is_there(shipped: Path, clip: str) -> None:
    truth = read_truth(shipped, clip)
    for animal in truth["animals"]:
        times = [second for second, box in zip(truth["video"]["times_s"], animal["boxes"], strict=True) if box]
        bouts = animal["behaviours"]
        if not bouts:
            continue
        assert bouts[0]["start_s"] == pytest.approx(min(times), abs=0.01)
        assert bouts[-1]["end_s"] == pytest.approx(max(times) + 1 / truth["video"]["fps"], abs=0.01)
        for before, after in pairwise(bouts):
            assert before["start_s"] < before["end_s"] == after["start_s"]


@pytest.mark.parametrize("clip", ["walks-past", "walks-past-at-night", "limps"])
def test_a_walker_crosses_the_picture(shipped: Path, clip: str) -> None:
    (animal,) = read_truth(shipped, clip)["animals"]
    whole = [box for box in animal["boxes"] if box and box[0] > 0.01 and box[0] + box[2] < 0.99]
    middles = [x + w / 2 for x, _, w, _ in whole]
    assert abs(middles[-1] - middles[0]) > 0.5
    widths = [w for _, _, w, _ in whole]
    assert max(widths) - min(widths) > 0.02  # its legs open and close


def test_who_sleeps_lifts_its_head_at_most(shipped: Path) -> None:
    truth = read_truth(shipped, "rests")
    (animal,) = truth["animals"]
    asleep = animal["behaviours"][0]
    assert asleep["sub_behaviour"] == "lying on its side"  # it gets up after that
    frames = int(asleep["end_s"] * truth["video"]["fps"])
    for joint in ("shoulders", "hips"):
        places = np.array([(x, y) for x, y, _ in animal["joints"][joint][:frames]])
        assert np.ptp(places, axis=0).max() < 0.02
    heights = [box[3] for box in animal["boxes"][:frames]]
    assert max(heights) - min(heights) < 0.08
    assert np.median(np.abs(np.diff(heights))) < 0.002


def test_the_windy_clip_moves(shipped: Path) -> None:
    height = ORDERS["windy-empty"].height
    film = read_film(video_of(shipped, "windy-empty")).astype(np.float32).mean(axis=3)
    change = np.abs(film[12:] - film[:-12]).mean(axis=0)
    grass, trees = change[int(0.72 * height) : int(0.9 * height)], change[: height // 4]
    assert grass.mean() > 2.5 * trees.mean()


@pytest.mark.parametrize("clip", ORDERS)
def test_each_clip_was_filmed_within_its_deployment(shipped: Path, clip: str) -> None:
    location, camera = ORDERS[clip].name.split("/")[:2]
    (deployment,) = [row for row in read_deployments(shipped) if row["locationID"] == location]
    assert deployment["cameraID"] == camera
    start, end = (datetime.fromisoformat(deployment[name]) for name in ("deploymentStart", "deploymentEnd"))
    assert start < datetime.fromisoformat(read_truth(shipped, clip)["captured_at"]) < end


def test_the_marked_tree_is_tagged_as_one(shipped: Path) -> None:
    marked = {ORDERS[clip].name.split("/")[0] for clip in ("sprays", "claws")}
    trees = {row["locationID"]: marked_tree((row["deploymentTags"],)) for row in read_deployments(shipped)}
    assert {location for location, tree in trees.items() if tree} == marked


@pytest.mark.parametrize("clip", ["sprays", "claws"])
def test_its_tag_says_where_the_trunk_stands(shipped: Path, clip: str) -> None:
    truth = read_truth(shipped, clip)
    (row,) = [one for one in read_deployments(shipped) if one["locationID"] == ORDERS[clip].name.split("/")[0]]
    tree = marked_tree((row["deploymentTags"],))
    assert tree is not None
    stands = trunk_in_picture(truth["camera"], truth["video"]["width"] / truth["video"]["height"])
    assert tree.trunk == pytest.approx(stands, abs=0.01)


# The simulator. Rendering happens in a child process: OSMesa and torch crash one another when both are loaded.


def render(clip: str, count: int) -> Film:
    choose_renderer()
    from models.simulate.scene import film_scene

    return np.stack(list(islice(film_scene(ORDERS[clip]), count)))


@needs_renderer
def test_a_shipped_clip_is_what_its_order_gives_today(shipped: Path) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        rendered = pool.submit(render, REMADE, 2).result()
    recorded = read_film(video_of(shipped, REMADE), 2)
    other = read_film(video_of(shipped, "claws"), 2)  # the same trap by day
    apart = np.abs(rendered.astype(int) - recorded)
    assert apart.mean() < 6  # all that is between them is the codec
    assert np.abs(rendered.astype(int) - other).mean() > 20
    (animal,) = read_truth(shipped, REMADE)["animals"]
    x, y, w, h = (np.array(animal["boxes"][0]) * (640, 360, 640, 360)).astype(int)
    assert apart[0, y : y + h, x : x + w].mean() < 10


def held_after(clip: str, frames: tuple[int, ...]) -> list[int]:
    """Bytes that are held once so many frames have been filmed."""
    choose_renderer()
    from models.simulate.scene import film_scene

    tracemalloc.start()
    held = []
    for number, _ in enumerate(islice(film_scene(ORDERS[clip]), frames[-1])):
        if number + 1 in frames:
            held.append(tracemalloc.get_traced_memory()[0])
    return held


@needs_renderer
def test_memory_does_not_grow_with_the_clip() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        early, late = pool.submit(held_after, REMADE, (2, 8)).result()
    assert late - early < 6 * 640 * 360  # not as much as a picture a frame


@given(row=st.integers(200, 359), column=st.integers(0, 639))
def test_a_ground_point_is_seen_in_the_pixel_that_looks_at_it(row: int, column: int) -> None:
    camera = Camera()
    x, y = ground_under_pixels(camera)[row, column]
    (seen,) = project(camera, np.array([[x, y, 0.0]]))
    assert seen == pytest.approx([column + 0.5, row + 0.5], abs=1e-6)


BODY = np.array([[0.0, 3.0, 0.6], [0.3, 3.1, 0.5], [-0.2, 2.9, 0.4]])


@given(right=st.floats(-0.3, 0.3), up=st.floats(-0.3, 0.3))
def test_a_body_moves_in_the_picture_as_its_middle_does(right: float, up: float) -> None:
    camera = Camera()
    now = BODY + np.array([right, 0, up])
    expected = (project(camera, now) - project(camera, BODY)).mean(axis=0)
    assert moved_px(camera, BODY, now) == pytest.approx(expected)


@given(depth=st.floats(-0.15, 0.15), right=st.floats(-1, 1), on=st.floats(-0.05, 0.05))
def test_a_paw_beside_the_lens_does_not_smear_a_body_over_the_picture(depth: float, right: float, on: float) -> None:
    camera, step = Camera(tilt=0), np.array([0.01, on, 0])
    before = np.vstack([BODY, [right, depth, 0.75]])
    assert moved_px(camera, before, before + step) == pytest.approx(moved_px(camera, BODY, BODY + step))


def test_a_body_behind_the_camera_does_not_move_in_the_picture() -> None:
    assert moved_px(Camera(), -BODY, -BODY + 0.1) == (0, 0)
